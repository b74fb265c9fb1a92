//! Far points: a set in a tree of boxes, which finds the nearest point of any other one exactly.
//!
//! Points of 4 x 4 x 4 steps are a leaf, sixteen leaves that follow each other on a curve that fills space are a node,
//! sixteen nodes one of the next level. Each point has a bound before it is looked for: it is no farther than what is
//! nearest to it in the leaf that held the nearest point of the one before. Few nodes are within that, and few leaves.
//!
//! Boxes are in single precision, and wider than what is rounded: they only tell what may be near. Distances come from
//! the points themselves.

use super::Metric;
use super::boxes::{Scale, levels};
use super::columns::NO_WORD;
use super::leaves::{Lanes, Leaf};
use super::points::Bounds;
use crate::cpu::{EIGHT, Kernel, Routine, SIXTEEN, SixteenBoxes, Vectors};
use crate::error::{Error, look};

/// Boxes of nodes and leaves that are looked at between two looks at whether to stop.
const TURNS: usize = 1 << 14;

/// Columns of a word whose points are asked about before those of the next ones, in all rows: what is nearest to
/// points side by side is mostly side by side as well.
const COLUMNS: u32 = 4;

/// Rows that are asked about at once.
const ROWS: u32 = 8;

/// Boxes of a node.
const FAN: u32 = 16;

/// Leaves under nodes.
pub(crate) struct Tree {
    /// Sixteen for each node of the first level, of which the last ones may be none.
    leaves: Vec<Leaf>,
    metric: Metric,
    scale: Scale,
    /// Sixteens of boxes of each level, those of leaves first; one of them in the last level.
    levels: Vec<Vec<SixteenBoxes>>,
    /// What a step along each dimension of the array measures.
    steps: [f64; 3],
}

impl Tree {
    /// A tree of leaves, of which there is at least one. Bounds are around their points, and around those that are
    /// asked about.
    pub(super) fn new(metric: &Metric, bounds: Bounds, leaves: Vec<Leaf>) -> Self {
        let scale = Scale::new(metric, bounds);
        let levels = levels(&scale, &leaves);
        Self { leaves, metric: *metric, scale, levels, steps: metric.in_order(metric.steps()) }
    }
}

/// Points of some rows, one word of each, that are asked about.
pub(super) struct Asked {
    /// Slice, row and word of the first row.
    pub(super) place: [u32; 3],
    /// The number of each word.
    pub(super) words: [u32; EIGHT],
    pub(super) bits: [u64; EIGHT],
}

impl Asked {
    /// One word.
    pub(super) fn one(number: u32, place: [u32; 3], bits: u64) -> Self {
        let mut asked = Self { place, words: [NO_WORD; EIGHT], bits: [0; EIGHT] };
        (asked.words[0], asked.bits[0]) = (number, bits);
        asked
    }
}

/// Find how far points are from the nearest ones of a tree, up to the square of a bound. For each the number of its
/// word, its bit and the square of its distance are told, which is infinite beyond the bound.
///
/// # Errors
///
/// [`Error::Cancelled`].
pub(super) fn find(
    kernel: Kernel,
    (tree, bound): (&Tree, f64),
    asked: impl Iterator<Item = Asked>,
    found: &mut impl FnMut(usize, u32, f64),
    stop: &mut dyn FnMut() -> bool,
) -> Result<(), Error> {
    let search = Search {
        tree,
        bound,
        nodes: Default::default(),
        points: Vec::new(),
        written: vec![0; tree.leaves.len()],
        held: 0,
        turns: 0,
    };
    kernel.run(Find { search, asked, found, stop })
}

/// What is kept from one point to the next.
struct Search<'a> {
    tree: &'a Tree,
    bound: f64,
    /// Nodes whose boxes are to be looked at, and those of the next level.
    nodes: [Vec<u32>; 2],
    /// Points of the leaves that were asked about, behind each other, and where those of each leaf begin, counted from
    /// one; most trees have many leaves that nobody asks about.
    points: Vec<Lanes>,
    written: Vec<u32>,
    /// The leaf that held what is nearest to the point before.
    held: usize,
    /// Boxes that were looked at.
    turns: usize,
}

struct Find<'a, 'b, A, F> {
    search: Search<'a>,
    asked: A,
    found: &'b mut F,
    stop: &'b mut dyn FnMut() -> bool,
}

