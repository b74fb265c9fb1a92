//! Runs of all labels of an image, and which of them touch, told by which pixels equal those of the row above.
//!
//! An image of many objects has a run every few dozen pixels, and which of two runs ends first is as good as a
//! coin. So rows are not walked side by side: a bit says where a run and one above begin to share their label, and
//! the number of that run is the number of runs that end before.

use super::Pace;
use super::runs::{Runs, numbered};
use crate::cpu::{Routine, Vectors};
use crate::error::Error;
use crate::pixels::Code;
use crate::surfaces::lines::{Codes, Lines, WORD, valid};

/// What there is to find, in an image that has pixels, in lines of slices of one row.
pub(super) struct FindInImage<'a, 'b, 'c, C> {
    pub(super) lines: &'b mut Lines<'a, C>,
    /// Whether pixels that share a corner alone are neighbours.
    pub(super) corners: bool,
    /// How many runs there may be.
    pub(super) most: usize,
    pub(super) stop: &'c mut dyn FnMut() -> bool,
}

/// Where the runs of a row end, as bits, and the number of the run that each word begins in.
struct Ends {
    bits: Vec<u64>,
    first: Vec<u32>,
}

impl Ends {
    fn new(words: usize) -> Self {
        Self { bits: vec![0; words], first: vec![0; words] }
    }

    /// The number of the run of a pixel.
    #[inline(always)]
    fn run_at(&self, x: usize) -> usize {
        let before = self.bits[x / WORD] & ((1 << (x % WORD)) - 1);
        (self.first[x / WORD] + before.count_ones()) as usize
    }
}

impl<C: Code> Routine for FindInImage<'_, '_, '_, C> {
    type Output = Result<Runs<C>, Error>;

    #[inline(always)]
    fn run<V: Vectors>(self, vectors: V) -> Self::Output {
        let Self { lines, corners, most, stop } = self;
        let words = lines.len().div_ceil(WORD);
        let mut runs = Runs::new(lines.slices());
        let [mut next, mut above] = [vec![0; words], vec![0; words]];
        let [mut ends, mut ends_above] = [Ends::new(words), Ends::new(words)];
        let mut pace = Pace::new(stop);
        for row in 0..lines.slices() {
            pace.look(lines.len())?;
            lines.hold(row.saturating_sub(1)..row + 1);
            let line = lines.line(row, 0);
            let line_above = lines.line(row.saturating_sub(1), 0);
            line.write_unlike(vectors, [line_above], &mut next, &mut above);
            if row == 0 {
                above.fill(u64::MAX);
            }
            let over = (corners && row > 0).then_some(line_above);
            runs.add_row(line, over, [&next, &above], &mut ends, &ends_above);
            std::mem::swap(&mut ends, &mut ends_above);
            if runs.spans.len() > most {
                return Err(Error::TooManyRuns { limit: most });
            }
        }
        Ok(runs)
    }
}

impl<C: Code> Runs<C> {
    /// Add the runs of a row, each united with those of its label that it touches in the row above: at corners,
    /// too, if the row above is given. Bits say which labels differ from the next one, and from the one above.
    #[inline(always)]
    fn add_row(
        &mut self,
        line: Codes<'_, C>,
        over: Option<Codes<'_, C>>,
        [next, above]: [&[u64]; 2],
        ends: &mut Ends,
        ends_above: &Ends,
    ) {
        let len = line.len();
        let (mut start, mut component, mut going_on) = (0, None, 0);
        for (word, (&next, &above_here)) in next.iter().zip(above).enumerate() {
            let valid = valid(len, word);
            let (stops, here) = (next & valid, !above_here & valid);
            // Pixels that equal the one above, but for those whose run and that above already did so before.
            let both = here & !next;
            let meet = here & !(both << 1 | going_on);
            going_on = both >> (WORD - 1);
            ends.bits[word] = stops;
            ends.first[word] = numbered(self.spans.len());
            let mut events = stops | meet;
            while events != 0 {
                let bit = events & events.wrapping_neg();
                let x = word * WORD + events.trailing_zeros() as usize;
                events &= events - 1;
                if meet & bit != 0 {
                    component = Some(self.with(component, ends_above.run_at(x)));
                }
                if stops & bit == 0 {
                    continue;
                }
                let (code, end) = (line.at(x), x + 1);
                if let Some(over) = over {
                    let alike = above[start / WORD] >> (start % WORD) & 1 == 0;
                    if start > 0 && over.at(start - 1) == code && !alike {
                        component = Some(self.with(component, ends_above.run_at(start - 1)));
                    }
                    if end < len && over.at(end) == code && here & bit == 0 {
                        component = Some(self.with(component, ends_above.run_at(end)));
                    }
                }
                self.push(start, end, code, component.unwrap_or(self.spans.len()));
                (start, component) = (end, None);
            }
        }
        self.end_line();
    }

    /// The first run of a component that is made one with that of another run.
    #[inline(always)]
    fn with(&mut self, component: Option<usize>, run: usize) -> usize {
        let other = self.first(run);
        let Some(one) = component else { return other };
        self.spans[one.max(other)].component = numbered(one.min(other));
        one.min(other)
    }
}
