//! Pair counts: sparse rows `(target label, predicted label, pixels)`, sorted, each pair once.

pub mod cells;
pub mod columns;
pub mod packed;
pub(crate) mod sums;

use crate::error::Error;

/// How many pixels have one target label and one predicted label.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// Label value in the target.
    pub target: i64,
    /// Label value in the prediction.
    pub pred: i64,
    /// Pixels with this pair; at least one.
    pub pixels: u64,
}

impl Row {
    fn key(self) -> (i64, i64) {
        (self.target, self.pred)
    }
}

/// Rows sorted by target and prediction, each pair once, none empty.
///
/// Sums are exact: pixels stay below 2^63, and a merge that would leave that range is an error that
/// changes nothing. The result of merges does not depend on their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PairCounts {
    rows: Vec<Row>,
    total: u64,
}

/// The largest sum that fits the 64-bit integers with sign in which rows are handed out.
const MAX_TOTAL: u64 = i64::MAX as u64;

impl PairCounts {
    /// Rows in any order; a pair that comes twice is summed.
    ///
    /// # Errors
    ///
    /// [`Error::BadRows`] if a row is empty or the total is 2^63 or more.
    pub fn from_rows(mut rows: Vec<Row>) -> Result<Self, Error> {
        let total = rows.iter().try_fold(0, |total, row| match row.pixels {
            0 => Err(Error::BadRows("a row of pair counts has no pixels")),
            pixels => checked_total(total, pixels),
        })?;
        // The rows of many images under each other are long runs of sorted rows, with mostly the same
        // pairs in each; they are merged far sooner than all rows are sorted.
        let runs = rows.chunk_by(|row, next| row.key() < next.key()).count();
        if 1 < runs && runs <= rows.len() / 8 {
            let mut sum = Self { rows: Vec::new(), total };
            for run in rows.chunk_by(|row, next| row.key() < next.key()) {
                sum.add(run);
            }
            return Ok(sum);
        }
        if runs > 1 {
            rows.sort_unstable_by_key(|row| row.key());
        }
        rows.dedup_by(|next, kept| {
            let same = next.key() == kept.key();
            if same {
                kept.pixels += next.pixels;
            }
            same
        });
        Ok(Self { rows, total })
    }

    /// The rows, sorted.
    #[must_use]
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// Sum of all pixels.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.total
    }

    /// Add the rows of `other`.
    ///
    /// # Errors
    ///
    /// [`Error::BadRows`] if the total would be 2^63 or more; nothing is changed then.
    pub fn merge(&mut self, other: &Self) -> Result<(), Error> {
        self.total = checked_total(self.total, other.total)?;
        self.add(&other.rows);
        Ok(())
    }

    /// Add sorted rows, whose pixels are in the total already.
    fn add(&mut self, rows: &[Row]) {
        // Most merges bring the pairs that are here, or few new ones: rows are found by walking, or by
        // bisection where some are left out, and added in place.
        let mut new = Vec::new();
        let mut from = 0;
        for row in rows {
            from = self.find(from, row.key());
            match self.rows.get_mut(from) {
                Some(own) if own.key() == row.key() => own.pixels += row.pixels,
                _ => new.push(*row),
            }
        }
        if !new.is_empty() {
            self.rows.append(&mut new);
            // The standard stable sort merges the two sorted runs in linear time.
            self.rows.sort_by_key(|row| row.key());
        }
    }

    /// Index of the first row from `from` on whose pair is not below the one asked for.
    fn find(&self, from: usize, key: (i64, i64)) -> usize {
        // Rows that are looked up one after the other mostly follow each other here too.
        let near = self.rows[from..].iter().take(4).position(|own| own.key() >= key);
        near.map_or_else(|| from + self.rows[from..].partition_point(|own| own.key() < key), |i| from + i)
    }

    /// The rows of `other` whose pair is not here.
    #[must_use]
    pub fn unseen(&self, other: &Self) -> Self {
        let mut rows = Vec::new();
        let mut from = 0;
        for row in &other.rows {
            from = self.find(from, row.key());
            if self.rows.get(from).is_none_or(|own| own.key() != row.key()) {
                rows.push(*row);
            }
        }
        let total = rows.iter().map(|row| row.pixels).sum();
        Self { rows, total }
    }
}

