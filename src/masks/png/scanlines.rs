//! The rows of a mask, handed out in bands of labels while they are in cache.

use super::chunks::Header;
use super::kind::Kind;
use super::repeats::{Repeats, rows_of_band};
use super::unfilter::{SLACK, filters_exist, unfilter};
use super::{Labels, Mask, reserved};
use crate::cpu::Kernel;
use crate::error::{Error, look};
use crate::pixels::blocks::{BlockRows, WIDEST};
use crate::pixels::{Line, Runs};

/// Bytes of the bands of which a whole mask is made.
const BAND: usize = 1 << 14;

/// Memory that bands are made in, kept from one mask to the next.
#[derive(Default)]
pub(super) struct Bands {
    /// The row above a band, its rows, and slack.
    pub(super) rows: Vec<u8>,
    /// Labels of less than eight bits, a byte each.
    pub(super) unpacked: Vec<u8>,
    /// Labels of colours.
    pub(super) colours: Vec<i64>,
    /// Where runs of colours begin, and their labels.
    pub(super) runs: Vec<(usize, i64)>,
    /// Rows of labels of a byte.
    pub(super) repeats: Repeats,
}

/// The rows of a mask, handed out once, from the first to the last.
pub struct Scanlines<'a> {
    width: usize,
    left: usize,
    source: Source<'a>,
}

pub(super) enum Source<'a> {
    Filtered(Filtered<'a>),
    Mask(Mask),
}

impl<'a> Scanlines<'a> {
    pub(super) fn new([height, width]: [usize; 2], source: Source<'a>) -> Self {
        Self { width, left: height, source }
    }

    /// Whether the rows are undone as they are handed out.
    #[cfg(test)]
    pub(super) fn are_in_bands(&self) -> bool {
        matches!(self.source, Source::Filtered(_))
    }

    /// Rows that have not been handed out.
    #[must_use]
    pub fn left(&self) -> usize {
        self.left
    }

    /// Rows of a band of [`Scanlines::blocks`]; `None` where the mask is not one of plain bytes, or lines are
    /// faster.
    #[must_use]
    pub fn rows_in_blocks(&self) -> Option<usize> {
        match &self.source {
            Source::Filtered(Filtered { kernel, kind: Kind::Labels, depth: 8, .. })
                if kernel.gains_by_blocks() && self.width <= WIDEST =>
            {
                Some(rows_of_band(self.width))
            }
            _ => None,
        }
    }

    /// The labels of the next `rows` rows in blocks, of a mask of which nothing was handed out in lines.
    ///
    /// # Panics
    ///
    /// If no rows are asked for, or more than are left or than [`Scanlines::rows_in_blocks`] says.
    pub fn blocks(&mut self, rows: usize) -> BlockRows<'_> {
        assert!(
            self.rows_in_blocks().is_some_and(|most| (1..=most.min(self.left)).contains(&rows)),
            "rows that are left"
        );
        let Source::Filtered(filtered) = &mut self.source else { unreachable!("as was asserted") };
        self.left -= rows;
        filtered.blocks(rows)
    }

    /// Whether the rows are colours, so that [`Scanlines::runs`] is faster.
    #[must_use]
    pub fn are_in_runs(&self) -> bool {
        matches!(&self.source, Source::Filtered(filtered) if filtered.kind != Kind::Labels)
    }

    /// The labels of the next `rows` rows, one row after the other, as runs.
    ///
    /// # Panics
    ///
    /// If no rows are asked for, not as many are left, or they are not in runs.
    pub fn runs(&mut self, rows: usize) -> Runs<'_> {
        assert!(self.are_in_runs() && 0 < rows && rows <= self.left, "rows that are left");
        let Source::Filtered(filtered) = &mut self.source else { unreachable!("as was asserted") };
        self.left -= rows;
        filtered.runs(rows, self.width)
    }

    /// The labels of the next `rows` rows, one row after the other.
    ///
    /// # Panics
    ///
    /// If no rows are asked for, or not as many are left.
    pub fn band(&mut self, rows: usize) -> Line<'_> {
        assert!(0 < rows && rows <= self.left, "rows that are left");
        let labels = rows * self.width;
        let line = match &mut self.source {
            Source::Filtered(filtered) => filtered.band(rows, self.width),
            Source::Mask(mask) => {
                let from = (mask.height - self.left) * self.width;
                mask.line().part(from, labels)
            }
        };
        self.left -= rows;
        line
    }
}

/// Rows of an image that is not interlaced, as they were compressed.
pub(super) struct Filtered<'a> {
    kernel: Kernel,
    kind: Kind,
    depth: u8,
    row_bytes: usize,
    /// The rows that are left, and slack.
    rest: &'a [u8],
    bands: &'a mut Bands,
    /// Rows of the band before.
    before: usize,
}

