//! Which voxels of a slice are alike, as bits: one comparison for each pair of neighbours.

use super::lines::{Lines, WORD};
use super::void::Void;
use crate::cpu::Vectors;
use crate::pixels::Code;

/// Bits of the voxels of a slice, row after row, each of whole words.
#[derive(Default)]
pub(super) struct Planes {
    /// It equals the next one of its row.
    pub(super) next: Vec<u64>,
    /// It equals that of the row above.
    pub(super) above: Vec<u64>,
    /// It equals that of the slice before.
    pub(super) before: Vec<u64>,
    /// It is void; no words if nothing is.
    pub(super) void: Vec<u64>,
}

impl Planes {
    /// Look at a slice. Behind the last slice nothing is alike.
    #[inline(always)]
    pub(super) fn look<C: Code, V: Vectors>(
        &mut self,
        vectors: V,
        lines: &mut Lines<'_, C>,
        void: Option<&mut Void<'_, '_>>,
        slice: usize,
    ) {
        let words = lines.len().div_ceil(WORD);
        let all = words * lines.rows();
        for plane in [&mut self.next, &mut self.above, &mut self.before] {
            plane.resize(all, 0);
        }
        if slice == lines.slices() {
            self.before.fill(0);
            self.void.fill(0);
            return;
        }
        lines.hold(slice.saturating_sub(1)..slice + 1);
        let planes = self.next.chunks_exact_mut(words).zip(self.above.chunks_exact_mut(words));
        for (row, ((next, above), before)) in planes.zip(self.before.chunks_exact_mut(words)).enumerate() {
            let line = lines.line(slice, row);
            line.equal_next(vectors, next);
            if row > 0 {
                line.equal(vectors, lines.line(slice, row - 1), above);
            } else {
                above.fill(0);
            }
            if slice > 0 {
                line.equal(vectors, lines.line(slice - 1, row), before);
            } else {
                before.fill(0);
            }
        }
        if let Some(void) = void {
            self.void.resize(all, 0);
            void.look(vectors, slice, &mut self.void);
        }
    }
}
