//! Masks of objects: read from run lengths, polygons and arrays; painted, written and compared.

use std::fmt::Write;

use numpy::{Element, PyArray1, PyArray2, PyArrayMethods, PyReadonlyArray1, PyUntypedArray};
use numpy::{PyReadonlyArrayDyn, PyUntypedArrayMethods};
use pyo3::exceptions::{PyIndexError, PyTypeError};
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::{PyBytes, PyString};

use super::arrays::{label_map, zeros};
use super::{Column, interruptible};
use crate::cpu::Kernel;
use crate::error::{Error, Shape, look};
use crate::instances::band::Bander;
use crate::instances::sharing::Sharing;
use crate::instances::{Fault, Masks, Size};
use crate::limits::MAX_PIXELS;

/// Faults that are named; of the others it is said how many there are.
const NAMED: usize = 20;

/// Masks of one image, which may overlap one another, as runs of pixels by columns; immutable.
#[pyclass(frozen, name = "Masks", module = "segscore._core")]
pub(super) struct PyMasks(pub(super) Masks);

/// What a mask is read from. Arrays are copied, as another thread may write to them; bytes never change.
enum Given {
    String(PyBackedBytes),
    Counts(Vec<i64>),
    Polygons(Vec<Vec<f64>>),
}

fn given(mask: &Bound<'_, PyAny>) -> PyResult<Given> {
    if let Ok(text) = mask.cast::<PyBytes>() {
        return Ok(Given::String(text.clone().into()));
    }
    if let Ok(text) = mask.cast::<PyString>() {
        return Ok(Given::String(text.encode_utf8()?.into()));
    }
    if let Ok(counts) = mask.cast::<PyArray1<i64>>() {
        return Ok(Given::Counts(counts.readonly().as_array().to_vec()));
    }
    let Ok(polygons) = mask.extract::<Vec<PyReadonlyArrayDyn<'_, f64>>>() else {
        return Err(PyTypeError::new_err("a mask is bytes, run lengths of int64, or polygons of float64"));
    };
    let points = |polygon: &PyReadonlyArrayDyn<'_, f64>| match polygon.as_slice() {
        Ok(points) => points.to_vec(),
        Err(_) => polygon.as_array().iter().copied().collect(),
    };
    Ok(Given::Polygons(polygons.iter().map(points).collect()))
}

fn read(masks: &mut Masks, mask: &Given) -> Result<(), Fault> {
    match mask {
        Given::String(text) => masks.push_string(text),
        Given::Counts(counts) => masks.push_counts(counts.iter().copied()),
        Given::Polygons(polygons) => {
            let polygons: Vec<&[f64]> = polygons.iter().map(Vec::as_slice).collect();
            masks.push_polygons(&polygons)
        }
    }
}

/// All faults, a line each.
fn told(faults: &[(usize, Fault)]) -> Error {
    let mut text = String::new();
    for (index, fault) in faults.iter().take(NAMED) {
        let _ = writeln!(text, "mask {index}: {fault}");
    }
    match faults.len() {
        more if more > NAMED => drop(write!(text, "and {} more", more - NAMED)),
        _ => text.truncate(text.trim_end().len()),
    }
    Error::BadMasks(text)
}

#[pymethods]
impl PyMasks {
    /// Masks of an image from run lengths as bytes or as a column of int64, or from lists of polygons, whose points
    /// are x and y in turn. All of them that are wrong are told at once.
    #[staticmethod]
    #[pyo3(signature = (height, width, masks, *, max_pixels = MAX_PIXELS))]
    fn read(
        py: Python<'_>,
        height: u32,
        width: u32,
        masks: Vec<Bound<'_, PyAny>>,
        max_pixels: u64,
    ) -> PyResult<Self> {
        let size = Size::new(height, width, max_pixels)?;
        let all = masks.iter().map(given).collect::<PyResult<Vec<_>>>()?;
        let read = interruptible(py, |stop| {
            let (mut masks, mut faults) = (Masks::new(size), Vec::new());
            for (index, mask) in all.iter().enumerate() {
                look(stop)?;
                if let Err(fault) = read(&mut masks, mask) {
                    faults.push((index, fault));
                }
            }
            if faults.is_empty() { Ok(masks) } else { Err(told(&faults)) }
        })?;
        Ok(Self(read))
    }

