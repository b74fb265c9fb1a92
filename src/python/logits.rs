//! Class scores and their target: counted without an array of labels in between.

use numpy::PyUntypedArray;
use pyo3::prelude::*;

use super::arrays::{label_map, logits_of};
use super::rows::PyPairCounts;
use super::{counted, counted_in_threads};
use crate::logits::{self, Rule};
use crate::split::count_logits_split;

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
        return counted_in_threads(py, |tick| count_logits_split(&target, &logits, rule, threads, tick));
    }
    counted(py, |counter, stop| logits::count_logits(counter, &target, &logits, rule, stop))
}
