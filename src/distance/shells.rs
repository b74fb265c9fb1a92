//! Near points: one set is shifted past the other in the order of distance, and what it meets is found.
//!
//! A point has a mirror image to either side along each dimension, all equally far. Shifted rows that lie as far to
//! one side as to the other are put together first, once for all steps along columns: what is left of a shell is a
//! few shifts of these.

use super::Metric;
use super::columns::{Block, Columns, Layout, ROWS};
use crate::cpu::{Kernel, Routine, Vectors};
use crate::error::{Error, look};

/// Steps at one distance from a point.
#[derive(Clone, Copy, Debug)]
struct Shell {
    /// The square of the distance.
    squared: f64,
    /// How many steps it has, which follow those of the shell before.
    count: usize,
}

/// What is so many columns to either side, in all rows that are equally far away.
#[derive(Clone, Copy, Debug)]
struct Step {
    /// The number of these rows among [`Shells::apart`].
    rows: usize,
    columns: u8,
}

/// Steps along columns reach no farther than the next word, and those of slices and rows are as few.
const FARTHEST: u8 = 63;

/// Points around one up to which it is quicker to go through all shells than to ask the tree, as measured.
const POINTS: f64 = 1500.0;

/// The same in a plane, where far points are found without the tree.
const PLANE_POINTS: f64 = 150.0;

/// Points for the sake of a bound, which makes the tree unnecessary.
const BOUNDED_POINTS: f64 = 6000.0;

/// Blocks between two looks at whether to stop.
const BLOCKS: usize = 256;

/// All shells up to a distance.
#[derive(Clone, Debug)]
pub(crate) struct Shells {
    near: Vec<Shell>,
    steps: Vec<Step>,
    /// Slices and rows between a point and the rows that are looked at, to either side.
    apart: Vec<[u8; 2]>,
    /// Slices and rows that they reach.
    around: [usize; 2],
    /// Whether there is nothing to find beyond them.
    all: bool,
}

impl Shells {
    /// Shells in a lattice of this size (slices, rows, columns), as far as they are worth it; or up to the
    /// square of a bound, if that is not much farther.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most 63 steps each way")]
    pub(crate) fn new(metric: &Metric, size: [usize; 3], bound: f64) -> Self {
        let steps = metric.steps();
        let farthest =
            steps.iter().zip(size).filter(|&(_, len)| len > 1).map(|(step, _)| step * f64::from(FARTHEST));
        let farthest = farthest.fold(f64::INFINITY, f64::min);
        // What holds so many points, if it is not flat.
        let radius = |points: f64| {
            let wide: Vec<f64> = (0..3).filter(|&axis| size[axis] > 1).map(|axis| steps[axis]).collect();
            let cell: f64 = wide.iter().product();
            match wide.len() {
                3 => (points * cell * 3.0 / (4.0 * std::f64::consts::PI)).cbrt(),
                2 => (points * cell / std::f64::consts::PI).sqrt(),
                _ => points * cell / 2.0,
            }
        };
        let points = if size[0] > 1 { POINTS } else { PLANE_POINTS };
        let all = bound <= radius(BOUNDED_POINTS).min(farthest).powi(2);
        let limit = if all { bound } else { radius(points).min(farthest).powi(2) };
        let reach: [u8; 3] = std::array::from_fn(|axis| {
            let most = (size[axis] - 1).min(FARTHEST.into()) as u8;
            (limit.sqrt() / steps[axis] + 1.0).min(most.into()) as u8
        });
        let (mut apart, mut steps) = (Vec::new(), Vec::new());
        for rows in (0..=reach[0]).flat_map(|slices| (0..=reach[1]).map(move |rows| [slices, rows])) {
            let mut any = false;
            for columns in 0..=reach[2] {
                let squared = metric.squared([rows[0], rows[1], columns].map(u32::from));
                if squared <= limit {
                    steps.push((squared, Step { rows: apart.len(), columns }));
                    any = true;
                }
            }
            if any {
                apart.push(rows);
            }
        }
        // Those of the same rows stay in the order of columns: the sort is stable.
        steps.sort_by(|(one, _), (other, _)| one.total_cmp(other));
        let mut shells = Self { near: Vec::new(), steps: Vec::new(), apart, around: [0; 2], all };
        shells.around = [reach[0], reach[1]].map(usize::from);
        for same in steps.chunk_by(|(one, _), (other, _)| one.total_cmp(other).is_eq()) {
            shells.steps.extend(same.iter().map(|(_, step)| step));
            shells.near.push(Shell { squared: same[0].0, count: same.len() });
        }
        shells
    }

    /// The square of the distance of each shell.
    pub(crate) fn squared(&self, shell: usize) -> f64 {
        self.near[shell].squared
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.near.len()
    }

    /// Slices and rows that they reach.
    pub(crate) fn around(&self) -> [usize; 2] {
        self.around
    }

    /// Whether there is nothing to find beyond them.
    pub(crate) fn all(&self) -> bool {
        self.all
    }
}

