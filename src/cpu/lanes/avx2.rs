//! [`Leaders`] with the instructions of AVX2: four registers of pixels at a time, whose comparisons overlap.
#![allow(unsafe_code)]

use super::leaders::Leaders;
use super::{Half, MAGNITUDE};
use crate::cpu::Avx2;
#[allow(clippy::wildcard_imports, reason = "the names of intrinsics say where they come from")]
use std::arch::x86_64::*;

// SAFETY of all intrinsics below: the token proves that the instructions are there; loads and stores are of
// what the caller promises, and need no alignment.

/// Registers of pixels.
const REGISTERS: usize = 4;

/// What is the same for all types of scores, with the intrinsics of each.
macro_rules! registers {
    (
        $lanes:literal, $keys:ty, $key:ty, $lane:ty, lowest: $lowest:expr,
        $load:ident, $store:ident, $repeat:ident, $add:ident
    ) => {
        const PIXELS: usize = REGISTERS * $lanes;
        type Leaders = [($keys, __m256i); REGISTERS];
        type Channel = __m256i;
        type Nan = $keys;

        #[inline(always)]
        fn nobody(self) -> Self::Leaders {
            // SAFETY: see above.
            unsafe { [($lowest, _mm256_setzero_si256()); REGISTERS] }
        }

        #[inline(always)]
        fn channel(self, number: u16) -> __m256i {
            // SAFETY: see above.
            unsafe { $repeat(<$lane>::from(number).cast_signed()) }
        }

        #[inline(always)]
        fn next(self, channel: __m256i) -> __m256i {
            // SAFETY: see above.
            unsafe { $add(channel, $repeat(1)) }
        }

        #[inline(always)]
        unsafe fn load(self, keys: *const $key, channels: *const $lane) -> Self::Leaders {
            // SAFETY: see above.
            std::array::from_fn(|k| unsafe {
                ($load(keys.add($lanes * k).cast()), _mm256_loadu_si256(channels.add($lanes * k).cast()))
            })
        }

        #[inline(always)]
        unsafe fn store(
            self,
            leaders: Self::Leaders,
            keys: *mut $key,
            channels: *mut $lane,
            _: &mut Self::Nan,
        ) {
            for (k, (highest, leader)) in leaders.into_iter().enumerate() {
                // SAFETY: see above.
                unsafe {
                    $store(keys.add($lanes * k).cast(), highest);
                    _mm256_storeu_si256(channels.add($lanes * k).cast(), leader);
                }
            }
        }
    };
}

impl Leaders<f32> for Avx2 {
    registers!(
        8, __m256, f32, u32, lowest: _mm256_set1_ps(f32::NEG_INFINITY),
        _mm256_loadu_ps, _mm256_storeu_ps, _mm256_set1_epi32, _mm256_add_epi32
    );

    #[inline(always)]
    fn no_nan(self) -> __m256 {
        // SAFETY: see above.
        unsafe { _mm256_setzero_ps() }
    }

    #[inline(always)]
    fn any(self, nan: __m256) -> bool {
        // SAFETY: see above.
        unsafe { _mm256_movemask_ps(nan) != 0 }
    }

    #[inline(always)]
    unsafe fn meet(
        self,
        leaders: &mut Self::Leaders,
        scores: *const f32,
        channel: __m256i,
        nan: &mut __m256,
    ) {
        // SAFETY: see above.
        unsafe {
            let scores: [_; REGISTERS] = std::array::from_fn(|k| _mm256_loadu_ps(scores.add(8 * k)));
            // One comparison finds a NaN in either of two registers.
            for pair in scores.as_chunks::<2>().0 {
                *nan = _mm256_or_ps(*nan, _mm256_cmp_ps::<_CMP_UNORD_Q>(pair[0], pair[1]));
            }
            for (score, (highest, leader)) in scores.into_iter().zip(leaders) {
                let higher = _mm256_castps_si256(_mm256_cmp_ps::<_CMP_GT_OQ>(score, *highest));
                *highest = _mm256_max_ps(score, *highest);
                *leader = _mm256_max_epu32(*leader, _mm256_and_si256(higher, channel));
            }
        }
    }
}

impl Leaders<f64> for Avx2 {
    registers!(
        4, __m256d, f64, u64, lowest: _mm256_set1_pd(f64::NEG_INFINITY),
        _mm256_loadu_pd, _mm256_storeu_pd, _mm256_set1_epi64x, _mm256_add_epi64
    );

    #[inline(always)]
    fn no_nan(self) -> __m256d {
        // SAFETY: see above.
        unsafe { _mm256_setzero_pd() }
    }

    #[inline(always)]
    fn any(self, nan: __m256d) -> bool {
        // SAFETY: see above.
        unsafe { _mm256_movemask_pd(nan) != 0 }
    }

    #[inline(always)]
    unsafe fn meet(
        self,
        leaders: &mut Self::Leaders,
        scores: *const f64,
        channel: __m256i,
        nan: &mut __m256d,
    ) {
        // SAFETY: see above.
        unsafe {
            let scores: [_; REGISTERS] = std::array::from_fn(|k| _mm256_loadu_pd(scores.add(4 * k)));
            // One comparison finds a NaN in either of two registers.
            for pair in scores.as_chunks::<2>().0 {
                *nan = _mm256_or_pd(*nan, _mm256_cmp_pd::<_CMP_UNORD_Q>(pair[0], pair[1]));
            }
            for (score, (highest, leader)) in scores.into_iter().zip(leaders) {
                let higher = _mm256_castpd_si256(_mm256_cmp_pd::<_CMP_GT_OQ>(score, *highest));
                *highest = _mm256_max_pd(score, *highest);
                *leader = _mm256_max_epu32(*leader, _mm256_and_si256(higher, channel));
            }
        }
    }
}

/// What gathers NaN is the largest magnitudes.
impl<const INFINITY: i16> Leaders<Half<INFINITY>> for Avx2 {
    registers!(
        16, __m256i, i16, u16, lowest: _mm256_set1_epi16(i16::MIN),
        _mm256_loadu_si256, _mm256_storeu_si256, _mm256_set1_epi16, _mm256_add_epi16
    );

    #[inline(always)]
    fn no_nan(self) -> __m256i {
        // SAFETY: see above.
        unsafe { _mm256_setzero_si256() }
    }

    #[inline(always)]
    fn any(self, nan: __m256i) -> bool {
        // SAFETY: see above.
        unsafe { _mm256_movemask_epi8(_mm256_cmpgt_epi16(nan, _mm256_set1_epi16(INFINITY))) != 0 }
    }

    #[inline(always)]
    unsafe fn meet(
        self,
        leaders: &mut Self::Leaders,
        scores: *const Half<INFINITY>,
        channel: __m256i,
        nan: &mut __m256i,
    ) {
        for (k, (highest, leader)) in leaders.iter_mut().enumerate() {
            // SAFETY: see above.
            unsafe {
                let bits = _mm256_loadu_si256(scores.add(16 * k).cast());
                let magnitude = _mm256_and_si256(bits, _mm256_set1_epi16(MAGNITUDE));
                *nan = _mm256_max_epi16(*nan, magnitude);
                // Negated where there is a sign; the magnitude 0 stays 0.
                let key = _mm256_sign_epi16(magnitude, bits);
                let higher = _mm256_cmpgt_epi16(key, *highest);
                *highest = _mm256_max_epi16(key, *highest);
                *leader = _mm256_blendv_epi8(*leader, channel, higher);
            }
        }
    }
}
