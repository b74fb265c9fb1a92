//! Sums of the counts of cells, weighted in many ways at once.
//!
//! A cell is what one unit has of one class. Resamples weight units, and all sums of a class are needed for
//! each of them: a product of a matrix of weights with one of counts that is nearly empty. Cells lie class by
//! class for some units at a time, whose weights a cache holds, and so few weightings are done at once that the
//! sums of a class stay in registers while its cells come from memory one after the other.
//!
//! Weights are small whole numbers, and sums stay below 2^53, so that doubles add them up exactly in any order.

use crate::cpu::{Kernel, Routine, Vectors};
use crate::error::Error;

/// Weightings that are summed at once.
pub const AT_ONCE: usize = 16;

/// The weights of a unit in as many weightings.
pub type Weights = [u8; AT_ONCE];

/// Sums of a class in as many weightings: of each column of counts.
pub type Sums = [[f64; AT_ONCE]; 3];

/// Three counts of a cell.
trait Counts: Copy + Default {
    fn of(counts: [i64; 3]) -> Self;
    fn each(self) -> [f64; 3];
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "they are known to fit")]
impl Counts for [u32; 3] {
    fn of(counts: [i64; 3]) -> Self {
        counts.map(|count| count as u32)
    }

    #[inline(always)]
    fn each(self) -> [f64; 3] {
        self.map(f64::from)
    }
}

#[allow(clippy::cast_precision_loss, reason = "they are below 2^53")]
impl Counts for [f64; 3] {
    fn of(counts: [i64; 3]) -> Self {
        counts.map(|count| count as f64)
    }

    #[inline(always)]
    fn each(self) -> [f64; 3] {
        self
    }
}

/// Most counts fit 32 bits, which are read in half the time.
enum Columns {
    Narrow(Vec<[u32; 3]>),
    Wide(Vec<[f64; 3]>),
}

/// Cells of images as columns, in any order.
#[derive(Clone, Copy)]
pub struct OfImages<'a> {
    /// The image of each cell.
    pub image: &'a [i64],
    /// Its class.
    pub label: &'a [i64],
    /// Its three counts.
    pub counts: [&'a [i64]; 3],
}

/// Units whose weights a level-2 cache holds: 512 KiB of them.
const TILE: usize = 1 << 15;

/// Cells by parts: those of one class and of some units that follow each other.
pub struct Cells {
    /// Where the cells of each part begin, and where those of the last one end. Parts of the same units are
    /// beside each other, in the order of their classes.
    starts: Vec<usize>,
    unit: Vec<u32>,
    counts: Columns,
    units: usize,
    classes: usize,
}

const NO_FIT: &str = "cells do not fit together";

impl Cells {
    /// Cells of `units` units and as many classes: `unit` is that of each image.
    ///
    /// # Errors
    ///
    /// [`Error::BadRows`] if columns differ in length, there is no such image, unit or class, or a count is
    /// below 0, or 2^53 or more.
    pub fn new(units: usize, unit: &[i64], classes: usize, cells: OfImages<'_>) -> Result<Self, Error> {
        let refused = || Error::BadRows(NO_FIT);
        let OfImages { image, label, counts } = cells;
        if [image, counts[0], counts[1], counts[2]].iter().any(|column| column.len() != label.len()) {
            return Err(refused());
        }
        let known = |&unit: &i64| u32::try_from(unit).ok().filter(|&unit| (unit as usize) < units);
        let unit_of = unit.iter().map(known).collect::<Option<Vec<_>>>().ok_or_else(refused)?;
        let place = |i: usize| {
            let unit = *unit_of.get(usize::try_from(image[i]).ok()?)?;
            let class = usize::try_from(label[i]).ok().filter(|&class| class < classes)?;
            Some(Place { part: unit as usize / TILE * classes + class, unit })
        };
        let mut starts = vec![0; units.div_ceil(TILE) * classes + 1];
        for i in 0..label.len() {
            starts[place(i).ok_or_else(refused)?.part + 1] += 1;
        }
        for part in 1..starts.len() {
            starts[part] += starts[part - 1];
        }
        let most = counts.iter().copied().flatten().try_fold(0, |most, &count| {
            if (0..1 << 53).contains(&count) { Ok(most.max(count)) } else { Err(refused()) }
        })?;
        let places = || (0..label.len()).filter_map(place);
        let unit = by_part(&starts, places(), |_, place| place.unit);
        let of_cell = |i: usize| counts.map(|column| column[i]);
        let counts = if u32::try_from(most).is_ok() {
            Columns::Narrow(by_part(&starts, places(), |i, _| Counts::of(of_cell(i))))
        } else {
            Columns::Wide(by_part(&starts, places(), |i, _| Counts::of(of_cell(i))))
        };
        Ok(Self { starts, unit, counts, units, classes })
    }

