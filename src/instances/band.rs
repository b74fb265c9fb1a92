//! Bands of masks: pixels with one of no mask, or none at all, no farther than so many rows and columns away.
//!
//! A pixel that is in no band lies in the middle of a square of the mask. Down a column that is a run without its ends;
//! across columns it is what many neighbours share, as words of bits, of twice as many columns at each step.

use super::{Bounds, Masks, Run, by_column, push};

const BITS: usize = u64::BITS as usize;

/// Makes bands one after the other, in memory that it keeps.
#[derive(Debug, Default)]
pub struct Bander {
    words: Vec<u64>,
    inside: Vec<Run>,
}

impl Bander {
    /// Add the band of a mask to others of the same image. `width` is above 0.
    ///
    /// # Panics
    ///
    /// If there is no such mask, or the images differ in size.
    pub fn push(&mut self, masks: &Masks, mask: usize, width: u32, bands: &mut Masks) {
        assert_eq!(masks.size, bands.size, "masks of one size");
        self.middle(masks, mask, width);
        let runs = masks.runs(mask);
        let inside = &self.inside;
        let added = bands.add(|all, _| {
            without(runs, inside, all);
            Ok(())
        });
        debug_assert_eq!(added, Ok(()), "a band has at most twice as many runs");
    }

    /// Find what is in the middle of squares of a mask.
    fn middle(&mut self, masks: &Masks, mask: usize, width: u32) {
        self.inside.clear();
        let height = masks.size.height;
        let Bounds { left, top, right, bottom } = masks.bounds(mask);
        let side = width.saturating_mul(2).saturating_add(1);
        if right - left < side || bottom - top < side {
            return;
        }
        // Rows of the middle are counted from the first that there may be.
        let first = top + width;
        let of_column = (bottom - width - first) as usize;
        let words = of_column.div_ceil(BITS);
        let columns = (right - left) as usize;
        self.words.clear();
        self.words.resize(columns * words, 0);
        by_column(masks.runs(mask), left, height, |column, start, end| {
            if end - start >= side {
                let rows = [start + width, end - width].map(|row| (row - first) as usize);
                fill(&mut self.words[column * words..][..words], rows);
            }
        });
        let across = shared_by(&mut self.words, words, side as usize);
        for (place, column) in self.words[..across].chunks_exact(words).enumerate() {
            #[allow(clippy::cast_possible_truncation, reason = "there are as many columns")]
            let start = (left + width + place as u32) * height + first;
            runs_of(column, start, &mut self.inside);
        }
    }
}

/// Set bits from `start` up to `end`.
fn fill(words: &mut [u64], [start, end]: [usize; 2]) {
    let (first, last) = (start / BITS, (end - 1) / BITS);
    let (from, to) = (u64::MAX << (start % BITS), u64::MAX >> (BITS - 1 - (end - 1) % BITS));
    if first == last {
        words[first] |= from & to;
        return;
    }
    words[first] |= from;
    words[first + 1..last].fill(u64::MAX);
    words[last] |= to;
}

/// Make each column what it shares with those behind it, `number` of them together; return how many words are left.
fn shared_by(words: &mut [u64], of_column: usize, number: usize) -> usize {
    let mut left = words.len();
    let mut also = |step: usize| {
        let step = step * of_column;
        left -= step;
        let (here, there) = (0..left, step);
        for place in here {
            words[place] &= words[place + there];
        }
    };
    let mut shared = 1;
    while 2 * shared <= number {
        also(shared);
        shared *= 2;
    }
    if shared < number {
        also(number - shared);
    }
    left
}

/// Add the runs of the bits of a column, of which the first is the pixel `start`.
fn runs_of(words: &[u64], start: u32, runs: &mut Vec<Run>) {
    let first = runs.len();
    let mut base = start;
    for &word in words {
        let (mut rest, mut at) = (word, base);
        while rest != 0 {
            let zeros = rest.trailing_zeros();
            at += zeros;
            rest >>= zeros;
            let ones = rest.trailing_ones();
            push(runs, first, at, at + ones);
            at += ones;
            rest = rest.checked_shr(ones).unwrap_or(0);
        }
        base = base.wrapping_add(u64::BITS);
    }
}

/// Add what is left of runs without others, each of which lies in one of them.
fn without(runs: &[Run], others: &[Run], all: &mut Vec<Run>) {
    let first = all.len();
    let mut others = others.iter().peekable();
    for run in runs {
        let mut start = run.start;
        while let Some(other) = others.next_if(|other| other.start < run.end) {
            push(all, first, start, other.start);
            start = other.end;
        }
        push(all, first, start, run.end);
    }
}
