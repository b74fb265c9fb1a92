//! [`Vectors`] with the instructions of x86.
#![allow(unsafe_code)]
#![allow(clippy::cast_possible_truncation, reason = "places of 64 labels fit any integer")]

use super::{COUPLES, LOW, OWN, PLACES, Vectors, WIDTH};
use crate::cpu::{Avx2, Avx512, EIGHT, Registers};
#[allow(clippy::wildcard_imports, reason = "the names of intrinsics say where they come from")]
use std::arch::x86_64::*;

/// The places that a block of each period takes its bytes from.
static PERIODS: [[u8; WIDTH]; WIDTH + 1] = {
    let mut periods = [PLACES; WIDTH + 1];
    let mut period = 1;
    while period < WIDTH {
        let mut k = 0;
        while k < WIDTH {
            periods[period][k] = (k % period) as u8;
            k += 1;
        }
        period += 1;
    }
    periods
};

// SAFETY of all intrinsics below: the token proves that the instructions are there, and every
// load is of labels that the caller promises to be readable; loads need no alignment.

impl Vectors for Avx2 {
    #[inline(always)]
    fn registers(self) -> impl Registers {
        self
    }

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
    unsafe fn largest(self, target: *const u8, pred: *const u8) -> u8 {
        // SAFETY: see above; these are labels 0 to 63.
        let largest = unsafe {
            let t = _mm256_max_epu8(load(target), load(target.add(32)));
            let p = _mm256_max_epu8(load(pred), load(pred.add(32)));
            let all = _mm256_max_epu8(t, p);
            let half = _mm_max_epu8(_mm256_castsi256_si128(all), _mm256_extracti128_si256(all, 1));
            _mm_cvtsi128_si64(_mm_max_epu8(half, _mm_srli_si128(half, 8)))
        };
        largest.to_ne_bytes().into_iter().fold(0, u8::max)
    }

    #[inline(always)]
    unsafe fn couples(self, target: *const u8, pred: *const u8, classes: u8, out: &mut [u16; COUPLES]) {
        let pairs = i16::from(classes) * i16::from(classes);
        // SAFETY: see above; each half is 32 labels, and 16 of the 32 numbers of `out`.
        unsafe {
            let low = _mm256_set1_epi8(15);
            // Target labels are multiplied by `classes`, the predicted ones beside them by 1.
            let weights = _mm256_set1_epi16(1 << 8 | i16::from(classes));
            let last = _mm256_set1_epi16(pairs - 1);
            for half in 0..2 {
                let t = _mm256_and_si256(load(target.add(32 * half)), low);
                let p = _mm256_and_si256(load(pred.add(32 * half)), low);
                let first = _mm256_maddubs_epi16(_mm256_unpacklo_epi8(t, p), weights);
                let second = _mm256_maddubs_epi16(_mm256_unpackhi_epi8(t, p), weights);
                let first = _mm256_min_epi16(first, last);
                let second = _mm256_min_epi16(second, last);
                let numbers = _mm256_add_epi16(_mm256_mullo_epi16(first, _mm256_set1_epi16(pairs)), second);
                _mm256_storeu_si256(out.as_mut_ptr().add(16 * half).cast(), numbers);
            }
        }
    }

    #[inline(always)]
    fn not_zero(self, bytes: &[u8; WIDTH]) -> u64 {
        let half = |at: usize| {
            // SAFETY: see above; these are 32 of the 64 bytes.
            unsafe {
                let zero = _mm256_cmpeq_epi8(load(bytes.as_ptr().add(at)), _mm256_setzero_si256());
                !_mm256_movemask_epi8(zero).cast_unsigned()
            }
        };
        u64::from(half(0)) | u64::from(half(32)) << 32
    }

    #[inline(always)]
    fn repeat(self, byte: u8) -> [u8; WIDTH] {
        // SAFETY: see above; two vectors are 64 bytes.
        unsafe { std::mem::transmute([_mm256_set1_epi8(byte.cast_signed()); 2]) }
    }

