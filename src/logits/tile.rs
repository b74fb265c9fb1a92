//! Scores that do not lie side by side, brought into planes in the level-1 cache.
#![allow(unsafe_code)]

use super::score::Score;
use super::scores::Scores;
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
use crate::cpu::Register;

/// Planes that are compared in one go over a block, and so the most that a tile holds.
pub(super) const GROUP: usize = 10;

/// Pixels of a tile.
pub(super) const TILE: usize = 64;

/// Scores from one plane of a tile to the next. With a power of two they would share a few sets of the
/// level-1 cache.
pub(super) const PITCH: usize = TILE + 16;

/// Bring the scores of channels `first` to `end` into planes of the tile.
///
/// # Panics
///
/// If there is no room for them, or there are no such channels.
#[inline(always)]
pub(super) fn fill<S: Score>(tile: &mut [S], scores: Scores<'_>, first: usize, end: usize) {
    assert!(scores.len <= TILE && first <= end && end <= scores.channels, "scores that there are");
    assert!(end - first <= GROUP && tile.len() == GROUP * PITCH, "room for them");
    let done = squares(tile, scores, first, end);
    if done < scores.len {
        one_by_one(tile, scores, done, first, end);
    }
}

/// [`fill`] from pixel `start` on, for scores anywhere.
///
/// It is compiled once, for any processor: the instructions that gather scores from all over memory are
/// slower than plain reads.
#[inline(never)]
fn one_by_one<S: Score>(tile: &mut [S], scores: Scores<'_>, start: usize, first: usize, end: usize) {
    assert!(end <= scores.channels, "channels that there are");
    let read = |channel: usize, pixel: usize| {
        let at = scores.plane(channel).wrapping_offset(scores.pixel * pixel.cast_signed());
        // SAFETY: this is a score of a pixel and a channel that there are; the read needs no alignment.
        let score = unsafe { at.cast::<S>().read_unaligned() };
        if scores.swapped { score.swapped() } else { score }
    };
    // Four pixels at a time, so that each channel's scores are written in one go.
    let whole = start + (scores.len - start) / 4 * 4;
    for i in (start..whole).step_by(4) {
        for (channel, plane) in (first..end).zip(tile.chunks_exact_mut(PITCH)) {
            let four = [0, 1, 2, 3].map(|k| read(channel, i + k));
            plane[i..i + 4].copy_from_slice(&four);
        }
    }
    for i in whole..scores.len {
        for (channel, plane) in (first..end).zip(tile.chunks_exact_mut(PITCH)) {
            plane[i] = read(channel, i);
        }
    }
}

/// [`fill`] for scores whose channels are side by side, in squares of pixels and channels that are
/// transposed in registers; the number of pixels that are done.
///
/// A register has the scores of as many channels as it can hold. Interleaving register `i` with register
/// `i + n / 2` of `n`, for all `i`, shuffles the square as two halves of a pack of cards are shuffled, and
/// after log2(n) shuffles it is transposed.
///
/// With 19 channels at the end it makes a whole count 1.7 times as fast for float32 and 16 bits, and 1.2 to
/// 1.4 times for float64, against score by score (Zen 4; `benches/NOTES.md`).
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
#[inline(always)]
fn squares<S: Score>(tile: &mut [S], scores: Scores<'_>, first: usize, end: usize) -> usize {
    match size_of::<S>() {
        2 => transpose::<S, 8>(tile, scores, first, end),
        4 => transpose::<S, 4>(tile, scores, first, end),
        8 => transpose::<S, 2>(tile, scores, first, end),
        _ => 0,
    }
}

/// Without these registers none are.
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
fn squares<S: Score>(_: &mut [S], _: Scores<'_>, _: usize, _: usize) -> usize {
    0
}

#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
#[inline(always)]
fn transpose<S: Score, const SIDE: usize>(
    tile: &mut [S],
    scores: Scores<'_>,
    first: usize,
    end: usize,
) -> usize {
    assert_eq!(SIDE * size_of::<S>(), size_of::<Register>(), "a side fills a register");
    let side_by_side = scores.class == size_of::<S>().cast_signed();
    if scores.swapped || !side_by_side || end - first < SIDE {
        return 0;
    }
    let whole = scores.len / SIDE * SIDE;
    let to = tile.as_mut_ptr();
    for i in (0..whole).step_by(SIDE) {
        for channel in (first..end).step_by(SIDE) {
            // The last square of channels reaches back over some that are there already.
            let channel = channel.min(end - SIDE);
            let base = scores.plane(channel);
            // SAFETY: register k has channels `channel` to `channel + SIDE`, side by side, of pixel `i + k`,
            // all of which there are.
            let mut square: [Register; SIDE] = std::array::from_fn(|k| unsafe {
                let step = scores.pixel * (i + k).cast_signed();
                Register::load(base.wrapping_offset(step))
            });
            for _ in 0..SIDE.ilog2() {
                let mut next = square;
                for k in 0..SIDE / 2 {
                    (next[2 * k], next[2 * k + 1]) = square[k].interleaved::<SIDE>(square[k + SIDE / 2]);
                }
                square = next;
            }
            for (k, scores) in square.into_iter().enumerate() {
                // SAFETY: `fill` has checked that there is a plane for each channel, of `PITCH` scores,
                // which are more than the `TILE` that `i + SIDE` is at most.
                unsafe { scores.store(to.add((channel - first + k) * PITCH + i).cast()) };
            }
        }
    }
    whole
}
