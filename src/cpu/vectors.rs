//! Sixty-four bytes at a time: where labels change, how large they are, what they add up to.
//!
//! Algorithms are written once, over [`Vectors`]; each implementation is a few instructions. An
//! implementation for an instruction set is made of the proof that it is there.
#![allow(unsafe_code)]
#![allow(clippy::cast_possible_truncation, reason = "places of 64 labels fit any integer")]

#[cfg(all(target_arch = "aarch64", target_endian = "little"))]
mod neon;
#[cfg(target_arch = "x86_64")]
mod x86;

use super::compare::Compare;
use super::lanes::{Bf16, F16, Lanes};
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
use super::registers::{Registers, Sixteen};
use super::wide::{FOUR, Wide};
#[cfg(all(target_arch = "aarch64", target_endian = "little"))]
pub(super) use neon::Neon;

/// Labels that are compared at once.
pub(crate) const WIDTH: usize = 64;

/// Most positions that [`Vectors::positions`] may write, whatever it returns.
pub(crate) const SPILL: usize = 64;

/// Couples of the pixels that are taken at once.
pub(crate) const COUPLES: usize = WIDTH / 2;

/// The numbers of the places of a block.
const PLACES: [u8; WIDTH] = {
    let mut places = [0; WIDTH];
    let mut k = 0;
    while k < WIDTH {
        places[k] = k as u8;
        k += 1;
    }
    places
};

