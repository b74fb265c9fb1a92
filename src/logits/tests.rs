//! Counts and labels of scores against an argmax that is taken pixel by pixel.

mod labels;
mod registers;

use super::*;
use crate::naive::{self, noise};

/// A type of scores, and numbers of it that all other types have too.
const FLOATS: [Float; 4] = [Float::F16, Float::Bf16, Float::F32, Float::F64];
const VALUES: [f64; 9] = [f64::NEG_INFINITY, -2.0, -0.5, -0.0, 0.0, 0.25, 1.0, 3.0, f64::INFINITY];

/// The bytes of a number, little end first; all of `VALUES` and NaN are exact in every type.
#[allow(clippy::cast_possible_truncation)]
fn bytes(value: f64, float: Float) -> Vec<u8> {
    let single = (value as f32).to_bits();
    match float {
        Float::F64 => value.to_le_bytes().to_vec(),
        Float::F32 => single.to_le_bytes().to_vec(),
        Float::Bf16 => ((single >> 16) as u16).to_le_bytes().to_vec(),
        Float::F16 => {
            let magnitude = match single >> 23 & 0xff {
                0 => 0,
                0xff => 0x7c00 | (single >> 13 & 0x3ff),
                exponent => (exponent - 112) << 10 | (single >> 13 & 0x3ff),
            };
            ((single >> 16 & 0x8000 | magnitude) as u16).to_le_bytes().to_vec()
        }
    }
}

/// Where the scores of an array lie.
#[derive(Clone, Copy, Debug)]
enum Layout {
    Planes,
    ChannelsLast,
    EveryThird,
    Backwards,
}

const LAYOUTS: [Layout; 4] = [Layout::Planes, Layout::ChannelsLast, Layout::EveryThird, Layout::Backwards];

/// Scores in memory, `channels` for each of `pixels`, by `value(pixel, channel)`.
struct Stored {
    memory: Vec<u8>,
    float: Float,
    swapped: bool,
    first: isize,
    shape: [usize; 2],
    strides: [isize; 2],
}

impl Stored {
    fn new(
        [channels, pixels]: [usize; 2],
        float: Float,
        swapped: bool,
        layout: Layout,
        value: impl Fn(usize, usize) -> f64,
    ) -> Self {
        let size = bytes(0.0, float).len().cast_signed();
        let (many, long) = (channels.cast_signed(), pixels.cast_signed());
        let (first, strides) = match layout {
            Layout::Planes => (0, [long, 1]),
            Layout::ChannelsLast => (0, [1, many]),
            Layout::EveryThird => (1, [3 * long, 3]),
            Layout::Backwards => (many * long - 1, [-long, -1]),
        };
        // One byte in front, so that scores are not aligned.
        let mut memory = vec![0x55; 1 + 3 * channels * pixels * size.unsigned_abs() + 64];
        for channel in 0..channels {
            for pixel in 0..pixels {
                let steps = strides[0] * channel.cast_signed() + strides[1] * pixel.cast_signed();
                let at = usize::try_from(1 + (first + steps) * size).unwrap();
                let mut score = bytes(value(pixel, channel), float);
                if swapped != cfg!(target_endian = "big") {
                    score.reverse();
                }
                memory[at..at + score.len()].copy_from_slice(&score);
            }
        }
        let strides = strides.map(|stride| stride * size);
        Self { memory, float, swapped, first: 1 + first * size, shape: [channels, pixels], strides }
    }

    fn logits(&self) -> Logits<'_> {
        let base = self.memory.as_ptr().wrapping_offset(self.first);
        // SAFETY: `new` has written each score inside `memory`, which is borrowed.
        unsafe { Logits::new(base, self.float, self.swapped, &self.shape, &self.strides, Some(0)) }
    }
}

/// What a count must give, so plainly that it cannot be wrong.
fn count_naively(target: &[u8], label: impl Fn(usize) -> usize) -> PairCounts {
    let pred: Vec<_> = (0..target.len()).map(|pixel| i64::try_from(label(pixel)).unwrap()).collect();
    naive::count(&target.iter().map(|&label| label.into()).collect::<Vec<_>>(), &pred)
}

