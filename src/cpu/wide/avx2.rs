//! [`Wide`] with the instructions of AVX2: two registers are sixty-four bytes. What is done with both
//! is a function that is always inlined, which closures are not.
#![allow(unsafe_code)]

use super::{EIGHT, SIXTEEN, SixteenBoxes, TWO_TO_52, Upright, Wide};
use crate::cpu::Avx2;
#[allow(clippy::wildcard_imports, reason = "the names of intrinsics say where they come from")]
use std::arch::x86_64::*;

// SAFETY of all intrinsics below: the token proves that the instructions are there; loads and stores are of parts of
// arrays, each as large as a register, and need no alignment.

impl Wide for Avx2 {
    const SEARCH: usize = 16;

    type Words = [__m256i; 2];
    type Singles = [__m256; 2];
    type Doubles = [__m256d; 2];

    #[inline(always)]
    fn words(self, from: &[u64; EIGHT]) -> [__m256i; 2] {
        // SAFETY: see above.
        unsafe { [_mm256_loadu_si256(from.as_ptr().cast()), _mm256_loadu_si256(from.as_ptr().add(4).cast())] }
    }

    #[inline(always)]
    fn in_memory(self, words: [__m256i; 2]) -> [u64; EIGHT] {
        // SAFETY: two registers are eight words.
        unsafe { std::mem::transmute(words) }
    }

    #[inline(always)]
    fn either(self, one: [__m256i; 2], other: [__m256i; 2]) -> [__m256i; 2] {
        // SAFETY: see above.
        unsafe { [_mm256_or_si256(one[0], other[0]), _mm256_or_si256(one[1], other[1])] }
    }

    #[inline(always)]
    fn both(self, one: [__m256i; 2], other: [__m256i; 2]) -> [__m256i; 2] {
        // SAFETY: see above.
        unsafe { [_mm256_and_si256(one[0], other[0]), _mm256_and_si256(one[1], other[1])] }
    }

    #[inline(always)]
    fn without(self, one: [__m256i; 2], other: [__m256i; 2]) -> [__m256i; 2] {
        // SAFETY: see above.
        unsafe { [_mm256_andnot_si256(other[0], one[0]), _mm256_andnot_si256(other[1], one[1])] }
    }

    #[inline(always)]
    fn any(self, words: [__m256i; 2]) -> bool {
        // SAFETY: see above.
        unsafe {
            let any = _mm256_or_si256(words[0], words[1]);
            _mm256_testz_si256(any, any) == 0
        }
    }

    #[inline(always)]
    fn add_bits(self, words: [__m256i; 2], sums: &mut [u64; EIGHT]) {
        for (half, words) in words.into_iter().enumerate() {
            // SAFETY: see above; these are four of the eight sums.
            unsafe {
                let sums = sums.as_mut_ptr().add(4 * half).cast();
                _mm256_storeu_si256(sums, _mm256_add_epi64(_mm256_loadu_si256(sums), count_bits(words)));
            }
        }
    }

    #[inline(always)]
    fn beside(self, [before, here, after]: [[__m256i; 2]; 3], places: u32) -> [__m256i; 2] {
        [
            beside([before[0], here[0], after[0]], places.into()),
            beside([before[1], here[1], after[1]], places.into()),
        ]
    }

    #[inline(always)]
    fn gaps(self, boxes: &SixteenBoxes, from: [f32; 3]) -> [__m256; 2] {
        [gaps(boxes, 0, from), gaps(boxes, 8, from)]
    }

    #[inline(always)]
    fn singles(self, numbers: [__m256; 2]) -> [f32; SIXTEEN] {
        // SAFETY: two registers are sixteen numbers.
        unsafe { std::mem::transmute(numbers) }
    }

    #[inline(always)]
    fn no_greater(self, numbers: [__m256; 2], bound: f32) -> u16 {
        u16::from_le_bytes([no_greater(numbers[0], bound), no_greater(numbers[1], bound)])
    }

