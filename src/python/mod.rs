//! The extension module `segscore._core`: convert, let go of the interpreter, call, map the error.

#![allow(clippy::needless_pass_by_value, reason = "arguments arrive from Python as values")]

mod arrays;
mod coco;
mod components;
mod errors;
mod files;
mod instances;
mod logits;
mod rows;
mod surfaces;
mod weighted;

use std::cell::Cell;

use numpy::{PyArray1, PyUntypedArray};
use pyo3::prelude::*;

use crate::count::{Counter, count_maps, count_resized};
use crate::error::{self, Error};
use crate::limits::MAX_PIXELS;
use crate::parallel::pool;
use crate::parallel::split::count_maps_split;

use arrays::label_map;
use errors::{Signals, check_signals, guarded, raised};
use rows::{PyPairCounts, Tally};

type Column<'py> = Bound<'py, PyArray1<i64>>;

thread_local! {
    /// A table of cells is too large to be made anew for each small image. It is taken out while it
    /// is in use, so a signal handler that counts gets one of its own, and a panic loses it.
    static COUNTER: Cell<Option<Counter>> = const { Cell::new(None) };
}

/// Pair counts of two arrays of labels, which are read without a copy.
#[pyfunction]
#[pyo3(signature = (target, pred, *, resize = false, threads = 1))]
fn count(
    py: Python<'_>,
    target: &Bound<'_, PyUntypedArray>,
    pred: &Bound<'_, PyUntypedArray>,
    resize: bool,
    threads: usize,
) -> PyResult<PyPairCounts> {
    let (target, pred) = (label_map(target)?, label_map(pred)?);
    if threads > 1 && !resize {
        return in_threads(py, |tick| count_maps_split(&target, &pred, threads, tick))
            .map(PyPairCounts::from);
    }
    let count = if resize && target.shape() != pred.shape() { count_resized } else { count_maps };
    with_counter(py, |counter, stop| count(counter, &target, &pred, stop)).map(PyPairCounts::from)
}

/// What `work` makes in threads of its own, with the interpreter released; its tick fails when a
/// signal comes.
fn in_threads<T: Send>(
    py: Python<'_>,
    work: impl FnOnce(&mut dyn FnMut() -> PyResult<()>) -> PyResult<T> + Send,
) -> PyResult<T> {
    guarded(|| py.detach(|| work(&mut check_signals)))
}

/// What `work` makes with a counter of this thread, with the interpreter released; it is told to stop
/// when a signal comes.
fn with_counter<T: Send>(
    py: Python<'_>,
    work: impl FnOnce(&mut Counter, &mut dyn FnMut() -> bool) -> Result<T, Error> + Send,
) -> PyResult<T> {
    interruptible(py, |stop| {
        let mut counter = COUNTER.take().unwrap_or_default();
        let outcome = work(&mut counter, stop);
        COUNTER.set(Some(counter));
        outcome
    })
}

/// What `work` makes on this thread, with the interpreter released; it is told to stop when a signal
/// comes.
fn interruptible<T: Send>(
    py: Python<'_>,
    work: impl FnOnce(&mut dyn FnMut() -> bool) -> Result<T, Error> + Send,
) -> PyResult<T> {
    let mut signals = Signals::new();
    let outcome = guarded(|| Ok(py.detach(|| work(&mut || signals.came()))))?;
    match (outcome, signals.into_interrupt()) {
        (Err(Error::Cancelled), Some(signal)) => Err(signal),
        (outcome, _) => outcome.map_err(|error| raised(py, &error, None)),
    }
}

/// Whether a plane has the sides of its target, or multiples of them, the other way round.
#[pyfunction]
fn look_transposed(pred: Vec<usize>, target: Vec<usize>) -> bool {
    error::look_transposed(&pred, &target)
}

/// Processors that this process may use.
#[pyfunction]
fn available_threads() -> usize {
    pool::available_threads()
}

#[pymodule(gil_used = false)]
fn _core(module: &Bound<'_, PyModule>) -> PyResult<()> {
    // NumPy is looked up once, here: a signal while that is done in a call would be a panic.
    numpy::dtype::<u8>(module.py());
    module.add_class::<PyPairCounts>()?;
    module.add_class::<Tally>()?;
    module.add_class::<instances::PyMasks>()?;
    module.add_class::<coco::Matches>()?;
    module.add_class::<weighted::WeightedCells>()?;
    module.add_class::<files::PngCounter>()?;
    module.add_function(wrap_pyfunction!(count, module)?)?;
    module.add_function(wrap_pyfunction!(logits::count_logits, module)?)?;
    module.add_function(wrap_pyfunction!(logits::highest, module)?)?;
    module.add_function(wrap_pyfunction!(surfaces::boundary_rows, module)?)?;
    module.add_function(wrap_pyfunction!(surfaces::surface_rows, module)?)?;
    module.add_function(wrap_pyfunction!(surfaces::counted_surface_rows, module)?)?;
    module.add_function(wrap_pyfunction!(components::components, module)?)?;
    module.add_function(wrap_pyfunction!(components::component_overlaps, module)?)?;
    module.add_function(wrap_pyfunction!(coco::read_coco, module)?)?;
    module.add_function(wrap_pyfunction!(coco::coco_masks, module)?)?;
    module.add_function(wrap_pyfunction!(available_threads, module)?)?;
    module.add_function(wrap_pyfunction!(look_transposed, module)?)?;
    module.add_function(wrap_pyfunction!(rows::stack, module)?)?;
    module.add_function(wrap_pyfunction!(rows::cells, module)?)?;
    module.add_function(wrap_pyfunction!(files::count_files, module)?)?;
    module.add_function(wrap_pyfunction!(files::read_mask, module)?)?;
    module.add_function(wrap_pyfunction!(files::decode_mask, module)?)?;
    module.add_function(wrap_pyfunction!(files::encode_mask, module)?)?;
    module.add_function(wrap_pyfunction!(files::inflate, module)?)?;
    module.add("MAX_PIXELS", MAX_PIXELS)?;
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    Ok(())
}
