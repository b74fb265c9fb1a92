//! A set of points as columns of words: eight rows of 64 points lie side by side.
//!
//! Around all points there is room without any, as far as shells reach, so that a set can be shifted past
//! another one without a look at where it ends.

use super::points::{Bounds, Points};

/// Rows of a block.
pub(crate) const ROWS: usize = 8;

/// Words of a block, and where they are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Block {
    /// Index of the word of the first row.
    pub(crate) at: usize,
    /// The numbers of its words among those of the set.
    pub(crate) words: [u32; ROWS],
}

/// The number of a word that a set does not have.
pub(crate) const NO_WORD: u32 = u32::MAX;

/// How columns lie: those of two sets that are compared lie alike. What is empty behind a column, or behind the last one
/// of a slice, is before the next one as well: rows that shells reach, and a whole column.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Layout {
    low: [u32; 3],
    /// Empty slices and rows on each side.
    around: [usize; 2],
    /// From one column of a slice to the next, and from one slice to the next.
    column: usize,
    slice: usize,
    /// All words.
    len: usize,
}

impl Layout {
    /// Room for all points in a box, and for so many slices and rows around it.
    pub(crate) fn new(bounds: Bounds, around: [usize; 2]) -> Self {
        let [slices, rows, words] =
            std::array::from_fn(|axis| (bounds.high[axis] - bounds.low[axis]) as usize + 1);
        // A block may begin in the last row.
        let column = rows.next_multiple_of(ROWS) + around[1];
        let slice = column.saturating_mul(words + 1);
        let len = slice.saturating_mul(slices + 2 * around[0]).saturating_add(column + around[1]);
        Self { low: bounds.low, around, column, slice, len }
    }

    /// Words of room.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// From one column of a slice to the next.
    pub(crate) fn column(&self) -> usize {
        self.column
    }

    /// How far it is to a point that is so many slices and rows away.
    pub(crate) fn offset(&self, slices: isize, rows: isize) -> isize {
        slices * self.slice.cast_signed() + rows
    }

    /// Slices, rows and columns of points that there is room for.
    pub(super) fn size(&self) -> [usize; 3] {
        let [slices, rows] = [self.len / self.slice, self.column];
        let columns = (self.slice / self.column - 1) * u64::BITS as usize;
        [slices - 2 * self.around[0], rows - self.around[1], columns]
    }

    /// Slice, row and word of an index, counted from the first ones that points may have.
    pub(super) fn place(&self, at: usize) -> [usize; 3] {
        let [slice, inside] = [at / self.slice, at % self.slice];
        let [word, row] = [inside / self.column, inside % self.column];
        [slice - self.around[0], row - self.around[1], word - 1]
    }

    /// The lowest point of a word whose place is counted from the first one.
    pub(super) fn corner(&self, place: [usize; 3]) -> [u32; 3] {
        #[allow(clippy::cast_possible_truncation, reason = "there is room for this place")]
        let [slice, row, word] = std::array::from_fn(|axis| self.low[axis] + place[axis] as u32);
        [slice, row, word * u64::BITS]
    }

    fn index(&self, [slice, row, word]: [usize; 3]) -> usize {
        (slice + self.around[0]) * self.slice + (word + 1) * self.column + row + self.around[1]
    }

    /// A place, counted from the first ones that points may have.
    #[inline(always)]
    fn inside(&self, place: [u32; 3]) -> [usize; 3] {
        std::array::from_fn(|axis| (place[axis] - self.low[axis]) as usize)
    }
}

/// A set of points in columns.
pub(crate) struct Columns {
    words: Vec<u64>,
    blocks: Vec<Block>,
}

impl Columns {
    /// The points of a set, whose words come slice by slice, in each of which those of a column come row by
    /// row.
    pub(crate) fn new(points: &Points, layout: &Layout) -> Self {
        let mut words = vec![0; layout.len];
        let mut blocks: Vec<Block> = Vec::with_capacity(points.words().len() / 2);
        // The last block of each column.
        let mut last = vec![usize::MAX; layout.slice / layout.column];
        for (number, word) in (0_u32..).zip(points.words()) {
            let [slice, row, column] = layout.inside(word.place);
            let at = layout.index([slice, row, column]);
            words[at] = word.bits;
            let (row, last) = (row % ROWS, &mut last[column]);
            match blocks.get_mut(*last) {
                Some(block) if block.at == at - row => block.words[row] = number,
                _ => {
                    *last = blocks.len();
                    blocks.push(Block { at: at - row, words: [NO_WORD; ROWS] });
                    blocks[*last].words[row] = number;
                }
            }
        }
        Self { words, blocks }
    }

    /// The blocks that are not empty.
    pub(crate) fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    /// The words of eight rows from a place on, as far as there is room.
    #[inline(always)]
    pub(super) fn rows(&self, layout: &Layout, place: [usize; 3]) -> &[u64; ROWS] {
        self.eight(layout.index(place))
    }

    /// The words of all rows of a column, eight by eight, counted from the empty one before the first.
    #[inline(always)]
    pub(super) fn eights(&self, layout: &Layout, slice: usize, column: usize) -> &[[u64; ROWS]] {
        let rows = layout.column - layout.around[1];
        self.words[layout.index([slice, 0, 0]) - layout.column + column * layout.column..][..rows]
            .as_chunks()
            .0
    }

    /// Eight words from an index on.
    #[inline(always)]
    pub(crate) fn eight(&self, at: usize) -> &[u64; ROWS] {
        self.words[at..].first_chunk().expect("eight words, as there is room around all points")
    }
}
