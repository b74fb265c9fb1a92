//! Two sets of points, and how far those of each are from the other.

use std::ops::Range;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::Metric;
use super::columns::{Block, Columns, Layout, NO_WORD, ROWS};
use super::leaves;
use super::points::{Bounds, Points};
use super::shells::{self, Hits, Rest, Shells};
use super::tree::{self, Asked, Tree};
use super::upright::Upright;
use crate::cpu::{Kernel, Vectors};
use crate::error::{Error, look};
use crate::pairs::sums::Sums;

/// Points with one code that are equally far from the other set, by the bits of the square of the distance.
/// Squares are not negative, so that their bits have their order.
pub(crate) type Counts = Sums<(u64, u8)>;

/// Words of room for each word of points up to which sets are worth to be laid out as columns. Others are
/// scattered so thinly that shells would rarely meet one.
const ROOM: usize = 64;

/// What is worth it, however few points there are.
const SMALL_ROOM: usize = 1 << 12;

/// What is the same for all sets of points of two arrays.
pub(crate) struct Terms {
    kernel: Kernel,
    metric: Metric,
    shells: Shells,
    bound: f64,
}

/// A bound is wider than what it says by one part in 10^9, so that rounding never decides whether a point is
/// within it: who compares distances with it later has all of them.
const BEYOND: f64 = 1.0 + 1e-9;

impl Terms {
    /// Terms for sets in a lattice of this size, of whose distances those above a bound are not told apart.
    pub(crate) fn new(kernel: Kernel, metric: Metric, size: [usize; 3], within: Option<f64>) -> Self {
        let bound = within.map_or(f64::INFINITY, |within| (within * BEYOND).powi(2));
        Self { kernel, metric, shells: Shells::new(&metric, size, bound), bound }
    }
}

/// A set of points, and the codes that they have, if any.
#[derive(Default)]
pub(crate) struct Set {
    pub(crate) points: Points,
    /// For each word of points the bits of their codes, the lowest first. None means that all are zero.
    pub(crate) codes: Vec<[u64; 8]>,
}

impl Set {
    /// Add all points of a set that has none of these words, whose words come later.
    pub(crate) fn append(&mut self, mut other: Self) {
        self.points.append(other.points);
        self.codes.append(&mut other.codes);
    }

    fn code(&self, word: usize, bit: u32) -> u8 {
        let Some(planes) = self.codes.get(word) else { return 0 };
        planes.iter().rev().fold(0, |code, plane| code << 1 | (plane >> bit & 1) as u8)
    }
}

/// Two sets that are compared.
pub(crate) struct Between<'a> {
    terms: &'a Terms,
    sets: [&'a Set; 2],
    /// What is around both, if both have points.
    bounds: Option<Bounds>,
    columns: Option<(Layout, [Columns; 2])>,
    /// Made of the points of each side when it is asked about.
    uprights: [OnceLock<Option<Upright>>; 2],
    trees: [Mutex<Option<Arc<Tree>>>; 2],
}

