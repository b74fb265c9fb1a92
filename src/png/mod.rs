//! PNG masks: a file becomes a label map in memory, or a precise refusal.
//!
//! The label of a gray pixel is its value, of a palette pixel its *index* (never the colour behind
//! it), at 1, 2, 4, 8 or 16 bits, interlaced or not. Pixels of RGB and RGBA masks, read only on
//! request, are the labels `2^56 + 0xRRGGBB`; one that is not opaque has its transparency in the
//! eight bits above, so that it is the colour of no class.
//!
//! Checksums of all chunks are checked, and the one of the pixels where the decoder reaches it; a
//! header is believed only up to `max_pixels`, and nothing is allocated for pixels before that.

mod encode;

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Seek};
use std::path::Path;

use png::{BitDepth, ColorType, DecodeOptions, Decoder, DecodingError, InterlaceInfo, Limits, Reader};

use crate::error::Error;
use crate::pixels::LabelMap;

pub use encode::encode;

/// First label of the colours of RGB masks.
pub const COLOUR_TAG: i64 = 1 << 56;

/// Bytes that a decoder may take beside the image: rows, and chunks such as the palette.
const CHUNK_BYTES: usize = 64 << 20;

/// Rows between two looks at whether to stop.
const ROWS_PER_LOOK: u32 = 16;

/// What may be read.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// Most pixels of one mask.
    pub max_pixels: u64,
    /// Whether RGB and RGBA pixels are labels.
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
}

/// A mask file whose header has been read and accepted.
pub struct MaskFile<R: BufRead + Seek> {
    reader: Reader<R>,
    width: u32,
    height: u32,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Labels of 1, 2 or 4 bits, packed from the high bits of each byte.
    Packed(u8),
    Bytes,
    Words,
    Rgb,
    Rgba,
}

impl MaskFile<BufReader<File>> {
    /// Open a file and read its header.
    ///
    /// # Errors
    ///
    /// Those of [`MaskFile::new`], and [`Error::Io`].
    pub fn open(path: &Path, rules: Rules) -> Result<Self, Error> {
        // Opening a pipe would wait for somebody to write to it.
        let kind = fs::metadata(path)?;
        if kind.is_dir() {
            return Err(io::Error::from(io::ErrorKind::IsADirectory).into());
        }
        if !kind.is_file() {
            return Err(Error::NotPng { found: "a pipe or a device" });
        }
        let file = File::open(path)?;
        Self::new(BufReader::with_capacity(1 << 16, file), rules)
    }
}

impl<R: BufRead + Seek> MaskFile<R> {
    /// Read a header.
    ///
    /// # Errors
    ///
    /// [`Error::NotPng`], [`Error::Damaged`], [`Error::TooManyPixels`], [`Error::NotLabels`] and
    /// [`Error::Io`].
    pub fn new(mut source: R, rules: Rules) -> Result<Self, Error> {
        if let Some(found) = other_format(source.fill_buf()?) {
            return Err(Error::NotPng { found });
        }
        let mut options = DecodeOptions::default();
        options.set_ignore_checksums(false);
        options.set_skip_ancillary_crc_failures(false);
        options.set_ignore_text_chunk(true);
        options.set_ignore_iccp_chunk(true);
        let mut decoder = Decoder::new_with_options(source, options);
        let info = decoder.read_header_info().map_err(damaged)?;
        let (width, height) = (info.width, info.height);
        if u64::from(width) * u64::from(height) > rules.max_pixels {
            return Err(Error::TooManyPixels { width, height, limit: rules.max_pixels });
        }
        let kind = kind(info.color_type, info.bit_depth, rules.colours)?;
        // The size of the image has just been accepted, so a row of it may be as long as it is.
        let row_bytes = info.raw_row_length();
        decoder.set_limits(Limits { bytes: CHUNK_BYTES.saturating_add(row_bytes) });
        let reader = decoder.read_info().map_err(damaged)?;
        if reader.info().animation_control.is_some() {
            return Err(Error::NotLabels { found: "an animation" });
        }
        if kind == Kind::Rgb && reader.info().trns.is_some() {
            return Err(Error::NotLabels { found: "RGB with a transparent colour" });
        }
        Ok(Self { reader, width, height, kind })
    }

    /// Shape as (height, width), in pixels.
    #[must_use]
    pub fn shape(&self) -> [usize; 2] {
        [self.height as usize, self.width as usize]
    }

    /// Colours of the palette as `[red, green, blue]`, if there is one.
    #[must_use]
    pub fn palette(&self) -> Option<Vec<[u8; 3]>> {
        let info = self.reader.info();
        let entries = info.palette.as_deref().filter(|_| info.color_type == ColorType::Indexed)?;
        Some(entries.chunks_exact(3).map(|c| [c[0], c[1], c[2]]).collect())
    }

