//! Class scores: which label each pixel gets, block by block, for the one [`Counter`] or for an array.
//!
//! No array of the labels of a whole image is made to count them, and nothing here knows a class: labels
//! are the numbers of channels, to which whoever reads them gives a meaning.
//!
//! Scores may lie in memory that Python owns, where another thread can write at any time. As in
//! [`crate::pixels`], they are read through raw pointers, by code that is right for any value it meets.
#![allow(unsafe_code)]

mod rank;
mod score;
mod scores;
mod tile;

use std::marker::PhantomData;

use crate::count::Counter;
use crate::cpu::{Bf16, F16, Kernel};
use crate::error::{Error, Shape, look};
use crate::pairs::PairCounts;
use crate::pixels::{LabelMap, Run, c_order, for_each_run};

use rank::{BLOCK, Codes, Ranker};
use score::Score;
use scores::Scores;

pub use rank::{Channel, Rule};
pub use score::Float;

/// Most channels: their numbers fit 16 bits.
pub const MAX_CHANNELS: usize = 1 << 16;

/// Scores between two looks at whether to stop: some milliseconds.
const PIECE: usize = 1 << 22;

/// Scores of each class for each pixel of a label map, wherever they lie.
#[derive(Clone, Debug)]
pub struct Logits<'a> {
    base: *const u8,
    float: Float,
    swapped: bool,
    shape: Vec<usize>,
    strides: Vec<isize>,
    class_axis: Option<usize>,
    memory: PhantomData<&'a ()>,
}

// SAFETY: scores are only read, `new` demands memory that stays valid for 'a on any thread, and reads
// are right for any value found there.
unsafe impl Send for Logits<'_> {}
// SAFETY: as above; there is no interior mutability.
unsafe impl Sync for Logits<'_> {}

impl Logits<'_> {
    /// Scores in memory that somebody else owns. Strides are in bytes and may be zero or negative;
    /// scores need not be aligned; `swapped` says that their bytes are in the other order. Without a
    /// class axis there is one score a pixel.
    ///
    /// # Safety
    ///
    /// For as long as `'a`, every address that shape and strides reach from `base` must stay
    /// allocated and initialised. It may be written to meanwhile.
    ///
    /// # Panics
    ///
    /// If `shape` and `strides` differ in length, or there is no such axis.
    #[must_use]
    pub unsafe fn new(
        base: *const u8,
        float: Float,
        swapped: bool,
        shape: &[usize],
        strides: &[isize],
        class_axis: Option<usize>,
    ) -> Self {
        assert_eq!(shape.len(), strides.len(), "one stride for each dimension");
        assert!(class_axis.is_none_or(|axis| axis < shape.len()), "the class axis is a dimension");
        let (shape, strides) = (shape.to_vec(), strides.to_vec());
        Self { base, float, swapped, shape, strides, class_axis, memory: PhantomData }
    }

    /// Shape without the class axis.
    #[must_use]
    pub fn pixels(&self) -> Vec<usize> {
        self.of_pixels(&self.shape)
    }

    /// The part of these scores with `len` indices from `start` on, of dimension `axis` of the pixels.
    ///
    /// # Panics
    ///
    /// If there is no such dimension, or it is shorter.
    #[must_use]
    pub fn slab(&self, axis: usize, start: usize, len: usize) -> Self {
        let axis = axis + usize::from(self.class_axis.is_some_and(|class_axis| class_axis <= axis));
        assert!(
            start <= self.shape[axis] && len <= self.shape[axis] - start,
            "a slab lies inside its scores"
        );
        let mut slab = self.clone();
        slab.base = self.base.wrapping_offset(self.strides[axis] * start.cast_signed());
        slab.shape[axis] = len;
        slab
    }

    /// Scores of each pixel.
    #[must_use]
    pub fn channels(&self) -> usize {
        self.class_axis.map_or(1, |axis| self.shape[axis])
    }

    /// Of shape or strides, what belongs to pixels.
    fn of_pixels<T: Copy>(&self, all: &[T]) -> Vec<T> {
        let pixels = all.iter().enumerate().filter(|&(axis, _)| Some(axis) != self.class_axis);
        pixels.map(|(_, &one)| one).collect()
    }

    /// Index of the first NaN, in the order of the indices; `None` if there is none any more.
    fn first_nan<S: Score>(&self, stop: &mut dyn FnMut() -> bool) -> Result<Option<Vec<usize>>, Error> {
        if self.shape.contains(&0) {
            return Ok(None);
        }
        let mut index = vec![0_usize; self.shape.len()];
        let mut since = 0;
        loop {
            let steps = index.iter().zip(&self.strides).map(|(&i, &stride)| i.cast_signed() * stride);
            let at = self.base.wrapping_offset(steps.sum());
            // SAFETY: the index is inside the shape, whose addresses `new` demands to be readable; the
            // read needs no alignment.
            let score = unsafe { at.cast::<S>().read_unaligned() };
            if (if self.swapped { score.swapped() } else { score }).is_nan() {
                return Ok(Some(index));
            }
            since += 1;
            if since % PIECE == 0 {
                look(stop)?;
            }
            let Some(axis) = (0..index.len()).rev().find(|&axis| index[axis] + 1 < self.shape[axis]) else {
                return Ok(None);
            };
            index[axis] += 1;
            index[axis + 1..].fill(0);
        }
    }
}

