//! The symbols of a block become bytes.
//!
//! Filtered masks are short copies of rows above and runs of zeros, so that a symbol takes as long as one waits
//! for the next: for its bits, and for branches that were foreseen wrongly.
//!
//! - The entry of the next symbol is looked up in the bits that are left of the last refill, beside the next
//!   one. A refill makes all 64 bits that are held right, of which a distance takes at most 28, a length 20
//!   and the first look at a code no more than [`OF_LITERALS`].
//! - A copy writes 128 bytes, whatever its length, or as many as it has, up to 320: what is written beyond its
//!   end is written over by what follows. Where it comes from near, it is written in steps of its period, and
//!   otherwise in those of a block, by the same instructions.
//! - A row of zeros is the longest copy, of one byte, again and again, in the same bits: how often they repeat
//!   is seen in the bits themselves, and all of them are written at once.

#![allow(clippy::cast_possible_truncation, reason = "entries and repeats are far fewer")]

use super::bits::Bits;
use super::codes::{BITS, Codes, END, LITERAL, LONGER, OF_DISTANCES, OF_LITERALS, OTHER};
use crate::cpu::{Routine, Vectors, WIDTH};

/// The longest copy.
const MOST: usize = 258;

/// Bytes after the last one asked for that may be written, by a copy.
pub(super) const ROOM: usize = MOST.next_multiple_of(WIDTH) + WIDTH;

/// Bytes that repeat what is before them this far are written in steps of as many as this.
const STEPS: [u8; WIDTH + 1] = {
    let mut steps = [WIDTH as u8; WIDTH + 1];
    let mut far = 1;
    while far < WIDTH {
        steps[far] = (WIDTH / far * far) as u8;
        far += 1;
    }
    steps
};

/// Inflate the symbols of a block to `out` from `at` on, until at least `until` bytes are there, or it ends.
pub(super) struct Symbols<'a> {
    pub(super) codes: &'a Codes,
    pub(super) bits: Bits,
    pub(super) input: &'a [u8],
    /// [`ROOM`] bytes longer than `until`.
    pub(super) out: &'a mut [u8],
    pub(super) at: usize,
    pub(super) until: usize,
}

/// How far it went.
pub(super) struct Reached {
    pub(super) bits: Bits,
    pub(super) at: usize,
    /// Whether the block ended.
    pub(super) ended: bool,
}

impl Routine for Symbols<'_> {
    /// `None` if the symbols are none, or the input ends.
    type Output = Option<Reached>;

    #[inline(always)]
    fn run<V: Vectors>(self, vectors: V) -> Self::Output {
        let Self { codes, mut bits, input, out, mut at, until } = self;
        let (literals, distances) = (&*codes.literals, &*codes.distances);
        assert!(out.len() >= until + ROOM, "room for what is written beyond");
        bits.refill(input)?;
        let mut entry = literals[first(bits, OF_LITERALS)];
        while at < until {
            let before = bits;
            if entry & OTHER != 0 {
                if entry & LONGER != 0 {
                    entry = longer(&mut bits, entry, literals)?;
                }
                if entry & OTHER != 0 {
                    bits.drop(entry & BITS);
                    return (entry & END != 0).then_some(Reached { bits, at, ended: true });
                }
            }
            if entry & LITERAL != 0 {
                bits.drop(entry & BITS);
                out[at] = (entry >> 16) as u8;
                at += 1;
                entry = literals[first(bits, OF_LITERALS)];
                bits.refill(input)?;
                continue;
            }
            let len = number(&mut bits, entry);
            let mut distance = distances[first(bits, OF_DISTANCES)];
            let of_len = before.count - bits.count;
            bits.refill(input)?;
            let mut used = of_len + (distance & BITS);
            if distance & OTHER != 0 {
                if distance & LONGER != 0 {
                    distance = longer(&mut bits, distance, distances)?;
                    used += distance & BITS;
                }
                if distance & OTHER != 0 {
                    return None;
                }
            }
            let far = number(&mut bits, distance);
            let from = at.checked_sub(far)?;
            if far == 1 && len == MOST {
                let alike = (before.held ^ before.held >> used).trailing_zeros();
                let repeats = alike.min(before.count.saturating_sub(used)) / used;
                let repeats = repeats.min(((until - at) / MOST) as u32);
                bits.drop(repeats * used);
                bits.refill(input)?;
                entry = literals[first(bits, OF_LITERALS)];
                let end = at + (1 + repeats as usize) * MOST;
                let byte = out[from];
                out[at..end].fill(byte);
                at = end;
                continue;
            }
            entry = literals[first(bits, OF_LITERALS)];
            let near = far < WIDTH;
            let period = far.min(WIDTH);
            let step = usize::from(STEPS[period]);
            let head = vectors.periodic(block(out, from), period);
            *block_mut(out, at) = head;
            let mut write = |done: usize| {
                let block = if near { head } else { *block(out, from + done) };
                *block_mut(out, at + done) = block;
            };
            write(step);
            if len > 2 * step {
                for k in 2..5 {
                    write(k * step);
                }
                let mut done = 5 * step;
                while done < len {
                    write(done);
                    done += step;
                }
            }
            at += len;
        }
        Some(Reached { bits, at, ended: false })
    }
}

/// The place of the next code in its first table.
#[inline(always)]
fn first(bits: Bits, count: u32) -> usize {
    (bits.held & ((1 << count) - 1)) as usize
}

/// The length or distance of an entry, whose bits are used up.
#[inline(always)]
fn number(bits: &mut Bits, entry: u32) -> usize {
    let all = bits.held & !(u64::MAX << (entry & BITS));
    bits.drop(entry & BITS);
    (entry >> 16) as usize + (all >> (entry >> 8 & BITS)) as usize
}

/// The entry of a code that is longer than the first table is looked up by.
#[inline(always)]
fn longer(bits: &mut Bits, entry: u32, table: &[u32]) -> Option<u32> {
    bits.drop(entry & BITS);
    let place = (bits.held & !(u64::MAX << (entry >> 8 & 31))) as usize;
    table.get((entry >> 16) as usize + place).copied()
}

#[inline(always)]
fn block(bytes: &[u8], at: usize) -> &[u8; WIDTH] {
    bytes[at..].first_chunk().expect("room beyond the end")
}

#[inline(always)]
fn block_mut(bytes: &mut [u8], at: usize) -> &mut [u8; WIDTH] {
    bytes[at..].first_chunk_mut().expect("room beyond the end")
}
