//! Points of a volume that are somewhat farther than shells reach: rows around each are looked through, eight at a
//! time, for the next bit on either side, slice by slice from its own one outwards.
//!
//! A point is no farther than the one that was asked about before and the way from there, so that few slices and rows
//! come into question. What would take long is left to the tree, and so is what may lie beyond the next words.

use super::Metric;
use super::columns::{Columns, Layout, ROWS};
use super::shells::Rest;
use crate::cpu::{Kernel, Routine, Vectors};
use crate::error::{Error, look};

/// Blocks that are given up, beyond as many that are not, before nothing more is tried.
const MISSES: usize = 4;

/// Steps along a row that are looked at to either side, and one.
const ACROSS: f64 = 64.0;

/// More than one part in 10^9 is never lost by rounding, where a bound is compared with distances.
const WIDER: f64 = 1.0 + 1e-9;

/// Eights of rows between two looks at whether to stop.
const TURNS: usize = 1 << 14;

/// Find how far points that no shell found are from a set, up to the square of a bound. For each the number of its
/// word, its bit and the square of its distance are told, which is infinite beyond the bound. Those that are left to
/// the tree are returned.
///
/// # Errors
///
/// [`Error::Cancelled`].
pub(super) fn find(
    kernel: Kernel,
    (metric, bound): (&Metric, f64),
    layout: &Layout,
    [from, to]: [&Columns; 2],
    rest: Vec<Rest>,
    found: &mut impl FnMut(usize, u32, f64),
    stop: &mut dyn FnMut() -> bool,
) -> Result<Vec<Rest>, Error> {
    let [slices, rows, _] = layout.size();
    let [_, down, across] = metric.steps();
    let square = |along: f64| along * along;
    #[allow(clippy::cast_precision_loss, reason = "there are few rows")]
    let down = (0..rows).rev().chain(1..=rows).map(|apart| square(apart as f64 * down)).collect();
    let search = Search {
        metric,
        bound,
        layout,
        to,
        slices,
        rows,
        down,
        last: metric.in_order([0, 1, 2])[2],
        farthest: square(ACROSS * across),
        known: None,
        spare: None,
        missed: 0,
        turns: 0,
    };
    kernel.run(Find { search, from, rest, found, stop })
}

struct Find<'a, 'b, F> {
    search: Search<'b>,
    from: &'a Columns,
    rest: Vec<Rest>,
    found: &'a mut F,
    stop: &'a mut dyn FnMut() -> bool,
}

impl<F: FnMut(usize, u32, f64)> Routine for Find<'_, '_, F> {
    type Output = Result<Vec<Rest>, Error>;

    #[inline(always)]
    fn run<V: Vectors>(self, vectors: V) -> Self::Output {
        let Self { mut search, from, rest, found, stop } = self;
        if V::LOOK == 0 {
            return Ok(rest);
        }
        let mut left = Vec::new();
        look(stop)?;
        for Rest { block, mut bits } in rest {
            let of = &from.blocks()[block];
            let [slice, first, word] = search.layout.place(of.at);
            'block: for (row, bits) in bits.iter_mut().enumerate() {
                while *bits != 0 && search.missed < MISSES {
                    let bit = bits.trailing_zeros();
                    let Some(squared) = search.nearest(vectors, [slice, first + row, word], bit) else {
                        // What is around is hardly nearer.
                        break 'block;
                    };
                    found(of.words[row] as usize, bit, squared);
                    *bits &= *bits - 1;
                    if search.turns > TURNS {
                        search.turns = 0;
                        look(stop)?;
                    }
                }
            }
            if bits == [0; ROWS] {
                search.missed = search.missed.saturating_sub(1);
            } else {
                search.missed += 1;
                left.push(Rest { block, bits });
            }
        }
        Ok(left)
    }
}

struct Search<'a> {
    metric: &'a Metric,
    bound: f64,
    layout: &'a Layout,
    to: &'a Columns,
    slices: usize,
    rows: usize,
    /// The squares of the distances to all rows that there may be above one, of it, and of those below.
    down: Vec<f64>,
    /// Which of slices, rows and columns is the last dimension of the array.
    last: usize,
    /// The square of the distance to the first columns that are not looked at.
    farthest: f64,
    /// The point that was found last, as slice, row and column, and how far it is.
    known: Option<([usize; 3], f64)>,
    /// Eights of rows that may be looked through beside those of a look: as many as take as long as making the tree,
    /// until it has to be made.
    spare: Option<usize>,
    /// Blocks that were given up, beyond as many that were not.
    missed: usize,
    /// Eights of rows since the last look at whether to stop.
    turns: usize,
}

