//! Far points: a set in a tree of boxes, which finds the nearest point of any other one exactly.
//!
//! Points of 4 x 4 x 4 steps are a leaf, sixteen leaves that follow each other on a curve that fills space
//! are a node, sixteen nodes one of the next level. The points that are asked about come as leaves, too: what
//! may be near to any point of a leaf is collected once for all of them. Then each point has a bound before
//! it is looked for, as it can be no farther than where the point before it found something; few leaves are
//! within that.
//!
//! Boxes are in single precision, rounded outwards, and bounds are widened by more than what is rounded in
//! between: they only tell what may be near. Distances come from the points themselves.

use super::Metric;
use super::boxes::{Boxes, Extent, FAN};
use super::leaves::{Lanes, Leaves, in_units, nearest};
use crate::cpu::{Kernel, Routine, Vectors};
use crate::error::{Error, look};

/// More than one part in 10^5 is never lost by rounding, where bounds are compared with boxes.
const WIDER: f64 = 1.0 + 1e-5;

/// Leaves of points between two looks at whether to stop.
const LEAVES: usize = 64;

/// Leaves under nodes.
pub(crate) struct Tree {
    leaves: Leaves,
    metric: Metric,
    /// Nodes of each level, those of leaves first; at most sixteen in the last one.
    levels: Vec<Boxes>,
    /// What a step along each dimension measures, and in units of the largest one, whose square is the last.
    steps: [f64; 3],
    in_units: [f64; 3],
    unit: f64,
}

impl Tree {
    /// A tree of leaves, of which there is at least one.
    pub(crate) fn new(metric: &Metric, leaves: Leaves) -> Self {
        let unit = metric.steps().into_iter().fold(0.0, f64::max).powi(2);
        let (steps, in_units) = (metric.in_order(metric.steps()), in_units(metric));
        let mut tree = Self { leaves, metric: *metric, levels: Vec::new(), steps, in_units, unit };
        while tree.level(tree.levels.len()).len() > FAN {
            let above = tree.level(tree.levels.len()).above();
            tree.levels.push(above);
        }
        tree
    }

    fn level(&self, level: usize) -> &Boxes {
        if level == 0 { &self.leaves.boxes } else { &self.levels[level - 1] }
    }
}

/// What is done with points whose distance was found.
pub(crate) trait Visit {
    /// The point, as slice, row and column, is so far from the nearest one; infinitely if none is within
    /// the bound.
    fn found(&mut self, point: [u32; 3], squared: f64);
}

/// Find how far the points of some leaves are from the nearest ones of a tree, up to the square of a bound.
///
/// # Errors
///
/// [`Error::Cancelled`].
pub(crate) fn find(
    kernel: Kernel,
    metric: &Metric,
    from: &Leaves,
    (tree, bound): (&Tree, f64),
    leaves: std::ops::Range<usize>,
    visit: &mut impl Visit,
    stop: &mut dyn FnMut() -> bool,
) -> Result<(), Error> {
    let mut search = Search {
        candidates: Boxes::default(),
        numbers: Vec::new(),
        nodes: Vec::new(),
        points: Vec::new(),
        written: vec![(0, 0); tree.leaves.len()],
        last: None,
    };
    for start in leaves.clone().step_by(LEAVES) {
        look(stop)?;
        let leaves = start..leaves.end.min(start + LEAVES);
        kernel.run(Find { metric, from, tree, bound, leaves, search: &mut search, visit: &mut *visit });
    }
    Ok(())
}

/// What is kept from one point to the next.
struct Search {
    /// Leaves that may hold the nearest point of any point of a leaf.
    candidates: Boxes,
    numbers: Vec<usize>,
    /// Levels and numbers of nodes whose boxes are to be looked at.
    nodes: Vec<(usize, usize)>,
    /// Points of the leaves of the tree that were asked about, and where those of each leaf are; most trees have
    /// many leaves that nobody asks about.
    points: Vec<Lanes>,
    written: Vec<(usize, usize)>,
    /// The point before, the leaf that held what is nearest to it, and how far that is.
    last: Option<([f64; 3], usize, f64)>,
}

struct Find<'a, V> {
    metric: &'a Metric,
    from: &'a Leaves,
    tree: &'a Tree,
    bound: f64,
    leaves: std::ops::Range<usize>,
    search: &'a mut Search,
    visit: &'a mut V,
}

impl<W: Visit> Routine for Find<'_, W> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vectors>(self, vectors: V) {
        let Self { metric, from, tree, bound, leaves, search, visit } = self;
        for leaf in leaves {
            let extent = from.boxes.get(leaf);
            search.collect(vectors, tree, &extent, bound / tree.unit);
            for place in from.places(leaf) {
                let squared = search.nearest(vectors, tree, metric.in_order(place.map(f64::from)), bound);
                visit.found(place, squared);
            }
        }
    }
}

