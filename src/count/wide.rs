//! Pairs of labels of any size, run by run, into a map of bounded size.
//!
//! The marks where a pair changes are found for 64 pixels at a time, and only those are walked. Most
//! runs are of a pair that was met shortly before, which is what [`Sums`] are made for.

use crate::cpu::{Kernel, Routine, Vectors, WIDTH};
use crate::error::Error;
use crate::limits::MAX_PAIRS;
use crate::pairs::sums::Sums;
use crate::pairs::{PairCounts, Row};

/// Places for recent pairs, as a power of two: 24 KiB of them.
const PLACE_BITS: u32 = 10;

/// A count for each pair of labels that occurred.
pub(super) struct WideCounts {
    kernel: Kernel,
    /// Most counters never meet a pair of such labels.
    sums: Option<Sums<(i64, i64)>>,
}

impl WideCounts {
    pub(super) fn new(kernel: Kernel) -> Self {
        Self { kernel, sums: None }
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
        let sums = self.sums.get_or_insert_with(|| Sums::new(PLACE_BITS));
        self.kernel.run(Count { sums, target, pred });
        if sums.more_than(MAX_PAIRS) { Err(Error::TooManyPairs { limit: MAX_PAIRS }) } else { Ok(()) }
    }

    /// Hand out the rows and begin anew.
    ///
    /// # Errors
    ///
    /// [`Error::TooManyPairs`], and [`Error::BadRows`] from 2^63 pixels.
    pub(super) fn drain(&mut self) -> Result<PairCounts, Error> {
        let cells = self.sums.take().map(|mut sums| sums.drain()).unwrap_or_default();
        if cells.len() > MAX_PAIRS {
            return Err(Error::TooManyPairs { limit: MAX_PAIRS });
        }
        PairCounts::from_rows(
            cells.into_iter().map(|((target, pred), pixels)| Row { target, pred, pixels }).collect(),
        )
    }
}

struct Count<'a, 'b> {
    sums: &'a mut Sums<(i64, i64)>,
    target: &'b [i64],
    pred: &'b [i64],
}

impl Routine for Count<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vectors>(self, vectors: V) {
        let Self { sums, target, pred } = self;
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
                sums.add((target[start], pred[start]), (at - start) as u64);
                start = at;
            }
        }
        if start < len {
            sums.add((target[start], pred[start]), (len - start) as u64);
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
}
