//! Points in leaves: those of 4 x 4 x 4 steps together, in the order of a curve that fills space.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hash, Hasher};
use std::ops::Range;

use super::Metric;
use super::boxes::{Boxes, Extent};
use super::points::Word;
use crate::error::{Error, look};

/// Points that are compared at once.
const LANES: usize = 8;

/// Points in leaves.
#[derive(Default)]
pub(crate) struct Leaves {
    /// For each dimension of the array, in its order, some points of a leaf. The last ones of a leaf end with
    /// copies of its last point.
    points: Vec<[[f64; LANES]; 3]>,
    /// The first points of each leaf, and the end.
    starts: Vec<usize>,
    /// How many points of a leaf are no copies.
    own: Vec<usize>,
    pub(super) boxes: Boxes,
}

/// A number that is quick to make of a number: keys are places that somebody's image has, and maps of them
/// live for one call.
#[derive(Default)]
struct Mixed(u64);

impl Hasher for Mixed {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.write_u64(byte.into());
        }
    }
    fn write_u64(&mut self, number: u64) {
        let mixed = (self.0 ^ number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 = mixed ^ mixed >> 32;
    }
}

/// The place of a cell of sixteen leaves.
#[derive(PartialEq, Eq)]
struct Place([u32; 3]);

impl Hash for Place {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        let [slice, row, column] = self.0;
        hasher.write_u64(u64::from(slice) << 32 | u64::from(row));
        hasher.write_u64(column.into());
    }
}

/// Slices and rows of a leaf, and its columns.
const SIDE: u32 = 4;

/// Words, or leaves, between two looks at whether to stop.
const TURNS: usize = 1 << 16;

/// Most points of a leaf.
const MOST: usize = 64;

/// Words of a leaf: all columns of a word make sixteen leaves.
type Cell = [u64; (SIDE * SIDE) as usize];

/// A place on a curve that fills space: the bits of three numbers in turns, of which the lowest 21 count.
fn curve(place: [u32; 3]) -> u64 {
    let spread = |number: u32| {
        let mut bits = u64::from(number) & 0x1f_ffff;
        bits = (bits | bits << 32) & 0x1f_0000_0000_ffff;
        bits = (bits | bits << 16) & 0x1f_0000_ff00_00ff;
        bits = (bits | bits << 8) & 0x100f_00f0_0f00_f00f;
        bits = (bits | bits << 4) & 0x10c3_0c30_c30c_30c3;
        (bits | bits << 2) & 0x1249_2492_4924_9249
    };
    spread(place[0]) << 2 | spread(place[1]) << 1 | spread(place[2])
}

impl Leaves {
    /// The points of words, each of which comes once.
    ///
    /// # Errors
    ///
    /// [`Error::Cancelled`].
    pub(crate) fn new(
        metric: &Metric,
        words: impl Iterator<Item = Word>,
        stop: &mut dyn FnMut() -> bool,
    ) -> Result<Self, Error> {
        let mut cells: Vec<([u32; 3], Cell)> = Vec::new();
        let mut known: HashMap<Place, usize, BuildHasherDefault<Mixed>> = HashMap::default();
        for (turn, Word { place: [slice, row, column], bits }) in words.enumerate() {
            if turn % TURNS == 0 {
                look(stop)?;
            }
            let place = [slice / SIDE, row / SIDE, column];
            let number = *known.entry(Place(place)).or_insert_with(|| {
                cells.push((place, Cell::default()));
                cells.len() - 1
            });
            cells[number].1[(slice % SIDE * SIDE + row % SIDE) as usize] = bits;
        }
        let mut order = Vec::with_capacity(2 * cells.len());
        for (number, (place, words)) in (0_u32..).zip(&cells) {
            let any = words.iter().fold(0, |any, word| any | word);
            for part in (0..16).filter(|part| any >> (SIDE * part) & 15 != 0) {
                order.push((curve([place[0], place[1], place[2] * 16 + part]), number, part));
            }
        }
        order.sort_unstable();
        let mut leaves = Self { starts: vec![0], ..Self::default() };
        let steps = in_units(metric);
        for (turn, (_, number, part)) in order.into_iter().enumerate() {
            if turn % TURNS == 0 {
                look(stop)?;
            }
            let ([slice, row, column], words) = &cells[number as usize];
            leaves.push(
                metric,
                steps,
                [slice * SIDE, row * SIDE, column * 64 + part * SIDE],
                &words.map(|word| word >> (SIDE * part) & 15),
            );
        }
        Ok(leaves)
    }

