//! Pair counts in as few bytes as their numbers take, for as long as those of many images are kept.

use crate::pairs::{PairCounts, Row};

/// Bytes of a number that is read or written, whatever it takes.
const WORD: usize = size_of::<u64>();

/// The rows of [`PairCounts`], each column in the bytes that its largest number takes: five or six bytes a row
/// where labels are classes, of 24 in memory.
///
/// A column with a negative label takes eight bytes a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packed {
    /// Bytes of each column of a row.
    widths: [usize; 3],
    /// The rows, and a word of zeros, so that every number can be read as a word.
    bytes: Box<[u8]>,
}

impl Packed {
    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        (self.bytes.len() - WORD) / self.row()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The rows, sorted.
    #[must_use]
    pub fn rows(&self) -> impl ExactSizeIterator<Item = Row> {
        let [target, pred, pixels] = self.widths;
        let row = self.row();
        (0..self.len()).map(move |i| {
            let at = i * row;
            Row {
                target: self.number(at, target).cast_signed(),
                pred: self.number(at + target, pred).cast_signed(),
                pixels: self.number(at + target + pred, pixels),
            }
        })
    }

    /// Sum of all pixels.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.rows().map(|row| row.pixels).sum()
    }

    /// The rows as they were packed.
    #[must_use]
    pub fn unpacked(&self) -> PairCounts {
        let rows: Vec<Row> = self.rows().collect();
        PairCounts { total: rows.iter().map(|row| row.pixels).sum(), rows }
    }

    /// Bytes of a row.
    fn row(&self) -> usize {
        self.widths.iter().sum()
    }

    #[inline]
    fn number(&self, at: usize, width: usize) -> u64 {
        let word = self.bytes[at..at + WORD].try_into().expect("as long as a word");
        u64::from_le_bytes(word) & (u64::MAX >> (8 * (WORD - width)))
    }
}

impl From<&PairCounts> for Packed {
    fn from(pairs: &PairCounts) -> Self {
        let columns = |row: &Row| [row.target.cast_unsigned(), row.pred.cast_unsigned(), row.pixels];
        // What is set in any number of a column is set here.
        let set = pairs.rows().iter().map(columns).fold([0; 3], |[a, b, c], [d, e, f]| [a | d, b | e, c | f]);
        let widths = set.map(width);
        let mut bytes = vec![0; pairs.rows().len() * widths.iter().sum::<usize>() + WORD].into_boxed_slice();
        let mut at = 0;
        for row in pairs.rows() {
            for (number, width) in columns(row).into_iter().zip(widths) {
                // Zeros beyond its width, which what comes next is written over.
                bytes[at..at + WORD].copy_from_slice(&number.to_le_bytes());
                at += width;
            }
        }
        Self { widths, bytes }
    }
}

/// Bytes that a number takes, at least one.
fn width(number: u64) -> usize {
    let bits = u64::BITS - number.leading_zeros();
    bits.div_ceil(8).max(1) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packed(rows: &[(i64, i64, u64)]) -> (Packed, PairCounts) {
        let rows = rows.iter().map(|&(target, pred, pixels)| Row { target, pred, pixels });
        let pairs = PairCounts::from_rows(rows.collect()).unwrap();
        ((&pairs).into(), pairs)
    }

    #[test]
    fn rows_come_back_as_they_were() {
        let edges = [0, 1, 255, 256, (1 << 24) - 1, 1 << 24, (1 << 56) - 1, 1 << 56, i64::MAX];
        let labels = edges.into_iter().chain([-1, -100, i64::MIN]);
        for target in labels.clone() {
            for pred in labels.clone() {
                for pixels in edges.iter().filter(|&&pixels| pixels > 0).map(|pixels| pixels.cast_unsigned())
                {
                    for rows in [&[(target, pred, pixels)][..], &[(target, pred, pixels / 2 + 1), (3, 4, 1)]]
                    {
                        let (found, pairs) = packed(rows);
                        assert_eq!(found.unpacked(), pairs);
                        assert_eq!((found.len(), found.total()), (pairs.rows().len(), pairs.total()));
                    }
                }
            }
        }
    }

    #[test]
    fn numbers_take_the_bytes_of_the_largest_one() {
        for (rows, bytes) in [
            (&[][..], 0),
            (&[(0, 0, 1)], 3),
            (&[(0, 0, 255), (171, 255, 256)], 2 * 4),
            (&[(0, 256, 1), (7, 7, 1 << 16)], 2 * 6),
            (&[(-1, 0, 1)], 10),
            (&[(i64::MIN, i64::MAX, u64::MAX >> 1)], 24),
        ] {
            let (found, pairs) = packed(rows);
            assert_eq!(found.bytes.len(), bytes + WORD);
            assert_eq!(found.is_empty(), pairs.rows().is_empty());
            assert_eq!(found.len(), pairs.rows().len());
        }
    }
}
