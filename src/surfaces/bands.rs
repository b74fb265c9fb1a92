//! Boundary bands: how many pixels of each pair of labels lie near a boundary of the one and of the other
//! map, in one pass for all labels.
//!
//! A pixel is *inside* at width d if the window of 2d + 1 rows and columns around it lies in the image and
//! has one label; else it is in the band of its label. That is what eroding the mask of each label d times
//! by 3 x 3 pixels leaves, with nothing outside the image [Cheng 2021]. Where some labels of the target are
//! ignored, both maps end: no window inside lies across the edge of what is ignored.
//!
//! Windows are found for all pixels of a slab of rows at once, as bits. A window has one label if each of
//! its rows has one, and each row equals the one above in some column; both are an AND of neighbours, which
//! doubling makes of any number of them in few passes. Rows follow each other without a gap, as the last
//! pixel of a row equals no next one, which stops every window that reaches across.

use std::ops::Range;

use super::any::AnyLines;
use super::lines::WORD;
use super::void::void_lines;
use super::{axes_as_they_lie, check_shapes};
use crate::cpu::{Kernel, Routine, Vectors};
use crate::error::{Error, Side, look};
use crate::limits::{MAX_PAIRS, MAX_VOXELS};
use crate::pairs::sums::Sums;
use crate::pixels::LabelMap;

/// Pixels with one pair of labels that are equally near to a boundary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BandRow {
    /// Label value in the target.
    pub target: i64,
    /// Label value in the prediction.
    pub pred: i64,
    /// The number of the first width whose band in the target has the pixels; that of widths if none has.
    pub target_bin: u8,
    /// The same in the prediction.
    pub pred_bin: u8,
    /// How many; at least one.
    pub pixels: u64,
}

/// Most widths, so that the bins of a pixel in both maps are one byte.
const MAX_WIDTHS: usize = 15;

/// Words of a slab for each of its planes of bits, which stay in a level-2 cache together.
const SLAB: usize = 1 << 14;

/// Places for recent keys, as a power of two.
const PLACE_BITS: u32 = 10;

/// Counts the pixels of rows of two maps.
pub struct Bands<'a> {
    kernel: Kernel,
    sides: [AnyLines<'a>; 2],
    widths: Vec<usize>,
    ignored: Vec<i64>,
    most_pairs: usize,
    sums: Sums<((i64, i64), u8)>,
    planes: [Planes; 2],
    /// The target is ignored, as bits of a slab; no words if nothing is.
    void: Vec<u64>,
    scratch: [Vec<u64>; 3],
}

/// What is known of each pixel of a slab, as bits.
#[derive(Default)]
struct Planes {
    /// It equals the next one of its row.
    next: Vec<u64>,
    /// It equals the one of the row above.
    above: Vec<u64>,
    /// It is inside, at each width.
    inside: Vec<Vec<u64>>,
}

