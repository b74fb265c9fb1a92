//! Where the target has labels that are ignored, nothing is in either map.

use super::any::{AnyLines, with_lines};
use super::lines::{Lines, WORD};
use crate::cpu::Vectors;
use crate::pixels::Code;

/// Where these lines have one of these labels.
pub(super) struct Void<'a, 'b> {
    lines: &'b mut AnyLines<'a>,
    ignored: &'b [i64],
}

impl<'a, 'b> Void<'a, 'b> {
    pub(super) fn new(lines: &'b mut AnyLines<'a>, ignored: &'b [i64]) -> Self {
        Self { lines, ignored }
    }

    /// Write which voxels of a slice are void.
    #[inline(always)]
    pub(super) fn look<V: Vectors>(&mut self, vectors: V, slice: usize, out: &mut [u64]) {
        self.lines.hold(slice..slice + 1);
        void_lines(vectors, self.lines, self.ignored, slice, out);
    }
}

/// Write which labels of the lines of a slice that is held are ignored.
#[inline(always)]
pub(super) fn void_lines<V: Vectors>(
    vectors: V,
    lines: &AnyLines<'_>,
    ignored: &[i64],
    slice: usize,
    out: &mut [u64],
) {
    with_lines!(lines, lines => look(vectors, lines, ignored, slice, out));
}

#[inline(always)]
fn look<C: Code, V: Vectors>(
    vectors: V,
    lines: &Lines<'_, C>,
    ignored: &[i64],
    slice: usize,
    out: &mut [u64],
) {
    out.fill(0);
    // Labels that this type cannot hold are nowhere.
    let dtype = lines.dtype();
    for &label in ignored.iter().filter(|&&label| dtype.label(C::of(label)) == label) {
        for (row, out) in out.chunks_exact_mut(lines.len().div_ceil(WORD)).enumerate() {
            let line = lines.line(slice, row);
            for (word, out) in out.iter_mut().enumerate() {
                *out |= line.equal_to(vectors, C::of(label), word);
            }
        }
    }
}
