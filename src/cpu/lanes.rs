//! Scores of pixels that lie side by side: the highest so far of each, and which channel has it.
//!
//! As with [`Vectors`](super::Vectors), what is done with them is written once, over [`Lanes`], and each
//! implementation is a few instructions.
#![allow(unsafe_code)]

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
#[cfg(any(target_arch = "x86_64", all(target_arch = "aarch64", target_endian = "little")))]
mod leaders;
#[cfg(all(target_arch = "aarch64", target_endian = "little"))]
mod neon;

use std::fmt::Debug;
use std::ops::BitOrAssign;

use super::Portable;

/// A score as it lies in memory; every bit pattern is one.
pub(crate) trait Number: Copy + Debug {
    /// What scores are compared by; `-0.0` and `0.0` are the same.
    type Key: Copy + PartialOrd + Debug;
    /// Holds the number of a channel beside a key of the same width.
    type Lane: Lane;
    /// No number is below it.
    const LOWEST: Self::Key;

    /// The key of a number; any key for NaN.
    fn key(self) -> Self::Key;

    /// Whether it is NaN.
    fn is_nan(self) -> bool;
}

/// The number of a channel, in an integer as wide as a score.
pub(crate) trait Lane: Copy + Default + PartialEq + BitOrAssign + From<bool> + From<u16> {
    /// Its lowest eight bits.
    fn byte(self) -> u8;
    /// Its lowest sixteen bits.
    fn word(self) -> u16;
}

macro_rules! lanes {
    ($($lane:ty),*) => {$(
        #[allow(clippy::cast_possible_truncation, clippy::cast_lossless, trivial_numeric_casts)]
        impl Lane for $lane {
            #[inline(always)]
            fn byte(self) -> u8 {
                self as u8
            }
            #[inline(always)]
            fn word(self) -> u16 {
                self as u16
            }
        }
    )*};
}

lanes!(u16, u32, u64);

macro_rules! wide {
    ($($float:ty, $lane:ty);*) => {$(
        impl Number for $float {
            type Key = Self;
            type Lane = $lane;
            const LOWEST: Self = Self::NEG_INFINITY;

            #[inline(always)]
            fn key(self) -> Self {
                self
            }
            #[inline(always)]
            fn is_nan(self) -> bool {
                <$float>::is_nan(self)
            }
        }
    )*};
}

wide!(f32, u32; f64, u64);

/// A float of 16 bits, by the bits of its infinity: a sign and a magnitude.
///
/// Such scores are compared as integers, without being converted: magnitudes of numbers are in the order of
/// their bits (IEEE 754-2019, 3.4; a bfloat16 is the upper half of a binary32). So any processor compares as
/// many at once as it has lanes of 16 bits.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Half<const INFINITY: i16>(pub(crate) u16);

/// All bits but the sign.
const MAGNITUDE: i16 = i16::MAX;

impl<const INFINITY: i16> Number for Half<INFINITY> {
    type Key = i16;
    type Lane = u16;
    const LOWEST: i16 = i16::MIN;

    #[inline(always)]
    fn key(self) -> i16 {
        let magnitude = self.0.cast_signed() & MAGNITUDE;
        // All ones if there is a sign, which then negates; the magnitude 0 stays 0.
        let sign = self.0.cast_signed() >> 15;
        (magnitude ^ sign) - sign
    }
    #[inline(always)]
    fn is_nan(self) -> bool {
        self.0.cast_signed() & MAGNITUDE > INFINITY
    }
}

/// A binary16.
pub(crate) type F16 = Half<0x7c00>;

/// A bfloat16.
pub(crate) type Bf16 = Half<0x7f80>;

/// How scores of several channels are compared with an instruction set.
pub(crate) trait Lanes<S: Number>: Copy {
    /// Only multiples of so many pixels can be looked at.
    const PIXELS: usize;

    /// Compare scores of channels from `first` on, each in a plane, with the highest of the channels before
    /// them, and write the highest and its channel; whether one is NaN. Before the first channel nothing is
    /// read from `keys` and `channels`. `AHEAD` is for planes that come from memory.
    ///
    /// # Safety
    ///
    /// As many scores as `keys` has are readable from each plane, a multiple of `PIXELS`; they need not be
    /// aligned.
    ///
    /// # Panics
    ///
    /// If there are fewer `channels` than `keys`.
    unsafe fn merge<const AHEAD: bool>(
        self,
        planes: &[*const S],
        first: u16,
        keys: &mut [S::Key],
        channels: &mut [S::Lane],
    ) -> bool;
}

/// Planes that the plain loop looks at together.
const PLAIN: u16 = 10;

/// A plain loop, which the compiler makes vectors of: it reads through raw pointers and writes to buffers of
/// its own, so that no read depends on a write.
impl<S: Number> Lanes<S> for Portable {
    const PIXELS: usize = 1;

    #[inline(always)]
    unsafe fn merge<const AHEAD: bool>(
        self,
        planes: &[*const S],
        first: u16,
        keys: &mut [S::Key],
        channels: &mut [S::Lane],
    ) -> bool {
        macro_rules! of_size {
            ($planes:ident, $first:ident, $($size:literal)*) => {
                match $planes.len() {
                    $($size => {
                        let planes: &[*const S; $size] = $planes.try_into().expect("as many as matched");
                        // SAFETY: as the caller promises.
                        unsafe { merge_plainly(*planes, $first, keys, channels) }
                    })*
                    _ => unreachable!("a chunk has one plane to ten"),
                }
            };
        }
        if first == 0 {
            keys.fill(S::LOWEST);
            channels.fill(S::Lane::default());
        }
        let mut nan = S::Lane::default();
        let mut first = first;
        for planes in planes.chunks(PLAIN.into()) {
            nan |= of_size!(planes, first, 1 2 3 4 5 6 7 8 9 10);
            first = first.wrapping_add(PLAIN);
        }
        nan != S::Lane::default()
    }
}

/// [`Lanes::merge`] for some planes; not zero if a score is NaN.
///
/// # Safety
///
/// As many scores as `keys` has are readable from each plane.
#[inline(always)]
unsafe fn merge_plainly<S: Number, const PLANES: usize>(
    planes: [*const S; PLANES],
    first: u16,
    keys: &mut [S::Key],
    channels: &mut [S::Lane],
) -> S::Lane {
    #[allow(clippy::cast_possible_truncation, reason = "there are at most ten planes")]
    let numbers: [S::Lane; PLANES] = std::array::from_fn(|k| S::Lane::from(first.wrapping_add(k as u16)));
    let channels = &mut channels[..keys.len()];
    let mut nan = S::Lane::default();
    for i in 0..keys.len() {
        let (mut highest, mut channel, mut any_nan) = (keys[i], channels[i], false);
        for k in 0..PLANES {
            // SAFETY: the caller promises `keys.len()` scores; the read needs no alignment.
            let score = unsafe { planes[k].add(i).read_unaligned() };
            any_nan |= score.is_nan();
            let key = score.key();
            let higher = key > highest;
            highest = if higher { key } else { highest };
            channel = if higher { numbers[k] } else { channel };
        }
        keys[i] = highest;
        channels[i] = channel;
        nan |= S::Lane::from(any_nan);
    }
    nan
}
