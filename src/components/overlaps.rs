//! How the components of two maps overlap, from their runs alone.

use super::{Components, Pace, Question, Span, found};
use crate::cpu::Kernel;
use crate::error::Error;
use crate::limits::MAX_PAIRS;
use crate::pairs::sums::Sums;
use crate::pixels::LabelMap;
use crate::surfaces::{axes_as_they_lie, check_shapes};

/// Voxels that two components share, or that are of one of them alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overlap {
    /// The number of the component of the target; 0 for none.
    pub target: u32,
    /// The number of that of the prediction; 0 for none.
    pub pred: u32,
    /// How many; at least one.
    pub voxels: u64,
}

/// How the components of two maps overlap.
#[derive(Debug)]
pub struct Overlaps {
    /// Sorted; all rows together are all voxels.
    pub rows: Vec<Overlap>,
    /// The label of each component of the target, and of the prediction; those of 2^63 and more are wrapped.
    pub labels: [Vec<i64>; 2],
}

/// Places for recent keys, as a power of two.
const PLACE_BITS: u32 = 10;

/// How the components of each label of two maps overlap. `stop` is asked some times a millisecond.
///
/// # Errors
///
/// [`Error::ShapeMismatch`], those of [`super::components`], and [`Error::TooManyPairs`].
pub fn overlaps(
    kernel: Kernel,
    target: &LabelMap<'_>,
    pred: &LabelMap<'_>,
    question: Question,
    stop: &mut dyn FnMut() -> bool,
) -> Result<Overlaps, Error> {
    check_shapes(target, pred, 2..=3)?;
    let axes = axes_as_they_lie(target, pred);
    let of_target = found(kernel, target, axes.clone(), question, stop)?;
    let of_pred = found(kernel, pred, axes, question, stop)?;
    let rows = shared(&of_target, &of_pred, MAX_PAIRS, stop)?;
    Ok(Overlaps { rows, labels: [of_target.labels, of_pred.labels] })
}

/// The overlaps of two maps of one shape that lie in the same way, of which there may be so many.
pub(super) fn shared(
    target: &Components,
    pred: &Components,
    most: usize,
    stop: &mut dyn FnMut() -> bool,
) -> Result<Vec<Overlap>, Error> {
    let mut sums = Sums::new(PLACE_BITS);
    let mut pace = Pace::new(stop);
    for line in 0..target.lines() {
        pace.look(target.shape[2])?;
        for_each_shared(target.line(line), pred.line(line), |one, other, voxels| {
            sums.add(u64::from(one.component) << 32 | u64::from(other.component), u64::from(voxels));
        });
        if sums.more_than(most) {
            return Err(Error::TooManyPairs { limit: most });
        }
    }
    let [mut left, mut right] = [target, pred].map(Components::sizes);
    let mut rows = Vec::new();
    for (pair, voxels) in sums.drain() {
        #[allow(clippy::cast_possible_truncation, reason = "a key is made of two numbers")]
        let [target, pred] = [pair >> 32, pair & 0xffff_ffff].map(|number| number as u32);
        left[target as usize] -= voxels;
        right[pred as usize] -= voxels;
        rows.push(Overlap { target, pred, voxels });
    }
    // What is shared with no component: of the one map, of the other, and of neither.
    let alone = |(number, &voxels): (u32, &u64)| (voxels > 0).then_some((number, voxels));
    let of_target: u64 = left[1..].iter().sum();
    rows.extend((1..).zip(&left[1..]).filter_map(alone).map(|(target, voxels)| Overlap {
        target,
        pred: 0,
        voxels,
    }));
    rows.extend((1..).zip(&right[1..]).filter_map(alone).map(|(pred, voxels)| Overlap {
        target: 0,
        pred,
        voxels,
    }));
    rows.extend(alone((0, &(right[0] - of_target))).map(|(_, voxels)| Overlap {
        target: 0,
        pred: 0,
        voxels,
    }));
    rows.sort_unstable_by_key(|row| (row.target, row.pred));
    Ok(rows)
}

/// Call `visit` with any two spans of one line of both maps that share voxels, and how many.
#[inline(always)]
pub(super) fn for_each_shared(ours: &[Span], theirs: &[Span], mut visit: impl FnMut(&Span, &Span, u32)) {
    let (mut i, mut j) = (0, 0);
    while let (Some(one), Some(other)) = (ours.get(i), theirs.get(j)) {
        let (start, end) = (one.start.max(other.start), one.end.min(other.end));
        if start < end {
            visit(one, other, end - start);
        }
        i += usize::from(one.end <= other.end);
        j += usize::from(other.end <= one.end);
    }
}

impl Components {
    /// Voxels of each component, and first of none.
    fn sizes(&self) -> Vec<u64> {
        let mut sizes = vec![0; self.count() + 1];
        for span in &self.spans {
            sizes[span.component as usize] += u64::from(span.end - span.start);
        }
        sizes[0] = self.shape.iter().product::<usize>() as u64 - sizes.iter().sum::<u64>();
        sizes
    }
}
