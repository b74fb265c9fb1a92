//! Far points of a plane: for each place, how far it is straight up or down to the next point of a set; and the
//! nearest of all points from that.
//!
//! What is nearest to a point is straight above or below a place of the line that the point would be in. Sixty-four
//! places are passed over by one comparison where all that is near to them is too far. As points come side by side,
//! each is no farther than the one before it and the way from there, and what was nearest to that one is looked at
//! first.

use super::Metric;
use super::columns::{Columns, Layout, ROWS};
use super::shells::Rest;
use crate::cpu::{Kernel, Routine, Vectors, WIDTH};
use crate::error::{Error, look};

/// Numbers of steps, of which the largest one stands for none.
pub(super) trait Steps: Copy + Ord {
    const NONE: Self;
    const ZERO: Self;
    fn one_more(self) -> Self;
    fn number(self) -> f64;
    /// The largest number up to this one.
    fn up_to(number: f64) -> Self;
}

macro_rules! steps {
    ($($steps:ty),*) => {$(
        impl Steps for $steps {
            const NONE: Self = Self::MAX;
            const ZERO: Self = 0;
            #[inline(always)]
            fn one_more(self) -> Self {
                self.saturating_add(1)
            }
            #[inline(always)]
            fn number(self) -> f64 {
                self.into()
            }
            #[inline(always)]
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it ends at the largest one")]
            fn up_to(number: f64) -> Self {
                (number as Self).min(Self::MAX - 1)
            }
        }
    )*};
}

steps!(u8, u16);

/// Most places, so that there are never more bytes than some images have.
const MOST: usize = 1 << 25;

/// Places whose distances are found at once.
const LANES: usize = 16;

/// More than one part in 10^5 is never lost by rounding, where a bound is compared with distances.
const WIDER: f64 = 1.0 + 1e-5;

/// Blocks of points between two looks at whether to stop.
const BLOCKS: usize = 16;

/// How far it is straight up or down to a set of points that lie in one slice.
pub(super) struct Upright<S> {
    columns: usize,
    /// From one line to the next; behind the columns there are as many places as are compared at once.
    pitch: usize,
    steps: Vec<S>,
}

/// What [`Upright`] is made of.
struct Make<'a>(&'a Layout, &'a Columns);

impl Make<'_> {
    #[inline(always)]
    fn make<S: Steps>(self) -> Upright<S> {
        let Self(layout, points) = self;
        let [_, rows, columns] = layout.size();
        let pitch = columns + WIDTH;
        let mut steps = vec![S::NONE; rows * pitch];
        for row in 0..rows {
            let (above, line) = steps.split_at_mut(row * pitch);
            let (above, line) = (&above[above.len().saturating_sub(pitch)..], &mut line[..columns]);
            for (steps, above) in line.iter_mut().zip(above) {
                *steps = above.one_more();
            }
            for word in 0..columns / WIDTH {
                let mut bits = points.word(layout, [0, row, word]);
                while bits != 0 {
                    line[word * WIDTH + bits.trailing_zeros() as usize] = S::ZERO;
                    bits &= bits - 1;
                }
            }
        }
        for row in (1..rows).rev() {
            let (line, below) = steps[(row - 1) * pitch..].split_at_mut(pitch);
            for (steps, below) in line[..columns].iter_mut().zip(below) {
                *steps = (*steps).min(below.one_more());
            }
        }
        Upright { columns, pitch, steps }
    }
}

impl Routine for Make<'_> {
    type Output = Option<AnyUpright>;

    #[inline(always)]
    fn run<V: Vectors>(self, _: V) -> Option<AnyUpright> {
        let [slices, rows, columns] = self.0.size();
        if slices > 1 || rows.saturating_mul(columns) > MOST {
            return None;
        }
        match rows {
            0..=0xff => Some(AnyUpright::Short(self.make())),
            0x100..=0xffff => Some(AnyUpright::Long(self.make())),
            _ => None,
        }
    }
}

/// Distances straight up or down in the fewest bytes.
pub(super) enum AnyUpright {
    Short(Upright<u8>),
    Long(Upright<u16>),
}

impl AnyUpright {
    /// Of points of one slice; none where they lie in more, or have too many places.
    pub(super) fn new(kernel: Kernel, layout: &Layout, points: &Columns) -> Option<Self> {
        kernel.run(Make(layout, points))
    }

    /// Find how far the points that no shell found are from the nearest ones of the set, up to the square of a
    /// bound. For each its word, its bit and the square of its distance are told, which is infinite beyond the
    /// bound.
    ///
    /// # Errors
    ///
    /// [`Error::Cancelled`].
    pub(super) fn find(
        &self,
        (kernel, metric, bound): (Kernel, &Metric, f64),
        (layout, from, rest): (&Layout, &Columns, &[Rest]),
        found: &mut impl FnMut(usize, u32, f64),
        stop: &mut dyn FnMut() -> bool,
    ) -> Result<(), Error> {
        let [_, down, across] = metric.steps();
        let columns = layout.size()[2];
        // Behind the columns, too.
        let places = (columns + WIDTH).cast_signed();
        #[allow(clippy::cast_precision_loss, reason = "as few as an image has columns")]
        let squares: Vec<f64> = (-places..=places).map(|at| (at as f64 * across).powi(2)).collect();
        let mut last = None;
        for rest in rest.chunks(BLOCKS) {
            look(stop)?;
            let (squares, last) = (&squares, &mut last);
            match self {
                Self::Short(upright) => {
                    let search = Search { upright, steps: [down, across], squares };
                    kernel.run(Find { search, layout, from, rest, bound, last, found: &mut *found });
                }
                Self::Long(upright) => {
                    let search = Search { upright, steps: [down, across], squares };
                    kernel.run(Find { search, layout, from, rest, bound, last, found: &mut *found });
                }
            }
        }
        Ok(())
    }
}

