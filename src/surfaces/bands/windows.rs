//! Windows of one label around the pixels of a slab of rows, as bits.
//!
//! Rows follow each other without a gap, as the last pixel of a row equals no next one, which stops every
//! window that reaches across. So rows of a window are ANDs of neighbouring bits, whatever rows they lie in.

use std::ops::Range;

use crate::cpu::{EIGHT, FOUR, Routine, Vectors};
use crate::pixels::Code;
use crate::surfaces::any::{AnyLines, with_lines};
use crate::surfaces::lines::{Lines, WORD};
use crate::surfaces::void::write_scored;

/// What is known of each pixel of a slab, as bits.
#[derive(Default)]
pub(super) struct Planes {
    /// It differs from the next one of its row, as the last one does.
    pub(super) unlike_next: Vec<u64>,
    /// It is inside, at each width.
    pub(super) inside: Vec<Vec<u64>>,
}

/// Words of rows that are looked at at a time, and stay in a level-1 cache.
pub(super) const CHUNK: usize = 1 << 9;

/// Steps of 1, 2, 4, 8, 16 and 32 bits come to less than a word.
const FEW: usize = 6;

/// Find the pixels that are inside.
pub(super) struct Find<'a, 'b> {
    pub(super) side: &'a AnyLines<'b>,
    pub(super) planes: &'a mut Planes,
    /// Labels that are ignored where this map has them.
    pub(super) ignored: &'a [i64],
    /// Where nothing is ignored: to be written if this map has such labels, by which its rows end anyway, and else to
    /// be heeded; no words if there are none. So the map that has them comes first.
    pub(super) scored: &'a mut Vec<u64>,
    pub(super) widths: &'a [usize],
    pub(super) scratch: &'a mut Scratch,
    pub(super) lines: Range<usize>,
}

/// Room for planes that are needed meanwhile.
#[derive(Default)]
pub(super) struct Scratch {
    /// The pixel differs from the one of the row above.
    unlike_above: Vec<u64>,
    /// Room for two planes more.
    pub(super) spare: [Vec<u64>; 2],
}

impl Routine for Find<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vectors>(self, vectors: V) {
        let Self { side, planes, ignored, scored, widths, scratch, lines } = self;
        let words = side.len().div_ceil(WORD);
        let all = words * lines.len();
        let Planes { unlike_next, inside } = planes;
        let unlike_above = &mut scratch.unlike_above;
        unlike_next.resize(all, 0);
        unlike_above.resize(all, 0);
        let unlike = [&mut **unlike_next, unlike_above];
        if ignored.is_empty() {
            with_lines!(side, side => compare(vectors, side, lines, unlike, None));
            end_at_edges(scored, words, [unlike_next, unlike_above]);
        } else {
            // Those of this map differ from their neighbour where one of them is ignored.
            scored.resize(all, 0);
            with_lines!(side, side => compare(vectors, side, lines, unlike, Some((ignored, scored))));
        }
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
        let chunk = (CHUNK / words).max(1) * words;
        rows_of_windows::<V>(unlike_next, chunk, &widths[..fitting], inside, &mut scratch.spare);
        for (&width, inside) in widths.iter().zip(inside) {
            windows(width, words, inside, scratch);
        }
    }
}

/// Write for each word of some lines which labels differ from the next one of their line, and from that of the line
/// above, which is not said of the first line, as no window looks above its first row. And which are none of some
/// labels that are ignored, if there are any, while they are at hand.
#[inline(always)]
fn compare<C: Code, V: Vectors>(
    vectors: V,
    side: &Lines<'_, C>,
    lines: Range<usize>,
    [unlike_next, unlike_above]: [&mut [u64]; 2],
    mut ignored: Option<(&[i64], &mut [u64])>,
) {
    let words = side.len().div_ceil(WORD);
    for (number, slice) in lines.enumerate() {
        let (line, at) = (side.line(slice, 0), number * words);
        let [next, above] = [&mut *unlike_next, &mut *unlike_above].map(|plane| &mut plane[at..][..words]);
        let line_above = if number > 0 { side.line(slice - 1, 0) } else { line };
        line.write_unlike(vectors, [line_above], next, above);
        if let Some((labels, scored)) = &mut ignored {
            write_scored(vectors, side, labels, [slice, 0], &mut scored[at..][..words]);
        }
    }
}

/// Let pixels differ from their neighbour if one of them is scored and the other is not.
#[inline(always)]
fn end_at_edges(scored: &[u64], words: usize, [unlike_next, unlike_above]: [&mut [u64]; 2]) {
    if scored.is_empty() {
        return;
    }
    add_changes(scored, unlike_next);
    for ((unlike, scored), before) in unlike_above[words..].iter_mut().zip(&scored[words..]).zip(scored) {
        *unlike |= scored ^ before;
    }
}

/// Set the bits of pixels for which one of some bits differs from the next one, of words of whole rows. The last pixels
/// of rows, for which it may differ or not, have their bits set anyway.
#[inline(always)]
pub(super) fn add_changes(bits: &[u64], changes: &mut [u64]) {
    let Some(last) = bits.len().checked_sub(1) else { return };
    for ((changes, bits), later) in changes.iter_mut().zip(bits).zip(&bits[1..]) {
        *changes |= bits ^ (bits >> 1 | later << (WORD - 1));
    }
    changes[last] |= bits[last] ^ bits[last] >> 1;
}

