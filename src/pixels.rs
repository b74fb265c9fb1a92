//! Label maps: a pointer, a label type, a shape and strides.
//!
//! A map may lie in memory that Python owns, where another thread can write at any time. So nothing
//! here forms a slice or a reference over it: labels are read one by one through raw pointers, and
//! whoever reads them must be right for *any* value that a read yields, also when two reads of one
//! pixel differ.
#![allow(unsafe_code)]

pub mod blocks;
mod line;
mod runs;

use std::cmp::Reverse;
use std::marker::PhantomData;

use crate::error::{Error, Shape};
pub(crate) use line::Code;
pub use line::{Bytes, Dtype, Label, Line, Truth};
pub use runs::Runs;

/// A label map of any number of dimensions, wherever it lies.
#[derive(Clone, Debug)]
pub struct LabelMap<'a> {
    base: *const u8,
    dtype: Dtype,
    swapped: bool,
    shape: Vec<usize>,
    strides: Vec<isize>,
    memory: PhantomData<&'a ()>,
}

// SAFETY: a map only reads, `new` demands memory that stays valid for 'a on any thread, and reads are
// right for any value found there.
unsafe impl Send for LabelMap<'_> {}
// SAFETY: as above; there is no interior mutability.
unsafe impl Sync for LabelMap<'_> {}

impl<'a> LabelMap<'a> {
    /// A map over memory that somebody else owns. Strides are in bytes and may be zero or negative;
    /// labels need not be aligned; `swapped` says that their bytes are in the other order.
    ///
    /// # Safety
    ///
    /// For as long as `'a`, every address that shape and strides reach from `base` must stay
    /// allocated and initialised. It may be written to meanwhile.
    ///
    /// # Panics
    ///
    /// If `shape` and `strides` differ in length.
    #[must_use]
    pub unsafe fn new(
        base: *const u8,
        dtype: Dtype,
        swapped: bool,
        shape: &[usize],
        strides: &[isize],
    ) -> Self {
        assert_eq!(shape.len(), strides.len(), "one stride for each dimension");
        Self { base, dtype, swapped, shape: shape.to_vec(), strides: strides.to_vec(), memory: PhantomData }
    }

    /// A map over labels in C order.
    ///
    /// # Panics
    ///
    /// If there are not as many labels as `shape` says.
    #[must_use]
    pub fn from_labels<T: Label>(labels: &'a [T], shape: &[usize]) -> Self {
        let pixels = shape.iter().try_fold(1_usize, |pixels, &len| pixels.checked_mul(len));
        assert_eq!(pixels, Some(labels.len()), "as many labels as pixels");
        let strides = c_order(shape, size_of::<T>());
        // SAFETY: the product of the shape is the slice's length, so each address is inside it, and
        // the slice is borrowed for 'a.
        unsafe { Self::new(labels.as_ptr().cast(), T::DTYPE, false, shape, &strides) }
    }

    /// The shape.
    #[must_use]
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// From one label to the next of each dimension, in bytes.
    #[must_use]
    pub fn strides(&self) -> &[isize] {
        &self.strides
    }

    /// The part of this map with `len` indices of one dimension from `start` on.
    ///
    /// # Panics
    ///
    /// If there is no such dimension, or it is shorter.
    #[must_use]
    pub fn slab(&self, axis: usize, start: usize, len: usize) -> Self {
        assert!(start <= self.shape[axis] && len <= self.shape[axis] - start, "a slab lies inside its map");
        let mut slab = self.clone();
        slab.base = self.base.wrapping_offset(self.strides[axis] * start.cast_signed());
        slab.shape[axis] = len;
        slab
    }

    /// The map of all dimensions but the first, at an index of that.
    ///
    /// # Panics
    ///
    /// If there is no such index, or no dimension.
    #[must_use]
    pub fn plane(&self, index: usize) -> Self {
        let mut plane = self.slab(0, index, 1);
        plane.shape.remove(0);
        plane.strides.remove(0);
        plane
    }

