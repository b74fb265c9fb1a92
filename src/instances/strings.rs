//! Run lengths as COCO writes them: pixels outside and inside of a mask in turn, as numbers or as a string.
//!
//! In a string each number has as many characters as it needs, of five bits each from `0` on and one that says
//! that more follow; the highest bit of the last one is the sign. From the fourth number on it is the difference to
//! the one two before.

use super::{Fault, Masks, Run, Size, push};

const FIRST: u8 = b'0';
const MORE: i64 = 0x20;
const SIGN: i64 = 0x10;
const BITS: u32 = 5;

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
        self.add(|runs, size| {
            runs.reserve(text.len() / 2);
            let mut reading = Reading::new(runs, size);
            let (mut at, mut before, mut last) = (0, 0, 0);
            while at < text.len() {
                let length = number(text, &mut at)? + before;
                reading.length(length)?;
                (before, last) = (if reading.index > 2 { last } else { 0 }, length);
            }
            reading.end()
        })
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

/// The number whose first character is at `at`, which becomes the place of the next one. Most have one or two.
#[inline(always)]
fn number(text: &[u8], at: &mut usize) -> Result<i64, Fault> {
    let code = |place: usize| text.get(place).map_or(i64::MAX, |&byte| i64::from(byte.wrapping_sub(FIRST)));
    let signed = |code: i64| (code ^ SIGN) - SIGN;
    let first = code(*at);
    if first < MORE {
        *at += 1;
        return Ok(signed(first));
    }
    let second = code(*at + 1);
    if first < 2 * MORE && second < MORE {
        *at += 2;
        return Ok((first & (MORE - 1)) | signed(second) << BITS);
    }
    long_number(text, at)
}

/// A number of any length, or what is wrong with it.
fn long_number(text: &[u8], at: &mut usize) -> Result<i64, Fault> {
    let (mut number, mut shift) = (0_i64, 0);
    loop {
        let Some(&byte) = text.get(*at) else { return Err(Fault::Ends) };
        let code = i64::from(byte.wrapping_sub(FIRST));
        if code >= 2 * MORE {
            return Err(Fault::Character { index: *at, found: byte });
        }
        if shift > 32 {
            return Err(Fault::Long { index: *at });
        }
        number |= (code & (MORE - 1)) << shift;
        shift += BITS;
        *at += 1;
        if code & MORE == 0 {
            return Ok(if code & SIGN == 0 { number } else { number | -1 << shift });
        }
    }
}

fn write(mut number: i64, text: &mut Vec<u8>) {
    loop {
        let code = number & (MORE - 1);
        number >>= BITS;
        let more = number != if code & SIGN == 0 { 0 } else { -1 };
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "codes are below 64")]
        text.push(FIRST + (code | if more { MORE } else { 0 }) as u8);
        if !more {
            return;
        }
    }
}