    /// How many classes there are.
    #[must_use]
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// How many parts there are.
    #[must_use]
    pub fn parts(&self) -> usize {
        self.starts.len() - 1
    }

    /// Weights by unit from rows of them, at most [`AT_ONCE`], one for each weighting.
    ///
    /// # Errors
    ///
    /// [`Error::BadRows`] if there are more rows, or one has not a weight for each unit.
    pub fn weights(&self, rows: &[&[u8]]) -> Result<Vec<Weights>, Error> {
        if rows.len() > AT_ONCE || rows.iter().any(|row| row.len() != self.units) {
            return Err(Error::BadRows("weights are not one for each unit"));
        }
        let mut made = vec![[0; AT_ONCE]; self.units];
        for (tile, made) in made.chunks_mut(TILE).enumerate() {
            for (place, row) in rows.iter().enumerate() {
                for (own, &weight) in made.iter_mut().zip(&row[tile * TILE..]) {
                    own[place] = weight;
                }
            }
        }
        Ok(made)
    }

    /// Add the sums of a part to those of its class, with weights that [`Cells::weights`] made.
    ///
    /// # Panics
    ///
    /// If there is no such part, or `sums` are not as many as classes.
    pub fn add_sums(&self, kernel: Kernel, weights: &[Weights], part: usize, sums: &mut [Sums]) {
        let cells = self.starts[part]..self.starts[part + 1];
        let unit = &self.unit[cells.clone()];
        let more = match &self.counts {
            Columns::Narrow(counts) => kernel.run(OfPart { weights, unit, counts: &counts[cells] }),
            Columns::Wide(counts) => kernel.run(OfPart { weights, unit, counts: &counts[cells] }),
        };
        add(&mut sums[part % self.classes], &more);
    }
}

/// Add sums to others.
pub fn add(sums: &mut Sums, more: &Sums) {
    for (sum, more) in sums.as_flattened_mut().iter_mut().zip(more.as_flattened()) {
        *sum += more;
    }
}

/// Where a cell goes.
struct Place {
    part: usize,
    unit: u32,
}

/// What cells have, by parts that begin where `starts` says; those of a part stay in their order.
fn by_part<T: Copy + Default>(
    starts: &[usize],
    places: impl Iterator<Item = Place>,
    value: impl Fn(usize, &Place) -> T,
) -> Vec<T> {
    let mut next = starts.to_vec();
    let mut made = vec![T::default(); starts[starts.len() - 1]];
    for (i, place) in places.enumerate() {
        let at = &mut next[place.part];
        made[*at] = value(i, &place);
        *at += 1;
    }
    made
}

struct OfPart<'a, C> {
    weights: &'a [Weights],
    unit: &'a [u32],
    counts: &'a [C],
}

impl<C: Counts> Routine for OfPart<'_, C> {
    type Output = Sums;

    #[inline(always)]
    fn run<V: Vectors>(self, _: V) -> Sums {
        let mut sums = Sums::default();
        for (&unit, counts) in self.unit.iter().zip(self.counts) {
            let weights = self.weights[unit as usize].map(f64::from);
            for (sums, count) in sums.iter_mut().zip(counts.each()) {
                for (sum, weight) in sums.iter_mut().zip(weights) {
                    *sum += weight * count;
                }
            }
        }
        sums
    }
}

#[cfg(test)]
#[allow(clippy::cast_precision_loss, reason = "all numbers are far below 2^53")]
mod tests {
    use super::*;

