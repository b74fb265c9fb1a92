//! Surfaces of voxels: those with a neighbour at a face that has another label, of all labels at once.
//!
//! Which voxels are alike is found for each pair of lines once, as bits, and kept for the next line and the
//! next slice. What is left where all six bits are set is inside; the rest is told apart by its labels.

use std::collections::BTreeMap;
use std::ops::Range;

use super::any::{AnyLines, with_lines};
use super::labels::{Labels, UNWANTED, Wanted};
use super::lines::{Lines, WORD, valid};
use super::void::Void;
use crate::cpu::{Kernel, Routine, Vectors};
use crate::distance::between::Set;
use crate::error::{Error, Side, look};
use crate::pixels::Code;

/// The surface of each label.
pub(crate) type Surfaces = BTreeMap<i64, Set>;

/// Lines between two looks at whether to stop, as voxels.
const PIECE: usize = 1 << 20;

/// A map whose surfaces are looked for, in lines of slices and rows; those of two dimensions are slices of one
/// row.
pub(super) struct Seen<'a, 'b> {
    pub(super) side: Side,
    pub(super) lines: &'b mut AnyLines<'a>,
    /// Slices and rows.
    pub(super) size: [usize; 2],
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
    let Seen { side, lines, size, tall, void } = seen;
    with_lines!(lines, lines => {
        let labels = Labels::new(side, lines.dtype(), wanted);
        kernel.run(Find { lines, size, tall, void, slices, labels, stop })
    })
}

struct Find<'a, 'b, 'c, C> {
    lines: &'b mut Lines<'a, C>,
    size: [usize; 2],
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
        let Self { lines, size: [slices, rows], tall, mut void, slices: range, mut labels, stop } = self;
        let words = lines.len().div_ceil(WORD);
        let mut sets: Vec<Set> = Vec::new();
        // Bits of voxels that equal the one in the row above, or in that below; and of each row, the one in the
        // slice before.
        let (mut above, mut below) = (vec![0; words], vec![0; words]);
        let mut before = vec![0; rows * words];
        let mut border = vec![0; words];
        let mut since = 0;
        for (slice, row) in range.clone().flat_map(|slice| (0..rows).map(move |row| (slice, row))) {
            since += lines.len();
            if since >= PIECE {
                since = 0;
                look(stop)?;
            }
            let number = slice * rows + row;
            lines.hold(number.saturating_sub(rows), (number + rows + 1).min(slices * rows));
            let line = lines.line(number);
            let alike = |other: usize, out: &mut [u64]| {
                let other = lines.line(other);
                for (word, out) in out.iter_mut().enumerate() {
                    *out = line.equal(vectors, other, word);
                }
            };
            let mut left = 0;
            for (word, inside) in border.iter_mut().enumerate() {
                let next = line.equal_next(vectors, word);
                *inside = next & (next << 1 | left);
                left = next >> (WORD - 1);
            }
            let and = |inside: &mut [u64], other: &[u64]| {
                for (inside, other) in inside.iter_mut().zip(other) {
                    *inside &= other;
                }
            };
            if tall {
                if row == 0 {
                    above.fill(0);
                }
                // What is alike is found with the line below and with the one behind, for which it is kept.
                if row + 1 < rows {
                    alike(number + 1, &mut below);
                } else {
                    below.fill(0);
                }
                and(&mut border, &above);
                and(&mut border, &below);
                std::mem::swap(&mut above, &mut below);
            }
            let before = &mut before[row * words..][..words];
            if slice == range.start && slice > 0 {
                alike(number - rows, before);
            }
            and(&mut border, before);
            if slice + 1 < slices {
                alike(number + rows, before);
            } else {
                before.fill(0);
            }
            and(&mut border, before);
            for (word, inside) in border.iter_mut().enumerate() {
                *inside = !*inside & valid(line.len(), word);
            }
            if let Some(void) = &mut void {
                void.cut(vectors, number, [slices, rows], tall, &mut border);
            }
            for (word, &rest) in border.iter().enumerate() {
                let mut rest = rest;
                while rest != 0 {
                    let bit = rest.trailing_zeros();
                    let code = line.at(word * WORD + bit as usize);
                    // The bit itself, even if its label has just been written to.
                    let own = rest & (line.equal_to(vectors, code, word) | 1 << bit);
                    rest &= !own;
                    let number = labels.number(code)?;
                    if number != UNWANTED {
                        set(&mut sets, number).points.push(place(tall, slice, row, word), own);
                    }
                }
            }
        }
        Ok(labels.into_met().into_iter().zip(sets).collect())
    }
}

/// The set of the label of a number.
#[inline(always)]
pub(super) fn set(sets: &mut Vec<Set>, number: u32) -> &mut Set {
    if sets.len() <= number as usize {
        sets.resize_with(number as usize + 1, Set::default);
    }
    &mut sets[number as usize]
}
