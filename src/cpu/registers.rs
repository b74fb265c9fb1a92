//! Sixteen bytes in a register: SSE2 on every `x86_64`, NEON on every aarch64.
#![allow(unsafe_code)]

#[cfg(target_arch = "aarch64")]
#[allow(clippy::wildcard_imports, reason = "the names of intrinsics say where they come from")]
use std::arch::aarch64::*;
#[cfg(target_arch = "x86_64")]
#[allow(clippy::wildcard_imports, reason = "the names of intrinsics say where they come from")]
use std::arch::x86_64::*;

/// Sixteen bytes.
#[derive(Clone, Copy)]
pub(crate) struct Register(
    #[cfg(target_arch = "x86_64")] __m128i,
    #[cfg(target_arch = "aarch64")] uint8x16_t,
);

// SAFETY of all intrinsics below: the instructions are there on every processor of the kind; loads and stores
// are of bytes that the caller promises, and need no alignment.

impl Register {
    /// The bytes at an address.
    ///
    /// # Safety
    ///
    /// Sixteen bytes from there are readable.
    #[inline(always)]
    pub(crate) unsafe fn load(from: *const u8) -> Self {
        // SAFETY: see above.
        #[cfg(target_arch = "x86_64")]
        return Self(unsafe { _mm_loadu_si128(from.cast()) });
        // SAFETY: see above.
        #[cfg(target_arch = "aarch64")]
        return Self(unsafe { vld1q_u8(from) });
    }

    /// Write the bytes to an address.
    ///
    /// # Safety
    ///
    /// Sixteen bytes from there are writable.
    #[inline(always)]
    pub(crate) unsafe fn store(self, to: *mut u8) {
        // SAFETY: see above.
        #[cfg(target_arch = "x86_64")]
        unsafe {
            _mm_storeu_si128(to.cast(), self.0);
        }
        // SAFETY: see above.
        #[cfg(target_arch = "aarch64")]
        unsafe {
            vst1q_u8(to, self.0);
        }
    }

    /// The lower and the upper half of two registers of `LANES` numbers (8, 4 or 2), taken in turns.
    #[inline(always)]
    pub(crate) fn interleaved<const LANES: usize>(self, other: Self) -> (Self, Self) {
        let (a, b) = (self.0, other.0);
        // SAFETY: see above.
        #[cfg(target_arch = "x86_64")]
        let (low, high) = unsafe {
            match LANES {
                8 => (_mm_unpacklo_epi16(a, b), _mm_unpackhi_epi16(a, b)),
                4 => (_mm_unpacklo_epi32(a, b), _mm_unpackhi_epi32(a, b)),
                _ => (_mm_unpacklo_epi64(a, b), _mm_unpackhi_epi64(a, b)),
            }
        };
        // SAFETY: see above.
        #[cfg(target_arch = "aarch64")]
        let (low, high) = unsafe {
            macro_rules! zipped {
                ($to:ident, $back:ident, $low:ident, $high:ident) => {
                    ($back($low($to(a), $to(b))), $back($high($to(a), $to(b))))
                };
            }
            match LANES {
                8 => zipped!(vreinterpretq_u16_u8, vreinterpretq_u8_u16, vzip1q_u16, vzip2q_u16),
                4 => zipped!(vreinterpretq_u32_u8, vreinterpretq_u8_u32, vzip1q_u32, vzip2q_u32),
                _ => zipped!(vreinterpretq_u64_u8, vreinterpretq_u8_u64, vzip1q_u64, vzip2q_u64),
            }
        };
        (Self(low), Self(high))
    }
}