    #[inline(always)]
    fn places(self, bits: u16, base: u32, out: &mut [u32; SIXTEEN]) -> usize {
        let mut count = 0;
        for (half, bits) in bits.to_le_bytes().into_iter().enumerate() {
            // SAFETY: see above; no more than eight places are before the second half.
            unsafe {
                // A byte for each place, of which those remain that have a bit.
                let kept = _pdep_u64(bits.into(), 0x0101_0101_0101_0101) * 0xff;
                let places = _pext_u64(0x0706_0504_0302_0100 + 0x0808_0808_0808_0808 * half as u64, kept);
                let places = _mm256_cvtepu8_epi32(_mm_cvtsi64_si128(places.cast_signed()));
                let places = _mm256_add_epi32(places, _mm256_set1_epi32(base.cast_signed()));
                _mm256_storeu_si256(out.as_mut_ptr().add(count).cast(), places);
            }
            count += bits.count_ones() as usize;
        }
        count
    }

    #[inline(always)]
    fn all_singles(self, number: f32) -> [__m256; 2] {
        // SAFETY: see above.
        unsafe { [_mm256_set1_ps(number); 2] }
    }

    #[inline(always)]
    fn lesser_singles(self, one: [__m256; 2], other: [__m256; 2]) -> [__m256; 2] {
        // SAFETY: see above.
        unsafe { [_mm256_min_ps(one[0], other[0]), _mm256_min_ps(one[1], other[1])] }
    }

    #[inline(always)]
    fn least_single(self, numbers: [__m256; 2]) -> f32 {
        // SAFETY: see above.
        unsafe {
            let eight = _mm256_min_ps(numbers[0], numbers[1]);
            let four = _mm_min_ps(_mm256_castps256_ps128(eight), _mm256_extractf128_ps::<1>(eight));
            let two = _mm_min_ps(four, _mm_movehl_ps(four, four));
            _mm_cvtss_f32(_mm_min_ss(two, _mm_movehdup_ps(two)))
        }
    }

    #[inline(always)]
    fn upright(self, lines: Upright<'_>, row: f32, step: f32) -> [__m256; 2] {
        [upright(lines, 0, row, step), upright(lines, 8, row, step)]
    }

    #[inline(always)]
    fn doubles(self, from: &[f64; EIGHT]) -> [__m256d; 2] {
        // SAFETY: see above.
        unsafe { [_mm256_loadu_pd(from.as_ptr()), _mm256_loadu_pd(from.as_ptr().add(4))] }
    }

    #[inline(always)]
    fn all_doubles(self, number: f64) -> [__m256d; 2] {
        // SAFETY: see above.
        unsafe { [_mm256_set1_pd(number); 2] }
    }

    #[inline(always)]
    fn sum(self, one: [__m256d; 2], other: [__m256d; 2]) -> [__m256d; 2] {
        // SAFETY: see above.
        unsafe { [_mm256_add_pd(one[0], other[0]), _mm256_add_pd(one[1], other[1])] }
    }

    #[inline(always)]
    fn across(self, words: [[__m256i; 2]; 3], from: u32, step: f64) -> [__m256d; 2] {
        let half = |half: usize| words.map(|words| words[half]);
        [across(half(0), from, step), across(half(1), from, step)]
    }

    #[inline(always)]
    fn squares(self, to: &[[f64; EIGHT]; 3], from: [f64; 3], steps: [f64; 3]) -> [__m256d; 2] {
        [squares(to, 0, from, steps), squares(to, 4, from, steps)]
    }

    #[inline(always)]
    fn lesser(self, one: [__m256d; 2], other: [__m256d; 2]) -> [__m256d; 2] {
        // SAFETY: see above.
        unsafe { [_mm256_min_pd(one[0], other[0]), _mm256_min_pd(one[1], other[1])] }
    }

