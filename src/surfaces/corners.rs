//! Surfaces by their area: corners between voxels of which some are of a label and some are not, of all
//! labels at once.
//!
//! A corner touches 4 voxels in two dimensions and 8 in three; outside the image nothing is of any label. The
//! code of a corner says which of them are of the label: its highest bit stands for the voxel before the corner
//! along all dimensions, its lowest one for that behind along all, as in the tables of areas that others have
//! [Nikolov 2021]. How large the surface is there depends on the code and the spacing, and is nobody's business
//! here.

use std::ops::Range;

use super::any::with_lines;
use super::edges::{Seen, Surfaces, place, set};
use super::labels::{Labels, UNWANTED, Wanted};
use super::lines::{Codes, Lines, WORD, valid};
use super::planes::Planes;
use super::void::Void;
use crate::cpu::{Kernel, Routine, Vectors};
use crate::distance::Metric;
use crate::distance::between::Set;
use crate::error::{Error, look};
use crate::pixels::Code;

/// Voxels between two looks at whether to stop.
const PIECE: usize = 1 << 18;

/// Find the corners of each label that is wanted, in some slices of corners, of which there is one more than of
/// voxels.
///
/// # Errors
///
/// [`Error::LabelTooLarge`], [`Error::TooManyLabels`] and [`Error::Cancelled`].
pub(super) fn find(
    kernel: Kernel,
    seen: Seen<'_, '_>,
    metric: &Metric,
    slices: Range<usize>,
    wanted: &Wanted,
    stop: &mut dyn FnMut() -> bool,
) -> Result<Surfaces, Error> {
    let Seen { side, lines, tall, void } = seen;
    with_lines!(lines, lines => {
        let labels = Labels::new(side, lines.dtype(), wanted);
        kernel.run(Find { lines, tall, void, metric, slices, labels, stop })
    })
}

struct Find<'a, 'b, 'c, C> {
    lines: &'b mut Lines<'a, C>,
    tall: bool,
    void: Option<Void<'a, 'b>>,
    metric: &'c Metric,
    slices: Range<usize>,
    labels: Labels<C>,
    stop: &'c mut dyn FnMut() -> bool,
}

/// Lines that meet at corners: before or behind along slices, and along rows.
const AROUND: [[usize; 2]; 4] = [[0, 0], [0, 1], [1, 0], [1, 1]];

/// A line, and where its void is in the planes of its slice; none outside the image.
type Near<'a, C> = Option<(Codes<'a, C>, &'a [u64])>;

impl<C: Code> Routine for Find<'_, '_, '_, C> {
    type Output = Result<Surfaces, Error>;

    #[inline(always)]
    fn run<V: Vectors>(self, vectors: V) -> Self::Output {
        let Self { lines, tall, mut void, metric, slices: range, mut labels, stop } = self;
        let (words, len) = (lines.len().div_ceil(WORD), lines.len());
        let (slices, rows) = (lines.slices(), lines.rows());
        let mut sets: Vec<Set> = Vec::new();
        let [mut before, mut here] = [Planes::default(), Planes::default()];
        if range.start > 0 {
            before.look(vectors, lines, void.as_mut(), range.start - 1);
        }
        let (mut since, mut codes, mut mixed) = (0, Vec::new(), vec![0; (len + 1).div_ceil(WORD)]);
        let planes = Order::new(metric, tall);
        for slice in range {
            here.look(vectors, lines, void.as_mut(), slice);
            lines.hold(slice.saturating_sub(1)..slices.min(slice + 1));
            for row in 0..if tall { rows + 1 } else { 1 } {
                since += len;
                if since >= PIECE {
                    since = 0;
                    look(stop)?;
                }
                let whole = slice > 0 && slice < slices && (!tall || (row > 0 && row < rows));
                let at = if whole { Some(row * words..(row + 1) * words) } else { None };
                find_mixed([&before, &here], tall, at, len, &mut mixed);
                if mixed.iter().all(|&mixed| mixed == 0) {
                    continue;
                }
                let near: [Near<'_, C>; 4] = AROUND.map(|[deep, high]| {
                    let slice = (slice + deep).checked_sub(1).filter(|&slice| slice < slices)?;
                    let row = if tall { (row + high).checked_sub(1) } else { Some(0).filter(|_| high == 1) };
                    let row = row.filter(|&row| row < rows)?;
                    let void = if deep == 0 { &before.void } else { &here.void };
                    Some((
                        lines.line(slice, row),
                        void.get(row * words..(row + 1) * words).unwrap_or_default(),
                    ))
                });
                for (word, &mixed) in mixed.iter().enumerate().filter(|(_, mixed)| **mixed != 0) {
                    codes_near(vectors, &near, word, mixed, &mut codes);
                    for &code in &codes {
                        let number = labels.number(code)?;
                        if number == UNWANTED {
                            continue;
                        }
                        let (planes, partly) = planes
                            .of(near
                                .map(|near| near.map_or([0; 2], |near| of_label(vectors, near, code, word))));
                        if partly & mixed != 0 {
                            let set = set(&mut sets, number);
                            set.points.push(place(tall, slice, row, word), partly & mixed);
                            set.codes.push(planes);
                        }
                    }
                }
            }
            std::mem::swap(&mut before, &mut here);
        }
        Ok(labels.into_met().into_iter().zip(sets).collect())
    }
}

