//! Surfaces of voxels: those with a neighbour at a face that has another label, of all labels at once.
//!
//! Rows of nothing but one label that is not asked for are passed over. In others the voxels that are asked for
//! and have the labels of all their neighbours are inside; the rest is told apart run by run.

use super::finds::{Element, Scan, place};
use super::lines::WORD;
use super::planes::Plane;
use crate::cpu::Vectors;
use crate::error::{Error, look};
use crate::pixels::Code;

/// Lines between two looks at whether to stop, as voxels.
const PIECE: usize = 1 << 20;

/// Voxels with a neighbour that is not of their label.
pub(super) struct Voxels {
    /// Where labels differ from the next one, after a word for what is before the row.
    ends: Vec<u64>,
    border: Vec<u64>,
}

impl Element for Voxels {
    fn new(len: usize) -> Self {
        let words = len.div_ceil(WORD);
        Self { ends: vec![0; words + 1], border: vec![0; words] }
    }

    #[inline(always)]
    fn begin<C: Code, V: Vectors>(&mut self, vectors: V, scan: &mut Scan<'_, '_, C>, slice: usize) {
        let Scan { lines, void, labels, here, .. } = scan;
        here.look(vectors, lines, Some(slice), labels.unwanted(), void.as_mut());
    }

    #[inline(always)]
    fn pass<C: Code, V: Vectors>(
        &mut self,
        vectors: V,
        scan: &mut Scan<'_, '_, C>,
        slice: usize,
        stop: &mut dyn FnMut() -> bool,
    ) -> Result<(), Error> {
        let Scan { lines, tall, void, labels, before, here, next, since } = scan;
        let Self { ends, border } = self;
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
            // Where one of these is missing, no bit is set there, and all of the row is border anyway.
            let at_hand = |slice: usize, row: usize| if whole { lines.line(slice, row) } else { line };
            let [before, next] = [at_hand(slice.wrapping_sub(1), row), at_hand(slice + 1, row)];
            if tall {
                let [above, below] = [at_hand(slice, row.wrapping_sub(1)), at_hand(slice, row + 1)];
                line.write_unlike(vectors, [before, next, above, below], &mut ends[1..], border);
            } else {
                line.write_unlike(vectors, [before, next], &mut ends[1..], border);
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
