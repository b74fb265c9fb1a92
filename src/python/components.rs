//! Connected components: their numbers as an array, and how those of two arrays overlap, as columns.

use numpy::{Element, PyArray1, PyArrayMethods, PyUntypedArray};
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use super::arrays::{label_map, zeros};
use super::{Column, interruptible};
use crate::components::{Components, Neighbours, Overlap, Question, components as find, overlaps};
use crate::cpu::Kernel;
use crate::pixels::LabelMap;

fn question(map: &LabelMap<'_>, connectivity: usize, background: Option<i64>) -> PyResult<Question> {
    let neighbours = Neighbours::new(connectivity, map.shape().len())?;
    Ok(Question { neighbours, background })
}

/// The number of the component of each voxel of an array of two or three dimensions, in the smallest unsigned type
/// that holds all of them; 0 is the background. Without one, all voxels are of components of their labels.
#[pyfunction]
#[pyo3(signature = (labels, *, connectivity, background))]
pub(super) fn components<'py>(
    py: Python<'py>,
    labels: &Bound<'py, PyUntypedArray>,
    connectivity: usize,
    background: Option<i64>,
) -> PyResult<Bound<'py, PyAny>> {
    let map = label_map(labels)?;
    let question = question(&map, connectivity, background)?;
    let found = interruptible(py, |stop| find(Kernel::best(), &map, question, stop))?;
    match found.count() {
        ..=0xff => numbered::<u8>(py, &found, map.shape()),
        0x100..=0xffff => numbered::<u16>(py, &found, map.shape()),
        _ => numbered::<u32>(py, &found, map.shape()),
    }
}

fn numbered<'py, T: Element + TryFrom<u32> + Copy>(
    py: Python<'py>,
    found: &Components,
    shape: &[usize],
) -> PyResult<Bound<'py, PyAny>> {
    let lying: Vec<usize> = found.axes().iter().map(|&axis| shape[axis]).collect();
    let array = zeros::<T>(py, &lying)?;
    let mut room = array.readwrite();
    let numbers = room.as_slice_mut()?;
    interruptible(py, |stop| found.write(numbers, stop))?;
    drop(room);
    let mut places = vec![0; lying.len()];
    for (place, &axis) in found.axes().iter().enumerate() {
        places[axis] = place;
    }
    array.call_method1("transpose", PyTuple::new(py, places)?)
}

/// How many voxels the components of two arrays of two or three dimensions share: number of the component of
/// the target, of that of the prediction, voxels; sorted. Where 0 is a number, there is none. Behind these the
/// label of each component of the target, and of the prediction.
#[pyfunction]
#[pyo3(signature = (target, pred, *, connectivity, background))]
pub(super) fn component_overlaps<'py>(
    py: Python<'py>,
    target: &Bound<'py, PyUntypedArray>,
    pred: &Bound<'py, PyUntypedArray>,
    connectivity: usize,
    background: Option<i64>,
) -> PyResult<([Column<'py>; 3], [Column<'py>; 2])> {
    let (target, pred) = (label_map(target)?, label_map(pred)?);
    let question = question(&target, connectivity, background)?;
    let found = interruptible(py, |stop| overlaps(Kernel::best(), &target, &pred, question, stop))?;
    let column = |get: fn(&Overlap) -> i64| PyArray1::from_iter(py, found.rows.iter().map(get));
    let rows = [
        column(|row| row.target.into()),
        column(|row| row.pred.into()),
        column(|row| row.voxels.cast_signed()),
    ];
    Ok((rows, found.labels.map(|labels| PyArray1::from_vec(py, labels))))
}
