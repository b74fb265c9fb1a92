//! The row filters of PNG are undone, many pixels at a time.
//!
//! The filters are those of the PNG specification (third edition, section 9): what is stored is the
//! difference to a prediction from the bytes to the left (a), above (b) and above left (c).
//!
//! # Paeth without a step for each pixel
//!
//! `Paeth` predicts whichever of a, b and c is nearest to a + b - c, so each pixel waits for the one
//! before it. But masks are made of runs, and most differences are zero. While a = c, the prediction
//! is b; so where differences are zero, the row is a copy of the row above, and a = c stays true.
//! While a is not c and the row above does not change (b = c), the prediction is a; so where
//! differences are zero, a is repeated. Only where a difference is not zero, or the row above changes
//! while a is not c, the definition is needed. Both are bits of 64 pixels at a time, and only those
//! *events* are walked. What lies between them is copied or filled 64 bytes at once, beyond the next
//! event, which writes over it.
#![allow(unsafe_code)]

use std::hint::select_unpredictable;

use super::paeth::paeth;
use super::pixels;
use crate::cpu::{Kernel, Routine, Vectors, WIDTH};

/// Bytes beyond the end that both buffers of [`unfilter`] must have.
pub(super) const SLACK: usize = WIDTH;

/// Undo the filters of as many whole rows as `filtered` holds.
///
/// Each row of `filtered` is a byte that names its filter, and `row_bytes` bytes; after the last one
/// come [`SLACK`] bytes of anything. `out` begins with the row above the first one, or zeros where
/// there is none; the rows follow; at the end it has [`SLACK`] bytes that may be written. `step` is
/// the bytes of a whole pixel, at least one. Rows with other filters than [`filters_exist`] knows get
/// any bytes.
///
/// # Panics
///
/// If the buffers are too short for each other.
pub(super) fn unfilter(kernel: Kernel, step: usize, row_bytes: usize, filtered: &[u8], out: &mut [u8]) {
    kernel.run(Unfilter { step, row_bytes, filtered, out });
}

/// Whether every row has a filter that there is.
pub(super) fn filters_exist(filtered: &[u8], row_bytes: usize) -> bool {
    filtered.iter().step_by(row_bytes + 1).all(|&filter| filter <= 4)
}

struct Unfilter<'a, 'b> {
    step: usize,
    row_bytes: usize,
    filtered: &'a [u8],
    out: &'b mut [u8],
}

impl Routine for Unfilter<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vectors>(self, vectors: V) {
        let Self { step, row_bytes, filtered, out } = self;
        assert!(step > 0 && row_bytes > 0 && filtered.len() >= SLACK, "rows of pixels, and slack");
        let rows = (filtered.len() - SLACK) / (row_bytes + 1);
        assert!(out.len() >= (rows + 1) * row_bytes + SLACK, "room for the rows");
        for y in 0..rows {
            let (&filter, differences) = filtered[y * (row_bytes + 1)..].split_first().expect("a row");
            let from = (y + 1) * row_bytes;
            match filter {
                0 => out[from..from + row_bytes].copy_from_slice(&differences[..row_bytes]),
                1 if step == 1 => undo_sub(vectors, differences, row_bytes, &mut out[from..]),
                4 if step == 1 => undo_paeth(vectors, differences, row_bytes, out, from),
                _ => {
                    let (above, row) = out.split_at_mut(from);
                    let above = &above[from - row_bytes..];
                    let (is_paeth, whole) = (filter == 4, row_bytes.is_multiple_of(step));
                    match (filter, step) {
                        (1 | 4, 2) if whole => {
                            pixels::undo::<V, 2>(vectors, is_paeth, differences, above, row);
                        }
                        (1 | 4, 3) if whole => {
                            pixels::undo::<V, 3>(vectors, is_paeth, differences, above, row);
                        }
                        (1 | 4, 4) if whole => {
                            pixels::undo::<V, 4>(vectors, is_paeth, differences, above, row);
                        }
                        _ => {
                            let (differences, row) = (&differences[..row_bytes], &mut row[..row_bytes]);
                            undo_as_defined(filter, step, differences, above, row);
                        }
                    }
                }
            }
        }
    }
}

