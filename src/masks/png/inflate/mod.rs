//! Inflates the rows of a mask a window at a time, so that whoever undoes their filters finds them in cache.
//!
//! The format is RFC 1950 around RFC 1951. It is followed to the letter: a stream at which this stumbles is
//! none, or one that was cut, and whoever reads it otherwise finds the words for that. Nothing here is unsafe: bytes of a
//! file are looked up in tables and slices whose bounds are checked. Why segscore inflates
//! masks by itself stands in `benches/NOTES.md`.

mod bits;
mod codes;
mod symbols;
#[cfg(test)]
mod tests;

use libdeflater::Adler32;

use super::grow;
use super::unfilter::SLACK;
use crate::cpu::Kernel;
use crate::error::{Error, look};
use bits::Bits;
use codes::Codes;
use symbols::{ROOM, Symbols};

/// Bytes after the compressed ones that are readable: the next bits are read eight bytes at a time.
pub(super) const SPARE: usize = 16;

/// As far as a copy comes from, at most (RFC 1951, 2).
const FARTHEST: usize = 1 << 15;

/// Bytes that are inflated at a time, where as many are left: with what copies come from, they and those of
/// another mask fit a level-2 cache of a megabyte.
const PIECE: usize = 1 << 18;

/// Memory that streams are inflated in, one after the other.
pub(super) struct Inflater {
    kernel: Kernel,
    codes: Codes,
    pub(super) window: Vec<u8>,
}

impl Inflater {
    pub(super) fn with_kernel(kernel: Kernel) -> Self {
        Self { kernel, codes: Codes::new(), window: Vec::new() }
    }

    /// Begin a stream that inflates to `left` bytes: the first `end` bytes of `input`, which has [`SPARE`]
    /// more. `None` if its first bytes are those of no stream.
    pub(super) fn begin<'a>(&'a mut self, input: &'a [u8], end: usize, left: u64) -> Option<Inflating<'a>> {
        assert!(input.len() >= end + SPARE, "bytes after the compressed ones");
        let &[method, flags, ..] = &input[..end] else { return None };
        let deflate = method & 15 == 8 && method >> 4 <= 7 && flags & 1 << 5 == 0;
        let checked = u16::from_be_bytes([method, flags]).is_multiple_of(31);
        (deflate && checked).then_some(Inflating {
            inflater: self,
            input,
            end,
            bits: Bits::from(2),
            block: Block::Next,
            last: false,
            from: 0,
            at: 0,
            left,
            checksum: Adler32::new(),
        })
    }
}

/// What the next bits are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Block {
    /// The head of a block, or, after the last one, the checksum.
    Next,
    /// So many bytes that were stored as they are.
    Stored(usize),
    /// Symbols.
    Symbols,
    /// Nothing: all that there was has been inflated, and its checksum is right.
    Ended,
}

/// A stream that is being inflated.
pub(super) struct Inflating<'a> {
    inflater: &'a mut Inflater,
    input: &'a [u8],
    end: usize,
    bits: Bits,
    block: Block,
    /// Whether the block is the last one.
    last: bool,
    /// Where bytes of the window begin that nobody has taken, and where they end.
    from: usize,
    at: usize,
    /// Bytes that are still to be inflated.
    left: u64,
    checksum: Adler32,
}

impl Inflating<'_> {
    /// Inflate until `len` bytes wait to be taken; whether that was possible. If no more are to come then, the
    /// stream has ended, and its checksum is right. `stop` is asked before each block, of which a stream may
    /// have millions that hold nothing.
    ///
    /// # Errors
    ///
    /// [`Error::OutOfMemory`] and [`Error::Cancelled`].
    pub(super) fn ready(&mut self, len: usize, stop: &mut dyn FnMut() -> bool) -> Result<bool, Error> {
        while self.at - self.from < len || self.left == 0 && self.block != Block::Ended {
            let until = self.make_room(len)?;
            while self.at < until && self.block != Block::Ended {
                if self.block == Block::Next {
                    look(stop)?;
                }
                if self.inflate(until).is_none() {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    /// The bytes that wait to be taken, of which `len` are ready, and [`SLACK`] more of no meaning.
    pub(super) fn waiting(&self, len: usize) -> &[u8] {
        assert!(self.at - self.from >= len, "bytes that are ready");
        &self.inflater.window[self.from..self.from + len + SLACK]
    }

    /// Take bytes that wait.
    pub(super) fn pass(&mut self, len: usize) {
        assert!(self.at - self.from >= len, "bytes that are ready");
        self.from += len;
    }

    /// Have room for `len` bytes that wait, or a piece, and for one more at least, after all that copies may come
    /// from; where it ends.
    fn make_room(&mut self, len: usize) -> Result<usize, Error> {
        let window = &mut self.inflater.window;
        let kept = self.from.min(self.at.saturating_sub(FARTHEST));
        window.copy_within(kept..self.at, 0);
        self.from -= kept;
        self.at -= kept;
        let until = (self.from + len.max(PIECE)).max(self.at + 1);
        grow(window, until + ROOM + SLACK)?;
        Ok(until)
    }

    /// Inflate a block, or what is left of it, until `until` or a little further, or begin one; `None` if that is
    /// not possible.
    fn inflate(&mut self, until: usize) -> Option<()> {
        let before = self.at;
        match self.block {
            Block::Next if self.last => self.finish()?,
            Block::Next => self.begin_block()?,
            Block::Stored(len) => self.copy(len, until)?,
            Block::Symbols => {
                let Inflater { kernel, codes, window } = &mut *self.inflater;
                let reached = kernel.run(Symbols {
                    codes,
                    bits: self.bits,
                    input: self.input,
                    out: window,
                    at: self.at,
                    until,
                })?;
                (self.bits, self.at) = (reached.bits, reached.at);
                if reached.ended {
                    self.block = Block::Next;
                }
            }
            Block::Ended => {}
        }
        self.left = self.left.checked_sub((self.at - before) as u64)?;
        self.checksum.update(&self.inflater.window[before..self.at]);
        Some(())
    }

    fn begin_block(&mut self) -> Option<()> {
        self.bits.refill(self.input)?;
        self.last = self.bits.take(1) == 1;
        self.block = match self.bits.take(2) {
            0 => {
                let at = self.bits.byte();
                let [a, b, c, d] = *self.input[..self.end].get(at..)?.first_chunk()?;
                let [len, inverse] = [[a, b], [c, d]].map(u16::from_le_bytes);
                if len != !inverse {
                    return None;
                }
                self.bits = Bits::from(at + 4);
                Block::Stored(usize::from(len))
            }
            1 => {
                self.inflater.codes.fix();
                Block::Symbols
            }
            2 => {
                self.inflater.codes.read(&mut self.bits, self.input)?;
                Block::Symbols
            }
            _ => return None,
        };
        Some(())
    }

    /// Copy bytes that were stored, of which `len` are left, until `until`.
    fn copy(&mut self, len: usize, until: usize) -> Option<()> {
        let now = len.min(until - self.at);
        let from = self.bits.byte();
        let stored = self.input[..self.end].get(from..from + now)?;
        self.inflater.window[self.at..self.at + now].copy_from_slice(stored);
        self.bits = Bits::from(from + now);
        self.at += now;
        self.block = if now < len { Block::Stored(len - now) } else { Block::Next };
        Some(())
    }

    /// Look at what follows the last block.
    fn finish(&mut self) -> Option<()> {
        let sum = self.input[..self.end].get(self.bits.byte()..)?.first_chunk()?;
        self.block = Block::Ended;
        (self.left == 0 && u32::from_be_bytes(*sum) == self.checksum.sum()).then_some(())
    }
}
