//! Run lengths as COCO writes them: pixels outside and inside of a mask in turn, as numbers or as a string.
//!
//! In a string each number has as many characters as it needs, of five bits each from `0` on and one that says
//! that more follow; the highest bit of the last one is the sign. From the fourth number on it is the difference to
//! the one two before.

use super::{Fault, Masks, Run, Size, push};
use crate::cpu::{Routine, Vectors};

const FIRST: u8 = b'0';
const MORE: u8 = 0x20;
const SIGN: i16 = 0x10;
const BITS: u32 = 5;
/// Characters that are read together.
const BLOCK: usize = 64;
/// Characters before them that are looked at, too: of a number that ends in the block.
const BEFORE: usize = 2;

/// Pixels outside and inside of a mask in turn.
struct Reading<'a> {
    runs: &'a mut Vec<Run>,
    first: usize,
    size: Size,
    pixels: u32,
    inside: bool,
    at: u32,
    index: usize,
}

impl<'a> Reading<'a> {
    fn new(runs: &'a mut Vec<Run>, size: Size) -> Self {
        let first = runs.len();
        Self { runs, first, size, pixels: size.pixels(), inside: false, at: 0, index: 0 }
    }

    #[inline]
    fn length(&mut self, length: i64) -> Result<(), Fault> {
        let left = self.pixels - self.at;
        let Some(length) = u32::try_from(length).ok().filter(|&length| length <= left) else {
            return Err(self.refused(length));
        };
        let end = self.at + length;
        if self.inside {
            push(self.runs, self.first, self.at, end);
        }
        self.at = end;
        self.inside = !self.inside;
        self.index += 1;
        Ok(())
    }

    /// A length outside and one inside.
    #[inline(always)]
    fn both(&mut self, outside: i64, inside: i64) -> Result<(), Fault> {
        let left = i64::from(self.pixels - self.at);
        let fits = outside > 0 && inside > 0 && outside <= left && inside <= left - outside;
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "both fit into what is left"
        )]
        if fits && !self.inside {
            // Such a run begins behind a pixel outside, so that it meets none.
            let start = self.at + outside as u32;
            self.at = start + inside as u32;
            self.runs.push(Run { start, end: self.at });
            self.index += 2;
            return Ok(());
        }
        self.length(outside)?;
        self.length(inside)
    }

    #[cold]
    fn refused(&self, length: i64) -> Fault {
        match u32::try_from(length) {
            Ok(length) => self.sum(u64::from(self.at) + u64::from(length)),
            Err(_) => Fault::Length { index: self.index, found: length, most: self.pixels },
        }
    }

    fn sum(&self, found: u64) -> Fault {
        Fault::Sum { height: self.size.height, width: self.size.width, found }
    }

    fn end(self) -> Result<(), Fault> {
        if self.at == self.pixels { Ok(()) } else { Err(self.sum(self.at.into())) }
    }
}

impl Masks {
    /// Add a mask from run lengths, the first of which are pixels outside.
    ///
    /// # Errors
    ///
    /// [`Fault`] if they are negative, or do not add up to the pixels of the image.
    pub fn push_counts(&mut self, counts: impl Iterator<Item = i64>) -> Result<(), Fault> {
        self.add(|runs, size| {
            let mut reading = Reading::new(runs, size);
            for count in counts {
                reading.length(count)?;
            }
            reading.end()
        })
    }

    /// Add a mask from run lengths in a string.
    ///
    /// # Errors
    ///
    /// As for [`Masks::push_counts`], or if the string is none.
    pub fn push_string(&mut self, text: &[u8]) -> Result<(), Fault> {
        let kernel = self.kernel;
        self.add(|runs, size| kernel.run(Characters { text, runs, size }))
    }

    /// The run lengths of a mask.
    pub fn counts(&self, mask: usize) -> impl Iterator<Item = u32> {
        let runs = self.runs(mask);
        let ends = std::iter::once(0).chain(runs.iter().map(|run| run.end));
        let inside = runs.iter().map(|run| Some(run.end - run.start)).chain([None]);
        let starts = runs.iter().map(|run| run.start).chain([self.size.pixels()]);
        let last = runs.last().is_some_and(|run| run.end == self.size.pixels());
        let outside = ends.zip(starts).map(|(end, start)| start - end);
        // Behind a mask that ends with the image comes nothing.
        let all = outside.zip(inside).flat_map(|(outside, inside)| [Some(outside), inside]);
        all.take(2 * runs.len() + usize::from(!last)).flatten()
    }

    /// The run lengths of a mask as a string.
    #[must_use]
    pub fn string(&self, mask: usize) -> Vec<u8> {
        let mut text = Vec::with_capacity(4 * self.runs(mask).len() + 8);
        let (mut before, mut last) = (0, 0);
        for (index, length) in self.counts(mask).map(i64::from).enumerate() {
            write(if index > 2 { length - before } else { length }, &mut text);
            (before, last) = (last, length);
        }
        text
    }
}

/// A string becomes runs.
struct Characters<'a> {
    text: &'a [u8],
    runs: &'a mut Vec<Run>,
    size: Size,
}

