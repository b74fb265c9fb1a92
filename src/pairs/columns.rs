//! Pair counts that come back as columns, from Python or from a file that it has read.

use crate::error::{Error, Side, look};
use crate::pairs::{PairCounts, Row};
use crate::pixels::{LabelMap, Line};

/// Rows that are read at once, at least. Memory that is fresh for every row costs more than adding
/// them up.
const BLOCK: usize = 1 << 14;

/// Rows that are read at once, at most: sorting more takes longer than a caller should wait for `stop`.
const LARGEST: usize = 1 << 21;

/// Pair counts from columns of one length, in any order. `stop` is asked now and then.
///
/// # Errors
///
/// [`Error::BadRows`] if there are not three columns of one length, a count is less than one, or the
/// total is 2^63 or more; [`Error::LabelTooLarge`] and [`Error::Cancelled`].
pub fn from_columns(
    target: &LabelMap<'_>,
    pred: &LabelMap<'_>,
    pixels: &LabelMap<'_>,
    stop: &mut dyn FnMut() -> bool,
) -> Result<PairCounts, Error> {
    let (Some(target), Some(pred), Some(pixels)) = (target.only_row(), pred.only_row(), pixels.only_row())
    else {
        return Err(Error::BadRows("a column has more than one dimension"));
    };
    if target.len() != pred.len() || target.len() != pixels.len() {
        return Err(Error::BadRows("columns of pair counts differ in length"));
    }
    let mut sum = PairCounts::default();
    let mut columns = [const { Vec::new() }; 3];
    let mut start = 0;
    while start < target.len() {
        look(stop)?;
        // A block as large as the sum, so that rows are moved a few times only, however many there are.
        let len = sum.rows().len().clamp(BLOCK, LARGEST).min(target.len() - start);
        let read = |line: Line<'_>, side: Side, column: &mut Vec<i64>| {
            column.resize(len, 0);
            line.part(start, len).widen(side, column)
        };
        read(target, Side::Target, &mut columns[0])?;
        read(pred, Side::Pred, &mut columns[1])?;
        let counted = read(pixels, Side::Target, &mut columns[2]);
        counted.map_err(|_| Error::BadRows("a count of pixels is 2**63 or more"))?;
        let [targets, preds, counts] = &columns;
        let rows = targets.iter().zip(preds).zip(counts).map(|((&target, &pred), &pixels)| {
            // A negative count becomes none, which is refused.
            Row { target, pred, pixels: u64::try_from(pixels).unwrap_or(0) }
        });
        sum.merge(&PairCounts::from_rows(rows.collect())?)?;
        start += len;
    }
    Ok(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(target: &[i64], pred: &[i64], pixels: &[i64]) -> Result<PairCounts, Error> {
        let [target, pred, pixels] =
            [target, pred, pixels].map(|column| LabelMap::from_labels(column, &[column.len()]));
        from_columns(&target, &pred, &pixels, &mut || false)
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
        let (label, count) = (LabelMap::from_labels(&[0_u8], &[1]), [1_u64 << 63]);
        let refused =
            from_columns(&label, &label, &LabelMap::from_labels(&count, &[1]), &mut || false).unwrap_err();
        assert_eq!(refused.to_string(), "a count of pixels is 2**63 or more");
    }

    #[test]
    fn a_sum_of_columns_can_be_stopped() {
        let column = LabelMap::from_labels(&[1_u8], &[1]);
        assert!(matches!(from_columns(&column, &column, &column, &mut || true), Err(Error::Cancelled)));
    }
}
