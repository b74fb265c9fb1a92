//! [`Wide`] with the instructions of AVX-512.
#![allow(unsafe_code)]

use super::{EIGHT, SIXTEEN, SixteenBoxes, TWO_TO_52, Upright, Wide};
use crate::cpu::Avx512;
#[allow(clippy::wildcard_imports, reason = "the names of intrinsics say where they come from")]
use std::arch::x86_64::*;

/// The numbers of the places of a register.
const PLACES: [u32; SIXTEEN] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];

// SAFETY of all intrinsics below: the token proves that the instructions are there; loads and stores are of arrays
// as large as a register, and need no alignment.

impl Wide for Avx512 {
    const SEARCH: usize = 32;

    type Words = __m512i;
    type Singles = __m512;
    type Doubles = __m512d;

    #[inline(always)]
    fn words(self, from: &[u64; EIGHT]) -> __m512i {
        // SAFETY: see above.
        unsafe { _mm512_loadu_si512(from.as_ptr().cast()) }
    }

    #[inline(always)]
    fn in_memory(self, words: __m512i) -> [u64; EIGHT] {
        // SAFETY: a register is eight words.
        unsafe { std::mem::transmute(words) }
    }

    #[inline(always)]
    fn either(self, one: __m512i, other: __m512i) -> __m512i {
        // SAFETY: see above.
        unsafe { _mm512_or_si512(one, other) }
    }

    #[inline(always)]
    fn both(self, one: __m512i, other: __m512i) -> __m512i {
        // SAFETY: see above.
        unsafe { _mm512_and_si512(one, other) }
    }

    #[inline(always)]
    fn without(self, one: __m512i, other: __m512i) -> __m512i {
        // SAFETY: see above.
        unsafe { _mm512_andnot_si512(other, one) }
    }

    #[inline(always)]
    fn any(self, words: __m512i) -> bool {
        // SAFETY: see above.
        unsafe { _mm512_test_epi64_mask(words, words) != 0 }
    }

    #[inline(always)]
    fn some(
        self,
        words: __m512i,
        numbers: &[u32; EIGHT],
        (bits, of): (&mut [u64; EIGHT], &mut [u32; EIGHT]),
    ) -> usize {
        // SAFETY: see above; these are eight words and eight numbers.
        unsafe {
            let some = _mm512_test_epi64_mask(words, words);
            let numbers = _mm256_loadu_si256(numbers.as_ptr().cast());
            _mm512_storeu_si512(bits.as_mut_ptr().cast(), _mm512_maskz_compress_epi64(some, words));
            _mm256_storeu_si256(of.as_mut_ptr().cast(), _mm256_maskz_compress_epi32(some, numbers));
            some.count_ones() as usize
        }
    }

    #[inline(always)]
    fn add_bits(self, words: __m512i, sums: &mut [u64; EIGHT]) {
        // SAFETY: see above.
        unsafe {
            let sum = _mm512_add_epi64(_mm512_loadu_si512(sums.as_ptr().cast()), _mm512_popcnt_epi64(words));
            _mm512_storeu_si512(sums.as_mut_ptr().cast(), sum);
        }
    }

    #[inline(always)]
    fn beside(self, [before, here, after]: [__m512i; 3], places: u32) -> __m512i {
        // SAFETY: see above.
        unsafe {
            let places = _mm512_set1_epi64(places.into());
            let left = _mm512_shldv_epi64(here, before, places);
            _mm512_or_si512(left, _mm512_shrdv_epi64(here, after, places))
        }
    }

    #[inline(always)]
    fn gaps(self, boxes: &SixteenBoxes, from: [f32; 3]) -> __m512 {
        // SAFETY: see above.
        unsafe {
            let square = |axis: usize| {
                let middle = _mm512_loadu_ps(boxes.middle[axis].as_ptr());
                let apart = _mm512_abs_ps(_mm512_sub_ps(middle, _mm512_set1_ps(from[axis])));
                let apart = _mm512_sub_ps(apart, _mm512_loadu_ps(boxes.half[axis].as_ptr()));
                let apart = _mm512_max_ps(apart, _mm512_setzero_ps());
                _mm512_mul_ps(apart, apart)
            };
            _mm512_add_ps(_mm512_add_ps(square(0), square(1)), square(2))
        }
    }

    #[inline(always)]
    fn singles(self, numbers: __m512) -> [f32; SIXTEEN] {
        // SAFETY: a register is sixteen numbers.
        unsafe { std::mem::transmute(numbers) }
    }

    #[inline(always)]
    fn no_greater(self, numbers: __m512, bound: f32) -> u16 {
        // SAFETY: see above.
        unsafe { _mm512_cmp_ps_mask::<_CMP_LE_OQ>(numbers, _mm512_set1_ps(bound)) }
    }