    /// Row `y` of a map of two dimensions.
    ///
    /// # Panics
    ///
    /// If there are not two dimensions, or no such row.
    #[must_use]
    pub fn row(&self, y: usize) -> Line<'a> {
        assert!(self.shape.len() == 2 && y < self.shape[0], "a row of a map of two dimensions");
        let offset = self.strides[0] * y.cast_signed();
        self.line(self.base.wrapping_offset(offset), self.strides[1], self.shape[1])
    }

    /// All labels of a map of one dimension, in order; `None` for any other map.
    #[must_use]
    pub fn only_row(&self) -> Option<Line<'a>> {
        let (&[len], &[stride]) = (self.shape.as_slice(), self.strides.as_slice()) else { return None };
        Some(self.line(self.base, stride, len))
    }

    /// The dimensions in another order, where `None` stands for one of length one that is new. Those that
    /// are not named are left at index 0.
    ///
    /// # Panics
    ///
    /// If there is no such dimension.
    #[must_use]
    pub(crate) fn with_axes(&self, axes: &[Option<usize>]) -> Self {
        let shape = axes.iter().map(|axis| axis.map_or(1, |axis| self.shape[axis])).collect();
        let strides = axes.iter().map(|axis| axis.map_or(0, |axis| self.strides[axis])).collect();
        Self { shape, strides, ..self.clone() }
    }

    /// The labels along the last dimension at an index of the others.
    ///
    /// # Panics
    ///
    /// If there is no such index.
    #[must_use]
    #[inline]
    pub(crate) fn line_at<const N: usize>(&self, index: [usize; N]) -> Line<'a> {
        assert!(self.shape.len() == N + 1, "an index of all dimensions but the last");
        let mut offset = 0;
        for ((&at, &len), &stride) in index.iter().zip(&self.shape).zip(&self.strides) {
            assert!(at < len, "an index of the map");
            offset += stride * at.cast_signed();
        }
        self.line(self.base.wrapping_offset(offset), self.strides[N], self.shape[N])
    }

    /// Type of the labels.
    #[must_use]
    pub(crate) fn dtype(&self) -> Dtype {
        self.dtype
    }

    /// The labels of a run.
    ///
    /// # Safety
    ///
    /// The run is one of those, or a part of one, that [`for_each_run`] makes of the shape and strides
    /// of this map, which come first there.
    #[must_use]
    pub unsafe fn run(&self, run: Run) -> Line<'a> {
        self.line(self.base.wrapping_offset(run.start[0]), run.step[0], run.len)
    }

    fn line(&self, base: *const u8, stride: isize, len: usize) -> Line<'a> {
        Line { base, stride, len, dtype: self.dtype, swapped: self.swapped, memory: PhantomData }
    }
}

/// Strides of an array in C order, whose elements have this size.
#[must_use]
pub fn c_order(shape: &[usize], size: usize) -> Vec<isize> {
    let mut strides = vec![0_isize; shape.len()];
    let mut step = size.cast_signed();
    for (stride, &len) in strides.iter_mut().zip(shape).rev() {
        *stride = step;
        step *= len.cast_signed();
    }
    strides
}

/// One dimension of a target and of what is compared with it.
#[derive(Clone, Copy)]
struct Axis {
    len: usize,
    target: isize,
    other: isize,
}

/// Below this many labels a line costs more to begin than to read.
const SHORT_LINE: usize = 16;

/// Call `visit` with lines that together hold every pixel of both maps once, in any order, the same
/// pixel of both at the same place.
///
/// # Errors
///
/// [`Error::ShapeMismatch`] if the shapes differ, and whatever `visit` returns.
pub fn for_each_line<'a>(
    target: &LabelMap<'a>,
    pred: &LabelMap<'a>,
    visit: &mut dyn FnMut(Line<'a>, Line<'a>) -> Result<(), Error>,
) -> Result<(), Error> {
    if target.shape != pred.shape {
        return Err(Error::ShapeMismatch {
            pred: Shape(pred.shape.clone()),
            target: Shape(target.shape.clone()),
        });
    }
    for_each_run(&target.shape, [&target.strides, &pred.strides], &mut |run| {
        let [t, p] = run.start;
        let (target_line, pred_line) = (target.base.wrapping_offset(t), pred.base.wrapping_offset(p));
        visit(target.line(target_line, run.step[0], run.len), pred.line(pred_line, run.step[1], run.len))
    })
}