    /// Bytes of memory that [`MaskFile::decode`] holds at its peak.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        let pixels = u64::from(self.width) * u64::from(self.height);
        let unpacked = match self.kind {
            Kind::Bytes => 0,
            Kind::Packed(_) => pixels,
            Kind::Words => 2 * pixels,
            Kind::Rgb | Kind::Rgba => 8 * pixels,
        };
        self.raw_bytes().saturating_add(unpacked)
    }

    fn row_bytes(&self) -> usize {
        self.reader.output_line_size(self.width).unwrap_or(usize::MAX)
    }

    fn raw_bytes(&self) -> u64 {
        (self.row_bytes() as u64).saturating_mul(u64::from(self.height))
    }

    /// Read the pixels. `stop` is asked every few rows.
    ///
    /// # Errors
    ///
    /// [`Error::Truncated`], [`Error::Damaged`], [`Error::OutOfMemory`], [`Error::Io`] and
    /// [`Error::Cancelled`].
    pub fn decode(mut self, stop: &mut dyn FnMut() -> bool) -> Result<Mask, Error> {
        let mut raw = zeroed(self.raw_bytes())?;
        self.read_rows(&mut raw, stop)?;
        // What follows the image data is read too: its checksum stands there, and a file without
        // an end has lost something.
        self.reader.finish().map_err(|error| truncated(error, Some(self.height), self.height))?;
        let (width, height) = (self.width as usize, self.height as usize);
        let labels = match self.kind {
            Kind::Bytes => Labels::Bytes(raw),
            Kind::Packed(bits) => Labels::Bytes(unpacked(&raw, self.row_bytes(), width, bits)?),
            Kind::Words => {
                Labels::Words(collected(raw.chunks_exact(2).map(|b| u16::from_be_bytes([b[0], b[1]])))?)
            }
            Kind::Rgb => Labels::Colours(collected(raw.chunks_exact(3).map(|c| colour(c, 255)))?),
            Kind::Rgba => Labels::Colours(collected(raw.chunks_exact(4).map(|c| colour(c, c[3])))?),
        };
        Ok(Mask { width, height, labels })
    }

    fn read_rows(&mut self, raw: &mut [u8], stop: &mut dyn FnMut() -> bool) -> Result<(), Error> {
        let (height, row_bytes) = (self.height, self.row_bytes());
        let bits_per_pixel = self.reader.info().bits_per_pixel();
        let mut row = zeroed(row_bytes as u64)?;
        let interlaced = self.reader.info().interlaced;
        let (mut passes, mut whole) = (0_u32, 0_u32);
        loop {
            if passes.is_multiple_of(ROWS_PER_LOOK) && stop() {
                return Err(Error::Cancelled);
            }
            passes += 1;
            let read = self
                .reader
                .read_row(&mut row)
                .map_err(|error| truncated(error, (!interlaced).then_some(whole), height))?;
            match read {
                None => return Ok(()),
                Some(InterlaceInfo::Null(_)) => {
                    let start = whole as usize * row_bytes;
                    raw[start..start + row_bytes].copy_from_slice(&row);
                    whole += 1;
                }
                Some(InterlaceInfo::Adam7(info)) => {
                    // One pixel has at most 64 bits.
                    let bits = u8::try_from(bits_per_pixel).unwrap_or(u8::MAX);
                    png::expand_interlaced_row(raw, row_bytes, &row, &info, bits);
                }
            }
        }
    }
}

/// What a file is, if its first bytes say that it is no PNG.
fn other_format(start: &[u8]) -> Option<&'static str> {
    const KINDS: [(&[u8], &str); 10] = [
        (b"\xff\xd8\xff", "a JPEG"),
        (b"GIF8", "a GIF"),
        (b"BM", "a BMP"),
        (b"II*\0", "a TIFF"),
        (b"MM\0*", "a TIFF"),
        (b"II+\0", "a TIFF"),
        (b"MM\0+", "a TIFF"),
        (b"\x93NUMPY", "a NumPy array file"),
        (b"\x89PNG", "a PNG whose line ends were converted"),
        (b"version https://git-lfs", "a Git LFS pointer, not the file itself"),
    ];
    const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";
    if start.is_empty() {
        return Some("an empty file");
    }
    if start.starts_with(SIGNATURE) || SIGNATURE.starts_with(start) {
        return None;
    }
    if start.starts_with(b"RIFF") && start.get(8..12) == Some(b"WEBP") {
        return Some("a WebP");
    }
    let known = KINDS.iter().find(|(magic, _)| start.starts_with(magic));
    Some(known.map_or("a file of another kind", |(_, name)| name))
}

