//! Surfaces by their area: corners between voxels of which some are of a label and some are not, of all
//! labels at once.
//!
//! A corner touches 4 voxels in two dimensions and 8 in three; outside the image nothing is of any label. The
//! code of a corner says which of them are of the label: its highest bit stands for the voxel before the corner
//! along all dimensions, its lowest one for that behind along all, as in the tables of areas that others have
//! [Nikolov 2021]. How large the surface is there depends on the code and the spacing, and is nobody's business
//! here.

use std::ops::Range;

use super::any::with_lines;
use super::edges::{Seen, place};
use super::labels::{Labels, Surfaces, Wanted};
use super::lines::{Codes, Lines, WORD};
use super::planes::Plane;
use super::void::Void;
use crate::cpu::{Kernel, Routine, Vectors};
use crate::distance::Metric;
use crate::error::{Error, look};
use crate::pixels::Code;

/// Voxels between two looks at whether to stop.
const PIECE: usize = 1 << 18;

/// Find the corners of each label that is wanted, in some slices of corners, of which there is one more than of
/// voxels.
///
/// # Errors
///
/// [`Error::LabelTooLarge`], [`Error::TooManyLabels`] and [`Error::Cancelled`].
pub(super) fn find(
    kernel: Kernel,
    seen: Seen<'_, '_>,
    metric: &Metric,
    slices: Range<usize>,
    wanted: &Wanted,
    stop: &mut dyn FnMut() -> bool,
) -> Result<Surfaces, Error> {
    let Seen { side, lines, tall, void } = seen;
    with_lines!(lines, lines => {
        let labels = Labels::new(side, lines.dtype(), wanted);
        kernel.run(Find { lines, tall, void, metric, slices, labels, stop })
    })
}

struct Find<'a, 'b, 'c, C> {
    lines: &'b mut Lines<'a, C>,
    tall: bool,
    void: Option<Void<'a, 'b>>,
    metric: &'c Metric,
    slices: Range<usize>,
    labels: Labels<C>,
    stop: &'c mut dyn FnMut() -> bool,
}

/// Lines that meet at corners: before or behind along slices, and along rows.
const AROUND: [[usize; 2]; 4] = [[0, 0], [0, 1], [1, 0], [1, 1]];

impl<C: Code> Routine for Find<'_, '_, '_, C> {
    type Output = Result<Surfaces, Error>;

    #[inline(always)]
    fn run<V: Vectors>(self, vectors: V) -> Self::Output {
        let Self { lines, tall, mut void, metric, slices: range, mut labels, stop } = self;
        let (rows, slices) = (lines.rows(), lines.slices());
        let (order, words) = (Order::new(metric, tall), (lines.len() + 1).div_ceil(WORD));
        let [mut before, mut here] = [Plane::default(), Plane::default()];
        lines.hold(range.start.saturating_sub(1)..slices.min(range.start + 1));
        before.look(vectors, lines, range.start.checked_sub(1), None, void.as_mut());
        let (mut unlike, mut mixed, mut since) = (Unlike::new(words), vec![0; words], 0);
        for slice in range {
            lines.hold(slice.saturating_sub(1)..slices.min(slice + 1));
            let behind = Some(slice).filter(|&slice| slice < slices);
            here.look(vectors, lines, behind, labels.unwanted(), void.as_mut());
            // In two dimensions both lines of a slice are the same.
            for row in if tall { 0..rows + 1 } else { 1..2 } {
                since += lines.len();
                if since >= PIECE {
                    since = 0;
                    look(stop)?;
                }
                let near = AROUND.map(|[deep, high]| {
                    let row = if tall { row + high } else { row };
                    let plane = [&before, &here][deep];
                    let line = plane.busy[row].then(|| lines.line(slice + deep - 1, row - 1));
                    (line, plane.row(row))
                });
                let (near, own) = (near.map(|(line, _)| line), near.map(|(_, own)| own));
                match near {
                    [None, None, None, None] => continue,
                    [Some(one), Some(two), Some(three), Some(four)] => {
                        unlike.look(vectors, four, [one, two, three]);
                    }
                    // Corners of voxels of which some are nothing are known.
                    _ => (),
                }
                write_mixed(own, &unlike, &mut mixed);
                for (word, &mixed) in mixed.iter().enumerate().filter(|(_, mixed)| **mixed != 0) {
                    let own = own.map(|own| [own[word] & LAST, own[word + 1]]);
                    let beside = [mixed << (WORD - 1), mixed | mixed >> 1];
                    let mut rest = own.map(|own| [own[0] & beside[0], own[1] & beside[1]]);
                    while let Some(code) = take(&near, word, &mut rest) {
                        let of_code = of_label(vectors, &near, code, word, own);
                        for (rest, of_code) in rest.iter_mut().flatten().zip(of_code.iter().flatten()) {
                            *rest &= !of_code;
                        }
                        let (planes, partly) = order.of(of_code);
                        if partly != 0
                            && let Some(set) = labels.surface(code)?
                        {
                            set.points.push(place(tall, slice, row, word), partly);
                            set.codes.push(planes);
                        }
                    }
                }
            }
            std::mem::swap(&mut before, &mut here);
        }
        Ok(labels.into_surfaces())
    }
}