    #[inline(always)]
    fn fill(self, bytes: &mut [u8; WIDTH], from: usize, with: &[u8; WIDTH]) {
        for half in 0..2 {
            let at = 32 * half;
            // SAFETY: see above; these are 32 of the 64 bytes.
            unsafe {
                let first = _mm256_set1_epi8(from as i8 - 1);
                let here = _mm256_cmpgt_epi8(load(PLACES.as_ptr().add(at)), first);
                let mixed =
                    _mm256_blendv_epi8(load(bytes.as_ptr().add(at)), load(with.as_ptr().add(at)), here);
                _mm256_storeu_si256(bytes.as_mut_ptr().add(at).cast(), mixed);
            }
        }
    }

    #[inline(always)]
    fn add_where(self, bits: u64, byte: u8, block: &mut [u8; WIDTH]) {
        for half in 0..2 {
            // SAFETY: see above; these are 32 of the 64 bytes.
            unsafe {
                let own = _mm256_set1_epi64x(OWN.cast_signed());
                let bits = _mm256_set1_epi32((bits >> (32 * half)) as i32);
                // Byte k of the bits for 8 bytes of the block.
                let eights =
                    _mm256_setr_epi64x(0, LOW.cast_signed(), 2 * LOW.cast_signed(), 3 * LOW.cast_signed());
                let bits = _mm256_and_si256(_mm256_shuffle_epi8(bits, eights), own);
                let more =
                    _mm256_and_si256(_mm256_cmpeq_epi8(bits, own), _mm256_set1_epi8(byte.cast_signed()));
                let at = block.as_mut_ptr().add(32 * half);
                _mm256_storeu_si256(at.cast(), _mm256_add_epi8(load(at), more));
            }
        }
    }

    #[inline(always)]
    fn sums(self, before: u8, bytes: &mut [u8; WIDTH]) {
        // SAFETY: see above; each quarter is 16 of the 64 bytes.
        unsafe {
            let mut carry = _mm_set1_epi8(before.cast_signed());
            for quarter in 0..4 {
                let at = bytes.as_mut_ptr().add(16 * quarter).cast();
                let mut sums = _mm_loadu_si128(at);
                // Each step adds the sums that end where those of the step before begin.
                sums = _mm_add_epi8(sums, _mm_slli_si128(sums, 1));
                sums = _mm_add_epi8(sums, _mm_slli_si128(sums, 2));
                sums = _mm_add_epi8(sums, _mm_slli_si128(sums, 4));
                sums = _mm_add_epi8(sums, _mm_slli_si128(sums, 8));
                sums = _mm_add_epi8(sums, carry);
                _mm_storeu_si128(at, sums);
                carry = _mm_shuffle_epi8(sums, _mm_set1_epi8(15));
            }
        }
    }
}

impl Vectors for Avx512 {
    const WORDS: usize = EIGHT;

    #[inline(always)]
    fn registers(self) -> impl Registers {
        self
    }

    #[inline(always)]
    unsafe fn marks(self, target: *const u8, pred: *const u8) -> u64 {
        // SAFETY: as the caller promises.
        unsafe { self.avx2().marks(target, pred) }
    }

