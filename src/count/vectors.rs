//! Sixty-four labels at a time: where pairs change, and how large labels are.
//!
//! The algorithm in [`super::runs`] is written once, over this trait; each implementation is a few
//! instructions. An implementation for an instruction set is made of the proof that it is there.
#![allow(unsafe_code)]
#![allow(clippy::cast_possible_truncation, reason = "places of 64 labels fit any integer")]

/// Labels that are compared at once.
pub(super) const WIDTH: usize = 64;

/// Most positions that [`Vectors::positions`] may write, whatever it returns.
pub(super) const SPILL: usize = 64;

/// The operations on sixty-four labels that depend on the instruction set.
pub(super) trait Vectors: Copy {
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
    unsafe fn positions(self, marks: u64, base: u16, out: *mut u16) -> usize;

    /// The bits that occur in any label.
    ///
    /// # Safety
    ///
    /// `WIDTH` labels from `target` and `pred` are readable.
    unsafe fn bits(self, target: *const u8, pred: *const u8) -> u8;

    /// Write `target % 16 * 16 + pred % 16` of each pair to `out`.
    ///
    /// # Safety
    ///
    /// `WIDTH` labels from `target` and `pred` are readable.
    unsafe fn packed(self, target: *const u8, pred: *const u8, out: &mut [u64; WIDTH / 8]);
}

/// Words of eight labels, on any processor.
#[derive(Clone, Copy)]
pub(super) struct Portable;

impl Vectors for Portable {
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
    unsafe fn positions(self, marks: u64, base: u16, out: *mut u16) -> usize {
        // SAFETY: as the caller promises.
        unsafe { positions_one_by_one(marks, base, out) }
    }

    #[inline(always)]
    unsafe fn bits(self, target: *const u8, pred: *const u8) -> u8 {
        let mut all = 0;
        for k in 0..WIDTH / 8 {
            // SAFETY: the caller promises labels 0 to 63.
            all |= unsafe { eight(target.add(8 * k)) | eight(pred.add(8 * k)) };
        }
        all.to_ne_bytes().into_iter().fold(0, |bits, byte| bits | byte)
    }

    #[inline(always)]
    unsafe fn packed(self, target: *const u8, pred: *const u8, out: &mut [u64; WIDTH / 8]) {
        const LOW: u64 = 0x0f0f_0f0f_0f0f_0f0f;
        for (k, word) in out.iter_mut().enumerate() {
            // SAFETY: the caller promises labels 0 to 63.
            let (t, p) = unsafe { (eight(target.add(8 * k)), eight(pred.add(8 * k))) };
            *word = (t & LOW) << 4 | p & LOW;
        }
    }
}

/// Eight labels, the first in the lowest byte.
#[inline(always)]
unsafe fn eight(from: *const u8) -> u64 {
    // SAFETY: the caller promises eight readable labels; the read needs no alignment.
    u64::from_le(unsafe { from.cast::<u64>().read_unaligned() })
}

/// Bit k says that byte k is not zero.
#[inline(always)]
fn not_zero(bytes: u64) -> u8 {
    const LOW: u64 = 0x0101_0101_0101_0101;
    let mut any = bytes;
    any |= any >> 4 & (LOW * 0x0f);
    any |= any >> 2 & (LOW * 0x03);
    any |= any >> 1;
    // The product brings bit 8k to bit 56 + k; no two of its terms meet, so nothing is carried.
    ((any & LOW).wrapping_mul(0x0102_0408_1020_4080) >> 56) as u8
}

