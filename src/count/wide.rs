//! Pairs of labels of any size, run by run, into a map of bounded size.
//!
//! The marks where a pair changes are found for 64 pixels at a time, and only those are walked. Most
//! runs are of a pair that was met shortly before, so a small table stands in front of the map:
//! a pair has one place in it, and whoever needs the place of another one moves that one's sum to
//! the map. Labels made to share a place cost a look-up in the map for each run, and nothing worse.

use std::collections::BTreeMap;

use crate::cpu::{Kernel, Routine, Vectors, WIDTH};
use crate::error::Error;
use crate::limits::MAX_PAIRS;
use crate::pairs::{PairCounts, Row};

/// Places in front of the map: 24 KiB of them.
const PLACES: usize = 1 << PLACE_BITS;
const PLACE_BITS: u32 = 10;

/// A count for each pair of labels that occurred.
pub(super) struct WideCounts {
    kernel: Kernel,
    /// Sums of recent pairs, one for each place; no pixels mean that it is free.
    recent: Option<Box<[Row]>>,
    /// The tree has no bad case that labels could be made to hit, and hands its rows out sorted.
    cells: BTreeMap<(i64, i64), u64>,
}

impl WideCounts {
    pub(super) fn new(kernel: Kernel) -> Self {
        Self { kernel, recent: None, cells: BTreeMap::new() }
    }

    /// Count pairs of labels at the same place.
    ///
    /// # Errors
    ///
    /// [`Error::TooManyPairs`].
    ///
    /// # Panics
    ///
    /// If the lengths differ.
    pub(super) fn count(&mut self, target: &[i64], pred: &[i64]) -> Result<(), Error> {
        assert_eq!(target.len(), pred.len(), "lines of one length");
        self.kernel.run(Count { counts: self, target, pred });
        self.check_size()
    }

    fn check_size(&self) -> Result<(), Error> {
        if self.cells.len() > MAX_PAIRS { Err(Error::TooManyPairs { limit: MAX_PAIRS }) } else { Ok(()) }
    }

    #[inline(always)]
    fn add(&mut self, target: i64, pred: i64, pixels: u64) {
        const FREE: Row = Row { target: 0, pred: 0, pixels: 0 };
        let recent = self.recent.get_or_insert_with(|| vec![FREE; PLACES].into_boxed_slice());
        let row = &mut recent[place(target, pred)];
        if row.target == target && row.pred == pred {
            row.pixels += pixels;
        } else {
            let before = std::mem::replace(row, Row { target, pred, pixels });
            self.keep(before);
        }
    }

    /// Add a row of recent pairs to the map.
    fn keep(&mut self, row: Row) {
        if row.pixels > 0 {
            *self.cells.entry((row.target, row.pred)).or_insert(0) += row.pixels;
        }
    }

    /// Hand out the rows and begin anew.
    ///
    /// # Errors
    ///
    /// [`Error::TooManyPairs`], and [`Error::BadRows`] from 2^63 pixels.
    pub(super) fn drain(&mut self) -> Result<PairCounts, Error> {
        if let Some(recent) = self.recent.take() {
            recent.into_iter().for_each(|row| self.keep(row));
        }
        let size = self.check_size();
        let cells = std::mem::take(&mut self.cells);
        size?;
        PairCounts::from_rows(
            cells.into_iter().map(|((target, pred), pixels)| Row { target, pred, pixels }).collect(),
        )
    }
}

/// The place of a pair among the recent ones: the highest bits of products with odd numbers that
/// have no pattern (of the golden ratio, and of the square root of 2).
fn place(target: i64, pred: i64) -> usize {
    let target = target.cast_unsigned().wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let pred = pred.cast_unsigned().wrapping_mul(0x6a09_e667_f3bc_c909);
    ((target ^ pred.rotate_left(32)).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - PLACE_BITS)) as usize
}

struct Count<'a, 'b> {
    counts: &'a mut WideCounts,
    target: &'b [i64],
    pred: &'b [i64],
}

impl Routine for Count<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vectors>(self, vectors: V) {
        let Self { counts, target, pred } = self;
        let (mut start, len) = (0, target.len());
        let mut changes = [0; WIDTH];
        for block in (1..len).step_by(WIDTH) {
            let end = len.min(block + WIDTH);
            let before = target[block - 1..end - 1].iter().zip(&pred[block - 1..end - 1]);
            let pairs = before.zip(target[block..end].iter().zip(&pred[block..end]));
            for (change, (before, pair)) in changes.iter_mut().zip(pairs) {
                *change = u8::from(before != pair);
            }
            changes[end - block..].fill(0);
            let mut marks = vectors.not_zero(&changes);
            while marks != 0 {
                let at = block + marks.trailing_zeros() as usize;
                marks &= marks - 1;
                counts.add(target[start], pred[start], (at - start) as u64);
                start = at;
            }
        }
        if start < len {
            counts.add(target[start], pred[start], (len - start) as u64);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::naive;

    fn counted(counts: &mut WideCounts, target: &[i64], pred: &[i64]) -> PairCounts {
        counts.count(target, pred).unwrap();
        counts.drain().unwrap()
    }

    #[test]
    fn runs_of_every_length_end_everywhere_on_every_kernel() {
        for kernel in crate::cpu::tested() {
            let mut counts = WideCounts::new(kernel);
            for len in 0..=200 {
                for step in [1, 2, 3, 7, 63, 64, 65, 1000] {
                    let target: Vec<i64> = (0..len).map(|i| i / step * 1_000_003 - 5).collect();
                    let pred: Vec<i64> = (0..len).map(|i| (i + 1) / step % 3 * (i64::MAX / 2)).collect();
                    assert_eq!(
                        counted(&mut counts, &target, &pred),
                        naive::count(&target, &pred),
                        "{len} {step}"
                    );
                }
            }
        }
    }

    #[test]
    fn pairs_that_share_a_place_are_told_apart() {
        let mine = place(1, 2);
        let others: Vec<i64> = (0..).filter(|&pred| place(1, pred) == mine).take(20).collect();
        let pred: Vec<i64> = (0..500).map(|i| others[i * i % 20]).collect();
        let target = vec![1; 500];
        let mut counts = WideCounts::new(Kernel::best());
        assert_eq!(counted(&mut counts, &target, &pred), naive::count(&target, &pred));
        assert_eq!(counts.drain().unwrap(), PairCounts::default());
    }
}
