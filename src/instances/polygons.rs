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

type Point = [i32; 2];

/// Where an outline passes the middle of a column: the mask begins or ends at a row, which may be that below the last.
#[derive(Clone, Copy)]
struct Passage {
    column: u32,
    row: u32,
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
        self.add(|runs, size| {
            let first = runs.len();
            let (mut passages, mut places) = (Vec::new(), Vec::new());
            for polygon in polygons {
                checked(polygon)?;
                passages.clear();
                pass(polygon, size, &mut passages)?;
                sorted(&passages, size, &mut places);
                let passages = &places;
                if polygons.len() == 1 {
                    paired(passages, size, |start, end| push(runs, first, start, end));
                } else {
                    paired(passages, size, |start, end| runs.push(Run { start, end }));
                }
            }
            if polygons.len() > 1 {
                unite(runs, first);
            }
            Ok(())
        })
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
    let first = (left - MIDDLE).div_euclid(PARTS) + i32::from((left - MIDDLE).rem_euclid(PARTS) != 0);
    let end = (right - 1 - MIDDLE).div_euclid(PARTS) + 1;
    first.max(0)..end.min(width)
}

#[allow(clippy::cast_possible_truncation, reason = "places of the lattice are below 2^23")]
fn edge([x, y]: Point, [to_x, to_y]: Point, size: Size, passages: &mut Vec<Passage>) {
    let (wide, tall) = ((to_x - x).abs(), (to_y - y).abs());
    let backwards = if wide >= tall { x > to_x } else { y > to_y };
    let ([x, y], [to_x, to_y]) = if backwards { ([to_x, to_y], [x, y]) } else { ([x, y], [to_x, to_y]) };
    if wide >= tall {
        let slope = f64::from(to_y - y) / f64::from(wide);
        let row = |step: i32| (f64::from(y) + slope * f64::from(step) + 0.5) as i32;
        for column in columns(x, to_x, size) {
            let step = column * PARTS + MIDDLE - x;
            passages.push(passage(column, row(step).min(row(step + 1)), size));
        }
    } else {
        let slope = f64::from(to_x - x) / f64::from(tall);
        let inverse = slope.recip();
        let place = |step: i32| (f64::from(x) + slope * f64::from(step) + 0.5) as i32;
        for column in columns(x.min(to_x), x.max(to_x), size) {
            // The last step on this side of the middle: nearly where it is in real numbers.
            let middle = column * PARTS + MIDDLE;
            let before = |step: i32| (place(step) <= middle) == (slope > 0.0);
            let mut step = ((f64::from(middle - x) + 0.5) * inverse) as i32;
            step = step.clamp(0, tall - 1);
            while step > 0 && !before(step) {
                step -= 1;
            }
            while step < tall - 1 && before(step + 1) {
                step += 1;
            }
            passages.push(passage(column, y + step, size));
        }
    }
}

/// The passage at or below a row of the lattice.
fn passage(column: i32, row: i32, size: Size) -> Passage {
    let down = (row - MIDDLE).max(0).unsigned_abs();
    Passage { column: column.unsigned_abs(), row: down.div_ceil(PARTS.unsigned_abs()).min(size.height) }
}

/// The pixels of passages, sorted: by their columns first, of which most have two.
fn sorted(passages: &[Passage], size: Size, places: &mut Vec<u32>) {
    places.clear();
    let Some(left) = passages.iter().map(|passage| passage.column).min() else { return };
    let right = passages.iter().map(|passage| passage.column).fold(left, u32::max);
    let mut ends = vec![0; (right - left) as usize + 2];
    for passage in passages {
        ends[(passage.column - left) as usize + 1] += 1;
    }
    for column in 1..ends.len() {
        ends[column] += ends[column - 1];
    }
    places.resize(passages.len(), 0);
    for passage in passages {
        let end = &mut ends[(passage.column - left) as usize];
        places[*end] = passage.column * size.height + passage.row;
        *end += 1;
    }
    let mut start = 0;
    for &end in &ends[..ends.len() - 1] {
        match &mut places[start..end] {
            [] | [_] => {}
            [one, two] => (*one, *two) = ((*one).min(*two), (*one).max(*two)),
            more => more.sort_unstable(),
        }
        start = end;
    }
}

/// Runs between sorted places at which a mask begins and ends in turn; the last one may end with the image.
fn paired(places: &[u32], size: Size, mut run: impl FnMut(u32, u32)) {
    for pair in places.chunks(2) {
        let end = pair.get(1).copied().unwrap_or(size.pixels());
        if pair[0] < end {
            run(pair[0], end);
        }
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
