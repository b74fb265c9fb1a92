//! How many pixels two masks share.

use super::{Masks, Run};

impl Masks {
    /// How many pixels a mask shares with one of other masks of the same image.
    ///
    /// # Panics
    ///
    /// If the images differ in size.
    #[must_use]
    pub fn shared(&self, mask: usize, others: &Self, other: usize) -> u32 {
        assert_eq!(self.size, others.size, "masks of one size");
        let (one, two) = (self.bounds(mask), others.bounds(other));
        let (left, right) = (one.left.max(two.left), one.right.min(two.right));
        if left >= right || one.top.max(two.top) >= one.bottom.min(two.bottom) {
            return 0;
        }
        let (start, end) = (left * self.size.height, right * self.size.height);
        let cut = |runs: &'_ [Run]| {
            let first = runs.partition_point(|run| run.end <= start);
            first..first + runs[first..].partition_point(|run| run.start < end)
        };
        let (one, two) = (self.runs(mask), others.runs(other));
        shared(&one[cut(one)], &two[cut(two)])
    }
}

/// How many pixels sorted runs share. Each step leaves the run that ends first behind, without a branch.
fn shared(one: &[Run], two: &[Run]) -> u32 {
    let (mut at, mut other, mut pixels) = (0, 0, 0);
    while at < one.len() && other < two.len() {
        let (a, b) = (one[at], two[other]);
        pixels += a.end.min(b.end).saturating_sub(a.start.max(b.start));
        let first = a.end <= b.end;
        at += usize::from(first);
        other += usize::from(!first);
    }
    pixels
}
