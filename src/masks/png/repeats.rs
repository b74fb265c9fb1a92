//! Filters are undone block by block, and rows that repeat are not written again.
//!
//! Masks repeat: four of five blocks of 64 labels equal those of the row above at 1920 x 1440. In a PNG file
//! the filtered bytes say so: where all differences of a block are zero under `Up` it is that of the row
//! above, and so it is under `Paeth` where the byte to its left is, too. Each row comes with a bit for each
//! block that may differ from the row above, and where no bit is set the row above is the row.
//!
//! `Paeth` goes by events, as `unfilter` explains, within a block; what that and counting by blocks gain
//! stands in `benches/NOTES.md`.
#![allow(unsafe_code)]

use super::paeth::paeth;
use super::unfilter::SLACK;
use crate::cpu::{Kernel, Routine, Vectors, WIDTH};
use crate::pixels::blocks::{Block, BlockRows, HIGHEST};

/// Bytes of the rows of a band, if all of them change.
const BAND: usize = 1 << 16;

/// The rows of a band, in memory that is kept from one mask to the next.
#[derive(Default)]
pub(super) struct Repeats {
    /// A spare block, the row above the band, and, after a spare block each, rows that do not repeat the one
    /// above.
    blocks: Vec<Block>,
    /// The first block of the row above the band, and of each row.
    starts: Vec<u32>,
    changed: Vec<u64>,
}

/// Rows of a band of this width.
pub(super) fn rows_of_band(width: usize) -> usize {
    (BAND / (WIDTH * width.div_ceil(WIDTH))).clamp(1, HIGHEST)
}

impl Repeats {
    /// Begin a mask.
    pub(super) fn begin(&mut self, width: usize) {
        let across = width.div_ceil(WIDTH);
        let need = (across + 1) * (rows_of_band(width) + 1);
        if self.blocks.len() < need {
            self.blocks.resize(need, Block::of(0));
        }
        self.blocks[..=across].fill(Block::of(0));
        self.starts.clear();
        self.starts.push(1);
    }

    /// Copy the last row that was undone.
    pub(super) fn copy_last(&self, row: &mut [u8]) {
        let start = *self.starts.last().expect("a row") as usize;
        for (part, block) in row.chunks_mut(WIDTH).zip(&self.blocks[start..]) {
            part.copy_from_slice(&block.0[..part.len()]);
        }
    }

    /// Undo the filters of the next rows: `filtered` holds them, and slack. There are as many as
    /// [`rows_of_band`] says, or fewer.
    pub(super) fn undo(&mut self, kernel: Kernel, width: usize, filtered: &[u8]) -> BlockRows<'_> {
        let rows = (filtered.len() - SLACK) / (width + 1);
        let across = width.div_ceil(WIDTH);
        let above = *self.starts.last().expect("a row above") as usize;
        self.blocks.copy_within(above..above + across, 1);
        self.starts.clear();
        self.starts.push(1);
        self.changed.clear();
        self.changed.resize(rows * across.div_ceil(64), 0);
        kernel.run(Undo { repeats: self, width, filtered });
        BlockRows::new(width, &self.blocks, &self.starts, &self.changed)
    }
}

struct Undo<'a, 'b> {
    repeats: &'a mut Repeats,
    width: usize,
    filtered: &'b [u8],
}

impl Routine for Undo<'_, '_> {
    type Output = ();

    #[inline(always)]
    #[allow(clippy::cast_possible_truncation, reason = "a band has far fewer blocks")]
    fn run<V: Vectors>(self, vectors: V) {
        let Self { repeats: Repeats { blocks, starts, changed }, width, filtered } = self;
        let across = width.div_ceil(WIDTH);
        let mut inside = [0; WIDTH];
        inside[..width - (across - 1) * WIDTH].fill(u8::MAX);
        let words = across.div_ceil(64);
        let (mut start, mut next) = (1, across + 2);
        for (y, changed) in changed.chunks_exact_mut(words).enumerate() {
            let (&filter, differences) = filtered[y * (width + 1)..].split_first().expect("a row");
            let differences = &differences.as_chunks::<WIDTH>().0[..across];
            let (before, row) = blocks.split_at_mut(next);
            let mut row = Row {
                vectors,
                differences,
                inside: &inside,
                above: &before[start - 1..][..=across],
                out: &mut row[..across],
                changed,
            };
            if row.undo(filter) {
                start = next;
                next += across + 1;
            }
            starts.push(start as u32);
        }
    }
}

struct Row<'a, V> {
    vectors: V,
    /// What is stored of the row, in blocks; whatever follows it is after it.
    differences: &'a [[u8; WIDTH]],
    /// Ones where the last block belongs to the row.
    inside: &'a [u8; WIDTH],
    /// A spare block, and the row above.
    above: &'a [Block],
    out: &'a mut [Block],
    changed: &'a mut [u64],
}

