//! Lines of labels: what a label map is read by, and the types that labels have.
#![allow(unsafe_code)]

use std::marker::PhantomData;

use super::LabelMap;
use crate::cpu::prefetch;
use crate::error::{Error, Side};

/// Type of the labels of a map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Dtype {
    Bool,
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
            Self::Bool | Self::U8 | Self::I8 => 1,
            Self::U16 | Self::I16 => 2,
            Self::U32 | Self::I32 => 4,
            Self::U64 | Self::I64 => 8,
        }
    }

    /// The label that a code stands for, with labels of 2^63 and more wrapped to negative ones. Codes of 64
    /// bits are made of labels of any type, narrower ones of labels of their own width.
    pub(crate) fn label<C: Code>(self, code: C) -> i64 {
        if self.is_signed() || C::BITS == 64 { code.with_sign() } else { code.without_sign() }
    }

    /// The code of a label, if labels of this type can have that value.
    pub(crate) fn code<C: Code>(self, label: i64) -> Option<C> {
        let code = C::of(label);
        let holds = self.label(code) == label && !(self == Self::U64 && label < 0);
        (holds && !(self == Self::Bool && label > 1)).then_some(code)
    }

    /// Whether labels may be negative.
    #[must_use]
    pub fn is_signed(self) -> bool {
        matches!(self, Self::I8 | Self::I16 | Self::I32 | Self::I64)
    }
}

/// Labels that are one constant step apart: part of a [`LabelMap`].
#[derive(Clone, Copy, Debug)]
pub struct Line<'a> {
    pub(super) base: *const u8,
    pub(super) stride: isize,
    pub(super) len: usize,
    pub(super) dtype: Dtype,
    pub(super) swapped: bool,
    pub(super) memory: PhantomData<&'a ()>,
}

impl<'a> Line<'a> {
    /// A line over labels in a row.
    #[must_use]
    pub fn from_labels<T: Label>(labels: &'a [T]) -> Self {
        LabelMap::from_labels(labels, &[1, labels.len()]).row(0)
    }

    /// A line over 16-bit labels whose higher byte comes first.
    ///
    /// # Panics
    ///
    /// If the number of bytes is odd.
    #[must_use]
    pub fn from_big_endian_words(bytes: &'a [u8]) -> Self {
        assert!(bytes.len().is_multiple_of(2), "two bytes a label");
        let line = Self::from_labels(bytes);
        Self {
            stride: 2,
            len: bytes.len() / 2,
            dtype: Dtype::U16,
            swapped: cfg!(target_endian = "little"),
            ..line
        }
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
    #[inline(always)]
    pub fn narrow(&self, base: i64, out: &mut [u8]) -> bool {
        let mut high = 0_u64;
        self.read(out, |slot, label| {
            let code = label.wrapping_sub(base).cast_unsigned();
            high |= code;
            *slot = (code & 0xff) as u8;
        });
        high <= 0xff
    }

    /// Write each label to `out`, its higher byte first, if all of them are 0 to 65,535; else say that
    /// they are not, with `out` in any state.
    ///
    /// # Panics
    ///
    /// If `out` has another length.
    #[must_use]
    pub fn narrow_to_words(&self, out: &mut [[u8; 2]]) -> bool {
        let mut high = 0_u64;
        self.read(out, |slot, label| {
            let code = label.cast_unsigned();
            high |= code;
            *slot = ((code & 0xffff) as u16).to_be_bytes();
        });
        high <= 0xffff
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

    /// The address of the first label, if codes of this width lie there side by side as they are.
    pub(crate) fn codes_in_place<C: Code>(&self) -> Option<*const C> {
        let as_they_are = self.dtype != Dtype::Bool && !(self.swapped && self.dtype.size() > 1);
        let width = size_of::<C>();
        let side_by_side = self.dtype.size() == width && self.stride == width.cast_signed();
        (as_they_are && side_by_side).then_some(self.base.cast())
    }

    /// Write the code of each label to `out`.
    ///
    /// # Panics
    ///
    /// If `out` has another length, or codes are narrower than labels.
    #[inline(always)]
    pub(crate) fn write_codes<C: Code>(&self, out: &mut [C]) {
        assert!(self.dtype.size() <= size_of::<C>(), "codes that are as wide as labels");
        self.read(out, |slot, label| *slot = C::of(label));
    }

    #[inline(always)]
    fn read<S>(&self, out: &mut [S], put: impl FnMut(&mut S, i64)) {
        assert_eq!(out.len(), self.len, "room for each label");
        match self.dtype {
            Dtype::Bool => self.read_as::<Truth, S>(out, put),
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
    #[inline(always)]
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
            for (start, slots) in (0..).step_by(STEP).zip(out.chunks_mut(STEP)) {
                for line in 0..STEP * size_of::<T>() / LINE {
                    prefetch(self.base.wrapping_add(start * size_of::<T>() + LINE * line + AHEAD));
                }
                for (i, slot) in slots.iter_mut().enumerate() {
                    put(slot, load(start + i, side_by_side).wide());
                }
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

    /// Labels `start` to `start + len`.
    ///
    /// # Panics
    ///
    /// If they reach beyond the end.
    #[must_use]
    pub fn part(&self, start: usize, len: usize) -> Self {
        assert!(start <= self.len && len <= self.len - start, "a part lies inside its line");
        Self { base: self.base.wrapping_add(start), len, ..*self }
    }
}

/// Bytes of a line of the cache.
const LINE: usize = 64;

/// Labels that are read between two looks ahead.
const STEP: usize = 64;

/// How far ahead of what is read labels are asked for, in bytes: while they are counted, none are read, and
/// the processor itself looks no further than the end of a page.
const AHEAD: usize = 4096;

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

/// A byte that is 0 for false and anything else for true.
#[derive(Clone, Copy, Debug)]
pub struct Truth(pub u8);

impl Label for Truth {
    const DTYPE: Dtype = Dtype::Bool;
    fn wide(self) -> i64 {
        i64::from(self.0 != 0)
    }
    fn swapped(self) -> Self {
        self
    }
}

/// What labels are compared by: their bits, without a type.
pub(crate) trait Code: Copy + Default + Eq + std::hash::Hash + Send + Sync + 'static {
    /// How many there are.
    const BITS: u32;
    /// The lowest bits of a label.
    fn of(label: i64) -> Self;
    /// The lowest eight bits.
    fn lowest(self) -> usize;
    /// The label of a type with a sign.
    fn with_sign(self) -> i64;
    /// The label of a type without a sign.
    fn without_sign(self) -> i64;
}

macro_rules! codes {
    ($($code:ty),*) => {$(
        #[allow(clippy::cast_lossless, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        impl Code for $code {
            const BITS: u32 = <$code>::BITS;
            #[inline(always)]
            fn of(label: i64) -> Self {
                label as Self
            }
            #[inline(always)]
            fn lowest(self) -> usize {
                (self & 0xff) as usize
            }
            #[inline(always)]
            fn with_sign(self) -> i64 {
                self.cast_signed() as i64
            }
            #[inline(always)]
            fn without_sign(self) -> i64 {
                (self as u64).cast_signed()
            }
        }
    )*};
}

codes!(u8, u16, u32, u64);

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