/// Where labels of lines around a row of corners differ, after a word for what is before the row.
struct Unlike {
    /// From the next one of its line.
    next: Vec<u64>,
    /// From that at the same place of another line.
    others: Vec<u64>,
}

impl Unlike {
    fn new(words: usize) -> Self {
        Self { next: vec![0; words + 1], others: vec![0; words + 1] }
    }

    #[inline(always)]
    fn look<C: Code, V: Vectors>(&mut self, vectors: V, line: Codes<'_, C>, others: [Codes<'_, C>; 3]) {
        let words = line.len().div_ceil(WORD);
        line.write_unlike_next(vectors, &mut self.next[1..=words]);
        line.write_unlike(vectors, others, &mut self.others[1..=words]);
    }
}

/// Find the corners of a row whose voxels are not all alike, by bits of the voxels of each line around, and by
/// where their labels differ if all of these lines are of interest.
#[inline(always)]
fn write_mixed(own: [&[u64]; 4], unlike: &Unlike, mixed: &mut [u64]) {
    let words = mixed.len();
    let (own, before) = (own.map(|own| &own[1..=words]), own.map(|own| &own[..words]));
    let Unlike { next, others } = unlike;
    let [next_before, others_before] = [next, others].map(|unlike| &unlike[..words]);
    let [next, others] = [next, others].map(|unlike| &unlike[1..=words]);
    for word in 0..words {
        let (mut any, mut all) = (0, u64::MAX);
        for line in 0..4 {
            let here = own[line][word];
            let last = here << 1 | before[line][word] >> (WORD - 1);
            any |= here | last;
            all &= here & last;
        }
        let along = next[word] << 1 | next_before[word] >> (WORD - 1);
        let across = others[word] | others[word] << 1 | others_before[word] >> (WORD - 1);
        mixed[word] = any & (!all | along | across);
    }
}

/// The last voxel of a word.
const LAST: u64 = 1 << (WORD - 1);

/// The lines around a row of corners, as far as they are of interest.
type Near<'a, C> = [Option<Codes<'a, C>>; 4];

/// Voxels of four lines: of each the last one of the word before, and those of a word.
type Voxels = [[u64; 2]; 4];

/// The label of one of some voxels, which is taken out of them; `None` if there are none.
#[inline(always)]
fn take<C: Code>(near: &Near<'_, C>, word: usize, rest: &mut Voxels) -> Option<C> {
    for (line, rest) in near.iter().zip(rest) {
        let Some(line) = line else { continue };
        if rest[1] != 0 {
            let bit = rest[1].trailing_zeros();
            rest[1] &= rest[1] - 1;
            return Some(line.at(word * WORD + bit as usize));
        }
        if rest[0] != 0 {
            rest[0] = 0;
            return Some(line.at(word * WORD - 1));
        }
    }
    None
}

/// Those of some voxels that are of a label.
#[inline(always)]
fn of_label<C: Code, V: Vectors>(
    vectors: V,
    near: &Near<'_, C>,
    code: C,
    word: usize,
    own: Voxels,
) -> Voxels {
    std::array::from_fn(|line| {
        let (Some(near), [before, here]) = (near[line], own[line]) else { return [0; 2] };
        let before = if before != 0 && near.at(word * WORD - 1) == code { before } else { 0 };
        [before, if here != 0 { here & near.equal_to(vectors, code, word) } else { 0 }]
    })
}

/// Which bit of a code stands for which voxel.
struct Order {
    /// For each of the lines around a corner: the bit of the voxel before it, and of that behind.
    bits: [[usize; 2]; 4],
}

impl Order {
    fn new(metric: &Metric, tall: bool) -> Self {
        let bit = |[deep, high]: [usize; 2], along: usize| {
            let offset = if tall { [deep, high, along] } else { [0, deep, along] };
            let [first, second, third] = metric.in_order(offset);
            let last = if tall { 7 } else { 3 };
            last - (first << 2 | second << 1 | third)
        };
        Self { bits: AROUND.map(|line| [bit(line, 0), bit(line, 1)]) }
    }

    /// Planes of the bits of codes, and the corners of which some voxels are of a label and some are not, from
    /// the voxels that are.
    #[inline(always)]
    fn of(&self, voxels: Voxels) -> ([u64; 8], u64) {
        let (mut planes, mut any, mut all) = ([0; 8], 0, u64::MAX);
        for ([last, here], bits) in voxels.into_iter().zip(self.bits) {
            for (bit, voxels) in bits.into_iter().zip([here << 1 | last >> (WORD - 1), here]) {
                planes[bit] = voxels;
                any |= voxels;
                all &= voxels;
            }
        }
        (planes, any & !all)
    }
}
