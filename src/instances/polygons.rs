//! Polygons become runs, as COCO paints them.
//!
//! Points lie on a lattice of a fifth of a pixel. An edge is walked along its longer axis; where it passes the middle
//! of a column of pixels, the mask begins or ends there, at the next row at or below the upper one of the two points on
//! either side. What begins and ends in a column takes turns (even-odd), and parts of one object are united. Only these
//! passages are looked for: an edge costs the columns that it passes, however long it is.
//!
//! It is the rule of `rleFrPoly` in pycocotools' `maskApi.c`, pixel by pixel.

use super::{Fault, Masks, Run, Size, push};
use crate::limits::MAX_PASSAGES;

/// Parts of a pixel that points are rounded to.
const SCALE: f64 = 5.0;
/// How far a point may lie from the first pixel.
const FAR: f64 = 1e6;
/// The part of a column that is its middle.
const MIDDLE: i32 = 2;
const PARTS: i32 = 5;
/// Rows in a word of bits.
const WORD: usize = u64::BITS as usize;
/// Words that may be looked through for each passage.
const WORDS_A_PASSAGE: usize = 2;

type Point = [i32; 2];

/// Where an outline passes the middle of a column: the mask begins or ends at a row, which may be that below the last.
#[derive(Clone, Copy, Debug)]
struct Passage {
    column: u32,
    row: u32,
}

/// Memory in which outlines become runs, kept from one mask to the next.
#[derive(Clone, Debug, Default)]
pub(super) struct Outlines {
    passages: Vec<Passage>,
    /// A bit for each pixel of the columns that are passed.
    columns: Vec<u64>,
    /// Where each column's places end.
    ends: Vec<usize>,
    places: Vec<u32>,
}

impl Masks {
    /// Add a mask from the polygons of its parts, each of which is x and y of its points in turn.
    ///
    /// # Errors
    ///
    /// [`Fault`] if there is none, or one has less than three points, a point that is no pair of finite numbers or
    /// is far from any image, or if edges pass more columns than can be kept.
    pub fn push_polygons(&mut self, polygons: &[&[f64]]) -> Result<(), Fault> {
        if polygons.is_empty() {
            return Err(Fault::NoPolygon);
        }
        let mut outlines = std::mem::take(&mut self.outlines);
        let added = self.add(|runs, size| {
            let first = runs.len();
            for polygon in polygons {
                checked(polygon)?;
                outlines.passages.clear();
                pass(polygon, size, &mut outlines.passages)?;
                let places = outlines.sorted(size);
                paired(places, size, runs);
            }
            if polygons.len() > 1 {
                unite(runs, first);
            }
            Ok(())
        });
        self.outlines = outlines;
        added
    }
}

fn checked(polygon: &[f64]) -> Result<(), Fault> {
    let found = polygon.len();
    if found < 6 {
        return Err(Fault::Points { found });
    }
    if !found.is_multiple_of(2) {
        return Err(Fault::Odd { found });
    }
    match polygon.iter().position(|number| !(-FAR..=FAR).contains(number)) {
        Some(index) => Err(Fault::Far { index, found: polygon[index] }),
        None => Ok(()),
    }
}

/// The pixels at which a polygon begins or ends in columns of the image.
fn pass(polygon: &[f64], size: Size, passages: &mut Vec<Passage>) -> Result<(), Fault> {
    if size.pixels() == 0 {
        return Ok(());
    }
    #[allow(clippy::cast_possible_truncation, reason = "numbers are within a million")]
    let part = |number: f64| (SCALE * number + 0.5) as i32;
    let points = || polygon.chunks_exact(2).map(|point| [part(point[0]), part(point[1])]);
    for (start, end) in points().zip(points().cycle().skip(1)) {
        edge(start, end, size, passages);
        if passages.len() > MAX_PASSAGES {
            return Err(Fault::TooManyRuns { limit: MAX_PASSAGES });
        }
    }
    Ok(())
}

/// The columns whose middle lies between two places of the lattice.
fn columns(left: i32, right: i32, size: Size) -> std::ops::Range<i32> {
    let width = i32::try_from(size.width).unwrap_or(i32::MAX);
    // Below the first middle is no column, so that divisions are of numbers that are not negative.
    let first = (left.max(MIDDLE) - MIDDLE + PARTS - 1) / PARTS;
    let end = (right.max(MIDDLE) - MIDDLE + PARTS - 1) / PARTS;
    first..end.min(width)
}

