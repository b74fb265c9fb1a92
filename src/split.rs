//! One large array, counted in slabs by several threads.
//!
//! A thread takes as long to start as some hundred thousand pixels to count, so this is for arrays of
//! many millions. Sums are integers, so they depend on neither the slabs nor the threads.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crate::count::{Counter, count_maps};
use crate::error::Error;
use crate::limits::MAX_PAIRS;
use crate::logits::{Logits, Rule, count_logits};
use crate::pairs::PairCounts;
use crate::pixels::LabelMap;
use crate::pool::{self, Cancel};

/// Slabs for each thread, so that one that is done early finds more to do.
const SLABS_PER_THREAD: usize = 4;

/// [`count_maps`] on `threads` threads. `tick` is called on the caller's thread every 50 ms.
///
/// # Errors
///
/// Those of [`count_maps`], and whatever `tick` returned.
///
/// # Panics
///
/// If a worker panics.
pub fn count_maps_split<E: From<Error>>(
    target: &LabelMap<'_>,
    pred: &LabelMap<'_>,
    threads: usize,
    tick: impl FnMut() -> Result<(), E>,
) -> Result<PairCounts, E> {
    let slabs = if target.shape() == pred.shape() { slabs(target, threads) } else { Vec::new() };
    let count = |slab: Option<&Slab>, counter: &mut Counter, stop: &mut dyn FnMut() -> bool| match slab {
        None => count_maps(counter, target, pred, stop),
        Some(slab) => count_maps(counter, &slab.of(target), &slab.of(pred), stop),
    };
    count_slabs(&slabs, threads, count, tick)
}

/// [`count_logits`] on `threads` threads. `tick` is called on the caller's thread every 50 ms.
///
/// # Errors
///
/// Those of [`count_logits`], and whatever `tick` returned.
///
/// # Panics
///
/// If a worker panics.
pub fn count_logits_split<E: From<Error>>(
    target: &LabelMap<'_>,
    logits: &Logits<'_>,
    rule: Rule,
    threads: usize,
    tick: impl FnMut() -> Result<(), E>,
) -> Result<PairCounts, E> {
    let slabs = if target.shape() == logits.pixels() { slabs(target, threads) } else { Vec::new() };
    let count = |slab: Option<&Slab>, counter: &mut Counter, stop: &mut dyn FnMut() -> bool| match slab {
        None => count_logits(counter, target, logits, rule, stop),
        Some(slab) => {
            let part = logits.slab(slab.axis, slab.start, slab.len);
            count_logits(counter, &slab.of(target), &part, rule, stop)
        }
    };
    count_slabs(&slabs, threads, count, tick)
}

/// Part of a map: some indices of one dimension, and all of the others.
struct Slab {
    axis: usize,
    start: usize,
    len: usize,
}

impl Slab {
    fn of<'a>(&self, map: &LabelMap<'a>) -> LabelMap<'a> {
        map.slab(self.axis, self.start, self.len)
    }
}

/// Slabs of nearly the same size that make up a map; none if it cannot be cut.
fn slabs(map: &LabelMap<'_>, threads: usize) -> Vec<Slab> {
    let wanted = threads.saturating_mul(SLABS_PER_THREAD);
    // Slabs of the first dimension are whole pieces of memory in most arrays; where it is short, as
    // for a batch of few images, the next one is cut.
    let shape = map.shape();
    let long_enough = (0..shape.len()).find(|&axis| shape[axis] >= wanted);
    let Some(axis) = long_enough.or_else(|| (0..shape.len()).max_by_key(|&axis| shape[axis])) else {
        return Vec::new();
    };
    let count = wanted.min(shape[axis]);
    let cut = |i: usize| shape[axis] / count * i + (shape[axis] % count).min(i);
    (0..count).map(|i| Slab { axis, start: cut(i), len: cut(i + 1) - cut(i) }).collect()
}

