//! Noise of few classes: two pixels in one increment.
//!
//! A pair of labels below `classes`, which is at most 16, is a number below the square of it; two
//! such pairs together are a number below the fourth power. A table of one byte for each of those
//! fits the level-1 cache up to 13 classes, and one increment counts two pixels. A byte that comes
//! back to zero has counted 256 times, which is added to the sums there and then.
//!
//! Which two pixels are counted together does not matter, as each cell is added to the sums of both
//! its pairs in the end.
#![allow(unsafe_code)]

use crate::cpu::{COUPLES, Kernel, Routine, Vectors, WIDTH, prefetch};
use crate::pixels::Bytes;

/// Labels below this fit.
pub(super) const LIMIT: u8 = 16;

const PAIRS: usize = LIMIT as usize * LIMIT as usize;

type Sums = [u32; PAIRS];

/// Pixels between those that are counted and those that are asked for.
const AHEAD: usize = 8192;

/// Times that a cell is counted before it is zero again.
const FULL: u32 = 256;

/// A count for each pair of labels below [`LIMIT`].
pub(super) struct FewTable {
    /// What the numbers of cells are made with; 0 while all cells are.
    classes: u8,
    cells: Box<[u8; 1 << 16]>,
    /// Of pairs as `target * LIMIT + pred`.
    sums: Box<Sums>,
}

impl FewTable {
    pub(super) fn new() -> Self {
        let cells = vec![0; 1 << 16].into_boxed_slice().try_into().expect("as many cells as asked for");
        Self { classes: 0, cells, sums: Box::new([0; PAIRS]) }
    }

    /// Count pairs of labels below `classes`, which is at most [`LIMIT`]. There is a multiple of
    /// [`WIDTH`] of them. A label that changes meanwhile is still counted once, as some label.
    #[inline(always)]
    pub(super) fn count<V: Vectors>(&mut self, vectors: V, target: Bytes<'_>, pred: Bytes<'_>, classes: u8) {
        let (t, p, len) = (target.as_ptr(), pred.as_ptr(), target.len());
        assert!(len == pred.len() && len.is_multiple_of(WIDTH), "whole steps of two lines");
        if classes > self.classes {
            self.empty_cells();
            self.classes = classes.min(LIMIT);
        }
        let (cells, sums, classes) = (&mut *self.cells, &mut *self.sums, self.classes);
        let mut count = |number: u16| {
            let cell = &mut cells[usize::from(number)];
            *cell = cell.wrapping_add(1);
            if *cell == 0 {
                add(sums, classes, number, FULL);
            }
        };
        let mut numbers = [0; COUPLES];
        for at in (0..len).step_by(WIDTH) {
            // This loop leaves so little room for reading ahead that it pays to ask for it.
            prefetch(t.wrapping_add(at + AHEAD));
            prefetch(p.wrapping_add(at + AHEAD));
            // SAFETY: both lines have `len` labels, a multiple of the step.
            unsafe { vectors.couples(t.add(at), p.add(at), classes, &mut numbers) };
            // Written out, because a loop of eight stays a loop, which takes a sixth more time.
            for &[a, b, c, d, e, f, g, h] in numbers.as_chunks::<8>().0 {
                count(a);
                count(b);
                count(c);
                count(d);
                count(e);
                count(f);
                count(g);
                count(h);
            }
        }
    }

    /// Add all cells to the sums.
    #[inline(always)]
    fn empty_cells(&mut self) {
        let classes = usize::from(std::mem::take(&mut self.classes));
        if classes == 0 {
            return;
        }
        // A pair is the first one of the cells of a row, and the second one of those of a column. At
        // most 256 cells of at most 255 fit 16 bits.
        let pairs = classes * classes;
        let (mut firsts, mut seconds) = ([0_u16; PAIRS], [0_u16; PAIRS]);
        for (sum, row) in firsts.iter_mut().zip(self.cells[..pairs * pairs].chunks_exact_mut(pairs)) {
            *sum = row.iter().map(|&cell| u16::from(cell)).sum();
            for (second, cell) in seconds.iter_mut().zip(row) {
                *second += u16::from(std::mem::take(cell));
            }
        }
        for (pair, (first, second)) in firsts.into_iter().zip(seconds).take(pairs).enumerate() {
            let sum = &mut self.sums[pair / classes * usize::from(LIMIT) + pair % classes];
            *sum += u32::from(first) + u32::from(second);
        }
    }

    /// Hand out every pair that occurred as `(target, pred, pixels)`, in order, and begin anew.
    pub(super) fn drain(&mut self, kernel: Kernel, mut row: impl FnMut(u8, u8, u32)) {
        if self.classes > 0 {
            kernel.run(EmptyCells(self));
            for (pair, sum) in (0..=u8::MAX).zip(self.sums.iter_mut()) {
                if *sum > 0 {
                    row(pair / LIMIT, pair % LIMIT, std::mem::take(sum));
                }
            }
        }
    }
}

struct EmptyCells<'a>(&'a mut FewTable);

impl Routine for EmptyCells<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vectors>(self, _: V) {
        self.0.empty_cells();
    }
}

/// Add to the sums of both pairs of a cell.
#[cold]
#[inline(never)]
fn add(sums: &mut Sums, classes: u8, number: u16, times: u32) {
    let (classes, limit) = (u16::from(classes), u16::from(LIMIT));
    let pairs = classes * classes;
    for pair in [number / pairs, number % pairs] {
        sums[usize::from(pair / classes * limit + pair % classes)] += times;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct CountAny<'a>(&'a mut FewTable, &'a [u8], &'a [u8], u8);

    impl Routine for CountAny<'_> {
        type Output = ();

        fn run<V: Vectors>(self, vectors: V) {
            self.0.count(vectors, self.1.into(), self.2.into(), self.3);
        }
    }

    #[test]
    fn labels_of_any_value_are_counted_once_each() {
        // As if another thread had written them after the largest one was looked for.
        let (target, pred): (Vec<u8>, Vec<u8>) =
            (0..=255).flat_map(|t| (0..=255).map(move |p| (t, p))).unzip();
        for kernel in crate::cpu::tested() {
            for classes in 1..=LIMIT {
                let mut table = FewTable::new();
                kernel.run(CountAny(&mut table, &target, &pred, classes));
                let (mut pixels, mut largest) = (0, 0);
                table.drain(kernel, |t, p, n| {
                    pixels += n;
                    largest = largest.max(t).max(p);
                });
                assert_eq!(pixels, 65_536, "{classes} classes on {}", kernel.name());
                assert!(largest < classes);
            }
        }
    }
}
