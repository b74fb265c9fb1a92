//! Operations on registers, on each kernel, against what they are said to do.
#![allow(clippy::cast_possible_truncation, reason = "small numbers")]

use super::*;
use crate::cpu::{Routine, Vectors, tested};
use crate::naive::noise;

/// What comes of words, of the bits of some places beside theirs, and of words that were counted before.
struct Bits<'a>(&'a [[u64; EIGHT]; 3], u32);

/// Beside; either; both; without; whether there is any in both; how many in the first, and seven for each word; the words
/// of both that are not empty, with their numbers.
type OfBits = ([[u64; EIGHT]; 4], bool, [u64; EIGHT], Vec<(u64, u32)>);

const NUMBERS: [u32; EIGHT] = [5, 1, u32::MAX, 7, 0, 2, 9, 4];

impl Routine for Bits<'_> {
    type Output = OfBits;

    #[inline(always)]
    fn run<V: Vectors>(self, vectors: V) -> OfBits {
        let words = self.0.map(|words| vectors.words(&words));
        let [one, other, _] = words;
        let mut sums = [7; EIGHT];
        vectors.add_bits(one, &mut sums);
        let both = vectors.both(one, other);
        let all =
            [vectors.beside(words, self.1), vectors.either(one, other), both, vectors.without(one, other)];
        let (mut bits, mut of) = ([0; EIGHT], [0; EIGHT]);
        let count = vectors.some(both, &NUMBERS, (&mut bits, &mut of));
        let some = bits.into_iter().zip(of).take(count).collect();
        (all.map(|words| vectors.in_memory(words)), vectors.any(both), sums, some)
    }
}

#[test]
fn bits_of_words_and_beside_them() {
    let mut random = noise(8);
    for round in 0..100 {
        let thin = [2, 9, 2000][round % 3];
        let words: [[u64; EIGHT]; 3] = std::array::from_fn(|_| {
            std::array::from_fn(|_| (0..64).fold(0, |word, _| word << 1 | u64::from(random(thin) == 0)))
        });
        let set = |k: usize, x: usize| words[x / 64][k] >> (x % 64) & 1;
        for (kernel, places) in tested().into_iter().flat_map(|kernel| (1..64).map(move |n| (kernel, n))) {
            let at = places as usize;
            let beside =
                |k: usize| (0..64).fold(0, |word, x| word | (set(k, 64 + x - at) | set(k, 64 + x + at)) << x);
            let of = |of: fn(u64, u64) -> u64| std::array::from_fn(|k| of(words[0][k], words[1][k]));
            let both: [u64; EIGHT] = of(|one, other| one & other);
            let expected = [
                std::array::from_fn(beside),
                of(|one, other| one | other),
                both,
                of(|one, other| one & !other),
            ];
            let sums = words[0].map(|word| 7 + u64::from(word.count_ones()));
            let found = kernel.run(Bits(&words, places));
            let some = both.into_iter().zip(NUMBERS).filter(|&(word, _)| word != 0).collect();
            assert_eq!(found, (expected, both != [0; EIGHT], sums, some), "{places} on {}", kernel.name());
        }
    }
}

/// Gaps between a point and boxes, which of them are within a bound, and their places from a number on.
struct Gaps<'a>(&'a SixteenBoxes, [f32; 3], f32);

impl Routine for Gaps<'_> {
    type Output = ([f32; SIXTEEN], Vec<u32>);

    #[inline(always)]
    fn run<V: Vectors>(self, vectors: V) -> Self::Output {
        let gaps = vectors.gaps(self.0, self.1);
        let mut places = [0; SIXTEEN];
        let count = vectors.places(vectors.no_greater(gaps, self.2), 1 << 20, &mut places);
        (vectors.singles(gaps), places[..count].to_vec())
    }
}

#[test]
fn gaps_between_a_point_and_boxes() {
    let mut random = noise(5);
    let mut number = |below: usize| f32::from(random(below) as u8);
    for bound in 0..100_u16 {
        let mut boxes = SixteenBoxes { middle: [[0.0; SIXTEEN]; 3], half: [[0.0; SIXTEEN]; 3] };
        for lane in 0..SIXTEEN {
            for axis in 0..3 {
                boxes.middle[axis][lane] = if lane == 3 { f32::INFINITY } else { number(60) - 30.0 };
                boxes.half[axis][lane] = number(8);
            }
        }
        let from = std::array::from_fn(|_| number(60) - 30.0);
        let gap = |lane: usize, axis: usize| {
            let [low, high] =
                [-1.0, 1.0].map(|side| boxes.middle[axis][lane] + side * boxes.half[axis][lane]);
            (low - from[axis]).max(from[axis] - high).max(0.0).powi(2)
        };
        // Sums of squares of small integers are exact.
        let gaps: [f32; SIXTEEN] = std::array::from_fn(|lane| (0..3).map(|axis| gap(lane, axis)).sum());
        let bound = f32::from(bound * bound / 3);
        let places: Vec<u32> =
            (0..16).filter(|&lane| gaps[lane as usize] <= bound).map(|lane| (1 << 20) + lane).collect();
        for kernel in tested() {
            let found = kernel.run(Gaps(&boxes, from, bound));
            assert_eq!(found, (gaps, places.clone()), "{bound} on {}", kernel.name());
        }
    }
}

/// Squares of distances from a point to each of two times eight; the least of each two, whether any is less than
/// a bound, and the least of all.
struct Squares<'a>(&'a [[[f64; EIGHT]; 3]; 2], [f64; 3], [f64; 3], f64);

