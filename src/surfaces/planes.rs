//! Which voxels of a slice may be of a surface that is asked for, as bits.

use super::lines::{Lines, WORD, valid};
use super::void::Void;
use crate::cpu::Vectors;
use crate::pixels::{Code, Dtype};

/// Bits of the voxels of a slice, row after row, which are not set where something is void or known to be of no
/// interest. A word of zeros is before and behind each row, and a row of them before and behind all: nothing is
/// outside the image.
#[derive(Default)]
pub(super) struct Plane {
    pub(super) bits: Vec<u64>,
    /// Words from one row to the next.
    pub(super) pitch: usize,
    /// Whether any bit of a row is set, with those around them.
    pub(super) busy: Vec<bool>,
    /// The numbers of these rows, counted from the first one.
    pub(super) rows: Vec<usize>,
}

impl Plane {
    /// Look at a slice, whose lines are held. Of no slice, as there are around all of them, no bit is set.
    #[inline(always)]
    pub(super) fn look<C: Code, V: Vectors>(
        &mut self,
        vectors: V,
        lines: &Lines<'_, C>,
        slice: Option<usize>,
        nothing: Option<C>,
        mut void: Option<&mut Void<'_, '_>>,
    ) {
        let (words, rows) = (lines.len().div_ceil(WORD), lines.rows());
        self.pitch = words + 1;
        self.bits.resize((rows + 2) * self.pitch + 1, 0);
        self.busy.resize(rows + 2, false);
        if let (Some(void), Some(slice)) = (&mut void, slice) {
            void.hold(slice);
        }
        // Where a row was not busy, no bit is set.
        for row in self.rows.drain(..) {
            self.bits[(row + 1) * self.pitch + 1..][..words].fill(0);
            self.busy[row + 1] = false;
        }
        let Some(slice) = slice else { return };
        let mut end = 0;
        while end < rows {
            let start = end;
            if let Some(nothing) = nothing {
                // Mostly all of many rows that follow each other is nothing.
                let (some, count) = lines.some(slice, start);
                end += count;
                if count > 1 && !some.any_other(vectors, nothing) {
                    continue;
                }
            } else {
                end = rows;
            }
            for row in start..end {
                let bits = &mut self.bits[(row + 1) * self.pitch + 1..][..words];
                if let Some(nothing) = nothing {
                    if !lines.line(slice, row).write_others(vectors, nothing, bits) {
                        continue;
                    }
                } else {
                    bits.fill(u64::MAX);
                    bits[words - 1] = valid(lines.len(), words - 1);
                }
                self.busy[row + 1] = true;
                self.rows.push(row);
                if let Some(void) = &mut void {
                    void.clear(vectors, slice, row, bits);
                }
            }
        }
    }

    /// The bits of a row, counted from that before the first one, with a word of zeros before and behind them.
    #[inline(always)]
    pub(super) fn row(&self, row: usize) -> &[u64] {
        &self.bits[row * self.pitch..][..=self.pitch]
    }
}

/// A slice, and which rows have one label alone where bits are set.
#[derive(Default)]
pub(super) struct Slice<C> {
    pub(super) plane: Plane,
    /// The label of rows that are not busy.
    pub(super) nothing: Option<C>,
    pub(super) only: Vec<Option<C>>,
}

impl<C: Code> Slice<C> {
    /// As of the plane.
    #[inline(always)]
    pub(super) fn look<V: Vectors>(
        &mut self,
        vectors: V,
        lines: &Lines<'_, C>,
        slice: Option<usize>,
        nothing: Option<C>,
        void: Option<&mut Void<'_, '_>>,
    ) {
        self.plane.look(vectors, lines, slice, nothing, void);
        self.nothing = nothing;
        self.only.resize(self.plane.busy.len(), None);
        let Some(slice) = slice else { return };
        for &row in &self.plane.rows {
            let bits = self.plane.row(row + 1);
            let bits = &bits[1..bits.len() - 1];
            self.only[row + 1] = lines.line(slice, row).only(vectors, bits);
        }
    }

    /// Which rows are busy, and the label of the others.
    pub(super) fn passed(&self, dtype: Dtype) -> (&[bool], Option<i64>) {
        (&self.plane.busy[1..self.plane.busy.len() - 1], self.nothing.map(|code| dtype.label(code)))
    }

    /// Whether all voxels of a row whose bits are set have a label.
    #[inline(always)]
    pub(super) fn may_be(&self, row: usize, code: C) -> bool {
        !self.plane.busy[row] || self.only[row] == Some(code)
    }
}
