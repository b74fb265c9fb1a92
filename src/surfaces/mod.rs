//! Boundaries of all labels of a map at once: bands along them, and distances between those of two maps.
//!
//! No map of distances is ever made. What is compared in words of 64 labels becomes bits ([`lines`]), and
//! bits become rows of counts, from which any score is read later.

pub(crate) mod any;
pub mod bands;
mod corners;
mod edges;
mod finds;
mod labels;
pub(crate) mod lines;
mod paired;
mod planes;
pub mod rows;
mod void;

pub use labels::Wanted;

use std::cmp::Reverse;
use std::ops::RangeInclusive;

use crate::error::{Error, Shape};
use crate::limits::MAX_VOXELS;
use crate::pixels::LabelMap;

/// Refuse maps of different shapes, of other numbers of dimensions, and those that are too large.
pub(crate) fn check_shapes(
    target: &LabelMap<'_>,
    pred: &LabelMap<'_>,
    dimensions: RangeInclusive<usize>,
) -> Result<(), Error> {
    let [target, pred] = [target, pred].map(|map| Shape(map.shape().to_vec()));
    if target != pred {
        return Err(Error::ShapeMismatch { pred, target });
    }
    if !dimensions.contains(&target.0.len()) {
        return Err(Error::Dimensions { found: target, least: *dimensions.start(), most: *dimensions.end() });
    }
    let voxels = target.0.iter().try_fold(1_u64, |voxels, &len| voxels.checked_mul(len as u64));
    if target.0.contains(&0) || voxels.is_some_and(|voxels| voxels <= MAX_VOXELS) {
        return Ok(());
    }
    Err(Error::TooManyVoxels { found: target, limit: MAX_VOXELS })
}

/// The dimensions of two maps in the order in which they lie in memory, as far as they agree about it: the
/// last one is that along which labels lie side by side.
pub(crate) fn axes_as_they_lie(target: &LabelMap<'_>, pred: &LabelMap<'_>) -> Vec<usize> {
    let mut axes: Vec<usize> = (0..target.shape().len()).collect();
    axes.sort_by_key(|&axis| {
        let step = target.strides()[axis].unsigned_abs().max(pred.strides()[axis].unsigned_abs());
        Reverse(if target.shape()[axis] == 1 { usize::MAX } else { step })
    });
    axes
}
