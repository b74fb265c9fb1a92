//! Far points of a plane: for each place of one line, how far it is straight up or down to the next point of a set;
//! and the nearest of all points from that.
//!
//! Lines come from the first to the last one. As one goes on to the next, all that was above is a step farther, all
//! that is below a step nearer, and only where points are is there more to do: so there is one line at a time, in a
//! level-1 cache, and never a map.
//!
//! What is nearest to a point is straight above or below a place of its line. As points come side by side, each is no
//! farther than one of its neighbours and the way from there, and what was nearest to that one is looked at first.
//! Then sixty-four places at a time are passed over, by squares in 32 bits and in steps along the line, which decide
//! what may be nearer and has to be looked at.

use super::Metric;
use super::columns::{Columns, Layout, NO_WORD};
use super::points::Points;
use super::shells::Rest;
use crate::cpu::{Kernel, Routine, Vectors, WIDTH};
use crate::error::{Error, look};

/// So many steps stand for no point at all.
const NONE: u16 = u16::MAX;

/// Most rows and columns, so that steps are told from none, and tables of columns stay small.
const MOST: usize = NONE as usize;

/// Places whose distances are found at once.
const LANES: usize = 16;

/// More than one part in 10^5 is never lost by rounding, where a bound is compared with distances.
const WIDER: f64 = 1.0 + 1e-5;

/// Points between two looks at whether to stop.
const POINTS: usize = 1 << 10;

/// A set of points of one slice, row by row.
pub(super) struct Upright {
    columns: usize,
    /// The numbers of the first words of rows; behind the last row that of all words.
    rows: Vec<usize>,
    /// Words that are not empty, and their points.
    words: Vec<(usize, u64)>,
    /// For each point, in the order of words, steps down to the next one.
    down: Vec<u16>,
    /// For each column steps down from the first row. Behind the columns there are as many places as are compared at
    /// once.
    first: Vec<u16>,
}

/// Write steps down from each point to the next one, row by row from below.
struct LookDown<'a>(&'a mut Upright);

impl Routine for LookDown<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vectors>(self, _: V) {
        let Upright { columns, rows, words, down, first: below } = self.0;
        for row in rows.windows(2).rev() {
            for below in &mut below[..*columns] {
                *below = below.saturating_add(1);
            }
            for &word in words[row[0]..row[1]].iter().rev() {
                let from = down.len();
                for column in columns_of(word) {
                    down.push(below[column]);
                    below[column] = 0;
                }
                down[from..].reverse();
            }
        }
        down.reverse();
    }
}

/// Numbers of the first items of each row, of items that are counted by row, and behind the last row that of all.
fn starts(rows: usize, items: impl Iterator<Item = usize>) -> Vec<usize> {
    let mut starts = vec![0; rows + 1];
    for row in items {
        starts[row + 1] += 1;
    }
    for row in 0..rows {
        starts[row + 1] += starts[row];
    }
    starts
}

/// The columns of the points of a word.
#[inline(always)]
fn columns_of((word, mut bits): (usize, u64)) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let bit = (bits != 0).then(|| bits.trailing_zeros() as usize)?;
        bits &= bits - 1;
        Some(word * WIDTH + bit)
    })
}

impl Upright {
    /// Of points of one slice; none where they lie in more, or in too many rows or columns.
    pub(super) fn new(kernel: Kernel, layout: &Layout, points: &Points) -> Option<Self> {
        let [slices, rows, columns] = layout.size();
        if slices > 1 || rows >= MOST || columns >= MOST {
            return None;
        }
        let [_, low, left] = layout.corner([0; 3]);
        let row = |place: [u32; 3]| (place[1] - low) as usize;
        let starts = starts(rows, points.words().iter().map(|word| row(word.place)));
        let (mut next, mut words) = (starts.clone(), vec![(0, 0); points.words().len()]);
        for word in points.words() {
            let next = &mut next[row(word.place)];
            words[*next] = ((word.place[2] - left / u64::BITS) as usize, word.bits);
            *next += 1;
        }
        let mut made =
            Self { columns, rows: starts, words, down: Vec::new(), first: vec![NONE; columns + WIDTH] };
        kernel.run(LookDown(&mut made));
        Some(made)
    }

    #[inline(always)]
    fn words_of(&self, row: usize) -> &[(usize, u64)] {
        &self.words[self.rows[row]..self.rows[row + 1]]
    }

