//! The one [`Counter`]: lines of two label maps are pushed in, rows of pair counts are drained.
//!
//! Labels that fit a byte, as nearly all do, go through a table of 256 x 256 cells ([`bytes`]); the
//! rest goes run by run into a map of bounded size ([`wide`]). Wider types whose labels fit a byte
//! are narrowed block by block in cache. It knows nothing of threads: each has a counter of its own.

mod bytes;
mod few;
mod resize;
mod wide;

use crate::cpu::{Kernel, Routine, Vectors};
use crate::error::{Error, Side, look};
use crate::pairs::{PairCounts, Row};
use crate::pixels::blocks::BlockRows;
use crate::pixels::{Bytes, LabelMap, Line, Runs, for_each_line};

use bytes::ByteTable;
pub use resize::count_resized;
use wide::WideCounts;

/// Pixels that are converted at once: both maps' labels as 64-bit integers fit a level-1 cache twice.
const BLOCK: usize = 1024;

/// Pixels between two looks at whether to stop: some tens of milliseconds where each pixel is one of
/// millions of pairs, and mostly far less.
const PIECE: usize = 1 << 16;

/// Label values that code 0 of a byte can stand for. The second one serves labels such as -1 and
/// -100, which mark ignored pixels.
const BASES: [i64; 2] = [0, -128];

/// Counts how often each pair of labels occurs.
pub struct Counter {
    kernel: Kernel,
    narrow: NarrowCounts,
    wide: WideCounts,
    codes: Box<[[u8; BLOCK]; 2]>,
    words: Box<[[u32; BLOCK]; 2]>,
    labels: Box<[[i64; BLOCK]; 2]>,
}

impl Default for Counter {
    fn default() -> Self {
        Self::new()
    }
}

impl Counter {
    /// A counter that has seen nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::with_kernel(Kernel::best())
    }

    /// A counter that uses one instruction set, for tests and benches.
    #[must_use]
    pub fn with_kernel(kernel: Kernel) -> Self {
        Self {
            kernel,
            narrow: NarrowCounts::new(kernel),
            wide: WideCounts::new(kernel),
            codes: Box::new([[0; BLOCK]; 2]),
            words: Box::new([[0; BLOCK]; 2]),
            labels: Box::new([[0; BLOCK]; 2]),
        }
    }

    /// The instruction set that it uses.
    pub(crate) fn kernel(&self) -> Kernel {
        self.kernel
    }

    /// Count the pairs of two lines of one length.
    ///
    /// # Errors
    ///
    /// [`Error::LabelTooLarge`] and [`Error::TooManyPairs`]; then [`Counter::clear`] it.
    ///
    /// # Panics
    ///
    /// If the lines differ in length.
    pub fn push(&mut self, target: Line<'_>, pred: Line<'_>) -> Result<(), Error> {
        assert_eq!(target.len(), pred.len(), "lines of one length");
        if let (Some(target), Some(pred)) = (target.bytes(), pred.bytes()) {
            return self.narrow.count(Bases::default(), target, pred);
        }
        let mut start = 0;
        while start < target.len() {
            let len = BLOCK.min(target.len() - start);
            self.push_block(target.part(start, len), pred.part(start, len))?;
            start += len;
        }
        Ok(())
    }

    /// Count the pairs of rows in blocks.
    ///
    /// # Errors
    ///
    /// Those of [`Counter::push`].
    ///
    /// # Panics
    ///
    /// If widths or heights differ.
    pub fn push_blocks(&mut self, target: &BlockRows<'_>, pred: &BlockRows<'_>) -> Result<(), Error> {
        self.narrow.count_blocks(target, pred)
    }

    /// Count the pairs of two lines of one length that are told by their runs.
    ///
    /// # Errors
    ///
    /// [`Error::TooManyPairs`]; then [`Counter::clear`] it.
    ///
    /// # Panics
    ///
    /// If the lines differ in length.
    pub fn push_runs(&mut self, target: Runs<'_>, pred: Runs<'_>) -> Result<(), Error> {
        self.wide.count_runs(target, pred)
    }

    fn push_block(&mut self, target: Line<'_>, pred: Line<'_>) -> Result<(), Error> {
        let len = target.len();
        let [target_codes, pred_codes] = &mut *self.codes;
        let current = self.narrow.base;
        if let Some((t, target)) = narrow(self.kernel, target, current.target, &mut target_codes[..len])
            && let Some((p, pred)) = narrow(self.kernel, pred, current.pred, &mut pred_codes[..len])
        {
            return self.narrow.count(Bases { target: t, pred: p }, target, pred);
        }
        let types = [target, pred].map(|line| line.dtype());
        if types.iter().all(|dtype| dtype.size() <= size_of::<u32>()) {
            let [target_words, pred_words] = &mut *self.words;
            self.kernel.run(Words { line: target, words: &mut target_words[..len] });
            self.kernel.run(Words { line: pred, words: &mut pred_words[..len] });
            return self.wide.count(&target_words[..len], &pred_words[..len], |target, pred| {
                (types[0].label(target), types[1].label(pred))
            });
        }
        let [target_labels, pred_labels] = &mut *self.labels;
        target.widen(Side::Target, &mut target_labels[..len])?;
        pred.widen(Side::Pred, &mut pred_labels[..len])?;
        self.wide.count(&target_labels[..len], &pred_labels[..len], |target, pred| (target, pred))
    }

    /// The pairs counted since the last time, and begin anew.
    ///
    /// # Errors
    ///
    /// [`Error::BadRows`] from 2^63 pixels; the counter is empty all the same.
    pub fn drain(&mut self) -> Result<PairCounts, Error> {
        let (narrow, wide) = (self.narrow.drain(), self.wide.drain());
        let mut pairs = narrow?;
        pairs.merge(&wide?)?;
        Ok(pairs)
    }

    /// The pairs that `push` pushes; or none, if it fails, and an empty counter for the next user.
    ///
    /// # Errors
    ///
    /// What `push` returned, and those of [`Counter::drain`].
    pub fn collect<E: From<Error>>(
        &mut self,
        push: impl FnOnce(&mut Self) -> Result<(), E>,
    ) -> Result<PairCounts, E> {
        match push(self) {
            Ok(()) => Ok(self.drain()?),
            Err(error) => {
                self.clear();
                Err(error)
            }
        }
    }

    /// Forget what was counted.
    pub fn clear(&mut self) {
        // Millions of pairs that nobody asks for are not put in order first.
        self.wide = WideCounts::new(self.kernel);
        // What a drain reports as wrong is forgotten with the rest.
        let _ = self.drain();
    }
}

