//! Lines of labels at hand, whatever a map's type and strides, compared in words of 64 labels.
//!
//! Lines that lie side by side are read where they are, others from copies of the slices that are asked for
//! at a time. A map may be written to meanwhile: words then say what one reading of each label said.
#![allow(unsafe_code)]

use std::marker::PhantomData;
use std::ops::Range;

use crate::cpu::{Vectors, WIDTH};
use crate::pixels::{Code, Dtype, LabelMap};

/// Labels of a word of bits.
pub(super) const WORD: usize = WIDTH;

/// A line is readable for as many labels as this, so that a word and what follows it can be read at once.
const SHORTEST: usize = WORD + 1;

/// Lines of a map of three dimensions: slices of rows.
pub(super) struct Lines<'a, C> {
    map: LabelMap<'a>,
    /// The first label, where all lines can be read where they are.
    in_place: Option<*const C>,
    /// Slices that are held side by side otherwise, a power of two of them.
    copies: Vec<C>,
    ring: usize,
    /// Labels from one copy of a line to the next.
    pitch: usize,
    held: Range<usize>,
}

impl<'a, C: Code> Lines<'a, C> {
    /// The lines of a map, of which up to `most` slices that follow each other are asked for at a time.
    pub(super) fn new(map: LabelMap<'a>, most: usize) -> Self {
        let &[slices, rows, len] = map.shape() else { panic!("a map of three dimensions") };
        let readable = len >= SHORTEST && !map.shape().contains(&0);
        let in_place = readable.then(|| map.line_at([0, 0]).codes_in_place::<C>()).flatten();
        let (pitch, ring) = (len.max(SHORTEST), most.min(slices).next_power_of_two());
        let copies = if in_place.is_some() { 0 } else { ring * rows * pitch };
        Self { map, in_place, copies: vec![C::default(); copies], ring, pitch, held: 0..0 }
    }

    /// Labels of a line.
    pub(super) fn len(&self) -> usize {
        self.map.shape()[2]
    }

    /// Lines of a slice.
    pub(super) fn rows(&self) -> usize {
        self.map.shape()[1]
    }

    /// Number of slices.
    pub(super) fn slices(&self) -> usize {
        self.map.shape()[0]
    }

    /// Type of the labels.
    pub(super) fn dtype(&self) -> Dtype {
        self.map.dtype()
    }

    /// See to it that the lines of these slices can be asked for. What was held before is, too, as far as
    /// there is room.
    pub(super) fn hold(&mut self, slices: Range<usize>) {
        assert!(slices.len() <= self.ring && slices.end <= self.slices(), "no more slices than fit");
        let new = if self.held.contains(&slices.start) { self.held.end } else { slices.start };
        self.held = slices.start..slices.end.max(new);
        if self.in_place.is_some() {
            return;
        }
        let (len, rows) = (self.len(), self.rows());
        for (slice, row) in (new..slices.end).flat_map(|slice| (0..rows).map(move |row| (slice, row))) {
            let copy = &mut self.copies[((slice % self.ring) * rows + row) * self.pitch..][..len];
            self.map.line_at([slice, row]).write_codes(copy);
        }
    }

    /// One of the lines that are held.
    #[inline(always)]
    pub(super) fn line(&self, slice: usize, row: usize) -> Codes<'_, C> {
        let (len, rows) = (self.len(), self.rows());
        assert!(self.held.contains(&slice) && row < rows, "a line that is held");
        let base = if let Some(first) = self.in_place {
            let strides = self.map.strides();
            first.wrapping_byte_offset(strides[0] * slice.cast_signed() + strides[1] * row.cast_signed())
        } else {
            let line = (slice & (self.ring - 1)) * rows + row;
            self.copies[line * self.pitch..][..self.pitch].as_ptr()
        };
        Codes { base, len, memory: PhantomData }
    }
}

/// The codes of one line, at least [`SHORTEST`] of which are readable.
#[derive(Clone, Copy)]
pub(super) struct Codes<'a, C> {
    base: *const C,
    len: usize,
    memory: PhantomData<&'a C>,
}

