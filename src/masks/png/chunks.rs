//! The chunks of a PNG file that lies in memory: what its header says, and where its image data is.
//!
//! Only files that keep to the PNG specification (third edition) are followed. Of any other one
//! nothing is said here; the decoder that takes it finds the words.

use std::ops::Range;

use libdeflater::Crc;

pub(super) const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";

/// Bytes of the signature and the header's chunk.
pub(super) const HEADER_BYTES: usize = 8 + 12 + 13;

/// Colour types of the header (section 11.2.1).
pub(super) const GRAY: u8 = 0;
pub(super) const RGB: u8 = 2;
pub(super) const INDEXED: u8 = 3;
pub(super) const GRAY_ALPHA: u8 = 4;
pub(super) const RGBA: u8 = 6;

/// First column, first row, and steps to the next, of the seven passes of interlaced images
/// (section 8.1).
const PASSES: [[u32; 4]; 7] =
    [[0, 0, 8, 8], [4, 0, 8, 8], [0, 4, 4, 8], [2, 0, 4, 4], [0, 2, 2, 4], [1, 0, 2, 2], [0, 1, 1, 2]];

/// Bytes of the largest chunk beside the image data that [`image_data`] passes over.
const LARGE_CHUNK: usize = 1 << 20;

/// What the header says, which is well-formed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Header {
    pub(super) width: u32,
    pub(super) height: u32,
    /// Bits of a sample: 1, 2, 4, 8 or 16.
    pub(super) depth: u8,
    pub(super) colour: u8,
    pub(super) interlaced: bool,
}

impl Header {
    /// The header at the start of a file.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let chunk = Chunks { bytes, at: SIGNATURE.len() }.next()?;
        let data = &bytes[chunk.data];
        if !bytes.starts_with(SIGNATURE) || chunk.kind != *b"IHDR" || data.len() != 13 {
            return None;
        }
        let [width, height] = [0, 4].map(|at| number(&data[at..]));
        let [depth, colour, compression, filter, interlace] = *data.last_chunk()?;
        let depths: &[u8] = match colour {
            GRAY => &[1, 2, 4, 8, 16],
            INDEXED => &[1, 2, 4, 8],
            RGB | GRAY_ALPHA | RGBA => &[8, 16],
            _ => &[],
        };
        let known = depths.contains(&depth) && compression == 0 && filter == 0 && interlace <= 1;
        (known && width > 0 && height > 0).then_some(Self {
            width,
            height,
            depth,
            colour,
            interlaced: interlace == 1,
        })
    }

    /// Bytes of a row of `width` pixels, without its filter.
    pub(super) fn row_bytes(&self, width: u32) -> u64 {
        (u64::from(width) * u64::from(self.bits_per_pixel())).div_ceil(8)
    }

    /// Bits of a pixel.
    pub(super) fn bits_per_pixel(&self) -> u8 {
        // At most four samples of 16 bits.
        self.depth * self.samples()
    }

    /// Samples of a pixel.
    fn samples(&self) -> u8 {
        match self.colour {
            RGB => 3,
            GRAY_ALPHA => 2,
            RGBA => 4,
            _ => 1,
        }
    }

    /// Bytes of a pixel, at least one: how far filters look to the left.
    pub(super) fn step(&self) -> usize {
        usize::from(self.bits_per_pixel()).div_ceil(8)
    }

    /// Number, width and height of each pass that has pixels; one that is not interlaced has one pass
    /// of number 0.
    pub(super) fn passes(&self) -> Vec<(u8, u32, u32)> {
        if !self.interlaced {
            return vec![(0, self.width, self.height)];
        }
        let part = |size: u32, first: u32, step: u32| size.saturating_sub(first).div_ceil(step);
        let sizes = PASSES.map(|[x, y, dx, dy]| (part(self.width, x, dx), part(self.height, y, dy)));
        let numbered = (1..).zip(sizes).map(|(number, (width, height))| (number, width, height));
        numbered.filter(|&(_, width, height)| width > 0 && height > 0).collect()
    }

    /// Bytes of all rows with their filters, as they are compressed.
    pub(super) fn filtered_bytes(&self) -> u64 {
        // An image of 2^64 bytes is refused for its pixels long before.
        let bytes = |width: u32, height: u32| (1 + self.row_bytes(width)).saturating_mul(u64::from(height));
        self.passes().into_iter().fold(0, |sum, (_, width, height)| sum.saturating_add(bytes(width, height)))
    }
}

