//! Far points of a plane: for each place of one line, where the next points of a set are straight up and straight
//! down from it; and the nearest of all points from that.
//!
//! Lines come from the first to the last one. Only where points are there is anything to do as one goes on to the
//! next, so there is one line at a time, in a level-1 cache, and never a map.
//!
//! What is nearest to a point is straight above or below a place of its line. As points come side by side, each is no
//! farther than one of its neighbours and the way from there: no place farther to the side is looked at. Of the others
//! the least square is found in single precision, in steps along the line. Where that is exact, it is all that there is
//! to do; elsewhere all squares that may be the least one are computed again.

use std::ops::Range;

use super::Metric;
use super::columns::{Columns, Layout};
use super::points::Points;
use super::shells::Rest;
use crate::cpu::{self, Kernel, Routine, SIXTEEN, Vectors, WIDTH};
use crate::error::{Error, look};

/// Most rows and columns, so that tables of columns stay small, and steps are exact in single precision.
const MOST: usize = u16::MAX as usize;

/// More than one part in 10^5 is never lost by rounding, where a bound is compared with distances.
const WIDER: f32 = 1.0 + 1e-5;

/// Up to here whole numbers in single precision are exact.
const EXACT: usize = 1 << f32::MANTISSA_DIGITS;

/// Places of lines and points between two looks at whether to stop.
const PLACES: usize = 1 << 16;

/// A set of points of one slice, row by row.
pub(super) struct Upright {
    columns: usize,
    /// The numbers of the first words of rows; behind the last row that of all words.
    rows: Vec<usize>,
    /// Words that are not empty, and their points.
    words: Vec<(usize, u64)>,
    /// For each point, in the order of words, the row of the next one below it, which is infinite if there is none.
    next: Vec<f32>,
    /// The same for each column, of its first point.
    first: Vec<f32>,
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

/// A number of rows or columns.
#[allow(clippy::cast_precision_loss, reason = "there are few rows and columns")]
fn single(place: usize) -> f32 {
    place as f32
}

impl Upright {
    /// Of points of one slice; none where they lie in more, or in too many rows or columns.
    pub(super) fn new(layout: &Layout, points: &Points) -> Option<Self> {
        let [slices, rows, columns] = layout.size();
        if slices > 1 || rows >= MOST || columns >= MOST {
            return None;
        }
        let [_, low, left] = layout.corner([0; 3]);
        let row = |place: [u32; 3]| (place[1] - low) as usize;
        let starts = starts(rows, points.words().iter().map(|word| row(word.place)));
        let (mut places, mut words) = (starts.clone(), vec![(0, 0); points.words().len()]);
        for word in points.words() {
            let place = &mut places[row(word.place)];
            words[*place] = ((word.place[2] - left / u64::BITS) as usize, word.bits);
            *place += 1;
        }
        // From below: the last points that were passed are the next ones of what comes.
        let count: u32 = words.iter().map(|(_, bits)| bits.count_ones()).sum();
        let (mut next, mut below) = (vec![0.0; count as usize], vec![f32::INFINITY; columns]);
        let mut end = next.len();
        for (row, ends) in starts.windows(2).enumerate().rev() {
            for &(word, bits) in words[ends[0]..ends[1]].iter().rev() {
                let start = end - bits.count_ones() as usize;
                for (next, column) in next[start..end].iter_mut().zip(columns_of((word, bits))) {
                    *next = std::mem::replace(&mut below[column], single(row));
                }
                end = start;
            }
        }
        Some(Self { columns, rows: starts, words, next, first: below })
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
        let search = Search::new(self, metric, bound);
        kernel.run(Find { upright: self, search, starts: &starts, asked: &asked, found, stop })
    }

