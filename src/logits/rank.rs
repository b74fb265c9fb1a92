//! The highest of the scores of each pixel, a block of pixels at a time.
//!
//! # The algorithm
//!
//! For each pixel of a block the highest score so far and its channel are kept in two buffers that
//! stay in cache. The planes of the channels, where pixels lie side by side, are read [`GROUP`] at a
//! time: the loop over pixels compares them one after the other with what the buffers hold, in
//! registers, and writes both back. So memory is read in a few long streams, and the buffers are
//! touched once for a whole group. A score that is not *higher* than the one before changes nothing,
//! so ties stay with the lowest channel. Whether any score was NaN is gathered in the same loop.
//!
//! The loops are plain ones, which the compiler turns into vector code for each instruction set: they
//! read through raw pointers and write to buffers of their own, so that no read depends on a write.
//!
//! Scores that do not lie side by side, or have their bytes in the other order, are first brought into
//! a tile of planes in the level-1 cache.
//!
//! # Why no value can do harm
//!
//! A channel comes from the loop, never from a score, so it is one of those there are, for any bits
//! that are read. Each score is read once.
#![allow(unsafe_code)]

use super::score::{Lane, Score};
use super::scores::Scores;
use super::tile::{GROUP, PITCH, TILE, fill};
use crate::cpu::{Kernel, Routine, Vectors};
use crate::pixels::Line;

/// Most pixels of a block: streams that are long for memory, buffers that stay in the level-2 cache.
pub(super) const BLOCK: usize = 8192;

/// How scores become a label.
#[derive(Clone, Copy, Debug)]
pub enum Rule {
    /// The channel with the highest score; the lowest of them where several are equal.
    Highest,
    /// 1 where the only channel's score is at least the one of these bits, which are of the type of
    /// the scores; else 0.
    AtLeast(u64),
}

/// Turns scores into labels, block by block.
pub(super) struct Ranker<S: Score> {
    kernel: Kernel,
    rule: Rule,
    channels: usize,
    best: Vec<S::Key>,
    index: Vec<S::Lane>,
    tile: Vec<S>,
    codes: Codes,
}

/// The labels of a block, and whatever an earlier one has left behind them.
#[derive(Debug)]
pub enum Codes {
    /// Of up to 256 channels.
    Bytes(Vec<u8>),
    /// Of more.
    Words(Vec<u16>),
}

impl Codes {
    /// The first labels.
    ///
    /// # Panics
    ///
    /// If there are fewer.
    pub(super) fn line(&self, len: usize) -> Line<'_> {
        match self {
            Self::Bytes(codes) => Line::from_labels(&codes[..len]),
            Self::Words(codes) => Line::from_labels(&codes[..len]),
        }
    }
}

/// The type of the numbers of channels: `u8` for up to 256 of them, `u16` for more.
pub trait Channel: Copy + Send {
    /// The labels of a block.
    ///
    /// # Panics
    ///
    /// If they are of the other type.
    fn of(codes: &Codes) -> &[Self];
}

impl Channel for u8 {
    fn of(codes: &Codes) -> &[Self] {
        let Codes::Bytes(codes) = codes else { panic!("channels of bytes") };
        codes
    }
}

impl Channel for u16 {
    fn of(codes: &Codes) -> &[Self] {
        let Codes::Words(codes) = codes else { panic!("channels of words") };
        codes
    }
}

impl<S: Score> Ranker<S> {
    /// A ranker of up to `block` pixels with `channels` scores each.
    ///
    /// # Panics
    ///
    /// If there are more channels than 16 bits can tell apart, or there is a threshold for several.
    pub(super) fn new(kernel: Kernel, rule: Rule, channels: usize, block: usize) -> Self {
        assert!(channels <= 1 << 16, "channels fit 16 bits");
        assert!(matches!(rule, Rule::Highest) || channels == 1, "a threshold is for one channel");
        let codes =
            if channels <= 1 << 8 { Codes::Bytes(vec![0; block]) } else { Codes::Words(vec![0; block]) };
        Self {
            kernel,
            rule,
            channels,
            best: vec![S::LOWEST; block],
            index: vec![S::Lane::default(); block],
            tile: vec![S::from_bits(0); GROUP * PITCH],
            codes,
        }
    }

    /// The label of each pixel, in front; `None` if a score is NaN.
    ///
    /// # Panics
    ///
    /// If there are more pixels than a block has, or another number of channels.
    pub(super) fn label(&mut self, scores: Scores<'_>) -> Option<&Codes> {
        assert!(scores.len <= self.index.len() && scores.channels == self.channels, "scores fit the ranker");
        let nan = self.kernel.run(Label { ranker: self, scores });
        (!nan).then_some(&self.codes)
    }

    /// Write the label of each pixel to `codes`; whether a score is NaN.
    #[inline(always)]
    fn label_with(&mut self, scores: Scores<'_>) -> bool {
        let size = size_of::<S>().cast_signed();
        let direct = !scores.swapped && (scores.pixel == size || scores.len == 1);
        let step = if direct { scores.len.max(1) } else { TILE };
        let mut nan = S::Lane::default();
        for start in (0..scores.len).step_by(step) {
            let part = scores.part(start, step.min(scores.len - start));
            nan |= self.rank(part, start, direct);
        }
        let index = &self.index[..scores.len];
        match &mut self.codes {
            Codes::Bytes(codes) => codes.iter_mut().zip(index).for_each(|(code, lane)| *code = lane.byte()),
            Codes::Words(codes) => codes.iter_mut().zip(index).for_each(|(code, lane)| *code = lane.word()),
        }
        nan != S::Lane::default()
    }

