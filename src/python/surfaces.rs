//! Boundaries: bands along them, as columns.

use numpy::{PyArray1, PyUntypedArray};
use pyo3::prelude::*;

use super::arrays::label_map;
use super::{Column, in_threads, interruptible};
use crate::cpu::Kernel;
use crate::parallel::surfaces::boundary_rows_split;
use crate::surfaces::bands::{BandRow, Bands};

/// How many pixels of each pair of labels lie near a boundary of the target and of the prediction, of two
/// arrays of two dimensions: target, pred, target bin, pred bin, pixels; sorted.
///
/// A bin is the number of the first width whose band has the pixels: those whose window of 2 * width + 1
/// rows and columns is not of one label within the image. Pixels of no band have the number of widths.
#[pyfunction]
#[pyo3(signature = (target, pred, *, widths, threads = 1))]
#[allow(clippy::type_complexity, reason = "five columns are a tuple of five in Python")]
pub(super) fn boundary_rows<'py>(
    py: Python<'py>,
    target: &Bound<'py, PyUntypedArray>,
    pred: &Bound<'py, PyUntypedArray>,
    widths: Vec<usize>,
    threads: usize,
) -> PyResult<(Column<'py>, Column<'py>, Column<'py>, Column<'py>, Column<'py>)> {
    let (target, pred) = (label_map(target)?, label_map(pred)?);
    let rows = if threads > 1 {
        in_threads(py, |tick| boundary_rows_split(&target, &pred, &widths, threads, tick))?
    } else {
        interruptible(py, |stop| {
            let mut bands = Bands::new(Kernel::best(), &target, &pred, &widths)?;
            bands.count(0..bands.rows(), stop)?;
            Ok(bands.into_rows())
        })?
    };
    let column = |get: fn(&BandRow) -> i64| PyArray1::from_iter(py, rows.iter().map(get));
    Ok((
        column(|row| row.target),
        column(|row| row.pred),
        column(|row| row.target_bin.into()),
        column(|row| row.pred_bin.into()),
        column(|row| row.pixels.cast_signed()),
    ))
}
