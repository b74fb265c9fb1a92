//! Surfaces of voxels: those with a neighbour at a face that has another label, of all labels at once.
//!
//! Rows of nothing but one label that is not asked for are passed over. In others the voxels that are asked for
//! and have the labels of all their neighbours are inside; the rest is told apart run by run.

use std::ops::Range;

use super::any::{AnyLines, with_lines};
use super::labels::{Labels, Surfaces, Wanted};
use super::lines::{Lines, WORD};
use super::planes::Plane;
use super::void::Void;
use crate::cpu::{Kernel, Routine, Vectors};
use crate::error::{Error, Side, look};
use crate::pixels::Code;

/// Lines between two looks at whether to stop, as voxels.
const PIECE: usize = 1 << 20;

/// A map whose surfaces are looked for, in lines of slices and rows; those of two dimensions are slices of one
/// row.
pub(super) struct Seen<'a, 'b> {
    pub(super) side: Side,
    pub(super) lines: &'b mut AnyLines<'a>,
    /// Whether there are three dimensions, so that voxels have neighbours in other rows.
    pub(super) tall: bool,
    /// Where the target has labels that are ignored, if that is not this map.
    pub(super) void: Option<Void<'a, 'b>>,
}

/// Where a word is among points.
#[inline(always)]
pub(super) fn place(tall: bool, slice: usize, row: usize, word: usize) -> [u32; 3] {
    // There are no more voxels than 32 bits can number.
    #[allow(clippy::cast_possible_truncation)]
    let [slice, row, word] = [slice, row, word].map(|at| at as u32);
    if tall { [slice, row, word] } else { [0, slice, word] }
}

/// Find the surface of each label that is wanted, in some slices of a map.
///
/// # Errors
///
/// [`Error::LabelTooLarge`], [`Error::TooManyLabels`] and [`Error::Cancelled`].
pub(super) fn find(
    kernel: Kernel,
    seen: Seen<'_, '_>,
    slices: Range<usize>,
    wanted: &Wanted,
    stop: &mut dyn FnMut() -> bool,
) -> Result<Surfaces, Error> {
    let Seen { side, lines, tall, void } = seen;
    with_lines!(lines, lines => {
        let labels = Labels::new(side, lines.dtype(), wanted);
        kernel.run(Find { lines, tall, void, slices, labels, stop })
    })
}

struct Find<'a, 'b, 'c, C> {
    lines: &'b mut Lines<'a, C>,
    tall: bool,
    void: Option<Void<'a, 'b>>,
    slices: Range<usize>,
    labels: Labels<C>,
    stop: &'c mut dyn FnMut() -> bool,
}

impl<C: Code> Routine for Find<'_, '_, '_, C> {
    type Output = Result<Surfaces, Error>;

    #[inline(always)]
    fn run<V: Vectors>(self, vectors: V) -> Self::Output {
        let Self { lines, tall, mut void, slices: range, mut labels, stop } = self;
        let (words, rows, slices) = (lines.len().div_ceil(WORD), lines.rows(), lines.slices());
        // The slice before, this one, and the next.
        let [mut before, mut here, mut next] = [Slice::default(), Slice::default(), Slice::default()];
        lines.hold(range.start.saturating_sub(1)..range.start + 1);
        if void.is_none() {
            // The first voxel is on the surface of its label, at an edge. Mostly nobody wants that.
            labels.surface(lines.line(range.start, 0).at(0))?;
        }
        before.look(vectors, lines, range.start.checked_sub(1), labels.unwanted(), void.as_mut());
        here.look(vectors, lines, Some(range.start), labels.unwanted(), void.as_mut());
        // Where labels differ from the next one, after a word for what is before the row.
        let (mut ends, mut border, mut since) = (vec![0; words + 1], vec![0; words], 0);
        for slice in range {
            lines.hold(slice.saturating_sub(1)..slices.min(slice + 2));
            let behind = Some(slice + 1).filter(|&behind| behind < slices);
            next.look(vectors, lines, behind, labels.unwanted(), void.as_mut());
            for row in 0..rows {
                since += lines.len();
                if since >= PIECE {
                    since = 0;
                    look(stop)?;
                }
                if !here.plane.busy[row + 1] {
                    continue;
                }
                let planes = [&before.plane, &here.plane, &next.plane];
                let at = (row + 1) * here.plane.pitch + 1;
                let [above, below] = if tall { [row, row + 2] } else { [row + 1; 2] };
                if let Some(code) = here.only[row + 1]
                    && before.may_be(row + 1, code)
                    && next.may_be(row + 1, code)
                    && here.may_be(above, code)
                    && here.may_be(below, code)
                {
                    write_rim(tall, planes, at, &mut border);
                    if let Some(set) = labels.surface(code)? {
                        for (word, &border) in border.iter().enumerate().filter(|(_, border)| **border != 0) {
                            set.points.push(place(tall, slice, row, word), border);
                        }
                    }
                    continue;
                }
                let line = lines.line(slice, row);
                let whole = slice > 0 && behind.is_some() && (!tall || row > 0 && row + 1 < rows);
                line.write_unlike_next(vectors, &mut ends[1..]);
                if whole {
                    let [before, next] = [lines.line(slice - 1, row), lines.line(slice + 1, row)];
                    if tall {
                        let [above, below] = [lines.line(slice, row - 1), lines.line(slice, row + 1)];
                        line.write_unlike(vectors, [before, next, above, below], &mut border);
                    } else {
                        line.write_unlike(vectors, [before, next], &mut border);
                    }
                }
                write_border(tall, planes, at, &ends, &mut border);
                for (word, (&border, &ends)) in border.iter().zip(&ends[1..]).enumerate() {
                    let mut rest = border;
                    while rest != 0 {
                        // Up to where labels are those of the first voxel.
                        let bit = rest.trailing_zeros();
                        let end = ends & u64::MAX << bit;
                        let run = rest & (end ^ end.wrapping_sub(1));
                        rest &= !run;
                        if let Some(set) = labels.surface(line.at(word * WORD + bit as usize))? {
                            set.points.push(place(tall, slice, row, word), run);
                        }
                    }
                }
            }
            std::mem::swap(&mut before, &mut here);
            std::mem::swap(&mut here, &mut next);
        }
        Ok(labels.into_surfaces())
    }
}