impl Search {
    /// The square of the distance from a point to the nearest one of a leaf.
    #[inline(always)]
    fn nearest_of(&mut self, tree: &Tree, leaf: usize, point: [f64; 3], steps: [f64; 3]) -> f64 {
        let (mut start, mut end) = self.written[leaf];
        if start == end {
            start = self.points.len();
            tree.leaves.write_points(&tree.metric, leaf, &mut self.points);
            end = self.points.len();
            self.written[leaf] = (start, end);
        }
        nearest(&self.points[start..end], point, steps)
    }

    /// Collect the leaves that may hold what is nearest to any point of a box, within a bound.
    #[inline(always)]
    fn collect<V: Vectors>(&mut self, vectors: V, tree: &Tree, extent: &Extent, bound: f64) {
        // The way to a leaf that is near: what is nearest to any point of the box is no farther than what is
        // nearest to its middle, and from there to a corner.
        let (mut level, mut node) = (tree.levels.len(), 0);
        let near = loop {
            let gaps = tree.level(level).gaps(node, extent);
            let least = gaps.iter().copied().fold(f32::INFINITY, f32::min);
            let nearest = node * FAN + gaps.iter().position(|&gap| gap <= least).unwrap_or(0);
            if level == 0 {
                break nearest;
            }
            (level, node) = (level - 1, nearest);
        };
        let (middle, corner) = extent.middle();
        let place = std::array::from_fn(|axis| middle[axis] / tree.in_units[axis]);
        let farthest = self.nearest_of(tree, near, place, tree.in_units).sqrt() + corner;
        #[allow(clippy::cast_possible_truncation, reason = "it is wider by more than what is rounded")]
        let reached = ((farthest * farthest).min(bound) * WIDER) as f32;
        self.candidates.clear();
        self.numbers.clear();
        self.nodes.push((tree.levels.len(), 0));
        while let Some((level, node)) = self.nodes.pop() {
            let boxes = tree.level(level);
            let mut near = vectors.no_greater(&boxes.gaps(node, extent), reached);
            while near != 0 {
                let at = node * FAN + near.trailing_zeros() as usize;
                near &= near - 1;
                if level > 0 {
                    self.nodes.push((level - 1, at));
                } else {
                    self.candidates.push(boxes.get(at));
                    self.numbers.push(at);
                }
            }
        }
    }

    /// The square of the distance from a point of the box to the nearest one.
    #[inline(always)]
    fn nearest<V: Vectors>(&mut self, vectors: V, tree: &Tree, point: [f64; 3], bound: f64) -> f64 {
        let (mut nearest, mut held) = (f64::INFINITY, usize::MAX);
        // It is no farther than what was nearest to the point before, and than what the same leaf holds.
        let mut limit = bound;
        if let Some((before, leaf, squared)) = self.last {
            let square = |axis: usize| ((before[axis] - point[axis]) * tree.steps[axis]).powi(2);
            let moved = square(0) + square(1) + square(2);
            limit = limit.min((squared.sqrt() + moved.sqrt()).powi(2) * WIDER);
            (nearest, held) = (self.nearest_of(tree, leaf, point, tree.steps), leaf);
            limit = limit.min(nearest);
        }
        let extent = Extent::new(point, point, tree.in_units);
        #[allow(clippy::cast_possible_truncation, reason = "it is wider by more than what is rounded")]
        let narrow = |limit: f64| ((limit / tree.unit * WIDER) as f32).min(f32::MAX); // what fills up is farther
        for sixteen in 0..self.numbers.len().div_ceil(FAN) {
            let gaps = self.candidates.gaps(sixteen, &extent);
            let mut near = vectors.no_greater(&gaps, narrow(limit));
            while near != 0 {
                let bit = near.trailing_zeros() as usize;
                near &= near - 1;
                let leaf = self.numbers[sixteen * FAN + bit];
                if gaps[bit] > narrow(limit) || self.last.is_some_and(|(_, last, _)| last == leaf) {
                    continue;
                }
                let squared = self.nearest_of(tree, leaf, point, tree.steps);
                if squared < nearest {
                    (nearest, held) = (squared, leaf);
                    limit = limit.min(squared);
                }
            }
        }
        if nearest > bound {
            nearest = f64::INFINITY;
        }
        if nearest < f64::INFINITY {
            self.last = Some((point, held, nearest));
        } else {
            self.last = None;
        }
        nearest
    }
}
