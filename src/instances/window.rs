//! A part of an image: masks as far as they lie in it.

use super::{Masks, Size, by_column, push};
use crate::error::Error;
use crate::limits::MAX_RUNS;

impl Masks {
    /// These masks in a part of the image, from a row and a column on; of those that lie elsewhere nothing is left.
    ///
    /// # Errors
    ///
    /// [`Error::TooManyRuns`]: a run that goes on from column to column is one for each column in a part of
    /// their height.
    ///
    /// # Panics
    ///
    /// If the part is not within the image.
    pub fn window(&self, top: u32, left: u32, size: Size) -> Result<Self, Error> {
        let height = self.size.height;
        let within = |first: u32, length: u32, all: u32| first <= all && length <= all - first;
        assert!(
            within(top, size.height, height) && within(left, size.width, self.size.width),
            "a part of it"
        );
        let (bottom, right) = (top + size.height, left + size.width);
        let mut parts = Self::new(size);
        for mask in 0..self.len() {
            let runs = self.runs(mask);
            let first = runs.partition_point(|run| run.end <= left * height);
            let behind = runs.partition_point(|run| run.start < right * height);
            let runs = &runs[first..behind.max(first)];
            let before = runs.first().map_or(left, |run| run.start / height);
            let added = parts.add(|all, _| {
                let begin = all.len();
                by_column(runs, before, height, |column, start, end| {
                    #[allow(clippy::cast_possible_truncation, reason = "columns have 32 bits")]
                    let column = before + column as u32;
                    let (start, end) = (start.max(top), end.min(bottom));
                    if (left..right).contains(&column) && start < end {
                        let base = (column - left) * size.height;
                        push(all, begin, base + start - top, base + end - top);
                    }
                });
                Ok(())
            });
            added.map_err(|_| Error::TooManyRuns { limit: MAX_RUNS })?;
        }
        Ok(parts)
    }
}
