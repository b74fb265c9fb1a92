//! Objects as masks that may overlap one another: runs of pixels by columns, as COCO has them.
//!
//! A mask is read from run lengths, from polygons or from a label map, and is written as run lengths or painted.
//! What is asked of two of them, how many pixels they share, is asked of their runs: no mask is ever painted for it.

pub mod averages;
pub mod band;
pub mod bitmaps;
mod bounds;
pub mod coco;
mod fault;
mod maps;
pub mod matching;
mod overlap;
mod paint;
mod polygons;
pub mod precision;
pub mod sharing;
mod strings;
mod window;

pub use bounds::Bounds;
pub use fault::Fault;
pub use paint::Painted;

use crate::cpu::Kernel;
use crate::error::Error;
use crate::limits::MAX_RUNS;

/// Pixels of a mask that follow each other, column by column: pixel `y` of column `x` is `x * height + y`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// The first one.
    pub start: u32,
    /// Behind the last one.
    pub end: u32,
}

/// Height and width of an image, of fewer than 2^32 pixels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Size {
    height: u32,
    width: u32,
}

impl Size {
    /// The size of an image.
    ///
    /// # Errors
    ///
    /// [`Error::TooManyPixels`] if it has more than `limit`, or 2^32 or more.
    pub fn new(height: u32, width: u32, limit: u64) -> Result<Self, Error> {
        let limit = limit.min(u32::MAX.into());
        if u64::from(height) * u64::from(width) > limit {
            return Err(Error::TooManyPixels { width, height, limit });
        }
        Ok(Self { height, width })
    }

    /// Rows.
    #[must_use]
    pub fn height(self) -> u32 {
        self.height
    }

    /// Columns.
    #[must_use]
    pub fn width(self) -> u32 {
        self.width
    }

    /// Pixels.
    #[must_use]
    pub fn pixels(self) -> u32 {
        self.height * self.width
    }
}

/// One of many masks: which runs are its own.
#[derive(Clone, Copy, Debug)]
struct Mask {
    first: usize,
    end: usize,
    pixels: u32,
    bounds: Bounds,
}

/// Masks of one image. The runs of each are sorted, and between two of them is a pixel of none at least.
#[derive(Clone, Debug, Default)]
pub struct Masks {
    kernel: Kernel,
    size: Size,
    runs: Vec<Run>,
    all: Vec<Mask>,
    outlines: polygons::Outlines,
}

impl Masks {
    /// No masks.
    #[must_use]
    pub fn new(size: Size) -> Self {
        Self { size, ..Self::default() }
    }

    /// No masks, for tests of each kernel.
    #[cfg(test)]
    fn with_kernel(kernel: Kernel, size: Size) -> Self {
        Self { kernel, size, ..Self::default() }
    }

    /// Forget all masks, and be of another image; memory is kept.
    pub fn clear(&mut self, size: Size) {
        self.size = size;
        self.runs.clear();
        self.all.clear();
    }

    /// The size of their image.
    #[must_use]
    pub fn size(&self) -> Size {
        self.size
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// How many runs all of them have.
    #[must_use]
    pub fn all_runs(&self) -> usize {
        self.runs.len()
    }

    /// The runs of a mask.
    ///
    /// # Panics
    ///
    /// If there is no such mask; so for all that follows.
    #[must_use]
    pub fn runs(&self, mask: usize) -> &[Run] {
        let Mask { first, end, .. } = self.all[mask];
        &self.runs[first..end]
    }

    /// How many pixels a mask has.
    #[must_use]
    pub fn pixels(&self, mask: usize) -> u32 {
        self.all[mask].pixels
    }

    /// Where a mask lies.
    #[must_use]
    pub fn bounds(&self, mask: usize) -> Bounds {
        self.all[mask].bounds
    }

    /// Add a mask whose runs `push` adds to those that there are; where it fails, nothing is added.
    fn add(&mut self, push: impl FnOnce(&mut Vec<Run>, Size) -> Result<(), Fault>) -> Result<(), Fault> {
        let first = self.runs.len();
        let pushed = push(&mut self.runs, self.size);
        if let Err(fault) = pushed {
            self.runs.truncate(first);
            return Err(fault);
        }
        if self.runs.len() > MAX_RUNS {
            self.runs.truncate(first);
            return Err(Fault::TooManyRuns { limit: MAX_RUNS });
        }
        let (pixels, bounds) = bounds::measured(self.kernel, &self.runs[first..], self.size.height);
        self.all.push(Mask { first, end: self.runs.len(), pixels, bounds });
        Ok(())
    }
}

/// Call `each` for every part of runs that lies in one column: which column it is, from `left` on, the first row, and
/// the one behind the last.
#[inline(always)]
fn by_column(runs: &[Run], left: u32, height: u32, mut each: impl FnMut(usize, u32, u32)) {
    let (mut column, mut begin) = (0, left * height);
    for &Run { mut start, end } in runs {
        // Whether a run begins in the next column cannot be foreseen; that it begins behind that seldom is.
        let is_next = start - begin >= height;
        begin += if is_next { height } else { 0 };
        column += usize::from(is_next);
        while start < end {
            if start - begin >= height {
                let at = start / height;
                (column, begin) = ((at - left) as usize, at * height);
            }
            let here = end.min(begin + height);
            each(column, start - begin, here - begin);
            start = here;
        }
    }
}

/// Add pixels to the end of a mask whose runs begin at `first`.
#[inline]
fn push(runs: &mut Vec<Run>, first: usize, start: u32, end: u32) {
    if start == end {
        return;
    }
    if let Some(last) = runs[first..].last_mut()
        && last.end == start
    {
        last.end = end;
        return;
    }
    runs.push(Run { start, end });
}

#[cfg(test)]
mod tests;
