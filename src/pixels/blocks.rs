//! Rows of labels of a byte, told by what changes from row to row, in blocks that fill a cache line.
#![allow(unsafe_code)]

/// Labels of a block, as many as kernels compare at once.
pub const BLOCK: usize = 64;

/// As many labels as a cache line holds.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
pub struct Block(pub [u8; BLOCK]);

impl Block {
    /// A block of one label.
    #[must_use]
    pub const fn of(label: u8) -> Self {
        Self([label; BLOCK])
    }
}

/// Most labels of a row, so that the number of a block fits 16 bits.
pub const WIDEST: usize = 1 << 16;

/// Most rows, so that as many times the labels of a block fit 16 bits.
pub const HIGHEST: usize = 512;

/// Rows of a mask that follow each other.
#[derive(Clone, Copy, Debug)]
pub struct BlockRows<'a> {
    width: usize,
    blocks: &'a [Block],
    starts: &'a [u32],
    changed: &'a [u64],
}

impl<'a> BlockRows<'a> {
    /// Rows of `width` labels.
    ///
    /// `starts` are the numbers of the first blocks of the row above and of each row. A row that repeats the
    /// one above may lie where that lies, and a block of no meaning stands before every row. What follows the
    /// last label of a row in its last block has no meaning either. `changed` holds for each row as many
    /// words of 64 bits as its blocks need: a bit that is not set says that a block equals that of the row
    /// above.
    ///
    /// # Panics
    ///
    /// If there is no row or more than [`HIGHEST`], if a row is empty or wider than [`WIDEST`], or if not all
    /// blocks or words are there.
    #[must_use]
    pub fn new(width: usize, blocks: &'a [Block], starts: &'a [u32], changed: &'a [u64]) -> Self {
        assert!((1..=WIDEST).contains(&width), "rows of a width that can be counted");
        let made = Self { width, blocks, starts, changed };
        assert!((1..=HIGHEST).contains(&made.height()), "as many rows as can be counted");
        let last = blocks.len().saturating_sub(made.across());
        assert!(starts.iter().all(|&start| (1..=last).contains(&(start as usize))), "blocks of every row");
        assert_eq!(changed.len(), made.height() * made.words(), "bits for all blocks");
        let beyond = !(u64::MAX >> (made.words() * 64 - made.across()));
        let last = changed.iter().skip(made.words() - 1).step_by(made.words());
        assert!(last.fold(0, |any, bits| any | bits) & beyond == 0, "bits of blocks that there are");
        made
    }

    /// Labels of a row.
    #[must_use]
    pub fn width(&self) -> usize {
        self.width
    }

    /// Number of rows.
    #[must_use]
    pub fn height(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// Blocks of a row.
    #[must_use]
    pub fn across(&self) -> usize {
        self.width.div_ceil(BLOCK)
    }

    /// Words of bits of a row.
    #[must_use]
    pub fn words(&self) -> usize {
        self.across().div_ceil(64)
    }

    /// Bits of the blocks of all rows that may differ from the row above.
    #[must_use]
    pub fn changed(&self) -> &'a [u64] {
        self.changed
    }

    /// Whether blocks of every row may differ from the row above.
    #[must_use]
    pub fn all_change(&self) -> bool {
        self.starts.windows(2).all(|two| two[0] != two[1])
    }

    /// The numbers of the first blocks of the row above and of each row.
    #[must_use]
    pub fn starts(&self) -> &'a [u32] {
        self.starts
    }

    /// Where the labels of a block lie. The labels of another block lie before them, and may be read from
    /// here too.
    ///
    /// # Panics
    ///
    /// If there are no such two blocks.
    #[must_use]
    #[inline(always)]
    pub fn labels_at(&self, block: u32) -> *const u8 {
        let two = &self.blocks[block as usize - 1..][..2];
        two.as_ptr().wrapping_add(1).cast()
    }

    /// The labels of a row, of which there are [`BlockRows::height`].
    ///
    /// # Panics
    ///
    /// If there is no such row.
    #[must_use]
    pub fn row(&self, y: usize) -> &'a [u8] {
        let blocks = &self.blocks[self.starts[y + 1] as usize..][..self.across()];
        // SAFETY: blocks are bytes that lie side by side, of which these are no more than all.
        unsafe { std::slice::from_raw_parts(blocks.as_ptr().cast(), self.width) }
    }
}