impl<'a> Filtered<'a> {
    /// Rows that end with [`SLACK`] bytes of anything; `None` if one has a filter that does not exist.
    pub(super) fn new(
        kernel: Kernel,
        header: &Header,
        kind: Kind,
        filtered: &'a [u8],
        bands: &'a mut Bands,
    ) -> Option<Self> {
        let row_bytes = usize::try_from(header.row_bytes(header.width)).ok()?;
        let exist = filters_exist(&filtered[..filtered.len() - SLACK], row_bytes);
        let Header { depth, .. } = *header;
        exist.then_some(Self { kernel, kind, depth, row_bytes, rest: filtered, bands, before: 0 })
    }

    fn band(&mut self, rows: usize, width: usize) -> Line<'_> {
        let bytes = self.undo(rows);
        if self.kind != Kind::Labels {
            let Bands { rows, colours, .. } = &mut *self.bands;
            colours.clear();
            self.kind.labels(self.kernel, &rows[bytes], colours);
            return Line::from_labels(colours);
        }
        if self.depth < 8 {
            unpack(&self.bands.rows[bytes], self.row_bytes, width, self.depth, &mut self.bands.unpacked);
            return Line::from_labels(&self.bands.unpacked);
        }
        let rows = &self.bands.rows[bytes];
        if self.depth == 8 { Line::from_labels(rows) } else { Line::from_big_endian_words(rows) }
    }

    /// The next rows in runs, of a mask of colours.
    fn runs(&mut self, rows: usize, width: usize) -> Runs<'_> {
        let bytes = self.undo(rows);
        let Bands { rows: memory, runs, .. } = &mut *self.bands;
        runs.clear();
        self.kind.each_run(self.kernel, &memory[bytes], &mut |start, label| runs.push((start, label)));
        Runs::new(rows * width, runs)
    }

    /// The next rows in blocks, of a mask with labels of a byte.
    fn blocks(&mut self, rows: usize) -> BlockRows<'_> {
        let Self { kernel, row_bytes, rest, bands, .. } = self;
        if self.before == 0 {
            bands.repeats.begin(*row_bytes);
        }
        self.before = rows;
        let end = rows * (*row_bytes + 1);
        let now = &rest[..end + SLACK];
        *rest = &rest[end..];
        bands.repeats.undo(*kernel, *row_bytes, now)
    }

    /// Undo the filters of the next rows; where they are in the bands' memory.
    fn undo(&mut self, rows: usize) -> std::ops::Range<usize> {
        let memory = &mut self.bands.rows;
        let bytes = rows * self.row_bytes;
        let need = self.row_bytes + bytes + SLACK;
        if memory.len() < need {
            memory.resize(need, 0);
        }
        match self.before {
            0 => memory[..self.row_bytes].fill(0),
            before => memory.copy_within(before * self.row_bytes..(before + 1) * self.row_bytes, 0),
        }
        self.before = rows;
        let end = rows * (self.row_bytes + 1);
        let step = self.kind.channels() * usize::from(self.depth).div_ceil(8);
        unfilter(self.kernel, step, self.row_bytes, &self.rest[..end + SLACK], memory);
        self.rest = &self.rest[end..];
        self.row_bytes..self.row_bytes + bytes
    }

    /// All rows as a mask. `stop` is asked between bands.
    pub(super) fn into_mask(
        mut self,
        [height, width]: [usize; 2],
        stop: &mut dyn FnMut() -> bool,
    ) -> Result<Mask, Error> {
        let pixels = height as u64 * width as u64;
        let (mut bytes, mut words, mut colours) = (Vec::new(), Vec::new(), Vec::new());
        match (self.kind, self.depth) {
            (Kind::Labels, 16) => words = reserved(pixels)?,
            (Kind::Labels, _) => bytes = reserved(pixels)?,
            _ => colours = reserved(pixels)?,
        }
        let band = (BAND / self.row_bytes).max(1);
        let mut left = height;
        while left > 0 {
            look(stop)?;
            let rows = band.min(left);
            let at = self.undo(rows);
            let raw = &self.bands.rows[at];
            match self.depth {
                _ if self.kind != Kind::Labels => self.kind.labels(self.kernel, raw, &mut colours),
                16 => words.extend(raw.as_chunks::<2>().0.iter().map(|&word| u16::from_be_bytes(word))),
                8 => bytes.extend_from_slice(raw),
                depth => {
                    unpack(raw, self.row_bytes, width, depth, &mut self.bands.unpacked);
                    bytes.extend_from_slice(&self.bands.unpacked);
                }
            }
            left -= rows;
        }
        let labels = match (self.kind, self.depth) {
            (Kind::Labels, 16) => Labels::Words(words),
            (Kind::Labels, _) => Labels::Bytes(bytes),
            _ => Labels::Colours(colours),
        };
        Ok(Mask { width, height, labels })
    }
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
