//! Weighted sums of cells, for resamples.

use numpy::{PyArray1, PyArrayMethods, PyReadonlyArray1, PyReadonlyArray2};
use pyo3::prelude::*;

use super::errors::{guarded, raised};
use super::in_threads;
use crate::parallel::weighted::sums_of_all;
use crate::weighted::Cells;

/// Cells of units, class by class, whose counts are summed with many weights.
#[pyclass(frozen, module = "segscore._core")]
pub(super) struct WeightedCells(Cells);

#[pymethods]
impl WeightedCells {
    /// Cells from columns of int64: `starts` are places where those of each class begin, and the number of all.
    #[new]
    fn new(
        py: Python<'_>,
        units: usize,
        starts: PyReadonlyArray1<'_, i64>,
        unit: PyReadonlyArray1<'_, i64>,
        counts: [PyReadonlyArray1<'_, i64>; 3],
    ) -> PyResult<Self> {
        let [a, b, c] = &counts;
        let columns = [a.as_slice()?, b.as_slice()?, c.as_slice()?];
        let cells = guarded(|| Ok(Cells::new(units, starts.as_slice()?, unit.as_slice()?, columns)))?;
        cells.map(Self).map_err(|error| raised(py, &error, None))
    }

    /// Sums with weights, float64 (R, units) of whole numbers up to 255: int64 (R, 3, classes).
    #[pyo3(signature = (weights, *, threads))]
    fn sums<'py>(
        &self,
        py: Python<'py>,
        weights: PyReadonlyArray2<'_, f64>,
        threads: usize,
    ) -> PyResult<Bound<'py, numpy::PyArray3<i64>>> {
        let [number, units] = [weights.as_array().nrows(), weights.as_array().ncols()];
        let all = weights.as_slice()?;
        let rows: Vec<&[f64]> = (0..number).map(|row| &all[row * units..][..units]).collect();
        let made = in_threads(py, |tick| sums_of_all(&self.0, &rows, threads, tick))?;
        let made = made.map_err(|error| raised(py, &error, None))?;
        PyArray1::from_vec(py, made).reshape([number, 3, self.0.classes()])
    }
}
