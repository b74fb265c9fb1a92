//! Weighted sums of cells, for resamples.

use numpy::{PyArray1, PyArrayMethods, PyReadonlyArray1, PyReadonlyArray2};
use pyo3::prelude::*;

use super::errors::{guarded, raised};
use super::in_threads;
use crate::parallel::weighted::sums_of_all;
use crate::weighted::{Cells, OfImages};

/// Cells of units, class by class, whose counts are summed with many weights.
#[pyclass(frozen, module = "segscore._core")]
pub(super) struct WeightedCells(Cells);

#[pymethods]
impl WeightedCells {
    /// Cells from columns of int64, in any order: `unit` is that of each image.
    #[new]
    #[pyo3(signature = (units, unit, image, label, counts, *, classes))]
    fn new(
        py: Python<'_>,
        units: usize,
        unit: PyReadonlyArray1<'_, i64>,
        image: PyReadonlyArray1<'_, i64>,
        label: PyReadonlyArray1<'_, i64>,
        counts: [PyReadonlyArray1<'_, i64>; 3],
        classes: usize,
    ) -> PyResult<Self> {
        let [a, b, c] = &counts;
        let counts = [a.as_slice()?, b.as_slice()?, c.as_slice()?];
        let cells = OfImages { image: image.as_slice()?, label: label.as_slice()?, counts };
        let cells = guarded(|| Ok(Cells::new(units, unit.as_slice()?, classes, cells)))?;
        cells.map(Self).map_err(|error| raised(py, &error, None))
    }

    /// Sums with weights, uint8 (R, units): int64 (R, 3, classes).
    #[pyo3(signature = (weights, *, threads))]
    fn sums<'py>(
        &self,
        py: Python<'py>,
        weights: PyReadonlyArray2<'_, u8>,
        threads: usize,
    ) -> PyResult<Bound<'py, numpy::PyArray3<i64>>> {
        let [number, units] = [weights.as_array().nrows(), weights.as_array().ncols()];
        let all = weights.as_slice()?;
        let rows: Vec<&[u8]> = (0..number).map(|row| &all[row * units..][..units]).collect();
        let made = in_threads(py, |tick| sums_of_all(&self.0, &rows, threads, tick))?;
        let made = made.map_err(|error| raised(py, &error, None))?;
        PyArray1::from_vec(py, made).reshape([number, 3, self.0.classes()])
    }
}