/// Bits of a word that stand for labels of a line of this length.
#[inline(always)]
pub(super) fn valid(len: usize, word: usize) -> u64 {
    let left = len - word * WORD;
    if left >= WORD { u64::MAX } else { (1 << left) - 1 }
}

impl<C: Code> Codes<'_, C> {
    /// Labels of the line.
    #[inline(always)]
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// A label, with whatever stands there now.
    #[inline(always)]
    pub(super) fn at(self, x: usize) -> C {
        assert!(x < self.len, "a label of the line");
        // SAFETY: all labels of the line are readable.
        unsafe { self.base.add(x).read_unaligned() }
    }

    /// Write for each word which labels equal those of another line of the same length.
    #[inline(always)]
    pub(super) fn equal<V: Vectors>(self, vectors: V, other: Self, out: &mut [u64]) {
        assert!(other.len == self.len && out.len() == self.len.div_ceil(WORD), "lines of one length");
        let whole = self.len / WORD;
        for (word, out) in out[..whole].iter_mut().enumerate() {
            // SAFETY: both lines have that many whole words.
            *out = unsafe { !differ(vectors, self.base.add(word * WORD), other.base.add(word * WORD)) };
        }
        if let Some(out) = out.get_mut(whole) {
            // The last 64 labels, or as many as are readable of a shorter line.
            let start = self.len.max(WORD) - WORD;
            // SAFETY: 64 labels from there are readable in both lines.
            let equal = unsafe { !differ(vectors, self.base.add(start), other.base.add(start)) };
            *out = equal >> (whole * WORD - start) & valid(self.len, whole);
        }
    }

    /// Write for each word which labels equal the next label of the line; the last one has none.
    #[inline(always)]
    pub(super) fn equal_next<V: Vectors>(self, vectors: V, out: &mut [u64]) {
        assert_eq!(out.len(), self.len.div_ceil(WORD), "a word for each 64 labels");
        // Words of labels that all have a next one.
        let whole = (self.len - 1) / WORD;
        for (word, out) in out[..whole].iter_mut().enumerate() {
            // SAFETY: the line has that many whole words, and a label more.
            *out = unsafe { !differ(vectors, self.base.add(word * WORD), self.base.add(word * WORD + 1)) };
        }
        let start = self.len.max(SHORTEST) - SHORTEST;
        // SAFETY: 65 labels from there are readable.
        let equal = unsafe { !differ(vectors, self.base.add(start), self.base.add(start + 1)) };
        let early = whole * WORD - start;
        out[whole] = if early < WORD { equal >> early & valid(self.len, whole) >> 1 } else { 0 };
    }

    /// Bits of the labels of a word that equal one label.
    #[inline(always)]
    pub(super) fn equal_to<V: Vectors>(self, vectors: V, code: C, word: usize) -> u64 {
        assert!(word * WORD < self.len, "a word of the line");
        let start = (word * WORD).min(self.len.max(WORD) - WORD);
        let all = [code; WORD];
        // SAFETY: 64 labels from there are readable, and the array has as many.
        let equal = unsafe { !differ(vectors, self.base.add(start), all.as_ptr()) };
        equal >> (word * WORD - start) & valid(self.len, word)
    }
}

/// Bits of the places at which 64 codes differ from 64 others.
///
/// # Safety
///
/// 64 codes from each address are readable.
#[inline(always)]
unsafe fn differ<C: Code, V: Vectors>(vectors: V, one: *const C, other: *const C) -> u64 {
    if C::BITS == 8 {
        // SAFETY: as the caller promises; codes of eight bits are bytes.
        return unsafe { vectors.differ(one.cast(), other.cast()) };
    }
    let mut differ = [0; WORD];
    for (k, slot) in differ.iter_mut().enumerate() {
        // SAFETY: as the caller promises; the reads need no alignment.
        let (a, b) = unsafe { (one.add(k).read_unaligned(), other.add(k).read_unaligned()) };
        *slot = u8::from(a != b);
    }
    vectors.not_zero(&differ)
}
