//! Pixels with one pair of labels and of bins, run by run, as sums.

use std::collections::BTreeMap;
use std::ops::Range;

use super::windows::Planes;
use super::{Bands, Marks, bins};
use crate::cpu::{Routine, Vectors};
use crate::error::{Error, Side};
use crate::pairs::sums::{Key, Sums};
use crate::pixels::Dtype;
use crate::surfaces::lines::{WORD, valid};

/// Count the pixels of some rows, whose planes begin with the row `first`.
pub(super) struct Count<'a, 'b> {
    pub(super) bands: &'a mut Bands<'b>,
    pub(super) first: usize,
    pub(super) rows: Range<usize>,
}

impl Routine for Count<'_, '_> {
    type Output = Result<(), Error>;

    #[inline(always)]
    fn run<V: Vectors>(self, _: V) -> Self::Output {
        let Self { bands, first, rows } = self;
        let Bands { sides: [target, pred], planes, marks, counted, scratch: [ends, ..], .. } = bands;
        let runs = Runs { planes, marks: *marks, len: target.len(), first, rows, ends };
        match counted {
            Counted::Bytes(sums, _) => {
                let (target, pred) = (target.bytes(), pred.bytes());
                runs.count(sums, |row| {
                    let (targets, preds) = (target.line(row, 0), pred.line(row, 0));
                    move |x, place| Ok(packed(targets.at(x), preds.at(x), place))
                })
            }
            Counted::Labels(sums) => runs.count(sums, |row| {
                let (targets, preds) = (target.line(row), pred.line(row));
                move |x, place| Ok(((targets.label(x, Side::Target)?, preds.label(x, Side::Pred)?), place))
            }),
        }
    }
}

/// Runs of pixels of a row with one pair of labels and of bins, each of which is looked at once.
struct Runs<'a> {
    planes: &'a [Planes; 2],
    marks: Marks<'a>,
    len: usize,
    /// The first row that the planes know.
    first: usize,
    rows: Range<usize>,
    /// Where runs of a row end.
    ends: &'a mut Vec<u64>,
}

impl Runs<'_> {
    /// Add the pixels of each run to the sum of its key, which is that of its last pixel.
    #[inline(always)]
    fn count<K: Key, F: Fn(usize, u16) -> Result<K, Error>>(
        self,
        sums: &mut Sums<K>,
        keys: impl Fn(usize) -> F,
    ) -> Result<(), Error> {
        let words = self.len.div_ceil(WORD);
        let bins = bins(self.planes[0].inside.len());
        let bit_of = |word: u64, bit: u32| (word >> bit & 1) as u8;
        // Mostly there is one width, and nothing is marked.
        if let ([target], [pred], [[], []]) = (&*self.planes[0].inside, &*self.planes[1].inside, self.marks) {
            let place = |at: usize, bit| [bit_of(target[at], bit) * bins + bit_of(pred[at], bit), 0];
            return self.count_runs(sums, keys, place);
        }
        let (planes, marks) = (self.planes, self.marks);
        let first = self.first * words;
        let place = |at: usize, bit| {
            let bin =
                |planes: &Planes| -> u8 { planes.inside.iter().map(|inside| bit_of(inside[at], bit)).sum() };
            let [of_target, of_pred] =
                marks.map(|bits| bits.get(first + at).map_or(0, |&bits| bit_of(bits, bit)));
            [bin(&planes[0]) * bins + bin(&planes[1]), of_target + 2 * of_pred]
        };
        self.count_runs(sums, keys, place)
    }

    /// The same, where the bins and marks of a pixel are told by the number of its word among those of planes, and its bit.
    #[inline(always)]
    fn count_runs<K: Key, F: Fn(usize, u16) -> Result<K, Error>>(
        self,
        sums: &mut Sums<K>,
        keys: impl Fn(usize) -> F,
        place: impl Fn(usize, u32) -> [u8; 2],
    ) -> Result<(), Error> {
        let Self { planes: [target, pred], len, first, rows, ends, .. } = self;
        let words = len.div_ceil(WORD);
        ends.resize(words, 0);
        for row in rows {
            let key = keys(row);
            let of_row = (row - first) * words..(row - first + 1) * words;
            let next = target.next[of_row.clone()].iter().zip(&pred.next[of_row.clone()]);
            for (ends, (target, pred)) in ends.iter_mut().zip(next) {
                *ends = !(target & pred);
            }
            for inside in target.inside.iter().chain(&pred.inside) {
                let inside = &inside[of_row.clone()];
                for ((ends, inside), later) in ends.iter_mut().zip(inside).zip(&inside[1..]) {
                    *ends |= inside ^ (inside >> 1 | later << (WORD - 1));
                }
                // The last pixel of a row ends a run, whatever comes after it.
                ends[words - 1] |= inside[words - 1] ^ inside[words - 1] >> 1;
            }
            ends[words - 1] &= valid(len, words - 1);
            let mut start = 0;
            for (word, &ends) in ends.iter().enumerate() {
                let (at, mut ends) = (of_row.start + word, ends);
                while ends != 0 {
                    let bit = ends.trailing_zeros();
                    ends &= ends - 1;
                    let x = word * WORD + bit as usize;
                    let key = key(x, u16::from_le_bytes(place(at, bit)))?;
                    sums.add(key, (x + 1 - start) as u64);
                    start = x + 1;
                }
            }
        }
        Ok(())
    }
}

/// Places for recent keys, as a power of two.
const PLACE_BITS: u32 = 10;

/// Sums of what is counted, by the labels of both maps, and their bins and marks as one number.
pub(super) enum Counted {
    /// Of two maps of bytes of these types, which are packed with the bins.
    Bytes(Sums<u32>, [Dtype; 2]),
    /// Of all others.
    Labels(Sums<Cell>),
}

/// The labels of both maps, and their bins and marks as one number.
type Cell = ((i64, i64), u16);

/// Pixels of each cell.
pub(crate) type BandSums = BTreeMap<Cell, u64>;

#[inline(always)]
fn packed(target: u8, pred: u8, place: u16) -> u32 {
    let [bins, marks] = place.to_le_bytes();
    u32::from_le_bytes([bins, pred, target, marks])
}

impl Counted {
    /// No sums yet of a target and a prediction of these types.
    pub(super) fn new(dtypes: [Dtype; 2]) -> Self {
        if dtypes.iter().all(|dtype| dtype.size() == 1) {
            return Self::Bytes(Sums::new(PLACE_BITS), dtypes);
        }
        Self::Labels(Sums::new(PLACE_BITS))
    }

    /// Whether there are more cells than so many.
    pub(super) fn more_than(&mut self, limit: usize) -> bool {
        match self {
            Self::Bytes(sums, _) => sums.more_than(limit),
            Self::Labels(sums) => sums.more_than(limit),
        }
    }

    /// All sums, to begin anew.
    pub(super) fn drain(&mut self) -> BandSums {
        match self {
            Self::Bytes(sums, dtypes) => {
                let cell = |(key, pixels): (u32, u64)| {
                    let [bins, pred, target, marks] = key.to_le_bytes();
                    let place = u16::from_le_bytes([bins, marks]);
                    (((dtypes[0].label(target), dtypes[1].label(pred)), place), pixels)
                };
                sums.drain().into_iter().map(cell).collect()
            }
            Self::Labels(sums) => sums.drain(),
        }
    }
}
