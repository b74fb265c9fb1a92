//! Boxes around points, in single precision, which are wider than what is rounded.

use super::Metric;
use super::leaves::Leaf;
use super::points::Bounds;
use crate::cpu::{SIXTEEN, SixteenBoxes};

/// More than what is lost by rounding where numbers up to one are narrowed, subtracted from each other, and compared.
const ROUNDED: f64 = 1.0 / (1 << 20) as f64;

/// More than one part in 10^5 is never lost by rounding, where a bound is compared with squares of gaps.
const WIDER: f64 = 1.0 + 1e-5;

/// How places of a lattice are numbers in single precision: from the lowest one on, in units of the largest step.
#[derive(Clone, Copy)]
pub(super) struct Scale {
    origin: [u32; 3],
    /// What a step along slices, rows and columns measures in such units.
    steps: [f64; 3],
    /// The square of a unit.
    unit: f64,
    /// By how much boxes are wider than the points in them.
    slack: [f64; 3],
}

impl Scale {
    /// A scale for all points within bounds.
    pub(super) fn new(metric: &Metric, bounds: Bounds) -> Self {
        let largest = metric.steps().into_iter().fold(0.0, f64::max);
        let steps = metric.steps().map(|step| step / largest);
        let [slices, rows, words] =
            std::array::from_fn(|axis| f64::from(bounds.high[axis] - bounds.low[axis]) + 1.0);
        let size = [slices, rows, words * f64::from(u64::BITS)];
        let [slice, row, word] = bounds.low;
        Self {
            origin: [slice, row, word * u64::BITS],
            steps,
            unit: largest * largest,
            slack: std::array::from_fn(|axis| size[axis] * steps[axis] * ROUNDED),
        }
    }

    /// A point.
    #[inline(always)]
    #[allow(clippy::cast_possible_truncation, reason = "boxes are wider by more than what is rounded")]
    pub(super) fn place(&self, point: [u32; 3]) -> [f32; 3] {
        std::array::from_fn(|axis| (f64::from(point[axis] - self.origin[axis]) * self.steps[axis]) as f32)
    }

    /// A number that is below no square of a gap up to the square of this distance.
    #[inline(always)]
    #[allow(clippy::cast_possible_truncation, reason = "it is wider by more than what is rounded")]
    pub(super) fn bound(&self, squared: f64) -> f32 {
        ((squared / self.unit * WIDER) as f32 + f32::MIN_POSITIVE).min(f32::MAX) // boxes that are none are farther
    }

    /// The lowest and the highest place of a box around a leaf.
    fn extent(&self, leaf: &Leaf) -> Option<Extent> {
        let edge = |edge: [u32; 3]| -> [f64; 3] {
            std::array::from_fn(|axis| f64::from(edge[axis] - self.origin[axis]) * self.steps[axis])
        };
        let [low, high] = leaf.bounds()?.map(edge);
        Some(Extent { low, high })
    }
}

/// The lowest and the highest of each dimension.
#[derive(Clone, Copy)]
struct Extent {
    low: [f64; 3],
    high: [f64; 3],
}

impl Extent {
    fn around(self, other: Self) -> Self {
        Self {
            low: std::array::from_fn(|axis| self.low[axis].min(other.low[axis])),
            high: std::array::from_fn(|axis| self.high[axis].max(other.high[axis])),
        }
    }
}

/// Boxes that are not there are infinitely far.
const NOWHERE: SixteenBoxes =
    SixteenBoxes { middle: [[f32::INFINITY; SIXTEEN]; 3], half: [[0.0; SIXTEEN]; 3] };

/// Some sixteens of boxes.
fn sixteens(scale: &Scale, extents: &[Option<Extent>]) -> Vec<SixteenBoxes> {
    let sixteen = |extents: &[Option<Extent>]| {
        let mut boxes = NOWHERE;
        for (lane, extent) in extents.iter().enumerate() {
            let Some(Extent { low, high }) = extent else { continue };
            for axis in 0..3 {
                let middle = f64::midpoint(low[axis], high[axis]);
                let half = (high[axis] - low[axis]) / 2.0 + scale.slack[axis];
                #[allow(
                    clippy::cast_possible_truncation,
                    reason = "it is wider by more than what is rounded"
                )]
                let [middle, half] = [middle as f32, half as f32];
                boxes.middle[axis][lane] = middle;
                boxes.half[axis][lane] = half;
            }
        }
        boxes
    };
    extents.chunks(SIXTEEN).map(sixteen).collect()
}

/// Boxes of leaves, each sixteen of which are in one of the next level, up to at most sixteen boxes.
pub(super) fn levels(scale: &Scale, leaves: &[Leaf]) -> Vec<Vec<SixteenBoxes>> {
    let mut extents: Vec<Option<Extent>> = leaves.iter().map(|leaf| scale.extent(leaf)).collect();
    let mut levels = vec![sixteens(scale, &extents)];
    while extents.len() > SIXTEEN {
        let around = |extents: &[Option<Extent>]| extents.iter().copied().flatten().reduce(Extent::around);
        extents = extents.chunks(SIXTEEN).map(around).collect();
        levels.push(sixteens(scale, &extents));
    }
    levels
}
