//! The scores of a line of pixels: what blocks of labels are made of.
#![allow(unsafe_code)]

use std::marker::PhantomData;

/// The scores of pixels that are one constant step apart.
#[derive(Clone, Copy)]
pub(super) struct Scores<'a> {
    base: *const u8,
    pub(super) pixel: isize,
    pub(super) class: isize,
    pub(super) channels: usize,
    pub(super) len: usize,
    /// Pixels behind these, which there are too.
    pub(super) behind: usize,
    pub(super) swapped: bool,
    memory: PhantomData<&'a ()>,
}

impl Scores<'_> {
    /// `len` pixels with `channels` scores each, and the bytes from one to the next of both.
    ///
    /// # Safety
    ///
    /// For as long as `'a`, all these scores must stay readable. They may be written to meanwhile.
    pub(super) unsafe fn new(
        base: *const u8,
        [pixel, class]: [isize; 2],
        channels: usize,
        len: usize,
        swapped: bool,
    ) -> Self {
        Self { base, pixel, class, channels, len, behind: 0, swapped, memory: PhantomData }
    }

    /// The scores of pixels `start` to `start + len`.
    ///
    /// # Panics
    ///
    /// If they reach beyond the end.
    pub(super) fn part(&self, start: usize, len: usize) -> Self {
        assert!(start <= self.len && len <= self.len - start, "a part lies inside");
        let base = self.base.wrapping_offset(self.pixel * start.cast_signed());
        Self { base, len, behind: self.behind + self.len - start - len, ..*self }
    }

    /// Whether the scores of each channel are side by side, in this machine's byte order.
    #[inline(always)]
    pub(super) fn in_planes<S>(&self) -> bool {
        !self.swapped && self.pixel == size_of::<S>().cast_signed()
    }

    /// The first pixel's score of a channel.
    #[inline(always)]
    pub(super) fn plane(&self, channel: usize) -> *const u8 {
        self.base.wrapping_offset(self.class * channel.cast_signed())
    }
}
