//! Points in leaves: those of 4 x 4 x 4 steps together, in an order in which what is near to each other mostly comes
//! soon after each other.

use std::ops::Range;

use super::Metric;
use super::columns::{Columns, Layout, ROWS};
use super::points::Word;
use crate::cpu::{EIGHT, SIXTEEN};
use crate::error::{Error, look};

/// Slices and rows of a leaf, and its columns.
const SIDE: usize = 4;

/// Leaves of a cube along each dimension.
const LEAVES: usize = 4;

/// Slices and rows of a cube, and its columns, of which a word has four times as many.
const CUBE: usize = SIDE * LEAVES;

/// The leaves of a cube in the order of a curve that fills space.
const CURVE: [[usize; 3]; LEAVES * LEAVES * LEAVES] = {
    let mut places = [[0; 3]; LEAVES * LEAVES * LEAVES];
    let mut at = 0;
    while at < places.len() {
        // Bits of a place along each dimension: the higher one of each comes first.
        places[at] = [at >> 4 & 2 | at >> 2 & 1, at >> 3 & 2 | at >> 1 & 1, at >> 2 & 2 | at & 1];
        at += 1;
    }
    places
};

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

/// Words between two looks at whether to stop.
const TURNS: usize = 1 << 16;

/// Eight points: for each dimension of the array, in its order. The last ones of a leaf end with copies of its last
/// point.
pub(super) type Lanes = [[f64; EIGHT]; 3];

/// Points of 4 x 4 x 4 steps.
#[derive(Clone, Copy)]
pub(super) struct Leaf {
    /// The lowest place, as slice, row and column.
    corner: [u32; 3],
    /// Four columns of each row, for four rows of each slice, the first ones lowest.
    bits: u64,
}

/// A leaf without points.
pub(super) const NO_LEAF: Leaf = Leaf { corner: [0; 3], bits: 0 };

impl Leaf {
    /// The lowest and the highest places of its points, if there are any.
    pub(super) fn bounds(&self) -> Option<[[u32; 3]; 2]> {
        if self.bits == 0 {
            return None;
        }
        // Which columns there are in any row, which rows in any slice, and which slices.
        let rows = (self.bits | self.bits >> 32) & 0xffff_ffff;
        let rows = (rows | rows >> 16) & 0xffff;
        let columns = (rows | rows >> 8) & 0xff;
        let columns = (columns | columns >> SIDE) & 15;
        let low = [self.bits.trailing_zeros() / 16, rows.trailing_zeros() / 4, columns.trailing_zeros()];
        let high = [self.bits.ilog2() / 16, rows.ilog2() / 4, columns.ilog2()];
        Some([low, high].map(|edge| std::array::from_fn(|axis| self.corner[axis] + edge[axis])))
    }

    /// Number of its points in eights, of which the last ones may be copies.
    #[inline(always)]
    pub(super) fn eights(&self) -> usize {
        (self.bits.count_ones() as usize).div_ceil(EIGHT)
    }

    /// Write the points behind others.
    pub(super) fn write(&self, metric: &Metric, out: &mut Vec<Lanes>) {
        let (mut places, mut rest) = ([[0.0; EIGHT]; 3], self.bits);
        let mut count = 0;
        while rest != 0 {
            let bit = rest.trailing_zeros();
            rest &= rest - 1;
            let [slice, row, column] = self.corner;
            let place = [slice + bit / 16, row + bit / 4 % 4, column + bit % 4];
            for (places, along) in places.iter_mut().zip(place) {
                places[count] = along.into();
            }
            count += 1;
            if rest == 0 {
                for places in &mut places {
                    let last = places[count - 1];
                    places[count..].fill(last);
                }
                count = EIGHT;
            }
            if count == EIGHT {
                out.push(metric.in_order(places));
                count = 0;
            }
        }
    }
}