/// What is done with points that are found in a shell.
pub(crate) trait Hits {
    /// So many points of a block, as bits of its rows, are as far from the other set as a shell says. There may be
    /// none. To be marked `#[inline(always)]`.
    fn hit<V: Vectors>(&mut self, vectors: V, shell: usize, block: &Block, hits: V::Words);

    /// There are no more, for now. To be marked `#[inline(always)]`.
    fn end<V: Vectors>(&mut self, vectors: V);
}

/// Points of a block that no shell found.
pub(crate) struct Rest {
    /// The number of the block.
    pub(crate) block: usize,
    pub(crate) bits: [u64; ROWS],
}

/// Find how far points of one set are from another one, those of some blocks. What no shell finds is returned.
///
/// # Errors
///
/// [`Error::Cancelled`].
pub(crate) fn find(
    kernel: Kernel,
    shells: &Shells,
    layout: &Layout,
    [from, to]: [&Columns; 2],
    blocks: std::ops::Range<usize>,
    hits: &mut impl Hits,
    stop: &mut dyn FnMut() -> bool,
) -> Result<Vec<Rest>, Error> {
    let images = |&[slices, rows]: &[u8; 2]| {
        let offset = |across: isize, along: isize| {
            layout.offset(across * isize::from(slices), along * isize::from(rows))
        };
        match [slices, rows] {
            [0, 0] => Images::One(offset(1, 1)),
            [0, _] | [_, 0] => Images::Two([offset(1, 1), offset(-1, -1)]),
            _ => Images::Four([offset(1, 1), offset(1, -1), offset(-1, 1), offset(-1, -1)]),
        }
    };
    let images: Vec<Images> = shells.apart.iter().map(images).collect();
    let (mut rest, column) = (Vec::new(), layout.column());
    for start in blocks.clone().step_by(BLOCKS) {
        look(stop)?;
        let blocks = start..blocks.end.min(start + BLOCKS);
        kernel.run(Find {
            shells,
            images: &images,
            column,
            from,
            to,
            blocks,
            hits: &mut *hits,
            rest: &mut rest,
        });
    }
    Ok(rest)
}

/// Where equally distant rows are in a layout.
#[derive(Clone, Copy)]
enum Images {
    One(isize),
    Two([isize; 2]),
    Four([isize; 4]),
}

impl Images {
    /// What is in any of these rows around those at an index.
    #[inline(always)]
    fn either<V: Vectors>(&self, vectors: V, points: &Columns, at: usize) -> V::Words {
        let row = |offset: isize| vectors.words(points.eight(at.wrapping_add_signed(offset)));
        match *self {
            Self::One(offset) => row(offset),
            Self::Two([one, other]) => vectors.either(row(one), row(other)),
            Self::Four([one, two, three, four]) => {
                vectors.either(vectors.either(row(one), row(two)), vectors.either(row(three), row(four)))
            }
        }
    }
}

struct Find<'a, H> {
    shells: &'a Shells,
    images: &'a [Images],
    column: usize,
    from: &'a Columns,
    to: &'a Columns,
    blocks: std::ops::Range<usize>,
    hits: &'a mut H,
    rest: &'a mut Vec<Rest>,
}

impl<H: Hits> Routine for Find<'_, H> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vectors>(self, vectors: V) {
        let Self { shells, images, column, from, to, blocks, hits, rest } = self;
        let nothing = vectors.words(&[0; ROWS]);
        // The words before, here, and after: those of rows that have been put together for this block.
        let mut rows = vec![[nothing; 3]; images.len()];
        'blocks: for number in blocks {
            let block = &from.blocks()[number];
            let points = from.eight(block.at);
            let mut left = vectors.words(points);
            // Steps up to the nearest edge of the words lead to no other word. What is put together of others before,
            // which may be those of another block, falls on places that have no point.
            let any = points.iter().fold(0, |any, word| any | word);
            let first_beyond = any.trailing_zeros().min(any.leading_zeros()) + 1;
            let mut steps = shells.steps.iter();
            for (shell, Shell { count, .. }) in shells.near.iter().enumerate() {
                let mut met = nothing;
                for step in steps.by_ref().take(*count) {
                    let (rows, images) = (&mut rows[step.rows], &images[step.rows]);
                    if step.columns == 0 {
                        rows[1] = images.either(vectors, to, block.at);
                        met = vectors.either(met, rows[1]);
                        continue;
                    }
                    if u32::from(step.columns) == first_beyond {
                        rows[0] = images.either(vectors, to, block.at - column);
                        rows[2] = images.either(vectors, to, block.at + column);
                    }
                    met = vectors.either(met, vectors.beside(*rows, step.columns.into()));
                }
                hits.hit(vectors, shell, block, vectors.both(left, met));
                left = vectors.without(left, met);
                if !vectors.any(left) {
                    continue 'blocks;
                }
            }
            rest.push(Rest { block: number, bits: vectors.in_memory(left) });
        }
        hits.end(vectors);
    }
}
