//! Files of COCO as tables, and average precision of tables.

use numpy::{PyArray1, PyArrayMethods, PyReadonlyArray1, PyReadonlyArray2};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use super::errors::raised;
use super::instances::PyMasks;
use super::{Column, in_threads};
use crate::instances::coco::{Finding, Image, Options, Which, Width};
use crate::instances::matching::{MOST_BITS, Question, Tables};
use crate::instances::precision::{Curves, Ranked, Reading};
use crate::parallel::instances;

type Found = (&'static str, &'static str, usize, String);
type Images<'py> = (Column<'py>, Column<'py>, Column<'py>, Vec<String>);
type Table<'py> = (Column<'py>, Vec<Column<'py>>);

/// The tables of a file of annotations and one of results, which are read as a whole.
///
/// Returns what is wrong with them: of each finding the side, the list, the entry and a text; then images (ids,
/// heights, widths, names), classes (ids, names), objects (offsets, nine columns) and overlaps (offsets, three
/// columns); and pixels of bands of both, where `band` says how wide these are, and whether that is a share of the
/// diagonal. Tables are empty where anything is wrong.
#[pyfunction]
#[pyo3(signature = (target, pred, *, max_pixels, area_from_mask, federated, band, threads))]
#[allow(
    clippy::type_complexity,
    clippy::too_many_arguments,
    reason = "they have names in Python, and a tuple is returned"
)]
pub(super) fn read_coco<'py>(
    py: Python<'py>,
    target: &Bound<'py, PyBytes>,
    pred: &Bound<'py, PyBytes>,
    max_pixels: u64,
    area_from_mask: bool,
    federated: bool,
    band: Option<(f64, bool)>,
    threads: usize,
) -> PyResult<(Vec<Found>, Images<'py>, (Column<'py>, Vec<String>), Table<'py>, Table<'py>, Vec<Column<'py>>)>
{
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it was checked")]
    let band =
        band.map(|(width, share)| if share { Width::Share(width) } else { Width::Pixels(width as u32) });
    let options = Options { max_pixels, area_from_mask, federated, band };
    let texts = [target.as_bytes(), pred.as_bytes()];
    let tabled = in_threads(py, |tick| instances::tables(texts, options, threads, tick))?;
    let tabled = tabled.map_err(|error| raised(py, &error, None))?;
    let (dataset, mut rows) = (tabled.dataset, tabled.rows);
    let findings: Vec<Found> = tabled.findings.into_iter().map(found).collect();
    if !findings.is_empty() {
        rows = crate::instances::coco::Rows::default();
    }
    let column = |numbers: Vec<i64>| PyArray1::from_vec(py, numbers);
    let offsets = |ends: Vec<i64>| column([0].into_iter().chain(ends).collect());
    let images = &dataset.images;
    let of_images = (
        column(images.iter().map(|image| image.id).collect()),
        column(images.iter().map(|image| image.height.into()).collect()),
        column(images.iter().map(|image| image.width.into()).collect()),
        images.iter().map(Image::name).collect(),
    );
    let classes = &dataset.categories;
    let of_classes = (
        column(classes.iter().map(|class| class.id).collect()),
        classes.iter().map(|class| class.name.to_string()).collect(),
    );
    let objects = (offsets(rows.object_ends), rows.objects.into_iter().map(column).collect());
    let overlaps = (offsets(rows.overlap_ends), rows.overlaps.into_iter().map(column).collect());
    let bands = if band.is_some() { rows.bands.into_iter().map(column).collect() } else { Vec::new() };
    Ok((findings, of_images, of_classes, objects, overlaps, bands))
}

/// Ids and names of the images of these files, in the order of ids, and the masks of some of them, by their places in this
/// order: of targets and of predictions, in the order of the files. Those that cannot be read are empty.
#[pyfunction]
#[pyo3(signature = (target, pred, images, *, max_pixels, threads))]
#[allow(clippy::type_complexity, reason = "a tuple in Python")]
pub(super) fn coco_masks<'py>(
    py: Python<'py>,
    target: &Bound<'py, PyBytes>,
    pred: &Bound<'py, PyBytes>,
    images: Vec<usize>,
    max_pixels: u64,
    threads: usize,
) -> PyResult<(Column<'py>, Vec<String>, Vec<(PyMasks, PyMasks)>)> {
    let options = Options { max_pixels, area_from_mask: true, federated: false, band: None };
    let texts = [target.as_bytes(), pred.as_bytes()];
    let found = in_threads(py, |tick| instances::masks(texts, &images, options, threads, tick))?;
    let found = found.map_err(|error| raised(py, &error, None))?;
    let (ids, names): (Vec<i64>, Vec<String>) = found.images.into_iter().unzip();
    let masks = found.masks.into_iter().map(|[target, pred]| (PyMasks(target), PyMasks(pred)));
    Ok((PyArray1::from_vec(py, ids), names, masks.collect()))
}

fn found(finding: Finding) -> Found {
    let side = if finding.side == Which::Target { "target" } else { "pred" };
    (side, finding.list, finding.index, finding.message)
}

/// Predictions that were matched with targets, of which precision and recall are read, of all images or with weights.
#[pyclass(frozen, module = "segscore._core")]
pub(super) struct Matches {
    ranked: Ranked,
    images: usize,
}

type Numbers<'py> = PyReadonlyArray1<'py, i64>;