impl Routine for Squares<'_> {
    type Output = (f64, bool);

    #[inline(always)]
    fn run<V: Vectors>(self, vectors: V) -> (f64, bool) {
        let Self([one, other], from, steps, bound) = self;
        let least = vectors.lesser(vectors.squares(one, from, steps), vectors.squares(other, from, steps));
        (vectors.least(least), vectors.any_less(least, bound))
    }
}

#[test]
fn the_least_of_squared_distances() {
    let mut random = noise(6);
    for round in 0..200 {
        let mut number = |below: usize| f64::from(random(below) as u32);
        let to: [[[f64; EIGHT]; 3]; 2] =
            std::array::from_fn(|_| std::array::from_fn(|_| std::array::from_fn(|_| number(1 << 20))));
        let from = std::array::from_fn(|_| number(1 << 20));
        let steps = [0.1, 0.7, 1e-3];
        let square = |points: &[[f64; EIGHT]; 3], lane: usize, axis: usize| {
            let along = (points[axis][lane] - from[axis]) * steps[axis];
            along * along
        };
        let squares = to.iter().flat_map(|points| {
            (0..EIGHT)
                .map(move |lane| square(points, lane, 0) + square(points, lane, 1) + square(points, lane, 2))
        });
        let least = squares.fold(f64::INFINITY, f64::min);
        let bound = if round % 2 == 0 { least } else { least * (1.0 + f64::EPSILON) };
        for kernel in tested() {
            let (found, less) = kernel.run(Squares(&to, from, steps, bound));
            assert_eq!((found.to_bits(), less), (least.to_bits(), round % 2 == 1), "{}", kernel.name());
        }
    }
}

/// Squares of distances along eight rows to the next bits on either side of a place, and more than that.
struct Across<'a>(&'a [[u64; EIGHT]; 3], u32, f64, &'a [f64; EIGHT]);

impl Routine for Across<'_> {
    type Output = Vec<f64>;

    #[inline(always)]
    fn run<V: Vectors>(self, vectors: V) -> Vec<f64> {
        let Self(words, from, step, more) = self;
        let across = vectors.across(words.map(|words| vectors.words(&words)), from, step);
        let sum = vectors.sum(vectors.sum(across, vectors.doubles(more)), vectors.all_doubles(0.1));
        // One by one, as the least of those that are not covered.
        let alone = |lane: usize| {
            let cover = std::array::from_fn(|k| if k == lane { 0.0 } else { f64::INFINITY });
            vectors.least(vectors.sum(sum, vectors.doubles(&cover)))
        };
        (0..EIGHT).map(alone).collect()
    }
}

#[test]
fn squares_of_distances_along_rows_to_the_next_bits() {
    let mut random = noise(9);
    for round in 0..60 {
        // So few bits that the next one is mostly in another word, or in none.
        let thin = [4, 60, 500, 20_000][round % 4];
        let words: [[u64; EIGHT]; 3] = std::array::from_fn(|_| {
            std::array::from_fn(|_| (0..64).fold(0, |word, _| word << 1 | u64::from(random(thin) == 0)))
        });
        let set = |k: usize, x: usize| words[x / 64][k] >> (x % 64) & 1 == 1;
        let (step, more) = ([1.0, 0.7, 3.0][round % 3], std::array::from_fn(|k| f64::from(k as u8) * 0.3));
        for (kernel, from) in tested().into_iter().flat_map(|kernel| (0..64).map(move |n| (kernel, n))) {
            let at = 64 + from as usize;
            let expected: Vec<f64> = (0..EIGHT)
                .map(|k| {
                    let steps = (0..64).find(|&steps| set(k, at - steps) || set(k, at + steps));
                    let along = f64::from(steps.unwrap_or(64) as u8) * step;
                    along * along + more[k] + 0.1
                })
                .collect();
            let found = kernel.run(Across(&words, from, step, &more));
            assert_eq!(found, expected, "from {from} on {}", kernel.name());
        }
    }
}

/// Squares of distances to places that are straight above or below those of a line: those of sixteen, and the least one
/// of these and of a bound.
struct Straight<'a>([&'a [f32; SIXTEEN]; 3], f32, f32, f32);

impl Routine for Straight<'_> {
    type Output = ([f32; SIXTEEN], f32);

    #[inline(always)]
    fn run<V: Vectors>(self, vectors: V) -> Self::Output {
        let Self([above, below, across], row, step, bound) = self;
        let squares = vectors.upright(Upright { above, below, across }, row, step);
        let least = vectors.lesser_singles(squares, vectors.all_singles(bound));
        (vectors.singles(squares), vectors.least_single(least))
    }
}

#[test]
fn squares_of_distances_straight_up_and_down() {
    let mut random = noise(7);
    for round in 0..200 {
        let mut number = |below: usize| f32::from(random(below) as u8);
        let row = number(100);
        // Nothing is above some places and nothing below others.
        let above: [f32; SIXTEEN] =
            std::array::from_fn(|lane| if lane % 3 == 0 { f32::NEG_INFINITY } else { row - number(100) });
        let below: [f32; SIXTEEN] =
            std::array::from_fn(|lane| if lane % 4 == 0 { f32::INFINITY } else { row + number(100) });
        let across: [f32; SIXTEEN] = std::array::from_fn(|_| number(100).powi(2));
        let step = [1.0, 3.0, 0.5][round % 3];
        let squares: [f32; SIXTEEN] = std::array::from_fn(|lane| {
            ((row - above[lane]).min(below[lane] - row) * step).powi(2) + across[lane]
        });
        let least = squares.into_iter().fold(f32::INFINITY, f32::min);
        for kernel in tested() {
            for (bound, lesser) in [(f32::INFINITY, least), (least - 1.0, least - 1.0)] {
                let found = kernel.run(Straight([&above, &below, &across], row, step, bound));
                assert_eq!(found, (squares, lesser), "{round} on {}", kernel.name());
            }
        }
    }
}
