//! Boundaries: bands along them, and distances between them, as columns.

use numpy::{PyArray1, PyUntypedArray};
use pyo3::prelude::*;

use super::arrays::label_map;
use super::rows::PyPairCounts;
use super::{Column, in_threads, interruptible, with_counter};
use crate::components::segments::{SegmentRow, Segments, segments as find_segments};
use crate::cpu::Kernel;
use crate::error::Side;
use crate::parallel::surfaces::{boundary_rows_split, counted_rows_split};
use crate::surfaces::Wanted;
use crate::surfaces::bands::{BandRow, Bands, Marks};
use crate::surfaces::rows::{DistanceRow, Elements, Question, Scene, counted_rows};

/// How many pixels of each pair of labels lie near a boundary of the target and of the prediction, of two
/// arrays of two dimensions: target, pred, target bin, pred bin, unmet, pixels; sorted. And, if `segments` are
/// asked for, how many there are: label, side (0 of the target, 1 of the prediction), whether they are met,
/// count; sorted.
///
/// A bin is the number of the first width whose band has the pixels: those whose window of 2 * width + 1
/// rows and columns is not of one label within the image. Pixels of no band have the number of widths. Where the
/// target has a label that is `ignored`, both end: what is beside it has a boundary there.
///
/// A segment is a connected component of pixels of one label, with their neighbours all around, and met if the
/// other array has its label at any of its pixels. Unmet is 1 for pixels of such a segment of the target that is
/// not, plus 2 for those of one of the prediction. Predictions are not cut where the target is ignored, but what
/// lies there as a whole is no segment.
#[pyfunction]
#[pyo3(signature = (target, pred, *, widths, ignored = None, segments = false, threads = 1))]
#[allow(clippy::too_many_arguments, reason = "they are named")]
pub(super) fn boundary_rows<'py>(
    py: Python<'py>,
    target: &Bound<'py, PyUntypedArray>,
    pred: &Bound<'py, PyUntypedArray>,
    widths: Vec<usize>,
    ignored: Option<Vec<i64>>,
    segments: bool,
    threads: usize,
) -> PyResult<([Column<'py>; 6], [Column<'py>; 4])> {
    let (target, pred) = (label_map(target)?, label_map(pred)?);
    let ignored = ignored.unwrap_or_default();
    let found = if segments {
        interruptible(py, |stop| find_segments(Kernel::best(), &target, &pred, &ignored, stop))?
    } else {
        Segments::default()
    };
    let marks: Marks<'_> = [&found.unmet[0], &found.unmet[1]];
    let rows = if threads > 1 {
        in_threads(py, |tick| boundary_rows_split(&target, &pred, &widths, &ignored, marks, threads, tick))?
    } else {
        interruptible(py, |stop| {
            let bands = Bands::new(Kernel::best(), &target, &pred, &widths, &ignored)?;
            let mut bands = bands.with_marks(marks);
            bands.count(0..bands.rows(), stop)?;
            Ok(bands.into_rows())
        })?
    };
    let bands = |get: fn(&BandRow) -> i64| PyArray1::from_iter(py, rows.iter().map(get));
    let segments = |get: fn(&SegmentRow) -> i64| PyArray1::from_iter(py, found.rows.iter().map(get));
    Ok((
        [
            bands(|row| row.target),
            bands(|row| row.pred),
            bands(|row| row.target_bin.into()),
            bands(|row| row.pred_bin.into()),
            bands(|row| row.marked.into()),
            bands(|row| row.pixels.cast_signed()),
        ],
        [
            segments(|row| row.label),
            segments(|row| i64::from(row.side == Side::Pred)),
            segments(|row| row.met.into()),
            segments(|row| row.count.cast_signed()),
        ],
    ))
}