#[pymethods]
impl Matches {
    /// Match predictions with targets as COCO does. `objects` are side, label, pixels, area, score and flags, `overlaps`
    /// target, prediction and pixels, each of int64, and `bands` pixels of bands of both, where these count; `areas` are smallest and largest ones, both included.
    #[new]
    #[pyo3(signature = (object_offsets, objects, overlap_offsets, overlaps, bands, *, classes, thresholds, areas, detections, heed_ignore, threads))]
    #[allow(clippy::too_many_arguments, reason = "they have names in Python")]
    fn new(
        py: Python<'_>,
        object_offsets: Numbers<'_>,
        objects: [Numbers<'_>; 6],
        overlap_offsets: Numbers<'_>,
        overlaps: [Numbers<'_>; 3],
        bands: Option<[Numbers<'_>; 2]>,
        classes: usize,
        thresholds: Vec<f64>,
        areas: Vec<[f64; 2]>,
        detections: usize,
        heed_ignore: bool,
        threads: usize,
    ) -> PyResult<Self> {
        let bits = thresholds.len().saturating_mul(areas.len());
        if bits == 0
            || bits > MOST_BITS
            || !thresholds.is_sorted()
            || !thresholds.iter().all(|&one| one > 0.0)
        {
            return Err(PyValueError::new_err(
                "thresholds rise from above 0, 64 of them for all areas together",
            ));
        }
        let copied = |numbers: &Numbers<'_>| numbers.as_array().to_vec();
        let [offsets, of_overlaps] = [copied(&object_offsets), copied(&overlap_offsets)];
        let [objects, overlaps] =
            [objects.iter().map(copied), overlaps.iter().map(copied)].map(Vec::from_iter);
        let bands = bands.map(|bands| [copied(&bands[0]), copied(&bands[1])]);
        let tables = Tables {
            object_offsets: &offsets,
            side: &objects[0],
            label: &objects[1],
            pixels: &objects[2],
            area: &objects[3],
            score: &objects[4],
            flags: &objects[5],
            overlap_offsets: &of_overlaps,
            target: &overlaps[0],
            pred: &overlaps[1],
            shared: &overlaps[2],
            bands: bands.as_ref().map(|[of_objects, shared]| [&of_objects[..], &shared[..]]),
        };
        let images = tables.images();
        let question = Question { thresholds, areas, most: detections, heed_ignore, classes };
        let ranked = in_threads(py, |tick| instances::ranked(&tables, question, threads, tick))?;
        let ranked = ranked.map_err(|error| raised(py, &error, None))?;
        Ok(Self { ranked, images })
    }

    /// Precision (thresholds, recalls, classes, areas, detections) and recall (thresholds, classes, areas, detections),
    /// float64; -1 for classes without targets. Images count as often as `weights`, uint32, says.
    #[pyo3(signature = (recalls, detections, weights, *, threads))]
    #[allow(clippy::type_complexity, reason = "a tuple in Python")]
    fn precisions<'py>(
        &self,
        py: Python<'py>,
        recalls: Vec<f64>,
        detections: Vec<usize>,
        weights: Option<PyReadonlyArray1<'py, u32>>,
        threads: usize,
    ) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyAny>)> {
        let weights = weights.map(|weights| weights.as_array().to_vec());
        if weights.as_ref().is_some_and(|weights| weights.len() != self.images) {
            return Err(PyValueError::new_err("one weight for each image"));
        }
        let shape = [recalls.len(), detections.len()];
        let reading = Reading { recalls, detections };
        let curves = in_threads(py, |tick| {
            instances::curves(&self.ranked, &reading, weights.as_deref(), threads, tick)
        })?;
        let curves = curves.map_err(|error| raised(py, &error, None))?;
        let question = self.ranked.question();
        let (classes, areas) = (question.classes, question.areas.len());
        let thresholds = question.thresholds.len();
        let [points, ranks] = shape;
        let by_class = |numbers: fn(&Curves) -> &Vec<f64>, shape: &[usize], axes: &[usize]| {
            let all: Vec<f64> = curves.iter().flat_map(numbers).copied().collect();
            let array = PyArray1::from_vec(py, all).reshape(shape.to_vec())?;
            array.call_method1("transpose", (axes.to_vec(),))?.call_method0("copy")
        };
        let precision = by_class(
            |curves| &curves.precisions,
            &[classes, thresholds, points, areas, ranks],
            &[1, 2, 0, 3, 4],
        )?;
        let recall = by_class(|curves| &curves.recalls, &[classes, thresholds, areas, ranks], &[1, 0, 2, 3])?;
        Ok((precision, recall))
    }

    /// Mean precision over points of recall, of targets of the first range of areas and of all predictions, with rows of
    /// weights of the images, uint8 (R, images): float64 (R, thresholds, classes); NaN without targets.
    #[pyo3(signature = (recalls, weights, *, threads))]
    fn averages<'py>(
        &self,
        py: Python<'py>,
        recalls: Vec<f64>,
        weights: PyReadonlyArray2<'py, u8>,
        threads: usize,
    ) -> PyResult<Bound<'py, PyAny>> {
        let [number, images] = [weights.as_array().nrows(), weights.as_array().ncols()];
        if images != self.images {
            return Err(PyValueError::new_err("one weight for each image"));
        }
        let all = weights.as_slice()?.to_vec();
        let rows: Vec<&[u8]> = (0..number).map(|row| &all[row * images..][..images]).collect();
        let made = in_threads(py, |tick| instances::averages(&self.ranked, &recalls, &rows, threads, tick))?;
        let made = made.map_err(|error| raised(py, &error, None))?;
        let question = self.ranked.question();
        let shape = [question.classes, number, question.thresholds.len()];
        let array = PyArray1::from_vec(py, made).reshape(shape)?;
        array.call_method1("transpose", (vec![1, 2, 0],))?.call_method0("copy")
    }
}
