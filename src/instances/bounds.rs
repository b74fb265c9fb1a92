//! Where a mask lies: its box.

use super::Run;

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
pub(super) fn measured(runs: &[Run], height: u32) -> (u32, Bounds) {
    let (Some(first), Some(last)) = (runs.first(), runs.last()) else { return (0, Bounds::default()) };
    let left = first.start / height;
    let right = (last.end - 1) / height + 1;
    let (mut pixels, mut top, mut bottom) = (0, height, 0);
    // The column that the run begins in: mostly that of the one before, or the next one.
    let mut column = left * height;
    for &Run { start, end } in runs {
        pixels += end - start;
        // Whether the column is the next one cannot be foreseen; that it is one after that seldom is.
        let next = column + height;
        column = if start >= next { next } else { column };
        if start - column >= height {
            column = start / height * height;
        }
        let within = end - column <= height;
        top = top.min(if within { start - column } else { 0 });
        bottom = bottom.max(if within { end - column } else { height });
    }
    (pixels, Bounds { left, top, right, bottom })
}
