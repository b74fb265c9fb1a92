//! Pair counts that come back as columns, from Python or from a file that it has read.

use crate::error::{Error, Side};
use crate::pairs::{PairCounts, Row};
use crate::pixels::Line;

/// Rows that are read at once. Memory that is fresh for every row costs more than adding them up.
const BLOCK: usize = 1 << 14;

/// Pair counts from columns of one length, in any order.
///
/// # Errors
///
/// [`Error::BadRows`] if lengths differ, a count is less than one, or the total is 2^63 or more;
/// [`Error::LabelTooLarge`].
pub fn from_columns(target: Line<'_>, pred: Line<'_>, pixels: Line<'_>) -> Result<PairCounts, Error> {
    if target.len() != pred.len() || target.len() != pixels.len() {
        return Err(Error::BadRows("columns of pair counts differ in length"));
    }
    let mut sum = PairCounts::default();
    let mut columns = [vec![0; BLOCK], vec![0; BLOCK], vec![0; BLOCK]];
    for start in (0..target.len()).step_by(BLOCK) {
        let len = BLOCK.min(target.len() - start);
        for (column, (line, side)) in columns.iter_mut().zip([
            (target, Side::Target),
            (pred, Side::Pred),
            // A count of 2^63 or more is no label; it leaves the total's range all the same.
            (pixels, Side::Target),
        ]) {
            line.part(start, len).widen(side, &mut column[..len])?;
        }
        let [target, pred, pixels] = &columns;
        let rows = target[..len].iter().zip(pred).zip(pixels).map(|((&target, &pred), &pixels)| {
            // A negative count becomes none, which is refused.
            Row { target, pred, pixels: u64::try_from(pixels).unwrap_or(0) }
        });
        sum.merge(&PairCounts::from_rows(rows.collect())?)?;
    }
    Ok(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(target: &[i64], pred: &[i64], pixels: &[i64]) -> Result<PairCounts, Error> {
        from_columns(Line::from_labels(target), Line::from_labels(pred), Line::from_labels(pixels))
    }

    #[test]
    fn columns_of_any_length_are_rows_in_any_order() {
        let block = i64::try_from(BLOCK).unwrap();
        for len in [0, 1, 7, block - 1, block, block + 1, 50_000] {
            let target: Vec<i64> = (0..len).map(|i| i * 7 % 13 - 3).collect();
            let pred: Vec<i64> = (0..len).map(|i| i * i % 11).collect();
            let pixels: Vec<i64> = (0..len).map(|i| 1 + i % 5).collect();
            let rows = target.iter().zip(&pred).zip(&pixels);
            let rows = rows.map(|((&target, &pred), &n)| Row { target, pred, pixels: n.unsigned_abs() });
            let expected = PairCounts::from_rows(rows.collect()).unwrap();
            assert_eq!(counted(&target, &pred, &pixels).unwrap(), expected);
        }
    }

    #[test]
    fn columns_that_are_no_counts_are_refused() {
        assert!(matches!(counted(&[0], &[0], &[-1]), Err(Error::BadRows(_))));
        assert!(matches!(counted(&[0], &[0], &[0]), Err(Error::BadRows(_))));
        assert!(matches!(counted(&[0], &[0], &[1, 1]), Err(Error::BadRows(_))));
        assert!(matches!(counted(&[0, 1], &[0, 1], &[i64::MAX, 1]), Err(Error::BadRows(_))));
    }
}