fn checked_total(a: u64, b: u64) -> Result<u64, Error> {
    a.checked_add(b)
        .filter(|&sum| sum <= MAX_TOTAL)
        .ok_or(Error::BadRows("pair counts hold 2**63 pixels or more"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn row(target: i64, pred: i64, pixels: u64) -> Row {
        Row { target, pred, pixels }
    }

    fn counts(rows: &[(i64, i64, u64)]) -> PairCounts {
        PairCounts::from_rows(rows.iter().map(|&(t, p, n)| row(t, p, n)).collect()).unwrap()
    }

    #[test]
    fn rows_are_sorted_and_each_pair_comes_once() {
        let pairs = counts(&[(2, 0, 1), (-1, 5, 2), (2, 0, 3), (-1, 4, 4)]);
        assert_eq!(pairs.rows(), [row(-1, 4, 4), row(-1, 5, 2), row(2, 0, 4)]);
        assert_eq!(pairs.total(), 10);
    }

    #[test]
    fn merging_equals_a_map_of_sums_in_any_order() {
        let parts = [
            counts(&[(0, 0, 5), (1, 1, 7)]),
            counts(&[]),
            counts(&[(0, 0, 1), (0, 1, 2), (9, -9, 3)]),
            counts(&[(1, 1, 1), (i64::MIN, i64::MAX, 1)]),
        ];
        let mut sums = BTreeMap::new();
        for part in &parts {
            for r in part.rows() {
                *sums.entry((r.target, r.pred)).or_insert(0) += r.pixels;
            }
        }
        let expected: Vec<Row> = sums.into_iter().map(|((t, p), n)| row(t, p, n)).collect();
        for order in [[0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1]] {
            let mut merged = PairCounts::default();
            for i in order {
                merged.merge(&parts[i]).unwrap();
            }
            assert_eq!(merged.rows(), expected);
            assert_eq!(merged.total(), 20);
        }
    }

    #[test]
    fn unseen_rows_are_those_of_new_pairs() {
        let seen = counts(&[(0, 0, 5), (1, 1, 7)]);
        let more = counts(&[(0, 0, 1), (0, 1, 2), (9, 9, 3)]);
        assert_eq!(seen.unseen(&more), counts(&[(0, 1, 2), (9, 9, 3)]));
        assert_eq!(seen.unseen(&seen), PairCounts::default());
    }

    #[test]
    fn rows_of_sorted_parts_are_summed_like_any_others() {
        let parts = [[row(0, 0, 1), row(0, 5, 2), row(3, 1, 1)], [row(0, 0, 2), row(1, 1, 9), row(3, 1, 4)]];
        let parts: Vec<Row> = parts.into_iter().cycle().take(40).flatten().collect();
        let long = |shift: i64| (0..50).map(move |i| row(i, shift, 1));
        let longer: Vec<Row> = long(0).chain(long(3)).chain(long(0)).chain(long(-3)).collect();
        for mut rows in [parts, longer] {
            let mut sums = BTreeMap::new();
            for row in &rows {
                *sums.entry((row.target, row.pred)).or_insert(0) += row.pixels;
            }
            let expected: Vec<(i64, i64, u64)> = sums.into_iter().map(|((t, p), n)| (t, p, n)).collect();
            assert_eq!(PairCounts::from_rows(rows.clone()).unwrap(), counts(&expected));
            rows.reverse();
            assert_eq!(PairCounts::from_rows(rows).unwrap(), counts(&expected));
        }
    }

    #[test]
    fn a_sum_that_leaves_63_bits_is_refused_and_changes_nothing() {
        let mut big = counts(&[(0, 0, MAX_TOTAL)]);
        let before = big.clone();
        assert!(big.merge(&counts(&[(0, 0, 1)])).is_err());
        assert_eq!(big, before);
        assert!(PairCounts::from_rows(vec![row(0, 0, MAX_TOTAL), row(1, 1, 1)]).is_err());
        assert!(PairCounts::from_rows(vec![row(0, 0, 0)]).is_err());
    }
}