/// The sum of what `count` makes of all slabs; `count` without a slab counts everything.
fn count_slabs<E: From<Error>>(
    slabs: &[Slab],
    threads: usize,
    count: impl Fn(Option<&Slab>, &mut Counter, &mut dyn FnMut() -> bool) -> Result<PairCounts, Error> + Sync,
    mut tick: impl FnMut() -> Result<(), E>,
) -> Result<PairCounts, E> {
    let (next, rows, failed) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicBool::new(false));
    let work = |cancel: &Cancel| {
        let mut stop = || cancel.is_set() || failed.load(Ordering::Relaxed);
        let (mut counter, mut sum) = (Counter::new(), PairCounts::default());
        let mut add_slab = |slab: &Slab| {
            let part = count(Some(slab), &mut counter, &mut stop)?;
            let before = sum.rows().len();
            sum.merge(&part)?;
            // All sums together take no more memory than one that is full.
            let more = sum.rows().len() - before;
            let full = rows.fetch_add(more, Ordering::Relaxed) + more > MAX_PAIRS;
            if full { Err(Error::TooManyPairs { limit: MAX_PAIRS }) } else { Ok(()) }
        };
        while let Some(slab) = slabs.get(next.fetch_add(1, Ordering::Relaxed)) {
            let added = add_slab(slab);
            failed.fetch_or(added.is_err(), Ordering::Relaxed);
            added?;
        }
        Ok(sum)
    };
    let sums: Result<Vec<PairCounts>, Error> =
        pool::run(threads.min(slabs.len()), work, &mut tick)?.into_iter().collect();
    let sum = sums.and_then(|sums| {
        let mut all = PairCounts::default();
        sums.iter().try_for_each(|sum| all.merge(sum)).map(|()| all)
    });
    match sum {
        Ok(sum) if !slabs.is_empty() => Ok(sum),
        // One thread says what is wrong with the whole, as if it had been alone from the beginning.
        _ => {
            let work = |cancel: &Cancel| count(None, &mut Counter::new(), &mut || cancel.is_set());
            let whole = pool::run(1, work, tick)?.pop();
            Ok(whole.unwrap_or(Err(Error::Cancelled))?)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::logits::Float;

    fn labels(len: usize, classes: usize) -> Vec<u16> {
        (0..len).map(|i| u16::try_from(i * 7 / 5 % classes * 30).unwrap()).collect()
    }

    #[test]
    fn any_number_of_threads_and_any_shape_gives_the_same_sums() {
        for shape in
            [vec![97, 31], vec![2, 40, 31], vec![1], vec![3], vec![0, 5], vec![5, 0], vec![], vec![5000]]
        {
            let len = shape.iter().product();
            let (target, pred) = (labels(len, 11), labels(len, 7));
            let (target, pred) =
                (LabelMap::from_labels(&target, &shape), LabelMap::from_labels(&pred, &shape));
            let one = count_maps(&mut Counter::new(), &target, &pred, &mut || false).unwrap();
            for threads in [1, 2, 3, 8, 100] {
                assert_eq!(
                    count_maps_split(&target, &pred, threads, || Ok::<(), Error>(())).unwrap(),
                    one,
                    "{shape:?}"
                );
            }
        }
    }

    #[test]
    fn class_scores_with_the_classes_anywhere_give_the_same_sums() {
        for (shape, class_axis) in [([3, 40, 31], 0), ([40, 3, 31], 1), ([40, 31, 3], 2), ([2, 3, 50], 1)] {
            let scores: Vec<f32> = (0..shape.iter().product::<usize>())
                .map(|i| f32::from(u16::try_from(i * i % 97).unwrap()))
                .collect();
            let strides = [shape[1] * shape[2] * 4, shape[2] * 4, 4].map(usize::cast_signed);
            let base = scores.as_ptr().cast();
            // SAFETY: shape and strides are those of `scores` in C order.
            #[allow(unsafe_code)]
            let logits = unsafe { Logits::new(base, Float::F32, false, &shape, &strides, Some(class_axis)) };
            let pixels = logits.pixels();
            let target = labels(pixels.iter().product(), 3);
            let target = LabelMap::from_labels(&target, &pixels);
            let one =
                count_logits(&mut Counter::new(), &target, &logits, Rule::Highest, &mut || false).unwrap();
            for threads in [1, 2, 5] {
                let sum =
                    count_logits_split(&target, &logits, Rule::Highest, threads, || Ok::<(), Error>(()));
                assert_eq!(sum.unwrap(), one, "{shape:?} {class_axis}");
            }
        }
    }

    #[test]
    fn a_batch_of_few_images_is_cut_along_its_rows() {
        let labels = vec![0_u8; 2 * 64 * 64];
        let slabs = slabs(&LabelMap::from_labels(&labels, &[2, 64, 64]), 2);
        assert!(slabs.len() == 8 && slabs.iter().all(|slab| (slab.axis, slab.len) == (1, 8)));
    }

    #[test]
    fn slabs_cover_each_index_once() {
        for len in 1..50 {
            let labels = vec![0_u8; len];
            for threads in 1..5 {
                let slabs = slabs(&LabelMap::from_labels(&labels, &[len]), threads);
                let mut next = 0;
                for slab in &slabs {
                    assert_eq!((slab.axis, slab.start), (0, next));
                    assert!(slab.len > 0);
                    next += slab.len;
                }
                assert_eq!(next, len);
            }
        }
    }

    #[test]
    fn an_error_is_the_one_of_a_single_thread() {
        let labels: Vec<u64> = (0..1000).map(|i| if i % 3 == 2 { u64::MAX - i } else { i }).collect();
        let map = LabelMap::from_labels(&labels, &[1000]);
        let alone = count_maps(&mut Counter::new(), &map, &map, &mut || false).unwrap_err();
        for threads in [1, 2, 7] {
            let error = count_maps_split(&map, &map, threads, || Ok::<(), Error>(())).unwrap_err();
            assert_eq!(error.to_string(), alone.to_string());
        }
        let other = LabelMap::from_labels(&labels[..999], &[999]);
        let error = count_maps_split(&map, &other, 2, || Ok::<(), Error>(())).unwrap_err();
        assert!(matches!(error, Error::ShapeMismatch { .. }));
    }

    #[test]
    fn a_tick_that_fails_stops_all_threads() {
        // One label for all pixels of a map that is too large to be counted in this time.
        let label = [3_u8];
        // SAFETY: strides of zero stay on the one label.
        #[allow(unsafe_code)]
        let map = unsafe {
            LabelMap::new(label.as_ptr(), crate::pixels::Dtype::I8, false, &[1 << 20, 1 << 20], &[0, 0])
        };
        let stopped = count_maps_split(&map, &map, 2, || Err(Error::BadRows("stop")));
        assert!(matches!(stopped, Err(Error::BadRows("stop"))));
    }
}
