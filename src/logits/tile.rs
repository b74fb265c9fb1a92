//! Scores that do not lie side by side, or are few, brought into planes in the level-1 cache.
#![allow(unsafe_code)]

use super::score::Score;
use super::scores::Scores;
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
use crate::cpu::Registers;
use crate::cpu::{Vectors, prefetch};

/// Most planes that a tile holds.
pub(super) const PLANES: usize = 32;

/// How far ahead of what is transposed scores are asked for, in bytes.
const AHEAD: isize = 4096;

/// Pixels of a tile: as many as are looked at together with any instruction set.
pub(super) const fn tile<S>() -> usize {
    256 / size_of::<S>()
}

/// Scores from one plane of a tile to the next. With a power of two they would share a few sets of the
/// level-1 cache.
pub(super) const fn pitch<S>() -> usize {
    (256 + 64) / size_of::<S>()
}

/// Bring the scores of channels `first` to `end` into planes of the tile.
///
/// # Panics
///
/// If there is no room for them, or there are no such channels.
#[inline(always)]
pub(super) fn fill<S: Score, V: Vectors>(
    vectors: V,
    to: &mut [S],
    scores: Scores<'_>,
    first: usize,
    end: usize,
) {
    assert!(scores.len <= tile::<S>() && first <= end && end <= scores.channels, "scores that there are");
    assert!(end - first <= PLANES && to.len() == PLANES * pitch::<S>(), "room for them");
    if scores.in_planes::<S>() {
        for (channel, plane) in (first..end).zip(to.chunks_exact_mut(pitch::<S>())) {
            // SAFETY: these are scores of a channel, side by side, and a plane has room for them.
            unsafe {
                scores
                    .plane(channel)
                    .copy_to_nonoverlapping(plane.as_mut_ptr().cast(), scores.len * size_of::<S>());
            }
        }
        return;
    }
    let done = squares(vectors, to, scores, first, end);
    if done < scores.len {
        one_by_one(to, scores, done, first, end);
    }
}

/// [`fill`] from pixel `start` on, for scores anywhere.
///
/// It is compiled once, for any processor: the instructions that gather scores from all over memory are
/// slower than plain reads.
#[inline(never)]
fn one_by_one<S: Score>(to: &mut [S], scores: Scores<'_>, start: usize, first: usize, end: usize) {
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
        for (channel, plane) in (first..end).zip(to.chunks_exact_mut(pitch::<S>())) {
            let four = [0, 1, 2, 3].map(|k| read(channel, i + k));
            plane[i..i + 4].copy_from_slice(&four);
        }
    }
    for i in whole..scores.len {
        for (channel, plane) in (first..end).zip(to.chunks_exact_mut(pitch::<S>())) {
            plane[i] = read(channel, i);
        }
    }
}

/// [`fill`] for scores whose channels are side by side, in squares of pixels and channels that are
/// transposed in registers; the number of pixels that are done.
///
/// Sixteen bytes have the scores of as many channels as fit. Interleaving register `i` with register
/// `i + n / 2` of `n`, for all `i`, shuffles the square as two halves of a pack of cards are shuffled, and
/// after log2(n) shuffles it is transposed. Longer registers hold several squares, one for each part.
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
#[inline(always)]
fn squares<S: Score, V: Vectors>(
    vectors: V,
    to: &mut [S],
    scores: Scores<'_>,
    first: usize,
    end: usize,
) -> usize {
    match size_of::<S>() {
        2 => transpose::<S, _, 8>(vectors.registers(), to, scores, first, end),
        4 => transpose::<S, _, 4>(vectors.registers(), to, scores, first, end),
        8 => transpose::<S, _, 2>(vectors.registers(), to, scores, first, end),
        _ => 0,
    }
}

/// Without these registers none are.
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
fn squares<S: Score, V: Vectors>(_: V, _: &mut [S], _: Scores<'_>, _: usize, _: usize) -> usize {
    0
}

#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
#[inline(always)]
fn transpose<S: Score, R: Registers, const SIDE: usize>(
    registers: R,
    to: &mut [S],
    scores: Scores<'_>,
    first: usize,
    end: usize,
) -> usize {
    assert_eq!(SIDE * size_of::<S>(), 16, "a side fills a part of a register");
    let size = size_of::<S>().cast_signed();
    if scores.swapped || scores.class != size {
        return 0;
    }
    let (channels, mut readable) = (scores.channels, scores.len);
    if channels < SIDE {
        // A side reaches over scores of pixels behind, if these follow at once; the last ones have none.
        if scores.pixel != channels.cast_signed() * size {
            return 0;
        }
        let without = (SIDE - channels).div_ceil(channels);
        readable = readable.min((readable + scores.behind).saturating_sub(without));
    }
    let step = SIDE * R::PARTS;
    let whole = readable / step * step;
    let rows = SIDE.min(channels);
    let to = to.as_mut_ptr();
    let row = scores.pixel.unsigned_abs() * step;
    for i in (0..whole).step_by(step) {
        let behind = scores.plane(0).wrapping_offset(scores.pixel * i.cast_signed() + AHEAD);
        for line in (0..row).step_by(64) {
            prefetch(behind.wrapping_add(line));
        }
        for channel in (first..end).step_by(SIDE) {
            // The last square of channels reaches back over some that are there already.
            let channel = channel.min(end.saturating_sub(SIDE));
            let base = scores.plane(channel);
            let mut square: [R::Register; SIDE] = std::array::from_fn(|k| {
                let pixel =
                    |part: usize| base.wrapping_offset(scores.pixel * (i + SIDE * part + k).cast_signed());
                // SAFETY: part `p` of register `k` has channels `channel` to `channel + SIDE`, side by side,
                // of pixel `i + SIDE * p + k`, all of which there are, or scores of pixels behind it.
                unsafe { registers.gather([0, 1, 2, 3].map(pixel)) }
            });
            for _ in 0..SIDE.ilog2() {
                let mut next = square;
                for k in 0..SIDE / 2 {
                    (next[2 * k], next[2 * k + 1]) =
                        registers.interleaved::<SIDE>(square[k], square[k + SIDE / 2]);
                }
                square = next;
            }
            for (k, scores) in square.into_iter().take(rows).enumerate() {
                // SAFETY: `fill` has checked that there is a plane for each channel, which has room for as
                // many pixels as a tile has, which is a multiple of `step`.
                unsafe { registers.store(scores, to.add((channel - first + k) * pitch::<S>() + i).cast()) };
            }
        }
    }
    whole
}
