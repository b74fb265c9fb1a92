//! Points of a volume that are somewhat farther than shells reach: rows around each are passed, eight at a time, for the
//! next bit on either side, slice by slice from its own one outwards.
//!
//! A point is no farther than the one that was found before and the way from there, so that few slices and rows come
//! into question. What would take long is left to the tree, and so is what may lie beyond the next words.

use super::Metric;
use super::columns::{Columns, Layout, ROWS};
use super::shells::Rest;
use crate::cpu::{Kernel, Routine, Vectors};
use crate::error::{Error, look};

/// Blocks that are given up, beyond as many that are not, before nothing more is tried.
const GIVEN_UP: usize = 4;

/// Steps along a row that nothing is nearer than that [`Vectors`] did not find across.
const ACROSS: u32 = u64::BITS;

/// More than one part in 10^9 is never lost by rounding, where a bound is compared with distances.
const WIDER: f64 = 1.0 + 1e-9;

/// Eights of rows between two looks at whether to stop, and the most that are passed for one point.
const TURNS: usize = 1 << 14;

/// Find how far points that no shell found are from a set, up to the square of a bound, of so many blocks that shells
/// were tried for. For each the number of its word, its bit and the square of its distance are told, which is infinite
/// beyond the bound. Those that are left to the tree are returned.
///
/// # Errors
///
/// [`Error::Cancelled`].
pub(super) fn find(
    kernel: Kernel,
    (metric, bound): (&Metric, f64),
    layout: &Layout,
    [from, to]: [&Columns; 2],
    (blocks, rest): (usize, Vec<Rest>),
    found: &mut impl FnMut(usize, u32, f64),
    stop: &mut dyn FnMut() -> bool,
) -> Result<Vec<Rest>, Error> {
    kernel.run(Find { metric, bound, layout, from, to, blocks, rest, found, stop })
}

struct Find<'a, F> {
    metric: &'a Metric,
    bound: f64,
    layout: &'a Layout,
    from: &'a Columns,
    to: &'a Columns,
    blocks: usize,
    rest: Vec<Rest>,
    found: &'a mut F,
    stop: &'a mut dyn FnMut() -> bool,
}