/// A point that was asked about before, how far it is, and the first of the columns in one of which what is
/// nearest to it is straight up or down.
struct Last {
    place: [usize; 2],
    distance: f64,
    start: usize,
}

struct Find<'a, S, F> {
    search: Search<'a, S>,
    layout: &'a Layout,
    from: &'a Columns,
    rest: &'a [Rest],
    bound: f64,
    last: &'a mut Option<Last>,
    found: &'a mut F,
}

impl<S: Steps, F: FnMut(usize, u32, f64)> Routine for Find<'_, S, F> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vectors>(self, vectors: V) {
        let Self { search, layout, from, rest, bound, last, found } = self;
        for Rest { block, bits } in rest {
            let block = &from.blocks()[*block];
            let [_, first, word] = layout.place(block.at);
            for row in 0..ROWS {
                let mut bits = bits[row];
                while bits != 0 {
                    let bit = bits.trailing_zeros();
                    bits &= bits - 1;
                    let place = [first + row, word * WIDTH + bit as usize];
                    found(block.words[row] as usize, bit, search.nearest(vectors, place, bound, last));
                }
            }
        }
    }
}

struct Search<'a, S> {
    upright: &'a Upright<S>,
    /// What a step along rows and columns measures.
    steps: [f64; 2],
    /// The squares of distances along columns, of which the one in the middle is zero.
    squares: &'a [f64],
}

/// The square of the distance to what is nearest so far, and the first of the columns that it is in.
struct Nearest {
    squared: f64,
    start: usize,
}

impl<S: Steps> Search<'_, S> {
    /// The square of the distance from a place to the nearest point.
    #[inline(always)]
    fn nearest<V: Vectors>(&self, vectors: V, place: [usize; 2], bound: f64, last: &mut Option<Last>) -> f64 {
        let (mut limit, mut nearest) = (bound, Nearest { squared: f64::INFINITY, start: 0 });
        if let Some(last) = last {
            #[allow(clippy::cast_precision_loss, reason = "as few as an image has rows and columns")]
            let moved =
                |axis: usize| (last.place[axis].abs_diff(place[axis]) as f64 * self.steps[axis]).powi(2);
            let farthest = last.distance + (moved(0) + moved(1)).sqrt();
            self.look(place, last.start, &mut nearest);
            limit = limit.min(farthest * farthest * WIDER).min(nearest.squared);
        }
        self.pass(vectors, place, limit, &mut nearest);
        if nearest.squared > bound {
            *last = None;
            return f64::INFINITY;
        }
        *last = Some(Last { place, distance: nearest.squared.sqrt(), start: nearest.start });
        nearest.squared
    }

    /// Pass over the line of a place, as far as there may be anything within a limit.
    #[inline(always)]
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "what is too large is cut")]
    fn pass<V: Vectors>(&self, vectors: V, place: [usize; 2], limit: f64, nearest: &mut Nearest) {
        let columns = self.upright.columns;
        // A step more than what is rounded.
        let [down, across] = self.steps.map(|step| limit.sqrt() / step + 1.0);
        let (most, wide) = (S::up_to(down), (across as usize).min(columns));
        let end = (place[1] + wide + 1).min(columns);
        let line = self.line(place[0]);
        let mut start = place[1].saturating_sub(wide);
        while start < end {
            let mut near = [0; WIDTH];
            for (near, steps) in near.iter_mut().zip(&line[start..start + WIDTH]) {
                *near = u8::from(*steps <= most);
            }
            let within = u64::MAX >> (WIDTH - (end - start).min(WIDTH));
            let near = vectors.not_zero(&near) & within;
            for part in (0..WIDTH).step_by(LANES) {
                if near >> part & ((1 << LANES) - 1) != 0 {
                    self.look(place, start + part, nearest);
                }
            }
            start += WIDTH;
        }
    }

    /// Look at what is straight up or down from some columns of the line of a place.
    #[inline(always)]
    fn look(&self, place: [usize; 2], start: usize, nearest: &mut Nearest) {
        let steps = &self.line(place[0])[start..start + LANES];
        let across = &self.squares[self.squares.len() / 2 + start - place[1]..][..LANES];
        let mut squared = [0.0; LANES];
        for ((squared, steps), across) in squared.iter_mut().zip(steps).zip(across) {
            let up = if *steps == S::NONE { f64::INFINITY } else { steps.number() * self.steps[0] };
            *squared = up * up + across;
        }
        // By halves: one after the other, each comparison would wait for the one before.
        for half in [8, 4, 2, 1] {
            for lane in 0..half {
                let other = squared[lane + half];
                squared[lane] = if other < squared[lane] { other } else { squared[lane] };
            }
        }
        let least = squared[0];
        if least < nearest.squared {
            *nearest = Nearest { squared: least, start };
        }
    }

    #[inline(always)]
    fn line(&self, row: usize) -> &[S] {
        let pitch = self.upright.pitch;
        &self.upright.steps[row * pitch..][..pitch]
    }
}
