//! Points in leaves: those of 4 x 4 x 4 steps together, in the order of a curve that fills space.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hash, Hasher};

use super::Metric;
use super::boxes::{Boxes, Extent};
use super::points::Word;
use crate::error::{Error, look};

/// Points that are compared at once.
const LANES: usize = 8;

/// Some points of a leaf: for each dimension of the array, in its order. The last ones of a leaf end with copies
/// of its last point.
pub(super) type Lanes = [[f64; LANES]; 3];

/// Points in leaves.
#[derive(Default)]
pub(crate) struct Leaves {
    /// The lowest place of each leaf, as slice, row and column.
    corners: Vec<[u32; 3]>,
    /// Four columns of each row, for four rows of each slice, the first ones lowest.
    bits: Vec<u64>,
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
        let mut leaves = Self::default();
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
        let bits = rows.iter().rev().fold(0, |bits, row| bits << SIDE | row);
        // Which columns there are in any row, which rows in any slice, and which slices.
        let rows = (bits | bits >> 32) & 0xffff_ffff;
        let rows = (rows | rows >> 16) & 0xffff;
        let columns = (rows | rows >> 8) & 0xff;
        let columns = (columns | columns >> SIDE) & 15;
        let low = [bits.trailing_zeros() / 16, rows.trailing_zeros() / SIDE, columns.trailing_zeros()];
        let high = [bits.ilog2() / 16, rows.ilog2() / SIDE, columns.ilog2()];
        let [low, high] = [low, high]
            .map(|edge| metric.in_order(std::array::from_fn(|axis| f64::from(corner[axis] + edge[axis]))));
        self.corners.push(corner);
        self.bits.push(bits);
        self.boxes.push(Extent::new(low, high, steps));
    }

    /// Number of leaves.
    pub(crate) fn len(&self) -> usize {
        self.bits.len()
    }

    /// Write the points of a leaf behind others.
    pub(super) fn write_points(&self, metric: &Metric, leaf: usize, out: &mut Vec<Lanes>) {
        let (corner, mut bits) = (self.corners[leaf], self.bits[leaf]);
        let mut places = [[0.0; MOST]; 3];
        let mut count = 0;
        while bits != 0 {
            let bit = bits.trailing_zeros();
            bits &= bits - 1;
            for (places, along) in places.iter_mut().zip(place_of(corner, bit)) {
                places[count] = f64::from(along);
            }
            count += 1;
        }
        let places = metric.in_order(places);
        for start in (0..count).step_by(LANES) {
            let last = count - 1;
            out.push(places.map(|along| std::array::from_fn(|lane| along[(start + lane).min(last)])));
        }
    }

    /// The points of a leaf as slice, row and column.
    pub(super) fn places(&self, leaf: usize) -> impl Iterator<Item = [u32; 3]> {
        let (corner, bits) = (self.corners[leaf], self.bits[leaf]);
        (0..64).filter(move |bit| bits >> bit & 1 != 0).map(move |bit| place_of(corner, bit))
    }
}

/// The place of a bit of a leaf.
#[inline(always)]
fn place_of([slice, row, column]: [u32; 3], bit: u32) -> [u32; 3] {
    [slice + bit / 16, row + bit / SIDE % SIDE, column + bit % SIDE]
}

/// The square of the distance from a point to the nearest one of some.
#[inline(always)]
pub(super) fn nearest(points: &[Lanes], point: [f64; 3], steps: [f64; 3]) -> f64 {
    let mut nearest = [f64::INFINITY; LANES];
    for points in points {
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

/// Steps of the dimensions of the array in units of the largest one.
pub(super) fn in_units(metric: &Metric) -> [f64; 3] {
    let steps = metric.steps();
    let largest = steps.into_iter().fold(0.0, f64::max);
    metric.in_order(steps).map(|step| step / largest)
}