/// Label values that code 0 of a byte stands for.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Bases {
    target: i64,
    pred: i64,
}

/// Pairs of labels that fit a byte each.
struct NarrowCounts {
    table: ByteTable,
    /// Of the codes in the table.
    base: Bases,
    /// Rows that left the table when the base changed or a cell could have become too large.
    done: PairCounts,
}

impl NarrowCounts {
    fn new(kernel: Kernel) -> Self {
        Self { table: ByteTable::new(kernel), base: Bases::default(), done: PairCounts::default() }
    }

    fn count(&mut self, base: Bases, target: Bytes<'_>, pred: Bytes<'_>) -> Result<(), Error> {
        if base != self.base {
            self.flush()?;
            self.base = base;
        }
        let mut start = 0;
        loop {
            let len = self.table.room().min(target.len() - start);
            self.table.count(target.part(start, len), pred.part(start, len));
            start += len;
            if start == target.len() {
                return Ok(());
            }
            self.flush()?;
        }
    }

    fn count_blocks(&mut self, target: &BlockRows<'_>, pred: &BlockRows<'_>) -> Result<(), Error> {
        if self.base != Bases::default() || self.table.room() < target.width() * target.height() {
            self.flush()?;
            self.base = Bases::default();
        }
        self.table.count_blocks(target, pred);
        Ok(())
    }

    fn flush(&mut self) -> Result<(), Error> {
        let base = self.base;
        let rows = self.table.drain(|target, pred, pixels| Row {
            target: base.target + i64::from(target),
            pred: base.pred + i64::from(pred),
            pixels: u64::from(pixels),
        });
        self.done.merge(&PairCounts::from_rows(rows)?)
    }

    fn drain(&mut self) -> Result<PairCounts, Error> {
        let flushed = self.flush();
        self.base = Bases::default();
        let done = std::mem::take(&mut self.done);
        flushed.map(|()| done)
    }
}

/// A line as bytes, narrowed with the base in use if that is possible, and the base that was possible.
fn narrow<'a>(kernel: Kernel, line: Line<'a>, current: i64, codes: &'a mut [u8]) -> Option<(i64, Bytes<'a>)> {
    if let Some(bytes) = line.bytes() {
        return Some((0, bytes));
    }
    // Without a sign there is nothing below zero, and a label of 2^63 or more must not wrap to it.
    let bases = if line.dtype().is_signed() { BASES.as_slice() } else { &BASES[..1] };
    let in_use = bases.iter().filter(|&&base| base == current);
    let others = bases.iter().filter(|&&base| base != current);
    let base =
        in_use.chain(others).copied().find(|&base| kernel.run(Narrow { line, base, codes: &mut *codes }))?;
    Some((base, (&*codes).into()))
}

struct Narrow<'a, 'b> {
    line: Line<'a>,
    base: i64,
    codes: &'b mut [u8],
}

impl Routine for Narrow<'_, '_> {
    type Output = bool;

    #[inline(always)]
    fn run<V: Vectors>(self, _: V) -> bool {
        let Self { line, base, codes } = self;
        // Where the first label does not fit, as with ids, the others need not be looked at.
        line.part(0, 1).narrow(base, &mut codes[..1]) && line.narrow(base, codes)
    }
}

struct Words<'a, 'b> {
    line: Line<'a>,
    words: &'b mut [u32],
}

impl Routine for Words<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vectors>(self, _: V) {
        self.line.write_codes(self.words);
    }
}

/// Count all pixels of two maps of one shape. `stop` is asked every [`PIECE`] pixels.
///
/// # Errors
///
/// [`Error::ShapeMismatch`], [`Error::Cancelled`], and those of [`Counter::push`].
pub fn count_maps(
    counter: &mut Counter,
    target: &LabelMap<'_>,
    pred: &LabelMap<'_>,
    stop: &mut dyn FnMut() -> bool,
) -> Result<PairCounts, Error> {
    counter.collect(|counter| push_maps(counter, target, pred, stop))
}

/// [`count_maps`] for a part of what is counted. After an error [`Counter::clear`] the counter.
///
/// # Errors
///
/// [`Error::ShapeMismatch`], [`Error::Cancelled`], and those of [`Counter::push`].
pub(crate) fn push_maps(
    counter: &mut Counter,
    target: &LabelMap<'_>,
    pred: &LabelMap<'_>,
    stop: &mut dyn FnMut() -> bool,
) -> Result<(), Error> {
    let mut since = 0;
    for_each_line(target, pred, &mut |target, pred| {
        let mut start = 0;
        while start < target.len() {
            let len = PIECE.min(target.len() - start);
            counter.push(target.part(start, len), pred.part(start, len))?;
            start += len;
            since += len;
            if since >= PIECE {
                since = 0;
                look(stop)?;
            }
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests;
