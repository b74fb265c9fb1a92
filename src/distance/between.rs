//! Two sets of points, and how far those of each are from the other.

use std::ops::Range;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::Metric;
use super::columns::{Block, Columns, Layout, NO_WORD, ROWS};
use super::leaves::Leaves;
use super::points::{Points, Word};
use super::shells::{self, Hits, Rest, Shells};
use super::tree::{self, Tree, Visit};
use super::upright::Upright;
use crate::cpu::Kernel;
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
    columns: Option<(Layout, [Columns; 2])>,
    /// Made of the points of each side when it is asked about.
    uprights: [OnceLock<Option<Upright>>; 2],
    trees: [Mutex<Option<Arc<Tree>>>; 2],
}

impl<'a> Between<'a> {
    pub(crate) fn new(terms: &'a Terms, sets: [&'a Set; 2]) -> Self {
        let bounds = sets.map(|set| set.points.bounds());
        let layout = match bounds {
            [Some(one), Some(other)] => {
                let layout = Layout::new(one.around(other), terms.shells.around());
                let words = sets.iter().map(|set| set.points.words().len()).sum::<usize>();
                (layout.len() <= SMALL_ROOM + ROOM * words).then_some(layout)
            }
            _ => None,
        };
        let columns = layout.map(|layout| (layout, sets.map(|set| Columns::new(&set.points, &layout))));
        Self { terms, sets, columns, uprights: Default::default(), trees: Default::default() }
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
        let Some((layout, columns)) = &self.columns else {
            let words = set.points.words()[parts].iter().copied();
            return self.search(side, words, counts, stop);
        };
        let [from, to] = [&columns[side], &columns[1 - side]];
        let mut found = InShells { set, counts: vec![[0; 256]; 0], plain: vec![0; self.terms.shells.len()] };
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
        let upright = self.uprights[1 - side].get_or_init(|| Upright::new(layout, &other.points));
        if let Some(upright) = upright {
            let mut found = |word: usize, bit: u32, squared: f64| {
                counts.add((squared.to_bits(), set.code(word, bit)), 1);
            };
            return upright.find((*kernel, metric, *bound), (layout, from, &rest), &mut found, stop);
        }
        let words = rest.iter().flat_map(|rest| {
            let words = from.blocks()[rest.block].words.into_iter().zip(rest.bits);
            words
                .filter(|&(_, bits)| bits != 0)
                .map(|(word, bits)| Word { bits, ..set.points.words()[word as usize] })
        });
        self.search(side, words, counts, stop)
    }

    /// Count how far points are that no shell found.
    fn search(
        &self,
        side: usize,
        words: impl Iterator<Item = Word>,
        counts: &mut Counts,
        stop: &mut dyn FnMut() -> bool,
    ) -> Result<(), Error> {
        let Terms { kernel, metric, bound, .. } = self.terms;
        let from = Leaves::new(metric, words, stop)?;
        if from.len() == 0 {
            return Ok(());
        }
        let tree = self.tree(1 - side, stop)?;
        let mut found = InTree { set: self.sets[side], recent: [([u32::MAX; 3], 0); 16], counts };
        tree::find(*kernel, metric, &from, (&tree, *bound), 0..from.len(), &mut found, stop)
    }

    /// A tree of the points of a side, which is made once. Whoever asks meanwhile waits for it.
    fn tree(&self, side: usize, stop: &mut dyn FnMut() -> bool) -> Result<Arc<Tree>, Error> {
        let mut tree = self.trees[side].lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(tree) = &*tree {
            return Ok(Arc::clone(tree));
        }
        let (metric, words) = (&self.terms.metric, self.sets[side].points.words());
        let made = Arc::new(Tree::new(metric, Leaves::new(metric, words.iter().copied(), stop)?));
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
    /// Points of each shell.
    plain: Vec<u64>,
}

impl Hits for InShells<'_> {
    #[inline(always)]
    fn hit(&mut self, shell: usize, block: &Block, hits: [u64; ROWS]) {
        if self.set.codes.is_empty() {
            self.plain[shell] += hits.iter().map(|bits| u64::from(bits.count_ones())).sum::<u64>();
            return;
        }
        let counts = &mut self.counts[shell];
        for (word, mut bits) in block.words.into_iter().zip(hits) {
            while bits != 0 {
                counts[usize::from(self.set.code(word as usize, bits.trailing_zeros()))] += 1;
                bits &= bits - 1;
            }
        }
    }
}

impl InShells<'_> {
    fn drain(self, shells: &Shells, counts: &mut Counts) {
        for (shell, points) in self.plain.into_iter().enumerate().filter(|&(_, points)| points > 0) {
            counts.add((shells.squared(shell).to_bits(), 0), points);
        }
        for (shell, codes) in self.counts.into_iter().enumerate() {
            for (code, points) in (0..=u8::MAX).zip(codes).filter(|&(_, points)| points > 0) {
                counts.add((shells.squared(shell).to_bits(), code), points.into());
            }
        }
    }
}

/// Counts of points that the tree finds.
struct InTree<'a> {
    set: &'a Set,
    /// Words that were found lately, of the slices and rows that a leaf has.
    recent: [([u32; 3], usize); 16],
    counts: &'a mut Counts,
}

impl Visit for InTree<'_> {
    #[inline(always)]
    fn found(&mut self, point: [u32; 3], squared: f64) {
        let code = if self.set.codes.is_empty() {
            0
        } else {
            let place = [point[0], point[1], point[2] / 64];
            let recent = &mut self.recent[(point[0] % 4 * 4 + point[1] % 4) as usize];
            if recent.0 != place {
                // Words come slice by slice, row by row, column by column.
                let word = self.set.points.words().binary_search_by_key(&place, |word| word.place);
                *recent = (place, word.expect("a point of the set"));
            }
            self.set.code(recent.1, point[2] % 64)
        };
        self.counts.add((squared.to_bits(), code), 1);
    }
}