    #[inline(always)]
    unsafe fn positions(self, marks: u64, base: u16, out: *mut u16) -> usize {
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
    unsafe fn largest(self, target: *const u8, pred: *const u8) -> u8 {
        // SAFETY: as the caller promises.
        unsafe { self.avx2().largest(target, pred) }
    }

    #[inline(always)]
    unsafe fn couples(self, target: *const u8, pred: *const u8, classes: u8, out: &mut [u16; COUPLES]) {
        // SAFETY: as the caller promises.
        unsafe { self.avx2().couples(target, pred, classes, out) }
    }

    #[inline(always)]
    fn not_zero(self, bytes: &[u8; WIDTH]) -> u64 {
        // SAFETY: see above; these are 64 bytes.
        unsafe {
            let bytes = _mm512_loadu_si512(bytes.as_ptr().cast());
            _mm512_test_epi8_mask(bytes, bytes)
        }
    }

    #[inline(always)]
    fn repeat(self, byte: u8) -> [u8; WIDTH] {
        // SAFETY: see above; a vector is 64 bytes.
        unsafe { std::mem::transmute(_mm512_set1_epi8(byte.cast_signed())) }
    }

    #[inline(always)]
    fn fill(self, bytes: &mut [u8; WIDTH], from: usize, with: &[u8; WIDTH]) {
        // SAFETY: see above; these are 64 bytes.
        unsafe {
            let here = u64::MAX << from;
            let before = _mm512_loadu_si512(bytes.as_ptr().cast());
            let mixed = _mm512_mask_mov_epi8(before, here, _mm512_loadu_si512(with.as_ptr().cast()));
            _mm512_storeu_si512(bytes.as_mut_ptr().cast(), mixed);
        }
    }

    #[inline(always)]
    fn add_where(self, bits: u64, byte: u8, block: &mut [u8; WIDTH]) {
        // SAFETY: see above; these are 64 bytes.
        unsafe {
            let sums = _mm512_loadu_si512(block.as_ptr().cast());
            let sums = _mm512_mask_add_epi8(sums, bits, sums, _mm512_set1_epi8(byte.cast_signed()));
            _mm512_storeu_si512(block.as_mut_ptr().cast(), sums);
        }
    }

    #[inline(always)]
    fn pack(self, bytes: &[u8; WIDTH], bits: u64, out: &mut [u8; WIDTH]) {
        // SAFETY: see above; both are 64 bytes.
        unsafe {
            let packed = _mm512_maskz_compress_epi8(bits, _mm512_loadu_si512(bytes.as_ptr().cast()));
            _mm512_storeu_si512(out.as_mut_ptr().cast(), packed);
        }
    }

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
        // SAFETY: see above; 32 or 64 numbers are written, for which there is room.
        unsafe {
            let (t, p) = (_mm512_loadu_si512(target.cast()), _mm512_loadu_si512(pred.cast()));
            let changes = _mm512_ternarylogic_epi64::<0xf6>(
                _mm512_xor_si512(t, _mm512_loadu_si512(target.sub(1).cast())),
                p,
                _mm512_loadu_si512(pred.sub(1).cast()),
            );
            let within = u64::MAX >> (WIDTH - len);
            let marks = (_mm512_test_epi8_mask(changes, changes) | 1) & within;
            // A run ends where the next one begins, the last one with the block.
            let ends = marks >> 1 | (within ^ within >> 1);
            let places = _mm512_loadu_si512(PLACES.as_ptr().cast());
            let after = _mm512_add_epi8(places, _mm512_set1_epi8(1));
            let lengths = _mm512_sub_epi8(
                _mm512_maskz_compress_epi8(ends, after),
                _mm512_maskz_compress_epi8(marks, places),
            );
            let (t, p) = (_mm512_maskz_compress_epi8(marks, t), _mm512_maskz_compress_epi8(marks, p));
            let weight = _mm512_set1_epi16(weight.cast_signed());
            let write = |at: usize, t: __m256i, p: __m256i, lengths: __m256i| {
                let pair =
                    _mm512_or_si512(_mm512_slli_epi16::<8>(_mm512_cvtepu8_epi16(t)), _mm512_cvtepu8_epi16(p));
                _mm512_storeu_si512(pairs.add(at).cast(), pair);
                _mm512_storeu_si512(
                    pixels.add(at).cast(),
                    _mm512_mullo_epi16(_mm512_cvtepu8_epi16(lengths), weight),
                );
            };
            write(0, _mm512_castsi512_si256(t), _mm512_castsi512_si256(p), _mm512_castsi512_si256(lengths));
            let count = marks.count_ones() as usize;
            if count > 32 {
                let high = |block| _mm512_extracti64x4_epi64::<1>(block);
                write(32, high(t), high(p), high(lengths));
            }
            count
        }
    }

    #[inline(always)]
    fn periodic(self, bytes: &[u8; WIDTH], period: usize) -> [u8; WIDTH] {
        // SAFETY: see above; both are blocks.
        unsafe {
            let places = _mm512_loadu_si512(PERIODS[period].as_ptr().cast());
            let block = _mm512_permutexvar_epi8(places, _mm512_loadu_si512(bytes.as_ptr().cast()));
            std::mem::transmute(block)
        }
    }

    #[inline(always)]
    fn sums(self, before: u8, bytes: &mut [u8; WIDTH]) {
        self.avx2().sums(before, bytes);
    }
}

#[inline(always)]
unsafe fn load(from: *const u8) -> __m256i {
    // SAFETY: the caller promises 32 readable labels.
    unsafe { _mm256_loadu_si256(from.cast()) }
}
