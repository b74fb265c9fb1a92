//! [`Leaders`] with the instructions of NEON, four registers of pixels at a time.
#![allow(unsafe_code)]

use super::leaders::Leaders;
use super::{Half, MAGNITUDE};
use crate::cpu::Neon;
#[allow(clippy::wildcard_imports, reason = "the names of intrinsics say where they come from")]
use std::arch::aarch64::*;

// SAFETY of all intrinsics below: NEON is there on every aarch64; loads and stores are of what the caller
// promises, and need no alignment.

/// Registers of pixels.
const REGISTERS: usize = 4;

/// What is the same for all types of scores: `$lanes` of them in a register.
macro_rules! registers {
    (
        $lanes:literal, ($keys:ty, $key:ty, $lowest:expr, $repeat:ident, $load:ident, $store:ident),
        ($channels:ty, $lane:ty, $repeat_channel:ident, $add:ident, $load_channels:ident, $store_channels:ident)
    ) => {
        const PIXELS: usize = REGISTERS * $lanes;
        type Leaders = [($keys, $channels); REGISTERS];
        type Channel = $channels;

        #[inline(always)]
        fn nobody(self) -> Self::Leaders {
            // SAFETY: see above.
            unsafe { [($repeat($lowest), $repeat_channel(0)); REGISTERS] }
        }

        #[inline(always)]
        fn channel(self, number: u16) -> $channels {
            // SAFETY: see above.
            unsafe { $repeat_channel(number.into()) }
        }

        #[inline(always)]
        fn next(self, channel: $channels) -> $channels {
            // SAFETY: see above.
            unsafe { $add(channel, $repeat_channel(1)) }
        }

        #[inline(always)]
        unsafe fn load(self, keys: *const $key, channels: *const $lane) -> Self::Leaders {
            // SAFETY: see above.
            std::array::from_fn(|k| unsafe {
                ($load(keys.add($lanes * k)), $load_channels(channels.add($lanes * k)))
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
                    $store(keys.add($lanes * k), highest);
                    $store_channels(channels.add($lanes * k), leader);
                }
            }
        }
    };
}

impl Leaders<f32> for Neon {
    registers!(
        4,
        (float32x4_t, f32, f32::NEG_INFINITY, vdupq_n_f32, vld1q_f32, vst1q_f32),
        (uint32x4_t, u32, vdupq_n_u32, vaddq_u32, vld1q_u32, vst1q_u32)
    );
    /// All ones where every score was equal to itself.
    type Nan = uint32x4_t;

    #[inline(always)]
    fn no_nan(self) -> uint32x4_t {
        // SAFETY: see above.
        unsafe { vdupq_n_u32(u32::MAX) }
    }

    #[inline(always)]
    fn any(self, nan: uint32x4_t) -> bool {
        // SAFETY: see above.
        unsafe { vminvq_u32(nan) == 0 }
    }

    #[inline(always)]
    unsafe fn meet(
        self,
        leaders: &mut Self::Leaders,
        scores: *const f32,
        channel: uint32x4_t,
        nan: &mut uint32x4_t,
    ) {
        for (k, (highest, leader)) in leaders.iter_mut().enumerate() {
            // SAFETY: see above.
            unsafe {
                let score = vld1q_f32(scores.add(4 * k));
                *nan = vandq_u32(*nan, vceqq_f32(score, score));
                let higher = vcgtq_f32(score, *highest);
                *highest = vbslq_f32(higher, score, *highest);
                *leader = vbslq_u32(higher, channel, *leader);
            }
        }
    }
}

impl Leaders<f64> for Neon {
    registers!(
        2,
        (float64x2_t, f64, f64::NEG_INFINITY, vdupq_n_f64, vld1q_f64, vst1q_f64),
        (uint64x2_t, u64, vdupq_n_u64, vaddq_u64, vld1q_u64, vst1q_u64)
    );
    /// All ones where every score was equal to itself.
    type Nan = uint64x2_t;

    #[inline(always)]
    fn no_nan(self) -> uint64x2_t {
        // SAFETY: see above.
        unsafe { vdupq_n_u64(u64::MAX) }
    }

    #[inline(always)]
    fn any(self, nan: uint64x2_t) -> bool {
        // SAFETY: see above.
        unsafe { vminvq_u32(vreinterpretq_u32_u64(nan)) == 0 }
    }

    #[inline(always)]
    unsafe fn meet(
        self,
        leaders: &mut Self::Leaders,
        scores: *const f64,
        channel: uint64x2_t,
        nan: &mut uint64x2_t,
    ) {
        for (k, (highest, leader)) in leaders.iter_mut().enumerate() {
            // SAFETY: see above.
            unsafe {
                let score = vld1q_f64(scores.add(2 * k));
                *nan = vandq_u64(*nan, vceqq_f64(score, score));
                let higher = vcgtq_f64(score, *highest);
                *highest = vbslq_f64(higher, score, *highest);
                *leader = vbslq_u64(higher, channel, *leader);
            }
        }
    }
}

impl<const INFINITY: i16> Leaders<Half<INFINITY>> for Neon {
    registers!(
        8,
        (int16x8_t, i16, i16::MIN, vdupq_n_s16, vld1q_s16, vst1q_s16),
        (uint16x8_t, u16, vdupq_n_u16, vaddq_u16, vld1q_u16, vst1q_u16)
    );
    /// The largest magnitudes.
    type Nan = int16x8_t;

    #[inline(always)]
    fn no_nan(self) -> int16x8_t {
        // SAFETY: see above.
        unsafe { vdupq_n_s16(0) }
    }

    #[inline(always)]
    fn any(self, nan: int16x8_t) -> bool {
        // SAFETY: see above.
        unsafe { vmaxvq_s16(nan) > INFINITY }
    }

    #[inline(always)]
    unsafe fn meet(
        self,
        leaders: &mut Self::Leaders,
        scores: *const Half<INFINITY>,
        channel: uint16x8_t,
        nan: &mut int16x8_t,
    ) {
        for (k, (highest, leader)) in leaders.iter_mut().enumerate() {
            // SAFETY: see above.
            unsafe {
                let bits = vld1q_s16(scores.add(8 * k).cast());
                let magnitude = vandq_s16(bits, vdupq_n_s16(MAGNITUDE));
                *nan = vmaxq_s16(*nan, magnitude);
                let key = vbslq_s16(vcltzq_s16(bits), vnegq_s16(magnitude), magnitude);
                let higher = vcgtq_s16(key, *highest);
                *highest = vmaxq_s16(key, *highest);
                *leader = vbslq_u16(higher, channel, *leader);
            }
        }
    }
}
