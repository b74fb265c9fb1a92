//! The types that class scores have in memory.

use crate::cpu::{Bf16, F16, Half, Lanes, Number, Vectors};

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

/// A type of scores.
pub(super) trait Score: Number {
    /// The operations on such scores with an instruction set.
    fn lanes<V: Vectors>(vectors: V) -> impl Lanes<Self>;

    /// The score with its bytes in the other order.
    #[must_use]
    fn swapped(self) -> Self;

    /// The score of these bits; those that its type does not have are ignored.
    fn from_bits(bits: u64) -> Self;
}

macro_rules! wide {
    ($($float:ty, $bits:ty);*) => {$(
        impl Score for $float {
            #[inline(always)]
            fn lanes<V: Vectors>(vectors: V) -> impl Lanes<Self> {
                vectors
            }
            #[inline(always)]
            fn swapped(self) -> Self {
                <$float>::from_bits(self.to_bits().swap_bytes())
            }
            #[allow(clippy::cast_possible_truncation, clippy::cast_lossless)]
            fn from_bits(bits: u64) -> Self {
                <$float>::from_bits(bits as $bits)
            }
        }
    )*};
}

wide!(f32, u32; f64, u64);

macro_rules! narrow {
    ($($float:ty),*) => {$(
        impl Score for $float {
            #[inline(always)]
            fn lanes<V: Vectors>(vectors: V) -> impl Lanes<Self> {
                vectors
            }
            #[inline(always)]
            fn swapped(self) -> Self {
                Half(self.0.swap_bytes())
            }
            #[allow(clippy::cast_possible_truncation)]
            fn from_bits(bits: u64) -> Self {
                Half(bits as u16)
            }
        }
    )*};
}

narrow!(F16, Bf16);

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
        check::<F16>(Half, 5);
        check::<Bf16>(Half, 8);
    }
}
