//! The rows of a mask, handed out in bands of labels while they are in cache.

use super::file::{File, unpack};
use super::inflate::Inflating;
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

    /// Have the next `rows` rows ready, as they must be before they are handed out. A file that turns out to be
    /// damaged, or another one than most, is read as a whole, and its rows are handed out from there on. `stop`
    /// is asked now and then.
    ///
    /// # Errors
    ///
    /// Those of [`MaskFile::decode`](super::MaskFile::decode).
    ///
    /// # Panics
    ///
    /// If not as many rows are left.
    pub fn advance(&mut self, rows: usize, stop: &mut dyn FnMut() -> bool) -> Result<(), Error> {
        assert!(rows <= self.left, "rows that are left");
        if let Source::Filtered(filtered) = &mut self.source
            && !filtered.ready(rows, stop)?
        {
            self.source = Source::Mask(filtered.file.otherwise(stop)?);
        }
        Ok(())
    }

    /// Rows of a band of [`Scanlines::blocks`]; `None` where the mask is not one of plain bytes, or lines are
    /// faster.
    #[must_use]
    pub fn rows_in_blocks(&self) -> Option<usize> {
        match &self.source {
            Source::Filtered(Filtered { kernel, file, .. })
                if file.kind == Kind::Labels
                    && file.header.depth == 8
                    && kernel.gains_by_blocks()
                    && self.width <= WIDEST =>
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
    /// If no rows are asked for, or more than are ready or than [`Scanlines::rows_in_blocks`] says.
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
        matches!(&self.source, Source::Filtered(filtered) if filtered.file.kind != Kind::Labels)
    }

    /// The labels of the next `rows` rows, one row after the other, as runs.
    ///
    /// # Panics
    ///
    /// If no rows are asked for, not as many are ready, or they are not in runs.
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
    /// If no rows are asked for, or not as many are ready.
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

/// Rows of an image that is not interlaced, as they are inflated.
pub(super) struct Filtered<'a> {
    kernel: Kernel,
    file: File<'a>,
    row_bytes: usize,
    stream: Inflating<'a>,
    bands: &'a mut Bands,
    before: Before,
}

/// The band before.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Before {
    None,
    /// So many rows, in lines or runs.
    Rows(usize),
    Blocks,
}

impl<'a> Filtered<'a> {
    /// The rows of a file whose image data is `stream`; `None` if a row is more than memory could hold.
    pub(super) fn new(
        kernel: Kernel,
        file: File<'a>,
        stream: Inflating<'a>,
        bands: &'a mut Bands,
    ) -> Option<Self> {
        let row_bytes = usize::try_from(file.header.row_bytes(file.header.width)).ok()?;
        Some(Self { kernel, file, row_bytes, stream, bands, before: Before::None })
    }

    /// Whether the next rows are ready.
    fn ready(&mut self, rows: usize, stop: &mut dyn FnMut() -> bool) -> Result<bool, Error> {
        let bytes = rows * (self.row_bytes + 1);
        Ok(self.stream.ready(bytes, stop)?
            && filters_exist(&self.stream.waiting(bytes)[..bytes], self.row_bytes))
    }

    fn band(&mut self, rows: usize, width: usize) -> Line<'_> {
        let bytes = self.undo(rows);
        if self.file.kind != Kind::Labels {
            let Bands { rows, colours, .. } = &mut *self.bands;
            colours.clear();
            self.file.kind.labels(self.kernel, &rows[bytes], colours);
            return Line::from_labels(colours);
        }
        let depth = self.file.header.depth;
        if depth < 8 {
            unpack(&self.bands.rows[bytes], self.row_bytes, width, depth, &mut self.bands.unpacked);
            return Line::from_labels(&self.bands.unpacked);
        }
        let rows = &self.bands.rows[bytes];
        if depth == 8 { Line::from_labels(rows) } else { Line::from_big_endian_words(rows) }
    }

    /// The next rows in runs, of a mask of colours.
    fn runs(&mut self, rows: usize, width: usize) -> Runs<'_> {
        let bytes = self.undo(rows);
        let Bands { rows: memory, runs, .. } = &mut *self.bands;
        runs.clear();
        self.file.kind.each_run(self.kernel, &memory[bytes], &mut |start, label| runs.push((start, label)));
        Runs::new(rows * width, runs)
    }

    /// The next rows in blocks, of a mask with labels of a byte.
    fn blocks(&mut self, rows: usize) -> BlockRows<'_> {
        let Self { kernel, row_bytes, stream, bands, .. } = self;
        match self.before {
            Before::None => bands.repeats.begin(*row_bytes),
            Before::Rows(_) => panic!("blocks after lines"),
            Before::Blocks => {}
        }
        self.before = Before::Blocks;
        let bytes = rows * (*row_bytes + 1);
        let blocks = bands.repeats.undo(*kernel, *row_bytes, stream.waiting(bytes));
        stream.pass(bytes);
        blocks
    }

    /// Undo the filters of the next rows; where they are in the bands' memory.
    fn undo(&mut self, rows: usize) -> std::ops::Range<usize> {
        let Self { kernel, file, row_bytes, stream, bands, .. } = self;
        let row_bytes = *row_bytes;
        let memory = &mut bands.rows;
        let room = rows * row_bytes;
        let need = row_bytes + room + SLACK;
        if memory.len() < need {
            memory.resize(need, 0);
        }
        match self.before {
            Before::None => memory[..row_bytes].fill(0),
            Before::Rows(before) => memory.copy_within(before * row_bytes..(before + 1) * row_bytes, 0),
            Before::Blocks => bands.repeats.copy_last(&mut memory[..row_bytes]),
        }
        self.before = Before::Rows(rows);
        let bytes = rows * (row_bytes + 1);
        unfilter(*kernel, file.header.step(), row_bytes, stream.waiting(bytes), memory);
        stream.pass(bytes);
        row_bytes..row_bytes + room
    }

    /// All rows as a mask. `stop` is asked between bands.
    pub(super) fn into_mask(mut self, stop: &mut dyn FnMut() -> bool) -> Result<Mask, Error> {
        let File { header, kind, .. } = self.file;
        let [height, width] = [header.height, header.width].map(|size| size as usize);
        let pixels = height as u64 * width as u64;
        let (mut bytes, mut words, mut colours) = (Vec::new(), Vec::new(), Vec::new());
        match (kind, header.depth) {
            (Kind::Labels, 16) => words = reserved(pixels)?,
            (Kind::Labels, _) => bytes = reserved(pixels)?,
            _ => colours = reserved(pixels)?,
        }
        let band = (BAND / self.row_bytes).max(1);
        let mut left = height;
        while left > 0 {
            look(stop)?;
            let rows = band.min(left);
            if !self.ready(rows, stop)? {
                return self.file.otherwise(stop);
            }
            let at = self.undo(rows);
            let raw = &self.bands.rows[at];
            match header.depth {
                _ if kind != Kind::Labels => kind.labels(self.kernel, raw, &mut colours),
                16 => words.extend(raw.as_chunks::<2>().0.iter().map(|&word| u16::from_be_bytes(word))),
                8 => bytes.extend_from_slice(raw),
                depth => {
                    unpack(raw, self.row_bytes, width, depth, &mut self.bands.unpacked);
                    bytes.extend_from_slice(&self.bands.unpacked);
                }
            }
            left -= rows;
        }
        let labels = match (kind, header.depth) {
            (Kind::Labels, 16) => Labels::Words(words),
            (Kind::Labels, _) => Labels::Bytes(bytes),
            _ => Labels::Colours(colours),
        };
        Ok(Mask { width, height, labels })
    }
}