impl<F: FnMut(usize, u32, f64)> Routine for Find<'_, F> {
    type Output = Result<Vec<Rest>, Error>;

    #[inline(always)]
    fn run<V: Vectors>(self, vectors: V) -> Self::Output {
        let Self { metric, bound, layout, from, to, blocks, rest, found, stop } = self;
        if V::SEARCH == 0 {
            return Ok(rest);
        }
        look(stop)?;
        // Making a tree takes about a search for each of its blocks, of which these have their share.
        let spare = V::SEARCH * to.blocks().len() * blocks / from.blocks().len();
        let mut search = Search::new(metric, bound, layout, to, spare);
        let (mut left, mut given_up) = (Vec::new(), 0_usize);
        for Rest { block, mut bits } in rest {
            let of = &from.blocks()[block];
            let [slice, first, word] = layout.place(of.at);
            'block: for (row, bits) in bits.iter_mut().enumerate() {
                while *bits != 0 && given_up < GIVEN_UP {
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
                given_up = given_up.saturating_sub(1);
            } else {
                given_up += 1;
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
    squares: Vec<f64>,
    /// Which of slices, rows and columns is the last dimension of the array.
    last: usize,
    /// The square of the distance to the first columns that are not looked at.
    farthest: f64,
    /// The point that was found last, as slice, row and column, and how far it is.
    known: Option<([usize; 3], f64)>,
    /// Eights of rows that may be passed beside those that take as long as a search in the tree: what making it would
    /// take, and what was not needed for points before; 0 as soon as it has to be made.
    spare: usize,
    /// Eights of rows since the last look at whether to stop.
    turns: usize,
}

impl<'a> Search<'a> {
    #[allow(clippy::cast_possible_truncation, reason = "rows have numbers of 32 bits")]
    fn new(metric: &'a Metric, bound: f64, layout: &'a Layout, to: &'a Columns, spare: usize) -> Self {
        let [slices, rows, _] = layout.size();
        let apart = (0..rows).rev().chain(1..=rows);
        Self {
            metric,
            bound,
            layout,
            to,
            slices,
            rows,
            squares: apart.map(|apart| metric.squared([0, apart as u32, 0])).collect(),
            last: metric.in_order([0, 1, 2])[2],
            farthest: metric.squared([0, 0, ACROSS]),
            known: None,
            spare,
            turns: 0,
        }
    }

    /// The square of the distance from a point to the nearest one, if that is found soon.
    #[inline(always)]
    fn nearest<V: Vectors>(&mut self, vectors: V, at: [usize; 3], bit: u32) -> Option<f64> {
        let point = [at[0], at[1], at[2] * u64::BITS as usize + bit as usize];
        let most = (self.spare + V::SEARCH).min(TURNS);
        let limit = self.bound.min(self.within(point));
        let (nearest, passed) = self.pass(vectors, at, bit, limit, most);
        self.turns += passed;
        match nearest {
            Some(nearest) if nearest < self.farthest => {
                self.spare = self.spare + V::SEARCH - passed;
                self.known = Some((point, nearest.sqrt()));
                Some(if nearest > self.bound { f64::INFINITY } else { nearest })
            }
            // All that was not looked at is beyond the bound as well.
            Some(_) if self.bound < self.farthest => Some(f64::INFINITY),
            _ => {
                self.spare = 0;
                None
            }
        }
    }

    /// What is nearest to a point, up to the square of a limit, unless too many eights of rows were to be passed for
    /// that; and how many were.
    #[inline(always)]
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "what is too large is cut")]
    fn pass<V: Vectors>(
        &self,
        vectors: V,
        [slice, row, word]: [usize; 3],
        bit: u32,
        mut limit: f64,
        most: usize,
    ) -> (Option<f64>, usize) {
        let [through, down, across] = self.metric.steps();
        let (mut nearest, mut passed) = (f64::INFINITY, 0);
        for apart in 0..self.slices {
            let square = self.metric.squared([apart as u32, 0, 0]);
            if square > limit {
                break;
            }
            // One row more, as bounds are rounded.
            let reach = (((limit - square).sqrt() / down) as usize).saturating_add(1);
            let start = row.saturating_sub(reach) / ROWS;
            let end = (row.saturating_add(reach) / ROWS + 1).min(self.rows / ROWS);
            if apart == 1 {
                // Rows of slices that are near lie in a circle, which is some three quarters of the square around it.
                let slices = ((limit.sqrt() / through) as usize).saturating_mul(2).min(self.slices);
                if passed + slices * (end - start) * 3 / 4 > most {
                    return (None, passed);
                }
            }
            let squares = &self.squares[self.rows - 1 + start * ROWS - row..].as_chunks().0;
            let behind = Some(slice + apart).filter(|&slice| apart > 0 && slice < self.slices);
            let mut least = vectors.all_doubles(f64::INFINITY);
            for slice in slice.checked_sub(apart).into_iter().chain(behind) {
                passed += end - start;
                if passed > most {
                    return (None, passed);
                }
                let eights = |word: usize| self.to.eights(self.layout, slice, word)[start..end].iter();
                let words = eights(word).zip(eights(word + 1)).zip(eights(word + 2));
                for (((before, here), after), squares) in words.zip(*squares) {
                    let words = [vectors.words(before), vectors.words(here), vectors.words(after)];
                    let along_rows = vectors.across(words, bit, across);
                    let sum = self.sum(vectors, square, vectors.doubles(squares), along_rows);
                    least = vectors.lesser(least, sum);
                }
            }
            nearest = vectors.least(least).min(nearest);
            limit = limit.min(nearest);
        }
        (Some(nearest), passed)
    }

    /// The square of a distance within which there is something for sure.
    #[inline(always)]
    #[allow(clippy::cast_possible_truncation, reason = "places have numbers of 32 bits")]
    fn within(&self, point: [usize; 3]) -> f64 {
        let Some((known, distance)) = self.known else { return f64::INFINITY };
        let apart = std::array::from_fn(|axis| point[axis].abs_diff(known[axis]) as u32);
        let way = self.metric.squared(apart).sqrt();
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
