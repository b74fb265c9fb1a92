//! Exact Euclidean distances from each point of a set to the nearest one of another set, on a lattice with a
//! spacing for each dimension, as counts of squared distances.
//!
//! Sets are surfaces: few points of a large volume, most of them near to a point of the other set. So no
//! map of distances is made. Sets are bits, 64 points of a row in a word ([`points`]). Near points are found
//! for eight words at a time by shifting the other set past them in the order of distance ([`shells`]). In a
//! plane the rest reads them from distances straight up and down ([`upright`]). In a volume it looks through the
//! rows around it ([`around`]), and what that would take too long for is looked up in a tree of boxes ([`tree`]).
//!
//! A squared distance is the sum of the squares along the dimensions in their order, each of the number of
//! steps times the spacing, rounded to 64 bits at each operation: the very bits that others get who do so.

mod around;
pub(crate) mod between;
mod boxes;
mod columns;
mod counts;
mod hits;
mod leaves;
pub(crate) mod points;
pub(crate) mod shells;
mod tree;
mod upright;

use crate::error::Error;

/// What a step along each dimension measures: of the lattice (slices, rows, columns), and of the array.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Metric {
    /// Of slices, rows and columns.
    steps: [f64; 3],
    /// Which of these is the first, second and third dimension of the array.
    order: [usize; 3],
}

/// Spacings that are taken. Squares of distances in any array are far from the ends of what 64 bits hold.
const SPACINGS: std::ops::RangeInclusive<f64> = 1e-100..=1e100;

impl Metric {
    /// A metric of an array of two or three dimensions, which lie along slices, rows and columns in the order
    /// of `axes`. An array of two dimensions has one slice.
    ///
    /// # Errors
    ///
    /// [`Error::Spacing`] unless there is one positive number of sensible size for each dimension.
    pub(crate) fn new(spacing: &[f64], axes: &[usize]) -> Result<Self, Error> {
        if spacing.len() != axes.len() || !spacing.iter().all(|step| SPACINGS.contains(step)) {
            return Err(Error::Spacing { found: spacing.to_vec(), dimensions: axes.len() });
        }
        let flat = 3 - axes.len();
        // The slice that an array of two dimensions has adds the square of no steps, in front.
        let (mut steps, mut order) = ([1.0; 3], [0; 3]);
        for (place, &axis) in axes.iter().enumerate() {
            steps[flat + place] = spacing[axis];
            order[flat + axis] = flat + place;
        }
        Ok(Self { steps, order })
    }

    /// The square of the distance between points that are so many slices, rows and columns apart.
    pub(crate) fn squared(&self, apart: [u32; 3]) -> f64 {
        let square = |place: usize| {
            let along = f64::from(apart[place]) * self.steps[place];
            along * along
        };
        let [first, second, third] = self.order.map(square);
        first + second + third
    }

    /// What a step along slices, rows and columns measures.
    pub(crate) fn steps(&self) -> [f64; 3] {
        self.steps
    }

    /// Something for slices, rows and columns in the order of the dimensions of the array.
    pub(crate) fn in_order<T: Copy>(&self, of: [T; 3]) -> [T; 3] {
        self.order.map(|place| of[place])
    }
}

#[cfg(test)]
mod tests;
