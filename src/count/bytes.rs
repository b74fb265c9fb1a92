//! Pairs of bytes: a table of all 65,536 cells that knows which of them were touched.
//!
//! Label maps are made of runs. The kernel compares eight labels at a time with their left
//! neighbours, in both maps at once: where neither changes, nothing is to be done, and where one
//! does, the run that ends there is added to its cell. The length of a run comes from positions,
//! never from values, and a cell's index is made of two bytes, so it is inside the table for any
//! bytes that are read: when another thread writes to a map meanwhile, each pixel is still counted
//! once, in a cell that exists.
//!
//! Draining walks the cells that were touched, not the table: one image touches about 70 of them.
#![allow(unsafe_code)]

use crate::pixels::Bytes;

const CELLS: usize = 1 << 16;

/// A count for each pair of bytes.
pub(super) struct ByteTable {
    cells: Box<[u32; CELLS]>,
    /// Cells that are not zero, in the order in which they were touched.
    touched: Vec<u16>,
    /// Pixels in all cells together, so that none can overflow.
    pixels: u32,
}

impl ByteTable {
    pub(super) fn new() -> Self {
        let cells = vec![0; CELLS].into_boxed_slice().try_into().expect("as many cells as asked for");
        Self { cells, touched: Vec::new(), pixels: 0 }
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
        let (t, p) = (target.as_ptr(), pred.as_ptr());
        // SAFETY: both lines have `len` readable bytes, and every read below is at `i < len` or, for
        // eight bytes, at `i..i + 8` with `i + 8 <= len`; `read_unaligned` needs no alignment.
        let byte = |i: usize| unsafe { cell(t.add(i).read(), p.add(i).read()) };
        // SAFETY: as above.
        let eight = |from: *const u8, i: usize| unsafe { from.add(i).cast::<u64>().read_unaligned() };

        let (mut start, mut current) = (0, byte(0));
        let mut i = 1;
        while i + 8 <= len {
            let changes = (eight(t, i) ^ eight(t, i - 1)) | (eight(p, i) ^ eight(p, i - 1));
            let mut marks = marked(changes);
            while marks != 0 {
                let at = i + (marks.trailing_zeros() / 8) as usize;
                marks &= marks - 1;
                self.add(current, at - start);
                (start, current) = (at, byte(at));
            }
            i += 8;
        }
        for at in i..len {
            let next = byte(at);
            if next != current {
                self.add(current, at - start);
                (start, current) = (at, next);
            }
        }
        self.add(current, len - start);
        // The assertion above keeps the sum within 32 bits.
        self.pixels += u32::try_from(len).expect("no more than the room");
    }

    fn add(&mut self, cell: u16, pixels: usize) {
        let count = &mut self.cells[usize::from(cell)];
        if *count == 0 {
            self.touched.push(cell);
        }
        // A run is no longer than its line, whose length `count` has checked against the room.
        #[allow(clippy::cast_possible_truncation)]
        let pixels = pixels as u32;
        *count += pixels;
    }

    /// Hand out every cell that is not zero as `(target, pred, pixels)`, and begin anew.
    pub(super) fn drain<R>(&mut self, row: impl Fn(u8, u8, u32) -> R) -> Vec<R> {
        self.pixels = 0;
        let cells = &mut self.cells;
        self.touched
            .drain(..)
            .map(|cell| {
                let [target, pred] = cell.to_be_bytes();
                row(target, pred, std::mem::take(&mut cells[usize::from(cell)]))
            })
            .collect()
    }
}

fn cell(target: u8, pred: u8) -> u16 {
    u16::from_be_bytes([target, pred])
}

/// The lowest bit of each byte that is not zero, bytes in the order of memory from the lowest bit.
fn marked(bytes: u64) -> u64 {
    const LOW: u64 = 0x0101_0101_0101_0101;
    let mut any = bytes.to_le();
    any |= any >> 4 & (LOW * 0x0f);
    any |= any >> 2 & (LOW * 0x03);
    any |= any >> 1;
    any & LOW
}

/// What [`ByteTable::count`] must do, so plainly that it cannot be wrong.
#[cfg(test)]
pub(super) fn count_naively(target: &[u8], pred: &[u8]) -> Vec<(u8, u8, u32)> {
    let mut cells = std::collections::BTreeMap::new();
    for (&t, &p) in target.iter().zip(pred) {
        *cells.entry((t, p)).or_insert(0) += 1;
    }
    cells.into_iter().map(|((t, p), n)| (t, p, n)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(table: &mut ByteTable, target: &[u8], pred: &[u8]) -> Vec<(u8, u8, u32)> {
        table.count(target.into(), pred.into());
        let mut rows = table.drain(|t, p, n| (t, p, n));
        rows.sort_unstable();
        rows
    }

    #[test]
    fn all_pairs_of_bytes() {
        let mut table = ByteTable::new();
        let (target, pred): (Vec<u8>, Vec<u8>) =
            (0..=255).flat_map(|t| (0..=255).map(move |p| (t, p))).unzip();
        assert_eq!(count(&mut table, &target, &pred), count_naively(&target, &pred));
        assert_eq!(count(&mut table, &pred, &target), count_naively(&pred, &target));
    }

    #[test]
    fn every_length_alignment_and_place_of_a_change() {
        let mut table = ByteTable::new();
        let mut store = [[0_u8; 96]; 2];
        for len in 0..40 {
            for start in 0..8 {
                for change in 0..=len {
                    for (i, byte) in store[0][start..start + len].iter_mut().enumerate() {
                        *byte = if i < change { 3 } else { 0x80 };
                    }
                    for (i, byte) in store[1][1..=len].iter_mut().enumerate() {
                        *byte = u8::from(i % 11 == change % 11);
                    }
                    let (target, pred) = (&store[0][start..start + len], &store[1][1..=len]);
                    assert_eq!(count(&mut table, target, pred), count_naively(target, pred));
                }
            }
        }
    }

    #[test]
    fn marks_are_the_bytes_that_are_not_zero() {
        for bit in 0..64 {
            assert_eq!(marked((1_u64 << bit).to_le()), 1 << (bit / 8 * 8));
        }
        assert_eq!(marked(0), 0);
        assert_eq!(marked(u64::MAX), 0x0101_0101_0101_0101);
        assert_eq!(marked(0xff00_0000_0080_0001_u64.to_le()), 0x0100_0000_0001_0001);
    }

    #[test]
    #[should_panic(expected = "fit the table")]
    fn more_pixels_than_a_cell_can_hold_are_refused() {
        let mut table = ByteTable::new();
        table.pixels = u32::MAX - 1;
        table.count([0, 0].as_slice().into(), [0, 0].as_slice().into());
    }
}
