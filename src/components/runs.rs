//! Runs of one label in lines, and which of them touch.

use super::{Neighbours, Pace, Span, range};
use crate::cpu::{Routine, Vectors};
use crate::error::Error;
use crate::pixels::Code;
use crate::surfaces::lines::{Codes, Lines, WORD, valid};

/// What there is to find, in a map that has voxels.
pub(super) struct Find<'a, 'b, 'c, C> {
    pub(super) lines: &'b mut Lines<'a, C>,
    pub(super) neighbours: Neighbours,
    pub(super) background: Option<C>,
    /// How many runs there may be.
    pub(super) most: usize,
    pub(super) stop: &'c mut dyn FnMut() -> bool,
}

/// Runs of all lines so far, one line after the other.
///
/// They are a forest: as its component, each run has one before it that is of the same, or itself if it is the
/// first.
pub(super) struct Runs<C> {
    pub(super) spans: Vec<Span>,
    /// Their labels.
    codes: Vec<C>,
    /// How many there are before each line, and in all.
    pub(super) lines: Vec<u32>,
}

impl<C: Code> Routine for Find<'_, '_, '_, C> {
    type Output = Result<Runs<C>, Error>;

    #[inline(always)]
    fn run<V: Vectors>(self, vectors: V) -> Self::Output {
        let Self { lines, neighbours, background, most, stop } = self;
        let (slices, rows) = (lines.slices(), lines.rows());
        // How far apart along a line voxels may be that touch: in lines side by side, and across an edge.
        let [near, far] = match neighbours {
            Neighbours::Faces => [Some(0), None],
            Neighbours::Edges => [Some(1), Some(0)],
            Neighbours::Corners => [Some(1), Some(1)],
        };
        let mut runs = Runs::new(slices * rows);
        let mut unlike_next = vec![0; lines.len().div_ceil(WORD)];
        let mut pace = Pace::new(stop);
        for slice in 0..slices {
            lines.hold(slice..slice + 1);
            for row in 0..rows {
                pace.look(lines.len())?;
                let line = lines.line(slice, row);
                line.write_unlike_next(vectors, &mut unlike_next);
                if !runs.add_line(line, &unlike_next, background) {
                    continue;
                }
                if runs.spans.len() > most {
                    return Err(Error::TooManyRuns { limit: most });
                }
                let here = slice * rows + row;
                if row > 0 {
                    runs.join(here, here - 1, near);
                }
                if slice > 0 {
                    let before = here - rows;
                    runs.join(here, before, near);
                    if row > 0 {
                        runs.join(here, before - 1, far);
                    }
                    if row + 1 < rows {
                        runs.join(here, before + 1, far);
                    }
                }
            }
        }
        Ok(runs)
    }
}

impl<C: Code> Runs<C> {
    /// No runs yet, of so many lines.
    pub(super) fn new(lines: usize) -> Self {
        let mut runs = Self { spans: Vec::new(), codes: Vec::new(), lines: Vec::with_capacity(lines + 1) };
        runs.lines.push(0);
        runs
    }

    /// Add a run of a component, of which a run before is known, or this one itself.
    #[inline(always)]
    pub(super) fn push(&mut self, start: usize, end: usize, code: C, component: usize) {
        let [start, end, component] = [start, end, component].map(numbered);
        self.spans.push(Span { start, end, component });
        self.codes.push(code);
    }

    /// Let what is added next be of the next line.
    #[inline(always)]
    pub(super) fn end_line(&mut self) {
        self.lines.push(numbered(self.spans.len()));
    }

    /// Add the runs of a line, of which these bits say which labels differ from the next one; whether there are any.
    #[inline(always)]
    fn add_line(&mut self, line: Codes<'_, C>, unlike_next: &[u64], background: Option<C>) -> bool {
        let before = self.spans.len();
        let mut start = 0;
        for (word, unlike_next) in unlike_next.iter().enumerate() {
            let mut last = unlike_next & valid(line.len(), word);
            while last != 0 {
                let x = word * WORD + last.trailing_zeros() as usize;
                last &= last - 1;
                let code = line.at(x);
                if Some(code) != background {
                    self.push(start, x + 1, code, self.spans.len());
                }
                start = x + 1;
            }
        }
        self.end_line();
        self.spans.len() > before
    }

    /// Unite the runs of a line with those of their labels in a line before which they touch: at voxels that
    /// are so far apart along the line, if at any.
    #[inline(always)]
    fn join(&mut self, line: usize, before: usize, apart: Option<u32>) {
        let Some(apart) = apart else { return };
        let (ours, theirs) = (range(&self.lines, line), range(&self.lines, before));
        let (mut i, mut j) = (ours.start, theirs.start);
        while i < ours.end && j < theirs.end {
            self.unite_touching(i, j, apart);
            let (end, other) = (self.spans[i].end, self.spans[j].end);
            if end == other {
                // Each may touch what follows the other diagonally.
                if j + 1 < theirs.end {
                    self.unite_touching(i, j + 1, apart);
                }
                if i + 1 < ours.end {
                    self.unite_touching(i + 1, j, apart);
                }
            }
            i += usize::from(end <= other);
            j += usize::from(other <= end);
        }
    }

    #[inline(always)]
    fn unite_touching(&mut self, i: usize, j: usize, apart: u32) {
        let (one, other) = (self.spans[i], self.spans[j]);
        let touch = one.start < other.end + apart && other.start < one.end + apart;
        if touch && self.codes[i] == self.codes[j] && one.component != other.component {
            let (one, other) = (self.first(i), self.first(j));
            self.spans[one.max(other)].component = numbered(one.min(other));
        }
    }

    /// The first run of a component, which is nearer after each time that it is asked for.
    #[inline(always)]
    pub(super) fn first(&mut self, mut run: usize) -> usize {
        loop {
            let before = self.spans[run].component as usize;
            if before == run {
                return run;
            }
            let farther = self.spans[before].component;
            self.spans[run].component = farther;
            run = farther as usize;
        }
    }

    /// Number components from 1 on in the order of their first runs; the code of each.
    pub(super) fn number(&mut self) -> Vec<C> {
        let mut codes = Vec::new();
        for run in 0..self.spans.len() {
            let before = self.spans[run].component as usize;
            self.spans[run].component = if before == run {
                codes.push(self.codes[run]);
                numbered(codes.len())
            } else {
                // A run before this one, which has its number.
                self.spans[before].component
            };
        }
        codes
    }
}

/// A number of voxels or runs, of which there are no more than fit.
#[inline(always)]
#[allow(clippy::cast_possible_truncation)]
pub(super) fn numbered(number: usize) -> u32 {
    number as u32
}
