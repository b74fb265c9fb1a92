//! Where the target has labels that are ignored, nothing is in either map.

use super::any::{AnyLines, with_lines};
use super::lines::Lines;
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

    /// See to it that one can ask about a slice.
    pub(super) fn hold(&mut self, slice: usize) {
        self.lines.hold(slice..slice + 1);
    }

    /// Clear the bits of the voxels of a row that are void.
    #[inline(always)]
    pub(super) fn clear<V: Vectors>(&self, vectors: V, slice: usize, row: usize, bits: &mut [u64]) {
        with_lines!(&*self.lines, lines => clear_ignored(vectors, lines, self.ignored, [slice, row], bits));
    }
}

/// Clear the bits of the labels of a line that are ignored, of lines that are held.
#[inline(always)]
fn clear_ignored<C: Code, V: Vectors>(
    vectors: V,
    lines: &Lines<'_, C>,
    ignored: &[i64],
    [slice, row]: [usize; 2],
    bits: &mut [u64],
) {
    let line = lines.line(slice, row);
    for code in codes(lines, ignored) {
        line.clear_equal(vectors, code, bits);
    }
}

/// Write for each word of a line that is held which labels are not ignored.
#[inline(always)]
pub(super) fn write_scored<C: Code, V: Vectors>(
    vectors: V,
    lines: &Lines<'_, C>,
    ignored: &[i64],
    [slice, row]: [usize; 2],
    scored: &mut [u64],
) {
    let (line, mut codes) = (lines.line(slice, row), codes(lines, ignored));
    if let Some(first) = codes.next() {
        line.write_others(vectors, first, scored);
    } else {
        scored.fill(u64::MAX);
    }
    for code in codes {
        line.clear_equal(vectors, code, scored);
    }
}

/// Labels that are ignored as a map holds them; those that its type cannot hold are nowhere.
#[inline(always)]
fn codes<C: Code>(lines: &Lines<'_, C>, ignored: &[i64]) -> impl Iterator<Item = C> {
    let dtype = lines.dtype();
    ignored.iter().filter_map(move |&label| dtype.code(label))
}