/// The image data of a file.
#[derive(Debug)]
pub(super) struct ImageData {
    /// Where it is, if in one chunk; else it has been joined.
    pub(super) chunk: Option<Range<usize>>,
    /// Whether nothing in the file gives its pixels another meaning, as an animation would.
    pub(super) simple: bool,
}

/// Follow all chunks, with their checksums, up to the end of the image. Data of several chunks is
/// joined in `joined`. `None` if anything is not as it must be.
pub(super) fn image_data(bytes: &[u8], header: &Header, joined: &mut Vec<u8>) -> Option<ImageData> {
    let mut chunks = Chunks { bytes, at: HEADER_BYTES };
    let (mut parts, mut first, mut ended) = (0, 0..0, false);
    let (mut palettes, mut odd) = (0, false);
    loop {
        let Chunk { kind, data } = chunks.next()?;
        if &kind == b"IDAT" {
            if ended {
                return None;
            }
            match parts {
                0 => first = data,
                1 => {
                    joined.clear();
                    joined.extend_from_slice(&bytes[first.clone()]);
                    joined.extend_from_slice(&bytes[data]);
                }
                _ => joined.extend_from_slice(&bytes[data]),
            }
            parts += 1;
            continue;
        }
        ended = parts > 0;
        match &kind {
            b"IEND" if data.is_empty() && ended => {
                let palette_fits = palettes == usize::from(header.colour == INDEXED);
                return Some(ImageData {
                    chunk: (parts == 1).then_some(first),
                    simple: palette_fits && !odd,
                });
            }
            b"PLTE" => {
                palettes += 1;
                odd |= ended || data.is_empty() || data.len() > 3 * 256 || !data.len().is_multiple_of(3);
            }
            b"acTL" | b"fcTL" | b"fdAT" => odd = true,
            b"tRNS" if header.colour == RGB => odd = true,
            // The decoder that takes odd files minds a background that comes before its palette.
            b"bKGD" => odd |= header.colour == INDEXED && palettes == 0,
            // A small letter says that a chunk can be done without.
            [b'a'..=b'z', ..] => odd |= data.len() > LARGE_CHUNK,
            _ => return None,
        }
    }
}

/// The palette of a file: red, green and blue of each index; `None` if its pixels are no indices.
pub(super) fn palette<'a>(bytes: &'a [u8], header: &Header) -> Option<&'a [u8]> {
    if header.colour != INDEXED {
        return None;
    }
    let mut chunks = Chunks { bytes, at: HEADER_BYTES };
    // It stands before the image data, or the file is refused.
    let mut before = std::iter::from_fn(|| chunks.next()).take_while(|chunk| &chunk.kind != b"IDAT");
    let entries = bytes.get(before.find(|chunk| &chunk.kind == b"PLTE")?.data)?;
    entries.get(..entries.len().min(3 * 256) / 3 * 3)
}

struct Chunk {
    kind: [u8; 4],
    data: Range<usize>,
}

struct Chunks<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Chunks<'_> {
    /// The next chunk, if it is whole and its checksum right.
    fn next(&mut self) -> Option<Chunk> {
        let rest = self.bytes.get(self.at..)?;
        let len = number(rest.get(..4)?) as usize;
        let body = rest.get(4..len.checked_add(8)?)?;
        let checksum = number(rest.get(len + 8..len + 12)?);
        let mut crc = Crc::new();
        crc.update(body);
        if crc.sum() != checksum {
            return None;
        }
        let data = self.at + 8..self.at + 8 + len;
        self.at += len + 12;
        Some(Chunk { kind: *body.first_chunk()?, data })
    }
}

/// A number of four bytes, the highest first.
fn number(bytes: &[u8]) -> u32 {
    bytes.iter().take(4).fold(0, |number, &byte| number << 8 | u32::from(byte))
}
