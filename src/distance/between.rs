//! Two sets of points, and how far those of each are from the other.

use std::ops::Range;
use std::sync::OnceLock;

use super::columns::{Columns, Layout, NO_WORD};
pub(crate) use super::counts::Found;
use super::counts::{Counts, Squares, room_for};
use super::hits::{InShells, WORD, add_codes, add_plain};
use super::leaves;
use super::points::{Bounds, Points};
use super::shells::{self, Rest, Shells};
use super::tree::{self, Asked, Tree};
use super::upright::Upright;
use super::{Metric, around};
use crate::cpu::Kernel;
use crate::error::{Error, look};

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
    /// What points of each code are counted as.
    kinds: [u8; 256],
}

/// A bound is wider than what it says by one part in 10^9, so that rounding never decides whether a point is
/// within it: who compares distances with it later has all of them.
const BEYOND: f64 = 1.0 + 1e-9;

impl Terms {
    /// Terms for sets in a lattice of this size, of whose distances those above a bound are not told apart.
    pub(crate) fn new(kernel: Kernel, metric: Metric, size: [usize; 3], within: Option<f64>) -> Self {
        let bound = within.map_or(f64::INFINITY, |within| (within * BEYOND).powi(2));
        #[allow(clippy::cast_possible_truncation, reason = "there are as many as bytes")]
        let kinds = std::array::from_fn(|code| code as u8);
        Self { kernel, metric, shells: Shells::new(&metric, size, bound), bound, kinds }
    }

    /// The same, where points are counted as something else than their codes.
    pub(crate) fn counting(self, kinds: [u8; 256]) -> Self {
        Self { kinds, ..self }
    }
}

/// A set of points, and the codes that they have, if any.
#[derive(Default)]
pub(crate) struct Set {
    pub(crate) points: Points,
    /// For each word of points the code of each; places without a point may have any. None means that all are zero.
    pub(crate) codes: Vec<[u8; WORD]>,
}

impl Set {
    /// All points of some sets that have no word in common, those of each before those of the next one.
    pub(crate) fn joined(mut parts: Vec<Self>) -> Self {
        if parts.len() < 2 {
            return parts.pop().unwrap_or_default();
        }
        let codes: Vec<_> = parts.iter().map(|part| part.codes.as_slice()).collect();
        let codes = codes.concat();
        Self { points: Points::joined(parts.iter().map(|part| &part.points)), codes }
    }

    fn code(&self, word: usize, bit: u32) -> u8 {
        self.codes.get(word).map_or(0, |codes| codes[bit as usize % WORD])
    }
}

/// Two sets that are compared, step by step: first both are laid out, then near points are found, and those that are
/// not are looked up in what is planted of the other set.
pub(crate) struct Between<'a> {
    terms: &'a Terms,
    sets: [&'a Set; 2],
    /// What is around both, if both have points.
    bounds: Option<Bounds>,
    layout: Option<Layout>,
    columns: [OnceLock<Columns>; 2],
    planted: [OnceLock<Planted>; 2],
}

/// What far points are looked up in.
enum Planted {
    Upright(Upright),
    Tree(Tree),
}

/// Points of some parts of a set that may be far.
pub(crate) enum Far {
    /// All points of these words.
    Words(Range<usize>),
    /// Points that no shell found.
    Rest(Vec<Rest>),
}

/// How many points no shell found.
fn points(rest: &[Rest]) -> u64 {
    rest.iter().flat_map(|rest| rest.bits).map(|bits| u64::from(bits.count_ones())).sum()
}

impl Far {
    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        match self {
            Self::Words(words) => words.is_empty(),
            Self::Rest(rest) => rest.is_empty(),
        }
    }

    /// How many there are of a set.
    fn count(&self, set: &Set) -> u64 {
        match self {
            Self::Words(words) => {
                let words = &set.points.words()[words.clone()];
                words.iter().map(|word| u64::from(word.bits.count_ones())).sum()
            }
            Self::Rest(rest) => points(rest),
        }
    }

    /// The same in up to so many pieces, each of which is large enough for what it costs.
    pub(crate) fn cut(self, most: usize) -> Vec<Self> {
        let step = |len: usize| len.div_ceil(most.max(1)).max(PIECE);
        match self {
            Self::Words(words) => {
                let step = step(words.len());
                words.clone().step_by(step).map(|at| Self::Words(at..words.end.min(at + step))).collect()
            }
            Self::Rest(mut rest) => {
                let step = step(rest.len());
                let cuts = (step..rest.len()).step_by(step).rev();
                let mut pieces: Vec<Self> = cuts.map(|at| Self::Rest(rest.split_off(at))).collect();
                pieces.push(Self::Rest(rest));
                pieces
            }
        }
    }
}

/// Blocks or words of far points whose search is worth a piece of its own: it writes out leaves anew.
const PIECE: usize = 1 << 9;

