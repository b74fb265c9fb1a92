//! Boundary bands: how many pixels of each pair of labels lie near a boundary of the one and of the other
//! map, in one pass for all labels.
//!
//! A pixel is *inside* at width d if the window of 2d + 1 rows and columns around it lies in the image and
//! has one label; else it is in the band of its label. That is what eroding the mask of each label d times
//! by 3 x 3 pixels leaves, with nothing outside the image [Cheng 2021]. Where some labels of the target are
//! ignored, both maps end: no window inside lies across the edge of what is ignored.
//!
//! Windows are found for all pixels of a slab of rows at once, as bits ([`windows`]). A window has one label if
//! each of its rows has one, and each row equals the one above in some column; both are an AND of neighbours.

mod runs;
mod windows;

use std::ops::Range;

pub(crate) use runs::BandSums;
use runs::{Count, Counted};
use windows::{Find, Planes, Scratch};

use super::any::AnyLines;
use super::lines::WORD;
use super::{axes_as_they_lie, check_shapes};
use crate::cpu::Kernel;
use crate::error::{Error, look};
use crate::limits::{MAX_PAIRS, MAX_VOXELS};
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
    /// Whether they are marked in the target, plus two if they are in the prediction.
    pub marked: u8,
    /// How many; at least one.
    pub pixels: u64,
}

/// Bits of a target and a prediction, in whole words for each row along memory, which pixels of one label that
/// follow each other in a row share. Pixels without bits are not marked.
pub type Marks<'a> = [&'a [u64]; 2];

/// Most widths, so that the bins of a pixel in both maps are one byte.
const MAX_WIDTHS: usize = 15;

/// Words of a slab for each of its planes of bits: some more than a level-2 cache holds of all planes together, as rows
/// around a slab are looked at for each slab anew, which takes longer than to read planes from the next cache.
const SLAB: usize = 1 << 15;

/// Counts the pixels of rows of two maps.
pub struct Bands<'a> {
    kernel: Kernel,
    sides: [AnyLines<'a>; 2],
    widths: Vec<usize>,
    ignored: Vec<i64>,
    marks: Marks<'a>,
    most_pairs: usize,
    counted: Counted,
    planes: [Planes; 2],
    /// The target is not ignored, as bits of a slab; no words if nothing is.
    scored: Vec<u64>,
    scratch: Scratch,
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
            marks: [&[]; 2],
            most_pairs: MAX_PAIRS,
            counted: Counted::new([target.dtype(), pred.dtype()]),
            planes: Default::default(),
            scored: Vec::new(),
            scratch: Scratch::default(),
        })
    }

    /// Also tell pixels apart by whether they are marked.
    #[must_use]
    pub fn with_marks(self, marks: Marks<'a>) -> Self {
        Self { marks, ..self }
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
        // The target comes first: where it is ignored, both maps end.
        let of_side = [&*self.ignored, &[]];
        for ((side, planes), ignored) in self.sides.iter().zip(&mut self.planes).zip(of_side) {
            look(stop)?;
            let (scored, widths, scratch) = (&mut self.scored, &self.widths, &mut self.scratch);
            let lines = around.clone();
            self.kernel.run(Find { side, planes, ignored, scored, widths, scratch, lines });
        }
        look(stop)?;
        self.kernel.run(Count { bands: self, first: around.start, rows })?;
        if self.counted.more_than(self.most_pairs) {
            return Err(Error::TooManyPairs { limit: self.most_pairs });
        }
        Ok(())
    }

    /// The sums so far, to begin anew.
    pub(crate) fn drain(&mut self) -> BandSums {
        self.counted.drain()
    }

    /// Sums of bands of these widths as rows, sorted by labels, then by marks and by bins.
    pub(crate) fn rows_of(widths: usize, sums: BandSums) -> Vec<BandRow> {
        let bins = bins(widths);
        let row = |(((target, pred), near), pixels): (((i64, i64), u16), u64)| {
            let [both, marked] = near.to_le_bytes();
            let (target_bin, pred_bin) = (both / bins, both % bins);
            BandRow { target, pred, target_bin, pred_bin, marked, pixels }
        };
        sums.into_iter().map(row).collect()
    }

    /// What was counted, sorted by labels, then by marks and by bins.
    #[must_use]
    pub fn into_rows(mut self) -> Vec<BandRow> {
        let sums = self.drain();
        Self::rows_of(self.widths.len(), sums)
    }
}

#[allow(clippy::cast_possible_truncation, reason = "there are at most 15 widths")]
fn bins(widths: usize) -> u8 {
    widths as u8 + 1
}

/// Rows above and below of which a row's windows can depend.
fn reach(widths: &[usize], rows: usize) -> usize {
    widths.last().map_or(0, |&width| width.min(rows))
}

/// Rows that are counted at once: as many as a slab has words for, but not so few that most of the work is around
/// them.
fn slab_rows(widths: &[usize], rows: usize, len: usize) -> usize {
    let fit = SLAB / len.div_ceil(WORD).max(1);
    fit.max(8 * reach(widths, rows)).clamp(1, rows.max(1))
}

#[cfg(test)]
mod tests;