impl<'a> Bands<'a> {
    /// A counter of pixels in bands of these widths, in pixels, where the target has none of the ignored labels.
    /// The others are counted too, in whatever bands.
    ///
    /// # Errors
    ///
    /// [`Error::ShapeMismatch`], [`Error::Dimensions`], [`Error::TooManyVoxels`], and [`Error::Widths`] unless
    /// there are 1 to 15 widths, each larger than the one before and than zero.
    pub fn new(
        kernel: Kernel,
        target: &LabelMap<'a>,
        pred: &LabelMap<'a>,
        widths: &[usize],
        ignored: &[i64],
    ) -> Result<Self, Error> {
        check_shapes(target, pred, 2..=2)?;
        let ascending = widths.first().is_some_and(|&first| first > 0) && widths.is_sorted_by(|a, b| a < b);
        if !ascending || widths.len() > MAX_WIDTHS {
            return Err(Error::Widths { most: MAX_WIDTHS });
        }
        let axes = axes_as_they_lie(target, pred);
        let [rows, _] = [axes[0], axes[1]].map(|axis| target.shape()[axis]);
        let longest = target.shape()[axes[1]];
        // A window that is larger than the image is as good as any other such window.
        let widths: Vec<usize> = widths
            .iter()
            .map(|&width| width.min(usize::try_from(MAX_VOXELS).unwrap_or(usize::MAX)))
            .collect();
        let held = slab_rows(&widths, rows, longest) + 2 * reach(&widths, rows);
        let lines = |map: &LabelMap<'a>| {
            AnyLines::new(map.with_axes(&[Some(axes[0]), None, Some(axes[1])]), held.min(rows))
        };
        Ok(Self {
            kernel,
            sides: [lines(target), lines(pred)],
            widths,
            ignored: ignored.to_vec(),
            most_pairs: MAX_PAIRS,
            sums: Sums::new(PLACE_BITS),
            planes: Default::default(),
            void: Vec::new(),
            scratch: Default::default(),
        })
    }

    /// Rows of the maps, which lie along memory where that is possible.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.sides[0].slices()
    }

    /// Count the pixels of some rows. `stop` is asked some times a millisecond.
    ///
    /// # Errors
    ///
    /// [`Error::LabelTooLarge`], [`Error::TooManyPairs`] and [`Error::Cancelled`].
    pub fn count(&mut self, rows: Range<usize>, stop: &mut dyn FnMut() -> bool) -> Result<(), Error> {
        if self.sides[0].len() == 0 {
            return Ok(());
        }
        let at_once = slab_rows(&self.widths, self.rows(), self.sides[0].len());
        for start in rows.clone().step_by(at_once) {
            self.count_slab(start..rows.end.min(start + at_once), stop)?;
        }
        Ok(())
    }

    fn count_slab(&mut self, rows: Range<usize>, stop: &mut dyn FnMut() -> bool) -> Result<(), Error> {
        let reach = reach(&self.widths, self.rows());
        let around = rows.start.saturating_sub(reach)..self.rows().min(rows.end + reach);
        for side in &mut self.sides {
            side.hold(around.clone());
        }
        let target = &self.sides[0];
        if !self.ignored.is_empty() {
            let (void, ignored, lines) = (&mut self.void, &self.ignored, around.clone());
            self.kernel.run(FindVoid { target, void, ignored, lines });
        }
        for (side, planes) in self.sides.iter().zip(&mut self.planes) {
            look(stop)?;
            let (void, widths, scratch) = (&self.void, &self.widths, &mut self.scratch);
            self.kernel.run(Find { side, planes, void, widths, scratch, lines: around.clone() });
        }
        look(stop)?;
        self.kernel.run(Count { bands: self, first: around.start, rows })?;
        if self.sums.kept() > self.most_pairs {
            return Err(Error::TooManyPairs { limit: self.most_pairs });
        }
        Ok(())
    }

    /// The sums so far, to begin anew.
    pub(crate) fn drain(&mut self) -> BandSums {
        self.sums.drain()
    }

    /// Sums of bands of these widths as rows, sorted by labels, then by bins.
    pub(crate) fn rows_of(widths: usize, sums: BandSums) -> Vec<BandRow> {
        let bins = bins(widths);
        let row = |(((target, pred), both), pixels)| {
            let (target_bin, pred_bin) = (both / bins, both % bins);
            BandRow { target, pred, target_bin, pred_bin, pixels }
        };
        sums.into_iter().map(row).collect()
    }

    /// What was counted, sorted by labels, then by bins.
    #[must_use]
    pub fn into_rows(mut self) -> Vec<BandRow> {
        let sums = self.drain();
        Self::rows_of(self.widths.len(), sums)
    }
}

/// Pixels of each pair of labels and of bins, the latter as one number.
pub(crate) type BandSums = std::collections::BTreeMap<((i64, i64), u8), u64>;

#[allow(clippy::cast_possible_truncation, reason = "there are at most 15 widths")]
fn bins(widths: usize) -> u8 {
    widths as u8 + 1
}

/// Rows above and below of which a row's windows can depend.
fn reach(widths: &[usize], rows: usize) -> usize {
    widths.last().map_or(0, |&width| width.min(rows))
}

/// Rows that are counted at once: as many as fit a cache, but not so few that most of the work is around them.
fn slab_rows(widths: &[usize], rows: usize, len: usize) -> usize {
    let fit = SLAB / len.div_ceil(WORD).max(1);
    fit.max(8 * reach(widths, rows)).clamp(1, rows.max(1))
}

struct FindVoid<'a, 'b> {
    target: &'a AnyLines<'b>,
    void: &'a mut Vec<u64>,
    ignored: &'a [i64],
    lines: Range<usize>,
}

impl Routine for FindVoid<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vectors>(self, vectors: V) {
        let Self { target, void, ignored, lines } = self;
        let words = target.len().div_ceil(WORD);
        void.resize(words * lines.len(), 0);
        for (slice, void) in lines.zip(void.chunks_exact_mut(words)) {
            void_lines(vectors, target, ignored, slice, void);
        }
    }
}

struct Find<'a, 'b> {
    side: &'a AnyLines<'b>,
    planes: &'a mut Planes,
    void: &'a [u64],
    widths: &'a [usize],
    scratch: &'a mut [Vec<u64>; 3],
    lines: Range<usize>,
}

