//! Sixty-four bytes that stay in registers: eight words of bits, eight numbers, or sixteen of half the size.
//!
//! As with [`Vectors`](super::Vectors), what is done with them is written once, over [`Wide`], and each
//! implementation is a few instructions.
#![allow(unsafe_code)]

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;

#[cfg(all(target_arch = "aarch64", target_endian = "little"))]
use super::Neon;
use super::Portable;

/// Words of a register.
pub(crate) const EIGHT: usize = 8;
/// Words that two registers of 16 bytes, or one of 32, hold.
pub(crate) const FOUR: usize = 4;

/// Numbers in single precision of a register.
pub(crate) const SIXTEEN: usize = 16;

/// From this number on, up to twice as much, the last bit of a number is what stands for one.
#[cfg(target_arch = "x86_64")]
const TWO_TO_52: f64 = 4_503_599_627_370_496.0;

/// The middles of sixteen boxes in three dimensions, and how far it is from there to their faces.
#[derive(Clone, Debug)]
pub(crate) struct SixteenBoxes {
    pub(crate) middle: [[f32; SIXTEEN]; 3],
    pub(crate) half: [[f32; SIXTEEN]; 3],
}

/// Sixteen places of a line: rows above and below it, and squares of distances along it.
#[derive(Clone, Copy)]
pub(crate) struct Upright<'a> {
    pub(crate) above: &'a [f32; SIXTEEN],
    pub(crate) below: &'a [f32; SIXTEEN],
    pub(crate) across: &'a [f32; SIXTEEN],
}

/// How registers are worked on with an instruction set. No number is NaN.
pub(crate) trait Wide: Copy {
    /// How often [`Self::across`] is done while a point is searched for in a tree, as measured; 0 where that is so
    /// seldom that it is of no use.
    const SEARCH: usize = 0;

    /// Eight words.
    type Words: Copy;
    /// Sixteen numbers in single precision.
    type Singles: Copy;
    /// Eight numbers in double precision.
    type Doubles: Copy;

    /// Words that are in memory.
    fn words(self, from: &[u64; EIGHT]) -> Self::Words;

    /// Words as they are in memory.
    fn in_memory(self, words: Self::Words) -> [u64; EIGHT];

    /// Bits that are in either.
    fn either(self, one: Self::Words, other: Self::Words) -> Self::Words;

    /// Bits that are in both.
    fn both(self, one: Self::Words, other: Self::Words) -> Self::Words;

    /// Bits that are in the one and not in the other.
    fn without(self, one: Self::Words, other: Self::Words) -> Self::Words;

    /// Whether there is any bit.
    fn any(self, words: Self::Words) -> bool;

    /// Write the words that have any bit one behind the other, and the number of each; how many. What stands behind them
    /// has no meaning.
    #[inline(always)]
    fn some(
        self,
        words: Self::Words,
        numbers: &[u32; EIGHT],
        (bits, of): (&mut [u64; EIGHT], &mut [u32; EIGHT]),
    ) -> usize {
        if !self.any(words) {
            return 0;
        }
        let mut count = 0;
        for (word, number) in self.in_memory(words).into_iter().zip(numbers) {
            (bits[count % EIGHT], of[count % EIGHT]) = (word, *number);
            count += usize::from(word != 0);
        }
        count
    }

    /// Add the number of bits of each word to a sum.
    fn add_bits(self, words: Self::Words, sums: &mut [u64; EIGHT]);

    /// Bit x of each word says whether a bit is set so many places before or after x, 1 to 63, in the word, in that
    /// before it, or in that after it.
    fn beside(self, words: [Self::Words; 3], places: u32) -> Self::Words;

    /// The squares of the least distances from a point to sixteen boxes.
    fn gaps(self, boxes: &SixteenBoxes, from: [f32; 3]) -> Self::Singles;

    /// The numbers as they are in memory.
    fn singles(self, numbers: Self::Singles) -> [f32; SIXTEEN];

    /// Bit k says that number k is no greater than a bound.
    fn no_greater(self, numbers: Self::Singles, bound: f32) -> u16;

    /// Write `base` plus the place of each bit to the beginning of `out`, in order; their number. What stands
    /// behind them has no meaning.
    fn places(self, bits: u16, base: u32, out: &mut [u32; SIXTEEN]) -> usize;

