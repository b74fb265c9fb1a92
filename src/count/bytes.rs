//! Pairs of bytes: tables of all 65,536 cells that know which of them were touched.
//!
//! # The algorithm
//!
//! Label maps are made of runs. Sixty-four pixels at a time are compared with their left neighbours,
//! in both maps at once; the bits of the result mark where the *pair* changes. The marks of a block
//! are first written down as positions, then one plain loop adds the length of each run to its cell:
//! the first step has no branch that depends on a mark, and the second one knows its length. Two
//! tables take turns, because a run may end in the cell that has just been written.
//!
//! Where most pixels are marks, as in noise, every pixel is counted on its own; if the block's
//! labels are all below 16, two at a time ([`few`](super::few)).
//!
//! Draining walks the cells that were touched, not the tables: an image touches about 70 of them.
//!
//! # Why no value can do harm
//!
//! The length of a run comes from positions, never from values, and a cell's index is made of two
//! bytes, so it is inside the table for any bytes that are read. Marks are read from memory once, and
//! what follows uses that one reading. When another thread writes to a map meanwhile, each pixel is
//! still counted once, in a cell that exists.
#![allow(unsafe_code)]

use self::blocks::BlockRuns;
use super::few::{self, FewTable};
use crate::cpu::{Kernel, Routine, SPILL, Vectors, WIDTH};
use crate::pixels::Bytes;

/// Cells of one row. Rows of 256 cells would put the same column of all rows in the same few sets of
/// the level-1 cache.
const ROW: usize = 256 + 16;
const CELLS: usize = 256 * ROW;

const PAIRS: usize = 1 << 16;

type Touched = Box<[u64; PAIRS / 64]>;

/// Pixels whose marks are written down before they are walked; their positions fit 16 bits.
const BLOCK: usize = 4096;

/// Marks of a block from which it is noise.
const NOISE: usize = BLOCK * 3 / 8;

/// Pixels at the start of a block that tell whether noise goes on.
const PROBE: usize = 4 * WIDTH;

/// A count for each pair of bytes.
pub(super) struct ByteTable {
    kernel: Kernel,
    cells: [Box<[u32; CELLS]>; 2],
    /// A bit for each pair whose cell has been written in a table.
    touched: Touched,
    /// Pairs of noise of few classes.
    few: FewTable,
    blocks: BlockRuns,
    positions: Box<[u16; BLOCK + SPILL]>,
    /// Pixels in all cells together, so that none can overflow.
    pixels: u32,
}

impl ByteTable {
    pub(super) fn new(kernel: Kernel) -> Self {
        let table = || -> Box<[u32; CELLS]> {
            vec![0; CELLS].into_boxed_slice().try_into().expect("as many cells as asked for")
        };
        Self {
            kernel,
            cells: [table(), table()],
            touched: Box::new([0; PAIRS / 64]),
            few: FewTable::new(),
            blocks: BlockRuns::default(),
            positions: Box::new([0; BLOCK + SPILL]),
            pixels: 0,
        }
    }

    /// Pixels that can be counted before the next [`ByteTable::drain`].
    pub(super) fn room(&self) -> usize {
        (u32::MAX - self.pixels) as usize
    }

    /// Count pairs of labels at the same place.
    ///
    /// # Panics
    ///
    /// If the lengths differ, or exceed [`ByteTable::room`].
    pub(super) fn count(&mut self, target: Bytes<'_>, pred: Bytes<'_>) {
        let len = target.len();
        assert!(len == pred.len() && len <= self.room(), "lines of one length that fit the table");
        if len == 0 {
            return;
        }
        // The assertion keeps the sum within 32 bits.
        self.pixels += u32::try_from(len).expect("no more than the room");
        self.kernel.run(Count { table: self, target, pred });
    }

    /// [`ByteTable::count`] with one instruction set, for lines of one length that is not zero.
    #[inline(always)]
    fn count_with<V: Vectors>(&mut self, vectors: V, target: Bytes<'_>, pred: Bytes<'_>) {
        let len = target.len();
        let (t, p) = (target.as_ptr(), pred.as_ptr());
        // SAFETY: both lines have `len` readable bytes; `at` is below `len` wherever this is called.
        let pair = |at: usize| unsafe { (t.add(at).read(), p.add(at).read()) };
        let mut run = Run { start: 0, pair: pair(0) };
        // Nothing is known yet, so the first block is probed.
        let mut noise = true;
        let mut i = 1;
        while i + WIDTH <= len {
            let end = len.min(i + BLOCK);
            let whole = i + (end - i) / WIDTH * WIDTH;
            if noise && end - i >= PROBE {
                let marks = |k: usize| {
                    let at = i + k * WIDTH;
                    // SAFETY: PROBE labels from `i` are inside the lines, and one before them.
                    unsafe { vectors.marks(t.add(at), p.add(at)) }.count_ones() as usize
                };
                noise = (0..PROBE / WIDTH).map(marks).sum::<usize>() >= NOISE * PROBE / BLOCK;
            } else {
                noise = false;
            }
            if !noise {
                let mut count = 0;
                for at in (i..whole).step_by(WIDTH) {
                    // SAFETY: `i..whole` is inside the lines in whole steps, and a label before them.
                    // `count` is at most the labels before `at`, so there is room.
                    unsafe {
                        let marks = vectors.marks(t.add(at), p.add(at));
                        let out = self.positions.as_mut_ptr().add(count);
                        #[allow(clippy::cast_possible_truncation, reason = "a block has 4096 pixels")]
                        let from = (at - i) as u16;
                        count += vectors.positions(marks, from, out);
                    }
                }
                noise = count >= NOISE;
                if !noise {
                    self.add_runs(&mut run, i, count, pair);
                }
            }
            if noise {
                self.add(0, run.pair, i - run.start);
                self.add_pixels(vectors, target.part(i, whole - i), pred.part(i, whole - i));
                run = Run { start: whole, pair: pair(whole - 1) };
            }
            i = whole;
        }
        for at in i..len {
            let next = pair(at);
            if next != run.pair {
                self.add(0, run.pair, at - run.start);
                run = Run { start: at, pair: next };
            }
        }
        self.add(1, run.pair, len - run.start);
    }