    #[inline(always)]
    fn any_less(self, numbers: [__m256d; 2], bound: f64) -> bool {
        // SAFETY: see above.
        unsafe {
            let least = _mm256_min_pd(numbers[0], numbers[1]);
            _mm256_movemask_pd(_mm256_cmp_pd::<_CMP_LT_OQ>(least, _mm256_set1_pd(bound))) != 0
        }
    }

    #[inline(always)]
    fn least(self, numbers: [__m256d; 2]) -> f64 {
        // SAFETY: see above.
        unsafe {
            let four = _mm256_min_pd(numbers[0], numbers[1]);
            let two = _mm_min_pd(_mm256_castpd256_pd128(four), _mm256_extractf128_pd::<1>(four));
            _mm_cvtsd_f64(_mm_min_sd(two, _mm_unpackhi_pd(two, two)))
        }
    }
}

#[inline(always)]
fn beside([before, here, after]: [__m256i; 3], places: i64) -> __m256i {
    // SAFETY: see above.
    unsafe {
        let (there, back) = (_mm_cvtsi64_si128(places), _mm_cvtsi64_si128(64 - places));
        let left = _mm256_or_si256(_mm256_sll_epi64(here, there), _mm256_srl_epi64(before, back));
        let right = _mm256_or_si256(_mm256_srl_epi64(here, there), _mm256_sll_epi64(after, back));
        _mm256_or_si256(left, right)
    }
}

/// How many bits of each word are set.
#[inline(always)]
fn count_bits(words: __m256i) -> __m256i {
    // SAFETY: see above.
    unsafe {
        // Four bits at a time are looked up, and the bytes of a word added up.
        let bits = _mm256_broadcastsi128_si256(_mm_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4));
        let four = _mm256_set1_epi8(15);
        let low = _mm256_shuffle_epi8(bits, _mm256_and_si256(words, four));
        let high = _mm256_and_si256(_mm256_srli_epi16::<4>(words), four);
        let bytes = _mm256_add_epi8(low, _mm256_shuffle_epi8(bits, high));
        _mm256_sad_epu8(bytes, _mm256_setzero_si256())
    }
}

/// The bits of each word, the first one last.
#[inline(always)]
fn reversed(words: __m256i) -> __m256i {
    // SAFETY: see above.
    unsafe {
        let four = _mm256_set1_epi8(15);
        // What becomes of each four bits.
        let turned =
            _mm256_broadcastsi128_si256(_mm_setr_epi8(0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15));
        let bytes =
            _mm256_broadcastsi128_si256(_mm_setr_epi8(7, 6, 5, 4, 3, 2, 1, 0, 15, 14, 13, 12, 11, 10, 9, 8));
        let low = _mm256_shuffle_epi8(turned, _mm256_and_si256(words, four));
        let high = _mm256_shuffle_epi8(turned, _mm256_and_si256(_mm256_srli_epi16::<4>(words), four));
        _mm256_shuffle_epi8(_mm256_or_si256(_mm256_slli_epi16::<4>(low), high), bytes)
    }
}

/// The squares of distances along four rows to the next bit.
#[inline(always)]
fn across([before, here, after]: [__m256i; 3], from: u32, step: f64) -> __m256d {
    // SAFETY: see above.
    unsafe {
        let shift = |places: u32| _mm_cvtsi32_si128(places.cast_signed());
        let right = _mm256_srl_epi64(here, shift(from));
        let right = _mm256_or_si256(right, _mm256_sll_epi64(after, shift(64 - from)));
        let left = _mm256_sll_epi64(here, shift(63 - from));
        let left = _mm256_or_si256(left, _mm256_srl_epi64(before, shift(from + 1)));
        let either = _mm256_or_si256(right, reversed(left));
        // The places below the lowest bit are all that is set in one less than the word, and not in the word.
        let below = _mm256_andnot_si256(either, _mm256_add_epi64(either, _mm256_set1_epi64x(-1)));
        // A small number in the lowest bits of 2^52 makes a sum of both of it.
        let whole = _mm256_set1_pd(TWO_TO_52);
        let sum = _mm256_or_si256(count_bits(below), _mm256_castpd_si256(whole));
        let along = _mm256_sub_pd(_mm256_castsi256_pd(sum), whole);
        let along = _mm256_mul_pd(along, _mm256_set1_pd(step));
        _mm256_mul_pd(along, along)
    }
}

