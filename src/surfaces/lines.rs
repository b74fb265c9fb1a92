//! Lines of labels at hand, whatever a map's type and strides, compared in words of 64 labels.
//!
//! Lines that lie side by side are read where they are, others from copies of the few that are asked for
//! at a time. A map may be written to meanwhile: words then say what one reading of each label said.
#![allow(unsafe_code)]

use crate::cpu::{Vectors, WIDTH};
use crate::pixels::{Code, Dtype, LabelMap};

/// Labels of a word of bits.
pub(super) const WORD: usize = WIDTH;

/// A line is readable for as many labels as this, so that a word and what follows it can be read at once.
const SHORTEST: usize = WORD + 1;

/// Lines of a map of three dimensions, numbered from the first index of the first two on.
pub(super) struct Lines<'a, C> {
    map: LabelMap<'a>,
    /// Lines that can be held, side by side; none if all are read where they are.
    copies: Vec<C>,
    /// Labels from one copy to the next.
    pitch: usize,
    /// Which lines are held.
    held: std::ops::Range<usize>,
    most: usize,
}

impl<'a, C: Code> Lines<'a, C> {
    /// The lines of a map, of which up to `most` that follow each other are asked for at a time.
    pub(super) fn new(map: LabelMap<'a>, most: usize) -> Self {
        let &[_, _, len] = map.shape() else { panic!("a map of three dimensions") };
        let in_place = len >= SHORTEST && !map.shape().contains(&0) && {
            map.line_at([0, 0]).codes_in_place::<C>().is_some()
        };
        let pitch = len.max(SHORTEST);
        let copies = if in_place { Vec::new() } else { vec![C::default(); most * pitch] };
        Self { map, copies, pitch, held: 0..0, most }
    }

    /// Labels of a line.
    pub(super) fn len(&self) -> usize {
        self.map.shape()[2]
    }

    /// Number of lines.
    pub(super) fn count(&self) -> usize {
        self.map.shape()[0] * self.map.shape()[1]
    }

    /// Type of the labels.
    pub(super) fn dtype(&self) -> Dtype {
        self.map.dtype()
    }

    /// See to it that lines up to `end` can be asked for, beginning `most` before it at the earliest.
    pub(super) fn hold(&mut self, start: usize, end: usize) {
        assert!(end - start <= self.most && end <= self.count(), "no more lines than fit");
        if self.copies.is_empty() {
            self.held = start..end;
            return;
        }
        let new = if self.held.contains(&start) { self.held.end } else { start };
        let len = self.len();
        for line in new..end {
            let copy = &mut self.copies[line % self.most * self.pitch..][..len];
            let rows = self.map.shape()[1];
            self.map.line_at([line / rows, line % rows]).write_codes(copy);
        }
        self.held = start..end.max(new);
    }

    /// One of the lines that are held.
    #[inline(always)]
    pub(super) fn line(&self, line: usize) -> Codes<'_, C> {
        assert!(self.held.contains(&line), "a line that is held");
        let len = self.len();
        let base = if self.copies.is_empty() {
            let rows = self.map.shape()[1];
            let place = self.map.line_at([line / rows, line % rows]).codes_in_place();
            place.expect("all lines lie as the first one does")
        } else {
            self.copies[line % self.most * self.pitch..][..self.pitch].as_ptr()
        };
        Codes { base, len, memory: std::marker::PhantomData }
    }
}

/// The codes of one line, at least [`SHORTEST`] of which are readable.
#[derive(Clone, Copy)]
pub(super) struct Codes<'a, C> {
    base: *const C,
    len: usize,
    memory: std::marker::PhantomData<&'a C>,
}

/// Bits of a word that stand for labels of a line of this length.
#[inline(always)]
pub(super) fn valid(len: usize, word: usize) -> u64 {
    let left = len - word * WORD;
    if left >= WORD { u64::MAX } else { (1 << left) - 1 }
}

impl<C: Code> Codes<'_, C> {
    /// Where to read the labels of a word, and by how many bits that is too early.
    #[inline(always)]
    fn place(self, word: usize) -> (*const C, usize) {
        assert!(word * WORD < self.len, "a word of the line");
        let start = (word * WORD).min(self.len.max(WORD) - WORD);
        (self.base.wrapping_add(start), word * WORD - start)
    }

    /// Labels of the line.
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

    /// Bits of the labels of a word that equal those of another line of the same length.
    #[inline(always)]
    pub(super) fn equal<V: Vectors>(self, vectors: V, other: Self, word: usize) -> u64 {
        assert_eq!(self.len, other.len, "lines of one length");
        let (place, early) = self.place(word);
        // SAFETY: the word begins inside the line, 64 labels before its end, or at its beginning, from where
        // 64 labels are readable; the other one is as long.
        let differ = unsafe { differ(vectors, place, other.place(word).0) };
        !differ >> early & valid(self.len, word)
    }

    /// Bits of the labels of a word that equal the next label of the line; the last one has none.
    #[inline(always)]
    pub(super) fn equal_next<V: Vectors>(self, vectors: V, word: usize) -> u64 {
        assert!(word * WORD < self.len, "a word of the line");
        let start = (word * WORD).min(self.len.max(SHORTEST) - SHORTEST);
        let place = self.base.wrapping_add(start);
        // SAFETY: as above, and one label more is readable.
        let differ = unsafe { differ(vectors, place, place.add(1)) };
        let early = word * WORD - start;
        let equal = if early < WORD { !differ >> early } else { 0 };
        let own = valid(self.len, word);
        equal & if (word + 1) * WORD < self.len { own } else { own >> 1 }
    }

    /// Bits of the labels of a word that equal one label.
    #[inline(always)]
    pub(super) fn equal_to<V: Vectors>(self, vectors: V, code: C, word: usize) -> u64 {
        let (place, early) = self.place(word);
        let all = [code; WORD];
        // SAFETY: as in `equal`, and the array has 64 labels.
        let differ = unsafe { differ(vectors, place, all.as_ptr()) };
        !differ >> early & valid(self.len, word)
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