/// The first channel that no other one exceeds.
fn argmax(channels: usize, value: impl Fn(usize) -> f64) -> usize {
    (0..channels).fold(0, |best, channel| if value(channel) > value(best) { channel } else { best })
}

fn never() -> bool {
    false
}

fn count(kernel: Kernel, target: &[u8], logits: &Logits<'_>, rule: Rule) -> Result<PairCounts, Error> {
    let target = LabelMap::from_labels(target, &[target.len()]);
    count_logits(&mut Counter::with_kernel(kernel), &target, logits, rule, &mut never)
}

fn check(
    shape: [usize; 2],
    float: Float,
    swapped: bool,
    layout: Layout,
    random: &mut impl FnMut(usize) -> usize,
) {
    let [channels, pixels] = shape;
    let values: Vec<f64> = (0..channels * pixels).map(|_| VALUES[random(VALUES.len())]).collect();
    let target: Vec<u8> = (0..pixels).map(|_| u8::try_from(random(3)).unwrap()).collect();
    let value = |pixel: usize, channel: usize| values[pixel * channels + channel];
    let stored = Stored::new(shape, float, swapped, layout, value);
    let expected: Vec<usize> =
        (0..pixels).map(|pixel| argmax(channels, |channel| value(pixel, channel))).collect();
    let counts = count_naively(&target, |pixel| expected[pixel]);
    for kernel in Kernel::all() {
        let found = count(kernel, &target, &stored.logits(), Rule::Highest).unwrap();
        assert_eq!(found, counts, "{} {shape:?} {float:?} {swapped} {layout:?}", kernel.name());
        let found = labels::of(kernel, &stored.logits()).unwrap();
        assert_eq!(found, expected, "{} {shape:?} {float:?} {swapped} {layout:?}", kernel.name());
    }
}

#[test]
fn every_number_of_channels_up_to_three_groups_and_every_short_length() {
    crate::cpu::tested();
    let mut random = noise(1);
    for channels in 1..=3 * rank::GROUP {
        for float in FLOATS {
            check([channels, 1 + random(150)], float, false, Layout::Planes, &mut random);
        }
    }
    for pixels in 0..=140 {
        for float in FLOATS {
            check([1 + random(4), pixels], float, false, Layout::Planes, &mut random);
            check([1 + random(12), pixels], float, false, Layout::ChannelsLast, &mut random);
        }
    }
}

#[test]
fn every_type_byte_order_and_layout() {
    let mut random = noise(2);
    for float in FLOATS {
        for swapped in [false, true] {
            for layout in LAYOUTS {
                for pixels in [1, tile::tile::<f32>() - 1, tile::tile::<f32>(), 3 * tile::tile::<f32>() + 5] {
                    check([1 + random(25), pixels], float, swapped, layout, &mut random);
                }
            }
        }
    }
}

#[test]
fn blocks_join_and_channels_beyond_a_byte_are_told_apart() {
    let mut random = noise(3);
    for float in FLOATS {
        for pixels in [BLOCK - 1, BLOCK, 2 * BLOCK + 1] {
            check([2, pixels], float, false, Layout::Planes, &mut random);
        }
        for channels in [255, 256, 257, 300] {
            check([channels, 70], float, false, Layout::Planes, &mut random);
            check([channels, 70], float, false, Layout::ChannelsLast, &mut random);
        }
    }
}

#[test]
fn the_last_of_the_most_channels_there_may_be() {
    for float in [Float::F16, Float::F32] {
        let last = |_: usize, channel: usize| f64::from(u8::from(channel == MAX_CHANNELS - 1));
        let stored = Stored::new([MAX_CHANNELS, 3], float, false, Layout::Planes, last);
        let found = count(Kernel::best(), &[7; 3], &stored.logits(), Rule::Highest).unwrap();
        assert_eq!(found, count_naively(&[7; 3], |_| MAX_CHANNELS - 1));
    }
    let none = Stored::new([0, 3], Float::F32, false, Layout::Planes, |_, _| 0.0);
    let error = count(Kernel::best(), &[7; 3], &none.logits(), Rule::Highest).unwrap_err();
    assert_eq!(error.to_string(), "`logits` has 0 channels, expected 1 to 65536");
    let many = Stored::new([MAX_CHANNELS + 1, 1], Float::F16, false, Layout::Planes, |_, _| 0.0);
    let error = count(Kernel::best(), &[7], &many.logits(), Rule::Highest).unwrap_err();
    assert_eq!(error.to_string(), "`logits` has 65537 channels, expected 1 to 65536");
    let two = Stored::new([2, 1], Float::F16, false, Layout::Planes, |_, _| 0.0);
    let error = count(Kernel::best(), &[7], &two.logits(), Rule::AtLeast(0)).unwrap_err();
    assert_eq!(error.to_string(), "`logits` has 2 channels, expected 1");
}