impl Routine for Characters<'_> {
    type Output = Result<(), Fault>;

    #[inline(always)]
    fn run<V: Vectors>(self, _: V) -> Result<(), Fault> {
        let Self { text, runs, size } = self;
        runs.reserve(text.len() / 2);
        let mut reading = Reading::new(runs, size);
        // Lengths outside and inside come in turns, and each is told from the one before of its kind. A number outside
        // may wait for the next block, where its partner is.
        let (mut outside, mut inside, mut waiting) = (0, 0, None);
        for at in (0..text.len()).step_by(BLOCK) {
            let Block { numbers, ends, long } = Block::read(text, at)?;
            let (mut rest, mut number) = (ends, ends.count_ones());
            let mut next = || {
                let place = rest.trailing_zeros() as usize % BLOCK;
                rest &= rest.wrapping_sub(1);
                place
            };
            if long != 0 || reading.index == 0 {
                for _ in 0..number {
                    let place = next();
                    let is_long = long >> place & 1 == 1;
                    let own = if is_long { long_number(text, at + place)? } else { numbers[place].into() };
                    let Some(before) = waiting.take() else {
                        waiting = Some(own);
                        continue;
                    };
                    (outside, inside) = (outside + before, inside + own);
                    reading.both(outside, inside)?;
                    if reading.index == 2 {
                        outside = 0; // the first one stands for itself alone
                    }
                }
                continue;
            }
            let mut next = || i64::from(numbers[next()]);
            if number > 0
                && let Some(before) = waiting.take()
            {
                (outside, inside) = (outside + before, inside + next());
                reading.both(outside, inside)?;
                number -= 1;
            }
            for _ in 0..number / 2 {
                (outside, inside) = (outside + next(), inside + next());
                reading.both(outside, inside)?;
            }
            if !number.is_multiple_of(2) {
                waiting = Some(next());
            }
        }
        if let Some(number) = waiting {
            reading.length(outside + number)?;
        }
        reading.end()
    }
}

/// The numbers that end in a block of characters.
///
/// Nearly all have one character or two, and which of both cannot be foreseen. So for each character it is computed what
/// the number would be that ends there, and a bit says which ones end one: nothing depends on where the number before
/// ended. Longer ones are to be read again.
struct Block {
    numbers: [i16; BLOCK],
    ends: u64,
    /// Which of the ends are those of longer numbers.
    long: u64,
}

impl Block {
    #[inline(always)]
    fn read(text: &[u8], at: usize) -> Result<Self, Fault> {
        let inner = &text[at..text.len().min(at + BLOCK)];
        let whole = at.checked_sub(BEFORE).and_then(|first| text[first..].first_chunk());
        let bytes = whole.copied().unwrap_or_else(|| {
            let mut bytes = [FIRST; BLOCK + BEFORE];
            let before = at.min(BEFORE);
            let known = &text[at - before..at + inner.len()];
            bytes[BEFORE - before..BEFORE + inner.len()].copy_from_slice(known);
            bytes
        });
        let codes = bytes.map(|byte| byte.wrapping_sub(FIRST));
        if codes.iter().fold(0, |all, code| all | code) >= 2 * MORE {
            let bad = inner.iter().position(|byte| byte.wrapping_sub(FIRST) >= 2 * MORE).unwrap_or_default();
            return Err(Fault::Character { index: at + bad, found: inner[bad] });
        }
        let numbers = std::array::from_fn(|i| {
            let [before, code] = [codes[BEFORE + i - 1], codes[BEFORE + i]].map(i16::from);
            let signed = (code ^ SIGN) - SIGN;
            let both = signed << BITS | before & (i16::from(MORE) - 1);
            if before < i16::from(MORE) { signed } else { both }
        });
        let [more, one_before, two_before] = [0, 1, 2].map(|before| more(&codes[BEFORE - before..]));
        let ends = !more & (u64::MAX >> (BLOCK - inner.len()));
        if at + BLOCK >= text.len() && ends.leading_zeros() as usize > BLOCK - inner.len() {
            return Err(Fault::Ends);
        }
        Ok(Self { numbers, ends, long: ends & one_before & two_before })
    }
}

/// A bit for each of the first codes that says that its number goes on.
#[inline(always)]
fn more(codes: &[u8]) -> u64 {
    // Of eight bytes that are 0 or 1 the product brings the bits together in the highest byte.
    const TOGETHER: u64 = 0x0102_0408_1020_4080;
    let (words, _) = codes[..BLOCK].as_chunks();
    let bits = words
        .iter()
        .map(|&word| (u64::from_le_bytes(word) >> BITS & 0x0101_0101_0101_0101).wrapping_mul(TOGETHER) >> 56);
    bits.zip((0..).step_by(8)).fold(0, |all, (bits, at)| all | bits << at)
}

/// The number that ends at a place, of any length.
#[cold]
fn long_number(text: &[u8], end: usize) -> Result<i64, Fault> {
    let code = |byte: &u8| byte.wrapping_sub(FIRST);
    let start = text[..end].iter().rposition(|byte| code(byte) < MORE).map_or(0, |before| before + 1);
    let (mut number, mut shift) = (0_i64, 0);
    for (index, byte) in (start..).zip(&text[start..=end]) {
        if shift > 32 {
            return Err(Fault::Long { index });
        }
        number |= i64::from(code(byte) & (MORE - 1)) << shift;
        shift += BITS;
    }
    let sign = 1 << (shift - 1);
    Ok((number ^ sign) - sign)
}

fn write(mut number: i64, text: &mut Vec<u8>) {
    loop {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "codes are below 32")]
        let code = (number & i64::from(MORE - 1)) as u8;
        number >>= BITS;
        let more = number != if i16::from(code) & SIGN == 0 { 0 } else { -1 };
        text.push(FIRST + (code | if more { MORE } else { 0 }));
        if !more {
            return;
        }
    }
}