    /// Add the runs that end at the first `count` positions, which are counted from `base`.
    #[inline(always)]
    fn add_runs(&mut self, run: &mut Run, base: usize, count: usize, pair: impl Fn(usize) -> (u8, u8)) {
        let mut k = 0;
        while k + 2 <= count {
            let first = base + usize::from(self.positions[k]);
            let second = base + usize::from(self.positions[k + 1]);
            self.add(0, run.pair, first - run.start);
            let between = pair(first);
            self.add(1, between, second - first);
            *run = Run { start: second, pair: pair(second) };
            k += 2;
        }
        if k < count {
            let last = base + usize::from(self.positions[k]);
            self.add(0, run.pair, last - run.start);
            *run = Run { start: last, pair: pair(last) };
        }
    }

    #[inline(always)]
    fn add(&mut self, table: usize, pair: (u8, u8), pixels: usize) {
        // A run is no longer than its line, which `count` has checked against the room.
        #[allow(clippy::cast_possible_truncation)]
        add(&mut self.cells[table], &mut self.touched, pair, pixels as u32);
    }

    /// Count every pixel; there is a multiple of `WIDTH` of them, on both sides.
    #[inline(always)]
    fn add_pixels<V: Vectors>(&mut self, vectors: V, target: Bytes<'_>, pred: Bytes<'_>) {
        let (t, p, len) = (target.as_ptr(), pred.as_ptr(), target.len());
        assert!(len == pred.len() && len.is_multiple_of(WIDTH), "whole steps of two lines");
        let mut largest = 0;
        for at in (0..len).step_by(WIDTH) {
            // SAFETY: both lines have `len` labels, a multiple of the step.
            largest = largest.max(unsafe { vectors.largest(t.add(at), p.add(at)) });
        }
        if largest < few::LIMIT {
            self.few.count(vectors, target, pred, largest + 1);
        } else {
            // One table: two together would miss the cache more often than a cell is met again soon.
            for at in 0..len {
                // SAFETY: as above.
                let pair = unsafe { (t.add(at).read(), p.add(at).read()) };
                add(&mut self.cells[0], &mut self.touched, pair, 1);
            }
        }
    }

    /// Hand out every pair that occurred as `(target, pred, pixels)` in order, those of noise after
    /// the others, and begin anew.
    pub(super) fn drain<R>(&mut self, row: impl Fn(u8, u8, u32) -> R) -> Vec<R> {
        self.pixels = 0;
        let mut rows = Vec::new();
        for (word, bits) in self.touched.iter_mut().enumerate() {
            let mut bits = std::mem::take(bits);
            while bits != 0 {
                let pair = u16::try_from(word * 64 + bits.trailing_zeros() as usize).expect("16 bits");
                bits &= bits - 1;
                let [target, pred] = pair.to_be_bytes();
                let cell = usize::from(target) * ROW + usize::from(pred);
                let pixels: u32 = self.cells.iter_mut().map(|table| std::mem::take(&mut table[cell])).sum();
                // Noise leaves a run of no pixels behind, which touches a cell and adds nothing.
                if pixels > 0 {
                    rows.push(row(target, pred, pixels));
                }
            }
        }
        self.few.drain(self.kernel, |target, pred, pixels| rows.push(row(target, pred, pixels)));
        rows
    }
}

struct Count<'a, 'b> {
    table: &'a mut ByteTable,
    target: Bytes<'b>,
    pred: Bytes<'b>,
}

impl Routine for Count<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vectors>(self, vectors: V) {
        self.table.count_with(vectors, self.target, self.pred);
    }
}

/// Add pixels to the cell of a pair.
#[inline(always)]
fn add(cells: &mut [u32; CELLS], touched: &mut Touched, (target, pred): (u8, u8), pixels: u32) {
    let cell = &mut cells[usize::from(target) * ROW + usize::from(pred)];
    if *cell == 0 {
        touch(touched, target, pred);
    }
    *cell += pixels;
}

/// Apart from the loops that call it, which keep their registers.
#[cold]
#[inline(never)]
fn touch(touched: &mut Touched, target: u8, pred: u8) {
    touched[usize::from(target) * 4 + usize::from(pred) / 64] |= 1 << (pred % 64);
}

/// Pixels of one pair in a row, whose end has not been found yet.
struct Run {
    start: usize,
    pair: (u8, u8),
}

mod blocks;

#[cfg(test)]
mod tests;