#[test]
fn a_threshold_takes_the_scores_that_reach_it() {
    let mut random = noise(4);
    for float in FLOATS {
        for (layout, swapped) in LAYOUTS.into_iter().flat_map(|layout| [(layout, false), (layout, true)]) {
            for pixels in (0..70).chain([BLOCK, BLOCK + 1]) {
                let values: Vec<f64> = (0..pixels).map(|_| VALUES[random(VALUES.len())]).collect();
                let stored = Stored::new([1, pixels], float, swapped, layout, |pixel, _| values[pixel]);
                let target: Vec<u8> = (0..pixels).map(|_| u8::try_from(random(2)).unwrap()).collect();
                let threshold = VALUES[random(VALUES.len())];
                let bits =
                    bytes(threshold, float).iter().rev().fold(0, |bits, &byte| bits << 8 | u64::from(byte));
                let expected = count_naively(&target, |pixel| usize::from(values[pixel] >= threshold));
                for kernel in Kernel::all() {
                    let found = count(kernel, &target, &stored.logits(), Rule::AtLeast(bits)).unwrap();
                    assert_eq!(found, expected, "{} {float:?} {layout:?} {threshold}", kernel.name());
                }
            }
        }
    }
}

#[test]
fn nan_is_found_wherever_it_is_and_the_counter_is_empty_afterwards() {
    let mut random = noise(5);
    for float in FLOATS {
        for (layout, swapped) in LAYOUTS.into_iter().flat_map(|layout| [(layout, false), (layout, true)]) {
            for pixels in [1, 37, 200] {
                let channels = 1 + random(23);
                // Two, of which the first in the order of indices is told.
                let mut places = [(random(channels), random(pixels)), (random(channels), random(pixels))];
                let value = |pixel, channel| {
                    if places.contains(&(channel, pixel)) { f64::NAN } else { f64::INFINITY }
                };
                let stored = Stored::new([channels, pixels], float, swapped, layout, value);
                places.sort_unstable();
                let (channel, pixel) = places[0];
                for kernel in Kernel::all() {
                    let mut counter = Counter::with_kernel(kernel);
                    let labels = vec![255_u8; pixels];
                    let target = LabelMap::from_labels(&labels, &[pixels]);
                    let logits = stored.logits();
                    let rows = count_logits(&mut counter, &target, &logits, Rule::Highest, &mut never);
                    let error = rows.unwrap_err();
                    let expected =
                        format!("`logits` is NaN at index ({channel}, {pixel}), class channel {channel}");
                    assert_eq!(error.to_string(), expected, "{} {float:?} {layout:?}", kernel.name());
                    assert_eq!(counter.drain().unwrap(), PairCounts::default());
                }
            }
        }
    }
}

#[test]
fn nan_is_found_by_a_threshold_and_has_an_index_without_channel() {
    let scores = [0.5_f32, -1.0, 0.0, f32::NAN, 2.0, f32::NAN];
    // SAFETY: shape and strides are those of the array, which is borrowed.
    let logits = unsafe { Logits::new(scores.as_ptr().cast(), Float::F32, false, &[2, 3], &[12, 4], None) };
    let target = LabelMap::from_labels(&[0_u8; 6], &[2, 3]);
    for kernel in Kernel::all() {
        let rule = Rule::AtLeast(u64::from(0.0_f32.to_bits()));
        let mut counter = Counter::with_kernel(kernel);
        let error = count_logits(&mut counter, &target, &logits, rule, &mut never).unwrap_err();
        assert_eq!(error.to_string(), "`logits` is NaN at index (1, 0)");
    }
}

