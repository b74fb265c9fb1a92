//! Any PNG by the `png` crate, row by row, and the words with which a bad one is refused.
//!
//! It is slower than inflating at once, but can be stopped after any few rows.
//! What it is lenient about is checked beside it, so that both ways refuse the same files.

use std::io::{self, Cursor};

use fdeflate::{DecompressionError, Decompressor};
use png::{ColorType, DecodeOptions, Decoder, DecodingError, InterlaceInfo, Limits, Reader};

use super::chunks::{Header, ImageData, image_data};
use super::{reserved, zeros};
use crate::error::{Error, look};

/// Bytes that a decoder may take beside the image: rows, and chunks such as the palette.
const CHUNK_BYTES: usize = 64 << 20;

/// Rows between two looks at whether to stop.
const ROWS_PER_LOOK: u32 = 16;

/// Bytes that are inflated between two looks, and beside them the 32 KiB that deflate may refer to.
const PIECE: usize = 1 << 18;
const WINDOW: usize = 1 << 15;

type Memory<'a> = Cursor<&'a [u8]>;

fn decoder(bytes: &[u8]) -> Decoder<Memory<'_>> {
    let mut options = DecodeOptions::default();
    options.set_ignore_checksums(false);
    options.set_skip_ancillary_crc_failures(false);
    options.set_ignore_text_chunk(true);
    options.set_ignore_iccp_chunk(true);
    Decoder::new_with_options(Cursor::new(bytes), options)
}

/// Why a header cannot be read.
pub(super) fn header_refusal(bytes: &[u8]) -> Error {
    match decoder(bytes).read_header_info() {
        Ok(_) => Error::Damaged("its header cannot be read".into()),
        Err(error) => damaged(error),
    }
}

fn open<'a>(bytes: &'a [u8], header: &Header) -> Result<Reader<Memory<'a>>, Error> {
    let mut decoder = decoder(bytes);
    // The size of the image has been accepted, so a row of it may be as long as it is.
    let row_bytes = usize::try_from(header.row_bytes(header.width)).unwrap_or(usize::MAX);
    decoder.set_limits(Limits { bytes: CHUNK_BYTES.saturating_add(row_bytes) });
    let reader = decoder.read_info().map_err(damaged)?;
    if reader.info().animation_control.is_some() {
        return Err(Error::NotLabels { found: "an animation" });
    }
    if reader.info().color_type == ColorType::Rgb && reader.info().trns.is_some() {
        return Err(Error::NotLabels { found: "RGB with a transparent colour" });
    }
    Ok(reader)
}

/// The rows of an image, one after the other, without their filters. `stop` is asked every few rows.
pub(super) fn decode(
    bytes: &[u8],
    header: &Header,
    stop: &mut dyn FnMut() -> bool,
) -> Result<Vec<u8>, Error> {
    let mut reader = open(bytes, header)?;
    let row_bytes = header.row_bytes(header.width);
    let mut raw = zeros(row_bytes.saturating_mul(u64::from(header.height)), stop)?;
    read_rows(&mut reader, header, &mut raw, stop)?;
    // What follows the image data is read too: a file without an end has lost something.
    reader.finish().map_err(|error| truncated(error, Some(header.height), header.height))?;
    check_image_data(bytes, header, stop)?;
    Ok(raw)
}

fn read_rows(
    reader: &mut Reader<Memory<'_>>,
    header: &Header,
    raw: &mut [u8],
    stop: &mut dyn FnMut() -> bool,
) -> Result<(), Error> {
    let row_bytes = raw.len() / header.height as usize;
    let mut row = zeros(row_bytes as u64, stop)?;
    let (mut passes, mut whole) = (0_u32, 0_u32);
    loop {
        if passes.is_multiple_of(ROWS_PER_LOOK) {
            look(stop)?;
        }
        passes += 1;
        let read = reader
            .read_row(&mut row)
            .map_err(|error| truncated(error, (!header.interlaced).then_some(whole), header.height))?;
        match read {
            None => return Ok(()),
            Some(InterlaceInfo::Null(_)) => {
                let start = whole as usize * row_bytes;
                raw[start..start + row_bytes].copy_from_slice(&row);
                whole += 1;
            }
            Some(InterlaceInfo::Adam7(info)) => {
                png::expand_interlaced_row(raw, row_bytes, &row, &info, header.bits_per_pixel());
            }
        }
    }
}

/// The crate stops after the last row. What follows must be the end of the compressed data, and
/// its checksum, which also covers what the crate has read.
fn check_image_data(bytes: &[u8], header: &Header, stop: &mut dyn FnMut() -> bool) -> Result<(), Error> {
    let mut joined = reserved(bytes.len() as u64)?;
    let Some(ImageData { chunk, .. }) = image_data(bytes, header, &mut joined) else {
        return Err(Error::Damaged("its chunks are not in order".into()));
    };
    let mut input = chunk.map_or(joined.as_slice(), |chunk| &bytes[chunk]);
    let mut inflater = Decompressor::new();
    let mut output = vec![0; WINDOW + PIECE];
    let (mut end, mut total) = (0, 0_u64);
    while !inflater.is_done() {
        look(stop)?;
        if end > WINDOW {
            output.copy_within(end - WINDOW..end, 0);
            end = WINDOW;
        }
        let (read, written) = match inflater.read(input, &mut output, end, true) {
            Ok((0, 0)) | Err(DecompressionError::InsufficientInput | DecompressionError::WrongChecksum)
                if !inflater.is_done() =>
            {
                return Err(Error::Damaged("the checksum of the pixels is wrong or missing".into()));
            }
            Err(_) => return Err(Error::Damaged("its pixels cannot be decompressed".into())),
            Ok(done) => done,
        };
        input = &input[read..];
        end += written;
        total += written as u64;
        if total > header.filtered_bytes() {
            return Err(Error::Damaged("it holds more pixels than its header says".into()));
        }
    }
    if total < header.filtered_bytes() {
        return Err(Error::Damaged("its pixels end too early".into()));
    }
    Ok(())
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
        ("WrongChecksum", "the checksum of the pixels is wrong or missing"),
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
