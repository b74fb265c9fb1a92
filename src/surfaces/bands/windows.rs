//! Windows of one label around the pixels of a slab of rows, as bits.
//!
//! Rows follow each other without a gap, as the last pixel of a row equals no next one, which stops every
//! window that reaches across. So rows of a window are ANDs of neighbouring bits, whatever rows they lie in.

use std::ops::Range;

use crate::cpu::{EIGHT, Routine, Vectors};
use crate::pixels::Code;
use crate::surfaces::any::{AnyLines, with_lines};
use crate::surfaces::lines::{Lines, WORD};
use crate::surfaces::void::clear_ignored;

/// What is known of each pixel of a slab, as bits.
#[derive(Default)]
pub(super) struct Planes {
    /// It equals the next one of its row.
    pub(super) next: Vec<u64>,
    /// It is inside, at each width.
    pub(super) inside: Vec<Vec<u64>>,
}

/// Words of rows that are looked at at a time, and stay in a level-1 cache.
const CHUNK: usize = 1 << 9;

/// Find the pixels that are inside.
pub(super) struct Find<'a, 'b> {
    pub(super) side: &'a AnyLines<'b>,
    pub(super) planes: &'a mut Planes,
    /// Labels that are ignored where this map has them.
    pub(super) ignored: &'a [i64],
    /// Where nothing is ignored, to be written if this map has such labels, and heeded of both; no words if there
    /// are none.
    pub(super) scored: &'a mut Vec<u64>,
    pub(super) widths: &'a [usize],
    pub(super) scratch: &'a mut Scratch,
    pub(super) lines: Range<usize>,
}

/// Room for planes that are needed meanwhile.
#[derive(Default)]
pub(super) struct Scratch {
    /// The pixel equals the one of the row above.
    above: Vec<u64>,
    /// Two planes more.
    pub(super) spare: [Vec<u64>; 2],
}

impl Routine for Find<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vectors>(self, vectors: V) {
        let Self { side, planes, ignored, scored, widths, scratch, lines } = self;
        let words = side.len().div_ceil(WORD);
        let all = words * lines.len();
        let Planes { next, inside } = planes;
        let above = &mut scratch.above;
        next.resize(all, 0);
        above.resize(all, 0);
        with_lines!(side, side => compare(vectors, side, lines, [next, above], ignored, scored));
        end_at_edges(scored, words, [next, above]);
        inside.resize_with(widths.len(), Vec::new);
        for inside in &mut *inside {
            inside.resize(all, 0);
        }
        let fits = |&width: &usize| 2 * width < side.len() && 2 * width < side.slices();
        let fitting = widths.iter().take_while(|width| fits(width)).count();
        let (inside, outside) = inside.split_at_mut(fitting);
        for inside in outside {
            inside.fill(0);
        }
        rows_of_windows(next, (CHUNK / words).max(1) * words, &widths[..fitting], inside, &mut scratch.spare);
        for (&width, inside) in widths.iter().zip(inside) {
            windows(width, words, inside, scratch);
        }
    }
}

/// Write for each word of some lines which labels equal the next one of their line, and that of the line above,
/// which is not said of the first line, as no window looks above its first row. And where labels are not
/// ignored, while they are at hand.
#[inline(always)]
fn compare<C: Code, V: Vectors>(
    vectors: V,
    side: &Lines<'_, C>,
    lines: Range<usize>,
    [next, above]: [&mut [u64]; 2],
    ignored: &[i64],
    scored: &mut Vec<u64>,
) {
    let words = side.len().div_ceil(WORD);
    if !ignored.is_empty() {
        scored.clear();
        scored.resize(next.len(), u64::MAX);
    }
    for (number, slice) in lines.enumerate() {
        let (line, at) = (side.line(slice, 0), number * words);
        line.equal_next(vectors, &mut next[at..][..words]);
        if number > 0 {
            line.equal(vectors, side.line(slice - 1, 0), &mut above[at..][..words]);
        }
        if !ignored.is_empty() {
            clear_ignored(vectors, side, ignored, [slice, 0], &mut scored[at..][..words]);
        }
    }
}