    /// One number in all places.
    fn all_singles(self, number: f32) -> Self::Singles;

    /// The lesser number of each two.
    fn lesser_singles(self, one: Self::Singles, other: Self::Singles) -> Self::Singles;

    /// The least number.
    fn least_single(self, numbers: Self::Singles) -> f32;

    /// The squares of distances from a place to others: of the lesser one of the steps from `above` to a row and from
    /// there to `below`, each of which measures so much, and `across`.
    fn upright(self, lines: Upright<'_>, row: f32, step: f32) -> Self::Singles;

    /// Numbers that are in memory.
    fn doubles(self, from: &[f64; EIGHT]) -> Self::Doubles;

    /// One number in all places.
    fn all_doubles(self, number: f64) -> Self::Doubles;

    /// The sum of each two numbers.
    fn sum(self, one: Self::Doubles, other: Self::Doubles) -> Self::Doubles;

    /// The squares of the distances along eight rows, where each step measures so much: from place `from` of the words
    /// in the middle, 0 to 63, to the next bit on either side, in the word, in that before it, or in that after it.
    /// Where there is none within 63 steps, the square of 64.
    fn across(self, words: [Self::Words; 3], from: u32, step: f64) -> Self::Doubles;

    /// The squares of the distances from a point to eight others, each the sum of the squares of the steps along the
    /// three dimensions in their order.
    fn squares(self, to: &[[f64; EIGHT]; 3], from: [f64; 3], steps: [f64; 3]) -> Self::Doubles;

    /// The lesser number of each two.
    fn lesser(self, one: Self::Doubles, other: Self::Doubles) -> Self::Doubles;

    /// Whether any number is less than a bound.
    fn any_less(self, numbers: Self::Doubles, bound: f64) -> bool;

    /// The least number.
    fn least(self, numbers: Self::Doubles) -> f64;
}

/// Plain loops, of which the compiler makes vectors as far as it can.
macro_rules! plainly {
    ($kernel:ty) => {
        impl Wide for $kernel {
            type Words = [u64; EIGHT];
            type Singles = [f32; SIXTEEN];
            type Doubles = [f64; EIGHT];

            #[inline(always)]
            fn words(self, from: &[u64; EIGHT]) -> [u64; EIGHT] {
                *from
            }

            #[inline(always)]
            fn in_memory(self, words: [u64; EIGHT]) -> [u64; EIGHT] {
                words
            }

            #[inline(always)]
            fn either(self, one: [u64; EIGHT], other: [u64; EIGHT]) -> [u64; EIGHT] {
                std::array::from_fn(|k| one[k] | other[k])
            }

            #[inline(always)]
            fn both(self, one: [u64; EIGHT], other: [u64; EIGHT]) -> [u64; EIGHT] {
                std::array::from_fn(|k| one[k] & other[k])
            }

            #[inline(always)]
            fn without(self, one: [u64; EIGHT], other: [u64; EIGHT]) -> [u64; EIGHT] {
                std::array::from_fn(|k| one[k] & !other[k])
            }

            #[inline(always)]
            fn any(self, words: [u64; EIGHT]) -> bool {
                words.iter().fold(0, |any, word| any | word) != 0
            }

            #[inline(always)]
            fn add_bits(self, words: [u64; EIGHT], sums: &mut [u64; EIGHT]) {
                // Counting takes many instructions here, and most words are empty.
                for (sum, word) in sums.iter_mut().zip(words).filter(|&(_, word)| word != 0) {
                    *sum += u64::from(word.count_ones());
                }
            }

            #[inline(always)]
            fn beside(self, [before, here, after]: [[u64; EIGHT]; 3], places: u32) -> [u64; EIGHT] {
                let back = 63 - places;
                std::array::from_fn(|k| {
                    let left = here[k] << places | before[k] >> 1 >> back;
                    let right = here[k] >> places | after[k] << 1 << back;
                    left | right
                })
            }

            #[inline(always)]
            fn gaps(self, boxes: &SixteenBoxes, from: [f32; 3]) -> [f32; SIXTEEN] {
                let mut gaps = [0.0; SIXTEEN];
                for axis in 0..3 {
                    let edges = boxes.middle[axis].iter().zip(&boxes.half[axis]);
                    for (gap, (middle, half)) in gaps.iter_mut().zip(edges) {
                        let apart = (middle - from[axis]).abs() - half;
                        let apart = if apart > 0.0 { apart } else { 0.0 };
                        *gap += apart * apart;
                    }
                }
                gaps
            }

            #[inline(always)]
            fn singles(self, numbers: [f32; SIXTEEN]) -> [f32; SIXTEEN] {
                numbers
            }

            #[inline(always)]
            fn no_greater(self, numbers: [f32; SIXTEEN], bound: f32) -> u16 {
                numbers.iter().rev().fold(0, |bits, number| bits << 1 | u16::from(*number <= bound))
            }

            #[inline(always)]
            fn places(self, bits: u16, base: u32, out: &mut [u32; SIXTEEN]) -> usize {
                let (mut rest, mut count) = (bits, 0);
                while rest != 0 {
                    out[count] = base + rest.trailing_zeros();
                    rest &= rest - 1;
                    count += 1;
                }
                count
            }

            #[inline(always)]
            fn all_singles(self, number: f32) -> [f32; SIXTEEN] {
                [number; SIXTEEN]
            }

            #[inline(always)]
            fn lesser_singles(self, one: [f32; SIXTEEN], other: [f32; SIXTEEN]) -> [f32; SIXTEEN] {
                std::array::from_fn(|k| if one[k] < other[k] { one[k] } else { other[k] })
            }

            #[inline(always)]
            fn least_single(self, mut numbers: [f32; SIXTEEN]) -> f32 {
                // By halves: one after the other, each comparison would wait for the one before.
                for half in [8, 4, 2, 1] {
                    for k in 0..half {
                        let other = numbers[k + half];
                        numbers[k] = if other < numbers[k] { other } else { numbers[k] };
                    }
                }
                numbers[0]
            }

            #[inline(always)]
            fn upright(self, lines: Upright<'_>, row: f32, step: f32) -> [f32; SIXTEEN] {
                let Upright { above, below, across } = lines;
                let mut squares = [0.0; SIXTEEN];
                for k in 0..SIXTEEN {
                    let [up, down] = [row - above[k], below[k] - row];
                    let along = if up < down { up } else { down } * step;
                    squares[k] = along * along + across[k];
                }
                squares
            }

            #[inline(always)]
            fn doubles(self, from: &[f64; EIGHT]) -> [f64; EIGHT] {
                *from
            }

            #[inline(always)]
            fn all_doubles(self, number: f64) -> [f64; EIGHT] {
                [number; EIGHT]
            }

            #[inline(always)]
            fn sum(self, one: [f64; EIGHT], other: [f64; EIGHT]) -> [f64; EIGHT] {
                std::array::from_fn(|k| one[k] + other[k])
            }

            #[inline(always)]
            fn across(self, words: [[u64; EIGHT]; 3], from: u32, step: f64) -> [f64; EIGHT] {
                let [before, here, after] = words;
                std::array::from_fn(|k| {
                    let right = here[k] >> from | after[k] << 1 << (63 - from);
                    let left = here[k] << (63 - from) | before[k] >> 1 >> from;
                    let along = f64::from(right.trailing_zeros().min(left.leading_zeros())) * step;
                    along * along
                })
            }

            #[inline(always)]
            fn squares(self, to: &[[f64; EIGHT]; 3], from: [f64; 3], steps: [f64; 3]) -> [f64; EIGHT] {
                std::array::from_fn(|k| {
                    let square = |axis: usize| {
                        let along = (to[axis][k] - from[axis]) * steps[axis];
                        along * along
                    };
                    square(0) + square(1) + square(2)
                })
            }

            #[inline(always)]
            fn lesser(self, one: [f64; EIGHT], other: [f64; EIGHT]) -> [f64; EIGHT] {
                std::array::from_fn(|k| if one[k] < other[k] { one[k] } else { other[k] })
            }

            #[inline(always)]
            fn any_less(self, numbers: [f64; EIGHT], bound: f64) -> bool {
                numbers.iter().fold(false, |any, number| any | (*number < bound))
            }

            #[inline(always)]
            fn least(self, numbers: [f64; EIGHT]) -> f64 {
                numbers.iter().fold(f64::INFINITY, |one, &other| if other < one { other } else { one })
            }
        }
    };
}

plainly!(Portable);
#[cfg(all(target_arch = "aarch64", target_endian = "little"))]
plainly!(Neon);

#[cfg(test)]
mod tests;
