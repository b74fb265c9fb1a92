//! Segments of two maps, which are the components of all of their labels, and which of them the other map lacks.

use std::collections::BTreeMap;

use super::overlaps::for_each_shared;
use super::{Components, Neighbours, Pace, Question, found};
use crate::cpu::Kernel;
use crate::error::{Error, Side};
use crate::pixels::LabelMap;
use crate::surfaces::lines::WORD;
use crate::surfaces::{axes_as_they_lie, check_shapes};

/// Segments of one label in one map that are alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SegmentRow {
    /// Label value.
    pub label: i64,
    /// In which map they are.
    pub side: Side,
    /// Whether the other map has their label at any of their pixels.
    pub met: bool,
    /// How many; at least one.
    pub count: u64,
}

/// The segments of two maps.
#[derive(Debug, Default)]
pub struct Segments {
    /// How many there are, sorted by label, side and whether they are met. Those of the prediction whose pixels
    /// the target ignores are none.
    pub rows: Vec<SegmentRow>,
    /// Of target and prediction, a bit for each pixel, in whole words for each line along memory: it is of a
    /// segment that is not met.
    pub unmet: [Vec<u64>; 2],
}

/// Find the segments of two images, whose pixels are neighbours all around. No segment ends at labels of the
/// other map: what a prediction says where the target has one of the `ignored` labels may hold its segments
/// together. `stop` is asked some times a millisecond.
///
/// # Errors
///
/// [`Error::ShapeMismatch`], [`Error::Dimensions`], [`Error::TooManyVoxels`], [`Error::TooManyRuns`] and
/// [`Error::Cancelled`].
pub fn segments(
    kernel: Kernel,
    target: &LabelMap<'_>,
    pred: &LabelMap<'_>,
    ignored: &[i64],
    stop: &mut dyn FnMut() -> bool,
) -> Result<Segments, Error> {
    check_shapes(target, pred, 2..=2)?;
    let axes = axes_as_they_lie(target, pred);
    let all = Question { neighbours: Neighbours::Corners, background: None };
    let of_target = found(kernel, target, axes.clone(), all, stop)?;
    let of_pred = found(kernel, pred, axes, all, stop)?;
    let void: Vec<bool> = of_target.labels.iter().map(|label| ignored.contains(label)).collect();
    let mut met = [&of_target, &of_pred].map(|side| vec![false; side.count()]);
    let mut scored = vec![false; of_pred.count()];
    let mut pace = Pace::new(stop);
    for line in 0..of_target.lines() {
        pace.look(of_target.shape[2])?;
        for_each_shared(of_target.line(line), of_pred.line(line), |one, other, _| {
            let [one, other] = [one, other].map(|span| span.component as usize - 1);
            scored[other] |= !void[one];
            if of_target.labels[one] == of_pred.labels[other] {
                met[0][one] = true;
                met[1][other] = true;
            }
        });
    }
    let mut counts = BTreeMap::new();
    let mut add = |label: i64, side: usize, met: bool| *counts.entry((label, side, met)).or_insert(0) += 1;
    for (&label, &met) in of_target.labels.iter().zip(&met[0]) {
        add(label, 0, met);
    }
    for ((&label, &met), _) in of_pred.labels.iter().zip(&met[1]).zip(&scored).filter(|(_, scored)| **scored)
    {
        add(label, 1, met);
    }
    let row = |((label, side, met), count)| SegmentRow {
        label,
        side: [Side::Target, Side::Pred][side],
        met,
        count,
    };
    let rows = counts.into_iter().map(row).collect();
    let [of_both, pred_met] = met;
    Ok(Segments { rows, unmet: [of_target.pixels_but(&of_both), of_pred.pixels_but(&pred_met)] })
}

impl Components {
    /// Bits of the pixels of all components but these.
    fn pixels_but(&self, these: &[bool]) -> Vec<u64> {
        let words = self.shape[2].div_ceil(WORD);
        let mut bits = vec![0; self.lines() * words];
        if these.iter().all(|one| *one) {
            return bits;
        }
        for (line, bits) in bits.chunks_exact_mut(words).enumerate() {
            for span in self.line(line).iter().filter(|span| !these[span.component as usize - 1]) {
                let (start, end) = (span.start as usize, span.end as usize);
                let (first, last) = (start / WORD, (end - 1) / WORD);
                for (word, bits) in (first..).zip(&mut bits[first..=last]) {
                    // What lies before the start in the first word, and behind the end in the last, is left out.
                    let from = u64::MAX << if word == first { start % WORD } else { 0 };
                    *bits |= from
                        & if word == last { u64::MAX >> (WORD - 1 - (end - 1) % WORD) } else { u64::MAX };
                }
            }
        }
        bits
    }
}