    /// Write the channel of each pixel to `index`, from `start` on; not zero if a score is NaN.
    #[inline(always)]
    fn rank(&mut self, scores: Scores<'_>, start: usize, direct: bool) -> S::Lane {
        let best = &mut self.best[start..start + scores.len];
        let index = &mut self.index[start..start + scores.len];
        best.fill(S::LOWEST);
        index.fill(S::Lane::default());
        let groups = scores.channels.div_ceil(GROUP);
        let mut nan = S::Lane::default();
        let mut first = 0;
        for group in 1..=groups {
            // Groups of nearly one size: a small rest would touch the buffers for little.
            let end = scores.channels * group / groups;
            let mut planes = [self.tile.as_ptr(); GROUP];
            if direct {
                for (plane, channel) in planes.iter_mut().zip(first..end) {
                    *plane = scores.plane(channel).cast();
                }
            } else {
                fill(&mut self.tile, scores, first, end);
                for (plane, scores) in planes.iter_mut().zip(self.tile.chunks_exact(PITCH)) {
                    *plane = scores.as_ptr();
                }
            }
            let planes = &planes[..end - first];
            // SAFETY: `direct` says that the scores of a plane are side by side in this machine's byte
            // order, and `Scores` that they are readable; a plane of the tile has room for a part.
            nan |= unsafe {
                match self.rule {
                    Rule::Highest => merge_group(planes, first, best, index),
                    Rule::AtLeast(bits) => at_least(planes[0], S::from_bits(bits).key(), index),
                }
            };
            first = end;
        }
        nan
    }
}

/// [`merge`] for any number of planes up to `GROUP`.
///
/// # Safety
///
/// As for [`merge`].
#[inline(always)]
unsafe fn merge_group<S: Score>(
    planes: &[*const S],
    first: usize,
    best: &mut [S::Key],
    index: &mut [S::Lane],
) -> S::Lane {
    macro_rules! of_size {
        ($($size:literal)*) => {
            match planes.len() {
                $($size => {
                    let planes: &[*const S; $size] = planes.try_into().expect("as many as matched");
                    // SAFETY: as the caller promises.
                    unsafe { merge(*planes, first, best, index) }
                })*
                _ => unreachable!("a group has one plane to ten"),
            }
        };
    }
    of_size!(1 2 3 4 5 6 7 8 9 10)
}

/// Compare the scores of some planes, of channels from `first` on, with the highest so far; not zero
/// if one is NaN.
///
/// # Safety
///
/// As many scores as `best` has are readable from each plane.
#[inline(always)]
unsafe fn merge<S: Score, const PLANES: usize>(
    planes: [*const S; PLANES],
    first: usize,
    best: &mut [S::Key],
    index: &mut [S::Lane],
) -> S::Lane {
    #[allow(clippy::cast_possible_truncation, reason = "`new` has checked that channels fit 16 bits")]
    let channels: [S::Lane; PLANES] = std::array::from_fn(|k| S::Lane::from((first + k) as u16));
    let index = &mut index[..best.len()];
    let mut nan = S::Lane::default();
    for i in 0..best.len() {
        let (mut highest, mut channel, mut any_nan) = (best[i], index[i], false);
        for k in 0..PLANES {
            // SAFETY: the caller promises `best.len()` scores; the read needs no alignment.
            let score = unsafe { planes[k].add(i).read_unaligned() };
            any_nan |= score.is_nan();
            let key = score.key();
            let higher = key > highest;
            highest = if higher { key } else { highest };
            channel = if higher { channels[k] } else { channel };
        }
        best[i] = highest;
        index[i] = channel;
        nan |= S::Lane::from(any_nan);
    }
    nan
}

/// Write 1 where the score is at least the one of the key, else 0; not zero if one is NaN.
///
/// # Safety
///
/// As many scores as `index` has are readable from the plane.
#[inline(always)]
unsafe fn at_least<S: Score>(plane: *const S, threshold: S::Key, index: &mut [S::Lane]) -> S::Lane {
    let mut nan = S::Lane::default();
    for (i, lane) in index.iter_mut().enumerate() {
        // SAFETY: the caller promises `index.len()` scores; the read needs no alignment.
        let score = unsafe { plane.add(i).read_unaligned() };
        nan |= S::Lane::from(score.is_nan());
        *lane = S::Lane::from(score.key() >= threshold);
    }
    nan
}

struct Label<'a, 'b, S: Score> {
    ranker: &'a mut Ranker<S>,
    scores: Scores<'b>,
}

impl<S: Score> Routine for Label<'_, '_, S> {
    type Output = bool;

    #[inline(always)]
    fn run<V: Vectors>(self, _: V) -> bool {
        self.ranker.label_with(self.scores)
    }
}
