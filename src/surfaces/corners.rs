//! Surfaces by their area: corners between voxels of which some are of a label and some are not, of all
//! labels at once.
//!
//! A corner touches 4 voxels in two dimensions and 8 in three; outside the image nothing is of any label. The
//! code of a corner says which of them are of the label: its highest bit stands for the voxel before the corner
//! along all dimensions, its lowest one for that behind along all, as in the tables of areas that others have
//! [Nikolov 2021]. How large the surface is there depends on the code and the spacing, and is nobody's business
//! here.

use std::ops::Range;

use super::any::with_lines;
use super::edges::{Seen, Surfaces, place, set};
use super::labels::{Labels, UNWANTED, Wanted};
use super::lines::{Codes, Lines, WORD, valid};
use super::void::Void;
use crate::cpu::{Kernel, Routine, Vectors};
use crate::distance::Metric;
use crate::distance::between::Set;
use crate::error::{Error, look};
use crate::pixels::Code;

/// Voxels between two looks at whether to stop.
const PIECE: usize = 1 << 18;

/// Find the corners of each label that is wanted, in some slices of corners, of which there is one more than of
/// voxels.
///
/// # Errors
///
/// [`Error::LabelTooLarge`], [`Error::TooManyLabels`] and [`Error::Cancelled`].
pub(super) fn find(
    kernel: Kernel,
    seen: Seen<'_, '_>,
    metric: &Metric,
    slices: Range<usize>,
    wanted: &Wanted,
    stop: &mut dyn FnMut() -> bool,
) -> Result<Surfaces, Error> {
    let Seen { side, lines, size, tall, void } = seen;
    with_lines!(lines, lines => {
        let labels = Labels::new(side, lines.dtype(), wanted);
        kernel.run(Find { lines, size, tall, void, metric, slices, labels, stop })
    })
}

struct Find<'a, 'b, 'c, C> {
    lines: &'b mut Lines<'a, C>,
    size: [usize; 2],
    tall: bool,
    void: Option<Void<'a, 'b>>,
    metric: &'c Metric,
    slices: Range<usize>,
    labels: Labels<C>,
    stop: &'c mut dyn FnMut() -> bool,
}

/// Lines that meet at corners: before or behind along slices, and along rows.
const AROUND: [[usize; 2]; 4] = [[0, 0], [0, 1], [1, 0], [1, 1]];

/// The line with a number, if there is one, and its void.
type Near<'a, C> = Option<(usize, Codes<'a, C>)>;

impl<C: Code> Routine for Find<'_, '_, '_, C> {
    type Output = Result<Surfaces, Error>;

    #[inline(always)]
    fn run<V: Vectors>(self, vectors: V) -> Self::Output {
        let Self { lines, size: [slices, rows], tall, mut void, metric, slices: range, mut labels, stop } =
            self;
        let words = (lines.len() + 1).div_ceil(WORD);
        let mut sets: Vec<Set> = Vec::new();
        let (mut since, mut codes) = (0, Vec::new());
        let corners = if tall { rows + 1 } else { 1 };
        for (slice, row) in range.flat_map(|slice| (0..corners).map(move |row| (slice, row))) {
            since += lines.len();
            if since >= PIECE {
                since = 0;
                look(stop)?;
            }
            let behind = (slice * rows + row).min(slices * rows - 1);
            let before = behind.saturating_sub(rows + usize::from(tall));
            lines.hold(before, behind + 1);
            if let Some(void) = &mut void {
                void.hold(before, behind + 1);
            }
            let near: [Near<'_, C>; 4] = AROUND.map(|[deep, high]| {
                let slice = (slice + deep).checked_sub(1).filter(|&slice| slice < slices)?;
                let row = if tall { (row + high).checked_sub(1) } else { Some(0).filter(|_| high == 1) };
                let number = slice * rows + row.filter(|&row| row < rows)?;
                Some((number, lines.line(number)))
            });
            for word in 0..words {
                let mixed = mixed(vectors, &near, tall, void.as_ref(), word, lines.len());
                if mixed == 0 {
                    continue;
                }
                codes_near(vectors, &near, word, mixed, &mut codes);
                for &code in &codes {
                    let number = labels.number(code)?;
                    if number == UNWANTED {
                        continue;
                    }
                    let mut planes = [0; 8];
                    let (mut any, mut all) = (0, u64::MAX);
                    for (near, [deep, high]) in near.iter().zip(AROUND) {
                        let two =
                            near.map_or([0; 2], |near| of_label(vectors, near, void.as_ref(), code, word));
                        for (along, bits) in two.into_iter().enumerate() {
                            if tall || high == 1 {
                                let offset = if tall { [deep, high, along] } else { [0, deep, along] };
                                let [first, second, third] = metric.in_order(offset);
                                let last = if tall { 7 } else { 3 };
                                planes[last - (first << 2 | second << 1 | third)] = bits;
                                any |= bits;
                                all &= bits;
                            }
                        }
                    }
                    let bits = any & !all & mixed;
                    if bits != 0 {
                        let set = set(&mut sets, number);
                        set.points.push(place(tall, slice, row, word), bits);
                        set.codes.push(planes);
                    }
                }
            }
        }
        Ok(labels.into_met().into_iter().zip(sets).collect())
    }
}

