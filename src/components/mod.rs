//! Connected components: voxels of one label that hang together, as runs, and how those of two maps overlap.
//!
//! No volume of numbers is needed to find them. Lines become *runs* of one label, of which there are few, and
//! runs that touch a run of their label in a line before are of one component. What is asked of
//! components, how many voxels two of them share or where one lies, is asked of their runs.

mod images;
mod overlaps;
mod runs;
pub mod segments;

pub use overlaps::{Overlap, Overlaps, overlaps};

use std::ops::Range;

use crate::cpu::Kernel;
use crate::error::Error;
use crate::limits::MAX_RUNS;
use crate::pixels::LabelMap;
use crate::surfaces::any::{AnyLines, with_lines};
use crate::surfaces::{axes_as_they_lie, check_shapes};
use images::FindInImage;
use runs::Find;

/// Which voxels are neighbours of one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Neighbours {
    /// Those that share a face: 4 in two dimensions, 6 in three.
    Faces,
    /// Those that share an edge, too: 18 in three dimensions.
    Edges,
    /// All around: 8 in two dimensions, 26 in three.
    Corners,
}

impl Neighbours {
    /// The neighbours of a voxel, of which there are as many as this in so many dimensions.
    ///
    /// # Errors
    ///
    /// [`Error::Connectivity`] if there never are.
    pub fn new(connectivity: usize, dimensions: usize) -> Result<Self, Error> {
        match (connectivity, dimensions) {
            (4, 2) | (6, 3) => Ok(Self::Faces),
            (18, 3) => Ok(Self::Edges),
            (8, 2) | (26, 3) => Ok(Self::Corners),
            _ => Err(Error::Connectivity { found: connectivity, dimensions }),
        }
    }
}

/// Voxels of one component that follow each other in a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) start: u32,
    pub(crate) end: u32,
    /// The number of the component, from 1 on.
    pub(crate) component: u32,
}

/// The components of one map.
///
/// Lines lie along memory where that is possible. Components are numbered in the order of their first voxels
/// in the order of the dimensions of the map, however they lie.
#[derive(Debug)]
pub struct Components {
    axes: Vec<usize>,
    /// Slices, rows and voxels of a row, as they lie.
    shape: [usize; 3],
    /// Spans of all lines, one line after the other.
    spans: Vec<Span>,
    /// How many spans there are before each line, and in all.
    lines: Vec<u32>,
    /// The label of each component; those of 2^63 and more are wrapped to negative ones.
    labels: Vec<i64>,
}

/// What is asked for: of which labels there are components, and what hangs together.
#[derive(Clone, Copy, Debug)]
pub struct Question {
    /// What hangs together.
    pub neighbours: Neighbours,
    /// The label of what is no component.
    pub background: Option<i64>,
}

/// Find the components of each label of a map of two or three dimensions. `stop` is asked some times a
/// millisecond.
///
/// # Errors
///
/// [`Error::Dimensions`], [`Error::TooManyVoxels`], [`Error::TooManyRuns`] and [`Error::Cancelled`].
pub fn components(
    kernel: Kernel,
    map: &LabelMap<'_>,
    question: Question,
    stop: &mut dyn FnMut() -> bool,
) -> Result<Components, Error> {
    check_shapes(map, map, 2..=3)?;
    found(kernel, map, axes_as_they_lie(map, map), question, stop)
}

/// The components of a map whose shape was checked, in lines along the last of these dimensions.
fn found(
    kernel: Kernel,
    map: &LabelMap<'_>,
    axes: Vec<usize>,
    question: Question,
    stop: &mut dyn FnMut() -> bool,
) -> Result<Components, Error> {
    let lying = match *axes.as_slice() {
        [slices, rows, columns] => [Some(slices), Some(rows), Some(columns)],
        _ => [Some(axes[0]), None, Some(axes[1])],
    };
    let map_as_it_lies = map.with_axes(&lying);
    let &[slices, rows, len] = map_as_it_lies.shape() else { unreachable!("three dimensions") };
    let mut found = Components {
        axes,
        shape: [slices, rows, len],
        spans: Vec::new(),
        lines: vec![0],
        labels: Vec::new(),
    };
    if found.shape.contains(&0) {
        found.lines.resize(slices * rows + 1, 0);
        return Ok(found);
    }
    let mut lines = AnyLines::new(map_as_it_lies, 2);
    with_lines!(&mut lines, lines => {
        let (neighbours, most) = (question.neighbours, MAX_RUNS);
        let mut runs = if question.background.is_none() && found.axes.len() == 2 {
            let corners = neighbours == Neighbours::Corners;
            kernel.run(FindInImage { lines, corners, most, stop })?
        } else {
            let background = question.background.and_then(|label| lines.dtype().code(label));
            kernel.run(Find { lines, neighbours, background, most, stop })?
        };
        found.labels = runs.number().into_iter().map(|code| lines.dtype().label(code)).collect();
        (found.spans, found.lines) = (runs.spans, runs.lines);
    });
    if !found.axes.is_sorted() {
        found.renumber(map.shape());
    }
    Ok(found)
}

