//! Masks, and bands along their borders, as bits of their boxes.
//!
//! A word has 64 rows of a column, and begins at a multiple of 64 of them in every mask. Words of the same rows lie side
//! by side, so that what columns share, and what masks share, is found for many columns at once.

use super::{Bounds, Masks, Run, by_column};
use crate::cpu::{EIGHT, Kernel, Routine, Vectors};

const BITS: u32 = u64::BITS;

/// Empty words behind the last column of each row of them, so that from any column on eight can be read.
const BEHIND: usize = EIGHT - 1;

/// Masks of one image as bits, and their bands.
#[derive(Debug)]
pub struct Bitmaps {
    kernel: Kernel,
    all: Vec<Bitmap>,
    whole: Vec<u64>,
    /// Where bands are made, as many words.
    bands: Vec<u64>,
    middle: Vec<u64>,
}

/// One of many: its columns, its rows of words, and where these begin.
#[derive(Clone, Copy, Debug)]
struct Bitmap {
    left: u32,
    right: u32,
    top: u32,
    bottom: u32,
    first: usize,
}

impl Bitmap {
    /// What a box takes. The row below it, in which runs end, has its words as well.
    fn of(bounds: Bounds, first: usize) -> Self {
        let Bounds { left, top, right, bottom } = bounds;
        Self { left, right, top: top / BITS, bottom: bottom / BITS + 1, first }
    }

    /// Words from one row of them to the next.
    fn stride(self) -> usize {
        (self.right - self.left) as usize + BEHIND
    }

    fn words(self) -> usize {
        self.stride() * (self.bottom - self.top) as usize
    }

    fn place(self, column: u32, row: u32) -> usize {
        self.first + (row - self.top) as usize * self.stride() + (column - self.left) as usize
    }
}

impl Bitmaps {
    /// No masks.
    #[must_use]
    pub fn new(kernel: Kernel) -> Self {
        Self { kernel, all: Vec::new(), whole: Vec::new(), bands: Vec::new(), middle: Vec::new() }
    }

    /// Forget all masks; memory is kept.
    pub fn clear(&mut self) {
        self.all.clear();
        self.whole.clear();
        self.bands.clear();
    }

    /// How many words masks take.
    #[must_use]
    pub fn words(masks: &Masks) -> usize {
        (0..masks.len()).map(|mask| Bitmap::of(masks.bounds(mask), 0).words()).sum()
    }

    /// Add a mask.
    ///
    /// # Panics
    ///
    /// If there is no such mask; so for all that follows.
    pub fn push(&mut self, masks: &Masks, mask: usize) {
        self.add(masks, mask, None);
    }

    /// Add a mask and its band, and return how many pixels the band has. `width` is above 0, and all masks have bands,
    /// or none.
    pub fn push_with_band(&mut self, masks: &Masks, mask: usize, width: u32) -> u32 {
        let bounds = masks.bounds(mask);
        let side = width.saturating_mul(2).saturating_add(1);
        let is_wide = bounds.right - bounds.left >= side && bounds.bottom - bounds.top >= side;
        let own = self.add(masks, mask, is_wide.then_some(width));
        self.bands.extend_from_slice(&self.whole[own.first..]);
        if !is_wide {
            return masks.pixels(mask);
        }
        let band = &mut self.bands[own.first..];
        self.kernel.run(Cut { middle: &mut self.middle, width: width as usize, band })
    }

    /// Paint a mask, and in its middle what is so many rows away from the ends of its runs.
    fn add(&mut self, masks: &Masks, mask: usize, width: Option<u32>) -> Bitmap {
        let own = Bitmap::of(masks.bounds(mask), self.whole.len());
        self.all.push(own);
        self.whole.resize(own.first + own.words(), 0);
        self.middle.clear();
        if width.is_some() {
            // Behind the last row of words is an empty one, as squares reach beyond it.
            self.middle.resize(own.words() + own.stride(), 0);
        }
        let (runs, height) = (masks.runs(mask), masks.size().height());
        let middle = width.map(|width| (width, &mut self.middle[..]));
        self.kernel.run(Paint { runs, height, own, whole: &mut self.whole[own.first..], middle });
        own
    }

    /// How many pixels a mask shares with one of other masks of the same image.
    #[must_use]
    pub fn shared(&self, mask: usize, others: &Self, other: usize) -> u32 {
        self.both([self.all[mask], others.all[other]], [&self.whole, &others.whole])
    }

    /// How many pixels the band of a mask shares with that of one of other masks.
    #[must_use]
    pub fn shared_by_bands(&self, mask: usize, others: &Self, other: usize) -> u32 {
        self.both([self.all[mask], others.all[other]], [&self.bands, &others.bands])
    }

