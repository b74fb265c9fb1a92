//! The highest of the scores of each pixel, a block of pixels at a time.
//!
//! # The algorithm
//!
//! For each pixel the highest score so far and its channel are kept, in registers for as many pixels as
//! fit ([`Lanes`]). The planes of the channels, where pixels lie side by side, are compared [`GROUP`] at a
//! time; between groups what is kept goes to two buffers in the level-1 cache. A score that is not *higher*
//! than the one before changes nothing, so ties stay with the lowest channel. Whether any score was NaN is
//! gathered in the same loop.
//!
//! The next lines of a plane are asked for while one is compared: it takes so little that without asking,
//! memory would wait for the comparisons.
//!
//! Scores that do not lie side by side, or have their bytes in the other order, are first brought into
//! a tile of planes in the level-1 cache, and so are the last pixels where they are too few for registers.
//!
//! # Why no value can do harm
//!
//! A channel comes from the loop, never from a score, so it is one of those there are, for any bits
//! that are read. Each score is read once, or copied once into a tile.
#![allow(unsafe_code)]

use super::score::Score;
use super::scores::Scores;
use super::tile::{PLANES, fill, pitch, tile};
use crate::cpu::{Kernel, Lane, Lanes, Routine, Vectors};
use crate::pixels::Line;

/// Most pixels of a block, whose labels stay in the level-1 cache.
pub(super) const BLOCK: usize = 8192;

/// Planes that are read at once: their lines have one place in the caches where their size is a power of two,
/// and many caches have eight ways.
pub(super) const GROUP: usize = 8;