#[test]
fn nan_that_is_written_over_before_it_is_looked_for_is_an_error_without_index() {
    let error = Error::NotANumber { index: None, class_axis: Some(0) };
    assert_eq!(error.to_string(), "`logits` is NaN at a place that was written to meanwhile");
    let numbers = Stored::new([2, 3], Float::F32, false, Layout::Planes, |_, _| 1.0);
    assert_eq!(numbers.logits().first_nan::<f32>(&mut never).unwrap(), None);
}

#[test]
fn axes_of_classes_anywhere_in_batches_of_images() {
    let (shape, mut random) = ([3, 4, 5, 6], noise(6));
    let scores: Vec<f32> = (0..360).map(|_| f32::from(u16::try_from(random(9)).unwrap())).collect();
    let strides = [480_isize, 120, 24, 4];
    for axis in 0..4 {
        let without = |all: &[isize]| {
            let kept: Vec<isize> = (0..4).filter(|&k| k != axis).map(|k| all[k]).collect();
            [kept[0], kept[1], kept[2]]
        };
        let lens = without(&shape).map(isize::cast_unsigned);
        let steps = without(&strides);
        let mut labels = Vec::new();
        for [i, j, k] in
            (0..lens.iter().product()).map(|n| [n / lens[2] / lens[1], n / lens[2] % lens[1], n % lens[2]])
        {
            let at = [i, j, k].iter().zip(steps).map(|(&i, step)| i * step.unsigned_abs()).sum::<usize>();
            let score = |channel: usize| f64::from(scores[(at + channel * strides[axis].unsigned_abs()) / 4]);
            labels.push(argmax(shape[axis].unsigned_abs(), score));
        }
        let target: Vec<u8> = (0..labels.len()).map(|i| u8::try_from(i % 5).unwrap()).collect();
        let map = LabelMap::from_labels(&target, &lens);
        let shape = shape.map(isize::cast_unsigned);
        // SAFETY: shape and strides are those of the array, which is borrowed.
        let logits =
            unsafe { Logits::new(scores.as_ptr().cast(), Float::F32, false, &shape, &strides, Some(axis)) };
        let found = count_logits(&mut Counter::new(), &map, &logits, Rule::Highest, &mut never).unwrap();
        assert_eq!(found, count_naively(&target, |pixel| labels[pixel]), "axis {axis}");
    }
}

#[test]
fn a_shape_that_is_not_the_targets_is_refused_with_both() {
    let scores = [0.0_f32; 24];
    let target = LabelMap::from_labels(&[0_u8; 6], &[2, 3]);
    for (shape, strides, axis, found) in [
        (&[4, 3, 2][..], &[24, 8, 4][..], Some(0), "(4, 3, 2), which is (3, 2) without class axis 0"),
        (&[2, 3, 4], &[48, 16, 4], Some(1), "(2, 3, 4), which is (2, 4) without class axis 1"),
        (&[6], &[4], None, "(6,)"),
    ] {
        // SAFETY: shape and strides stay inside the array, which is borrowed.
        let logits = unsafe { Logits::new(scores.as_ptr().cast(), Float::F32, false, shape, strides, axis) };
        let error =
            count_logits(&mut Counter::new(), &target, &logits, Rule::Highest, &mut never).unwrap_err();
        assert_eq!(error.to_string(), format!("`logits` and `target` differ in shape: {found}, and (2, 3)"));
    }
}

#[test]
fn a_count_that_is_stopped_leaves_the_counter_empty() {
    let (channels, pixels) = (512, 3 * PIECE / 512);
    let zero = [0.0_f32];
    // SAFETY: strides of zero reach the one score there is.
    let logits = unsafe {
        Logits::new(zero.as_ptr().cast(), Float::F32, false, &[channels, pixels], &[0, 0], Some(0))
    };
    let labels = vec![1_u8; pixels];
    let target = LabelMap::from_labels(&labels, &[pixels]);
    let mut counter = Counter::new();
    let mut looks = 0;
    let mut second = || {
        looks += 1;
        looks == 2
    };
    let stopped = count_logits(&mut counter, &target, &logits, Rule::Highest, &mut second);
    assert!(matches!(stopped, Err(Error::Cancelled)));
    assert_eq!(looks, 2);
    assert_eq!(counter.drain().unwrap(), PairCounts::default());
}