/// The positions of marks, in steps of sizes that a processor can foresee.
#[inline(always)]
unsafe fn positions_one_by_one(marks: u64, base: u16, out: *mut u16) -> usize {
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

#[cfg(target_arch = "x86_64")]
mod x86 {
    use super::{SPILL, Vectors, WIDTH, positions_one_by_one};
    use crate::cpu::{Avx2, Avx512};
    #[allow(clippy::wildcard_imports, reason = "the names of intrinsics say where they come from")]
    use std::arch::x86_64::*;

    // SAFETY of all intrinsics below: the token proves that the instructions are there, and every
    // load is of labels that the caller promises to be readable; loads need no alignment.

    impl Vectors for Avx2 {
        #[inline(always)]
        unsafe fn marks(self, target: *const u8, pred: *const u8) -> u64 {
            let half = |at: usize| {
                // SAFETY: see above; these are labels at - 1 to at + 31.
                unsafe {
                    let (t, p) = (target.add(at), pred.add(at));
                    let same_target = _mm256_cmpeq_epi8(load(t), load(t.sub(1)));
                    let same_pred = _mm256_cmpeq_epi8(load(p), load(p.sub(1)));
                    !_mm256_movemask_epi8(_mm256_and_si256(same_target, same_pred)).cast_unsigned()
                }
            };
            u64::from(half(0)) | u64::from(half(32)) << 32
        }

        #[inline(always)]
        unsafe fn positions(self, marks: u64, base: u16, out: *mut u16) -> usize {
            // SAFETY: as the caller promises.
            unsafe { positions_one_by_one(marks, base, out) }
        }

        #[inline(always)]
        unsafe fn bits(self, target: *const u8, pred: *const u8) -> u8 {
            // SAFETY: see above; these are labels 0 to 63.
            let all = unsafe {
                let t = _mm256_or_si256(load(target), load(target.add(32)));
                let p = _mm256_or_si256(load(pred), load(pred.add(32)));
                let all = _mm256_or_si256(t, p);
                let half = _mm_or_si128(_mm256_castsi256_si128(all), _mm256_extracti128_si256(all, 1));
                _mm_cvtsi128_si64(_mm_or_si128(half, _mm_srli_si128(half, 8)))
            };
            all.to_ne_bytes().into_iter().fold(0, |bits, byte| bits | byte)
        }

        #[inline(always)]
        unsafe fn packed(self, target: *const u8, pred: *const u8, out: &mut [u64; WIDTH / 8]) {
            // SAFETY: see above; each half is 32 labels, and 32 of the 64 bytes of `out`.
            unsafe {
                let low = _mm256_set1_epi8(15);
                for half in 0..2 {
                    let t = _mm256_and_si256(load(target.add(32 * half)), low);
                    let p = _mm256_and_si256(load(pred.add(32 * half)), low);
                    let packed = _mm256_or_si256(_mm256_slli_epi16(t, 4), p);
                    _mm256_storeu_si256(out.as_mut_ptr().add(4 * half).cast(), packed);
                }
            }
        }
    }

    impl Vectors for Avx512 {
        #[inline(always)]
        unsafe fn marks(self, target: *const u8, pred: *const u8) -> u64 {
            // SAFETY: see above; these are labels -1 to 63.
            unsafe {
                let load = |from: *const u8| _mm512_loadu_si512(from.cast());
                let t = _mm512_xor_si512(load(target), load(target.sub(1)));
                let p = _mm512_xor_si512(load(pred), load(pred.sub(1)));
                let changes = _mm512_or_si512(t, p);
                _mm512_test_epi8_mask(changes, changes)
            }
        }

        #[inline(always)]
        unsafe fn positions(self, marks: u64, base: u16, out: *mut u16) -> usize {
            const PLACES: [u8; SPILL] = {
                let mut places = [0; SPILL];
                let mut k = 0;
                while k < SPILL {
                    places[k] = k as u8;
                    k += 1;
                }
                places
            };
            let count = marks.count_ones() as usize;
            // SAFETY: see above; 32 or 64 positions are written, for which there is room.
            unsafe {
                let places = _mm512_maskz_compress_epi8(marks, _mm512_loadu_si512(PLACES.as_ptr().cast()));
                let base = _mm512_set1_epi16(base.cast_signed());
                let low = _mm512_cvtepu8_epi16(_mm512_castsi512_si256(places));
                _mm512_storeu_si512(out.cast(), _mm512_add_epi16(low, base));
                if count > 32 {
                    let high = _mm512_cvtepu8_epi16(_mm512_extracti64x4_epi64(places, 1));
                    _mm512_storeu_si512(out.add(32).cast(), _mm512_add_epi16(high, base));
                }
            }
            count
        }

        #[inline(always)]
        unsafe fn bits(self, target: *const u8, pred: *const u8) -> u8 {
            // SAFETY: as the caller promises.
            unsafe { self.avx2().bits(target, pred) }
        }

        #[inline(always)]
        unsafe fn packed(self, target: *const u8, pred: *const u8, out: &mut [u64; WIDTH / 8]) {
            // SAFETY: as the caller promises.
            unsafe { self.avx2().packed(target, pred, out) }
        }
    }

    #[inline(always)]
    unsafe fn load(from: *const u8) -> __m256i {
        // SAFETY: the caller promises 32 readable labels.
        unsafe { _mm256_loadu_si256(from.cast()) }
    }
}
