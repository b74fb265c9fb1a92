//! A mask file in memory: what its rows are as labels, and the other way to read it.

use super::chunks::Header;
use super::kind::{Kind, is_gray, opaque};
use super::{Labels, Mask, fallback, reserved};
use crate::cpu::Kernel;
use crate::error::{Error, look};

/// Pixels that become labels between two looks.
pub(super) const PIXELS: usize = 1 << 18;

/// A mask file in memory.
#[derive(Clone, Copy)]
pub(super) struct File<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) header: Header,
    pub(super) kind: Kind,
    /// As [`Rules`](super::Rules) have it.
    pub(super) colours: bool,
}

impl File<'_> {
    /// The mask, read by the other way, or a refusal. `stop` is asked now and then.
    pub(super) fn otherwise(&self, stop: &mut dyn FnMut() -> bool) -> Result<Mask, Error> {
        self.mask(fallback::decode(self.bytes, &self.header, stop)?, stop)
    }

    /// The mask of rows without filters.
    pub(super) fn mask(&self, raw: Vec<u8>, stop: &mut dyn FnMut() -> bool) -> Result<Mask, Error> {
        let Self { header, kind, colours, .. } = self;
        let [height, width] = [header.height, header.width].map(|size| size as usize);
        Ok(Mask { width, height, labels: labels(raw, header, *kind, *colours, stop)? })
    }
}

/// The labels of rows without filters. Where colours are none, only pixels are labels that are opaque and
/// gray, or of one colour that alpha tells apart. `stop` is asked now and then.
fn labels(
    raw: Vec<u8>,
    header: &Header,
    kind: Kind,
    colours: bool,
    stop: &mut dyn FnMut() -> bool,
) -> Result<Labels, Error> {
    let pixels = u64::from(header.width) * u64::from(header.height);
    if kind != Kind::Labels {
        let channels = kind.channels();
        let mut labels: Vec<i64> = reserved(pixels)?;
        let (mut gray, mut alone) = (true, true);
        for part in raw.chunks(channels * PIXELS) {
            look(stop)?;
            let known = labels.len();
            kind.labels(Kernel::best(), part, &mut labels);
            let new = &labels[known..];
            gray = gray && new.iter().all(|&label| is_gray(label));
            alone = alone && new.iter().all(|&label| opaque(label) == opaque(labels[0]));
            if !colours && !gray && !alone {
                return Err(Error::NotLabels { found: kind.name() });
            }
        }
        return Ok(Labels::Colours(labels));
    }
    Ok(match header.depth {
        8 => Labels::Bytes(raw),
        16 => {
            let mut labels = reserved(pixels)?;
            for part in raw.chunks(2 * PIXELS) {
                look(stop)?;
                labels.extend(part.as_chunks::<2>().0.iter().map(|&word| u16::from_be_bytes(word)));
            }
            Labels::Words(labels)
        }
        depth => {
            // A row ends with up to 7 labels that are cut off.
            let mut labels = reserved(pixels.saturating_add(8))?;
            unpack(&raw, raw.len() / header.height as usize, header.width as usize, depth, &mut labels);
            Labels::Bytes(labels)
        }
    })
}

/// Labels of 1, 2 or 4 bits, packed from the high bits of each byte, as a byte each. A row begins
/// with a byte of its own.
pub(super) fn unpack(raw: &[u8], row_bytes: usize, width: usize, depth: u8, labels: &mut Vec<u8>) {
    match depth {
        1 => unpack_as::<8>(raw, row_bytes, width, labels),
        2 => unpack_as::<4>(raw, row_bytes, width, labels),
        _ => unpack_as::<2>(raw, row_bytes, width, labels),
    }
}

/// [`unpack`] where a byte holds `N` labels, through a table of what each byte holds.
fn unpack_as<const N: usize>(raw: &[u8], row_bytes: usize, width: usize, labels: &mut Vec<u8>) {
    const { assert!(N == 2 || N == 4 || N == 8) };
    let table: [[u8; N]; 256] = std::array::from_fn(|byte| {
        let byte = byte.to_le_bytes()[0];
        std::array::from_fn(|i| {
            let bits = 8 / N;
            byte >> (8 - bits * (i + 1)) & ((1 << bits) - 1)
        })
    });
    labels.clear();
    for row in raw.chunks_exact(row_bytes) {
        let end = labels.len() + width;
        for &byte in row {
            labels.extend_from_slice(&table[usize::from(byte)]);
        }
        labels.truncate(end);
    }
}
