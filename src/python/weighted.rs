//! Weighted sums of cells, for resamples.

use numpy::{PyArray1, PyArrayMethods, PyReadonlyArray1, PyReadonlyArray2};
use pyo3::prelude::*;

use super::errors::{guarded, raised};
use super::in_threads;
use crate::parallel::weighted::sums_split;
use crate::weighted::{AT_ONCE, Cells};

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
        let number = weights.as_array().nrows();
        let units = weights.as_array().ncols();
        let rows: Vec<&[f64]> = weights.as_slice()?.chunks_exact(units.max(1)).collect();
        let classes = self.0.classes();
        let mut made = vec![0_i64; number * 3 * classes];
        for (rows, made) in rows.chunks(AT_ONCE).zip(made.chunks_mut((AT_ONCE * 3 * classes).max(1))) {
            let weights = guarded(|| Ok(self.0.weights(rows)))?.map_err(|error| raised(py, &error, None))?;
            let sums = in_threads(py, |tick| sums_split(&self.0, &weights, threads, tick))?;
            for (row, made) in made.chunks_mut((3 * classes).max(1)).enumerate() {
                for (column, made) in made.chunks_mut(classes.max(1)).enumerate() {
                    for (sum, made) in sums.iter().zip(made) {
                        #[allow(clippy::cast_possible_truncation, reason = "sums are whole, and below 2^53")]
                        let whole = sum[column][row] as i64;
                        *made = whole;
                    }
                }
            }
        }
        PyArray1::from_vec(py, made).reshape([number, 3, classes])
    }
}