impl<V: Vectors> Row<'_, V> {
    /// Write the row, unless it repeats the one above; whether it does not.
    #[inline(always)]
    fn undo(&mut self, filter: u8) -> bool {
        let vectors = self.vectors;
        match filter {
            0 => self.compare(|_, _, block| block),
            1 => {
                let mut before = 0;
                self.compare(|_, _, mut block| {
                    vectors.sums(before, &mut block);
                    before = block[WIDTH - 1];
                    block
                })
            }
            2 => {
                let differs = self.differ();
                if differs {
                    for k in 0..self.out.len() {
                        let (mut block, above) = (self.difference(k), &self.above[k + 1].0);
                        for (byte, b) in block.iter_mut().zip(above) {
                            *byte = byte.wrapping_add(*b);
                        }
                        self.out[k].0 = block;
                    }
                }
                differs
            }
            3 => {
                let mut a = 0_u8;
                self.compare(|row, k, mut block| {
                    for (byte, b) in block.iter_mut().zip(row.above[k + 1].0) {
                        a = byte.wrapping_add(a.midpoint(b));
                        *byte = a;
                    }
                    block
                })
            }
            _ => {
                let differs = self.differ();
                if differs {
                    self.out.copy_from_slice(&self.above[1..]);
                    self.undo_paeth();
                }
                differs
            }
        }
    }

    /// Differences of block `k`.
    #[inline(always)]
    fn difference(&self, k: usize) -> [u8; WIDTH] {
        self.within(k, self.differences[k])
    }

    /// Block `k`, with zeros after the last label of the row.
    #[inline(always)]
    fn within(&self, k: usize, mut block: [u8; WIDTH]) -> [u8; WIDTH] {
        if k + 1 == self.out.len() {
            for (byte, inside) in block.iter_mut().zip(self.inside) {
                *byte &= inside;
            }
        }
        block
    }

    /// Set the bits of blocks, which are told by their number; whether any is.
    #[inline(always)]
    fn mark(&mut self, mut changes: impl FnMut(&mut Self, usize) -> bool) -> bool {
        let mut any = 0;
        for word in 0..self.changed.len() {
            let mut bits = 0;
            for k in 64 * word..self.out.len().min(64 * word + 64) {
                bits |= u64::from(changes(self, k)) << (k % 64);
            }
            self.changed[word] = bits;
            any |= bits;
        }
        any != 0
    }

    /// Mark the blocks whose differences are not all zero; whether any is.
    #[inline(always)]
    fn differ(&mut self) -> bool {
        self.mark(|row, k| row.vectors.not_zero(&row.difference(k)) != 0)
    }

    /// Make each block of its differences, and mark those that are not as in the row above.
    #[inline(always)]
    fn compare(&mut self, mut make: impl FnMut(&Self, usize, [u8; WIDTH]) -> [u8; WIDTH]) -> bool {
        self.mark(|row, k| {
            let block = make(row, k, row.difference(k));
            let block = row.within(k, block);
            let mut differs = block;
            for (byte, above) in differs.iter_mut().zip(row.above[k + 1].0) {
                *byte ^= above;
            }
            row.out[k].0 = block;
            row.vectors.not_zero(&differs) != 0
        })
    }

    /// Write the blocks that are marked, and those that follow while they are no copies; mark these too.
    #[inline(always)]
    #[allow(clippy::cast_possible_truncation, reason = "a word has 64 bits")]
    fn undo_paeth(&mut self) {
        let mut left = Left { byte: 0, copies: true };
        for word in 0..self.changed.len() {
            let end = (self.out.len() - 64 * word).min(64);
            let (bits, mut done) = (self.changed[word], 0_u64);
            let mut j = if left.copies { bits.trailing_zeros() as usize } else { 0 };
            while j < end {
                left = self.undo_paeth_block(64 * word + j, left);
                done |= 1 << j;
                j += 1;
                if left.copies {
                    j += bits.checked_shr(j as u32).map_or(64, u64::trailing_zeros) as usize;
                }
            }
            self.changed[word] = done;
        }
    }

    /// Block `k`, by events; what is to the left of the next one.
    #[inline(always)]
    fn undo_paeth_block(&mut self, k: usize, left: Left) -> Left {
        let vectors = self.vectors;
        let (differences, above) = (&self.differences[k], &self.above[k + 1].0);
        let not_zero = vectors.not_zero(&self.difference(k));
        // Of this block and the one before it, both of which may be read from here.
        let place = self.above[k..][..2].as_ptr().wrapping_add(1).cast::<u8>();
        // SAFETY: these are a block, and a byte before it.
        let either = not_zero | unsafe { vectors.changes(place) };
        let Left { byte: mut a, mut copies } = left;
        let mut block = if copies { *above } else { vectors.repeat(a) };
        let mut ahead = u64::MAX; // the places that no event has reached
        loop {
            if copies {
                // The prediction is b, and a difference makes another byte of it.
                let events = not_zero & ahead;
                if events == 0 {
                    break;
                }
                let at = events.trailing_zeros() as usize;
                a = differences[at].wrapping_add(above[at]);
                vectors.fill(&mut block, at, &vectors.repeat(a));
                ahead = u64::MAX << at << 1;
                copies = false;
            }
            let events = either & ahead;
            if events == 0 {
                break;
            }
            let at = events.trailing_zeros() as usize;
            // SAFETY: `at` is within the block, and a byte is before that.
            let before = unsafe { place.add(at).sub(1).read() };
            a = differences[at].wrapping_add(paeth(a, above[at], before));
            ahead = u64::MAX << at << 1;
            copies = a == above[at];
            let rest = if copies { *above } else { vectors.repeat(a) };
            vectors.fill(&mut block, at, &rest);
        }
        self.out[k].0 = self.within(k, block);
        Left { byte: a, copies }
    }
}

