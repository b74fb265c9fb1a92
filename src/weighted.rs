//! Sums of the counts of cells, weighted in many ways at once.
//!
//! A cell is what one unit has of one class. Resamples weight units, and all sums of a class are needed for
//! each of them: a product of a matrix of weights with one of counts that is nearly empty. Cells lie class by
//! class, and in each by units, and so few weightings are done at once that the sums of a class stay in
//! registers while its cells come from memory one after the other.
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
trait Counts: Copy {
    fn each(self) -> [f64; 3];
}

impl Counts for [u32; 3] {
    #[inline(always)]
    fn each(self) -> [f64; 3] {
        self.map(f64::from)
    }
}

impl Counts for [f64; 3] {
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

/// Cells, class by class.
pub struct Cells {
    /// Where the cells of each class begin, and where those of the last one end.
    starts: Vec<usize>,
    unit: Vec<u32>,
    counts: Columns,
    units: usize,
}

const NO_FIT: &str = "cells do not fit together";

impl Cells {
    /// Cells of `units` units: `starts` are places where those of each class begin, and the number of all.
    ///
    /// # Errors
    ///
    /// [`Error::BadRows`] if columns differ in length, places do not rise to it, a unit is not below `units` or
    /// a count is below 0, or 2^53 or more.
    pub fn new(units: usize, starts: &[i64], unit: &[i64], counts: [&[i64]; 3]) -> Result<Self, Error> {
        let refused = || Error::BadRows(NO_FIT);
        let places = starts.iter().map(|&start| usize::try_from(start)).collect::<Result<Vec<_>, _>>();
        let starts = places.map_err(|_| refused())?;
        let ends = starts.first() == Some(&0) && starts.last() == Some(&unit.len()) && starts.is_sorted();
        if !ends || counts.iter().any(|column| column.len() != unit.len()) {
            return Err(refused());
        }
        let known = |&unit: &i64| u32::try_from(unit).ok().filter(|&unit| (unit as usize) < units);
        let unit = unit.iter().map(known).collect::<Option<Vec<_>>>().ok_or_else(refused)?;
        let each = || (0..unit.len()).map(|i| counts.map(|column| column[i]));
        if each().flatten().any(|count| !(0..1 << 53).contains(&count)) {
            return Err(refused());
        }
        let narrow: Option<Vec<_>> = each()
            .map(|cell| {
                let [a, b, c] = cell.map(u32::try_from);
                Some([a.ok()?, b.ok()?, c.ok()?])
            })
            .collect();
        #[allow(clippy::cast_precision_loss, reason = "they are below 2^53")]
        let counts = match narrow {
            Some(narrow) => Columns::Narrow(narrow),
            None => Columns::Wide(each().map(|cell| cell.map(|count| count as f64)).collect()),
        };
        Ok(Self { starts, unit, counts, units })
    }

    /// How many classes there are.
    #[must_use]
    pub fn classes(&self) -> usize {
        self.starts.len() - 1
    }

    /// Weights by unit from rows of them, at most [`AT_ONCE`], one for each weighting.
    ///
    /// # Errors
    ///
    /// [`Error::BadRows`] if there are more rows, one has not a weight for each unit, or a weight is no whole
    /// number up to 255.
    pub fn weights(&self, rows: &[&[f64]]) -> Result<Vec<Weights>, Error> {
        let refused = || Error::BadRows("weights are not whole numbers up to 255, one for each unit");
        if rows.len() > AT_ONCE || rows.iter().any(|row| row.len() != self.units) {
            return Err(refused());
        }
        let mut made = vec![[0; AT_ONCE]; self.units];
        let mut whole = true;
        for (place, row) in rows.iter().enumerate() {
            for (own, &weight) in made.iter_mut().zip(*row) {
                #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "compared below")]
                let small = weight as u8;
                whole &= f64::from(small).to_bits() == weight.to_bits();
                own[place] = small;
            }
        }
        if whole { Ok(made) } else { Err(refused()) }
    }