/// How far the surfaces of each label are from each other, of two arrays of two or three dimensions: label,
/// side (0 of the target, 1 of the prediction), code, square of the distance, count; sorted by label, side, square and
/// code.
///
/// Surfaces are made of voxels beside another label, or of corners between voxels that are not all of the label;
/// then the code says which are, with its highest bit for the voxel before the corner along all dimensions. Or it is
/// what `kinds`, 256 bytes, have at that place, so that corners whose difference does not matter are one row.
/// Each is as far as it is to the nearest one of the other array, with a spacing for each dimension: infinitely
/// if there is none, or none within `within`. Only `labels` count, if they are given, and none of `ignored`:
/// where the target has one of these, neither array has a surface, and what is beside it has a border there.
#[pyfunction]
#[pyo3(signature = (
    target, pred, *, spacing, corners, kinds = None, within = None, labels = None, ignored = None, threads = 1
))]
#[allow(
    clippy::too_many_arguments,
    clippy::large_types_passed_by_value,
    reason = "as Python names and gives them"
)]
pub(super) fn surface_rows<'py>(
    py: Python<'py>,
    target: &Bound<'py, PyUntypedArray>,
    pred: &Bound<'py, PyUntypedArray>,
    spacing: Vec<f64>,
    corners: bool,
    kinds: Option<[u8; 256]>,
    within: Option<f64>,
    labels: Option<Vec<i64>>,
    ignored: Option<Vec<i64>>,
    threads: usize,
) -> PyResult<Columns<'py>> {
    let question = Question {
        spacing,
        elements: elements(corners),
        within,
        wanted: Wanted { labels, ignored: ignored.unwrap_or_default() },
        kinds,
    };
    Ok(measured(py, [target, pred], question, false, threads)?.0)
}

/// The columns of `surface_rows` for some labels, and the pair counts of both arrays, which are read once for both.
#[pyfunction]
#[pyo3(signature = (target, pred, *, spacing, corners, labels, kinds = None, within = None, threads = 1))]
#[allow(
    clippy::too_many_arguments,
    clippy::large_types_passed_by_value,
    reason = "as Python names and gives them"
)]
pub(super) fn counted_surface_rows<'py>(
    py: Python<'py>,
    target: &Bound<'py, PyUntypedArray>,
    pred: &Bound<'py, PyUntypedArray>,
    spacing: Vec<f64>,
    corners: bool,
    labels: Vec<i64>,
    kinds: Option<[u8; 256]>,
    within: Option<f64>,
    threads: usize,
) -> PyResult<(Columns<'py>, PyPairCounts)> {
    let wanted = Wanted { labels: Some(labels), ignored: Vec::new() };
    let question = Question { spacing, elements: elements(corners), within, wanted, kinds };
    measured(py, [target, pred], question, true, threads)
}

fn elements(corners: bool) -> Elements {
    if corners { Elements::Corners } else { Elements::Voxels }
}

type Columns<'py> = (Column<'py>, Column<'py>, Column<'py>, Bound<'py, PyArray1<f64>>, Column<'py>);

/// Distances of surfaces as columns, and the pair counts, if they are asked for.
fn measured<'py>(
    py: Python<'py>,
    [target, pred]: [&Bound<'py, PyUntypedArray>; 2],
    question: Question,
    pairs: bool,
    threads: usize,
) -> PyResult<(Columns<'py>, PyPairCounts)> {
    let scene = Scene::new(Kernel::best(), &label_map(target)?, &label_map(pred)?, question)?;
    let (rows, pairs) = if threads > 1 {
        in_threads(py, |tick| counted_rows_split(&scene, pairs, threads, tick))?
    } else if pairs {
        with_counter(py, |counter, stop| counted_rows(&scene, Some(counter), stop))?
    } else {
        interruptible(py, |stop| counted_rows(&scene, None, stop))?
    };
    let column = |get: fn(&DistanceRow) -> i64| PyArray1::from_iter(py, rows.iter().map(get));
    let columns = (
        column(|row| row.label),
        column(|row| i64::from(row.side == Side::Pred)),
        column(|row| row.code.into()),
        PyArray1::from_iter(py, rows.iter().map(|row| row.squared)),
        column(|row| row.count.cast_signed()),
    );
    Ok((columns, pairs.into()))
}