/// The passages of an edge. Rows and places rise or fall from step to step, also as they are rounded, so that one of
/// two neighbours is known to be the upper one, or nearer to the middle.
#[allow(clippy::cast_possible_truncation, reason = "places of the lattice are below 2^23")]
fn edge([x, y]: Point, [to_x, to_y]: Point, size: Size, passages: &mut Vec<Passage>) {
    let columns = columns(x.min(to_x), x.max(to_x), size);
    if columns.is_empty() {
        return;
    }
    let (wide, tall) = ((to_x - x).abs(), (to_y - y).abs());
    let backwards = if wide >= tall { x > to_x } else { y > to_y };
    let ([x, y], [to_x, to_y]) = if backwards { ([to_x, to_y], [x, y]) } else { ([x, y], [to_x, to_y]) };
    if wide >= tall {
        let slope = f64::from(to_y - y) / f64::from(wide);
        let upper = MIDDLE - x + i32::from(slope < 0.0);
        for column in columns {
            let step = column * PARTS + upper;
            passages.push(passage(column, (f64::from(y) + slope * f64::from(step) + 0.5) as i32, size));
        }
    } else {
        let slope = f64::from(to_x - x) / f64::from(tall);
        let (inverse, rising) = (slope.recip(), slope > 0.0);
        for column in columns {
            // The last step on this side of the middle: that of real numbers, or one beside it. A place that is
            // rounded down to the middle, which is not negative, is below the next whole number.
            let middle = column * PARTS + MIDDLE;
            let next = f64::from(middle + 1);
            let before = |step: i32| (f64::from(x) + slope * f64::from(step) + 0.5 < next) == rising;
            let near = ((f64::from(middle - x) + 0.5) * inverse) as i32;
            let near = near.clamp(0, tall - 1);
            let step = near + i32::from(before(near + 1)) - i32::from(!before(near));
            passages.push(passage(column, y + step, size));
        }
    }
}

/// The passage at or below a row of the lattice.
fn passage(column: i32, row: i32, size: Size) -> Passage {
    let down = (row.max(MIDDLE) - MIDDLE + PARTS - 1).unsigned_abs() / PARTS.unsigned_abs();
    Passage { column: column.unsigned_abs(), row: down.min(size.height) }
}

impl Outlines {
    /// The pixels of passages, sorted. Two at the same pixel begin and end nothing, and may be left out.
    fn sorted(&mut self, size: Size) -> &[u32] {
        let Self { passages, .. } = self;
        self.places.clear();
        let (mut left, mut right, mut top, mut bottom) = (u32::MAX, 0, u32::MAX, 0);
        for &Passage { column, row } in &*passages {
            (left, right) = (left.min(column), right.max(column));
            (top, bottom) = (top.min(row), bottom.max(row));
        }
        if left > right {
            return &[];
        }
        let [across, down] = [right - left, bottom - top].map(|last| last as usize + 1);
        let words = down.div_ceil(WORD);
        if across.saturating_mul(words) <= passages.len() * WORDS_A_PASSAGE {
            self.by_bits([left, top], across, words, size);
        } else {
            self.by_columns(left, across, size);
        }
        &self.places
    }

    /// The pixels of passages by a bit for each that is passed an odd number of times: where columns are passed often,
    /// sorting takes longer.
    #[allow(clippy::cast_possible_truncation, reason = "rows of an image have 32 bits")]
    fn by_bits(&mut self, [left, top]: [u32; 2], across: usize, words: usize, size: Size) {
        let Self { passages, columns, places, .. } = self;
        columns.clear();
        columns.resize(across * words, 0);
        for &Passage { column, row } in &*passages {
            let row = (row - top) as usize;
            columns[(column - left) as usize * words + row / WORD] ^= 1 << (row % WORD);
        }
        let first = left * size.height + top;
        for (column, bits) in (0..).zip(columns.chunks_exact(words)) {
            for (word, &bits) in (0..).zip(bits) {
                let at = first + column * size.height + word * WORD as u32;
                let mut bits = bits;
                while bits != 0 {
                    places.push(at + bits.trailing_zeros());
                    bits &= bits - 1;
                }
            }
        }
    }

    /// The pixels of passages by their columns first, of which most have two.
    fn by_columns(&mut self, left: u32, across: usize, size: Size) {
        let Self { passages, ends, places, .. } = self;
        ends.clear();
        ends.resize(across + 1, 0);
        for passage in &*passages {
            ends[(passage.column - left) as usize + 1] += 1;
        }
        for column in 1..ends.len() {
            ends[column] += ends[column - 1];
        }
        places.resize(passages.len(), 0);
        for passage in &*passages {
            let end = &mut ends[(passage.column - left) as usize];
            places[*end] = passage.column * size.height + passage.row;
            *end += 1;
        }
        let mut start = 0;
        for &end in &ends[..across] {
            match &mut places[start..end] {
                [] | [_] => {}
                [one, two] => (*one, *two) = ((*one).min(*two), (*one).max(*two)),
                more => more.sort_unstable(),
            }
            start = end;
        }
    }
}

/// Add the runs between sorted places at which a mask begins and ends in turn; the last one may end with the image.
fn paired(places: &[u32], size: Size, runs: &mut Vec<Run>) {
    let (pairs, single) = places.as_chunks();
    let single = single.first().map(|&start| [start, size.pixels()]);
    let first = runs.len();
    for [start, end] in pairs.iter().copied().chain(single) {
        // Below the last row of a column is the first one of the next, so that some meet.
        push(runs, first, start, end);
    }
}

/// Sort the runs from `first` on, and join those that meet or touch.
fn unite(runs: &mut Vec<Run>, first: usize) {
    runs[first..].sort_unstable_by_key(|run| run.start);
    let mut last = first;
    for next in first..runs.len() {
        let run = runs[next];
        if next == first {
            continue;
        }
        if run.start <= runs[last].end {
            runs[last].end = runs[last].end.max(run.end);
        } else {
            last += 1;
            runs[last] = run;
        }
    }
    runs.truncate(runs.len().min(last + 1));
}
