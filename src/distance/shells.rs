//! Near points: one set is shifted past the other in the order of distance, and what it meets is found.

use super::Metric;
use super::columns::{Block, Columns, Layout, ROWS};
use crate::cpu::{Kernel, Routine, Vectors};
use crate::error::{Error, look};

/// Offsets at one distance from a point.
#[derive(Clone, Copy, Debug)]
struct Shell {
    /// The square of the distance.
    squared: f64,
    /// The end of its offsets, which begin with the end of those of the shell before.
    end: usize,
}

/// Offsets along columns go both ways.
#[derive(Clone, Copy, Debug)]
struct Offset {
    slices: i8,
    rows: i8,
    columns: u8,
}

/// Offsets along columns reach no farther than the next word, and those of slices and rows are as few.
const FARTHEST: u8 = 63;

/// Offsets up to which it is quicker to go through all shells than to ask the tree, as measured.
const OFFSETS: f64 = 1500.0;

/// The same in a plane, where far points are found without the tree.
const PLANE_OFFSETS: f64 = 150.0;

/// Offsets for the sake of a bound, which makes the tree unnecessary.
const BOUNDED_OFFSETS: f64 = 6000.0;

/// Blocks between two looks at whether to stop.
const BLOCKS: usize = 256;

/// All shells up to a distance.
#[derive(Clone, Debug)]
pub(crate) struct Shells {
    near: Vec<Shell>,
    offsets: Vec<Offset>,
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
        // What holds so many offsets, if it is not flat.
        let radius = |offsets: f64| {
            let wide: Vec<f64> = (0..3).filter(|&axis| size[axis] > 1).map(|axis| steps[axis]).collect();
            let cell: f64 = wide.iter().product();
            match wide.len() {
                3 => (offsets * cell * 3.0 / (4.0 * std::f64::consts::PI)).cbrt(),
                2 => (offsets * cell / std::f64::consts::PI).sqrt(),
                _ => offsets * cell / 2.0,
            }
        };
        let offsets = if size[0] > 1 { OFFSETS } else { PLANE_OFFSETS };
        let bounded = bound <= radius(BOUNDED_OFFSETS).min(farthest).powi(2);
        let limit = if bounded { bound } else { radius(offsets).min(farthest).powi(2) };
        let reach: [i8; 3] = std::array::from_fn(|axis| {
            let most = (size[axis] - 1).min(FARTHEST.into()) as u8;
            (limit.sqrt() / steps[axis] + 1.0).min(most.into()) as i8
        });
        let mut offsets = Vec::new();
        for slices in -reach[0]..=reach[0] {
            for rows in -reach[1]..=reach[1] {
                for columns in 0..=reach[2].cast_unsigned() {
                    let apart = [slices.unsigned_abs(), rows.unsigned_abs(), columns].map(u32::from);
                    let squared = metric.squared(apart);
                    if squared <= limit {
                        offsets.push((squared, Offset { slices, rows, columns }));
                    }
                }
            }
        }
        offsets.sort_unstable_by(|(one, _), (other, _)| one.total_cmp(other));
        let mut end = 0;
        let near = offsets.chunk_by(|(one, _), (other, _)| one.total_cmp(other).is_eq()).map(|same| {
            end += same.len();
            Shell { squared: same[0].0, end }
        });
        let near = near.collect();
        let offsets = offsets.into_iter().map(|(_, offset)| offset).collect();
        Self { near, offsets, around: [reach[0], reach[1]].map(|steps| steps as usize), all: bounded }
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
    /// So many points of a block, as bits of its rows, are as far from the other set as a shell says.
    fn hit(&mut self, shell: usize, block: &Block, hits: [u64; ROWS]);
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
    let place = |offset: &Offset| Place {
        words: layout.offset(offset.slices.into(), offset.rows.into()),
        columns: offset.columns.into(),
    };
    let places: Vec<Place> = shells.offsets.iter().map(place).collect();
    let (mut rest, column) = (Vec::new(), layout.column());
    for start in blocks.clone().step_by(BLOCKS) {
        look(stop)?;
        let blocks = start..blocks.end.min(start + BLOCKS);
        kernel.run(Find {
            shells: &shells.near,
            places: &places,
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

/// An offset in a layout.
#[derive(Clone, Copy)]
struct Place {
    words: isize,
    columns: u32,
}

struct Find<'a, H> {
    shells: &'a [Shell],
    places: &'a [Place],
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
        let Self { shells, places, column, from, to, blocks, hits, rest } = self;
        for number in blocks {
            let block = &from.blocks()[number];
            let mut left = *from.eight(block.at);
            let mut start = 0;
            for (shell, &Shell { end, .. }) in shells.iter().enumerate() {
                let mut met = [0; ROWS];
                for offset in &places[start..end] {
                    let at = block.at.wrapping_add_signed(offset.words);
                    let here = to.eight(at);
                    if offset.columns == 0 {
                        met = std::array::from_fn(|row| met[row] | here[row]);
                        continue;
                    }
                    let (before, after) = (to.eight(at - column), to.eight(at + column));
                    let beside = vectors.beside([before, here, after], offset.columns);
                    met = std::array::from_fn(|row| met[row] | beside[row]);
                }
                start = end;
                let found: [u64; ROWS] = std::array::from_fn(|row| left[row] & met[row]);
                if found != [0; ROWS] {
                    hits.hit(shell, block, found);
                    left = std::array::from_fn(|row| left[row] & !met[row]);
                    if left == [0; ROWS] {
                        break;
                    }
                }
            }
            if left != [0; ROWS] {
                rest.push(Rest { block: number, bits: left });
            }
        }
    }
}
