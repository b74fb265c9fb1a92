//! Windows of one label around the pixels of a slab of rows, as bits.
//!
//! Rows follow each other without a gap, as the last pixel of a row equals no next one, which stops every
//! window that reaches across. So rows of a window are ANDs of neighbouring bits, whatever rows they lie in.

use std::ops::Range;

use crate::cpu::{Routine, Vectors};
use crate::surfaces::any::AnyLines;
use crate::surfaces::lines::WORD;
use crate::surfaces::void::clear_ignored;

/// What is known of each pixel of a slab, as bits.
#[derive(Default)]
pub(super) struct Planes {
    /// It equals the next one of its row.
    pub(super) next: Vec<u64>,
    /// It equals the one of the row above.
    above: Vec<u64>,
    /// It is inside, at each width.
    pub(super) inside: Vec<Vec<u64>>,
}

/// Words of rows that are looked at at a time, and stay in a level-1 cache.
const CHUNK: usize = 1 << 9;

/// Find where the target is not ignored.
pub(super) struct FindScored<'a, 'b> {
    pub(super) target: &'a AnyLines<'b>,
    pub(super) scored: &'a mut Vec<u64>,
    pub(super) ignored: &'a [i64],
    pub(super) lines: Range<usize>,
}

impl Routine for FindScored<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vectors>(self, vectors: V) {
        let Self { target, scored, ignored, lines } = self;
        let words = target.len().div_ceil(WORD);
        scored.clear();
        scored.resize(words * lines.len(), u64::MAX);
        for (slice, scored) in lines.zip(scored.chunks_exact_mut(words)) {
            clear_ignored(vectors, target, ignored, [slice, 0], scored);
        }
    }
}

/// Find the pixels that are inside.
pub(super) struct Find<'a, 'b> {
    pub(super) side: &'a AnyLines<'b>,
    pub(super) planes: &'a mut Planes,
    /// No words if nothing is ignored.
    pub(super) scored: &'a [u64],
    pub(super) widths: &'a [usize],
    pub(super) scratch: &'a mut [Vec<u64>; 2],
    pub(super) lines: Range<usize>,
}

impl Routine for Find<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vectors>(self, vectors: V) {
        let Self { side, planes, scored, widths, scratch, lines } = self;
        let words = side.len().div_ceil(WORD);
        let all = words * lines.len();
        let Planes { next, above, inside } = planes;
        next.resize(all, 0);
        above.resize(all, 0);
        side.equal(vectors, lines, [next, above]);
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
        rows_of_windows(next, (CHUNK / words).max(1) * words, &widths[..fitting], inside, scratch);
        for (&width, inside) in widths.iter().zip(inside) {
            windows(width, words, above, inside, scratch);
        }
    }
}

/// Let no pixel equal its neighbour if one of them is scored and the other is not.
#[inline(always)]
fn end_at_edges(scored: &[u64], words: usize, [next, above]: [&mut [u64]; 2]) {
    // The last pixel of all has no next one anyway.
    for ((next, scored), later) in next.iter_mut().zip(scored).zip(scored.iter().skip(1)) {
        *next &= !(scored ^ (scored >> 1 | later << (WORD - 1)));
    }
    if let (Some(next), Some(scored)) = (next.last_mut(), scored.last()) {
        *next &= !(scored ^ scored >> 1);
    }
    for ((above, scored), before) in above.iter_mut().skip(words).zip(scored.iter().skip(words)).zip(scored) {
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
/// first ones of the next block [van Herk 1992], so it takes no more for larger windows.
#[inline(always)]
fn windows(width: usize, words: usize, above: &[u64], inside: &mut [u64], scratch: &mut [Vec<u64>; 2]) {
    let [from_first, to_last] = scratch;
    let (block, all) = (2 * width * words, inside.len());
    from_first.resize(all, 0);
    to_last.resize(all, 0);
    let blocks = from_first.chunks_mut(block).zip(to_last.chunks_mut(block));
    for ((from_first, to_last), (rows, above)) in blocks.zip(inside.chunks(block).zip(above.chunks(block))) {
        for at in (0..rows.len()).step_by(words) {
            let (before, own) = from_first[..at + words].split_at_mut(at);
            and(&rows[at..], &above[at..], before.rchunks_exact(words).next(), own);
        }
        for at in (0..rows.len()).step_by(words).rev() {
            let (own, after) = to_last[at..].split_at_mut(words);
            and(&rows[at..], &above[at..], after.get(..words), own);
        }
    }
    let (reach, last) = (width * words, all - width * words);
    inside[last..].fill(0);
    for at in (reach..last).step_by(words).rev() {
        // The first row of the window need not equal the one above.
        let (first, own) = inside[at - reach..][..reach + words].split_at_mut(reach);
        and(first, &to_last[at - reach + words..], Some(&from_first[at + reach..][..words]), own);
    }
    inside[..reach].fill(0);
}

/// The AND of a row and one or two others, of which there may be more.
#[inline(always)]
fn and(one: &[u64], other: &[u64], third: Option<&[u64]>, out: &mut [u64]) {
    for ((out, one), other) in out.iter_mut().zip(one).zip(other) {
        *out = one & other;
    }
    for (out, third) in out.iter_mut().zip(third.unwrap_or_default()) {
        *out &= third;
    }
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