/// The leaves of points in columns.
///
/// # Errors
///
/// [`Error::Cancelled`].
pub(super) fn of_columns(
    layout: &Layout,
    points: &Columns,
    stop: &mut dyn FnMut() -> bool,
) -> Result<Vec<Leaf>, Error> {
    let [slices, rows, columns] = layout.size();
    let (mut leaves, mut cubes) = (Vec::new(), Vec::new());
    for slice in (0..slices).step_by(CUBE) {
        for row in (0..rows).step_by(CUBE) {
            look(stop)?;
            for word in 0..columns / u64::BITS as usize {
                let mut words = [[0; CUBE]; CUBE];
                for (at, words) in words.iter_mut().enumerate().take(slices - slice) {
                    for part in (0..CUBE.min(rows - row)).step_by(ROWS) {
                        words[part..part + ROWS]
                            .copy_from_slice(points.rows(layout, [slice + at, row + part, word]));
                    }
                }
                add_cubes(&words, layout.corner([slice, row, word]), &mut leaves, &mut cubes);
            }
        }
    }
    // Cubes in the order of the same curve.
    cubes.sort_unstable_by_key(|&(code, _)| code);
    Ok(in_sixteens(cubes.into_iter().map(|(_, cube)| &leaves[cube])))
}

/// Leaves of cubes, sixteen by sixteen, none of which are in more than one cube.
fn in_sixteens<'a>(cubes: impl Iterator<Item = &'a [Leaf]>) -> Vec<Leaf> {
    let mut leaves = Vec::new();
    for cube in cubes {
        let parts = cube.len().div_ceil(SIXTEEN);
        for part in 0..parts {
            let some = &cube[cube.len() * part / parts..cube.len() * (part + 1) / parts];
            leaves.extend_from_slice(some);
            leaves.resize(leaves.len() + SIXTEEN - some.len(), NO_LEAF);
        }
    }
    leaves
}

/// Add cubes that lie side by side, of which the lowest place is given, and a word of each row: which leaves are in
/// each of them, and where it is on the curve.
fn add_cubes(
    words: &[[u64; CUBE]; CUBE],
    corner: [u32; 3],
    leaves: &mut Vec<Leaf>,
    cubes: &mut Vec<(u64, Range<usize>)>,
) {
    let mut any = [[0; LEAVES]; LEAVES];
    for (slice, words) in words.iter().enumerate() {
        for (row, word) in words.iter().enumerate() {
            any[slice / SIDE][row / SIDE] |= word;
        }
    }
    if any == [[0; LEAVES]; LEAVES] {
        return;
    }
    for cube in (0..u64::BITS as usize).step_by(CUBE) {
        let start = leaves.len();
        for [slice, row, column] in CURVE {
            let shift = cube + column * SIDE;
            if (any[slice][row] >> shift).trailing_zeros() >= 4 {
                continue;
            }
            let [first, above] = [slice, row].map(|at| at * SIDE);
            let words = words[first..first + SIDE].iter().flat_map(|words| &words[above..above + SIDE]);
            let bits = words.rev().fold(0, |bits, word| bits << SIDE | word >> shift & 15);
            #[allow(clippy::cast_possible_truncation, reason = "places of a cube")]
            let within = [first, above, shift].map(|at| at as u32);
            leaves.push(Leaf { corner: std::array::from_fn(|axis| corner[axis] + within[axis]), bits });
        }
        if let Some(leaf) = leaves.get(start) {
            cubes.push((curve(leaf.corner.map(|at| at / 16)), start..leaves.len()));
        }
    }
}

/// The leaves of the points of words, each of which comes once.
///
/// # Errors
///
/// [`Error::Cancelled`].
pub(super) fn of_words(words: &[Word], stop: &mut dyn FnMut() -> bool) -> Result<Vec<Leaf>, Error> {
    let mut rows = Vec::new();
    for (turn, Word { place: [slice, row, word], bits }) in words.iter().enumerate() {
        if turn % TURNS == 0 {
            look(stop)?;
        }
        for part in (0..16).filter(|part| bits >> (4 * part) & 15 != 0) {
            let place = [slice / 4, row / 4, word * 16 + part];
            rows.push((curve(place), place, (bits >> (4 * part) & 15) << (slice % 4 * 16 + row % 4 * 4)));
        }
    }
    look(stop)?;
    rows.sort_unstable();
    let leaf = |rows: &[(u64, [u32; 3], u64)]| Leaf {
        corner: rows[0].1.map(|at| 4 * at),
        bits: rows.iter().fold(0, |bits, row| bits | row.2),
    };
    let leaves: Vec<Leaf> = rows.chunk_by(|one, other| one.1 == other.1).map(leaf).collect();
    let cube = |leaf: &Leaf| leaf.corner.map(|at| at / 16);
    Ok(in_sixteens(leaves.chunk_by(|one, other| cube(one) == cube(other))))
}
