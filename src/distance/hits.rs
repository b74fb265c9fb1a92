//! Points that shells find, counted by their codes.

use super::columns::{Block, ROWS};
use super::counts::Found;
use super::shells::{Hits, Shells};
use crate::cpu::Vectors;

/// Points of a word.
pub(super) const WORD: usize = u64::BITS as usize;

/// Counts of points that shells find.
pub(super) struct InShells<'a> {
    /// For each word of points the code of each; none if there are no codes.
    codes: &'a [[u8; WORD]],
    /// For each shell: points of each code.
    counts: Vec<[u32; 256]>,
    /// Points of each shell, of each row of blocks.
    plain: Vec<[u64; ROWS]>,
    /// Words with points that are not counted yet, so many of them, and room for those of a block behind them.
    met: Box<[Met; WORDS]>,
    len: usize,
    /// Room for their points.
    points: Vec<u64>,
}

/// Points of a word that a shell found.
#[derive(Clone, Copy, Default)]
struct Met {
    bits: u64,
    word: u32,
    shell: u32,
}

/// Words whose points are written out at once.
const WORDS: usize = 64;

/// Points of a word that are written out, whether there are as many or not.
const FIRST: usize = 4;

/// Bits of a point that say where its code is; those above say in which shell it was found.
const PLACE: u32 = u32::BITS + WORD.ilog2();

impl<'a> InShells<'a> {
    pub(super) fn new(codes: &'a [[u8; WORD]], shells: &Shells) -> Self {
        let [counted, points] = if codes.is_empty() { [0, 0] } else { [shells.len(), WORDS * WORD + FIRST] };
        Self {
            codes,
            counts: vec![[0; 256]; counted],
            plain: vec![[0; ROWS]; shells.len()],
            met: Box::new([Met::default(); WORDS]),
            len: 0,
            points: vec![0; points],
        }
    }

    /// Count the points of words that were met. How many words of a block have points, and how many points a word, no
    /// processor foresees, so that points are written out before.
    #[inline(always)]
    fn count(&mut self) {
        let mut count = 0;
        for &Met { bits, word, shell } in &self.met[..self.len] {
            let place = u64::from(shell) << PLACE | u64::from(word) << WORD.ilog2();
            let (mut rest, ones) = (bits, bits.count_ones() as usize);
            let (first, more) = self.points[count..].split_first_chunk_mut::<FIRST>().expect("room for all");
            for point in first.iter_mut().chain(&mut more[..ones.saturating_sub(FIRST)]) {
                // Behind the last point there is no bit: what is written then is written over.
                *point = place + u64::from(rest.trailing_zeros());
                rest &= rest.wrapping_sub(1);
            }
            count += ones;
        }
        self.len = 0;
        let (codes, counts) = (self.codes.as_flattened(), self.counts.as_flattened_mut());
        for &point in &self.points[..count] {
            #[allow(clippy::cast_possible_truncation, reason = "places of codes, and numbers of shells")]
            let (place, shell) = ((point & ((1 << PLACE) - 1)) as usize, (point >> PLACE) as usize);
            counts[shell << u8::BITS | usize::from(codes[place])] += 1;
        }
    }

    pub(super) fn add_to(mut self, shells: &Shells, found: &mut Vec<Found>) {
        self.count();
        for (shell, rows) in self.plain.into_iter().enumerate() {
            add_plain(shells.squared(shell), rows.iter().sum(), found);
        }
        for (shell, codes) in self.counts.into_iter().enumerate() {
            add_codes(shells.squared(shell), codes, found);
        }
    }
}

impl Hits for InShells<'_> {
    #[inline(always)]
    fn hit<V: Vectors>(&mut self, vectors: V, shell: usize, block: &Block, hits: V::Words) {
        if self.codes.is_empty() {
            vectors.add_bits(hits, &mut self.plain[shell]);
            return;
        }
        if !vectors.any(hits) {
            return;
        }
        let words = vectors.in_memory(hits);
        let room: &mut [Met; ROWS] = self.met[self.len..].first_chunk_mut().expect("room for a block");
        let mut count = 0;
        for (bits, word) in words.into_iter().zip(block.words) {
            #[allow(clippy::cast_possible_truncation, reason = "there are few shells")]
            let met = Met { bits, word, shell: shell as u32 };
            room[count % ROWS] = met;
            count += usize::from(met.bits != 0);
        }
        self.len += count;
        if self.len > WORDS - ROWS {
            self.count();
        }
    }
}

/// Add points without codes at one distance.
pub(super) fn add_plain(squared: f64, points: u64, found: &mut Vec<Found>) {
    if points > 0 {
        found.push(((squared.to_bits(), 0), points));
    }
}

/// Add points at one distance by their codes.
pub(super) fn add_codes<T: Into<u64>>(squared: f64, counts: [T; 256], found: &mut Vec<Found>) {
    let counts = (0..=u8::MAX).zip(counts.map(Into::into)).filter(|&(_, points)| points > 0);
    found.extend(counts.map(|(code, points)| ((squared.to_bits(), code), points)));
}