    #[inline(always)]
    fn places(self, bits: u16, base: u32, out: &mut [u32; SIXTEEN]) -> usize {
        // SAFETY: see above.
        unsafe {
            let places = _mm512_loadu_si512(PLACES.as_ptr().cast());
            let places = _mm512_add_epi32(places, _mm512_set1_epi32(base.cast_signed()));
            _mm512_storeu_si512(out.as_mut_ptr().cast(), _mm512_maskz_compress_epi32(bits, places));
        }
        bits.count_ones() as usize
    }

    #[inline(always)]
    fn all_singles(self, number: f32) -> __m512 {
        // SAFETY: see above.
        unsafe { _mm512_set1_ps(number) }
    }

    #[inline(always)]
    fn lesser_singles(self, one: __m512, other: __m512) -> __m512 {
        // SAFETY: see above.
        unsafe { _mm512_min_ps(one, other) }
    }

    #[inline(always)]
    fn least_single(self, numbers: __m512) -> f32 {
        // SAFETY: see above.
        unsafe { _mm512_reduce_min_ps(numbers) }
    }

    #[inline(always)]
    fn upright(self, lines: Upright<'_>, row: f32, step: f32) -> __m512 {
        // SAFETY: see above.
        unsafe {
            let row = _mm512_set1_ps(row);
            let up = _mm512_sub_ps(row, _mm512_loadu_ps(lines.above.as_ptr()));
            let down = _mm512_sub_ps(_mm512_loadu_ps(lines.below.as_ptr()), row);
            let along = _mm512_mul_ps(_mm512_min_ps(up, down), _mm512_set1_ps(step));
            _mm512_add_ps(_mm512_mul_ps(along, along), _mm512_loadu_ps(lines.across.as_ptr()))
        }
    }

    #[inline(always)]
    fn doubles(self, from: &[f64; EIGHT]) -> __m512d {
        // SAFETY: see above.
        unsafe { _mm512_loadu_pd(from.as_ptr()) }
    }

    #[inline(always)]
    fn all_doubles(self, number: f64) -> __m512d {
        // SAFETY: see above.
        unsafe { _mm512_set1_pd(number) }
    }

    #[inline(always)]
    fn sum(self, one: __m512d, other: __m512d) -> __m512d {
        // SAFETY: see above.
        unsafe { _mm512_add_pd(one, other) }
    }

    #[inline(always)]
    fn across(self, [before, here, after]: [__m512i; 3], from: u32, step: f64) -> __m512d {
        // SAFETY: see above.
        unsafe {
            let right = _mm512_shrdv_epi64(here, after, _mm512_set1_epi64(from.into()));
            let left = _mm512_shldv_epi64(here, before, _mm512_set1_epi64((63 - from).into()));
            // The places below the lowest bit are all that is set in one less than the word, and not in the word.
            let below = _mm512_andnot_si512(right, _mm512_add_epi64(right, _mm512_set1_epi64(-1)));
            let steps = _mm512_min_epu64(_mm512_popcnt_epi64(below), _mm512_lzcnt_epi64(left));
            // A small number in the lowest bits of 2^52 makes a sum of both of it.
            let whole = _mm512_set1_pd(TWO_TO_52);
            let sum = _mm512_or_si512(steps, _mm512_castpd_si512(whole));
            let along = _mm512_sub_pd(_mm512_castsi512_pd(sum), whole);
            let along = _mm512_mul_pd(along, _mm512_set1_pd(step));
            _mm512_mul_pd(along, along)
        }
    }

    #[inline(always)]
    fn squares(self, to: &[[f64; EIGHT]; 3], from: [f64; 3], steps: [f64; 3]) -> __m512d {
        // SAFETY: see above.
        unsafe {
            let square = |axis: usize| {
                let to = _mm512_loadu_pd(to[axis].as_ptr());
                let apart = _mm512_sub_pd(to, _mm512_set1_pd(from[axis]));
                let along = _mm512_mul_pd(apart, _mm512_set1_pd(steps[axis]));
                _mm512_mul_pd(along, along)
            };
            _mm512_add_pd(_mm512_add_pd(square(0), square(1)), square(2))
        }
    }

    #[inline(always)]
    fn lesser(self, one: __m512d, other: __m512d) -> __m512d {
        // SAFETY: see above.
        unsafe { _mm512_min_pd(one, other) }
    }

    #[inline(always)]
    fn any_less(self, numbers: __m512d, bound: f64) -> bool {
        // SAFETY: see above.
        unsafe { _mm512_cmp_pd_mask::<_CMP_LT_OQ>(numbers, _mm512_set1_pd(bound)) != 0 }
    }

    #[inline(always)]
    fn least(self, numbers: __m512d) -> f64 {
        // SAFETY: see above.
        unsafe { _mm512_reduce_min_pd(numbers) }
    }
}
