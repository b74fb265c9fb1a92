//! What instructions do to scores: every score of 16 bits, NaN in every place of a register, and no score
//! beyond the last one.

use super::*;
use crate::cpu::Number;

/// Scores of 16 bits, for two channels of any number of pixels.
fn of_bits(float: Float, planes: &[u16]) -> Logits<'_> {
    let pixels = planes.len() / 2;
    let strides = [2 * pixels.cast_signed(), 2];
    // SAFETY: shape and strides are those of the slice, which is borrowed.
    unsafe { Logits::new(planes.as_ptr().cast(), float, false, &[2, pixels], &strides, Some(0)) }
}

fn every_score<S: Number<Key = i16>>(float: Float, make: fn(u16) -> S) {
    let (nan, numbers): (Vec<u16>, Vec<u16>) = (0..=u16::MAX).partition(|&bits| make(bits).is_nan());
    let pixels = numbers.len();
    for kernel in crate::cpu::tested() {
        for other in [0, 0x8000, 1, 0x8001, 0x3c00, 0xbc00, numbers[pixels / 2 - 1], numbers[pixels - 1]] {
            let planes = [vec![other; pixels], numbers.clone()].concat();
            let higher = |&bits: &u16| usize::from(make(bits).key() > make(other).key());
            let expected: Vec<usize> = numbers.iter().map(higher).collect();
            let found = labels::of(kernel, &of_bits(float, &planes)).unwrap();
            assert!(found == expected, "{float:?} beside {other:#x} on {}", kernel.name());
        }
        for &bits in &nan {
            for place in [0, 1] {
                let mut planes = vec![0; 2 * 128];
                planes[128 * place + usize::from(bits % 128)] = bits;
                let found = labels::of(kernel, &of_bits(float, &planes));
                let refused = matches!(found, Err(Error::NotANumber { .. }));
                assert!(refused, "{bits:#x} in {float:?} on {}", kernel.name());
            }
        }
    }
}

#[test]
fn every_score_of_16_bits_on_every_kernel() {
    every_score::<F16>(Float::F16, |bits| F16::from_bits(bits.into()));
    every_score::<Bf16>(Float::Bf16, |bits| Bf16::from_bits(bits.into()));
}

#[test]
fn nan_of_either_sign_in_every_place_of_the_registers() {
    for (float, pixels) in [(Float::F32, 64), (Float::F64, 32)] {
        for nan in [f64::NAN, -f64::NAN] {
            for place in 0..2 * pixels {
                let value = |pixel, channel| if pixel * 2 + channel == place { nan } else { 1.0 };
                let stored = Stored::new([2, pixels], float, false, Layout::Planes, value);
                for kernel in Kernel::all() {
                    let found = labels::of(kernel, &stored.logits());
                    assert!(matches!(found, Err(Error::NotANumber { .. })), "{place} on {}", kernel.name());
                }
            }
        }
    }
}

#[test]
fn few_channels_at_the_end_are_read_up_to_the_last_score() {
    let mut random = noise(9);
    for channels in 1..=9 {
        for pixels in (1..40).chain([63, 64, 65, 127, 128, 129, 300]) {
            // Nothing is behind the last score, so that AddressSanitizer sees who reads on.
            let halves: Vec<u16> =
                (0..channels * pixels).map(|_| u16::try_from(random(9)).unwrap()).collect();
            let scores: Vec<f32> = halves.iter().map(|&bits| bits.into()).collect();
            let score = |pixel: usize, channel: usize| f64::from(scores[pixel * channels + channel]);
            let expected: Vec<usize> =
                (0..pixels).map(|pixel| argmax(channels, |channel| score(pixel, channel))).collect();
            for (base, float, size) in
                [(scores.as_ptr().cast(), Float::F32, 4), (halves.as_ptr().cast(), Float::F16, 2)]
            {
                let strides = [size * channels.cast_signed(), size];
                // SAFETY: shape and strides are those of the vector, which is borrowed.
                let logits =
                    unsafe { Logits::new(base, float, false, &[pixels, channels], &strides, Some(1)) };
                for kernel in Kernel::all() {
                    let found = labels::of(kernel, &logits).unwrap();
                    assert_eq!(found, expected, "{channels} of {pixels} on {}", kernel.name());
                }
            }
        }
    }
}