/// Count all pixels of a target with the labels that a rule makes of their scores: the numbers of
/// channels, or 0 and 1, by the kernel of the counter. `stop` is asked every few milliseconds.
///
/// # Errors
///
/// [`Error::LogitsShape`] if the scores without their class axis have another shape than the target;
/// [`Error::Channels`]; [`Error::NotANumber`] if a score is NaN; [`Error::Cancelled`], and those of
/// [`Counter::push`].
pub fn count_logits(
    counter: &mut Counter,
    target: &LabelMap<'_>,
    logits: &Logits<'_>,
    rule: Rule,
    stop: &mut dyn FnMut() -> bool,
) -> Result<PairCounts, Error> {
    let kernel = counter.kernel();
    let pixels = logits.pixels();
    if pixels != target.shape() {
        return Err(Error::LogitsShape {
            logits: Shape(logits.shape.clone()),
            class_axis: logits.class_axis,
            pixels: Shape(pixels),
            target: Shape(target.shape().to_vec()),
        });
    }
    let strides = target.strides();
    counter.collect(|counter| {
        label(kernel, logits, rule, strides, stop, &mut |run, codes| {
            // SAFETY: the shape without the class axis is the target's, and the strides are its own.
            let target = unsafe { target.run(run) };
            counter.push(target, codes.line(run.len))
        })
    })
}

/// Write the number of the channel with the highest score of each pixel to `labels`, in C order. `stop` is
/// asked every few milliseconds.
///
/// # Errors
///
/// [`Error::Channels`]; [`Error::NotANumber`] if a score is NaN; [`Error::Cancelled`].
///
/// # Panics
///
/// If there are not as many labels as pixels, or they are not the narrowest ones for these channels.
pub fn highest<T: Channel>(
    logits: &Logits<'_>,
    labels: &mut [T],
    stop: &mut dyn FnMut() -> bool,
) -> Result<(), Error> {
    highest_with(Kernel::best(), logits, labels, stop)
}

fn highest_with<T: Channel>(
    kernel: Kernel,
    logits: &Logits<'_>,
    labels: &mut [T],
    stop: &mut dyn FnMut() -> bool,
) -> Result<(), Error> {
    let pixels = logits.pixels();
    assert_eq!(pixels.iter().product::<usize>(), labels.len(), "as many labels as pixels");
    label(kernel, logits, Rule::Highest, &c_order(&pixels, 1), stop, &mut |run, codes| {
        let (first, apart) = (run.start[0].cast_unsigned(), run.step[0].cast_unsigned());
        let codes = &T::of(codes)[..run.len];
        if apart == 1 {
            labels[first..first + run.len].copy_from_slice(codes);
        } else {
            codes.iter().enumerate().for_each(|(i, &code)| labels[first + i * apart] = code);
        }
        Ok(())
    })
}

/// Hand the labels of all pixels to `take`, block by block, with where the pixels are: first in an array of
/// their shape with the strides `beside`, then in the scores.
fn label(
    kernel: Kernel,
    logits: &Logits<'_>,
    rule: Rule,
    beside: &[isize],
    stop: &mut dyn FnMut() -> bool,
    take: &mut Take<'_>,
) -> Result<(), Error> {
    let (found, most) = (logits.channels(), if matches!(rule, Rule::Highest) { MAX_CHANNELS } else { 1 });
    if !(1..=most).contains(&found) {
        return Err(Error::Channels { found, most });
    }
    match logits.float {
        Float::F16 => label_as::<F16>(kernel, logits, rule, beside, stop, take),
        Float::Bf16 => label_as::<Bf16>(kernel, logits, rule, beside, stop, take),
        Float::F32 => label_as::<f32>(kernel, logits, rule, beside, stop, take),
        Float::F64 => label_as::<f64>(kernel, logits, rule, beside, stop, take),
    }
}

/// Takes the labels of a block.
type Take<'a> = dyn FnMut(Run, &Codes) -> Result<(), Error> + 'a;

fn label_as<S: Score>(
    kernel: Kernel,
    logits: &Logits<'_>,
    rule: Rule,
    beside: &[isize],
    stop: &mut dyn FnMut() -> bool,
    take: &mut Take<'_>,
) -> Result<(), Error> {
    let channels = logits.channels();
    let class = logits.class_axis.map_or(0, |axis| logits.strides[axis]);
    let shape = logits.pixels();
    // Blocks of many channels are short, so that `stop` is asked in time; small images take little room.
    let pixels = shape.iter().product::<usize>();
    let block = (PIECE / channels).min(pixels).clamp(1, BLOCK);
    let mut ranker = Ranker::<S>::new(kernel, rule, channels, block);
    let mut since = 0;
    let mut nan = false;
    let strides = logits.of_pixels(&logits.strides);
    let outcome = for_each_run(&shape, [beside, &strides], &mut |run| {
        let at = logits.base.wrapping_offset(run.start[1]);
        // SAFETY: each pixel of the run is one of `logits`, whose addresses `Logits::new` demands to be
        // readable.
        let scores = unsafe { Scores::new(at, [run.step[1], class], channels, run.len, logits.swapped) };
        for start in (0..run.len).step_by(block) {
            let len = block.min(run.len - start);
            let Some(codes) = ranker.label(scores.part(start, len)) else {
                nan = true;
                return Err(Error::NotANumber { index: None, class_axis: None });
            };
            take(run.part(start, len), codes)?;
            since += len * channels;
            if since >= PIECE {
                since = 0;
                look(stop)?;
            }
        }
        Ok(())
    });
    if nan {
        let index = logits.first_nan::<S>(stop)?.map(Shape);
        return Err(Error::NotANumber { index, class_axis: logits.class_axis });
    }
    outcome
}

#[cfg(test)]
mod tests;