/// A slice, and which rows have one label alone where bits are set.
#[derive(Default)]
struct Slice<C> {
    plane: Plane,
    only: Vec<Option<C>>,
}

impl<C: Code> Slice<C> {
    /// As of the plane.
    #[inline(always)]
    fn look<V: Vectors>(
        &mut self,
        vectors: V,
        lines: &Lines<'_, C>,
        slice: Option<usize>,
        nothing: Option<C>,
        void: Option<&mut Void<'_, '_>>,
    ) {
        self.plane.look(vectors, lines, slice, nothing, void);
        self.only.resize(self.plane.busy.len(), None);
        let Some(slice) = slice else { return };
        for row in 0..lines.rows() {
            if self.plane.busy[row + 1] {
                let bits = self.plane.row(row + 1);
                let bits = &bits[1..bits.len() - 1];
                self.only[row + 1] = lines.line(slice, row).only(vectors, bits);
            }
        }
    }

    /// Whether all voxels of a row whose bits are set have a label.
    #[inline(always)]
    fn may_be(&self, row: usize, code: C) -> bool {
        !self.plane.busy[row] || self.only[row] == Some(code)
    }
}

/// Find the voxels of a row that have a neighbour whose bit is not set, where all bits around stand for one label.
#[inline(always)]
fn write_rim(tall: bool, planes: [&Plane; 3], at: usize, border: &mut [u64]) {
    let Around { own, left, right, above, below, before, next } = Around::of(tall, planes, at, border.len());
    for word in 0..border.len() {
        let own = own[word];
        let mut inner = own & above[word] & below[word] & before[word] & next[word];
        inner &= own << 1 | left[word] >> (WORD - 1);
        inner &= own >> 1 | right[word] << (WORD - 1);
        border[word] = own & !inner;
    }
}

/// The bits of a row and of those around it.
struct Around<'a> {
    own: &'a [u64],
    left: &'a [u64],
    right: &'a [u64],
    above: &'a [u64],
    below: &'a [u64],
    before: &'a [u64],
    next: &'a [u64],
}

impl<'a> Around<'a> {
    /// So many words from a place on.
    #[inline(always)]
    fn of(tall: bool, [before, here, next]: [&'a Plane; 3], at: usize, words: usize) -> Self {
        let [above, below] = if tall { [at - here.pitch, at + here.pitch] } else { [at; 2] };
        Self {
            own: &here.bits[at..][..words],
            left: &here.bits[at - 1..][..words],
            right: &here.bits[at + 1..][..words],
            above: &here.bits[above..][..words],
            below: &here.bits[below..][..words],
            before: &before.bits[at..][..words],
            next: &next.bits[at..][..words],
        }
    }
}

/// Find the voxels of a row, whose bits begin at a place, that have a neighbour unlike them. It is given where
/// they differ from the next one, after a word for what is before the row, and from those of other lines, if all
/// of these lines exist.
#[inline(always)]
fn write_border(tall: bool, planes: [&Plane; 3], at: usize, ends: &[u64], border: &mut [u64]) {
    let words = border.len();
    let Around { own, left, right, above, below, before, next } = Around::of(tall, planes, at, words);
    let [ends_before, ends] = [0, 1].map(|at| &ends[at..][..words]);
    for word in 0..words {
        let own = own[word];
        let mut inner = own & above[word] & below[word] & before[word] & next[word];
        inner &= own << 1 | left[word] >> (WORD - 1);
        inner &= own >> 1 | right[word] << (WORD - 1);
        inner &= !(ends[word] | ends[word] << 1 | ends_before[word] >> (WORD - 1) | border[word]);
        border[word] = own & !inner;
    }
}
