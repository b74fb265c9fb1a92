//! Label maps: a pointer, a label type, a shape and strides.
//!
//! A map may lie in memory that Python owns, where another thread can write at any time. So nothing
//! here forms a slice or a reference over it: labels are read one by one through raw pointers, and
//! whoever reads them must be right for *any* value that a read yields, also when two reads of one
//! pixel differ.
#![allow(unsafe_code)]

use std::cmp::Reverse;
use std::marker::PhantomData;

use crate::error::{Error, Shape, Side};

/// Type of the labels of a map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Dtype {
    U8,
    I8,
    U16,
    I16,
    U32,
    I32,
    U64,
    I64,
}

impl Dtype {
    /// Bytes of one label.
    #[must_use]
    pub fn size(self) -> usize {
        match self {
            Self::U8 | Self::I8 => 1,
            Self::U16 | Self::I16 => 2,
            Self::U32 | Self::I32 => 4,
            Self::U64 | Self::I64 => 8,
        }
    }

    /// Whether labels may be negative.
    #[must_use]
    pub fn is_signed(self) -> bool {
        matches!(self, Self::I8 | Self::I16 | Self::I32 | Self::I64)
    }
}

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
        assert_eq!(shape.iter().product::<usize>(), labels.len(), "as many labels as pixels");
        let mut strides = vec![0_isize; shape.len()];
        let mut step = size_of::<T>().cast_signed();
        for (stride, &len) in strides.iter_mut().zip(shape).rev() {
            *stride = step;
            step *= len.cast_signed();
        }
        // SAFETY: the product of the shape is the slice's length, so each address is inside it, and
        // the slice is borrowed for 'a.
        unsafe { Self::new(labels.as_ptr().cast(), T::DTYPE, false, shape, &strides) }
    }

    /// The shape.
    #[must_use]
    pub fn shape(&self) -> &[usize] {
        &self.shape
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

    fn line(&self, base: *const u8, stride: isize, len: usize) -> Line<'a> {
        Line { base, stride, len, dtype: self.dtype, swapped: self.swapped, memory: PhantomData }
    }
}

/// Labels that are one constant step apart: part of a [`LabelMap`].
#[derive(Clone, Copy, Debug)]
pub struct Line<'a> {
    base: *const u8,
    stride: isize,
    len: usize,
    dtype: Dtype,
    swapped: bool,
    memory: PhantomData<&'a ()>,
}

impl<'a> Line<'a> {
    /// A line over labels in a row.
    #[must_use]
    pub fn from_labels<T: Label>(labels: &'a [T]) -> Self {
        LabelMap::from_labels(labels, &[1, labels.len()]).row(0)
    }

    /// Number of labels.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is no label.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Type of the labels.
    #[must_use]
    pub fn dtype(&self) -> Dtype {
        self.dtype
    }

    /// Labels `start` to `start + len`.
    ///
    /// # Panics
    ///
    /// If they reach beyond the end.
    #[must_use]
    pub fn part(&self, start: usize, len: usize) -> Self {
        assert!(start <= self.len && len <= self.len - start, "a part lies inside its line");
        Self { base: self.base.wrapping_offset(self.stride * start.cast_signed()), len, ..*self }
    }

    /// The labels as they lie, if they are single bytes without sign, side by side.
    #[must_use]
    pub fn bytes(&self) -> Option<Bytes<'a>> {
        let side_by_side = self.dtype == Dtype::U8 && (self.stride == 1 || self.len <= 1);
        side_by_side.then_some(Bytes { base: self.base, len: self.len, memory: PhantomData })
    }

    /// Write `label - base` of each label to `out` if all of them fit a byte; else say that they do
    /// not, with `out` in any state.
    ///
    /// # Panics
    ///
    /// If `out` has another length.
    #[must_use]
    pub fn narrow(&self, base: i64, out: &mut [u8]) -> bool {
        let mut high = 0_u64;
        self.read(out, |slot, label| {
            let code = label.wrapping_sub(base).cast_unsigned();
            high |= code;
            *slot = (code & 0xff) as u8;
        });
        high <= 0xff
    }

    /// Write each label to `out`.
    ///
    /// # Errors
    ///
    /// [`Error::LabelTooLarge`] if there is a label of 2^63 or more.
    ///
    /// # Panics
    ///
    /// If `out` has another length.
    pub fn widen(&self, side: Side, out: &mut [i64]) -> Result<(), Error> {
        self.read(out, |slot, label| *slot = label);
        if self.dtype == Dtype::U64
            && let Some(&label) = out.iter().find(|label| **label < 0)
        {
            return Err(Error::LabelTooLarge { side, value: label.cast_unsigned() });
        }
        Ok(())
    }

    fn read<S>(&self, out: &mut [S], put: impl FnMut(&mut S, i64)) {
        assert_eq!(out.len(), self.len, "room for each label");
        match self.dtype {
            Dtype::U8 => self.read_as::<u8, S>(out, put),
            Dtype::I8 => self.read_as::<i8, S>(out, put),
            Dtype::U16 => self.read_as::<u16, S>(out, put),
            Dtype::I16 => self.read_as::<i16, S>(out, put),
            Dtype::U32 => self.read_as::<u32, S>(out, put),
            Dtype::I32 => self.read_as::<i32, S>(out, put),
            Dtype::U64 => self.read_as::<u64, S>(out, put),
            Dtype::I64 => self.read_as::<i64, S>(out, put),
        }
    }

    /// The loops are apart so that the two common ones, side by side and in this machine's byte
    /// order, become vector code.
    fn read_as<T: Label, S>(&self, out: &mut [S], mut put: impl FnMut(&mut S, i64)) {
        // SAFETY: `at(i)` is label `i < len` of a line of a map, whose addresses `LabelMap::new`
        // demands to be readable; `read_unaligned` needs no alignment; every bit pattern is a label.
        let load = |i: usize, stride: isize| unsafe {
            self.base.offset(stride * i.cast_signed()).cast::<T>().read_unaligned()
        };
        let side_by_side = size_of::<T>().cast_signed();
        if self.swapped {
            for (i, slot) in out.iter_mut().enumerate() {
                put(slot, load(i, self.stride).swapped().wide());
            }
        } else if self.stride == side_by_side {
            for (i, slot) in out.iter_mut().enumerate() {
                put(slot, load(i, side_by_side).wide());
            }
        } else {
            for (i, slot) in out.iter_mut().enumerate() {
                put(slot, load(i, self.stride).wide());
            }
        }
    }
}