/// Which bit of a code stands for which voxel.
struct Order {
    tall: bool,
    /// For each of the lines around a corner: the bit of the voxel before it, and of that behind.
    bits: [[usize; 2]; 4],
}

impl Order {
    fn new(metric: &Metric, tall: bool) -> Self {
        let bit = |[deep, high]: [usize; 2], along: usize| {
            let offset = if tall { [deep, high, along] } else { [0, deep, along] };
            let [first, second, third] = metric.in_order(offset);
            let last = if tall { 7 } else { 3 };
            last - (first << 2 | second << 1 | third)
        };
        Self { tall, bits: AROUND.map(|line| [bit(line, 0), bit(line, 1)]) }
    }

    /// Planes of the bits of codes, and the corners of which some voxels are of a label and some are not, from
    /// the voxels of each line.
    #[inline(always)]
    fn of(&self, voxels: [[u64; 2]; 4]) -> ([u64; 8], u64) {
        let (mut planes, mut any, mut all) = ([0; 8], 0, u64::MAX);
        for (line, (two, bits)) in voxels.into_iter().zip(self.bits).enumerate() {
            // In two dimensions two lines meet at a corner.
            if self.tall || line % 2 == 1 {
                for (bit, voxels) in bits.into_iter().zip(two) {
                    planes[bit] = voxels;
                    any |= voxels;
                    all &= voxels;
                }
            }
        }
        (planes, any & !all)
    }
}

/// Find the corners of a row whose voxels are not all alike. Where a row has voxels on all sides, the words of
/// the line behind it are given.
#[inline(always)]
fn find_mixed(
    [before, here]: [&Planes; 2],
    tall: bool,
    at: Option<Range<usize>>,
    len: usize,
    mixed: &mut [u64],
) {
    mixed.fill(u64::MAX);
    if let Some(at) = at {
        let words = at.len();
        // Lines are alike at the voxel behind a corner and at that before it, and one of them has two alike.
        let (mut left, mut carried) = (0, 0);
        for (mixed, at) in mixed.iter_mut().zip(at) {
            let mut lines = here.before[at];
            let mut void = 0;
            if tall {
                lines &= here.above[at] & before.above[at];
            }
            if !here.void.is_empty() {
                void = here.void[at] | before.void[at];
                if tall {
                    void |= here.void[at - words] | before.void[at - words];
                }
            }
            lines &= !void;
            *mixed = !(lines & (lines << 1 | carried) & (here.next[at] << 1 | left));
            (left, carried) = (here.next[at] >> (WORD - 1), lines >> (WORD - 1));
        }
    }
    if let Some(last) = mixed.last_mut() {
        *last &= valid(len + 1, (len + 1).div_ceil(WORD) - 1);
    }
}

/// Collect the labels of the voxels around some corners of a word.
#[inline(always)]
fn codes_near<C: Code, V: Vectors>(
    vectors: V,
    near: &[Near<'_, C>; 4],
    word: usize,
    corners: u64,
    codes: &mut Vec<C>,
) {
    codes.clear();
    let mut add = |code: C| {
        if !codes.contains(&code) {
            codes.push(code);
        }
    };
    for (line, _) in near.iter().flatten() {
        if word > 0 && corners & 1 != 0 {
            add(line.at(word * WORD - 1));
        }
        if word * WORD < line.len() {
            let mut rest = (corners | corners >> 1) & valid(line.len(), word);
            while rest != 0 {
                let bit = rest.trailing_zeros();
                let code = line.at(word * WORD + bit as usize);
                rest &= !(line.equal_to(vectors, code, word) | 1 << bit);
                add(code);
            }
        }
    }
}

/// Bits of the corners of a word of which the voxel before, and of which that behind, is of a label.
#[inline(always)]
fn of_label<C: Code, V: Vectors>(
    vectors: V,
    (line, void): (Codes<'_, C>, &[u64]),
    code: C,
    word: usize,
) -> [u64; 2] {
    let void = |word: usize| void.get(word).copied().unwrap_or(0);
    let own = if word * WORD < line.len() { line.equal_to(vectors, code, word) & !void(word) } else { 0 };
    let last = word > 0 && line.at(word * WORD - 1) == code && void(word - 1) >> (WORD - 1) == 0;
    [own << 1 | u64::from(last), own]
}