    /// Points that no shell found, by rows.
    fn asked(&self, layout: &Layout, from: &Columns, rest: &[Rest]) -> (Vec<usize>, Vec<Asked>) {
        let mut starts = vec![0; self.rows.len()];
        for Rest { block, bits } in rest {
            let [_, first, _] = layout.place(from.blocks()[*block].at);
            // A block may end behind the last row, where it has no points.
            for (count, bits) in starts[first + 1..].iter_mut().zip(bits) {
                *count += bits.count_ones() as usize;
            }
        }
        for row in 1..starts.len() {
            starts[row] += starts[row - 1];
        }
        let (mut places, mut asked) = (starts.clone(), vec![Asked::default(); starts[starts.len() - 1]]);
        for Rest { block, bits } in rest {
            let block = &from.blocks()[*block];
            let [_, first, word] = layout.place(block.at);
            for ((place, bits), number) in places[first..].iter_mut().zip(bits).zip(block.words) {
                for column in columns_of((word, *bits)) {
                    #[allow(clippy::cast_possible_truncation, reason = "there are few columns")]
                    let column = column as u32;
                    asked[*place] = Asked { column, word: number };
                    *place += 1;
                }
            }
        }
        (starts, asked)
    }
}

/// A point whose distance is asked for.
#[derive(Clone, Copy, Default)]
struct Asked {
    column: u32,
    /// The number of its word.
    word: u32,
}

/// Rows of the next points up and down from the places of a line.
struct Line {
    row: f32,
    above: Vec<f32>,
    below: Vec<f32>,
    /// Points above the line.
    passed: usize,
}

impl Line {
    /// Come to a row, from the one before or from above all of them.
    #[inline(always)]
    fn come(&mut self, upright: &Upright, row: usize) {
        self.row = single(row);
        if row > 0 {
            for &word in &upright.words[upright.rows[row - 1]..upright.rows[row]] {
                for column in columns_of(word) {
                    self.below[column] = upright.next[self.passed];
                    self.passed += 1;
                }
            }
        }
        for &word in &upright.words[upright.rows[row]..upright.rows[row + 1]] {
            for column in columns_of(word) {
                self.above[column] = self.row;
            }
        }
    }
}

/// How far a point was that was asked about before, and in which row it is.
#[derive(Clone, Copy)]
struct Known {
    distance: f32,
    row: f32,
}

/// As of no point.
const NOTHING: Known = Known { distance: f32::INFINITY, row: 0.0 };

/// Points that are asked about before it is made known how far one is, so that none waits for the one before.
const DELAY: usize = 4;

/// Distances in single precision are in steps along a line.
struct Search {
    columns: usize,
    /// The square of the bound, and how far that is.
    bound: f64,
    farthest: f32,
    /// What a step along rows and columns measures.
    steps: [f64; 2],
    /// What a step along rows is in those along a line.
    down: f32,
    /// Whether squares in single precision are exact.
    exact: bool,
    /// The squares of distances along columns, of which the one in the middle is zero.
    across: Vec<f32>,
    /// What is known of the last point of each column, with one before the first and one behind the last.
    known: Vec<Known>,
    /// The last points with their columns, the first of them behind a turn.
    last: [(Known, usize); DELAY],
    turn: usize,
}

impl Search {
    #[allow(clippy::cast_possible_truncation, reason = "what is too large is infinite")]
    fn new(upright: &Upright, metric: &Metric, bound: f64) -> Self {
        let [_, down, across] = metric.steps();
        let (rows, columns) = (upright.rows.len(), upright.columns);
        // A number with a mantissa of zeros.
        let power = across.to_bits().trailing_zeros() >= f64::MANTISSA_DIGITS - 1;
        let places = (0..=columns).rev().chain(1..=columns);
        Self {
            columns,
            bound,
            farthest: (bound.sqrt() / across) as f32 * WIDER,
            steps: [down, across],
            // Beyond that the one or the other decides alone, and no square is too large.
            down: (down / across).clamp(1e-14, 1e14) as f32,
            #[allow(clippy::float_cmp, reason = "only steps that are just equal will do")]
            exact: down == across && power && rows * rows + columns * columns < EXACT,
            across: places.map(|at| single(at) * single(at)).collect(),
            known: vec![NOTHING; columns + 2],
            last: [(NOTHING, 0); DELAY],
            turn: 0,
        }
    }

    /// The square of the distance from a place of a line to the nearest point.
    #[inline(always)]
    fn nearest<V: Vectors>(&mut self, vectors: V, line: &Line, column: usize) -> f64 {
        let range = self.within_reach(line, column);
        let least = self.least(vectors, line, &range, column);
        let squared = if self.exact {
            f64::from(least) * (self.steps[1] * self.steps[1])
        } else {
            self.exactly(vectors, line, &range, column, least * WIDER)
        };
        if squared > self.bound {
            return f64::INFINITY;
        }
        self.turn = (self.turn + 1) % DELAY;
        let known = (Known { distance: least.sqrt(), row: line.row }, column);
        let (known, column) = std::mem::replace(&mut self.last[self.turn], known);
        self.known[column + 1] = known;
        squared
    }