fn kind(colour: ColorType, depth: BitDepth, colours: bool) -> Result<Kind, Error> {
    let found = match (colour, depth) {
        (ColorType::Grayscale | ColorType::Indexed, BitDepth::Eight) => return Ok(Kind::Bytes),
        (ColorType::Grayscale, BitDepth::Sixteen) => return Ok(Kind::Words),
        (ColorType::Grayscale | ColorType::Indexed, depth) => return Ok(Kind::Packed(depth as u8)),
        (ColorType::Rgb, BitDepth::Eight) if colours => return Ok(Kind::Rgb),
        (ColorType::Rgba, BitDepth::Eight) if colours => return Ok(Kind::Rgba),
        (ColorType::Rgb, BitDepth::Sixteen) => "RGB with 16 bits",
        (ColorType::Rgba, BitDepth::Sixteen) => "RGBA with 16 bits",
        (ColorType::Rgb, _) => "RGB",
        (ColorType::Rgba, _) => "RGBA",
        (ColorType::GrayscaleAlpha, _) => "gray with alpha",
    };
    Err(Error::NotLabels { found })
}

fn colour(rgb: &[u8], alpha: u8) -> i64 {
    let [red, green, blue] = [rgb[0], rgb[1], rgb[2]].map(i64::from);
    COLOUR_TAG | i64::from(255 - alpha) << 24 | red << 16 | green << 8 | blue
}

fn unpacked(raw: &[u8], row_bytes: usize, width: usize, bits: u8) -> Result<Vec<u8>, Error> {
    let mut labels = Vec::new();
    let pixels = raw.chunks_exact(row_bytes).len() * width;
    labels.try_reserve_exact(pixels).map_err(|_| Error::OutOfMemory { bytes: pixels as u64 })?;
    let mask = (1_u8 << bits) - 1;
    for row in raw.chunks_exact(row_bytes) {
        let all = row.iter().flat_map(|byte| (0..8 / bits).map(move |i| byte >> (8 - bits * (i + 1)) & mask));
        labels.extend(all.take(width));
    }
    Ok(labels)
}

fn collected<T>(labels: impl ExactSizeIterator<Item = T>) -> Result<Vec<T>, Error> {
    let mut all = Vec::new();
    let bytes = (labels.len() * size_of::<T>()) as u64;
    all.try_reserve_exact(labels.len()).map_err(|_| Error::OutOfMemory { bytes })?;
    all.extend(labels);
    Ok(all)
}

fn zeroed(bytes: u64) -> Result<Vec<u8>, Error> {
    let mut buffer = Vec::new();
    let len = usize::try_from(bytes).map_err(|_| Error::OutOfMemory { bytes })?;
    buffer.try_reserve_exact(len).map_err(|_| Error::OutOfMemory { bytes })?;
    buffer.resize(len, 0);
    Ok(buffer)
}

fn truncated(error: DecodingError, rows: Option<u32>, height: u32) -> Error {
    match error {
        DecodingError::IoError(e) if e.kind() == io::ErrorKind::UnexpectedEof => {
            Error::Truncated { rows, height }
        }
        other => damaged(other),
    }
}

fn damaged(error: DecodingError) -> Error {
    // The decoder's own words that a person would not understand, and ours.
    const WORDS: [(&str, &str); 5] = [
        ("CRC error", "the checksum of a chunk is wrong"),
        ("WrongChecksum", "the checksum of the pixels is wrong"),
        ("Corrupt deflate stream", "its pixels cannot be decompressed"),
        ("does not have enough data", "its pixels end too early"),
        ("ChunkType", "a chunk is where it may not be, or has the wrong length"),
    ];
    match error {
        DecodingError::IoError(e) if e.kind() == io::ErrorKind::UnexpectedEof => {
            Error::Damaged("it ends before its pixels begin".into())
        }
        // The decoder reports some wrong chunks like this.
        DecodingError::IoError(e) if e.kind() == io::ErrorKind::InvalidData => {
            Error::Damaged("a chunk holds what it may not".into())
        }
        DecodingError::IoError(e) => Error::Io(e),
        DecodingError::LimitsExceeded => Error::Damaged("a chunk is larger than any mask needs".into()),
        other => {
            let text = other.to_string();
            let known = WORDS.iter().find(|(theirs, _)| text.contains(theirs));
            Error::Damaged(
                known.map_or_else(|| text.trim_end_matches('.').into(), |(_, ours)| (*ours).into()),
            )
        }
    }
}

#[cfg(test)]
mod tests;