    fn both(&self, [one, two]: [Bitmap; 2], [of_one, of_two]: [&[u64]; 2]) -> u32 {
        let (left, right) = (one.left.max(two.left), one.right.min(two.right));
        let (top, bottom) = (one.top.max(two.top), one.bottom.min(two.bottom));
        if left >= right || top >= bottom {
            return 0;
        }
        let one = (&of_one[one.place(left, top)..], one.stride());
        let two = (&of_two[two.place(left, top)..], two.stride());
        self.kernel.run(Shared { one, two, columns: (right - left) as usize, rows: (bottom - top) as usize })
    }
}

/// Eight words from a place on.
#[inline(always)]
fn eight(words: &[u64], at: usize) -> [u64; EIGHT] {
    std::array::from_fn(|k| words[at..at + EIGHT][k])
}

/// Eight words after the other; what is behind the last of them is empty.
#[inline(always)]
fn eights(words: &mut [u64]) -> impl Iterator<Item = (usize, &mut [u64; EIGHT])> {
    (0..).step_by(EIGHT).zip(words.as_chunks_mut().0)
}

/// The sum of eight.
#[allow(clippy::cast_possible_truncation, reason = "an image has fewer pixels than 2^32")]
#[inline(always)]
fn total(sums: [u64; EIGHT]) -> u32 {
    sums.into_iter().sum::<u64>() as u32
}

/// Runs become bits, all of which are 0 before.
struct Paint<'a> {
    runs: &'a [Run],
    height: u32,
    own: Bitmap,
    whole: &'a mut [u64],
    middle: Option<(u32, &'a mut [u64])>,
}

impl Routine for Paint<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vectors>(self, _: V) {
        let Self { runs, height, own, whole, mut middle } = self;
        let stride = own.stride();
        let flip = |words: &mut [u64], column: usize, row: u32| {
            words[(row / BITS - own.top) as usize * stride + column] ^= 1 << (row % BITS);
        };
        by_column(runs, own.left, height, |column, start, end| {
            flip(whole, column, start);
            flip(whole, column, end);
            if let Some((width, middle)) = &mut middle
                && end - start > 2 * *width
            {
                flip(middle, column, start + *width);
                flip(middle, column, end - *width);
            }
        });
        fill(whole, stride);
        if let Some((_, middle)) = middle {
            fill(middle, stride);
        }
    }
}

/// Set the bits between two in each column, of which there are only those at which a run begins or ends.
#[inline(always)]
fn fill(words: &mut [u64], stride: usize) {
    for word in &mut *words {
        for places in [1, 2, 4, 8, 16, 32] {
            *word ^= *word << places;
        }
    }
    for start in (stride..words.len()).step_by(stride) {
        let (above, here) = words.split_at_mut(start);
        for (word, above) in here.iter_mut().zip(&above[start - stride..]) {
            *word ^= (above >> (BITS - 1)).wrapping_neg();
        }
    }
}

/// A mask becomes a band: what is in the middle of squares is cut out.
struct Cut<'a> {
    middle: &'a mut [u64],
    width: usize,
    band: &'a mut [u64],
}

impl Routine for Cut<'_> {
    type Output = u32;

    /// Words become what they share with those behind them, of twice as many columns at each step. A square that reaches
    /// beyond the last column meets the empty words there.
    #[inline(always)]
    fn run<V: Vectors>(self, vectors: V) -> u32 {
        let Self { middle, width, band } = self;
        let side = 2 * width + 1;
        let mut together = 1;
        while 2 * together < side {
            for at in (0..band.len()).step_by(EIGHT) {
                let [here, there] = [0, together].map(|step| eight(middle, at + step));
                let shared: [u64; EIGHT] = std::array::from_fn(|k| here[k] & there[k]);
                middle[at..at + EIGHT].copy_from_slice(&shared);
            }
            together *= 2;
        }
        for (at, words) in eights(&mut band[width..]) {
            let [here, there] = [0, side - together].map(|step| eight(middle, at + step));
            *words = std::array::from_fn(|k| words[k] & !(here[k] & there[k]));
        }
        let mut sums = [0; EIGHT];
        for (_, words) in eights(band) {
            vectors.add_bits(vectors.words(words), &mut sums);
        }
        total(sums)
    }
}

/// Bits that two bitmaps share, from a word on that both have, each with its words from one row to the next.
struct Shared<'a> {
    one: (&'a [u64], usize),
    two: (&'a [u64], usize),
    columns: usize,
    rows: usize,
}

impl Routine for Shared<'_> {
    type Output = u32;

    /// Behind the columns of both, one of them has empty words.
    #[inline(always)]
    fn run<V: Vectors>(self, vectors: V) -> u32 {
        let mut sums = [0; EIGHT];
        for row in 0..self.rows {
            let [one, two] = [self.one, self.two].map(|(words, stride)| &words[row * stride..]);
            for at in (0..self.columns).step_by(EIGHT) {
                let [one, two] = [one, two].map(|words| vectors.words(&eight(words, at)));
                vectors.add_bits(vectors.both(one, two), &mut sums);
            }
        }
        total(sums)
    }
}
