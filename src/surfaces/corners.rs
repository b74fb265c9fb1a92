//! Surfaces by their area: corners between voxels of which some are of a label and some are not, of all
//! labels at once.
//!
//! A corner touches 4 voxels in two dimensions and 8 in three; outside the image nothing is of any label. The
//! code of a corner says which of them are of the label: its highest bit stands for the voxel before the corner
//! along all dimensions, its lowest one for that behind along all, as in the tables of areas that others have
//! [Nikolov 2021]. How large the surface is there depends on the code and the spacing, and is nobody's business
//! here.

use super::finds::{Element, Scan, place};
use super::lines::{Codes, WORD};
use crate::cpu::Vectors;
use crate::distance::Metric;
use crate::error::{Error, look};
use crate::pixels::Code;

/// Voxels between two looks at whether to stop.
const PIECE: usize = 1 << 18;

/// Corners between voxels of which some are of a label. There is one more slice of them than of voxels.
pub(super) struct Corners {
    unlike: Unlike,
    mixed: Vec<u64>,
}

/// Lines that meet at corners: before or behind along slices, and along rows.
const AROUND: [[usize; 2]; 4] = [[0, 0], [0, 1], [1, 0], [1, 1]];

impl Element for Corners {
    fn new(len: usize) -> Self {
        let words = (len + 1).div_ceil(WORD);
        Self { unlike: Unlike::new(words), mixed: vec![0; words] }
    }

    #[inline(always)]
    fn begin<C: Code, V: Vectors>(&mut self, _: V, _: &mut Scan<'_, '_, C>, _: usize) {
        // Slices of corners lie between two of voxels, the second of which is looked at when it is passed.
    }

    #[inline(always)]
    fn pass<C: Code, V: Vectors>(
        &mut self,
        vectors: V,
        scan: &mut Scan<'_, '_, C>,
        slice: usize,
        stop: &mut dyn FnMut() -> bool,
    ) -> Result<(), Error> {
        let Scan { lines, tall, void, labels, before, here, since, .. } = scan;
        let Self { unlike, mixed } = self;
        let (tall, rows, slices) = (*tall, lines.rows(), lines.slices());
        lines.hold(slice.saturating_sub(1)..slices.min(slice + 1));
        let behind = Some(slice).filter(|&slice| slice < slices);
        here.look(vectors, lines, behind, labels.unwanted(), void.as_mut());
        // In two dimensions both lines of a slice are the same.
        for row in if tall { 0..rows + 1 } else { 1..2 } {
            *since += lines.len();
            if *since >= PIECE {
                *since = 0;
                look(stop)?;
            }
            let around =
                AROUND.map(|[deep, high]| ([&*before, &*here][deep], row + high * usize::from(tall)));
            let Some(&(first, at)) = around.iter().find(|(slice, row)| slice.plane.busy[*row]) else {
                continue;
            };
            let own = around.map(|(slice, row)| slice.plane.row(row));
            if let Some(code) = first.only[at]
                && around.iter().all(|(slice, row)| slice.may_be(*row, code))
            {
                // Bits alone say what is of the label.
                let Some(set) = labels.surface(code)? else { continue };
                write_mixed::<false>(own, unlike, mixed);
                for (word, _) in mixed.iter().enumerate().filter(|(_, mixed)| **mixed != 0) {
                    let (planes, partly) = around_corners(own.map(|own| [own[word], own[word + 1]]));
                    set.points.push(place(tall, slice, row, word), partly);
                    set.codes.push(codes(planes));
                }
                continue;
            }
            let mut near = [None; 4];
            for (near, ((plane, row), [deep, _])) in near.iter_mut().zip(around.into_iter().zip(AROUND)) {
                *near = plane.plane.busy[row].then(|| lines.line(slice + deep - 1, row - 1));
            }
            // Corners of voxels of which some are nothing are known.
            if let [Some(one), Some(two), Some(three), Some(four)] = near {
                unlike.look(vectors, four, [one, two, three]);
            }
            write_mixed::<true>(own, unlike, mixed);
            for (word, &mixed) in mixed.iter().enumerate().filter(|(_, mixed)| **mixed != 0) {
                let own = own.map(|own| [own[word] & LAST, own[word + 1]]);
                let beside = [mixed << (WORD - 1), mixed | mixed >> 1];
                let mut rest = own.map(|own| [own[0] & beside[0], own[1] & beside[1]]);
                while let Some(code) = take(&near, word, &mut rest) {
                    let of_code = of_label(vectors, &near, code, word, own);
                    for (rest, of_code) in rest.iter_mut().flatten().zip(of_code.iter().flatten()) {
                        *rest &= !of_code;
                    }
                    let (planes, partly) = around_corners(of_code);
                    if partly != 0
                        && let Some(set) = labels.surface(code)?
                    {
                        set.points.push(place(tall, slice, row, word), partly);
                        set.codes.push(codes(planes));
                    }
                }
            }
        }
        std::mem::swap(before, here);
        Ok(())
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
        line.write_unlike(vectors, others, &mut self.next[1..=words], &mut self.others[1..=words]);
    }
}