impl Components {
    /// How many there are; their numbers begin at 1.
    #[must_use]
    pub fn count(&self) -> usize {
        self.labels.len()
    }

    /// The dimensions of the map in the order in which they lie.
    #[must_use]
    pub fn axes(&self) -> &[usize] {
        &self.axes
    }

    /// Number of lines.
    pub(crate) fn lines(&self) -> usize {
        self.lines.len() - 1
    }

    /// The spans of a line.
    pub(crate) fn line(&self, line: usize) -> &[Span] {
        &self.spans[range(&self.lines, line)]
    }

    /// Write the number of its component to each voxel that is of one, in the order in which dimensions lie.
    /// `stop` is asked some times a millisecond.
    ///
    /// # Errors
    ///
    /// [`Error::Cancelled`].
    ///
    /// # Panics
    ///
    /// If there are not as many voxels, or a number does not fit.
    pub fn write<T: TryFrom<u32> + Copy>(
        &self,
        voxels: &mut [T],
        stop: &mut dyn FnMut() -> bool,
    ) -> Result<(), Error> {
        assert_eq!(voxels.len(), self.shape.iter().product::<usize>(), "a number for each voxel");
        let mut pace = Pace::new(stop);
        for (line, voxels) in voxels.chunks_exact_mut(self.shape[2].max(1)).enumerate() {
            pace.look(voxels.len())?;
            for span in self.line(line) {
                let Ok(number) = T::try_from(span.component) else { panic!("a type that holds all numbers") };
                voxels[span.start as usize..span.end as usize].fill(number);
            }
        }
        Ok(())
    }

    /// Number components by their first voxels in the order of the dimensions of the map.
    fn renumber(&mut self, shape: &[usize]) {
        let steps = crate::pixels::c_order(shape, 1);
        let step = |axis: usize| steps[axis].unsigned_abs();
        let (between_slices, between_rows, between_voxels) = match *self.axes.as_slice() {
            [slices, rows, columns] => (step(slices), step(rows), step(columns)),
            _ => (step(self.axes[0]), 0, step(self.axes[1])),
        };
        let mut first = vec![(usize::MAX, 0); self.count()];
        for line in 0..self.lines() {
            let (slice, row) = (line / self.shape[1], line % self.shape[1]);
            for span in self.line(line) {
                let at = slice * between_slices + row * between_rows + span.start as usize * between_voxels;
                let known = &mut first[span.component as usize - 1];
                *known = (*known).min((at, span.component));
            }
        }
        first.sort_unstable();
        self.labels = first.iter().map(|&(_, component)| self.labels[component as usize - 1]).collect();
        let mut numbers = vec![0; first.len()];
        for (number, (_, component)) in (1..).zip(first) {
            numbers[component as usize - 1] = number;
        }
        for span in &mut self.spans {
            span.component = numbers[span.component as usize - 1];
        }
    }
}

/// What is of a line among what is listed line by line.
fn range(lines: &[u32], line: usize) -> Range<usize> {
    lines[line] as usize..lines[line + 1] as usize
}

/// Voxels between two looks at whether to stop.
const PIECE: usize = 1 << 20;

/// Asks whether to stop, as often as so many voxels were passed.
struct Pace<'a> {
    stop: &'a mut dyn FnMut() -> bool,
    since: usize,
}

impl<'a> Pace<'a> {
    fn new(stop: &'a mut dyn FnMut() -> bool) -> Self {
        Self { stop, since: PIECE }
    }

    /// Ask, if it is time.
    #[inline(always)]
    fn look(&mut self, voxels: usize) -> Result<(), Error> {
        self.since += voxels;
        if self.since < PIECE {
            return Ok(());
        }
        self.since = 0;
        crate::error::look(self.stop)
    }
}

#[cfg(test)]
mod tests;