/// Write for each width which pixels have one label in their own row of the window around them, for `chunk` words
/// of whole rows at a time.
#[inline(always)]
fn rows_of_windows<V: Vectors>(
    unlike_next: &[u64],
    chunk: usize,
    widths: &[usize],
    inside: &mut [Vec<u64>],
    [ahead, spare]: &mut [Vec<u64>; 2],
) {
    for (number, unlike_next) in unlike_next.chunks(chunk).enumerate() {
        // Bit x of `ahead`: this pixel and as many after it as `have` says are equal to the next one.
        let mut have = 1;
        ahead.clear();
        ahead.extend(unlike_next.iter().map(|unlike| !unlike));
        spare.resize(ahead.len(), 0);
        for (&width, inside) in widths.iter().zip(&mut *inside) {
            while have < 2 * width {
                // As many as double what is known, or as two words say, if these are more.
                let until = (2 * width).min(if have < WORD { have + WORD - 1 } else { 2 * have });
                if have < WORD {
                    and_few_later_bits::<V>(ahead, &few_steps(have, until), spare);
                } else {
                    and_later_bits(ahead, until - have, spare);
                }
                std::mem::swap(ahead, spare);
                have = until;
            }
            later_by(ahead, width, &mut inside[number * chunk..][..ahead.len()]);
        }
    }
}

/// Steps that each double what is known, until so much is, which is less than a word more; zero from then on.
#[inline(always)]
fn few_steps(mut have: usize, until: usize) -> [usize; FEW] {
    let mut steps = [0; FEW];
    for step in &mut steps {
        *step = have.min(until - have);
        have += *step;
    }
    steps
}

/// Make rows of windows those windows whose rows all have one label, and each but the first that of the row above.
///
/// The AND of a number of rows that follow each other is that of the last ones of a block of as many, and of the
/// first ones of the next block [van Herk 1992], so it takes no more for larger windows. Both are found from row to
/// row for as many words as a register has.
#[inline(always)]
fn windows(width: usize, words: usize, inside: &mut Vec<u64>, scratch: &mut Scratch) {
    let Scratch { unlike_above, spare: [to_last, found] } = scratch;
    let (all, reach) = (inside.len(), width * words);
    to_last.resize(2 * width * EIGHT, 0);
    found.resize(all, 0);
    // No window is around the first and the last rows.
    found[..reach].fill(0);
    found[all - reach..].fill(0);
    let mut columns = Columns { width, words, rows: inside, unlike_above, to_last, found };
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
    unlike_above: &'a [u64],
    /// The AND of rows, each but the first of which equals the one above, from each of a block to its last one.
    to_last: &'a mut [u64],
    found: &'a mut [u64],
}

impl Columns<'_> {
    /// Find the windows of some words of all rows.
    #[inline(always)]
    fn find<const N: usize>(&mut self, at: usize) {
        let (block, all) = (2 * self.width, self.rows.len() / self.words);
        for start in (0..all).step_by(block) {
            // The first rows of this block and the last ones of the block before, if there is one.
            if start > 0 {
                let mut and_of = [u64::MAX; N];
                for (row, top) in (start..all.min(start + block)).zip(start - block..) {
                    let here = row * self.words + at;
                    and_of = and(and_not(and_of, load(self.unlike_above, here)), load(self.rows, here));
                    let window = and(load(self.to_last, (row - start) * N), and_of);
                    self.found[(top + self.width) * self.words + at..][..N].copy_from_slice(&window);
                }
            }
            // No window begins in the last block.
            if start + block >= all {
                break;
            }
            let mut and_of = [u64::MAX; N];
            for row in (0..block).rev() {
                let here = (start + row) * self.words + at;
                and_of = and(and_of, load(self.rows, here));
                self.to_last[row * N..][..N].copy_from_slice(&and_of);
                and_of = and_not(and_of, load(self.unlike_above, here));
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

#[inline(always)]
fn and_not<const N: usize>(mut one: [u64; N], other: [u64; N]) -> [u64; N] {
    for (one, other) in one.iter_mut().zip(other) {
        *one &= !other;
    }
    one
}

/// Each bit, and those that some steps of [`few_steps`] come to.
#[inline(always)]
fn and_few_later_bits<V: Vectors>(bits: &[u64], steps: &[usize; FEW], out: &mut [u64]) {
    let Some(last) = bits.len().checked_sub(1) else { return };
    match V::WORDS {
        EIGHT if last >= EIGHT => and_few::<EIGHT>(bits, steps, out),
        FOUR if last >= FOUR => and_few::<FOUR>(bits, steps, out),
        _ => and_few::<1>(bits, steps, out),
    }
    out[last] = and_steps([bits[last]], [0], steps)[0];
}

/// The same for some words at a time, all of which but the last one of all are followed by another.
#[inline(always)]
fn and_few<const N: usize>(bits: &[u64], steps: &[usize; FEW], out: &mut [u64]) {
    let last = bits.len() - 1;
    for at in (0..last).step_by(N) {
        let at = at.min(last - N);
        let found = and_steps::<N>(load(bits, at), load(bits, at + 1), steps);
        out[at..][..N].copy_from_slice(&found);
    }
}

/// Words, whose bits are followed by those of others.
#[inline(always)]
fn and_steps<const N: usize>(mut words: [u64; N], mut later: [u64; N], steps: &[usize; FEW]) -> [u64; N] {
    for step in steps.iter().take_while(|&&step| step > 0) {
        for (word, later) in words.iter_mut().zip(&mut later) {
            *word &= *word >> step | *later << (WORD - step);
            *later &= *later >> step;
        }
    }
    words
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