    /// Find how far the points that no shell found are from the nearest ones of the set, up to the square of a
    /// bound. For each its word, its bit and the square of its distance are told, which is infinite beyond the
    /// bound.
    ///
    /// # Errors
    ///
    /// [`Error::Cancelled`].
    pub(super) fn find(
        &self,
        (kernel, metric, bound): (Kernel, &Metric, f64),
        (layout, from, rest): (&Layout, &Columns, &[Rest]),
        found: &mut impl FnMut(usize, u32, f64),
        stop: &mut dyn FnMut() -> bool,
    ) -> Result<(), Error> {
        let (starts, asked) = self.asked(layout, from, rest);
        let mut search = Search::new(self, metric, bound);
        let none = vec![NONE; self.first.len()];
        let mut lines = Lines { up: none.clone(), down: self.first.clone(), steps: none, passed: 0 };
        for (row, range) in starts.windows(2).map(|ends| ends[0]..ends[1]).enumerate() {
            if asked.len() == range.start {
                break;
            }
            look(stop)?;
            kernel.run(Come { upright: self, lines: &mut lines, row, asked: !range.is_empty() });
            for asked in asked[range].chunks(POINTS) {
                look(stop)?;
                let lines = &lines;
                kernel.run(Find { search: &mut search, lines, row, asked, found: &mut *found });
            }
        }
        Ok(())
    }

    /// Points that no shell found, by rows, in each of which they come from left to right.
    fn asked(&self, layout: &Layout, from: &Columns, rest: &[Rest]) -> (Vec<usize>, Vec<Asked>) {
        let rows = rest.iter().flat_map(|Rest { block, bits }| {
            let block = &from.blocks()[*block];
            let [_, first, word] = layout.place(block.at);
            let words = block.words.into_iter().zip(*bits).enumerate();
            words.filter(|(_, (number, _))| *number != NO_WORD).flat_map(move |(row, (number, bits))| {
                columns_of((word, bits)).map(move |column| (first + row, Asked { column, word: number }))
            })
        });
        let rows: Vec<(usize, Asked)> = rows.collect();
        let starts = starts(self.rows.len() - 1, rows.iter().map(|&(row, _)| row));
        let (mut next, mut asked) = (starts.clone(), vec![Asked::default(); rows.len()]);
        for (row, point) in rows {
            asked[next[row]] = point;
            next[row] += 1;
        }
        (starts, asked)
    }
}

/// A point whose distance is asked for.
#[derive(Clone, Copy, Default)]
struct Asked {
    column: usize,
    /// The number of its word.
    word: u32,
}

/// Steps from the places of a line.
struct Lines {
    up: Vec<u16>,
    down: Vec<u16>,
    /// The fewer of both.
    steps: Vec<u16>,
    /// Points above the line.
    passed: usize,
}

/// Come to a row, from the one before or from above all of them.
struct Come<'a> {
    upright: &'a Upright,
    lines: &'a mut Lines,
    row: usize,
    /// Whether some points of the row are asked about.
    asked: bool,
}

impl Routine for Come<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vectors>(self, _: V) {
        let Self { upright, lines: Lines { up, down, steps, passed }, row, asked } = self;
        if row > 0 {
            for &word in upright.words_of(row - 1) {
                for column in columns_of(word) {
                    down[column] = upright.down[*passed];
                    *passed += 1;
                }
            }
            for (up, down) in up.iter_mut().zip(&mut *down) {
                *up = up.saturating_add(1);
                *down -= u16::from(*down != NONE);
            }
        }
        for &word in upright.words_of(row) {
            for column in columns_of(word) {
                up[column] = 0;
            }
        }
        if asked {
            for ((steps, up), down) in steps.iter_mut().zip(up).zip(down) {
                *steps = (*up).min(*down);
            }
        }
    }
}

/// A point that was asked about before, how far it is, and the first of the columns in one of which what is
/// nearest to it is straight up or down.
#[derive(Clone, Copy)]
struct Known {
    place: [usize; 2],
    distance: f64,
    start: usize,
}

struct Search {
    columns: usize,
    bound: f64,
    /// What a step along rows and columns measures.
    steps: [f64; 2],
    /// The squares of distances along columns, of which the one in the middle is zero.
    squares: Vec<f64>,
    /// The same in steps along a line.
    rounded: Vec<f32>,
    /// What is known of the last point of each column, and of all.
    known: Vec<Option<Known>>,
    last: Option<Known>,
}

/// The square of the distance to what is nearest so far, and the first of the columns that it is in.
struct Nearest {
    squared: f64,
    start: usize,
}

impl Search {
    #[allow(clippy::cast_precision_loss, reason = "as few as an image has columns")]
    fn new(upright: &Upright, metric: &Metric, bound: f64) -> Self {
        let [_, down, across] = metric.steps();
        // Behind the columns, too.
        let places = upright.first.len().cast_signed();
        Self {
            columns: upright.columns,
            bound,
            steps: [down, across],
            squares: (-places..=places).map(|at| (at as f64 * across).powi(2)).collect(),
            rounded: (-places..=places).map(|at| (at as f32).powi(2)).collect(),
            known: vec![None; upright.columns],
            last: None,
        }
    }