/// The operations on sixty-four labels that depend on the instruction set, and those on class scores.
pub(crate) trait Vectors:
    Copy + Compare + Lanes<f32> + Lanes<f64> + Lanes<F16> + Lanes<Bf16> + Wide
{
    /// Words of bits that stay in registers while something is done to them, [`FOUR`] or [`EIGHT`](super::EIGHT): more
    /// would be spilled, less leave some of a register empty.
    const WORDS: usize = FOUR;

    /// The registers that class scores are transposed in.
    #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
    fn registers(self) -> impl Registers;

    /// Bit k says that the pair at k differs from the pair before it.
    ///
    /// # Safety
    ///
    /// `WIDTH` labels from `target` and `pred`, and one before them, are readable.
    unsafe fn marks(self, target: *const u8, pred: *const u8) -> u64;

    /// Write `base` plus the place of each mark to `out`, in order; their number.
    ///
    /// # Safety
    ///
    /// `SPILL` positions from `out` are writable.
    #[inline(always)]
    unsafe fn positions(self, marks: u64, base: u16, out: *mut u16) -> usize {
        // In steps of sizes that a processor can foresee.
        let count = marks.count_ones() as usize;
        let mut rest = marks;
        let mut write = |k: usize| {
            // SAFETY: k stays below 64, the room that the caller promises. Where no mark is left, 64 is
            // written beyond the end, to be written over by whoever comes next.
            unsafe { out.add(k).write(base + rest.trailing_zeros() as u16) };
            rest &= rest.wrapping_sub(1);
        };
        for k in 0..4 {
            write(k);
        }
        if count > 4 {
            for k in 4..8 {
                write(k);
            }
            for k in 8..count {
                write(k);
            }
        }
        count
    }

    /// The largest label.
    ///
    /// # Safety
    ///
    /// `WIDTH` labels from `target` and `pred` are readable.
    unsafe fn largest(self, target: *const u8, pred: *const u8) -> u8;

    /// Couple the pixels, any two of them, and write a number for each couple: with `n` the square
    /// of `classes`, at most 16 of them, `first * n + second`, where a pair is the smaller one of
    /// `target % 16 * classes + pred % 16` and `n - 1`.
    ///
    /// # Safety
    ///
    /// `WIDTH` labels from `target` and `pred` are readable.
    unsafe fn couples(self, target: *const u8, pred: *const u8, classes: u8, out: &mut [u16; COUPLES]);

    /// Bit k says that byte k differs from the one before it.
    ///
    /// # Safety
    ///
    /// `WIDTH` bytes from `bytes`, and one before them, are readable.
    #[inline(always)]
    unsafe fn changes(self, bytes: *const u8) -> u64 {
        // SAFETY: as the caller promises.
        unsafe { self.unlike::<1, 1>(bytes, [bytes.sub(1)]) }
    }

    /// Bit k says that byte k is not zero.
    fn not_zero(self, bytes: &[u8; WIDTH]) -> u64;

    /// A block of one byte.
    fn repeat(self, byte: u8) -> [u8; WIDTH];

    /// Bytes from `from` on, which is below [`WIDTH`], become those of another block.
    fn fill(self, bytes: &mut [u8; WIDTH], from: usize, with: &[u8; WIDTH]);

    /// Write the bytes of a block whose bits are set one behind the other. What is written behind them has no meaning.
    #[inline(always)]
    fn pack(self, bytes: &[u8; WIDTH], bits: u64, out: &mut [u8; WIDTH]) {
        // The first ones whether there are as many or not, as a processor can foresee that.
        let (count, mut rest) = (bits.count_ones() as usize, bits);
        let (first, more) = out.split_at_mut(4);
        for out in first.iter_mut().chain(&mut more[..count.saturating_sub(4)]) {
            *out = bytes[rest.trailing_zeros() as usize % WIDTH];
            rest &= rest.wrapping_sub(1);
        }
    }

    /// Add a byte to those of a block whose bits are set. No sum is larger than a byte.
    #[inline(always)]
    fn add_where(self, bits: u64, byte: u8, block: &mut [u8; WIDTH]) {
        for (eight, bits) in block.as_chunks_mut::<8>().0.iter_mut().zip(bits.to_le_bytes()) {
            let sums = u64::from_le_bytes(*eight) + ONES[usize::from(bits)] * u64::from(byte);
            *eight = sums.to_le_bytes();
        }
    }

    /// Write the runs of the first `len` pairs, 1 to [`WIDTH`] of them: the pair as `256 * target + pred`,
    /// and its pixels times `weight`, modulo 2^16; their number.
    ///
    /// # Safety
    ///
    /// `WIDTH` labels from `target` and `pred`, and one before them, are readable; `SPILL` numbers from
    /// `pairs` and `pixels` are writable.
    #[inline(always)]
    unsafe fn runs(
        self,
        target: *const u8,
        pred: *const u8,
        len: usize,
        weight: u16,
        pairs: *mut u16,
        pixels: *mut u16,
    ) -> usize {
        // SAFETY: as the caller promises.
        let marks = unsafe { self.marks(target, pred) };
        let mut marks = (marks | 1) & u64::MAX >> (WIDTH - len);
        let count = marks.count_ones() as usize;
        for k in 0..count {
            let from = marks.trailing_zeros();
            marks &= marks - 1;
            let end = (len as u32).min(marks.trailing_zeros());
            // SAFETY: `from` is below 64, and k below the number of marks; the caller promises room for as
            // many.
            unsafe {
                let (t, p) = (target.add(from as usize).read(), pred.add(from as usize).read());
                pairs.add(k).write(u16::from_be_bytes([t, p]));
                pixels.add(k).write(((end - from) as u16).wrapping_mul(weight));
            }
        }
        count
    }

    /// A block that repeats the first bytes of another one, `period` of them, which is 1 to [`WIDTH`].
    #[inline(always)]
    fn periodic(self, bytes: &[u8; WIDTH], period: usize) -> [u8; WIDTH] {
        match period {
            WIDTH => *bytes,
            1 => self.repeat(bytes[0]),
            _ => {
                let (mut out, mut known) = (*bytes, period);
                while known < WIDTH {
                    out.copy_within(..known.min(WIDTH - known), known);
                    known *= 2;
                }
                out
            }
        }
    }

    /// Byte k becomes the sum of `before` and the bytes up to k, modulo 256.
    fn sums(self, before: u8, bytes: &mut [u8; WIDTH]);
}

/// Words of eight labels, on any processor.
#[derive(Clone, Copy)]
pub(crate) struct Portable;

impl Vectors for Portable {
    #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
    #[inline(always)]
    fn registers(self) -> impl Registers {
        Sixteen
    }

