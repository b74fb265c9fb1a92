//! PNG masks: a file becomes bands of labels or a whole label map, or a precise refusal.
//!
//! The label of a gray pixel is its value, of a palette pixel its *index* (the colour behind it is
//! offered beside it, for others to judge), at 1, 2, 4, 8 or 16 bits, interlaced or not. Pixels of
//! RGB, RGBA and gray with alpha are the labels `2^56 + 0xRRGGBB`; one that is not opaque has its
//! transparency in the eight bits above, so that it is the colour of no class. Where nobody asks for
//! colours, they must be gray and opaque, or one colour that alpha tells apart: others know then
//! which labels are meant.
//!
//! # Two ways, one table of rules
//!
//! Rows are inflated a window at a time ([`inflate`]), into memory that the [`Reader`] keeps. Nearly all
//! masks are gray or palette and not interlaced; their filters are undone a band of rows at a time, so that
//! whoever counts finds the band in cache ([`scanlines`], [`unfilter`]). A file at which that way
//! stumbles goes through the `png` crate ([`fallback`]), which finds the words for a refusal. Both ways keep to
//! one table:
//!
//! | what | |
//! |---|---|
//! | more pixels than `max_pixels`, or than as many bytes can hold; a file far larger than its pixels | refused before memory is taken |
//! | a checksum (of a chunk, of the pixels) that is wrong or missing | refused |
//! | fewer bytes of image than the header says, or more | refused |
//! | codes that deflate does not define | refused |
//! | chunks that are unknown and cannot be done without, or in the wrong order | refused |
//! | other chunks, of whatever content | passed over |
//! | bytes after the end of the compressed data, or of the image | passed over |

#[cfg(any(test, fuzzing))]
pub mod both;
mod chunks;
mod encode;
mod fallback;
mod file;
mod inflate;
mod kind;
mod paeth;
mod pixels;
mod reader;
mod repeats;
mod scanlines;
mod unfilter;
mod whole;

use crate::error::{Error, look};
use crate::pixels::{LabelMap, Line};

pub use encode::encode;
pub use reader::{MaskFile, Reader};
pub use scanlines::Scanlines;

/// First label of the colours of RGB masks.
pub const COLOUR_TAG: i64 = 1 << 56;

/// What may be read.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// Most pixels of one mask.
    pub max_pixels: u64,
    /// Whether any colours are labels, and not only gray ones, or one colour in several degrees of alpha.
    pub colours: bool,
}

/// A mask in memory.
#[derive(Debug, PartialEq, Eq)]
pub struct Mask {
    /// Width in pixels.
    pub width: usize,
    /// Height in pixels.
    pub height: usize,
    /// One label a pixel, row by row.
    pub labels: Labels,
}

/// Labels of a mask, as wide as they need to be.
#[derive(Debug, PartialEq, Eq)]
pub enum Labels {
    /// Up to 8 bits.
    Bytes(Vec<u8>),
    /// 16 bits.
    Words(Vec<u16>),
    /// Colours.
    Colours(Vec<i64>),
}

impl Mask {
    /// The mask as a label map of shape (height, width).
    #[must_use]
    pub fn map(&self) -> LabelMap<'_> {
        let shape = [self.height, self.width];
        match &self.labels {
            Labels::Bytes(labels) => LabelMap::from_labels(labels, &shape),
            Labels::Words(labels) => LabelMap::from_labels(labels, &shape),
            Labels::Colours(labels) => LabelMap::from_labels(labels, &shape),
        }
    }

    /// All labels, row by row.
    #[must_use]
    pub fn line(&self) -> Line<'_> {
        match &self.labels {
            Labels::Bytes(labels) => Line::from_labels(labels),
            Labels::Words(labels) => Line::from_labels(labels),
            Labels::Colours(labels) => Line::from_labels(labels),
        }
    }
}

/// Room for `pixels` labels.
fn reserved<T>(pixels: u64) -> Result<Vec<T>, Error> {
    let bytes = pixels.saturating_mul(size_of::<T>() as u64);
    let mut labels = Vec::new();
    let len = usize::try_from(pixels).map_err(|_| Error::OutOfMemory { bytes })?;
    labels.try_reserve_exact(len).map_err(|_| Error::OutOfMemory { bytes })?;
    Ok(labels)
}

/// At least `len` bytes in a buffer that is kept.
fn grow(buffer: &mut Vec<u8>, len: usize) -> Result<(), Error> {
    if buffer.len() < len {
        let more = len - buffer.len();
        buffer.try_reserve(more).map_err(|_| Error::OutOfMemory { bytes: len as u64 })?;
        buffer.resize(len, 0);
    }
    Ok(())
}

/// So many zeros. Memory that is fresh takes a third of a second for each GiB, so `stop` is asked
/// between pieces of it.
fn zeros(bytes: u64, stop: &mut dyn FnMut() -> bool) -> Result<Vec<u8>, Error> {
    const PIECE: usize = 1 << 24;
    let mut zeros: Vec<u8> = reserved(bytes)?;
    let len = usize::try_from(bytes).map_err(|_| Error::OutOfMemory { bytes })?;
    while zeros.len() < len {
        look(stop)?;
        zeros.resize(len.min(zeros.len() + PIECE), 0);
    }
    Ok(zeros)
}

#[cfg(test)]
mod tests;
