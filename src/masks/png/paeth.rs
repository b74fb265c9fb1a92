//! What `Paeth` predicts of a byte.

use std::hint::select_unpredictable;

/// The predictor of `Paeth`: the nearest to a + b - c; of equals, the first of a, b, c.
#[inline(always)]
pub(super) fn paeth(a: u8, b: u8, c: u8) -> u8 {
    let [wide_a, wide_b, wide_c] = [a, b, c].map(i16::from);
    let to_a = (wide_b - wide_c).abs();
    let to_b = (wide_a - wide_c).abs();
    let to_c = (wide_a + wide_b - 2 * wide_c).abs();
    let b_or_c = select_unpredictable(to_b <= to_c, b, c);
    select_unpredictable(to_a <= to_b && to_a <= to_c, a, b_or_c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_predictor_takes_the_nearest_and_of_equals_the_first() {
        for a in 0..=255 {
            for b in 0..=255 {
                for c in [0, 1, 100, 127, 128, 254, 255, a, b] {
                    let distance =
                        |near: u8| (i32::from(a) + i32::from(b) - i32::from(c) - i32::from(near)).abs();
                    assert_eq!(Some(&paeth(a, b, c)), [a, b, c].iter().min_by_key(|&&near| distance(near)));
                }
            }
        }
    }
}
