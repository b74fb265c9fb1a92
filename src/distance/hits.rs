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
    /// Codes that were found in each shell; none if there are no codes.
    coded: Vec<Coded>,
    /// Points of each shell, of each row of blocks.
    plain: Vec<[u64; ROWS]>,
    met: Box<Met>,
}

/// Words with points that shells found, which are not counted yet: the first ones of each list, and room for those of a
/// block behind them.
struct Met {
    bits: [u64; WORDS],
    /// The number of each word, and of the shell.
    words: [u32; WORDS],
    shells: [u32; WORDS],
    len: usize,
}

/// Words that are looked at together.
const WORDS: usize = 64;

/// Codes that a shell found.
#[derive(Clone)]
struct Coded {
    /// Those that are not counted yet, so many of them.
    codes: [u8; HELD],
    len: usize,
    /// Points of each code: those at even and at odd places, as one of a code often follows another one.
    counts: [[u32; 256]; 2],
}

/// Codes of a shell that are counted at once.
const HELD: usize = 512;

impl Coded {
    const NONE: Self = Self { codes: [0; HELD], len: 0, counts: [[0; 256]; 2] };

    fn count(&mut self) {
        let (twos, rest) = self.codes[..self.len].as_chunks::<2>();
        let [even, odd] = &mut self.counts;
        for two in twos {
            even[usize::from(two[0])] += 1;
            odd[usize::from(two[1])] += 1;
        }
        for &code in rest {
            even[usize::from(code)] += 1;
        }
        self.len = 0;
    }
}

impl<'a> InShells<'a> {
    pub(super) fn new(codes: &'a [[u8; WORD]], shells: &Shells) -> Self {
        Self {
            codes,
            coded: vec![Coded::NONE; if codes.is_empty() { 0 } else { shells.len() }],
            plain: vec![[0; ROWS]; shells.len()],
            met: Box::new(Met { bits: [0; WORDS], words: [0; WORDS], shells: [0; WORDS], len: 0 }),
        }
    }

    /// Put the codes of words that were met to those of their shells. How many words of a block have points, and how
    /// many points a word, no processor foresees, so that whole words are written, of which the next one keeps what
    /// counts.
    #[inline(always)]
    fn put<V: Vectors>(&mut self, vectors: V) {
        let Met { bits, words, shells, len } = &mut *self.met;
        let met = bits.iter().zip(words).zip(shells).take(*len);
        for ((&bits, word), shell) in met {
            let coded = &mut self.coded[*shell as usize];
            let room = coded.codes[coded.len..].first_chunk_mut().expect("room for a word");
            vectors.pack(&self.codes[*word as usize], bits, room);
            coded.len += bits.count_ones() as usize;
            if coded.len > HELD - WORD {
                coded.count();
            }
        }
        *len = 0;
    }

    /// Add what was found, by what codes are counted as.
    pub(super) fn add_to(mut self, shells: &Shells, kinds: &[u8; 256], found: &mut Vec<Found>) {
        for (shell, rows) in self.plain.iter().enumerate() {
            add_plain(shells.squared(shell), rows.iter().sum(), found);
        }
        for (shell, coded) in self.coded.iter_mut().enumerate() {
            coded.count();
            let [even, odd] = &coded.counts;
            let counts = std::array::from_fn(|code| u64::from(even[code]) + u64::from(odd[code]));
            add_codes(shells.squared(shell), &counts, kinds, found);
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
        let Met { bits, words, shells, len } = &mut *self.met;
        let room = "room for a block";
        let found =
            (bits[*len..].first_chunk_mut().expect(room), words[*len..].first_chunk_mut().expect(room));
        let of_shell: &mut [u32; ROWS] = shells[*len..].first_chunk_mut().expect(room);
        #[allow(clippy::cast_possible_truncation, reason = "there are few shells")]
        of_shell.fill(shell as u32);
        *len += vectors.some(hits, &block.words, found);
        if *len > WORDS - ROWS {
            self.put(vectors);
        }
    }

    #[inline(always)]
    fn end<V: Vectors>(&mut self, vectors: V) {
        self.put(vectors);
    }
}

/// Add points without codes at one distance.
pub(super) fn add_plain(squared: f64, points: u64, found: &mut Vec<Found>) {
    if points > 0 {
        found.push(((squared.to_bits(), 0), points));
    }
}

/// Add points at one distance, of which there are so many of each code, by what codes are counted as.
pub(super) fn add_codes(squared: f64, counts: &[u64; 256], kinds: &[u8; 256], found: &mut Vec<Found>) {
    let mut of_kinds = [0; 256];
    for (points, &kind) in counts.iter().zip(kinds) {
        of_kinds[usize::from(kind)] += points;
    }
    let of_kinds = (0..=u8::MAX).zip(of_kinds).filter(|&(_, points)| points > 0);
    found.extend(of_kinds.map(|(kind, points)| ((squared.to_bits(), kind), points)));
}