/// Let no pixel equal its neighbour if one of them is scored and the other is not.
#[inline(always)]
fn end_at_edges(scored: &[u64], words: usize, [next, above]: [&mut [u64]; 2]) {
    let Some(last) = scored.len().checked_sub(1) else { return };
    for ((next, scored), later) in next.iter_mut().zip(scored).zip(&scored[1..]) {
        *next &= !(scored ^ (scored >> 1 | later << (WORD - 1)));
    }
    // The last pixel of all has no next one anyway.
    next[last] &= !(scored[last] ^ scored[last] >> 1);
    for ((above, scored), before) in above[words..].iter_mut().zip(&scored[words..]).zip(scored) {
        *above &= !(scored ^ before);
    }
}

/// Write for each width which pixels have one label in their own row of the window around them, for `chunk` words
/// of whole rows at a time.
#[inline(always)]
fn rows_of_windows(
    next: &[u64],
    chunk: usize,
    widths: &[usize],
    inside: &mut [Vec<u64>],
    [ahead, spare]: &mut [Vec<u64>; 2],
) {
    for (number, next) in next.chunks(chunk).enumerate() {
        // Bit x of `ahead`: this pixel and as many after it as `have` says are equal to the next one.
        let mut have = 1;
        ahead.clear();
        ahead.extend_from_slice(next);
        spare.resize(next.len(), 0);
        for (&width, inside) in widths.iter().zip(&mut *inside) {
            while have < 2 * width {
                let step = have.min(2 * width - have);
                and_later_bits(ahead, step, spare);
                std::mem::swap(ahead, spare);
                have += step;
            }
            later_by(ahead, width, &mut inside[number * chunk..][..next.len()]);
        }
    }
}

/// Make rows of windows those windows whose rows all have one label, and each but the first that of the row above.
///
/// The AND of a number of rows that follow each other is that of the last ones of a block of as many, and of the
/// first ones of the next block [van Herk 1992], so it takes no more for larger windows. Both are found from row to
/// row for as many words as a register has.
#[inline(always)]
fn windows(width: usize, words: usize, inside: &mut Vec<u64>, scratch: &mut Scratch) {
    let Scratch { above, spare: [to_last, found] } = scratch;
    let (all, reach) = (inside.len(), width * words);
    to_last.resize(all, 0);
    found.resize(all, 0);
    // No window is around the first and the last rows.
    found[..reach].fill(0);
    found[all - reach..].fill(0);
    let mut columns = Columns { width, words, rows: inside, above, to_last, found };
    // Loops, as closures that an iterator calls need not be compiled for the instruction set.
    if words < EIGHT {
        for at in 0..words {
            columns.find::<1>(at);
        }
    } else {
        // The last ones are found with some that were found before, which is faster than one by one.
        for at in (0..words).step_by(EIGHT) {
            columns.find::<EIGHT>(at.min(words - EIGHT));
        }
    }
    std::mem::swap(inside, found);
}

/// Rows of windows, and the windows that are found.
struct Columns<'a> {
    width: usize,
    words: usize,
    rows: &'a [u64],
    above: &'a [u64],
    /// The AND of rows that equal the one above, from each to the last one of its block.
    to_last: &'a mut [u64],
    found: &'a mut [u64],
}

impl Columns<'_> {
    /// Find the windows of some words of all rows.
    #[inline(always)]
    fn find<const N: usize>(&mut self, at: usize) {
        let (block, all) = (2 * self.width, self.rows.len() / self.words);
        for start in (0..all).step_by(block).rev() {
            let mut and_of = [u64::MAX; N];
            for row in (start..all.min(start + block)).rev() {
                let here = row * self.words + at;
                and_of = and(and_of, and(load(self.rows, here), load(self.above, here)));
                self.to_last[here..][..N].copy_from_slice(&and_of);
            }
        }
        // The first block is known whole.
        for start in (block..all).step_by(block) {
            let mut and_of = [u64::MAX; N];
            for row in start..all.min(start + block) {
                let here = row * self.words + at;
                and_of = and(and_of, and(load(self.rows, here), load(self.above, here)));
                // The first row of the window need not equal the one above.
                let top = here - block * self.words;
                let below_top = and(load(self.to_last, top + self.words), and_of);
                let window = and(load(self.rows, top), below_top);
                self.found[top + self.width * self.words..][..N].copy_from_slice(&window);
            }
        }
    }
}

#[inline(always)]
fn load<const N: usize>(plane: &[u64], at: usize) -> [u64; N] {
    let mut words = [0; N];
    words.copy_from_slice(&plane[at..][..N]);
    words
}

#[inline(always)]
fn and<const N: usize>(mut one: [u64; N], other: [u64; N]) -> [u64; N] {
    for (one, other) in one.iter_mut().zip(other) {
        *one &= other;
    }
    one
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
