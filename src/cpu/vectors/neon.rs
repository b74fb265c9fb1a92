//! [`Vectors`] with the instructions of NEON, which are part of every 64-bit ARM processor.
#![allow(unsafe_code)]
#![allow(clippy::cast_possible_truncation, reason = "places of 64 labels fit any integer")]

use super::{COUPLES, OWN, PLACES, Vectors, WIDTH};
use crate::cpu::compare::{Compare, other_than_plainly, unlike_plainly};
use crate::cpu::registers::{Registers, Sixteen};
#[allow(clippy::wildcard_imports, reason = "the names of intrinsics say where they come from")]
use std::arch::aarch64::*;

/// The instructions that are always there.
#[derive(Clone, Copy)]
pub(crate) struct Neon;

// SAFETY of all intrinsics below: NEON is there on every aarch64, and every load is of bytes that the
// caller promises to be readable; loads need no alignment.

impl Vectors for Neon {
    #[inline(always)]
    fn registers(self) -> impl Registers {
        Sixteen
    }

    #[inline(always)]
    unsafe fn marks(self, target: *const u8, pred: *const u8) -> u64 {
        // SAFETY: see above; these are labels at - 1 to at + 15.
        let same =
            |at: usize| unsafe { vandq_u8(same_as_before(target.add(at)), same_as_before(pred.add(at))) };
        !bits([same(0), same(16), same(32), same(48)])
    }

    #[inline(always)]
    unsafe fn largest(self, target: *const u8, pred: *const u8) -> u8 {
        // SAFETY: see above; these are labels 0 to 63.
        unsafe {
            let larger = |at: usize| vmaxq_u8(vld1q_u8(target.add(at)), vld1q_u8(pred.add(at)));
            vmaxvq_u8(vmaxq_u8(vmaxq_u8(larger(0), larger(16)), vmaxq_u8(larger(32), larger(48))))
        }
    }

    #[inline(always)]
    unsafe fn couples(self, target: *const u8, pred: *const u8, classes: u8, out: &mut [u16; COUPLES]) {
        let pairs = u16::from(classes) * u16::from(classes);
        // SAFETY: see above; each quarter is 16 labels, and 8 of the 32 numbers of `out`.
        unsafe {
            let low = vdupq_n_u8(15);
            let weights = vdupq_n_u8(classes);
            let last = vdupq_n_u16(pairs - 1);
            for quarter in 0..4 {
                let t = vandq_u8(vld1q_u8(target.add(16 * quarter)), low);
                let p = vandq_u8(vld1q_u8(pred.add(16 * quarter)), low);
                let first = vaddw_u8(vmull_u8(vget_low_u8(t), vget_low_u8(weights)), vget_low_u8(p));
                let second = vaddw_high_u8(vmull_high_u8(t, weights), p);
                let first = vminq_u16(first, last);
                let second = vminq_u16(second, last);
                let numbers = vmlaq_u16(second, first, vdupq_n_u16(pairs));
                vst1q_u16(out.as_mut_ptr().add(8 * quarter), numbers);
            }
        }
    }

    #[inline(always)]
    fn not_zero(self, bytes: &[u8; WIDTH]) -> u64 {
        // SAFETY: see above; these are 16 of the 64 bytes.
        let zero = |at: usize| unsafe { vceqzq_u8(vld1q_u8(bytes.as_ptr().add(at))) };
        !bits([zero(0), zero(16), zero(32), zero(48)])
    }

    #[inline(always)]
    fn repeat(self, byte: u8) -> [u8; WIDTH] {
        // SAFETY: see above; four vectors are 64 bytes.
        unsafe { std::mem::transmute([vdupq_n_u8(byte); 4]) }
    }

    #[inline(always)]
    fn fill(self, bytes: &mut [u8; WIDTH], from: usize, with: &[u8; WIDTH]) {
        for at in (0..WIDTH).step_by(16) {
            // SAFETY: see above; these are 16 of the 64 bytes.
            unsafe {
                let here = vcgeq_u8(vld1q_u8(PLACES.as_ptr().add(at)), vdupq_n_u8(from as u8));
                let to = bytes.as_mut_ptr().add(at);
                vst1q_u8(to, vbslq_u8(here, vld1q_u8(with.as_ptr().add(at)), vld1q_u8(to)));
            }
        }
    }

