//! Where a mask lies: its box.

use super::Run;
use crate::cpu::{Kernel, Routine, Vectors};

/// The smallest box around a mask; all numbers of one without pixels are 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bounds {
    /// The first column.
    pub left: u32,
    /// The first row.
    pub top: u32,
    /// Behind the last column.
    pub right: u32,
    /// Behind the last row.
    pub bottom: u32,
}

/// How many pixels runs have, and where they lie.
pub(super) fn measured(kernel: Kernel, runs: &[Run], height: u32) -> (u32, Bounds) {
    let (Some(first), Some(last)) = (runs.first(), runs.last()) else { return (0, Bounds::default()) };
    let (left, right) = (first.start / height, (last.end - 1) / height + 1);
    let pixels = runs.iter().map(|run| run.end - run.start).sum();
    let [top, bottom] = if right - left == 1 {
        [first.start, last.end].map(|row| row - left * height)
    } else {
        kernel.run(Rows { runs, height })
    };
    (pixels, Bounds { left, top, right, bottom })
}

/// The first row of runs that lie in several columns, and the one behind the last.
struct Rows<'a> {
    runs: &'a [Run],
    height: u32,
}

impl Routine for Rows<'_> {
    type Output = [u32; 2];

    /// A column is found by a product that is its number, or one more: columns of which there are two have at most 2^31
    /// rows, and pixels are fewer than 2^32. Where columns have one row, it does not matter which it is.
    #[allow(clippy::cast_possible_truncation, reason = "columns have 32 bits")]
    #[inline(always)]
    fn run<V: Vectors>(self, _: V) -> [u32; 2] {
        let Self { runs, height } = self;
        let inverse = (u32::MAX / height).saturating_add(1);
        let (mut top, mut bottom) = (height, 0);
        for &Run { start, end } in runs {
            let column = ((u64::from(start) * u64::from(inverse)) >> 32) as u32;
            let row = start.wrapping_sub(column.wrapping_mul(height));
            let row = row.min(row.wrapping_add(height));
            let below = row + (end - start);
            top = top.min(if below <= height { row } else { 0 });
            bottom = bottom.max(below.min(height));
        }
        [top, bottom]
    }
}