/// Find the corners of a row whose voxels are not all alike, by bits of the voxels of each line around, and by
/// where their labels differ if these lines have several, and all of them are of interest.
#[inline(always)]
fn write_mixed<const SEVERAL: bool>(own: [&[u64]; 4], unlike: &Unlike, mixed: &mut [u64]) {
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
        if !SEVERAL {
            mixed[word] = any & !all;
            continue;
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

/// Voxels around corners, in the order of lines and along them: of each the corners that it is at, as bits; and the
/// corners of which some voxels are of a label and some are not.
#[inline(always)]
fn around_corners(voxels: Voxels) -> ([u64; 8], u64) {
    let (mut planes, mut any, mut all) = ([0; 8], 0, u64::MAX);
    for line in 0..4 {
        let [before, here] = voxels[line];
        let last = here << 1 | before >> (WORD - 1);
        planes[2 * line] = last;
        planes[2 * line + 1] = here;
        any |= last | here;
        all &= last & here;
    }
    (planes, any & !all)
}

/// The code of each corner, whose bits are in as many planes, the lowest first.
#[inline(always)]
fn codes(planes: [u64; 8]) -> [u8; WORD] {
    let mut eights = [0; 8];
    for (at, eight) in eights.iter_mut().enumerate() {
        *eight = u64::from_le_bytes(std::array::from_fn(|plane| planes[plane].to_le_bytes()[at]));
    }
    // Squares of eight bytes of eight bits become their mirror images, in steps of one, two and four bits.
    for eight in &mut eights {
        for (step, bits) in [(7, 0x00AA_00AA_00AA_00AA), (14, 0xCCCC_0000_CCCC), (28, 0xF0F0_F0F0)] {
            let apart = (*eight ^ *eight >> step) & bits;
            *eight ^= apart ^ apart << step;
        }
    }
    let mut codes = [0; WORD];
    for (codes, eight) in codes.as_chunks_mut::<8>().0.iter_mut().zip(eights) {
        *codes = eight.to_le_bytes();
    }
    codes
}

/// The code of corners that others know them by, for each of those that are found.
pub(super) fn known_codes(metric: &Metric, tall: bool) -> [u8; 256] {
    let bit = |[deep, high]: [usize; 2], along: usize| {
        let offset = if tall { [deep, high, along] } else { [0, deep, along] };
        let [first, second, third] = metric.in_order(offset);
        let last = if tall { 7 } else { 3 };
        last - (first << 2 | second << 1 | third)
    };
    std::array::from_fn(|found| {
        let voxels = AROUND.iter().flat_map(|&line| [bit(line, 0), bit(line, 1)]).enumerate();
        voxels.fold(0, |code, (voxel, bit)| code | u8::from(found >> voxel & 1 == 1) << bit)
    })
}