/// Pixels of all planes that are compared before the next ones: a page of each plane.
const fn span<S>() -> usize {
    4096 / size_of::<S>()
}

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
    fn len(&self) -> usize {
        match self {
            Self::Bytes(codes) => codes.len(),
            Self::Words(codes) => codes.len(),
        }
    }

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
            best: vec![S::LOWEST; span::<S>()],
            index: vec![S::Lane::default(); span::<S>()],
            tile: vec![S::from_bits(0); PLANES * pitch::<S>()],
            codes,
        }
    }

    /// The label of each pixel, in front; `None` if a score is NaN.
    ///
    /// # Panics
    ///
    /// If there are more pixels than a block has, or another number of channels.
    pub(super) fn label(&mut self, scores: Scores<'_>) -> Option<&Codes> {
        assert!(scores.len <= self.codes.len() && scores.channels == self.channels, "scores fit the ranker");
        let nan = self.kernel.run(Label { ranker: self, scores });
        (!nan).then_some(&self.codes)
    }

    /// Write the label of each pixel to `codes`; whether a score is NaN.
    #[inline(always)]
    fn label_with<L: Lanes<S>, V: Vectors>(&mut self, lanes: L, vectors: V, scores: Scores<'_>) -> bool {
        let whole = if scores.in_planes::<S>() { scores.len / L::PIXELS * L::PIXELS } else { 0 };
        let mut nan = false;
        let mut start = 0;
        while start < scores.len {
            let len = if start < whole {
                span::<S>().min(whole - start)
            } else {
                tile::<S>().min(scores.len - start)
            };
            let part = scores.part(start, len);
            nan |= if start < whole {
                self.rank_planes(lanes, part)
            } else {
                self.rank_tile(lanes, vectors, part)
            };
            let index = &self.index[..len];
            match &mut self.codes {
                Codes::Bytes(codes) => {
                    codes[start..start + len]
                        .iter_mut()
                        .zip(index)
                        .for_each(|(code, lane)| *code = lane.byte());
                }
                Codes::Words(codes) => {
                    codes[start..start + len]
                        .iter_mut()
                        .zip(index)
                        .for_each(|(code, lane)| *code = lane.word());
                }
            }
            start += len;
        }
        nan
    }

    /// Write the channel of each pixel to `index`, where the scores of a channel are side by side, and whole
    /// numbers of `PIXELS` of them; whether one is NaN.
    #[inline(always)]
    fn rank_planes<L: Lanes<S>>(&mut self, lanes: L, scores: Scores<'_>) -> bool {
        let (mut nan, mut first) = (false, 0);
        for end in groups(scores.channels, GROUP) {
            let mut planes = [std::ptr::null(); GROUP];
            for (plane, channel) in planes.iter_mut().zip(first..end) {
                *plane = scores.plane(channel).cast();
            }
            // SAFETY: `Scores` promises that the scores of each plane are readable.
            nan |= unsafe { self.merge::<L, true>(lanes, &planes[..end - first], first, scores.len) };
            first = end;
        }
        nan
    }

    /// Write the channel of each pixel to `index`, of scores anywhere; whether one is NaN.
    #[inline(always)]
    fn rank_tile<L: Lanes<S>, V: Vectors>(&mut self, lanes: L, vectors: V, scores: Scores<'_>) -> bool {
        let (mut nan, mut first) = (false, 0);
        for end in groups(scores.channels, PLANES) {
            fill(vectors, &mut self.tile, scores, first, end);
            let mut planes = [std::ptr::null(); PLANES];
            for (plane, scores) in planes.iter_mut().zip(self.tile.chunks_exact(pitch::<S>())) {
                *plane = scores.as_ptr();
            }
            // What is behind the last pixels are scores of earlier ones.
            let len = scores.len.next_multiple_of(L::PIXELS);
            // SAFETY: a plane of the tile has room for whole numbers of `PIXELS`.
            nan |= unsafe { self.merge::<L, false>(lanes, &planes[..end - first], first, len) };
            first = end;
        }
        nan
    }

    /// Compare the scores of some planes, of channels from `first` on, with the highest so far; whether one
    /// is NaN.
    ///
    /// # Safety
    ///
    /// `len` scores are readable from each plane, which is a multiple of `PIXELS`.
    #[inline(always)]
    unsafe fn merge<L: Lanes<S>, const AHEAD: bool>(
        &mut self,
        lanes: L,
        planes: &[*const S],
        first: usize,
        len: usize,
    ) -> bool {
        let (best, index) = (&mut self.best[..len], &mut self.index[..len]);
        #[allow(clippy::cast_possible_truncation, reason = "`new` has checked that channels fit 16 bits")]
        let first = first as u16;
        // SAFETY: as the caller promises.
        unsafe {
            match self.rule {
                Rule::Highest => lanes.merge::<AHEAD>(planes, first, best, index),
                Rule::AtLeast(bits) => at_least(planes[0], S::from_bits(bits).key(), index),
            }
        }
    }
}

/// Where groups of channels end, which are of nearly one size, and at most of that one.
fn groups(channels: usize, most: usize) -> impl Iterator<Item = usize> {
    let groups = channels.div_ceil(most);
    (1..=groups).map(move |group| channels * group / groups)
}

/// Write 1 where the score is at least the one of the key, else 0; whether one is NaN.
///
/// # Safety
///
/// As many scores as `index` has are readable from the plane.
#[inline(always)]
unsafe fn at_least<S: Score>(plane: *const S, threshold: S::Key, index: &mut [S::Lane]) -> bool {
    let mut nan = S::Lane::default();
    for (i, lane) in index.iter_mut().enumerate() {
        // SAFETY: the caller promises `index.len()` scores; the read needs no alignment.
        let score = unsafe { plane.add(i).read_unaligned() };
        nan |= S::Lane::from(score.is_nan());
        *lane = S::Lane::from(score.key() >= threshold);
    }
    nan != S::Lane::default()
}

struct Label<'a, 'b, S: Score> {
    ranker: &'a mut Ranker<S>,
    scores: Scores<'b>,
}

impl<S: Score> Routine for Label<'_, '_, S> {
    type Output = bool;

    #[inline(always)]
    fn run<V: Vectors>(self, vectors: V) -> bool {
        self.ranker.label_with(S::lanes(vectors), vectors, self.scores)
    }
}
