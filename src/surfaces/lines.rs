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
pub(crate) const WORD: usize = WIDTH;

/// A line is readable for as many labels as this, so that a word and what follows it can be read at once.
const SHORTEST: usize = WORD + 1;

/// Labels that are looked at together, if lines of a slice lie one behind the other.
const TOGETHER: usize = 1 << 12;

/// Lines of a map of three dimensions: slices of rows.
pub(crate) struct Lines<'a, C> {
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
    pub(crate) fn len(&self) -> usize {
        self.map.shape()[2]
    }

    /// Lines of a slice.
    pub(crate) fn rows(&self) -> usize {
        self.map.shape()[1]
    }

    /// Number of slices.
    pub(crate) fn slices(&self) -> usize {
        self.map.shape()[0]
    }

    /// Type of the labels.
    pub(crate) fn dtype(&self) -> Dtype {
        self.map.dtype()
    }

    /// See to it that the lines of these slices can be asked for. What was held before is, too, as far as
    /// there is room.
    pub(crate) fn hold(&mut self, slices: Range<usize>) {
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

    /// Lines of a slice that are held, from one on, as a single line, and how many these are: all that lie one behind
    /// the other, up to some labels.
    #[inline(always)]
    pub(super) fn some(&self, slice: usize, row: usize) -> (Codes<'_, C>, usize) {
        let (line, pitch) = (self.line(slice, row), (self.pitch * size_of::<C>()).cast_signed());
        let step = if self.in_place.is_some() { self.map.strides()[1] } else { pitch };
        let behind = step == (line.len * size_of::<C>()).cast_signed();
        let lines = if behind { (TOGETHER / line.len).clamp(1, self.rows() - row) } else { 1 };
        (Codes { len: line.len * lines, ..line }, lines)
    }

    /// One of the lines that are held.
    #[inline(always)]
    pub(crate) fn line(&self, slice: usize, row: usize) -> Codes<'_, C> {
        let (len, rows) = (self.len(), self.rows());
        assert!(self.held.contains(&slice) && row < rows, "a line that is held");
        let base = if let Some(first) = self.in_place {
            let strides = self.map.strides();
            first.wrapping_byte_offset(strides[0] * slice.cast_signed() + strides[1] * row.cast_signed())
        } else {
            let line = (slice & (self.ring - 1)) * rows + row;
            // Up to the end of all copies, as those behind may be read with it.
            self.copies[line * self.pitch..].as_ptr()
        };
        Codes { base, len, memory: PhantomData }
    }
}

/// The codes of one line, at least [`SHORTEST`] of which are readable.
#[derive(Clone, Copy)]
pub(crate) struct Codes<'a, C> {
    base: *const C,
    len: usize,
    memory: PhantomData<&'a C>,
}

/// Bits of a word that stand for labels of a line of this length.
#[inline(always)]
pub(crate) fn valid(len: usize, word: usize) -> u64 {
    let left = len - word * WORD;
    if left >= WORD { u64::MAX } else { (1 << left) - 1 }
}