    #[inline(always)]
    unsafe fn marks(self, target: *const u8, pred: *const u8) -> u64 {
        let mut marks = 0;
        for k in 0..WIDTH / 8 {
            // SAFETY: the caller promises labels -1 to 63; these are 8k - 1 to 8k + 7.
            let changes = unsafe {
                let (t, p) = (target.add(8 * k), pred.add(8 * k));
                (eight(t) ^ eight(t.sub(1))) | (eight(p) ^ eight(p.sub(1)))
            };
            marks |= u64::from(not_zero(changes)) << (8 * k);
        }
        marks
    }

    #[inline(always)]
    unsafe fn largest(self, target: *const u8, pred: *const u8) -> u8 {
        // SAFETY: the caller promises labels 0 to 63.
        let [target, pred] = unsafe { [labels(target), labels(pred)] };
        target.into_iter().chain(pred).fold(0, u8::max)
    }

    #[inline(always)]
    unsafe fn couples(self, target: *const u8, pred: *const u8, classes: u8, out: &mut [u16; COUPLES]) {
        // SAFETY: the caller promises labels 0 to 63.
        let [target, pred] = unsafe { [labels(target), labels(pred)] };
        let classes = u16::from(classes);
        let pairs = classes * classes;
        let pair = |k: usize| (u16::from(target[k] % 16) * classes + u16::from(pred[k] % 16)).min(pairs - 1);
        for (k, number) in out.iter_mut().enumerate() {
            *number = pair(k) * pairs + pair(k + COUPLES);
        }
    }

    #[inline(always)]
    fn not_zero(self, bytes: &[u8; WIDTH]) -> u64 {
        let words = bytes.as_chunks::<8>().0.iter().map(|word| not_zero(u64::from_le_bytes(*word)));
        words.enumerate().fold(0, |marks, (k, word)| marks | u64::from(word) << (8 * k))
    }

    #[inline(always)]
    fn repeat(self, byte: u8) -> [u8; WIDTH] {
        [byte; WIDTH]
    }

    #[inline(always)]
    fn fill(self, bytes: &mut [u8; WIDTH], from: usize, with: &[u8; WIDTH]) {
        for (k, (byte, with)) in (0_u8..).zip(bytes.iter_mut().zip(with)) {
            *byte = if k >= from as u8 { *with } else { *byte };
        }
    }

    #[inline(always)]
    fn sums(self, before: u8, bytes: &mut [u8; WIDTH]) {
        let mut sum = before;
        for byte in bytes {
            sum = sum.wrapping_add(*byte);
            *byte = sum;
        }
    }
}

#[inline(always)]
unsafe fn labels(from: *const u8) -> [u8; WIDTH] {
    // SAFETY: the caller promises that many readable labels; they need no alignment.
    unsafe { from.cast::<[u8; WIDTH]>().read_unaligned() }
}

/// Eight labels, the first in the lowest byte.
#[inline(always)]
unsafe fn eight(from: *const u8) -> u64 {
    // SAFETY: the caller promises eight readable labels; the read needs no alignment.
    u64::from_le(unsafe { from.cast::<u64>().read_unaligned() })
}

/// One in each byte.
const LOW: u64 = 0x0101_0101_0101_0101;

/// Bit k of byte k, for each of eight.
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
const OWN: u64 = 0x8040_2010_0804_0201;

/// For each byte of bits eight bytes, of one where bits are set, and of zero elsewhere.
static ONES: [u64; 256] = {
    let mut ones = [0; 256];
    let mut bits = 0;
    while bits < 256 {
        let mut k = 0;
        while k < 8 {
            ones[bits] |= (bits as u64 >> k & 1) << (8 * k);
            k += 1;
        }
        bits += 1;
    }
    ones
};

/// Bit k says that byte k is not zero.
#[inline(always)]
fn not_zero(bytes: u64) -> u8 {
    let mut any = bytes;
    any |= any >> 4 & (LOW * 0x0f);
    any |= any >> 2 & (LOW * 0x03);
    any |= any >> 1;
    // The product brings bit 8k to bit 56 + k; no two of its terms meet, so nothing is carried.
    ((any & LOW).wrapping_mul(0x0102_0408_1020_4080) >> 56) as u8
}

#[cfg(test)]
mod tests;