impl<'a> Between<'a> {
    pub(crate) fn new(terms: &'a Terms, sets: [&'a Set; 2]) -> Self {
        let [one, other] = sets.map(|set| set.points.bounds());
        let bounds = one.zip(other).map(|(one, other)| one.around(other));
        let layout = bounds.and_then(|bounds| {
            let layout = Layout::new(bounds, terms.shells.around());
            let words = sets.iter().map(|set| set.points.words().len()).sum::<usize>();
            (layout.len() <= SMALL_ROOM + ROOM * words).then_some(layout)
        });
        let columns = layout.map(|layout| (layout, sets.map(|set| Columns::new(&set.points, &layout))));
        Self { terms, sets, bounds, columns, uprights: Default::default(), trees: Default::default() }
    }

    /// Parts of a set whose distances can be asked for one by one.
    pub(crate) fn parts(&self, side: usize) -> usize {
        match &self.columns {
            Some((_, columns)) => columns[side].blocks().len(),
            None => self.sets[side].points.words().len(),
        }
    }

    /// Count how far the points of some parts of a set are from the other one.
    ///
    /// # Errors
    ///
    /// [`Error::Cancelled`].
    pub(crate) fn count(
        &self,
        side: usize,
        parts: Range<usize>,
        counts: &mut Counts,
        stop: &mut dyn FnMut() -> bool,
    ) -> Result<(), Error> {
        let (set, other) = (self.sets[side], self.sets[1 - side]);
        if other.points.count() == 0 {
            for number in parts {
                add_word(set, number, counts);
                if number % (1 << 16) == 0 {
                    look(stop)?;
                }
            }
            return Ok(());
        }
        if parts.is_empty() {
            return Ok(());
        }
        let Some((layout, columns)) = &self.columns else {
            let words = set.points.words();
            #[allow(clippy::cast_possible_truncation, reason = "words have numbers of 32 bits")]
            let asked =
                parts.map(|number| Asked::one(number as u32, words[number].place, words[number].bits));
            return self.search(side, asked, counts, stop);
        };
        let [from, to] = [&columns[side], &columns[1 - side]];
        let mut found =
            InShells { set, counts: vec![[0; 256]; 0], plain: vec![[0; ROWS]; self.terms.shells.len()] };
        if !set.codes.is_empty() {
            found.counts.resize(self.terms.shells.len(), [0; 256]);
        }
        let sides = [from, to];
        let rest =
            shells::find(self.terms.kernel, &self.terms.shells, layout, sides, parts, &mut found, stop)?;
        found.drain(&self.terms.shells, counts);
        if self.terms.shells.all() {
            for Rest { block, bits } in rest {
                let words = from.blocks()[block].words.into_iter().zip(bits);
                for (word, bits) in words.filter(|&(word, _)| word != NO_WORD) {
                    add_bits(set, word as usize, bits, f64::INFINITY, counts);
                }
            }
            return Ok(());
        }
        if rest.is_empty() {
            return Ok(());
        }
        let Terms { kernel, metric, bound, .. } = self.terms;
        let upright = self.uprights[1 - side].get_or_init(|| Upright::new(*kernel, layout, &other.points));
        if let Some(upright) = upright {
            let mut found = |word: usize, bit: u32, squared: f64| {
                counts.add((squared.to_bits(), set.code(word, bit)), 1);
            };
            return upright.find((*kernel, metric, *bound), (layout, from, &rest), &mut found, stop);
        }
        let asked = rest.iter().map(|&Rest { block, bits }| {
            let block = &from.blocks()[block];
            let [slice, row, column] = layout.corner(layout.place(block.at));
            Asked { place: [slice, row, column / u64::BITS], words: block.words, bits }
        });
        self.search(side, asked, counts, stop)
    }

    /// Count how far points are that no shell found.
    fn search(
        &self,
        side: usize,
        asked: impl Iterator<Item = Asked>,
        counts: &mut Counts,
        stop: &mut dyn FnMut() -> bool,
    ) -> Result<(), Error> {
        let (tree, set) = (self.tree(1 - side, stop)?, self.sets[side]);
        let mut found = |word: usize, bit: u32, squared: f64| {
            counts.add((squared.to_bits(), set.code(word, bit)), 1);
        };
        tree::find(self.terms.kernel, (&tree, self.terms.bound), asked, &mut found, stop)
    }

    /// A tree of the points of a side, which is made once. Whoever asks meanwhile waits for it.
    fn tree(&self, side: usize, stop: &mut dyn FnMut() -> bool) -> Result<Arc<Tree>, Error> {
        let mut tree = self.trees[side].lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(tree) = &*tree {
            return Ok(Arc::clone(tree));
        }
        let leaves = match &self.columns {
            Some((layout, columns)) => leaves::of_columns(layout, &columns[side], stop)?,
            None => leaves::of_words(self.sets[side].points.words(), stop)?,
        };
        let bounds = self.bounds.expect("a set that is asked about, and one that has points");
        let made = Arc::new(Tree::new(&self.terms.metric, bounds, leaves));
        Ok(Arc::clone(tree.insert(made)))
    }
}

/// Count all points of a word as infinitely far.
fn add_word(set: &Set, number: usize, counts: &mut Counts) {
    add_bits(set, number, set.points.words()[number].bits, f64::INFINITY, counts);
}

fn add_bits(set: &Set, word: usize, mut bits: u64, squared: f64, counts: &mut Counts) {
    if set.codes.is_empty() {
        if bits != 0 {
            counts.add((squared.to_bits(), 0), bits.count_ones().into());
        }
        return;
    }
    while bits != 0 {
        counts.add((squared.to_bits(), set.code(word, bits.trailing_zeros())), 1);
        bits &= bits - 1;
    }
}

/// Counts of points that shells find.
struct InShells<'a> {
    set: &'a Set,
    /// For each shell: points of each code; none if there are no codes.
    counts: Vec<[u32; 256]>,
    /// Points of each shell, of each row of blocks.
    plain: Vec<[u64; ROWS]>,
}

impl Hits for InShells<'_> {
    #[inline(always)]
    fn hit<V: Vectors>(&mut self, vectors: V, shell: usize, block: &Block, hits: V::Words) {
        if self.set.codes.is_empty() {
            vectors.add_bits(hits, &mut self.plain[shell]);
            return;
        }
        if !vectors.any(hits) {
            return;
        }
        let counts = &mut self.counts[shell];
        for (word, mut bits) in block.words.into_iter().zip(vectors.in_memory(hits)) {
            while bits != 0 {
                counts[usize::from(self.set.code(word as usize, bits.trailing_zeros()))] += 1;
                bits &= bits - 1;
            }
        }
    }
}

impl InShells<'_> {
    fn drain(self, shells: &Shells, counts: &mut Counts) {
        for (shell, rows) in self.plain.into_iter().enumerate() {
            let points: u64 = rows.iter().sum();
            if points > 0 {
                counts.add((shells.squared(shell).to_bits(), 0), points);
            }
        }
        for (shell, codes) in self.counts.into_iter().enumerate() {
            for (code, points) in (0..=u8::MAX).zip(codes).filter(|&(_, points)| points > 0) {
                counts.add((shells.squared(shell).to_bits(), code), points.into());
            }
        }
    }
}