/// Any filter but that without a prediction, byte by byte.
#[inline(always)]
fn undo_as_defined(filter: u8, step: usize, differences: &[u8], above: &[u8], row: &mut [u8]) {
    match filter {
        1 => undo(step, differences, above, row, |a, _, _| a),
        2 => {
            for ((byte, &b), &difference) in row.iter_mut().zip(above).zip(differences) {
                *byte = difference.wrapping_add(b);
            }
        }
        3 => undo(step, differences, above, row, |a, b, _| a.midpoint(b)),
        _ => undo(step, differences, above, row, paeth),
    }
}

/// A filter as the specification defines it.
#[inline(always)]
fn undo(step: usize, differences: &[u8], above: &[u8], row: &mut [u8], predict: impl Fn(u8, u8, u8) -> u8) {
    for x in 0..row.len() {
        let (a, c) = if x < step { (0, 0) } else { (row[x - step], above[x - step]) };
        row[x] = differences[x].wrapping_add(predict(a, above[x], c));
    }
}

/// `Sub` with one byte a pixel is a running sum.
#[inline(always)]
fn undo_sub<V: Vectors>(vectors: V, differences: &[u8], row_bytes: usize, out: &mut [u8]) {
    let mut before = 0;
    for x in (0..row_bytes).step_by(WIDTH) {
        let mut block: [u8; WIDTH] = *differences[x..].first_chunk().expect("slack after the row");
        vectors.sums(before, &mut block);
        before = block[WIDTH - 1];
        out[x..x + WIDTH].copy_from_slice(&block);
    }
}

/// `Paeth` with one byte a pixel, for the row that begins at `from`, by events.
#[inline(always)]
fn undo_paeth<V: Vectors>(vectors: V, differences: &[u8], row_bytes: usize, out: &mut [u8], from: usize) {
    assert!(
        row_bytes > 0 && from >= row_bytes && out.len() >= from + row_bytes + SLACK,
        "slack after the row"
    );
    assert!(differences.len() >= row_bytes + SLACK, "slack after the differences");
    // Both rows are reached through one pointer, because what is read of the row above may lie in the
    // row itself, which is written.
    let out = out.as_mut_ptr();
    // SAFETY: `from` is inside `out`, and the row above begins a row before it.
    let (row, above) = unsafe { (out.add(from), out.add(from - row_bytes).cast_const()) };
    // 64 bytes from any pixel of the row are within the row and its slack, and so in the row above. It
    // may be read where the row itself begins; those bytes lie beyond its end, so whatever they become
    // is written over.
    // SAFETY: as above, for x below `row_bytes`, as everywhere here.
    let above_at = |x: usize| unsafe { above.add(x).read() };
    // SAFETY: as above.
    let block_above = |x: usize| unsafe { above.add(x).cast::<[u8; WIDTH]>().read_unaligned() };
    // SAFETY: as above.
    let write = |x: usize, byte: u8| unsafe { row.add(x).write(byte) };
    let write_block = |x: usize, block: [u8; WIDTH]| {
        // SAFETY: as above.
        unsafe { row.add(x).cast::<[u8; WIDTH]>().write_unaligned(block) };
    };

    // Left of the first pixel everything is zero, so a = c and the prediction is b.
    let mut c = above_at(0);
    let mut a = differences[0].wrapping_add(c);
    write(0, a);
    let mut x = 1;
    while x < row_bytes {
        let len = WIDTH.min(row_bytes - x);
        let block: &[u8; WIDTH] = differences[x..].first_chunk().expect("slack after the row");
        let not_zero = vectors.not_zero(block);
        // SAFETY: as above; x is at least 1, so there is a byte before.
        let changes = unsafe { vectors.changes(above.add(x)) };
        let mut pos = 0;
        while pos < len {
            let copies = a == c;
            let events = (not_zero | select_unpredictable(copies, 0, changes)) >> pos;
            let next = len.min(pos + events.trailing_zeros() as usize);
            write_block(x + pos, if copies { block_above(x + pos) } else { [a; WIDTH] });
            if next > pos {
                c = above_at(x + next - 1);
                a = select_unpredictable(copies, c, a);
            }
            if next < len {
                let b = above_at(x + next);
                a = block[next].wrapping_add(paeth(a, b, c));
                c = b;
                write(x + next, a);
            }
            pos = next + 1;
        }
        x += len;
    }
}