    /// Masks of the pixels that are true in each plane of an array (n, height, width) of bools.
    #[staticmethod]
    fn of_planes(py: Python<'_>, planes: &Bound<'_, PyUntypedArray>) -> PyResult<Self> {
        let map = label_map(planes)?;
        let &[number, height, width] = map.shape() else { return Err(dimensions(planes, 3)) };
        let size = size_of(height, width)?;
        let masks = interruptible(py, |stop| {
            let mut masks = Masks::new(size);
            for plane in 0..number {
                masks.push_labels(&map.plane(plane), &[1], stop)?;
            }
            Ok(masks)
        })?;
        Ok(Self(masks))
    }

    /// The mask of each of these labels of an array (height, width); of one that is nowhere it is empty.
    #[staticmethod]
    fn of_labels(
        py: Python<'_>,
        labels: &Bound<'_, PyUntypedArray>,
        values: PyReadonlyArray1<'_, i64>,
    ) -> PyResult<Self> {
        let values = values.as_array().to_vec();
        let map = label_map(labels)?;
        let &[height, width] = map.shape() else { return Err(dimensions(labels, 2)) };
        let mut masks = Masks::new(size_of(height, width)?);
        interruptible(py, |stop| masks.push_labels(&map, &values, stop))?;
        Ok(Self(masks))
    }

    /// Height and width of the image.
    #[getter]
    fn size(&self) -> (u32, u32) {
        (self.0.size().height(), self.0.size().width())
    }

    fn __len__(&self) -> usize {
        self.0.len()
    }

    fn __repr__(&self) -> String {
        let size = self.0.size();
        format!("<Masks {} of {} x {}>", self.0.len(), size.height(), size.width())
    }

    /// Pixels of each mask.
    fn pixels<'py>(&self, py: Python<'py>) -> Column<'py> {
        PyArray1::from_iter(py, (0..self.0.len()).map(|mask| self.0.pixels(mask).into()))
    }

    /// The box of each mask: its first column and row, and how many of them, int64 (n, 4); all 0 without pixels.
    fn boxes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray2<i64>>> {
        let numbers = (0..self.0.len()).flat_map(|mask| {
            let bounds = self.0.bounds(mask);
            let (width, height) = (bounds.right - bounds.left, bounds.bottom - bounds.top);
            [bounds.left, bounds.top, width, height].map(i64::from)
        });
        PyArray1::from_iter(py, numbers).reshape([self.0.len(), 4])
    }

    /// The band of each mask, of so many pixels.
    fn bands(&self, py: Python<'_>, width: u32) -> PyResult<Self> {
        let bands = interruptible(py, |stop| {
            let (mut bands, mut bander) = (Masks::new(self.0.size()), Bander::default());
            for mask in 0..self.0.len() {
                look(stop)?;
                bander.push(&self.0, mask, width.max(1), &mut bands);
            }
            Ok(bands)
        })?;
        Ok(Self(bands))
    }

    /// The masks in a part of the image, as a smaller image.
    fn window(&self, top: u32, left: u32, height: u32, width: u32) -> PyResult<Self> {
        let within = |first: u32, length: u32, all: u32| first <= all && length <= all - first;
        let size = self.0.size();
        if !within(top, height, size.height()) || !within(left, width, size.width()) {
            return Err(PyIndexError::new_err("there is no such part of the image"));
        }
        Ok(Self(self.0.window(top, left, size_of(height as usize, width as usize)?)?))
    }

    /// The run lengths of each mask, as strings of COCO.
    fn strings<'py>(&self, py: Python<'py>) -> Vec<Bound<'py, PyBytes>> {
        (0..self.0.len()).map(|mask| PyBytes::new(py, &self.0.string(mask))).collect()
    }

    /// The run lengths of each mask, outside first.
    fn counts<'py>(&self, py: Python<'py>) -> Vec<Column<'py>> {
        let column = |mask| self.0.counts(mask).map(i64::from).collect();
        (0..self.0.len()).map(|mask| PyArray1::from_vec(py, column(mask))).collect()
    }

    /// The first pixel and that behind the last one of each run of a mask, by columns: int64 (runs, 2).
    fn runs<'py>(&self, py: Python<'py>, mask: usize) -> PyResult<Bound<'py, PyArray2<i64>>> {
        if mask >= self.0.len() {
            return Err(PyIndexError::new_err("there is no such mask"));
        }
        let runs = self.0.runs(mask);
        let numbers = runs.iter().flat_map(|run| [run.start, run.end].map(i64::from));
        PyArray1::from_iter(py, numbers).reshape([runs.len(), 2])
    }

    /// Each mask as bools, (n, height, width); the pixels of a column lie side by side.
    fn planes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let (height, width) = (self.0.size().height() as usize, self.0.size().width() as usize);
        let array = zeros::<bool>(py, &[self.0.len(), width, height])?;
        let mut room = array.readwrite();
        let pixels = room.as_slice_mut()?;
        if height * width > 0 {
            interruptible(py, |stop| {
                for (mask, pixels) in pixels.chunks_exact_mut(height * width).enumerate() {
                    look(stop)?;
                    self.0.fill(mask, true, pixels);
                }
                Ok(())
            })?;
        }
        drop(room);
        array.call_method1("transpose", (0, 2, 1))
    }

    /// Masks painted into one map of `background`, those of `order` one after the other with the label of each, so
    /// that the last one lies on top; then how many pixels are covered, and how many of them masks of several labels
    /// claim. Labels are in the smallest type of uint8, uint16, uint32 and int64 that holds all of them; the pixels
    /// of a column lie side by side.
    #[pyo3(signature = (order, labels, *, background))]
    fn paint<'py>(
        &self,
        py: Python<'py>,
        order: Vec<usize>,
        labels: Vec<i64>,
        background: i64,
    ) -> PyResult<(Bound<'py, PyAny>, u64, u64)> {
        if order.len() != labels.len() || order.iter().any(|&mask| mask >= self.0.len()) {
            return Err(Error::BadRows("expected a mask and a label for each that is painted").into());
        }
        let order: Vec<(usize, i64)> = order.into_iter().zip(labels).collect();
        let all = || order.iter().map(|(_, label)| *label).chain([background]);
        match (all().min().unwrap_or(0), all().max().unwrap_or(0)) {
            (0.., ..=0xff) => self.painted::<u8>(py, &order, background),
            (0.., ..=0xffff) => self.painted::<u16>(py, &order, background),
            (0.., ..=0xffff_ffff) => self.painted::<u32>(py, &order, background),
            _ => self.painted::<i64>(py, &order, background),
        }
    }

    /// How many pixels each mask shares with each of other masks of the same image, where it is any: number of the
    /// mask, of the other one, pixels; sorted.
    fn overlaps<'py>(
        &self,
        py: Python<'py>,
        others: &Self,
    ) -> PyResult<(Column<'py>, Column<'py>, Column<'py>)> {
        let shape =
            |masks: &Masks| Shape([masks.size().height(), masks.size().width()].map(|n| n as usize).to_vec());
        if self.0.size() != others.0.size() {
            return Err(Error::ShapeMismatch { pred: shape(&others.0), target: shape(&self.0) }.into());
        }
        let (mut columns, mut sharing) = ([const { Vec::new() }; 3], Sharing::new(Kernel::best()));
        let masks = [&self.0, &others.0];
        interruptible(py, |stop| {
            sharing.prepare(masks, None, &mut Vec::new(), stop)?;
            for mask in 0..self.0.len() {
                look(stop)?;
                for other in 0..others.0.len() {
                    let shared = sharing.of_masks(masks, mask, other);
                    if shared > 0 {
                        let row = [mask.cast_signed() as i64, other.cast_signed() as i64, shared.into()];
                        columns.iter_mut().zip(row).for_each(|(column, number)| column.push(number));
                    }
                }
            }
            Ok(())
        })?;
        let [mask, other, pixels] = columns.map(|column| PyArray1::from_vec(py, column));
        Ok((mask, other, pixels))
    }
}

