//! Pairs of labels, counted while both maps are read for their surfaces.

use std::ops::Range;

use crate::count::{Counter, push_maps};
use crate::error::Error;
use crate::pairs::{PairCounts, Row};
use crate::pixels::LabelMap;

/// The pairs of two maps of three dimensions.
pub(super) struct Pairs<'a, 'b> {
    maps: &'b [LabelMap<'a>; 2],
    /// None if pairs are not asked for.
    counter: Option<&'b mut Counter>,
    /// Pairs of rows that are all of one label.
    quiet: Vec<Row>,
}

impl<'a, 'b> Pairs<'a, 'b> {
    pub(super) fn new(maps: &'b [LabelMap<'a>; 2], counter: Option<&'b mut Counter>) -> Self {
        Self { maps, counter, quiet: Vec::new() }
    }

    /// Count some slices.
    ///
    /// # Errors
    ///
    /// Those of [`push_maps`].
    pub(super) fn count(
        &mut self,
        slices: Range<usize>,
        stop: &mut dyn FnMut() -> bool,
    ) -> Result<(), Error> {
        let Some(counter) = &mut self.counter else { return Ok(()) };
        let [target, pred] = self.maps.each_ref().map(|map| map.slab(0, slices.start, slices.len()));
        push_maps(counter, &target, &pred, stop)
    }

    /// Count a slice, of which it is known for each side which rows are not all of one label, and that label.
    ///
    /// # Errors
    ///
    /// Those of [`push_maps`].
    pub(super) fn count_slice(
        &mut self,
        slice: usize,
        passed: [(&[bool], Option<i64>); 2],
        stop: &mut dyn FnMut() -> bool,
    ) -> Result<(), Error> {
        let Some(counter) = &mut self.counter else { return Ok(()) };
        let [(in_target, target), (in_pred, pred)] = passed;
        let busy = |row: &usize| in_target[*row] || in_pred[*row];
        let rows = in_target.len();
        let start = (0..rows).find(busy).unwrap_or(rows);
        let end = (start..rows).rfind(busy).map_or(start, |row| row + 1);
        // Where no label is passed over, all rows are busy.
        if let (Some(target), Some(pred)) = (target, pred) {
            let pixels = ((rows - (end - start)) * self.maps[0].shape()[2]) as u64;
            match self.quiet.last_mut() {
                Some(row) if (row.target, row.pred) == (target, pred) => row.pixels += pixels,
                _ if pixels > 0 => self.quiet.push(Row { target, pred, pixels }),
                _ => (),
            }
        }
        if start == end {
            return Ok(());
        }
        let [target, pred] =
            self.maps.each_ref().map(|map| map.slab(0, slice, 1).slab(1, start, end - start));
        push_maps(counter, &target, &pred, stop)
    }

    /// What was counted.
    ///
    /// # Errors
    ///
    /// Those of [`Counter::drain`].
    pub(super) fn into_counts(self) -> Result<PairCounts, Error> {
        let mut pairs = PairCounts::from_rows(self.quiet)?;
        if let Some(counter) = self.counter {
            pairs.merge(&counter.drain()?)?;
        }
        Ok(pairs)
    }
}
