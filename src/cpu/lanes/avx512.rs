//! [`Leaders`] with the instructions of AVX-512: four registers of pixels at a time, whose comparisons
//! overlap.
#![allow(unsafe_code)]

use super::Half;
use super::leaders::Leaders;
use crate::cpu::Avx512;
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
        $load:ident, $store:ident, $repeat:ident, $add:ident, gather: $gather:expr
    ) => {
        const PIXELS: usize = REGISTERS * $lanes;
        type Leaders = [($keys, __m512i); REGISTERS];
        type Channel = __m512i;
        type Nan = __m512i;

        #[inline(always)]
        fn nobody(self) -> Self::Leaders {
            // SAFETY: see above.
            unsafe { [($lowest, _mm512_setzero_si512()); REGISTERS] }
        }

        #[inline(always)]
        fn no_nan(self) -> __m512i {
            // SAFETY: see above.
            unsafe { _mm512_setzero_si512() }
        }

        #[inline(always)]
        fn channel(self, number: u16) -> __m512i {
            // SAFETY: see above.
            unsafe { $repeat(<$lane>::from(number).cast_signed()) }
        }

        #[inline(always)]
        fn next(self, channel: __m512i) -> __m512i {
            // SAFETY: see above.
            unsafe { $add(channel, $repeat(1)) }
        }

        #[inline(always)]
        unsafe fn load(self, keys: *const $key, channels: *const $lane) -> Self::Leaders {
            // SAFETY: see above.
            std::array::from_fn(|k| unsafe {
                ($load(keys.add($lanes * k).cast()), _mm512_loadu_si512(channels.add($lanes * k).cast()))
            })
        }

        #[inline(always)]
        unsafe fn store(
            self,
            leaders: Self::Leaders,
            keys: *mut $key,
            channels: *mut $lane,
            nan: &mut __m512i,
        ) {
            for (k, (highest, leader)) in leaders.into_iter().enumerate() {
                *nan = $gather(*nan, highest);
                // SAFETY: see above.
                unsafe {
                    $store(keys.add($lanes * k).cast(), highest);
                    _mm512_storeu_si512(channels.add($lanes * k).cast(), leader);
                }
            }
        }
    };
}

impl Leaders<f32> for Avx512 {
    registers!(
        16, __m512, f32, u32, lowest: _mm512_set1_ps(f32::NEG_INFINITY),
        _mm512_loadu_ps, _mm512_storeu_ps, _mm512_set1_epi32, _mm512_add_epi32, gather: |nan, _| nan
    );

    #[inline(always)]
    fn any(self, nan: __m512i) -> bool {
        // SAFETY: see above.
        unsafe { _mm512_test_epi32_mask(nan, nan) != 0 }
    }

    #[inline(always)]
    unsafe fn meet(
        self,
        leaders: &mut Self::Leaders,
        scores: *const f32,
        channel: __m512i,
        nan: &mut __m512i,
    ) {
        // SAFETY: see above.
        unsafe {
            let scores: [_; REGISTERS] = std::array::from_fn(|k| _mm512_loadu_ps(scores.add(16 * k)));
            // One comparison finds a NaN in either of two registers.
            for pair in scores.as_chunks::<2>().0 {
                let found = _mm512_cmp_ps_mask::<_CMP_UNORD_Q>(pair[0], pair[1]);
                *nan = _mm512_mask_set1_epi32(*nan, found, -1);
            }
            for (score, (highest, leader)) in scores.into_iter().zip(leaders) {
                let higher = _mm512_cmp_ps_mask::<_CMP_GT_OQ>(score, *highest);
                *highest = _mm512_max_ps(score, *highest);
                *leader = _mm512_mask_mov_epi32(*leader, higher, channel);
            }
        }
    }
}

impl Leaders<f64> for Avx512 {
    registers!(
        8, __m512d, f64, u64, lowest: _mm512_set1_pd(f64::NEG_INFINITY),
        _mm512_loadu_pd, _mm512_storeu_pd, _mm512_set1_epi64, _mm512_add_epi64, gather: |nan, _| nan
    );

    #[inline(always)]
    fn any(self, nan: __m512i) -> bool {
        // SAFETY: see above.
        unsafe { _mm512_test_epi64_mask(nan, nan) != 0 }
    }

    #[inline(always)]
    unsafe fn meet(
        self,
        leaders: &mut Self::Leaders,
        scores: *const f64,
        channel: __m512i,
        nan: &mut __m512i,
    ) {
        // SAFETY: see above.
        unsafe {
            let scores: [_; REGISTERS] = std::array::from_fn(|k| _mm512_loadu_pd(scores.add(8 * k)));
            // One comparison finds a NaN in either of two registers.
            for pair in scores.as_chunks::<2>().0 {
                let found = _mm512_cmp_pd_mask::<_CMP_UNORD_Q>(pair[0], pair[1]);
                *nan = _mm512_mask_set1_epi64(*nan, found, -1);
            }
            for (score, (highest, leader)) in scores.into_iter().zip(leaders) {
                let higher = _mm512_cmp_pd_mask::<_CMP_GT_OQ>(score, *highest);
                *highest = _mm512_max_pd(score, *highest);
                *leader = _mm512_mask_mov_epi64(*leader, higher, channel);
            }
        }
    }
}

/// Scores of 16 bits are compared as numbers without sign: how far they are above minus infinity. NaN of
/// either sign is beyond infinity there, so that the highest scores tell of it.
impl<const INFINITY: i16> Leaders<Half<INFINITY>> for Avx512 {
    registers!(
        32, __m512i, i16, u16, lowest: _mm512_setzero_si512(),
        _mm512_loadu_si512, _mm512_storeu_si512, _mm512_set1_epi16, _mm512_add_epi16,
        // SAFETY: see above.
        gather: |nan, highest| unsafe { _mm512_max_epu16(nan, highest) }
    );

    #[inline(always)]
    fn any(self, nan: __m512i) -> bool {
        // SAFETY: see above.
        unsafe { _mm512_cmpgt_epu16_mask(nan, _mm512_set1_epi16(INFINITY.wrapping_mul(2))) != 0 }
    }

    #[inline(always)]
    unsafe fn meet(
        self,
        leaders: &mut Self::Leaders,
        scores: *const Half<INFINITY>,
        channel: __m512i,
        _: &mut __m512i,
    ) {
        for (k, (highest, leader)) in leaders.iter_mut().enumerate() {
            // SAFETY: see above.
            unsafe {
                let bits = _mm512_loadu_si512(scores.add(32 * k).cast());
                let key = _mm512_add_epi16(bits, _mm512_set1_epi16(INFINITY));
                // With a sign, the magnitude goes off instead: `INFINITY - (bits - i16::MIN)`.
                let zero = _mm512_set1_epi16(INFINITY.wrapping_add(i16::MIN));
                let key = _mm512_mask_sub_epi16(key, _mm512_movepi16_mask(bits), zero, bits);
                let higher = _mm512_cmpgt_epu16_mask(key, *highest);
                *highest = _mm512_max_epu16(key, *highest);
                *leader = _mm512_mask_mov_epi16(*leader, higher, channel);
            }
        }
    }
}