    /// Add a leaf, of which the lowest place and four columns of each row are given.
    fn push(&mut self, metric: &Metric, steps: [f64; 3], corner: [u32; 3], rows: &Cell) {
        let mut places = [[0.0; MOST]; 3];
        let (mut any, mut filled, mut count) = (0, 0_u32, 0);
        for (row, &bits) in (0_u32..).zip(rows) {
            let mut rest = bits;
            while rest != 0 {
                let place =
                    [corner[0] + row / SIDE, corner[1] + row % SIDE, corner[2] + rest.trailing_zeros()];
                rest &= rest - 1;
                for (places, along) in places.iter_mut().zip(place) {
                    places[count] = f64::from(along);
                }
                count += 1;
            }
            any |= bits;
            filled |= u32::from(bits != 0) << row;
        }
        let places = metric.in_order(places);
        for start in (0..count).step_by(LANES) {
            self.points
                .push(places.map(|along| std::array::from_fn(|lane| along[(start + lane).min(count - 1)])));
        }
        self.own.push(count);
        self.starts.push(self.points.len());
        // Which rows of any slice there are, and which slices.
        let rows = (0..SIDE).fold(0, |rows, slice| rows | filled >> (SIDE * slice) & 15);
        let slices = [filled.trailing_zeros() / SIDE, filled.ilog2() / SIDE];
        let rows = [rows.trailing_zeros(), rows.ilog2()];
        let edge = |at: usize, columns: u32| {
            metric
                .in_order([corner[0] + slices[at], corner[1] + rows[at], corner[2] + columns].map(f64::from))
        };
        self.boxes.push(Extent::new(edge(0, any.trailing_zeros()), edge(1, any.ilog2()), steps));
    }

    /// Number of leaves.
    pub(crate) fn len(&self) -> usize {
        self.own.len()
    }

    /// The numbers of the points of a leaf.
    pub(super) fn points_of(&self, leaf: usize) -> Range<usize> {
        let start = self.starts[leaf] * LANES;
        start..start + self.own[leaf]
    }

    /// A point, by its number.
    pub(super) fn point(&self, number: usize) -> [f64; 3] {
        self.points[number / LANES].map(|along| along[number % LANES])
    }

    /// The square of the distance from a point to the nearest one of a leaf.
    #[inline(always)]
    pub(super) fn nearest(&self, leaf: usize, point: [f64; 3], steps: [f64; 3]) -> f64 {
        let mut nearest = [f64::INFINITY; LANES];
        for points in &self.points[self.starts[leaf]..self.starts[leaf + 1]] {
            for (lane, nearest) in nearest.iter_mut().enumerate() {
                let square = |axis: usize| {
                    let along = (points[axis][lane] - point[axis]) * steps[axis];
                    along * along
                };
                let squared = square(0) + square(1) + square(2);
                // One instruction, as neither is NaN.
                *nearest = if squared < *nearest { squared } else { *nearest };
            }
        }
        nearest.into_iter().fold(f64::INFINITY, |one, other| if one < other { one } else { other })
    }
}

/// Steps of the dimensions of the array in units of the largest one.
pub(super) fn in_units(metric: &Metric) -> [f64; 3] {
    let steps = metric.steps();
    let largest = steps.into_iter().fold(0.0, f64::max);
    metric.in_order(steps).map(|step| step / largest)
}
