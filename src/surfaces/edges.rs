//! Surfaces of voxels: those with a neighbour at a face that has another label, of all labels at once.
//!
//! Rows of nothing but one label that is not asked for are passed over. In others the voxels that are asked for
//! and have the labels of all their neighbours are inside; the rest is told apart run by run.

use super::any::with_lines;
use super::finds::{Finds, Seen, place};
use super::labels::{Labels, Surfaces, Wanted};
use super::lines::{Lines, WORD};
use super::planes::{Plane, Slice};
use super::void::Void;
use crate::cpu::{Kernel, Routine, Vectors};
use crate::error::{Error, Side, look};
use crate::pixels::Code;

/// Lines between two looks at whether to stop, as voxels.
const PIECE: usize = 1 << 20;

/// What finds the surface of each label that is wanted.
pub(super) fn finder<'f>(seen: Seen<'_, 'f>, wanted: &Wanted) -> Box<dyn Finds + 'f> {
    let Seen { side, lines, tall, void } = seen;
    with_lines!(lines, lines => Box::new(Finder::new(side, lines, tall, void, wanted)))
}

struct Finder<'a, 'b, C> {
    lines: &'b mut Lines<'a, C>,
    tall: bool,
    void: Option<Void<'a, 'b>>,
    labels: Labels<C>,
    /// The slice before, this one, and the next.
    before: Slice<C>,
    here: Slice<C>,
    next: Slice<C>,
    /// Where labels differ from the next one, after a word for what is before the row.
    ends: Vec<u64>,
    border: Vec<u64>,
    since: usize,
}

impl<'a, 'b, C: Code> Finder<'a, 'b, C> {
    fn new(
        side: Side,
        lines: &'b mut Lines<'a, C>,
        tall: bool,
        void: Option<Void<'a, 'b>>,
        wanted: &Wanted,
    ) -> Self {
        let (labels, words) = (Labels::new(side, lines.dtype(), wanted), lines.len().div_ceil(WORD));
        let [before, here, next] = [Slice::default(), Slice::default(), Slice::default()];
        let (ends, border) = (vec![0; words + 1], vec![0; words]);
        Self { lines, tall, void, labels, before, here, next, ends, border, since: 0 }
    }
}

impl<C: Code> Finds for Finder<'_, '_, C> {
    fn begin(&mut self, kernel: Kernel, slice: usize) -> Result<(), Error> {
        self.lines.hold(slice.saturating_sub(1)..slice + 1);
        if self.void.is_none() {
            // The first voxel is on the surface of its label, at an edge. Mostly nobody wants that.
            self.labels.surface(self.lines.line(slice, 0).at(0))?;
        }
        kernel.run(Begin { finder: self, slice });
        Ok(())
    }

    fn pass(&mut self, kernel: Kernel, slice: usize, stop: &mut dyn FnMut() -> bool) -> Result<(), Error> {
        kernel.run(Pass { finder: self, slice, stop })
    }

    fn passed(&self) -> (&[bool], Option<i64>) {
        self.before.passed(self.lines.dtype())
    }

    fn into_surfaces(self: Box<Self>) -> Surfaces {
        self.labels.into_surfaces()
    }
}

struct Begin<'a, 'b, 'c, C> {
    finder: &'c mut Finder<'a, 'b, C>,
    slice: usize,
}

impl<C: Code> Routine for Begin<'_, '_, '_, C> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vectors>(self, vectors: V) {
        let Finder { lines, void, labels, before, here, .. } = self.finder;
        before.look(vectors, lines, self.slice.checked_sub(1), labels.unwanted(), void.as_mut());
        here.look(vectors, lines, Some(self.slice), labels.unwanted(), void.as_mut());
    }
}

struct Pass<'a, 'b, 'c, 'd, C> {
    finder: &'c mut Finder<'a, 'b, C>,
    slice: usize,
    stop: &'d mut dyn FnMut() -> bool,
}

impl<C: Code> Routine for Pass<'_, '_, '_, '_, C> {
    type Output = Result<(), Error>;

    #[inline(always)]
    fn run<V: Vectors>(self, vectors: V) -> Self::Output {
        let Self { finder, slice, stop } = self;
        let Finder { lines, tall, void, labels, before, here, next, ends, border, since } = finder;
        let (tall, rows, slices, len) = (*tall, lines.rows(), lines.slices(), lines.len());
        lines.hold(slice.saturating_sub(1)..slices.min(slice + 2));
        let behind = Some(slice + 1).filter(|&behind| behind < slices);
        next.look(vectors, lines, behind, labels.unwanted(), void.as_mut());
        let mut passed = |lines: usize| {
            *since += lines * len;
            if *since < PIECE {
                return Ok(());
            }
            *since = 0;
            look(stop)
        };
        passed(rows)?;
        for &row in &here.plane.rows {
            passed(1)?;
            let planes = [&before.plane, &here.plane, &next.plane];
            let at = (row + 1) * here.plane.pitch + 1;
            let [above, below] = if tall { [row, row + 2] } else { [row + 1; 2] };
            if let Some(code) = here.only[row + 1]
                && before.may_be(row + 1, code)
                && next.may_be(row + 1, code)
                && here.may_be(above, code)
                && here.may_be(below, code)
            {
                write_rim(tall, planes, at, border);
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
                    line.write_unlike(vectors, [before, next, above, below], border);
                } else {
                    line.write_unlike(vectors, [before, next], border);
                }
            }
            write_border(tall, planes, at, ends, border);
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
        std::mem::swap(before, here);
        std::mem::swap(here, next);
        Ok(())
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