/// The squares of the gaps between a number and eight of sixteen ranges.
#[inline(always)]
fn gaps_along(middle: &[f32; SIXTEEN], half: &[f32; SIXTEEN], at: usize, from: f32) -> __m256 {
    // SAFETY: see above; `at` is 0 or 8.
    unsafe {
        let apart = _mm256_sub_ps(_mm256_loadu_ps(middle.as_ptr().add(at)), _mm256_set1_ps(from));
        let apart = _mm256_andnot_ps(_mm256_set1_ps(-0.0), apart);
        let apart = _mm256_sub_ps(apart, _mm256_loadu_ps(half.as_ptr().add(at)));
        let apart = _mm256_max_ps(apart, _mm256_setzero_ps());
        _mm256_mul_ps(apart, apart)
    }
}

#[inline(always)]
fn gaps(SixteenBoxes { middle, half }: &SixteenBoxes, at: usize, from: [f32; 3]) -> __m256 {
    let slices = gaps_along(&middle[0], &half[0], at, from[0]);
    let rows = gaps_along(&middle[1], &half[1], at, from[1]);
    let columns = gaps_along(&middle[2], &half[2], at, from[2]);
    // SAFETY: see above.
    unsafe { _mm256_add_ps(_mm256_add_ps(slices, rows), columns) }
}

/// The squares of distances to eight of sixteen places.
#[inline(always)]
fn upright(lines: Upright<'_>, at: usize, row: f32, step: f32) -> __m256 {
    // SAFETY: see above; `at` is 0 or 8.
    unsafe {
        let row = _mm256_set1_ps(row);
        let up = _mm256_sub_ps(row, _mm256_loadu_ps(lines.above.as_ptr().add(at)));
        let down = _mm256_sub_ps(_mm256_loadu_ps(lines.below.as_ptr().add(at)), row);
        let along = _mm256_mul_ps(_mm256_min_ps(up, down), _mm256_set1_ps(step));
        _mm256_add_ps(_mm256_mul_ps(along, along), _mm256_loadu_ps(lines.across.as_ptr().add(at)))
    }
}

#[inline(always)]
fn no_greater(numbers: __m256, bound: f32) -> u8 {
    // SAFETY: see above.
    let bits = unsafe { _mm256_movemask_ps(_mm256_cmp_ps::<_CMP_LE_OQ>(numbers, _mm256_set1_ps(bound))) };
    bits.to_le_bytes()[0]
}

/// The squares of the steps between a number and four of eight, each of which measures so much.
#[inline(always)]
fn squares_along(to: &[f64; EIGHT], at: usize, from: f64, step: f64) -> __m256d {
    // SAFETY: see above; `at` is 0 or 4.
    unsafe {
        let apart = _mm256_sub_pd(_mm256_loadu_pd(to.as_ptr().add(at)), _mm256_set1_pd(from));
        let along = _mm256_mul_pd(apart, _mm256_set1_pd(step));
        _mm256_mul_pd(along, along)
    }
}

#[inline(always)]
fn squares(to: &[[f64; EIGHT]; 3], at: usize, from: [f64; 3], steps: [f64; 3]) -> __m256d {
    let first = squares_along(&to[0], at, from[0], steps[0]);
    let second = squares_along(&to[1], at, from[1], steps[1]);
    let third = squares_along(&to[2], at, from[2], steps[2]);
    // SAFETY: see above.
    unsafe { _mm256_add_pd(_mm256_add_pd(first, second), third) }
}
