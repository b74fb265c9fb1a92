//! Pairs of labels of any size, run by run, into a map of bounded size.

use std::collections::BTreeMap;

use crate::error::Error;
use crate::limits::MAX_PAIRS;
use crate::pairs::{PairCounts, Row};

/// A count for each pair of labels that occurred. The tree has no bad case that labels could be
/// made to hit, and hands its rows out sorted.
#[derive(Default)]
pub(super) struct WideCounts {
    cells: BTreeMap<(i64, i64), u64>,
}

impl WideCounts {
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
        let mut start = 0;
        while start < target.len() {
            let pair = (target[start], pred[start]);
            let rest = target[start..].iter().zip(&pred[start..]);
            let run = rest.take_while(|&(&t, &p)| (t, p) == pair).count();
            *self.cells.entry(pair).or_insert(0) += run as u64;
            start += run;
        }
        if self.cells.len() > MAX_PAIRS {
            return Err(Error::TooManyPairs { limit: MAX_PAIRS });
        }
        Ok(())
    }

    /// Hand out the rows and begin anew.
    ///
    /// # Errors
    ///
    /// [`Error::BadRows`] from 2^63 pixels.
    pub(super) fn drain(&mut self) -> Result<PairCounts, Error> {
        let cells = std::mem::take(&mut self.cells);
        PairCounts::from_rows(
            cells.into_iter().map(|((target, pred), pixels)| Row { target, pred, pixels }).collect(),
        )
    }
}