    /// Sums of a class, with weights that [`Cells::weights`] made.
    ///
    /// # Panics
    ///
    /// If there is no such class.
    #[must_use]
    pub fn sums(&self, kernel: Kernel, weights: &[Weights], class: usize) -> Sums {
        let cells = self.starts[class]..self.starts[class + 1];
        let unit = &self.unit[cells.clone()];
        match &self.counts {
            Columns::Narrow(counts) => kernel.run(OfClass { weights, unit, counts: &counts[cells] }),
            Columns::Wide(counts) => kernel.run(OfClass { weights, unit, counts: &counts[cells] }),
        }
    }
}

struct OfClass<'a, C> {
    weights: &'a [Weights],
    unit: &'a [u32],
    counts: &'a [C],
}

impl<C: Counts> Routine for OfClass<'_, C> {
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
    fn naive(rows: &[Vec<f64>], starts: &[i64], unit: &[i64], counts: &[Vec<i64>; 3]) -> Vec<Sums> {
        let mut made = vec![Sums::default(); starts.len() - 1];
        for (class, sums) in made.iter_mut().enumerate() {
            for (sums, column) in sums.iter_mut().zip(counts) {
                for (sum, row) in sums.iter_mut().zip(rows) {
                    let cells = starts[class]..starts[class + 1];
                    #[allow(clippy::cast_possible_truncation, reason = "weights are whole and small")]
                    let total: i64 = cells
                        .map(|i| usize::try_from(i).unwrap())
                        .map(|i| column[i] * row[usize::try_from(unit[i]).unwrap()] as i64)
                        .sum();
                    *sum = total as f64;
                }
            }
        }
        made
    }

    #[test]
    fn sums_are_those_of_integers_with_every_kernel() {
        for (units, largest) in [(1, 1 << 20), (3, 1 << 32), (100, 1 << 20), (1_000, 1 << 33)] {
            for most in [0, 1, 7, 500] {
                let lengths = numbers(most, 9, most + 1);
                let mut starts = vec![0];
                for length in lengths {
                    starts.push(starts[starts.len() - 1] + length);
                }
                let len = usize::try_from(starts[9]).unwrap();
                let unit = numbers(3, len, units);
                let counts = [4, 5, 6].map(|seed| numbers(seed, len, largest));
                let columns = counts.each_ref().map(Vec::as_slice);
                let units = usize::try_from(units).unwrap();
                let cells = Cells::new(units, &starts, &unit, columns).unwrap();
                for at_once in [1, 5, AT_ONCE] {
                    let rows: Vec<Vec<f64>> = (0..at_once as u64)
                        .map(|seed| numbers(seed, units, 256).into_iter().map(|one| one as f64).collect())
                        .collect();
                    let weights = cells.weights(&rows.iter().map(Vec::as_slice).collect::<Vec<_>>()).unwrap();
                    let expected = naive(&rows, &starts, &unit, &counts);
                    for kernel in Kernel::all() {
                        let found: Vec<Sums> =
                            (0..9).map(|class| cells.sums(kernel, &weights, class)).collect();
                        assert_eq!(found, expected, "{}", kernel.name());
                    }
                }
            }
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let new = |starts: &[i64], unit: &[i64], counts: &[i64]| {
            Cells::new(2, starts, unit, [counts; 3]).err().map(|error| error.to_string())
        };
        assert_eq!(new(&[0, 1, 2], &[0, 1], &[5, 6]), None);
        let refused = Some(NO_FIT.to_owned());
        for starts in [&[][..], &[0], &[1, 2], &[0, 1], &[0, 3], &[0, 2, 1, 2], &[-1, 2]] {
            assert_eq!(new(starts, &[0, 1], &[5, 6]), refused);
        }
        for unit in [&[0][..], &[0, 2], &[0, -1], &[0, 1 << 32]] {
            assert_eq!(new(&[0, 2], unit, &[5, 6]), refused);
        }
        for counts in [&[5][..], &[5, -1], &[5, 1 << 53]] {
            assert_eq!(new(&[0, 2], &[0, 1], counts), refused);
        }
        let cells = Cells::new(2, &[0, 1], &[1], [&[1]; 3]).unwrap();
        assert!(cells.weights(&[&[255.0, 0.0]]).is_ok());
        for row in [&[1.0][..], &[0.5, 1.0], &[256.0, 1.0], &[-1.0, 1.0], &[f64::NAN, 1.0], &[-0.0, 1.0]] {
            assert!(cells.weights(&[row]).is_err(), "{row:?}");
        }
        assert!(cells.weights(&[&[1.0, 1.0][..]; AT_ONCE + 1]).is_err());
    }
}