    /// The square of the distance from a place to the nearest point.
    #[inline(always)]
    fn nearest<V: Vectors>(&mut self, vectors: V, steps: &[u16], place: [usize; 2]) -> f64 {
        let (mut limit, mut nearest) = (self.bound, Nearest { squared: f64::INFINITY, start: usize::MAX });
        if let Some((known, way)) = self.neighbour(place) {
            let farthest = known.distance + way.sqrt();
            self.look(steps, place[1], known.start, &mut nearest);
            limit = limit.min(farthest * farthest * WIDER).min(nearest.squared);
        }
        self.pass(vectors, steps, place[1], limit, &mut nearest);
        let within = nearest.squared <= self.bound;
        let known = within.then(|| Known { place, distance: nearest.squared.sqrt(), start: nearest.start });
        (self.last, self.known[place[1]]) = (known, known);
        if within { nearest.squared } else { f64::INFINITY }
    }

    /// A point nearby that was asked about, and the square of the way to it.
    #[inline(always)]
    fn neighbour(&self, place: [usize; 2]) -> Option<(Known, f64)> {
        let beside = &self.known[place[1].saturating_sub(1)..self.columns.min(place[1] + 2)];
        let mut nearest: Option<(Known, f64)> = None;
        for known in beside.iter().chain([&self.last]).flatten() {
            #[allow(clippy::cast_precision_loss, reason = "as few as an image has rows and columns")]
            let moved = |axis: usize| known.place[axis].abs_diff(place[axis]) as f64 * self.steps[axis];
            let way = moved(0) * moved(0) + moved(1) * moved(1);
            if nearest.is_none_or(|(_, least)| way < least) {
                nearest = Some((*known, way));
            }
        }
        nearest
    }

    /// Pass over a line, as far as there may be anything within a limit. What starts where the nearest does was
    /// looked at.
    #[inline(always)]
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "what is too large is cut")]
    fn pass<V: Vectors>(
        &self,
        vectors: V,
        steps: &[u16],
        column: usize,
        mut limit: f64,
        nearest: &mut Nearest,
    ) {
        let [down, across] = self.steps;
        // A step more than what is rounded.
        let wide = ((limit.sqrt() / across + 1.0) as usize).min(self.columns);
        // Slower steps than these only let more be looked at.
        let down = (down / across).min(1e15) as f32;
        let (end, looked) = ((column + wide + 1).min(self.columns), nearest.start);
        // Parts begin at the same places for all points, so that what was looked at can be told.
        let mut start = column.saturating_sub(wide) / LANES * LANES;
        while start < end {
            let within = (limit / (across * across) * WIDER) as f32;
            let places = &self.rounded[self.rounded.len() / 2 + start - column..][..WIDTH];
            let mut near = [0; WIDTH];
            for ((near, steps), across) in near.iter_mut().zip(&steps[start..start + WIDTH]).zip(places) {
                let up = f32::from(*steps) * down;
                *near = u8::from(up * up + across <= within);
            }
            let near = vectors.not_zero(&near);
            for part in (0..WIDTH).step_by(LANES) {
                if near >> part & ((1 << LANES) - 1) != 0 && start + part != looked {
                    self.look(steps, column, start + part, nearest);
                    limit = limit.min(nearest.squared);
                }
            }
            start += WIDTH;
        }
    }

    /// Look at what is straight up or down from some columns of a line.
    #[inline(always)]
    fn look(&self, steps: &[u16], column: usize, start: usize, nearest: &mut Nearest) {
        let steps = &steps[start..start + LANES];
        let across = &self.squares[self.squares.len() / 2 + start - column..][..LANES];
        let mut squared = [0.0; LANES];
        for ((squared, steps), across) in squared.iter_mut().zip(steps).zip(across) {
            let up = if *steps == NONE { f64::INFINITY } else { f64::from(*steps) * self.steps[0] };
            *squared = up * up + across;
        }
        // By halves: one after the other, each comparison would wait for the one before.
        for half in [8, 4, 2, 1] {
            for lane in 0..half {
                let other = squared[lane + half];
                squared[lane] = if other < squared[lane] { other } else { squared[lane] };
            }
        }
        let least = squared[0];
        if least < nearest.squared {
            *nearest = Nearest { squared: least, start };
        }
    }
}

struct Find<'a, F> {
    search: &'a mut Search,
    lines: &'a Lines,
    row: usize,
    asked: &'a [Asked],
    found: &'a mut F,
}

impl<F: FnMut(usize, u32, f64)> Routine for Find<'_, F> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vectors>(self, vectors: V) {
        let Self { search, lines, row, asked, found } = self;
        for &Asked { column, word } in asked {
            let squared = search.nearest(vectors, &lines.steps, [row, column]);
            #[allow(clippy::cast_possible_truncation, reason = "one of 64 bits")]
            found(word as usize, (column % WIDTH) as u32, squared);
        }
    }
}