/// Pixels that are one constant step apart in two arrays of one shape.
#[derive(Clone, Copy, Debug)]
pub struct Run {
    /// How far the first one is from the first index of each array.
    pub start: [isize; 2],
    /// How far it is to the next one.
    pub step: [isize; 2],
    /// Pixels.
    pub len: usize,
}

impl Run {
    /// Pixels `start` to `start + len`.
    ///
    /// # Panics
    ///
    /// If they reach beyond the end.
    #[must_use]
    pub fn part(&self, start: usize, len: usize) -> Self {
        assert!(start <= self.len && len <= self.len - start, "a part lies inside its run");
        let at = |k: usize| self.start[k] + self.step[k] * start.cast_signed();
        Self { start: [at(0), at(1)], len, ..*self }
    }
}

/// Call `visit` with runs that together hold every pixel of two arrays once, in any order. Each array
/// is told by its strides, in units of its own. Nothing is read.
///
/// # Errors
///
/// Whatever `visit` returns.
///
/// # Panics
///
/// If there is not one stride for each dimension.
pub fn for_each_run(
    shape: &[usize],
    [target, other]: [&[isize]; 2],
    visit: &mut dyn FnMut(Run) -> Result<(), Error>,
) -> Result<(), Error> {
    assert!(target.len() == shape.len() && other.len() == shape.len(), "one stride for each dimension");
    if shape.contains(&0) {
        return Ok(());
    }
    let (mut at_target, mut at_other) = (0, 0);
    let mut axes = Vec::with_capacity(shape.len());
    for ((&len, &t), &o) in shape.iter().zip(target).zip(other) {
        if len == 1 {
            continue;
        }
        // Counting does not mind the order of pixels, so a target that runs backwards is read
        // forwards, and its prediction with it.
        let flip = t < 0 || (t == 0 && o < 0);
        let (t, o) = if flip {
            let last = len.cast_signed() - 1;
            at_target += t * last;
            at_other += o * last;
            (-t, -o)
        } else {
            (t, o)
        };
        axes.push(Axis { len, target: t, other: o });
    }
    let mut axes = joined(axes);
    let inner = axes.pop().unwrap_or(Axis { len: 1, target: 0, other: 0 });
    let mut index = vec![0_usize; axes.len()];
    loop {
        let (start, step) = ([at_target, at_other], [inner.target, inner.other]);
        visit(Run { start, step, len: inner.len })?;
        // The odometer of the outer dimensions: step the innermost that has not ended.
        let Some(k) = (0..axes.len()).rev().find(|&k| index[k] + 1 < axes[k].len) else {
            return Ok(());
        };
        index[k] += 1;
        at_target += axes[k].target;
        at_other += axes[k].other;
        for j in k + 1..axes.len() {
            let back = index[j].cast_signed();
            at_target -= axes[j].target * back;
            at_other -= axes[j].other * back;
            index[j] = 0;
        }
    }
}

/// Dimensions in the order of memory, with those joined that follow each other without a gap in both
/// maps, and the best one to read along last.
fn joined(mut axes: Vec<Axis>) -> Vec<Axis> {
    // A map that is repeated along a dimension has stride 0 there, and says nothing about the order.
    // Where both are, the dimension comes first, so that lines run along memory.
    axes.sort_by_key(|axis| match axis.target.unsigned_abs().max(axis.other.unsigned_abs()) {
        0 => Reverse(usize::MAX),
        step => Reverse(step),
    });
    let mut joined: Vec<Axis> = Vec::with_capacity(axes.len());
    for axis in axes {
        let len = axis.len.cast_signed();
        match joined.last_mut() {
            Some(outer) if outer.target == axis.target * len && outer.other == axis.other * len => {
                *outer = Axis { len: outer.len * axis.len, ..axis };
            }
            _ => joined.push(axis),
        }
    }
    if joined.last().is_some_and(|inner| inner.len < SHORT_LINE)
        && let Some(longest) = (0..joined.len()).max_by_key(|&k| joined[k].len)
    {
        let last = joined.len() - 1;
        joined.swap(longest, last);
    }
    joined
}

#[cfg(test)]
mod tests;