    fn numbers(seed: u64, len: usize, below: u64) -> Vec<i64> {
        let mut state = seed;
        let next = |_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            i64::try_from((state >> 33) % below).unwrap()
        };
        (0..len).map(next).collect()
    }

    /// The naive twin: each weighting and each class by itself, in integers.
    fn naive(rows: &[Vec<u8>], classes: i64, unit: &[i64], cells: OfImages<'_>) -> Vec<Sums> {
        let of_class = |class: i64| {
            let sum = |column: &[i64], row: &[u8]| -> f64 {
                let own = (0..column.len()).filter(|&i| cells.label[i] == class);
                let unit =
                    |i: usize| usize::try_from(unit[usize::try_from(cells.image[i]).unwrap()]).unwrap();
                own.map(|i| column[i] * i64::from(row[unit(i)])).sum::<i64>() as f64
            };
            let mut sums = Sums::default();
            for (sums, column) in sums.iter_mut().zip(cells.counts) {
                for (own, row) in sums.iter_mut().zip(rows) {
                    *own = sum(column, row);
                }
            }
            sums
        };
        (0..classes).map(of_class).collect()
    }

    #[test]
    fn sums_are_those_of_integers_with_every_kernel() {
        for (units, largest) in
            [(1, 1 << 20), (3, 1 << 32), (100, 1 << 20), (1_000, 1 << 33), (70_000, 1 << 9)]
        {
            for (images, len) in [(1, 0), (2, 1), (7, 30), (1_500, 4_000)] {
                let unit = numbers(3, images, units);
                let image = numbers(8, len, u64::try_from(images).unwrap());
                let label = numbers(9, len, 9);
                let counts = [4, 5, 6].map(|seed| numbers(seed, len, largest));
                let counts = counts.each_ref().map(Vec::as_slice);
                let of_images = OfImages { image: &image, label: &label, counts };
                let units = usize::try_from(units).unwrap();
                let cells = Cells::new(units, &unit, 10, of_images).unwrap();
                for at_once in [1, 5, AT_ONCE] {
                    let row =
                        |seed| numbers(seed, units, 256).into_iter().map(|one| u8::try_from(one).unwrap());
                    let rows: Vec<Vec<u8>> = (0..at_once as u64).map(|seed| row(seed).collect()).collect();
                    let weights = cells.weights(&rows.iter().map(Vec::as_slice).collect::<Vec<_>>()).unwrap();
                    let expected = naive(&rows, 10, &unit, of_images);
                    for kernel in Kernel::all() {
                        let mut found = vec![Sums::default(); 10];
                        for part in 0..cells.parts() {
                            cells.add_sums(kernel, &weights, part, &mut found);
                        }
                        assert_eq!(found, expected, "{}", kernel.name());
                    }
                }
            }
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let new = |unit: &[i64], image: &[i64], label: &[i64], counts: &[i64]| {
            let cells = OfImages { image, label, counts: [&[5, 6], counts, &[5, 6]] };
            Cells::new(2, unit, 3, cells).err().map(|error| error.to_string())
        };
        assert_eq!(new(&[0, 1], &[0, 1], &[0, 2], &[5, 6]), None);
        let refused = Some(NO_FIT.to_owned());
        for unit in [&[0, 2], &[-1, 0], &[0, 1 << 32]] {
            assert_eq!(new(unit, &[0, 1], &[0, 2], &[5, 6]), refused);
        }
        for image in [&[0, 2][..], &[0, -1], &[0], &[0, 1, 1]] {
            assert_eq!(new(&[0, 1], image, &[0, 2], &[5, 6]), refused);
        }
        for label in [&[0, 3][..], &[-1, 0], &[i64::MAX, 0], &[0], &[0, 1, 2]] {
            assert_eq!(new(&[0, 1], &[0, 1], label, &[5, 6]), refused);
        }
        for counts in [&[5][..], &[5, -1], &[5, 1 << 53], &[1, 1, 1]] {
            assert_eq!(new(&[0, 1], &[0, 1], &[0, 2], counts), refused);
        }
        let cells = OfImages { image: &[0], label: &[0], counts: [&[1]; 3] };
        let cells = Cells::new(2, &[1], 1, cells).unwrap();
        assert!(cells.weights(&[&[255, 0]]).is_ok());
        assert!(cells.weights(&[&[1]]).is_err());
        assert!(cells.weights(&[&[1, 1][..]; AT_ONCE + 1]).is_err());
    }
}