impl<'a> Between<'a> {
    pub(crate) fn new(terms: &'a Terms, sets: [&'a Set; 2]) -> Self {
        let [one, other] = sets.map(|set| set.points.bounds());
        let bounds = one.zip(other).map(|(one, other)| one.around(other));
        let layout = bounds.and_then(|bounds| {
            let layout = Layout::new(bounds, terms.shells.around());
            let words = sets.iter().map(|set| set.points.words().len()).sum::<usize>();
            (layout.len() <= SMALL_ROOM + ROOM * words).then_some(layout)
        });
        Self { terms, sets, bounds, layout, columns: Default::default(), planted: Default::default() }
    }

    /// Lay out the points of a side, if that is of use.
    pub(crate) fn lay(&self, side: usize) {
        if let Some(layout) = &self.layout {
            self.columns[side].get_or_init(|| Columns::new(&self.sets[side].points, layout));
        }
    }

    fn laid(&self, side: usize) -> &Columns {
        self.columns[side].get().expect("a side that was laid out")
    }

    /// Parts of a set that was laid out, whose distances can be asked for one by one.
    pub(crate) fn parts(&self, side: usize) -> usize {
        match self.layout {
            Some(_) => self.laid(side).blocks().len(),
            None => self.sets[side].points.words().len(),
        }
    }

    /// Count how far the points of some parts of a set are from the other one, both of which were laid out. Those that
    /// are far are returned.
    ///
    /// # Errors
    ///
    /// [`Error::Cancelled`].
    pub(crate) fn near(
        &self,
        side: usize,
        parts: Range<usize>,
        found: &mut Vec<Found>,
        stop: &mut dyn FnMut() -> bool,
    ) -> Result<Far, Error> {
        let set = self.sets[side];
        if self.sets[1 - side].points.words().is_empty() {
            if set.codes.is_empty() {
                add_plain(f64::INFINITY, Far::Words(parts).count(set), found);
            } else {
                let words = parts.map(|number| (number, set.points.words()[number].bits));
                self.add_missed(set, words, found, stop)?;
            }
            return Ok(Far::Rest(Vec::new()));
        }
        let Some(layout) = &self.layout else { return Ok(Far::Words(parts)) };
        let shells = &self.terms.shells;
        let mut hits = InShells::new(&set.codes, shells);
        let sides = [self.laid(side), self.laid(1 - side)];
        let rest = shells::find(self.terms.kernel, shells, layout, sides, parts.clone(), &mut hits, stop)?;
        hits.add_to(shells, &self.terms.kinds, found);
        if !shells.all() {
            return self.around(side, layout, (parts.len(), rest), found, stop);
        }
        if set.codes.is_empty() {
            add_plain(f64::INFINITY, Far::Rest(rest).count(set), found);
        } else {
            let words = rest.iter().flat_map(|Rest { block, bits }| {
                let words = sides[0].blocks()[*block].words.into_iter().zip(*bits);
                words.filter(|&(word, _)| word != NO_WORD).map(|(word, bits)| (word as usize, bits))
            });
            self.add_missed(set, words, found, stop)?;
        }
        Ok(Far::Rest(Vec::new()))
    }

    /// Count how far points are that no shell found, but that are not much farther. The others are returned.
    fn around(
        &self,
        side: usize,
        layout: &Layout,
        (parts, rest): (usize, Vec<Rest>),
        found: &mut Vec<Found>,
        stop: &mut dyn FnMut() -> bool,
    ) -> Result<Far, Error> {
        let Terms { kernel, metric, bound, .. } = self.terms;
        // In a plane all rows are passed together, and once.
        if layout.size()[0] == 1 || rest.is_empty() {
            return Ok(Far::Rest(rest));
        }
        let mut counts = room_for(points(&rest));
        let sides = [self.laid(side), self.laid(1 - side)];
        let rest = (parts, rest);
        let mut add = |word, bit, squared| self.add(side, &mut counts, (word, bit, squared));
        let left = around::find(*kernel, (metric, *bound), layout, sides, rest, &mut add, stop)?;
        found.append(&mut counts.take());
        Ok(Far::Rest(left))
    }

    /// Make what far points of the other side are looked up in, of the points of a side. It is made once: whoever asks
    /// meanwhile may make it as well.
    ///
    /// # Errors
    ///
    /// [`Error::Cancelled`].
    pub(crate) fn plant(&self, side: usize, stop: &mut dyn FnMut() -> bool) -> Result<(), Error> {
        let points = &self.sets[side].points;
        let upright = self.layout.and_then(|layout| Upright::new(&layout, points));
        let planted = if let Some(upright) = upright {
            Planted::Upright(upright)
        } else {
            let leaves = match &self.layout {
                Some(layout) => leaves::of_columns(layout, self.laid(side), stop)?,
                None => leaves::of_words(points.words(), stop)?,
            };
            let bounds = self.bounds.expect("a set that is asked about, and one that has points");
            Planted::Tree(Tree::new(&self.terms.metric, bounds, leaves))
        };
        self.planted[side].get_or_init(|| planted);
        Ok(())
    }

    /// Far points of some parts of the side whose other one was planted, as they are best looked for by some threads.
    pub(crate) fn cut(&self, side: usize, far: Vec<Far>, most: usize) -> Vec<Far> {
        if !matches!(self.planted[1 - side].get(), Some(Planted::Upright(_))) {
            return far.into_iter().flat_map(|far| far.cut(most)).collect();
        }
        // All lines above a point are passed, so that points of a plane are looked for together.
        let rest = far.into_iter().flat_map(|far| if let Far::Rest(rest) = far { rest } else { Vec::new() });
        vec![Far::Rest(rest.collect())]
    }

    /// Count how far points are that no shell found, from a side that was planted.
    ///
    /// # Errors
    ///
    /// [`Error::Cancelled`].
    pub(crate) fn far(
        &self,
        side: usize,
        far: &Far,
        found: &mut Vec<Found>,
        stop: &mut dyn FnMut() -> bool,
    ) -> Result<(), Error> {
        let Terms { kernel, metric, bound, .. } = self.terms;
        let set = self.sets[side];
        let mut counts = room_for(far.count(set));
        let mut add = |word, bit, squared| self.add(side, &mut counts, (word, bit, squared));
        match (self.planted[1 - side].get().expect("a side that was planted"), far) {
            (Planted::Upright(upright), Far::Rest(rest)) => {
                let layout = self.layout.as_ref().expect("points of a plane that were laid out");
                let (terms, asked) = ((*kernel, metric, *bound), (layout, self.laid(side), rest.as_slice()));
                if set.codes.is_empty() {
                    let mut squares = Squares::new(found);
                    upright.find(terms, asked, &mut |_, _, squared| squares.add(squared), stop)?;
                    squares.count();
                } else {
                    upright.find(terms, asked, &mut add, stop)?;
                }
            }
            (Planted::Tree(tree), Far::Rest(rest)) => {
                let layout = self.layout.as_ref().expect("points that were laid out");
                let blocks = self.laid(side).blocks();
                let asked = rest.iter().map(|&Rest { block, bits }| {
                    let [slice, row, column] = layout.corner(layout.place(blocks[block].at));
                    Asked { place: [slice, row, column / u64::BITS], words: blocks[block].words, bits }
                });
                tree::find(*kernel, (tree, *bound), asked, &mut add, stop)?;
            }
            (Planted::Tree(tree), Far::Words(words)) => {
                #[allow(clippy::cast_possible_truncation, reason = "words have numbers of 32 bits")]
                let asked = words.clone().map(|number| {
                    let word = set.points.words()[number];
                    Asked::one(number as u32, word.place, word.bits)
                });
                tree::find(*kernel, (tree, *bound), asked, &mut add, stop)?;
            }
            (Planted::Upright(_), Far::Words(_)) => unreachable!("points of a plane are laid out before"),
        }
        found.append(&mut counts.take());
        Ok(())
    }

    /// Add a point of a side to counts, by the number of its word, its bit and the square of its distance.
    #[inline(always)]
    fn add(&self, side: usize, counts: &mut Counts, (word, bit, squared): (usize, u32, f64)) {
        let code = self.sets[side].code(word, bit);
        counts.add((squared.to_bits(), self.terms.kinds[usize::from(code)]), 1);
    }

    /// Count how far the points of each side are from the other one, one step after the other.
    ///
    /// # Errors
    ///
    /// [`Error::Cancelled`].
    pub(crate) fn count(&self, stop: &mut dyn FnMut() -> bool) -> Result<[Vec<Found>; 2], Error> {
        self.lay(0);
        self.lay(1);
        let mut both = [Vec::new(), Vec::new()];
        for (side, found) in both.iter_mut().enumerate() {
            let far = self.near(side, 0..self.parts(side), found, stop)?;
            if !far.is_empty() {
                self.plant(1 - side, stop)?;
                self.far(side, &far, found, stop)?;
            }
        }
        Ok(both)
    }

    /// Count points with codes, by words of a set, as infinitely far.
    fn add_missed(
        &self,
        set: &Set,
        words: impl Iterator<Item = (usize, u64)>,
        found: &mut Vec<Found>,
        stop: &mut dyn FnMut() -> bool,
    ) -> Result<(), Error> {
        let mut counts = [0; 256];
        for (turn, (word, mut bits)) in words.enumerate() {
            if turn % WORDS == 0 {
                look(stop)?;
            }
            while bits != 0 {
                counts[usize::from(set.code(word, bits.trailing_zeros()))] += 1;
                bits &= bits - 1;
            }
        }
        add_codes(f64::INFINITY, &counts, &self.terms.kinds, found);
        Ok(())
    }
}

/// Words between two looks at whether to stop.
const WORDS: usize = 1 << 16;