/// What is to the left of a block under `Paeth`.
#[derive(Clone, Copy)]
struct Left {
    /// The byte of the row, if it is not a copy.
    byte: u8,
    /// Whether it is the one above it, so that the row goes on as a copy of the one above.
    copies: bool,
}

#[cfg(test)]
#[allow(clippy::cast_possible_truncation, reason = "small numbers made here")]
mod tests {
    use super::*;
    use crate::masks::png::unfilter::unfilter;
    use crate::naive::noise;

    /// Filtered rows in which nothing, little, or everything changes, and slack; so that they begin runs,
    /// copies and events anywhere.
    fn filtered(
        width: usize,
        rows: usize,
        filters: &[u8],
        random: &mut impl FnMut(usize) -> usize,
    ) -> Vec<u8> {
        let mut out = Vec::new();
        for _ in 0..rows {
            out.push(filters[random(filters.len())]);
            let one_in = [usize::MAX, 1, 3, 40, 150][random(5)];
            out.extend((0..width).map(|_| {
                let change = one_in < usize::MAX && random(one_in) == 0;
                if change { [1, 255, 128, random(256) as u8][random(4)] } else { 0 }
            }));
        }
        out.extend([0xa5; SLACK]);
        out
    }

    /// Compare all rows, a band at a time, with those of the other way.
    fn check(kernel: Kernel, width: usize, filtered: &[u8]) {
        let rows = (filtered.len() - SLACK) / (width + 1);
        let mut expected = vec![0; (rows + 1) * width + SLACK];
        unfilter(kernel, 1, width, filtered, &mut expected);
        let mut expected = expected[width..].chunks_exact(width);
        let mut repeats = Repeats::default();
        repeats.begin(width);
        let mut y = 0;
        while y < rows {
            let now = rows_of_band(width).min(rows - y);
            let part = &filtered[y * (width + 1)..][..now * (width + 1) + SLACK];
            let band = repeats.undo(kernel, width, part);
            assert_eq!((band.width(), band.height()), (width, now));
            for row in 0..now {
                let found = band.row(row);
                assert_eq!(found, expected.next().unwrap(), "row {y} of {width} on {}", kernel.name());
                y += 1;
            }
        }
    }

    #[test]
    fn rows_are_those_of_the_other_way() {
        let mut random = noise(1);
        for kernel in crate::cpu::tested() {
            for width in (1..=200).chain([255, 256, 257, 511, 512, 4095, 4097, 4160]) {
                for filter in 0..=4 {
                    check(kernel, width, &filtered(width, 7, &[filter], &mut random));
                }
                check(kernel, width, &filtered(width, 20, &[0, 1, 2, 3, 4], &mut random));
            }
            // Several bands, of one row each at the widest.
            check(kernel, 300, &filtered(300, 900, &[1, 2, 2, 4, 4], &mut random));
            check(kernel, 1, &filtered(1, 1200, &[0, 1, 2, 3, 4], &mut random));
            check(kernel, 1 << 16, &filtered(1 << 16, 5, &[2, 4], &mut random));
        }
    }

    #[test]
    fn memory_of_the_mask_before_does_not_matter() {
        let mut random = noise(2);
        let mut repeats = Repeats::default();
        for width in [300, 64, 500, 1] {
            let filtered = filtered(width, 9, &[1, 2, 3, 4], &mut random);
            let mut expected = vec![0; 10 * width + SLACK];
            unfilter(Kernel::best(), 1, width, &filtered, &mut expected);
            repeats.begin(width);
            let band = repeats.undo(Kernel::best(), width, &filtered);
            let rows: Vec<u8> = (0..9).flat_map(|y| band.row(y)).copied().collect();
            assert_eq!(rows, expected[width..][..9 * width]);
        }
    }

    #[test]
    fn what_repeats_is_written_once() {
        let width = 200;
        let mut filtered = vec![1; 1 + width]; // a ramp, by `Sub`
        for filter in [2, 4, 2] {
            filtered.push(filter);
            filtered.extend(vec![0; width]);
        }
        filtered.extend([9; SLACK]);
        let mut repeats = Repeats::default();
        repeats.begin(width);
        let band = repeats.undo(Kernel::best(), width, &filtered);
        assert_eq!(band.changed(), [0b1111, 0, 0, 0]);
        assert_eq!(band.starts(), [1, 6, 6, 6, 6]);
    }
}
