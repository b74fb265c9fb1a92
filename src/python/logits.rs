//! Class scores: counted with their target, without an array of labels in between, or made into one.

use numpy::{Element, PyArrayDyn, PyArrayMethods, PyUntypedArray};
use pyo3::prelude::*;

use super::arrays::{label_map, logits_of, zeros};
use super::rows::PyPairCounts;
use super::{in_threads, interruptible, with_counter};
use crate::logits::{self, Channel, Logits, Rule};
use crate::parallel::split::{count_logits_split, highest_split};

/// Pair counts of an array of labels and an array of class scores, which are read without a copy.
///
/// Predicted labels are the numbers of channels: of the highest score; or, with a threshold, 1 where
/// the only channel's score is at least that, else 0. The threshold is given by its bits, in the type
/// of the scores. Scores of uint16 are the bits of bfloat16.
#[pyfunction]
#[pyo3(signature = (target, logits, *, class_axis, threshold = None, threads = 1))]
pub(super) fn count_logits(
    py: Python<'_>,
    target: &Bound<'_, PyUntypedArray>,
    logits: &Bound<'_, PyUntypedArray>,
    class_axis: Option<usize>,
    threshold: Option<u64>,
    threads: usize,
) -> PyResult<PyPairCounts> {
    let (target, logits) = (label_map(target)?, logits_of(logits, class_axis)?);
    let rule = threshold.map_or(Rule::Highest, Rule::AtLeast);
    if threads > 1 {
        return in_threads(py, |tick| count_logits_split(&target, &logits, rule, threads, tick))
            .map(PyPairCounts::from);
    }
    with_counter(py, |counter, stop| logits::count_logits(counter, &target, &logits, rule, stop))
        .map(PyPairCounts::from)
}

/// The number of the channel with the highest score of each pixel, as [`count_logits`] counts it: an array
/// of the shape without the class axis, of uint8 for up to 256 channels, else of uint16.
#[pyfunction]
#[pyo3(signature = (logits, *, class_axis, threads = 1))]
pub(super) fn highest<'py>(
    py: Python<'py>,
    logits: &Bound<'py, PyUntypedArray>,
    class_axis: usize,
    threads: usize,
) -> PyResult<Bound<'py, PyAny>> {
    let logits = logits_of(logits, Some(class_axis))?;
    if logits.channels() <= 1 << 8 {
        Ok(labelled::<u8>(py, &logits, threads)?.into_any())
    } else {
        Ok(labelled::<u16>(py, &logits, threads)?.into_any())
    }
}

fn labelled<'py, T: Channel + Element>(
    py: Python<'py>,
    logits: &Logits<'_>,
    threads: usize,
) -> PyResult<Bound<'py, PyArrayDyn<T>>> {
    let array = zeros::<T>(py, &logits.pixels())?;
    let mut room = array.readwrite();
    let labels = room.as_slice_mut()?;
    if threads > 1 {
        in_threads(py, |tick| highest_split(logits, labels, threads, tick))?;
    } else {
        interruptible(py, |stop| logits::highest(logits, labels, stop))?;
    }
    drop(room);
    Ok(array)
}
