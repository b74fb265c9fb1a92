//! Pixels of several bytes, as colours have them: filters are undone by events, and labels told by runs.
//!
//! What `unfilter` says of `Paeth` is true of whole pixels as well, if all bytes of a pixel are asked: where all of
//! them equal the pixel c, the row goes on as a copy of the row above; where not, the pixel is repeated while the row
//! above does not change. `Sub` repeats it in any case. An event is a pixel with a difference that is not zero, or
//! above which the row changes.

use super::paeth::paeth;
use crate::cpu::{Kernel, Routine, Vectors, WIDTH};

/// Bytes of the whole pixels of a block.
const fn whole(step: usize) -> usize {
    WIDTH / step * step
}

/// The block at a place, with zeros after the end.
#[inline(always)]
fn block(bytes: &[u8], at: usize) -> [u8; WIDTH] {
    if let Some(block) = bytes[at..].first_chunk() {
        return *block;
    }
    let mut block = [0; WIDTH];
    block[..bytes.len() - at].copy_from_slice(&bytes[at..]);
    block
}

/// Bits of the bytes of a block of whole pixels that differ from those of the pixel before.
#[inline(always)]
fn changes<V: Vectors, const N: usize>(vectors: V, bytes: &[u8], at: usize) -> u64 {
    let (mut differs, before) = (block(bytes, at), block(bytes, at - N));
    for (byte, before) in differs.iter_mut().zip(before) {
        *byte ^= before;
    }
    vectors.not_zero(&differs)
}

/// Undo `Sub`, or `Paeth`, of pixels of `N` bytes. `above` is the row above, and has as many bytes as the row;
/// `differences` and `row` have a block more.
#[inline(always)]
pub(super) fn undo<V: Vectors, const N: usize>(
    vectors: V,
    is_paeth: bool,
    differences: &[u8],
    above: &[u8],
    row: &mut [u8],
) {
    let len = above.len();
    assert!(N <= len && differences.len() >= len + WIDTH && row.len() >= len + WIDTH, "a row, and slack");
    // Left of the first pixel everything is zero, so that its prediction is b, or zero.
    let mut pixel: [u8; N] =
        std::array::from_fn(|i| differences[i].wrapping_add(if is_paeth { above[i] } else { 0 }));
    row[..N].copy_from_slice(&pixel);
    let mut copies = is_paeth && pixel == above[..N];
    let mut x = N;
    while x < len {
        let inside = u64::MAX >> (WIDTH - whole(N));
        let mut events = vectors.not_zero(&block(differences, x));
        let with = if copies { block(above, x) } else { std::array::from_fn(|i| pixel[i % N]) };
        if is_paeth && !copies {
            events |= changes::<V, N>(vectors, above, x);
        }
        events &= inside;
        row[x..x + WIDTH].copy_from_slice(&with);
        let next = (events.trailing_zeros() as usize).min(whole(N)) / N * N;
        x += next;
        if events == 0 || x >= len {
            // What was copied of the row above is copied on, whatever it is.
            continue;
        }
        let before: [u8; N] = std::array::from_fn(|i| row[x + i - N]);
        pixel = std::array::from_fn(|i| {
            let prediction =
                if is_paeth { paeth(before[i], above[x + i], above[x + i - N]) } else { before[i] };
            differences[x + i].wrapping_add(prediction)
        });
        row[x..x + N].copy_from_slice(&pixel);
        copies = is_paeth && pixel == above[x..x + N];
        x += N;
    }
}

/// Tell where each run of equal pixels of `N` bytes begins, and its label.
pub(super) fn each_run<const N: usize>(
    kernel: Kernel,
    pixels: &[u8],
    of: impl Fn(&[u8]) -> i64,
    put: &mut impl FnMut(usize, i64),
) {
    kernel.run(EachRun::<'_, _, _, N> { pixels, of, put });
}

struct EachRun<'a, F, P, const N: usize> {
    pixels: &'a [u8],
    of: F,
    put: &'a mut P,
}

impl<F: Fn(&[u8]) -> i64, P: FnMut(usize, i64), const N: usize> Routine for EachRun<'_, F, P, N> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vectors>(self, vectors: V) {
        let Self { pixels, of, put } = self;
        let Some(first) = pixels.first_chunk::<N>() else { return };
        put(0, of(first));
        for x in (N..pixels.len()).step_by(whole(N)) {
            let inside = u64::MAX >> (WIDTH - whole(N).min(pixels.len() - x));
            let mut marks = changes::<V, N>(vectors, pixels, x) & inside;
            while marks != 0 {
                let within = marks.trailing_zeros() as usize / N;
                marks &= !(((1 << N) - 1) << (within * N));
                let at = x / N + within;
                put(at, of(&pixels[at * N..][..N]));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::naive::noise;

    fn number(pixel: &[u8]) -> i64 {
        pixel.iter().fold(0, |number, &byte| number << 8 | i64::from(byte))
    }

    fn check<const N: usize>(random: &mut impl FnMut(usize) -> usize) {
        for width in (0..=140).chain([1000]) {
            let one_in = [1, 2, 10, 80][width % 4];
            let mut pixel = [7_u8; N];
            let pixels: Vec<u8> = (0..width)
                .flat_map(|_| {
                    if random(one_in) == 0 {
                        pixel[random(N)] = random(256).to_le_bytes()[0];
                    }
                    pixel
                })
                .collect();
            let mut expected: Vec<_> = pixels.chunks_exact(N).map(number).enumerate().collect();
            expected.dedup_by_key(|run| run.1);
            for kernel in crate::cpu::tested() {
                let mut runs = Vec::new();
                each_run::<N>(kernel, &pixels, number, &mut |start, label| runs.push((start, label)));
                assert_eq!(runs, expected, "{width} on {}", kernel.name());
            }
        }
    }

    #[test]
    fn runs_are_those_of_all_pixels() {
        let mut random = noise(3);
        check::<1>(&mut random);
        check::<2>(&mut random);
        check::<3>(&mut random);
        check::<4>(&mut random);
    }
}