impl Routine for Find<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vectors>(self, vectors: V) {
        let Self { side, planes, void, widths, scratch, lines } = self;
        let words = side.len().div_ceil(WORD);
        let all = words * lines.len();
        let Planes { next, above, inside } = planes;
        let [ahead, one, other] = scratch;
        for plane in [&mut *next, &mut *above, &mut *ahead, &mut *one, &mut *other] {
            plane.resize(all, 0);
        }
        side.equal(vectors, lines, [next, above]);
        end_at_edges(void, words, [next, above]);
        inside.resize_with(widths.len(), Vec::new);
        ahead.copy_from_slice(next);
        let mut have = 1;
        for (&width, inside) in widths.iter().zip(inside) {
            inside.clear();
            inside.resize(all, 0);
            if 2 * width >= side.len() || 2 * width >= side.slices() {
                continue;
            }
            // Bit x of `ahead`: this pixel and so many after it are equal to the next one.
            while have < 2 * width {
                let step = have.min(2 * width - have);
                and_later_bits(ahead, step, other);
                std::mem::swap(ahead, other);
                have += step;
            }
            // The row of the window around a pixel has one label.
            later_by(ahead, width, one);
            // From here on also: it equals the row above.
            for ((both, one), above) in other.iter_mut().zip(&*one).zip(&*above) {
                *both = one & above;
            }
            let mut tall = 1;
            let mut spare = std::mem::take(inside);
            while tall < 2 * width {
                let step = tall.min(2 * width - tall);
                and_later_words(other, step * words, &mut spare);
                std::mem::swap(other, &mut spare);
                tall += step;
            }
            // The window around a row begins `width` rows above, with a row that need not equal the one above.
            spare.fill(0);
            let (from, to) = (all - words, words * width);
            if to < all {
                let heads = one[..from].iter().zip(&other[words..]);
                for (inside, (head, rest)) in spare[to..].iter_mut().zip(heads) {
                    *inside = head & rest;
                }
            }
            *inside = spare;
        }
    }
}

/// Let no pixel equal its neighbour if one of them is void and the other is not.
#[inline(always)]
fn end_at_edges(void: &[u64], words: usize, [next, above]: [&mut [u64]; 2]) {
    let later = void.iter().skip(1).chain([&0]);
    for ((next, void), later) in next.iter_mut().zip(void).zip(later) {
        *next &= !(void ^ (void >> 1 | later << (WORD - 1)));
    }
    for ((above, void), before) in above.iter_mut().skip(words).zip(void.iter().skip(words)).zip(void) {
        *above &= !(void ^ before);
    }
}

/// Each bit, and the one so many bits later.
#[inline(always)]
fn and_later_bits(bits: &[u64], step: usize, out: &mut [u64]) {
    let (words, shift) = (step / WORD, step % WORD);
    let later = bits.get(words..).unwrap_or_default();
    let last = later.len().saturating_sub(1);
    for (((out, bits), low), high) in out.iter_mut().zip(bits).zip(later).zip(later.iter().skip(1)) {
        *out = bits & (low >> shift | high << 1 << (WORD - 1 - shift));
    }
    if let Some(low) = later.last() {
        out[last] = bits[last] & low >> shift;
    }
    out[later.len()..].fill(0);
}

/// Each word, and the one so many words later.
#[inline(always)]
fn and_later_words(words: &[u64], step: usize, out: &mut [u64]) {
    let later = words.get(step..).unwrap_or_default();
    for ((out, word), later) in out.iter_mut().zip(words).zip(later) {
        *out = word & later;
    }
    out[later.len()..].fill(0);
}

/// Each bit so many bits later.
#[inline(always)]
fn later_by(bits: &[u64], step: usize, out: &mut [u64]) {
    let (words, shift) = (step / WORD, step % WORD);
    let zeros = words.min(out.len());
    out[..zeros].fill(0);
    let Some(first) = out.get_mut(zeros) else { return };
    *first = bits[0] << shift;
    for ((out, high), low) in out[zeros + 1..].iter_mut().zip(&bits[1..]).zip(bits) {
        *out = high << shift | low >> 1 >> (WORD - 1 - shift);
    }
}

struct Count<'a, 'b> {
    bands: &'a mut Bands<'b>,
    first: usize,
    rows: Range<usize>,
}

impl Routine for Count<'_, '_> {
    type Output = Result<(), Error>;

    #[inline(always)]
    fn run<V: Vectors>(self, _: V) -> Self::Output {
        let Self { bands, first, rows } = self;
        let Bands { sides: [target, pred], planes: [t, p], sums, widths, .. } = bands;
        let words = target.len().div_ceil(WORD);
        let bins = bins(widths.len());
        for row in rows {
            let (targets, preds) = (target.line(row), pred.line(row));
            let mut start = 0;
            for word in 0..words {
                let at = (row - first) * words + word;
                let mut ends = !(t.next[at] & p.next[at]);
                for inside in t.inside.iter().chain(&p.inside) {
                    let after = inside.get(at + 1).copied().unwrap_or(0);
                    ends |= inside[at] ^ (inside[at] >> 1 | after << (WORD - 1));
                }
                ends &= super::lines::valid(target.len(), word);
                while ends != 0 {
                    let bit = ends.trailing_zeros();
                    ends &= ends - 1;
                    let x = word * WORD + bit as usize;
                    let bin = |planes: &Planes| -> u8 {
                        planes.inside.iter().map(|inside| (inside[at] >> bit & 1) as u8).sum()
                    };
                    let pair = (targets.label(x, Side::Target)?, preds.label(x, Side::Pred)?);
                    sums.add((pair, bin(t) * bins + bin(p)), (x + 1 - start) as u64);
                    start = x + 1;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
