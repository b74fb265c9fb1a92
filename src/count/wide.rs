//! Pairs of labels of any size, run by run, into a map of bounded size.
//!
//! The marks where a pair changes are found for 64 pixels at a time, and only those are walked; lines that are
//! told by their runs are merged. Most runs are of a pair that was met shortly before, which is what [`Sums`] are made for.

use crate::cpu::{Kernel, Routine, Vectors, WIDTH};
use crate::error::Error;
use crate::limits::MAX_PAIRS;
use crate::pairs::sums::Sums;
use crate::pairs::{PairCounts, Row};
use crate::pixels::Runs;

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

    /// Count pairs of labels, or of codes of them, at the same place; `labels` says which two codes stand for.
    ///
    /// # Errors
    ///
    /// [`Error::TooManyPairs`].
    ///
    /// # Panics
    ///
    /// If the lengths differ.
    pub(super) fn count<C: Copy + Eq>(
        &mut self,
        target: &[C],
        pred: &[C],
        labels: impl Fn(C, C) -> (i64, i64),
    ) -> Result<(), Error> {
        assert_eq!(target.len(), pred.len(), "lines of one length");
        let kernel = self.kernel;
        self.add(|sums| kernel.run(Count { sums, target, pred, labels }))
    }

    /// Count pairs of labels at the same place, of lines that are told by their runs.
    ///
    /// # Errors
    ///
    /// [`Error::TooManyPairs`].
    ///
    /// # Panics
    ///
    /// If the lengths differ.
    pub(super) fn count_runs(&mut self, target: Runs<'_>, pred: Runs<'_>) -> Result<(), Error> {
        assert_eq!(target.len(), pred.len(), "lines of one length");
        self.add(|sums| {
            let (mut targets, mut start) = (target.ends(), 0);
            let mut run = targets.next();
            for (end, pred) in pred.ends() {
                while let Some((until, target)) = run {
                    let here = until.min(end);
                    sums.add((target, pred), (here - start) as u64);
                    start = here;
                    if until == here {
                        run = targets.next();
                    }
                    if here == end {
                        break;
                    }
                }
            }
        })
    }

    fn add(&mut self, count: impl FnOnce(&mut Sums<(i64, i64)>)) -> Result<(), Error> {
        let sums = self.sums.get_or_insert_with(|| Sums::new(PLACE_BITS));
        count(sums);
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

struct Count<'a, 'b, C, L> {
    sums: &'a mut Sums<(i64, i64)>,
    target: &'b [C],
    pred: &'b [C],
    labels: L,
}

impl<C: Copy + Eq, L: Fn(C, C) -> (i64, i64)> Routine for Count<'_, '_, C, L> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vectors>(self, vectors: V) {
        let Self { sums, target, pred, labels } = self;
        let mut add = |at: usize, pixels: usize| sums.add(labels(target[at], pred[at]), pixels as u64);
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
                add(start, at - start);
                start = at;
            }
        }
        if start < len {
            add(start, len - start);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::naive;

    fn counted(counts: &mut WideCounts, target: &[i64], pred: &[i64]) -> PairCounts {
        counts.count(target, pred, |target, pred| (target, pred)).unwrap();
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
    fn lines_told_by_their_runs_count_as_their_labels_do() {
        let mut random = naive::noise(7);
        for len in [0, 1, 2, 64, 700] {
            for one_in in [1, 2, 9, 1000] {
                let mut line = || -> Vec<i64> {
                    let mut label = 0;
                    let mut next = |_| {
                        if random(one_in) == 0 {
                            label = random(5).cast_signed() as i64 - (1 << 40);
                        }
                        label
                    };
                    (0..len).map(&mut next).collect()
                };
                let (target, pred) = (line(), line());
                let [of_target, of_pred] = [&target, &pred].map(|labels| {
                    let mut runs: Vec<_> = labels.iter().copied().enumerate().collect();
                    runs.dedup_by_key(|run| run.1);
                    runs
                });
                let mut counts = WideCounts::new(Kernel::best());
                counts.count_runs(Runs::new(len, &of_target), Runs::new(len, &of_pred)).unwrap();
                assert_eq!(counts.drain().unwrap(), naive::count(&target, &pred), "{len} {one_in}");
            }
        }
    }
}