impl<C: Code> Codes<'_, C> {
    /// Labels of the line.
    #[inline(always)]
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// A label, with whatever stands there now.
    #[inline(always)]
    pub(crate) fn at(self, x: usize) -> C {
        assert!(x < self.len, "a label of the line");
        // SAFETY: all labels of the line are readable.
        unsafe { self.base.add(x).read_unaligned() }
    }

    /// Write for each word which labels differ from the next label of the line, as its last one does and all places
    /// behind it; and which from those of one of some lines of the same length, where what is said of places behind
    /// the end of the line has no meaning.
    #[inline(always)]
    pub(crate) fn write_unlike<V: Vectors, const N: usize>(
        self,
        vectors: V,
        others: [Self; N],
        next: &mut [u64],
        unlike: &mut [u64],
    ) {
        assert!(others.iter().all(|other| other.len == self.len), "lines of one length");
        let whole = self.whole(next);
        assert_eq!(unlike.len(), next.len(), "a word for each 64 labels");
        for (word, (next, unlike)) in next.iter_mut().zip(&mut *unlike).enumerate().take(whole) {
            let start = word * WORD;
            // SAFETY: all lines have that many whole words, and a label more.
            (*next, *unlike) =
                unsafe { (self.unlike_next(vectors, start), self.unlike(vectors, others, start)) };
        }
        next[whole] = self.last_unlike_next(vectors);
        // The last 64 labels, or as many as are readable of a shorter line.
        let start = self.start(whole);
        // SAFETY: 64 labels from there are readable in all lines.
        unlike[whole] = unsafe { self.unlike(vectors, others, start) } >> (whole * WORD - start);
    }

    /// Write for each word which labels differ from the next label of the line, as [`Self::write_unlike`] does.
    #[inline(always)]
    pub(crate) fn write_unlike_next<V: Vectors>(self, vectors: V, next: &mut [u64]) {
        let whole = self.whole(next);
        for (word, next) in next[..whole].iter_mut().enumerate() {
            // SAFETY: the line has that many whole words, and a label more.
            *next = unsafe { self.unlike_next(vectors, word * WORD) };
        }
        next[whole] = self.last_unlike_next(vectors);
    }

    /// Words of labels that all have a next one, which is one less than there are words of bits.
    #[inline(always)]
    fn whole(self, bits: &[u64]) -> usize {
        assert_eq!(bits.len(), self.len.div_ceil(WORD), "a word for each 64 labels");
        (self.len - 1) / WORD
    }

    /// Bits of the 64 labels from one on that differ from the next one.
    ///
    /// # Safety
    ///
    /// 65 labels from there are readable.
    #[inline(always)]
    unsafe fn unlike_next<V: Vectors>(self, vectors: V, start: usize) -> u64 {
        let next = Self { base: self.base.wrapping_add(1), ..self };
        // SAFETY: as the caller promises.
        unsafe { self.unlike(vectors, [next], start) }
    }

    /// Bits of the labels of the last word that differ from the next one, as the last one does and all places behind
    /// it.
    #[inline(always)]
    fn last_unlike_next<V: Vectors>(self, vectors: V) -> u64 {
        let (first, start) = ((self.len - 1) / WORD * WORD, self.len.max(SHORTEST) - SHORTEST);
        // SAFETY: 65 labels from there are readable.
        let unlike = unsafe { self.unlike_next(vectors, start) };
        let ends = u64::MAX << (self.len - 1 - first);
        let early = first - start;
        if early < WORD { unlike >> early | ends } else { ends }
    }

    /// Whether any label is not this one.
    #[inline(always)]
    pub(super) fn any_other<V: Vectors>(self, vectors: V, code: C) -> bool {
        let (whole, mut any) = (self.len / WORD, 0);
        for word in 0..whole {
            // SAFETY: the line has that many whole words.
            any |= unsafe { other_than(vectors, code, self.base.add(word * WORD)) };
        }
        if whole * WORD < self.len {
            any |= !self.equal_to(vectors, code, whole) & valid(self.len, whole);
        }
        any != 0
    }

    /// Write for each word which labels are not this one; whether there are any.
    #[inline(always)]
    pub(super) fn write_others<V: Vectors>(self, vectors: V, code: C, out: &mut [u64]) -> bool {
        assert_eq!(out.len(), self.len.div_ceil(WORD), "a word for each 64 labels");
        let (whole, mut any) = (self.len / WORD, 0);
        for (word, out) in out[..whole].iter_mut().enumerate() {
            // SAFETY: the line has that many whole words.
            *out = unsafe { other_than(vectors, code, self.base.add(word * WORD)) };
            any |= *out;
        }
        if let Some(out) = out.get_mut(whole) {
            *out = !self.equal_to(vectors, code, whole) & valid(self.len, whole);
            any |= *out;
        }
        any != 0
    }

    /// Clear the bits of the labels that are this one.
    #[inline(always)]
    pub(super) fn clear_equal<V: Vectors>(self, vectors: V, code: C, bits: &mut [u64]) {
        assert_eq!(bits.len(), self.len.div_ceil(WORD), "a word for each 64 labels");
        let whole = self.len / WORD;
        for (word, bits) in bits[..whole].iter_mut().enumerate() {
            // SAFETY: the line has that many whole words.
            *bits &= unsafe { other_than(vectors, code, self.base.add(word * WORD)) };
        }
        if let Some(bits) = bits.get_mut(whole) {
            *bits &= !self.equal_to(vectors, code, whole);
        }
    }

    /// The label that all of some labels are, whose bits are given; none if there are several, or none of them.
    #[inline(always)]
    pub(super) fn only<V: Vectors>(self, vectors: V, bits: &[u64]) -> Option<C> {
        assert_eq!(bits.len(), self.len.div_ceil(WORD), "a word for each 64 labels");
        let first = bits.iter().position(|&bits| bits != 0)?;
        let code = self.at(first * WORD + bits[first].trailing_zeros() as usize);
        for (word, bits) in bits.iter().enumerate().skip(first) {
            if bits & !self.equal_to(vectors, code, word) != 0 {
                return None;
            }
        }
        Some(code)
    }

    /// Bits of the labels of a word that equal one label.
    #[inline(always)]
    pub(super) fn equal_to<V: Vectors>(self, vectors: V, code: C, word: usize) -> u64 {
        let start = self.start(word);
        // SAFETY: 64 labels from there are readable.
        let others = unsafe { other_than(vectors, code, self.base.add(start)) };
        !others >> (word * WORD - start) & valid(self.len, word)
    }

    /// Bits of the 64 labels from one on that differ from those of one of some lines.
    ///
    /// # Safety
    ///
    /// 64 labels from there are readable in all lines.
    #[inline(always)]
    unsafe fn unlike<V: Vectors, const N: usize>(self, vectors: V, others: [Self; N], start: usize) -> u64 {
        // SAFETY: as the caller promises.
        unsafe {
            let labels = self.base.add(start).cast();
            let others = others.map(|other| other.base.add(start).cast());
            match C::BITS {
                8 => vectors.unlike::<1, N>(labels, others),
                16 => vectors.unlike::<2, N>(labels, others),
                32 => vectors.unlike::<4, N>(labels, others),
                _ => vectors.unlike::<8, N>(labels, others),
            }
        }
    }

    /// Where a word is read from: before its first label, if the line ends soon and is long enough.
    #[inline(always)]
    fn start(self, word: usize) -> usize {
        assert!(word * WORD < self.len, "a word of the line");
        (word * WORD).min(self.len.max(WORD) - WORD)
    }
}

/// Bits of the 64 codes that are not this one.
///
/// # Safety
///
/// 64 codes are readable.
#[inline(always)]
unsafe fn other_than<C: Code, V: Vectors>(vectors: V, code: C, codes: *const C) -> u64 {
    let (code, codes) = (code.without_sign().cast_unsigned(), codes.cast());
    // SAFETY: as the caller promises.
    unsafe {
        match C::BITS {
            8 => vectors.other_than::<1>(code, codes),
            16 => vectors.other_than::<2>(code, codes),
            32 => vectors.other_than::<4>(code, codes),
            _ => vectors.other_than::<8>(code, codes),
        }
    }
}
