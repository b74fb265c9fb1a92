//! Surfaces of voxels: those with a neighbour at a face that has another label, of all labels at once.
//!
//! Which voxels are alike is found for each pair of lines once, as bits, and kept for the next line and the
//! next slice. What is left where all six bits are set is inside; the rest is told apart by its labels.

use std::collections::BTreeMap;
use std::ops::Range;

use super::any::{AnyLines, with_lines};
use super::labels::{Labels, UNWANTED, Wanted};
use super::lines::{Lines, WORD, valid};
use super::planes::Planes;
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
        let words = lines.len().div_ceil(WORD);
        let mut sets: Vec<Set> = Vec::new();
        // The slice before, this one, and the next.
        let [mut before, mut here, mut next] = [Planes::default(), Planes::default(), Planes::default()];
        if void.is_some() && range.start > 0 {
            before.look(vectors, lines, void.as_mut(), range.start - 1);
        }
        here.look(vectors, lines, void.as_mut(), range.start);
        let (mut border, mut since) = (Vec::new(), 0);
        for slice in range {
            next.look(vectors, lines, void.as_mut(), slice + 1);
            borders(words, tall, [&before, &here, &next], &mut border);
            lines.hold(slice..lines.slices().min(slice + 2));
            for (row, border) in border.chunks_exact(words).enumerate() {
                since += lines.len();
                if since >= PIECE {
                    since = 0;
                    look(stop)?;
                }
                let line = lines.line(slice, row);
                for (word, &bits) in border.iter().enumerate() {
                    let mut rest = if word + 1 < words { bits } else { bits & valid(line.len(), word) };
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
            std::mem::swap(&mut before, &mut here);
            std::mem::swap(&mut here, &mut next);
        }
        Ok(labels.into_met().into_iter().zip(sets).collect())
    }
}

/// Bits of the voxels of a slice that have a neighbour unlike them, or none. What stands in words behind the end
/// of a row has no meaning.
#[inline(always)]
fn borders(words: usize, tall: bool, [before, here, next]: [&Planes; 3], border: &mut Vec<u64>) {
    border.clear();
    let inside = here.next.iter().zip(&here.before).zip(&next.before);
    // The last voxel of a row equals no next one, so that what is carried into a row is zero.
    let mut left = 0;
    border.extend(inside.map(|((&next, &before), &behind)| {
        let both = next & (next << 1 | left);
        left = next >> (WORD - 1);
        !(both & before & behind)
    }));
    if tall {
        let last = border.len() - words;
        for (border, above) in border.iter_mut().zip(&here.above) {
            *border |= !above;
        }
        for (border, below) in border.iter_mut().zip(&here.above[words..]) {
            *border |= !below;
        }
        border[last..].fill(u64::MAX);
    }
    if here.void.is_empty() {
        return;
    }
    let void = |planes: &Planes, at: usize| planes.void.get(at).copied().unwrap_or(0);
    for (at, border) in border.iter_mut().enumerate() {
        let own = here.void[at];
        // Across the ends of rows this meets voxels that have a border anyway.
        let left = if at > 0 { here.void[at - 1] >> (WORD - 1) } else { 0 };
        let mut beside = own << 1 | left | own >> 1 | void(here, at + 1) << (WORD - 1);
        beside |= void(before, at) | void(next, at);
        if tall {
            beside |= void(here, at + words) | if at >= words { here.void[at - words] } else { 0 };
        }
        *border = (*border | beside) & !own;
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
