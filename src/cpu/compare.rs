//! Sixty-four labels of any width compared at once with others, or with one label.
//!
//! As with [`Vectors`](super::Vectors), what is done with the answers is written once, over [`Compare`].
#![allow(unsafe_code)]

#[cfg(target_arch = "x86_64")]
use super::{Avx2, Avx512};
use super::{Portable, Vectors, WIDTH};
#[cfg(target_arch = "x86_64")]
#[allow(clippy::wildcard_imports, reason = "the names of intrinsics say where they come from")]
use std::arch::x86_64::*;

/// How labels of 1, 2, 4 or 8 bytes are compared with an instruction set.
pub(crate) trait Compare: Copy {
    /// Bit k says that label k differs from that at k of one of the others.
    ///
    /// # Safety
    ///
    /// `WIDTH` labels of so many bytes are readable from each address.
    unsafe fn unlike<const BYTES: usize, const N: usize>(
        self,
        labels: *const u8,
        others: [*const u8; N],
    ) -> u64;

    /// Bit k says that label k is another one than this, of which the lowest bytes count.
    ///
    /// # Safety
    ///
    /// `WIDTH` labels of so many bytes are readable.
    unsafe fn other_than<const BYTES: usize>(self, label: u64, labels: *const u8) -> u64;
}

/// Label k.
///
/// # Safety
///
/// `k + 1` labels of so many bytes are readable; they need no alignment.
#[inline(always)]
unsafe fn label<const BYTES: usize>(labels: *const u8, k: usize) -> u64 {
    // SAFETY: as the caller promises.
    unsafe {
        let label = labels.add(BYTES * k);
        match BYTES {
            1 => label.read().into(),
            2 => label.cast::<u16>().read_unaligned().into(),
            4 => label.cast::<u32>().read_unaligned().into(),
            _ => label.cast::<u64>().read_unaligned(),
        }
    }
}

/// [`Compare::unlike`] label by label, which the compiler makes vectors of.
#[inline(always)]
pub(super) unsafe fn unlike_plainly<const BYTES: usize, const N: usize>(
    vectors: impl Vectors,
    labels: *const u8,
    others: [*const u8; N],
) -> u64 {
    let mut unlike = [0; WIDTH];
    for (k, slot) in unlike.iter_mut().enumerate() {
        for other in others {
            // SAFETY: as the caller promises.
            *slot |= u8::from(unsafe { label::<BYTES>(labels, k) != label::<BYTES>(other, k) });
        }
    }
    vectors.not_zero(&unlike)
}

/// [`Compare::other_than`] in the same way.
#[inline(always)]
pub(super) unsafe fn other_than_plainly<const BYTES: usize>(
    vectors: impl Vectors,
    one: u64,
    labels: *const u8,
) -> u64 {
    let one = one & u64::MAX >> (64 - 8 * BYTES);
    let mut others = [0; WIDTH];
    for (k, slot) in others.iter_mut().enumerate() {
        // SAFETY: as the caller promises.
        *slot = u8::from(unsafe { label::<BYTES>(labels, k) } != one);
    }
    vectors.not_zero(&others)
}

/// Bit k says that byte k of eight words is not zero, which is often so of none.
#[inline(always)]
fn bytes_not_zero(words: [u64; 8]) -> u64 {
    if words.iter().fold(0, |any, word| any | word) == 0 {
        return 0;
    }
    let mut bytes = [0; WIDTH];
    for (bytes, word) in bytes.as_chunks_mut().0.iter_mut().zip(words) {
        *bytes = word.to_ne_bytes();
    }
    Portable.not_zero(&bytes)
}

impl Compare for Portable {
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
        bytes_not_zero(std::array::from_fn(|k| {
            // SAFETY: these are bytes 8k to 8k + 7 of 64.
            let eight = |from: *const u8| unsafe { label::<8>(from, k) };
            others.iter().fold(0, |unlike, &other| unlike | eight(labels) ^ eight(other))
        }))
    }

    #[inline(always)]
    unsafe fn other_than<const BYTES: usize>(self, one: u64, labels: *const u8) -> u64 {
        if BYTES > 1 {
            // SAFETY: as the caller promises.
            return unsafe { other_than_plainly::<BYTES>(self, one, labels) };
        }
        let all = (one & 0xff) * 0x0101_0101_0101_0101;
        // SAFETY: these are bytes 8k to 8k + 7 of 64.
        bytes_not_zero(std::array::from_fn(|k| unsafe { label::<8>(labels, k) } ^ all))
    }
}

// SAFETY of all intrinsics below: the token proves that the instructions are there, and every load is of
// labels that the caller promises to be readable; loads need no alignment. There are loops where one might
// fold, as intrinsics in closures that are not inlined would be calls.

#[cfg(target_arch = "x86_64")]
impl Compare for Avx2 {
    #[inline(always)]
    unsafe fn unlike<const BYTES: usize, const N: usize>(
        self,
        labels: *const u8,
        others: [*const u8; N],
    ) -> u64 {
        let mut alike = 0;
        for half in 0..2 {
            // SAFETY: see above; each vector is 32 of the bytes.
            unsafe {
                let mut vectors = [_mm256_set1_epi8(-1); 8];
                for (k, vector) in vectors.iter_mut().enumerate().take(BYTES) {
                    let at = 32 * (BYTES * half + k);
                    let own = load(labels.add(at));
                    for other in others {
                        *vector = _mm256_and_si256(*vector, equal::<BYTES>(own, load(other.add(at))));
                    }
                }
                alike |= u64::from(bits::<BYTES>(&vectors)) << (32 * half);
            }
        }
        !alike
    }