/// Bits of the corners of a word whose voxels are not all alike.
#[inline(always)]
fn mixed<C: Code, V: Vectors>(
    vectors: V,
    near: &[Near<'_, C>; 4],
    tall: bool,
    void: Option<&Void<'_, '_>>,
    word: usize,
    len: usize,
) -> u64 {
    let corners = valid(len + 1, word);
    let here = || near.iter().enumerate().filter(|(at, _)| tall || at % 2 == 1).map(|(_, near)| near);
    let mut alike = if here().all(Option::is_some) { u64::MAX } else { 0 };
    let mut first: Near<'_, C> = None;
    for &(number, line) in here().flatten() {
        if alike == 0 {
            return corners;
        }
        let carried = if word > 0 { line.equal_next(vectors, word - 1) >> (WORD - 1) } else { 0 };
        if word * WORD < len {
            alike &= line.equal_next(vectors, word) << 1 | carried;
            if let Some((_, first)) = first {
                alike &= line.equal(vectors, first, word);
            }
        } else {
            alike = 0; // behind the last voxel
        }
        if let Some(void) = void {
            let last = if word > 0 { void.word(vectors, number, word - 1) >> (WORD - 1) } else { 0 };
            let own = if word * WORD < len { void.word(vectors, number, word) } else { 0 };
            alike &= !(own | own << 1 | last);
        }
        first = first.or(Some((number, line)));
    }
    !alike & corners
}

/// Collect the labels of the voxels around some corners of a word.
#[inline(always)]
fn codes_near<C: Code, V: Vectors>(
    vectors: V,
    near: &[Near<'_, C>; 4],
    word: usize,
    corners: u64,
    codes: &mut Vec<C>,
) {
    codes.clear();
    let mut add = |code: C| {
        if !codes.contains(&code) {
            codes.push(code);
        }
    };
    for (_, line) in near.iter().flatten() {
        if word > 0 && corners & 1 != 0 {
            add(line.at(word * WORD - 1));
        }
        if word * WORD < line.len() {
            let mut rest = (corners | corners >> 1) & valid(line.len(), word);
            while rest != 0 {
                let bit = rest.trailing_zeros();
                let code = line.at(word * WORD + bit as usize);
                rest &= !(line.equal_to(vectors, code, word) | 1 << bit);
                add(code);
            }
        }
    }
}

/// Bits of the corners of a word of which the voxel before, and of which that behind, is of a label.
#[inline(always)]
fn of_label<C: Code, V: Vectors>(
    vectors: V,
    (number, line): (usize, Codes<'_, C>),
    void: Option<&Void<'_, '_>>,
    code: C,
    word: usize,
) -> [u64; 2] {
    let of = |word: usize| {
        if word * WORD >= line.len() {
            return 0;
        }
        let void = void.map_or(0, |void| void.word(vectors, number, word));
        line.equal_to(vectors, code, word) & !void
    };
    let own = of(word);
    let last = if word > 0 { of(word - 1) >> (WORD - 1) } else { 0 };
    [own << 1 | last, own]
}