impl Search<'_> {
    /// The square of the distance from a point to the nearest one, if that is found soon.
    #[inline(always)]
    fn nearest<V: Vectors>(&mut self, vectors: V, at: [usize; 3], bit: u32) -> Option<f64> {
        let point = [at[0], at[1], at[2] * u64::BITS as usize + bit as usize];
        // Making a tree takes about a look for each block.
        let spare = self.spare.unwrap_or(V::LOOK * self.to.blocks().len());
        let most = spare + V::LOOK;
        let (nearest, passed) = self.look(vectors, at, bit, self.bound.min(self.within(point)), most);
        self.turns += passed;
        if nearest >= self.farthest {
            self.spare = Some(0);
            return None;
        }
        self.spare = Some(most - passed);
        self.known = Some((point, nearest.sqrt()));
        Some(if nearest > self.bound { f64::INFINITY } else { nearest })
    }

    /// Look for what is nearest to a point, up to the square of a limit, and how many eights of rows are looked through
    /// for that. It is infinite where these would be too many.
    #[inline(always)]
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "what is too large is cut")]
    #[allow(clippy::cast_precision_loss, reason = "there are few slices")]
    fn look<V: Vectors>(
        &self,
        vectors: V,
        [slice, row, word]: [usize; 3],
        bit: u32,
        mut limit: f64,
        most: usize,
    ) -> (f64, usize) {
        let [through, down, across] = self.metric.steps();
        let (mut nearest, mut passed) = (f64::INFINITY, 0);
        for apart in 0..self.slices {
            let square = (apart as f64 * through).powi(2);
            if square > limit {
                break;
            }
            let reach = ((limit - square).sqrt() / down) as usize;
            let first = row.saturating_sub(reach.saturating_add(1)) / ROWS;
            let end = (row.saturating_add(reach).saturating_add(1) / ROWS + 1).min(self.rows / ROWS);
            if apart == 1 {
                // Of a ball some three quarters of the box around it.
                let slices = ((limit.sqrt() / through) as usize).min(self.slices);
                if passed + 2 * slices * (end - first) * 3 / 4 > most {
                    return (f64::INFINITY, passed);
                }
            }
            let down = &self.down[self.rows - 1 + first * ROWS - row..].as_chunks().0;
            let behind = Some(slice + apart).filter(|&slice| apart > 0 && slice < self.slices);
            let mut least = vectors.all_doubles(f64::INFINITY);
            for slice in slice.checked_sub(apart).into_iter().chain(behind) {
                passed += end - first;
                if passed > most {
                    return (f64::INFINITY, passed);
                }
                let eights = |word: usize| self.to.eights(self.layout, slice, word)[first..end].iter();
                let words = eights(word.wrapping_sub(1)).zip(eights(word)).zip(eights(word + 1));
                for (((before, here), after), down) in words.zip(*down) {
                    let words = [vectors.words(before), vectors.words(here), vectors.words(after)];
                    let across = vectors.across(words, bit, across);
                    least = vectors.lesser(least, self.sum(vectors, square, vectors.doubles(down), across));
                }
            }
            nearest = vectors.least(least).min(nearest);
            limit = limit.min(nearest);
        }
        (nearest, passed)
    }

    /// The square of a distance within which there is something for sure.
    #[inline(always)]
    #[allow(clippy::cast_precision_loss, reason = "there are few slices, rows and columns")]
    fn within(&self, point: [usize; 3]) -> f64 {
        let Some((known, distance)) = self.known else { return f64::INFINITY };
        let steps = self.metric.steps();
        let square = |axis: usize| (point[axis].abs_diff(known[axis]) as f64 * steps[axis]).powi(2);
        let way = (square(0) + square(1) + square(2)).sqrt();
        (distance + way).powi(2) * WIDER
    }

    /// The sums of squares along slices, rows and columns, in the order of the dimensions of the array.
    #[inline(always)]
    fn sum<V: Vectors>(&self, vectors: V, through: f64, down: V::Doubles, across: V::Doubles) -> V::Doubles {
        let through = vectors.all_doubles(through);
        match self.last {
            0 => vectors.sum(vectors.sum(down, across), through),
            1 => vectors.sum(vectors.sum(through, across), down),
            _ => vectors.sum(vectors.sum(through, down), across),
        }
    }
}
