//! How many pixels masks of two sides share, and their bands: by their bits, or by their runs where these are few or
//! bits would take too much memory.

use super::Masks;
use super::band::Bander;
use super::bitmaps::Bitmaps;
use crate::cpu::Kernel;
use crate::error::{Error, look};

/// Most words of bits of an image, 8 MiB, and as many of bands.
const MOST_WORDS: usize = 1 << 20;

/// Without bands, bits are faster where runs would be passed so often for each word of them.
const PASSED: usize = 4;

/// Compares the masks of one image after the other, in memory that it keeps.
#[derive(Debug)]
pub struct Sharing {
    pub(super) most_words: usize,
    by_bits: bool,
    bitmaps: [Bitmaps; 2],
    bander: Bander,
    bands: [Masks; 2],
}

impl Sharing {
    /// Of no image.
    #[must_use]
    pub fn new(kernel: Kernel) -> Self {
        Self {
            most_words: MOST_WORDS,
            by_bits: false,
            bitmaps: [Bitmaps::new(kernel), Bitmaps::new(kernel)],
            bander: Bander::default(),
            bands: [Masks::default(), Masks::default()],
        }
    }

    /// Make ready for masks of both sides. Where bands are so many pixels wide, add how many pixels each has, those of
    /// the first side before those of the other. `stop` is asked at each mask.
    ///
    /// # Errors
    ///
    /// [`Error::Cancelled`].
    ///
    /// # Panics
    ///
    /// If the images differ in size.
    pub fn prepare(
        &mut self,
        masks: [&Masks; 2],
        band: Option<u32>,
        of_bands: &mut Vec<i64>,
        stop: &mut dyn FnMut() -> bool,
    ) -> Result<(), Error> {
        let [one, two] = masks;
        assert_eq!(one.size(), two.size(), "masks of one size");
        let words = Bitmaps::words(one) + Bitmaps::words(two);
        // Each run is passed once for each mask of the other side, at most.
        let passed = one.all_runs().saturating_mul(two.len()) + two.all_runs().saturating_mul(one.len());
        self.by_bits = words <= self.most_words && (band.is_some() || PASSED * words <= passed);
        for (side, masks) in masks.into_iter().enumerate() {
            let (bitmaps, bands) = (&mut self.bitmaps[side], &mut self.bands[side]);
            bitmaps.clear();
            bands.clear(masks.size());
            for mask in 0..masks.len() {
                look(stop)?;
                match band {
                    Some(width) if self.by_bits => {
                        of_bands.push(bitmaps.push_with_band(masks, mask, width).into());
                    }
                    Some(width) => {
                        self.bander.push(masks, mask, width, bands);
                        of_bands.push(bands.pixels(mask).into());
                    }
                    None if self.by_bits => bitmaps.push(masks, mask),
                    None => {}
                }
            }
        }
        Ok(())
    }

    /// How many pixels two of the masks share that it was made ready for.
    ///
    /// # Panics
    ///
    /// If there are no such masks; so for their bands.
    #[must_use]
    pub fn of_masks(&self, [one, two]: [&Masks; 2], mask: usize, other: usize) -> u32 {
        if self.by_bits {
            self.bitmaps[0].shared(mask, &self.bitmaps[1], other)
        } else {
            one.shared(mask, two, other)
        }
    }

    /// How many pixels their bands share.
    #[must_use]
    pub fn of_bands(&self, mask: usize, other: usize) -> u32 {
        if self.by_bits {
            self.bitmaps[0].shared_by_bands(mask, &self.bitmaps[1], other)
        } else {
            self.bands[0].shared(mask, &self.bands[1], other)
        }
    }
}
