//! Lines of any type of labels: what is done for each word is compiled for each width of labels.

use std::ops::Range;

use super::lines::{Codes, Lines};
use crate::error::{Error, Side};
use crate::pixels::{Code, Dtype, LabelMap};

/// The lines of a map, by the width of its labels.
pub(crate) enum AnyLines<'a> {
    Bits8(Lines<'a, u8>),
    Bits16(Lines<'a, u16>),
    Bits32(Lines<'a, u32>),
    Bits64(Lines<'a, u64>),
}

/// Do the same for lines of any width.
macro_rules! with_lines {
    ($any:expr, $lines:ident => $body:expr) => {
        match $any {
            $crate::surfaces::any::AnyLines::Bits8($lines) => $body,
            $crate::surfaces::any::AnyLines::Bits16($lines) => $body,
            $crate::surfaces::any::AnyLines::Bits32($lines) => $body,
            $crate::surfaces::any::AnyLines::Bits64($lines) => $body,
        }
    };
}

pub(crate) use with_lines;

impl<'a> AnyLines<'a> {
    /// The lines of a map of three dimensions, of which up to `most` slices are asked for at a time.
    pub(crate) fn new(map: LabelMap<'a>, most: usize) -> Self {
        match map.dtype().size() {
            1 => Self::Bits8(Lines::new(map, most)),
            2 => Self::Bits16(Lines::new(map, most)),
            4 => Self::Bits32(Lines::new(map, most)),
            _ => Self::Bits64(Lines::new(map, most)),
        }
    }

    /// Labels of a line.
    pub(super) fn len(&self) -> usize {
        with_lines!(self, lines => lines.len())
    }

    /// The lines of a map of bytes.
    #[inline(always)]
    pub(super) fn bytes(&self) -> &Lines<'a, u8> {
        let Self::Bits8(lines) = self else { panic!("a map of bytes") };
        lines
    }

    /// Number of slices.
    pub(super) fn slices(&self) -> usize {
        with_lines!(self, lines => lines.slices())
    }

    /// See to it that the lines of these slices can be asked for.
    pub(super) fn hold(&mut self, slices: Range<usize>) {
        with_lines!(self, lines => lines.hold(slices));
    }

    /// The first line of a slice that is held.
    #[inline(always)]
    pub(super) fn line(&self, slice: usize) -> AnyCodes<'_> {
        match self {
            Self::Bits8(lines) => AnyCodes::Bits8(lines.line(slice, 0), lines.dtype()),
            Self::Bits16(lines) => AnyCodes::Bits16(lines.line(slice, 0), lines.dtype()),
            Self::Bits32(lines) => AnyCodes::Bits32(lines.line(slice, 0), lines.dtype()),
            Self::Bits64(lines) => AnyCodes::Bits64(lines.line(slice, 0), lines.dtype()),
        }
    }
}

/// The labels of one line.
#[derive(Clone, Copy)]
pub(super) enum AnyCodes<'a> {
    Bits8(Codes<'a, u8>, Dtype),
    Bits16(Codes<'a, u16>, Dtype),
    Bits32(Codes<'a, u32>, Dtype),
    Bits64(Codes<'a, u64>, Dtype),
}

impl AnyCodes<'_> {
    /// A label, with whatever stands there now.
    #[inline(always)]
    pub(super) fn label(self, x: usize, side: Side) -> Result<i64, Error> {
        match self {
            Self::Bits8(codes, dtype) => label(codes.at(x), dtype, side),
            Self::Bits16(codes, dtype) => label(codes.at(x), dtype, side),
            Self::Bits32(codes, dtype) => label(codes.at(x), dtype, side),
            Self::Bits64(codes, dtype) => label(codes.at(x), dtype, side),
        }
    }
}

/// The label that a code stands for.
#[inline(always)]
pub(super) fn label<C: Code>(code: C, dtype: Dtype, side: Side) -> Result<i64, Error> {
    let label = dtype.label(code);
    if label < 0 && dtype == Dtype::U64 {
        return Err(Error::LabelTooLarge { side, value: label.cast_unsigned() });
    }
    Ok(label)
}