/// Labels of one byte each, side by side, which may change while they are read.
#[derive(Clone, Copy, Debug)]
pub struct Bytes<'a> {
    base: *const u8,
    len: usize,
    memory: PhantomData<&'a ()>,
}

impl<'a> From<&'a [u8]> for Bytes<'a> {
    fn from(labels: &'a [u8]) -> Self {
        Self { base: labels.as_ptr(), len: labels.len(), memory: PhantomData }
    }
}

impl Bytes<'_> {
    /// Number of labels.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is no label.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Address of the first label; `len` labels from there are readable.
    #[must_use]
    pub fn as_ptr(&self) -> *const u8 {
        self.base
    }

    /// The first `at` labels and the others.
    ///
    /// # Panics
    ///
    /// If there are fewer.
    #[must_use]
    pub fn split_at(&self, at: usize) -> (Self, Self) {
        assert!(at <= self.len, "a part lies inside its line");
        let rest = Self { base: self.base.wrapping_add(at), len: self.len - at, ..*self };
        (Self { len: at, ..*self }, rest)
    }
}

/// A type that labels can have in memory.
pub trait Label: Copy {
    /// Its name at run time.
    const DTYPE: Dtype;
    /// The label, with labels of 2^63 and more wrapped to negative ones.
    fn wide(self) -> i64;
    /// The label with its bytes in the other order.
    #[must_use]
    fn swapped(self) -> Self;
}

macro_rules! labels {
    ($($type:ty => $dtype:ident),*) => {$(
        impl Label for $type {
            const DTYPE: Dtype = Dtype::$dtype;
            #[allow(clippy::cast_lossless, clippy::cast_possible_wrap)]
            fn wide(self) -> i64 {
                self as i64
            }
            fn swapped(self) -> Self {
                self.swap_bytes()
            }
        }
    )*};
}

labels!(u8 => U8, i8 => I8, u16 => U16, i16 => I16, u32 => U32, i32 => I32, u64 => U64, i64 => I64);

/// One dimension of two maps together.
#[derive(Clone, Copy)]
struct Axis {
    len: usize,
    target: isize,
    pred: isize,
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
    if target.shape.contains(&0) {
        return Ok(());
    }
    let (mut at_target, mut at_pred) = (target.base, pred.base);
    let mut axes = Vec::with_capacity(target.shape.len());
    for ((&len, &t), &p) in target.shape.iter().zip(&target.strides).zip(&pred.strides) {
        if len == 1 {
            continue;
        }
        // Counting does not mind the order of pixels, so a target that runs backwards is read
        // forwards, and its prediction with it.
        let flip = t < 0 || (t == 0 && p < 0);
        let (t, p) = if flip {
            let last = len.cast_signed() - 1;
            at_target = at_target.wrapping_offset(t * last);
            at_pred = at_pred.wrapping_offset(p * last);
            (-t, -p)
        } else {
            (t, p)
        };
        axes.push(Axis { len, target: t, pred: p });
    }
    let mut axes = joined(axes);
    let inner = axes.pop().unwrap_or(Axis { len: 1, target: 0, pred: 0 });
    let mut index = vec![0_usize; axes.len()];
    loop {
        visit(target.line(at_target, inner.target, inner.len), pred.line(at_pred, inner.pred, inner.len))?;
        // The odometer of the outer dimensions: step the innermost that has not ended.
        let Some(k) = (0..axes.len()).rev().find(|&k| index[k] + 1 < axes[k].len) else {
            return Ok(());
        };
        index[k] += 1;
        at_target = at_target.wrapping_offset(axes[k].target);
        at_pred = at_pred.wrapping_offset(axes[k].pred);
        for j in k + 1..axes.len() {
            let back = index[j].cast_signed();
            at_target = at_target.wrapping_offset(-axes[j].target * back);
            at_pred = at_pred.wrapping_offset(-axes[j].pred * back);
            index[j] = 0;
        }
    }
}

/// Dimensions in the order of memory, with those joined that follow each other without a gap in both
/// maps, and the best one to read along last.
fn joined(mut axes: Vec<Axis>) -> Vec<Axis> {
    // A map that is repeated along a dimension has stride 0 there, and says nothing about the order.
    // Where both are, the dimension comes first, so that lines run along memory.
    axes.sort_by_key(|axis| match axis.target.unsigned_abs().max(axis.pred.unsigned_abs()) {
        0 => Reverse(usize::MAX),
        step => Reverse(step),
    });
    let mut joined: Vec<Axis> = Vec::with_capacity(axes.len());
    for axis in axes {
        let len = axis.len.cast_signed();
        match joined.last_mut() {
            Some(outer) if outer.target == axis.target * len && outer.pred == axis.pred * len => {
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