impl<A: Iterator<Item = Asked>, F: FnMut(usize, u32, f64)> Routine for Find<'_, '_, A, F> {
    type Output = Result<(), Error>;

    #[inline(always)]
    fn run<V: Vectors>(self, vectors: V) -> Result<(), Error> {
        let Self { mut search, asked, found, stop } = self;
        look(stop)?;
        for Asked { place: [slice, first, word], words, bits } in asked {
            for part in (0..u64::BITS).step_by(COLUMNS as usize) {
                for row in 0..ROWS {
                    // Down and up in turns, so that the next points are never far from those before.
                    let row = if (part / COLUMNS).is_multiple_of(2) { row } else { ROWS - 1 - row };
                    let mut rest = bits[row as usize] >> part & ((1 << COLUMNS) - 1);
                    while rest != 0 {
                        let bit = part + rest.trailing_zeros();
                        rest &= rest - 1;
                        let point = [slice, first + row, word * u64::BITS + bit];
                        let squared = search.nearest(vectors, point);
                        found(words[row as usize] as usize, bit, squared);
                        if search.turns > TURNS {
                            search.turns = 0;
                            look(stop)?;
                        }
                    }
                }
            }
        }
        Ok(())
    }
}

impl Search<'_> {
    /// The square of the distance from a point to the nearest one.
    #[inline(always)]
    fn nearest<V: Vectors>(&mut self, vectors: V, point: [u32; 3]) -> f64 {
        let tree = self.tree;
        let place = tree.scale.place(point);
        let point = tree.metric.in_order(point.map(f64::from));
        let held = self.held;
        let mut nearest = vectors.least(self.of_leaf(vectors, held, point));
        let mut limit = tree.scale.bound(nearest.min(self.bound));
        let [mut nodes, mut next] = std::mem::take(&mut self.nodes);
        nodes.clear();
        nodes.push(0);
        for boxes in tree.levels[1..].iter().rev() {
            if next.len() < nodes.len() * SIXTEEN {
                next.resize(nodes.len() * SIXTEEN, 0);
            }
            let mut count = 0;
            for &node in &nodes {
                let near = vectors.no_greater(vectors.gaps(&boxes[node as usize], place), limit);
                let out = next[count..].first_chunk_mut().expect("room for all boxes");
                count += vectors.places(near, node * FAN, out);
            }
            self.turns += nodes.len();
            std::mem::swap(&mut nodes, &mut next);
            nodes.truncate(count);
        }
        self.turns += nodes.len();
        for &node in &nodes {
            let gaps = vectors.gaps(&tree.levels[0][node as usize], place);
            let mut near = vectors.no_greater(gaps, limit);
            if near == 0 {
                continue;
            }
            let gaps = vectors.singles(gaps);
            while near != 0 {
                let lane = near.trailing_zeros() as usize;
                near &= near - 1;
                let leaf = node as usize * SIXTEEN + lane;
                // The limit may be less by now.
                if gaps[lane] > limit || leaf == held {
                    continue;
                }
                let squares = self.of_leaf(vectors, leaf, point);
                if vectors.any_less(squares, nearest) {
                    nearest = vectors.least(squares);
                    limit = tree.scale.bound(nearest.min(self.bound));
                    self.held = leaf;
                }
            }
        }
        self.nodes = [nodes, next];
        if nearest > self.bound { f64::INFINITY } else { nearest }
    }

    /// The least squares of the distances from a point to those of a leaf, in eight lanes.
    #[inline(always)]
    fn of_leaf<V: Vectors>(&mut self, vectors: V, leaf: usize, point: [f64; 3]) -> V::Doubles {
        if self.written[leaf] == 0 {
            #[allow(
                clippy::cast_possible_truncation,
                reason = "a leaf has no more eights of points than points"
            )]
            let start = self.points.len() as u32 + 1;
            self.tree.leaves[leaf].write(&self.tree.metric, &mut self.points);
            self.written[leaf] = start;
        }
        let start = self.written[leaf] as usize - 1;
        let points = &self.points[start..start + self.tree.leaves[leaf].eights()];
        let mut least = vectors.squares(&points[0], point, self.tree.steps);
        for points in &points[1..] {
            least = vectors.lesser(least, vectors.squares(points, point, self.tree.steps));
        }
        least
    }
}
