//! One large array, counted or labelled in slabs by several threads.
//!
//! A thread takes as long to start as some hundred thousand pixels to count, so this is for arrays of
//! many millions. Sums are integers, so they depend on neither the slabs nor the threads.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::count::{Counter, count_maps};
use crate::error::Error;
use crate::limits::MAX_PAIRS;
use crate::logits::{Channel, Logits, Rule, count_logits, highest};
use crate::pairs::PairCounts;
use crate::parallel::pool::{self, Cancel};
use crate::pixels::LabelMap;

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

/// [`highest`] on `threads` threads. `tick` is called on the caller's thread every 50 ms.
///
/// # Errors
///
/// Those of [`highest`], and whatever `tick` returned.
///
/// # Panics
///
/// As [`highest`] does, and if a worker panics.
pub fn highest_split<T: Channel, E: From<Error>>(
    logits: &Logits<'_>,
    labels: &mut [T],
    threads: usize,
    mut tick: impl FnMut() -> Result<(), E>,
) -> Result<(), E> {
    let pixels: usize = logits.pixels().iter().product();
    assert_eq!(pixels, labels.len(), "as many labels as pixels");
    let parts = parts(logits, labels, threads);
    if parts.is_empty() || label_parts(parts, threads, &mut tick)?.is_err() {
        // One thread says what is wrong with the whole, as if it had been alone from the beginning.
        label_parts(vec![(logits.clone(), labels)], 1, tick)??;
    }
    Ok(())
}

/// Scores, and room for the labels of their pixels.
type Part<'a, 'b, T> = (Logits<'a>, &'b mut [T]);

/// Parts of nearly the same size, each of which has its labels side by side.
fn parts<'a, 'b, T>(logits: &Logits<'a>, mut labels: &'b mut [T], threads: usize) -> Vec<Part<'a, 'b, T>> {
    let wanted = threads.saturating_mul(SLABS_PER_THREAD);
    let mut slabs = vec![logits.clone()];
    for (axis, len) in logits.pixels().into_iter().enumerate() {
        // Where there are fewer indices than wanted, a slab has one of them, and is cut along the next axis.
        let cuts = cuts(len, wanted.div_ceil(slabs.len().max(1)));
        slabs = slabs.iter().flat_map(|slab| cuts.iter().map(|&(i, n)| slab.slab(axis, i, n))).collect();
        if slabs.len() >= wanted {
            break;
        }
    }
    let mut parts = Vec::with_capacity(slabs.len());
    for slab in slabs {
        let (own, rest) = labels.split_at_mut(slab.pixels().iter().product());
        parts.push((slab, own));
        labels = rest;
    }
    parts
}

/// Label all parts, or as many as there are before the first failure.
fn label_parts<T: Channel, E>(
    parts: Vec<Part<'_, '_, T>>,
    threads: usize,
    tick: impl FnMut() -> Result<(), E>,
) -> Result<Result<(), Error>, E> {
    let (threads, failed) = (threads.min(parts.len()), AtomicBool::new(false));
    let parts = Mutex::new(parts.into_iter());
    let next = || parts.lock().unwrap_or_else(PoisonError::into_inner).next();
    let work = |cancel: &Cancel| {
        let mut stop = || cancel.is_set() || failed.load(Ordering::Relaxed);
        while let Some((logits, labels)) = next() {
            let labelled = highest(&logits, labels, &mut stop);
            failed.fetch_or(labelled.is_err(), Ordering::Relaxed);
            labelled?;
        }
        Ok(())
    };
    Ok(pool::run(threads, work, tick)?.into_iter().collect())
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
    cuts(shape[axis], wanted).into_iter().map(|(start, len)| Slab { axis, start, len }).collect()
}

/// Start and length of up to `wanted` ranges of nearly the same length that make up so many indices.
fn cuts(len: usize, wanted: usize) -> Vec<(usize, usize)> {
    let count = wanted.min(len);
    let cut = |i: usize| len / count * i + (len % count).min(i);
    (0..count).map(|i| (cut(i), cut(i + 1) - cut(i))).collect()
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
mod tests;
