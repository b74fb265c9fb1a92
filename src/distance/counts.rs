//! Counts of points by how far they are.

use crate::pairs::sums::Sums;

/// Points with one code that are equally far from the other set, by the bits of the square of the distance.
/// Squares are not negative, so that their bits have their order.
pub(crate) type Found = ((u64, u8), u64);

/// Counts of such points.
pub(super) type Counts = Sums<(u64, u8)>;

/// Squares of distances of points without codes, most of which are different from each other: to be sorted, and counted
/// then.
pub(super) struct Squares<'a> {
    squares: Vec<u64>,
    found: &'a mut Vec<Found>,
}

/// Squares that are kept before they are counted.
const SQUARES: usize = 1 << 16;

impl<'a> Squares<'a> {
    pub(super) fn new(found: &'a mut Vec<Found>) -> Self {
        Self { squares: Vec::new(), found }
    }

    #[inline(always)]
    pub(super) fn add(&mut self, squared: f64) {
        self.squares.push(squared.to_bits());
        if self.squares.len() == SQUARES {
            self.count();
        }
    }

    /// Count those that were not counted yet.
    pub(super) fn count(&mut self) {
        self.squares.sort_unstable();
        let same = self.squares.chunk_by(|one, other| one == other);
        self.found.extend(same.map(|squares| ((squares[0], 0), squares.len() as u64)));
        self.squares.clear();
    }
}

/// Room for counts of so many points at many distances, or far fewer.
pub(super) fn room_for(points: u64) -> Counts {
    Counts::new(points.max(1).ilog2().clamp(4, MOST_PLACE_BITS))
}

/// Most places for recent distances, as a power of two.
const MOST_PLACE_BITS: u32 = 15;