    #[inline(always)]
    #[allow(clippy::cast_possible_truncation, reason = "the lowest bytes count")]
    unsafe fn other_than<const BYTES: usize>(self, one: u64, labels: *const u8) -> u64 {
        let (one, mut alike) = (one.cast_signed(), 0);
        for half in 0..2 {
            // SAFETY: see above; each vector is 32 of the bytes.
            unsafe {
                let all = match BYTES {
                    1 => _mm256_set1_epi8(one as i8),
                    2 => _mm256_set1_epi16(one as i16),
                    4 => _mm256_set1_epi32(one as i32),
                    _ => _mm256_set1_epi64x(one),
                };
                let mut vectors = [all; 8];
                for (k, vector) in vectors.iter_mut().enumerate().take(BYTES) {
                    *vector = equal::<BYTES>(load(labels.add(32 * (BYTES * half + k))), all);
                }
                alike |= u64::from(bits::<BYTES>(&vectors)) << (32 * half);
            }
        }
        !alike
    }
}

#[cfg(target_arch = "x86_64")]
#[inline(always)]
unsafe fn load(from: *const u8) -> __m256i {
    // SAFETY: the caller promises 32 readable bytes.
    unsafe { _mm256_loadu_si256(from.cast()) }
}

/// All bits of each label that equals that of the other vector.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
unsafe fn equal<const BYTES: usize>(one: __m256i, other: __m256i) -> __m256i {
    // SAFETY: see above.
    unsafe {
        match BYTES {
            1 => _mm256_cmpeq_epi8(one, other),
            2 => _mm256_cmpeq_epi16(one, other),
            4 => _mm256_cmpeq_epi32(one, other),
            _ => _mm256_cmpeq_epi64(one, other),
        }
    }
}

/// A bit for each of 32 labels that lie in as many vectors as a label has bytes, and have all bits set or none.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
unsafe fn bits<const BYTES: usize>(vectors: &[__m256i; 8]) -> u32 {
    // SAFETY: see above.
    unsafe {
        // Labels become bytes by halves of vectors, which are put in order then.
        let bytes = match BYTES {
            1 => vectors[0],
            2 => _mm256_permute4x64_epi64::<0b11_01_10_00>(_mm256_packs_epi16(vectors[0], vectors[1])),
            4 => {
                let low = _mm256_packs_epi32(vectors[0], vectors[1]);
                let high = _mm256_packs_epi32(vectors[2], vectors[3]);
                let order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
                _mm256_permutevar8x32_epi32(_mm256_packs_epi16(low, high), order)
            }
            _ => {
                let mut all = 0;
                for (k, &four) in vectors.iter().enumerate() {
                    all |= _mm256_movemask_pd(_mm256_castsi256_pd(four)).cast_unsigned() << (4 * k);
                }
                return all;
            }
        };
        _mm256_movemask_epi8(bytes).cast_unsigned()
    }
}

#[cfg(target_arch = "x86_64")]
impl Compare for Avx512 {
    #[inline(always)]
    unsafe fn unlike<const BYTES: usize, const N: usize>(
        self,
        labels: *const u8,
        others: [*const u8; N],
    ) -> u64 {
        let mut all = 0;
        for part in 0..BYTES {
            // SAFETY: see above; each vector is 64 of the bytes.
            unsafe {
                let own = _mm512_loadu_si512(labels.add(64 * part).cast());
                let mut unlike = _mm512_setzero_si512();
                for other in others {
                    let other = _mm512_loadu_si512(other.add(64 * part).cast());
                    // Differences so far, and those of the two.
                    unlike = _mm512_ternarylogic_epi64::<0xf6>(unlike, own, other);
                }
                all |= not_zero::<BYTES>(unlike) << (64 / BYTES * part);
            }
        }
        all
    }

    #[inline(always)]
    #[allow(clippy::cast_possible_truncation, reason = "the lowest bytes count")]
    unsafe fn other_than<const BYTES: usize>(self, one: u64, labels: *const u8) -> u64 {
        let (one, mut all) = (one.cast_signed(), 0);
        for part in 0..BYTES {
            // SAFETY: see above; each vector is 64 of the bytes.
            unsafe {
                let one = match BYTES {
                    1 => _mm512_set1_epi8(one as i8),
                    2 => _mm512_set1_epi16(one as i16),
                    4 => _mm512_set1_epi32(one as i32),
                    _ => _mm512_set1_epi64(one),
                };
                let labels = _mm512_loadu_si512(labels.add(64 * part).cast());
                all |= not_zero::<BYTES>(_mm512_xor_si512(one, labels)) << (64 / BYTES * part);
            }
        }
        all
    }
}

/// A bit for each number of so many bytes that is not zero.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
unsafe fn not_zero<const BYTES: usize>(numbers: __m512i) -> u64 {
    // SAFETY: see above.
    unsafe {
        match BYTES {
            1 => _mm512_test_epi8_mask(numbers, numbers),
            2 => _mm512_test_epi16_mask(numbers, numbers).into(),
            4 => _mm512_test_epi32_mask(numbers, numbers).into(),
            _ => _mm512_test_epi64_mask(numbers, numbers).into(),
        }
    }
}
