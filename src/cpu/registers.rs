//! Registers of sixteen bytes or several times as many: SSE2 on every `x86_64`, NEON on every aarch64, AVX2
//! and AVX-512 where they are.
#![allow(unsafe_code)]

#[cfg(target_arch = "aarch64")]
#[allow(clippy::wildcard_imports, reason = "the names of intrinsics say where they come from")]
use std::arch::aarch64::*;
#[cfg(target_arch = "x86_64")]
#[allow(clippy::wildcard_imports, reason = "the names of intrinsics say where they come from")]
use std::arch::x86_64::*;

#[cfg(target_arch = "x86_64")]
use super::{Avx2, Avx512};

/// Registers that instructions take apart into parts of sixteen bytes.
pub(crate) trait Registers: Copy {
    /// Parts of sixteen bytes.
    const PARTS: usize;
    /// So many parts.
    type Register: Copy;

    /// A register of the sixteen bytes at each of some addresses, the first of `PARTS` of them.
    ///
    /// # Safety
    ///
    /// Sixteen bytes from each address on are readable.
    unsafe fn gather(self, from: [*const u8; 4]) -> Self::Register;

    /// Write the bytes to an address.
    ///
    /// # Safety
    ///
    /// There is room for as many bytes as a register has.
    unsafe fn store(self, register: Self::Register, to: *mut u8);

    /// The lower and the upper half of the parts of two registers, which are of `LANES` numbers (8, 4 or 2),
    /// taken in turns.
    fn interleaved<const LANES: usize>(
        self,
        one: Self::Register,
        other: Self::Register,
    ) -> (Self::Register, Self::Register);
}

/// Sixteen bytes.
#[derive(Clone, Copy)]
pub(crate) struct Sixteen;

// SAFETY of all intrinsics below: the instructions are there on every processor of the kind, or a token
// proves it; loads and stores are of bytes that the caller promises, and need no alignment.

#[cfg(target_arch = "x86_64")]
impl Registers for Sixteen {
    const PARTS: usize = 1;
    type Register = __m128i;

    #[inline(always)]
    unsafe fn gather(self, from: [*const u8; 4]) -> __m128i {
        // SAFETY: see above.
        unsafe { _mm_loadu_si128(from[0].cast()) }
    }

    #[inline(always)]
    unsafe fn store(self, register: __m128i, to: *mut u8) {
        // SAFETY: see above.
        unsafe { _mm_storeu_si128(to.cast(), register) }
    }

    #[inline(always)]
    fn interleaved<const LANES: usize>(self, a: __m128i, b: __m128i) -> (__m128i, __m128i) {
        // SAFETY: see above.
        unsafe {
            match LANES {
                8 => (_mm_unpacklo_epi16(a, b), _mm_unpackhi_epi16(a, b)),
                4 => (_mm_unpacklo_epi32(a, b), _mm_unpackhi_epi32(a, b)),
                _ => (_mm_unpacklo_epi64(a, b), _mm_unpackhi_epi64(a, b)),
            }
        }
    }
}

#[cfg(target_arch = "x86_64")]
impl Registers for Avx2 {
    const PARTS: usize = 2;
    type Register = __m256i;

    #[inline(always)]
    unsafe fn gather(self, from: [*const u8; 4]) -> __m256i {
        // SAFETY: see above.
        unsafe { _mm256_loadu2_m128i(from[1].cast(), from[0].cast()) }
    }

    #[inline(always)]
    unsafe fn store(self, register: __m256i, to: *mut u8) {
        // SAFETY: see above.
        unsafe { _mm256_storeu_si256(to.cast(), register) }
    }

    #[inline(always)]
    fn interleaved<const LANES: usize>(self, a: __m256i, b: __m256i) -> (__m256i, __m256i) {
        // SAFETY: see above.
        unsafe {
            match LANES {
                8 => (_mm256_unpacklo_epi16(a, b), _mm256_unpackhi_epi16(a, b)),
                4 => (_mm256_unpacklo_epi32(a, b), _mm256_unpackhi_epi32(a, b)),
                _ => (_mm256_unpacklo_epi64(a, b), _mm256_unpackhi_epi64(a, b)),
            }
        }
    }
}

#[cfg(target_arch = "x86_64")]
impl Registers for Avx512 {
    const PARTS: usize = 4;
    type Register = __m512i;

    #[inline(always)]
    unsafe fn gather(self, from: [*const u8; 4]) -> __m512i {
        // SAFETY: see above.
        unsafe {
            let part = |k: usize| _mm_loadu_si128(from[k].cast());
            let all = _mm512_castsi128_si512(part(0));
            let all = _mm512_inserti32x4::<1>(all, part(1));
            let all = _mm512_inserti32x4::<2>(all, part(2));
            _mm512_inserti32x4::<3>(all, part(3))
        }
    }

    #[inline(always)]
    unsafe fn store(self, register: __m512i, to: *mut u8) {
        // SAFETY: see above.
        unsafe { _mm512_storeu_si512(to.cast(), register) }
    }

    #[inline(always)]
    fn interleaved<const LANES: usize>(self, a: __m512i, b: __m512i) -> (__m512i, __m512i) {
        // SAFETY: see above.
        unsafe {
            match LANES {
                8 => (_mm512_unpacklo_epi16(a, b), _mm512_unpackhi_epi16(a, b)),
                4 => (_mm512_unpacklo_epi32(a, b), _mm512_unpackhi_epi32(a, b)),
                _ => (_mm512_unpacklo_epi64(a, b), _mm512_unpackhi_epi64(a, b)),
            }
        }
    }
}

#[cfg(target_arch = "aarch64")]
impl Registers for Sixteen {
    const PARTS: usize = 1;
    type Register = uint8x16_t;

    #[inline(always)]
    unsafe fn gather(self, from: [*const u8; 4]) -> uint8x16_t {
        // SAFETY: see above.
        unsafe { vld1q_u8(from[0]) }
    }

    #[inline(always)]
    unsafe fn store(self, register: uint8x16_t, to: *mut u8) {
        // SAFETY: see above.
        unsafe { vst1q_u8(to, register) }
    }

    #[inline(always)]
    fn interleaved<const LANES: usize>(self, a: uint8x16_t, b: uint8x16_t) -> (uint8x16_t, uint8x16_t) {
        // SAFETY: see above.
        unsafe {
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
        }
    }
}
