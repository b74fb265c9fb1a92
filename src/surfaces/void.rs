//! Where the target has labels that are ignored, nothing is in either map.

use super::any::{AnyLines, with_lines};
use super::lines::{Lines, WORD};
use crate::cpu::Vectors;
use crate::pixels::Code;

/// Bits of voxels whose label in the target is ignored, line by line.
pub(super) struct Void<'a, 'b> {
    lines: &'b mut AnyLines<'a>,
    ignored: &'b [i64],
}

impl<'a, 'b> Void<'a, 'b> {
    /// Void where these lines have one of these labels.
    pub(super) fn new(lines: &'b mut AnyLines<'a>, ignored: &'b [i64]) -> Self {
        Self { lines, ignored }
    }

    /// See to it that lines can be asked for.
    pub(super) fn hold(&mut self, start: usize, end: usize) {
        self.lines.hold(start, end);
    }

    /// Bits of a word of a line.
    #[inline(always)]
    pub(super) fn word<V: Vectors>(&self, vectors: V, line: usize, word: usize) -> u64 {
        with_lines!(&*self.lines, lines => void_of(vectors, lines, self.ignored, line, word))
    }

    /// Take from the border of a line what is void, and add to it what is beside void.
    #[inline(always)]
    pub(super) fn cut<V: Vectors>(
        &mut self,
        vectors: V,
        number: usize,
        [slices, rows]: [usize; 2],
        tall: bool,
        border: &mut [u64],
    ) {
        let (slice, row) = (number / rows, number % rows);
        self.hold(number.saturating_sub(rows), (number + rows + 1).min(slices * rows));
        let words = border.len();
        for (word, border) in border.iter_mut().enumerate() {
            let own = self.word(vectors, number, word);
            let mut beside = own << 1 | own >> 1;
            if word > 0 {
                beside |= self.word(vectors, number, word - 1) >> (WORD - 1);
            }
            if word + 1 < words {
                beside |= self.word(vectors, number, word + 1) << (WORD - 1);
            }
            let neighbours = [
                (tall && row > 0).then(|| number - 1),
                (tall && row + 1 < rows).then_some(number + 1),
                (slice > 0).then(|| number - rows),
                (slice + 1 < slices).then_some(number + rows),
            ];
            for line in neighbours.into_iter().flatten() {
                beside |= self.word(vectors, line, word);
            }
            let valid = super::lines::valid(self.lines.len(), word);
            *border = (*border | beside & valid) & !own;
        }
    }
}

#[inline(always)]
fn void_of<C: Code, V: Vectors>(
    vectors: V,
    lines: &Lines<'_, C>,
    ignored: &[i64],
    line: usize,
    word: usize,
) -> u64 {
    let codes = lines.line(line);
    let of_dtype = ignored.iter().filter(|&&label| lines.dtype().label(C::of(label)) == label);
    of_dtype.fold(0, |void, &label| void | codes.equal_to(vectors, C::of(label), word))
}
