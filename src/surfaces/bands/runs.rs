//! Pixels with one pair of labels and of bins, run by run, as sums.

use std::collections::BTreeMap;
use std::ops::Range;

use super::windows::{CHUNK, Planes, add_changes};
use super::{Bands, Marks, bins};
use crate::cpu::{LISTED, Places, Routine, Vectors};
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
    fn run<V: Vectors>(self, vectors: V) -> Self::Output {
        let Self { bands, first, rows } = self;
        let Bands { sides: [target, pred], planes, marks, counted, scratch, .. } = bands;
        let runs =
            Runs { planes, marks: *marks, len: target.len(), first, rows, ends: &mut scratch.spare[0] };
        match counted {
            Counted::Bytes(sums, _) => {
                let (target, pred) = (target.bytes(), pred.bytes());
                runs.count(vectors, sums, |row| {
                    let (targets, preds) = (target.line(row, 0), pred.line(row, 0));
                    move |x, near| Ok(packed(targets.at(x), preds.at(x), near))
                })
            }
            Counted::Labels(sums) => runs.count(vectors, sums, |row| {
                let (targets, preds) = (target.line(row), pred.line(row));
                move |x, near| Ok(((targets.label(x, Side::Target)?, preds.label(x, Side::Pred)?), near))
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
    /// Where runs of some rows end.
    ends: &'a mut Vec<u64>,
}

impl Runs<'_> {
    /// Add the pixels of each run to the sum of its key, which is that of its last pixel.
    #[inline(always)]
    fn count<V: Vectors, K: Key, F: Fn(usize, u16) -> Result<K, Error>>(
        mut self,
        vectors: V,
        sums: &mut Sums<K>,
        keys: impl Fn(usize) -> F,
    ) -> Result<(), Error> {
        let of_row = self.len.div_ceil(WORD);
        let (mut places, mut near) = (Places::default(), Near::default());
        let at_once = (CHUNK / of_row).max(1);
        for start in self.rows.clone().step_by(at_once) {
            let rows = start..self.rows.end.min(start + at_once);
            let first = (start - self.first) * of_row;
            self.find_ends(first..first + rows.len() * of_row);
            for (number, row) in rows.enumerate() {
                let (key, mut start) = (keys(row), 0);
                let ends = &self.ends[number * of_row..][..of_row];
                for at in (0..of_row).step_by(LISTED) {
                    let ends = &ends[at..of_row.min(at + LISTED)];
                    near.spread(vectors, &self, first + number * of_row + at, ends.len());
                    for &end in places.of(vectors, ends) {
                        let x = at * WORD + usize::from(end);
                        sums.add(key(x, near.of(end))?, (x + 1 - start) as u64);
                        start = x + 1;
                    }
                }
            }
        }
        Ok(())
    }

    /// Find where runs end in words of whole rows.
    #[inline(always)]
    fn find_ends(&mut self, words: Range<usize>) {
        let of_row = self.len.div_ceil(WORD);
        let [target, pred] = self.planes.each_ref().map(|planes| &planes.unlike_next[words.clone()]);
        self.ends.clear();
        self.ends.extend(target.iter().zip(pred).map(|(target, pred)| target | pred));
        for inside in self.planes.iter().flat_map(|planes| &planes.inside) {
            add_changes(&inside[words.clone()], self.ends);
        }
        for last in self.ends.iter_mut().skip(of_row - 1).step_by(of_row) {
            *last &= valid(self.len, of_row - 1);
        }
    }
}

/// How near to boundaries some pixels are that follow each other, a byte a pixel: their bins, and how they are
/// marked.
struct Near {
    bins: [[u8; WORD]; LISTED],
    marks: [[u8; WORD]; LISTED],
}

impl Default for Near {
    fn default() -> Self {
        let none = [[0; WORD]; LISTED];
        Self { bins: none, marks: none }
    }
}

impl Near {
    /// Spread the bits of so many words from one on, counted as the planes have them.
    #[inline(always)]
    fn spread<V: Vectors>(&mut self, vectors: V, runs: &Runs<'_>, start: usize, words: usize) {
        let [target, pred] = runs.planes.each_ref().map(|planes| &*planes.inside);
        let bins = bins(target.len());
        for (word, block) in (start..).zip(&mut self.bins[..words]) {
            let mut sums = [0; WORD];
            for inside in target {
                vectors.add_where(inside[word], bins, &mut sums);
            }
            for inside in pred {
                vectors.add_where(inside[word], 1, &mut sums);
            }
            *block = sums;
        }
        // Mostly nothing is marked.
        if runs.marks.iter().all(|marks| marks.is_empty()) {
            return;
        }
        let at = runs.first * runs.len.div_ceil(WORD) + start;
        for (word, block) in (at..).zip(&mut self.marks[..words]) {
            *block = [0; WORD];
            for (marks, mark) in runs.marks.iter().zip([1, 2]) {
                vectors.add_where(marks.get(word).copied().unwrap_or(0), mark, block);
            }
        }
    }

    /// The bins and marks of a pixel as one number.
    #[inline(always)]
    fn of(&self, pixel: u16) -> u16 {
        let pixel = usize::from(pixel);
        u16::from_le_bytes([self.bins.as_flattened()[pixel], self.marks.as_flattened()[pixel]])
    }
}

/// Room for recent keys, as a power of two.
const ROOM_BITS: u32 = 10;

/// Sums of what is counted, by the labels of both maps, and their bins and marks as one number.
pub(super) enum Counted {
    /// Of two maps of bytes of these types, which are packed with the bins.
    Bytes(Sums<u32>, [Dtype; 2]),
    /// Of all others.
    Labels(Sums<Kind>),
}

/// The labels of both maps, and their bins and marks as one number.
type Kind = ((i64, i64), u16);

/// Pixels of each kind.
pub(crate) type BandSums = BTreeMap<Kind, u64>;

#[inline(always)]
fn packed(target: u8, pred: u8, near: u16) -> u32 {
    let [bins, marks] = near.to_le_bytes();
    u32::from_le_bytes([bins, pred, target, marks])
}

impl Counted {
    /// No sums yet of a target and a prediction of these types.
    pub(super) fn new(dtypes: [Dtype; 2]) -> Self {
        if dtypes.iter().all(|dtype| dtype.size() == 1) {
            return Self::Bytes(Sums::new(ROOM_BITS), dtypes);
        }
        Self::Labels(Sums::new(ROOM_BITS))
    }

    /// Whether there are more kinds than so many.
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
                let kind = |(key, pixels): (u32, u64)| {
                    let [bins, pred, target, marks] = key.to_le_bytes();
                    let near = u16::from_le_bytes([bins, marks]);
                    (((dtypes[0].label(target), dtypes[1].label(pred)), near), pixels)
                };
                sums.drain().into_iter().map(kind).collect()
            }
            Self::Labels(sums) => sums.drain(),
        }
    }
}