    /// Places of a line one of which is no farther away than what is known.
    #[inline(always)]
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "what is too large is cut")]
    fn within_reach(&self, line: &Line, column: usize) -> Range<usize> {
        let up = lesser(line.row - line.above[column], line.below[column] - line.row);
        let mut bound = lesser(self.farthest, up * self.down);
        let farthest =
            |known: &Known, along: f32| known.distance + (line.row - known.row) * self.down + along;
        let [left, same, right] = self.known[column..].first_chunk().expect("what is known of both sides");
        bound = lesser(bound, lesser(farthest(left, 1.0), farthest(right, 1.0)));
        let (last, its_column) = &self.last[(self.turn + 1) % DELAY];
        bound =
            lesser(bound, lesser(farthest(same, 0.0), farthest(last, single(column.abs_diff(*its_column)))));
        let wide = ((bound * WIDER) as usize).min(self.columns) + 1;
        let start = column.saturating_sub(wide) / SIXTEEN * SIXTEEN;
        start..(column + wide + 1).min(self.columns).next_multiple_of(SIXTEEN)
    }

    /// Sixteens of places of a line, and how far they are from another one along it.
    #[inline(always)]
    fn sixteens<'a>(
        &'a self,
        line: &'a Line,
        range: &Range<usize>,
        column: usize,
    ) -> impl Iterator<Item = cpu::Upright<'a>> {
        let (above, below) = (&line.above[range.clone()], &line.below[range.clone()]);
        let across = &self.across[self.columns + range.start - column..][..range.len()];
        let lines = above.as_chunks().0.iter().zip(below.as_chunks().0).zip(across.as_chunks().0);
        lines.map(|((above, below), across)| cpu::Upright { above, below, across })
    }

    /// The square of the least distance from a place to what is straight up or down from some places of its line.
    #[inline(always)]
    fn least<V: Vectors>(&self, vectors: V, line: &Line, range: &Range<usize>, column: usize) -> f32 {
        let mut least = vectors.all_singles(f32::INFINITY);
        for sixteen in self.sixteens(line, range, column) {
            least = vectors.lesser_singles(least, vectors.upright(sixteen, line.row, self.down));
        }
        vectors.least_single(least)
    }

    /// The same in double precision, of those which are within a limit in single precision.
    #[inline(always)]
    fn exactly<V: Vectors>(
        &self,
        vectors: V,
        line: &Line,
        range: &Range<usize>,
        column: usize,
        limit: f32,
    ) -> f64 {
        let mut nearest = f64::INFINITY;
        for (sixteen, start) in self.sixteens(line, range, column).zip(range.clone().step_by(SIXTEEN)) {
            let mut near = vectors.no_greater(vectors.upright(sixteen, line.row, self.down), limit);
            while near != 0 {
                let place = near.trailing_zeros() as usize;
                near &= near - 1;
                let up = lesser(line.row - sixteen.above[place], sixteen.below[place] - line.row);
                let up = f64::from(up) * self.steps[0];
                let along = f64::from(single((start + place).abs_diff(column))) * self.steps[1];
                let squared = up * up + along * along;
                nearest = if squared < nearest { squared } else { nearest };
            }
        }
        nearest
    }
}

/// The lesser of two numbers, as processors have it.
#[inline(always)]
fn lesser(one: f32, other: f32) -> f32 {
    if one < other { one } else { other }
}

struct Find<'a, 'b, F> {
    upright: &'a Upright,
    search: Search,
    /// The numbers of the first points of rows that are asked about, and behind the last row that of all.
    starts: &'a [usize],
    asked: &'a [Asked],
    found: &'b mut F,
    stop: &'b mut dyn FnMut() -> bool,
}

impl<F: FnMut(usize, u32, f64)> Routine for Find<'_, '_, F> {
    type Output = Result<(), Error>;

    #[inline(always)]
    fn run<V: Vectors>(self, vectors: V) -> Self::Output {
        let Self { upright, mut search, starts, asked, found, stop } = self;
        let above = vec![f32::NEG_INFINITY; upright.columns];
        let mut line = Line { row: 0.0, above, below: upright.first.clone(), passed: 0 };
        let mut since = 0;
        look(stop)?;
        for (row, ends) in starts.windows(2).enumerate() {
            if ends[0] == asked.len() {
                break;
            }
            line.come(upright, row);
            since += upright.columns;
            for &Asked { column, word } in &asked[ends[0]..ends[1]] {
                found(word as usize, column % u64::BITS, search.nearest(vectors, &line, column as usize));
                since += upright.columns;
                if since >= PLACES {
                    since = 0;
                    look(stop)?;
                }
            }
        }
        Ok(())
    }
}
