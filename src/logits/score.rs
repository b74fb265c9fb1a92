//! The types that class scores have in memory, and how scores of each are compared.
//!
//! Scores of 16 bits are compared as integers, without being converted: both formats are a sign and
//! a magnitude, and magnitudes of numbers are in the order of their bits (IEEE 754-2019, 3.4; a
//! bfloat16 is the upper half of a binary32). So any processor compares as many at once as it has
//! lanes of 16 bits.

use std::fmt::Debug;
use std::ops::BitOrAssign;

/// Type of the scores of an array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Float {
    /// IEEE 754 binary16.
    F16,
    /// The upper half of a binary32.
    Bf16,
    /// IEEE 754 binary32.
    F32,
    /// IEEE 754 binary64.
    F64,
}

/// A score as it lies in memory; every bit pattern is one.
pub(super) trait Score: Copy + Debug {
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

    /// The score with its bytes in the other order.
    #[must_use]
    fn swapped(self) -> Self;

    /// The score of these bits; those that its type does not have are ignored.
    fn from_bits(bits: u64) -> Self;
}

/// The number of a channel, in an integer as wide as a score.
pub(super) trait Lane: Copy + Default + PartialEq + BitOrAssign + From<bool> + From<u16> {
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
        impl Score for $float {
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
            #[inline(always)]
            fn swapped(self) -> Self {
                <$float>::from_bits(self.to_bits().swap_bytes())
            }
            #[allow(clippy::cast_possible_truncation, clippy::cast_lossless)]
            fn from_bits(bits: u64) -> Self {
                <$float>::from_bits(bits as $lane)
            }
        }
    )*};
}

wide!(f32, u32; f64, u64);

/// A binary16.
#[derive(Clone, Copy, Debug)]
pub(super) struct F16(pub(super) u16);

/// A bfloat16.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bf16(pub(super) u16);

macro_rules! narrow {
    ($($float:ident, $infinity:literal);*) => {$(
        impl Score for $float {
            type Key = i16;
            type Lane = u16;
            const LOWEST: i16 = i16::MIN;

            #[inline(always)]
            fn key(self) -> i16 {
                let magnitude = (self.0 & 0x7fff).cast_signed();
                // All ones if there is a sign, which then negates; the magnitude 0 stays 0.
                let sign = self.0.cast_signed() >> 15;
                (magnitude ^ sign) - sign
            }
            #[inline(always)]
            fn is_nan(self) -> bool {
                self.0 & 0x7fff > $infinity
            }
            #[inline(always)]
            fn swapped(self) -> Self {
                Self(self.0.swap_bytes())
            }
            #[allow(clippy::cast_possible_truncation)]
            fn from_bits(bits: u64) -> Self {
                Self(bits as u16)
            }
        }
    )*};
}

narrow!(F16, 0x7c00; Bf16, 0x7f80);

#[cfg(test)]
mod tests {
    use super::*;

    /// The value of a score of 16 bits, by the definition of the format.
    fn value(bits: u16, exponent_bits: u32) -> f64 {
        let fraction_bits = 15 - exponent_bits;
        let middle = (1 << (exponent_bits - 1)) - 1;
        let exponent = i32::from(bits & 0x7fff) >> fraction_bits;
        let fraction = f64::from(bits & ((1 << fraction_bits) - 1)) / f64::from(1 << fraction_bits);
        let magnitude = if exponent == (1 << exponent_bits) - 1 {
            if fraction == 0.0 { f64::INFINITY } else { f64::NAN }
        } else if exponent == 0 {
            fraction * f64::from(1 - middle).exp2()
        } else {
            (1.0 + fraction) * f64::from(exponent - middle).exp2()
        };
        if bits >> 15 == 1 { -magnitude } else { magnitude }
    }

    fn check<S: Score<Key = i16>>(make: fn(u16) -> S, exponent_bits: u32) {
        let mut numbers: Vec<(i16, f64)> = Vec::new();
        for bits in 0..=u16::MAX {
            let (score, value) = (make(bits), value(bits, exponent_bits));
            assert_eq!(score.is_nan(), value.is_nan(), "{bits:#x}");
            if !value.is_nan() {
                assert!(score.key() > S::LOWEST);
                numbers.push((score.key(), value));
            }
        }
        numbers.sort_unstable_by_key(|&(key, _)| key);
        for pair in numbers.windows(2) {
            let [(key, value), (next_key, next_value)] = pair else { unreachable!() };
            assert_eq!(key.cmp(next_key), value.partial_cmp(next_value).unwrap(), "{value} {next_value}");
        }
    }

    #[test]
    fn every_score_of_16_bits_is_compared_by_its_value() {
        check(F16, 5);
        check(Bf16, 8);
    }
}