    #[inline(always)]
    fn add_where(self, bits: u64, byte: u8, block: &mut [u8; WIDTH]) {
        let bits = bits.to_le_bytes();
        for quarter in 0..4 {
            // SAFETY: see above; each quarter is 16 of the 64 bytes.
            unsafe {
                let own = vcreate_u8(OWN);
                let eight = |k: usize| vdup_n_u8(bits[2 * quarter + k]);
                let set = vtstq_u8(vcombine_u8(eight(0), eight(1)), vcombine_u8(own, own));
                let at = block.as_mut_ptr().add(16 * quarter);
                vst1q_u8(at, vaddq_u8(vld1q_u8(at), vandq_u8(set, vdupq_n_u8(byte))));
            }
        }
    }

    #[inline(always)]
    fn sums(self, before: u8, bytes: &mut [u8; WIDTH]) {
        // SAFETY: see above; each quarter is 16 of the 64 bytes.
        unsafe {
            let zeros = vdupq_n_u8(0);
            let mut carry = vdupq_n_u8(before);
            for quarter in 0..4 {
                let at = bytes.as_mut_ptr().add(16 * quarter);
                let mut sums = vld1q_u8(at);
                // Each step adds the sums that end where those of the step before begin.
                sums = vaddq_u8(sums, vextq_u8::<15>(zeros, sums));
                sums = vaddq_u8(sums, vextq_u8::<14>(zeros, sums));
                sums = vaddq_u8(sums, vextq_u8::<12>(zeros, sums));
                sums = vaddq_u8(sums, vextq_u8::<8>(zeros, sums));
                sums = vaddq_u8(sums, carry);
                vst1q_u8(at, sums);
                carry = vdupq_laneq_u8::<15>(sums);
            }
        }
    }
}

impl Compare for Neon {
    #[inline(always)]
    unsafe fn unlike<const BYTES: usize, const N: usize>(
        self,
        labels: *const u8,
        others: [*const u8; N],
    ) -> u64 {
        if BYTES > 1 {
            // SAFETY: as the caller promises.
            return unsafe { unlike_plainly::<BYTES, N>(self, labels, others) };
        }
        // SAFETY: see above; these are 16 of the 64 bytes.
        let same = |at: usize| unsafe {
            let own = vld1q_u8(labels.add(at));
            others.iter().fold(vdupq_n_u8(u8::MAX), |same, other| {
                vandq_u8(same, vceqq_u8(own, vld1q_u8(other.add(at))))
            })
        };
        !bits([same(0), same(16), same(32), same(48)])
    }

    #[inline(always)]
    unsafe fn other_than<const BYTES: usize>(self, one: u64, labels: *const u8) -> u64 {
        // SAFETY: as the caller promises.
        unsafe { other_than_plainly::<BYTES>(self, one, labels) }
    }
}

/// All bits of each byte that is the same as the one before it.
#[inline(always)]
unsafe fn same_as_before(from: *const u8) -> uint8x16_t {
    // SAFETY: the caller promises 16 readable bytes, and one before them.
    unsafe { vceqq_u8(vld1q_u8(from), vld1q_u8(from.sub(1))) }
}

/// A bit for each byte of four registers, whose bits are all set or all clear.
///
/// Each byte keeps the bit of its place among eight; then eight that lie side by side are added up, in three
/// steps for all of them.
#[inline(always)]
fn bits([a, b, c, d]: [uint8x16_t; 4]) -> u64 {
    // SAFETY: see above.
    unsafe {
        let places = vreinterpretq_u8_u64(vdupq_n_u64(OWN));
        let low = vpaddq_u8(vandq_u8(a, places), vandq_u8(b, places));
        let high = vpaddq_u8(vandq_u8(c, places), vandq_u8(d, places));
        let quads = vpaddq_u8(low, high);
        vgetq_lane_u64::<0>(vreinterpretq_u64_u8(vpaddq_u8(quads, quads)))
    }
}