impl PyMasks {
    fn painted<'py, T: Element + TryFrom<i64> + Copy + Eq + Default>(
        &self,
        py: Python<'py>,
        order: &[(usize, i64)],
        background: i64,
    ) -> PyResult<(Bound<'py, PyAny>, u64, u64)> {
        let label = |label: i64| T::try_from(label).unwrap_or_default(); // the type holds all of them
        let order: Vec<(usize, T)> = order.iter().map(|&(mask, own)| (mask, label(own))).collect();
        let (height, width) = (self.0.size().height() as usize, self.0.size().width() as usize);
        let array = zeros::<T>(py, &[width, height])?;
        let mut room = array.readwrite();
        let pixels = room.as_slice_mut()?;
        if background != 0 {
            pixels.fill(label(background));
        }
        let painted = interruptible(py, |stop| self.0.paint(&order, pixels, stop))?;
        drop(room);
        Ok((array.call_method1("transpose", (1, 0))?, painted.covered, painted.claimed_twice))
    }
}

fn size_of(height: usize, width: usize) -> PyResult<Size> {
    let side = |side: usize| u32::try_from(side).unwrap_or(u32::MAX);
    Ok(Size::new(side(height), side(width), u64::MAX)?)
}

fn dimensions(array: &Bound<'_, PyUntypedArray>, number: usize) -> PyErr {
    Error::Dimensions { found: Shape(array.shape().to_vec()), least: number, most: number }.into()
}