#[cfg(test)]
#[allow(clippy::cast_possible_truncation, reason = "small numbers made here")]
mod tests {
    use super::*;
    use crate::naive::noise;

    /// Rows of runs that look like a mask, with their filters applied as the specification says.
    fn filtered(rows: &[Vec<u8>], step: usize, filters: impl Fn(usize) -> u8) -> Vec<u8> {
        let width = rows[0].len();
        let mut out = Vec::new();
        let zeros = vec![0; width];
        for (y, row) in rows.iter().enumerate() {
            let above = if y == 0 { &zeros } else { &rows[y - 1] };
            out.push(filters(y));
            for x in 0..width {
                let (a, c) = if x < step { (0, 0) } else { (row[x - step], above[x - step]) };
                let b = above[x];
                let prediction = match filters(y) {
                    0 => 0,
                    1 => a,
                    2 => b,
                    3 => u8::try_from(u16::midpoint(u16::from(a), u16::from(b))).unwrap(),
                    _ => {
                        let distance =
                            |near: u8| (i32::from(a) + i32::from(b) - i32::from(c) - i32::from(near)).abs();
                        *[a, b, c].iter().min_by_key(|&&near| distance(near)).unwrap()
                    }
                };
                out.push(row[x].wrapping_sub(prediction));
            }
        }
        // Whatever follows must not matter.
        out.extend([0xa5; SLACK]);
        out
    }

    fn rows(width: usize, height: usize, run: usize, labels: usize, seed: u64) -> Vec<Vec<u8>> {
        let mut random = noise(seed);
        let mut rows: Vec<Vec<u8>> = Vec::new();
        for _ in 0..height {
            let mut row = match rows.last() {
                Some(above) if random(3) > 0 => above.clone(),
                _ => vec![0; width],
            };
            let mut x = 0;
            while x < width {
                let (label, len) = (random(labels) as u8, 1 + random(run));
                if random(3) == 0 {
                    row[x..width.min(x + len)].fill(label);
                }
                x += len;
            }
            rows.push(row);
        }
        rows
    }

    fn check(
        kernels: &[Kernel],
        rows: &[Vec<u8>],
        step: usize,
        filters: impl Fn(usize) -> u8 + Copy,
        what: &str,
    ) {
        let width = rows[0].len();
        let filtered = filtered(rows, step, filters);
        for &kernel in kernels {
            let mut out = vec![0x5a; (rows.len() + 1) * width + SLACK];
            out[..width].fill(0);
            unfilter(kernel, step, width, &filtered, &mut out);
            assert_eq!(out[width..][..rows.len() * width], rows.concat(), "{what} {}", kernel.name());
        }
    }

    #[test]
    fn every_filter_every_kernel_and_every_width() {
        let kernels = crate::cpu::tested();
        for width in 1..=200 {
            for (seed, (run, labels)) in
                [(1, 256), (3, 2), (9, 256), (40, 12), (200, 256)].into_iter().enumerate()
            {
                let rows = rows(width, 6, run, labels, (width * 7 + seed) as u64);
                for filter in 0..=4 {
                    check(&kernels, &rows, 1, |_| filter, &format!("filter {filter}, {width} wide"));
                }
                check(&kernels, &rows, 1, |y| [4, 1, 4, 2, 4, 3][y], &format!("all filters, {width} wide"));
                for step in [2, 3, 4, 8] {
                    check(
                        &kernels,
                        &rows,
                        step,
                        |y| [4, 1, 4, 2, 3, 4][y],
                        &format!("step {step}, {width} wide"),
                    );
                }
            }
        }
    }

    #[test]
    fn rows_may_come_in_parts() {
        let (width, rows) = (77, rows(77, 9, 12, 256, 5));
        let filtered = filtered(&rows, 1, |y| (y % 5) as u8);
        let mut above = vec![0; width];
        for (y, row) in rows.iter().enumerate() {
            let mut out = [above, vec![0; width + SLACK]].concat();
            let from = y * (width + 1);
            unfilter(Kernel::best(), 1, width, &filtered[from..=from + width + SLACK], &mut out);
            assert_eq!(out[width..2 * width], row[..]);
            above = row.clone();
        }
    }
}
