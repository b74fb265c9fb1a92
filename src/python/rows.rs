//! Pair counts as Python objects, and as columns.

use std::sync::{Mutex, MutexGuard, PoisonError};

use numpy::{PyArray1, PyUntypedArray};
use pyo3::exceptions::PyMemoryError;
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use super::arrays::label_map;
use super::errors::{Signals, guarded, raised};
use super::{Column, interruptible};
use crate::pairs::cells::{Cells, Rows, cells as cells_of};
use crate::pairs::columns::from_columns;
use crate::pairs::packed::Packed;
use crate::pairs::{PairCounts, Row};

/// Rows that are copied without a look for an interrupt, unless one image has more.
const ROWS_BETWEEN_SIGNALS: usize = 1 << 20;

/// Sorted rows `(target label, predicted label, pixels)`; immutable.
#[pyclass(frozen, name = "PairCounts", module = "segscore._core")]
pub(super) struct PyPairCounts(pub(super) Packed);

impl From<PairCounts> for PyPairCounts {
    fn from(pairs: PairCounts) -> Self {
        Self((&pairs).into())
    }
}

#[pymethods]
impl PyPairCounts {
    /// Rows from three columns of integers of one length, in any order.
    #[staticmethod]
    fn from_columns(
        py: Python<'_>,
        target: &Bound<'_, PyUntypedArray>,
        pred: &Bound<'_, PyUntypedArray>,
        pixels: &Bound<'_, PyUntypedArray>,
    ) -> PyResult<Self> {
        let [target, pred, pixels] = [label_map(target)?, label_map(pred)?, label_map(pixels)?];
        let mut signals = Signals::new();
        let pairs =
            guarded(|| Ok(py.detach(|| from_columns(&target, &pred, &pixels, &mut || signals.came()))))?;
        if let Some(signal) = signals.into_interrupt() {
            return Err(signal);
        }
        pairs.map(Self::from).map_err(|error| raised(py, &error, None))
    }

    /// The rows as three int64 columns: target, pred, pixels.
    fn columns<'py>(&self, py: Python<'py>) -> (Column<'py>, Column<'py>, Column<'py>) {
        let column = |get: fn(Row) -> i64| PyArray1::from_iter(py, self.0.rows().map(get));
        (column(target), column(pred), column(pixels))
    }

    /// Sum of all pixels.
    #[getter]
    fn total(&self) -> u64 {
        self.0.total()
    }

    fn __len__(&self) -> usize {
        self.0.len()
    }

    fn __eq__(&self, other: &Self) -> bool {
        self.0 == other.0
    }

    fn __repr__(&self) -> String {
        format!("<PairCounts {} rows, {} pixels>", self.0.len(), self.0.total())
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        let make = py.get_type::<Self>().getattr("from_columns")?;
        Ok((make, self.columns(py).into_pyobject(py)?))
    }
}

/// A sum of pair counts that grows. Threads may add at the same time; each addition is whole.
#[pyclass(frozen, module = "segscore._core")]
pub(super) struct Tally(Mutex<PairCounts>);

impl Tally {
    /// The lock is never held while Python code runs, and a merge that fails changes nothing.
    fn rows(&self) -> MutexGuard<'_, PairCounts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[pymethods]
impl Tally {
    #[new]
    fn new() -> Self {
        Self(Mutex::default())
    }

    /// The rows of `pairs` whose pair of labels has not been added yet, or None.
    fn unseen(&self, pairs: &PyPairCounts) -> PyResult<Option<PyPairCounts>> {
        let new = guarded(|| Ok(self.rows().unseen(&pairs.0.unpacked())))?;
        Ok((!new.rows().is_empty()).then_some(new.into()))
    }

    /// Add all rows of `pairs`.
    fn add(&self, py: Python<'_>, pairs: &PyPairCounts) -> PyResult<()> {
        let added = guarded(|| Ok(self.rows().merge(&pairs.0.unpacked())))?;
        added.map_err(|error| raised(py, &error, None))
    }

    /// What has been added so far.
    fn snapshot(&self) -> PyPairCounts {
        PyPairCounts((&*self.rows()).into())
    }

    /// Begin anew.
    fn clear(&self) {
        *self.rows() = PairCounts::default();
    }
}

/// The rows of many pair counts under each other: offsets (n + 1), target, pred, pixels; int64.
#[pyfunction]
#[allow(clippy::type_complexity, reason = "four columns are a tuple of four in Python")]
pub(super) fn stack<'py>(
    py: Python<'py>,
    parts: Vec<PyRef<'py, PyPairCounts>>,
) -> PyResult<(Column<'py>, Column<'py>, Column<'py>, Column<'py>)> {
    let mut offsets = vec![0_i64];
    let mut end = 0;
    for part in &parts {
        end += part.0.len();
        offsets.push(end.cast_signed() as i64);
    }
    let mut columns = [const { Vec::new() }; 3];
    for column in &mut columns {
        column.try_reserve_exact(end).map_err(|_| PyMemoryError::new_err(()))?;
    }
    let mut looked_up = 0;
    for part in &parts {
        for Row { target, pred, pixels } in part.0.rows() {
            // Totals are below 2^63, so every count is.
            for (column, number) in columns.iter_mut().zip([target, pred, pixels.cast_signed()]) {
                column.push(number);
            }
        }
        if columns[0].len() - looked_up > ROWS_BETWEEN_SIGNALS {
            py.check_signals()?;
            looked_up = columns[0].len();
        }
    }
    let [target, pred, pixels] = columns.map(|column| PyArray1::from_vec(py, column));
    Ok((PyArray1::from_vec(py, offsets), target, pred, pixels))
}

/// How many pixels each image has of each class, of rows of pair counts of images whose labels are classes:
/// image, class, right pixels, those of the target and of the prediction, sorted; then, of each image, scored
/// pixels and others.
///
/// The rows of image i are those from offset i to offset i + 1. A target below 0 is not scored, and a
/// prediction of `classes` is none of them.
#[pyfunction]
#[pyo3(signature = (offsets, target, pred, pixels, *, classes))]
pub(super) fn cells<'py>(
    py: Python<'py>,
    offsets: &Bound<'py, PyUntypedArray>,
    target: &Bound<'py, PyUntypedArray>,
    pred: &Bound<'py, PyUntypedArray>,
    pixels: &Bound<'py, PyUntypedArray>,
    classes: usize,
) -> PyResult<[Column<'py>; 7]> {
    let rows = Rows {
        offsets: label_map(offsets)?,
        target: label_map(target)?,
        pred: label_map(pred)?,
        pixels: label_map(pixels)?,
    };
    let found = interruptible(py, |stop| cells_of(&rows, classes, stop))?;
    let Cells { image, label, tp, target, pred, pixels, ignored } = found;
    Ok([image, label, tp, target, pred, pixels, ignored].map(|column| PyArray1::from_vec(py, column)))
}

fn target(row: Row) -> i64 {
    row.target
}

fn pred(row: Row) -> i64 {
    row.pred
}

fn pixels(row: Row) -> i64 {
    // Totals are below 2^63, so every count is.
    row.pixels.cast_signed()
}
