//! Boundaries of one pair of large maps, on several threads.
//!
//! Sums are integers, so they depend on neither the parts nor the threads.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::cpu::Kernel;
use crate::distance::between::{Between, Set, Terms};
use crate::error::{Error, Side};
use crate::limits::MAX_PAIRS;
use crate::parallel::pool::{self, Cancel};
use crate::pixels::LabelMap;
use crate::surfaces::bands::{BandRow, BandSums, Bands, Marks};
use crate::surfaces::rows::{
    DistanceRow, SIDES, Scene, Surfaces, add_rows, append, check, distance_rows, of_labels, room_for,
};

/// Parts for each thread, so that one that is done early finds more to do.
const PARTS_PER_THREAD: usize = 4;

/// How many pixels of each pair of labels lie in bands of some widths, on `threads` threads. `tick` is called
/// on the caller's thread every 50 ms.
///
/// # Errors
///
/// Those of [`Bands`], and whatever `tick` returned.
///
/// # Panics
///
/// If a worker panics.
pub fn boundary_rows_split<E: From<Error>>(
    target: &LabelMap<'_>,
    pred: &LabelMap<'_>,
    widths: &[usize],
    ignored: &[i64],
    marks: Marks<'_>,
    threads: usize,
    mut tick: impl FnMut() -> Result<(), E>,
) -> Result<Vec<BandRow>, E> {
    let bands = || Ok(Bands::new(Kernel::best(), target, pred, widths, ignored)?.with_marks(marks));
    let rows = bands()?.rows();
    // Rows around a part are looked at twice.
    let around = widths.last().map_or(0, |&width| width.min(rows));
    let step = rows.div_ceil(threads.saturating_mul(PARTS_PER_THREAD).max(1)).max(4 * around).max(1);
    let parts: Vec<Range<usize>> = (0..rows).step_by(step).map(|at| at..rows.min(at + step)).collect();
    let counted = count_parts(&bands, &parts, threads, &mut tick)?;
    let sums = match counted {
        Ok(sums) => sums,
        // One thread says what is wrong with the whole, as if it had been alone from the beginning.
        Err(_) => count_parts(&bands, std::slice::from_ref(&(0..rows)), 1, &mut tick)??,
    };
    Ok(Bands::rows_of(widths.len(), sums))
}

fn count_parts<'a, E>(
    bands: &(impl Fn() -> Result<Bands<'a>, Error> + Sync),
    parts: &[Range<usize>],
    threads: usize,
    tick: impl FnMut() -> Result<(), E>,
) -> Result<Result<BandSums, Error>, E> {
    let (next, failed) = (AtomicUsize::new(0), AtomicBool::new(false));
    let all = Mutex::new(BandSums::new());
    let work = |cancel: &Cancel| {
        let mut stop = || cancel.is_set() || failed.load(Ordering::Relaxed);
        let mut bands = bands()?;
        let mut count = || {
            while let Some(part) = parts.get(next.fetch_add(1, Ordering::Relaxed)) {
                bands.count(part.clone(), &mut stop)?;
            }
            let mut all = locked(&all);
            for (key, pixels) in bands.drain() {
                *all.entry(key).or_insert(0) += pixels;
            }
            if all.len() > MAX_PAIRS { Err(Error::TooManyPairs { limit: MAX_PAIRS }) } else { Ok(()) }
        };
        let counted = count();
        failed.fetch_or(counted.is_err(), Ordering::Relaxed);
        counted
    };
    let done: Result<Vec<()>, Error> = pool::run(threads.min(parts.len()), work, tick)?.into_iter().collect();
    Ok(done.map(|_| all.into_inner().unwrap_or_else(PoisonError::into_inner)))
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// [`distance_rows`] on `threads` threads. `tick` is called on the caller's thread every 50 ms.
///
/// # Errors
///
/// Those of [`distance_rows`], and whatever `tick` returned.
///
/// # Panics
///
/// If a worker panics.
pub fn distance_rows_split<E: From<Error>>(
    scene: &Scene<'_>,
    threads: usize,
    mut tick: impl FnMut() -> Result<(), E>,
) -> Result<Vec<DistanceRow>, E> {
    if scene.slices() == 0 {
        return Ok(Vec::new());
    }
    let found = find_parts(scene, threads, &mut tick)?;
    let terms = scene.terms();
    let rows = found.map(|sets| measure(&terms, &sets, threads, &mut tick));
    match rows {
        Ok(Ok(Ok(rows))) => Ok(rows),
        Ok(Err(ticked)) => Err(ticked),
        // One thread says what is wrong with the whole, as if it had been alone from the beginning.
        Ok(Ok(Err(_))) | Err(_) => {
            let alone = pool::run(1, |cancel| distance_rows(scene, &mut || cancel.is_set()), tick)?.pop();
            Ok(alone.unwrap_or(Err(Error::Cancelled))?)
        }
    }
}

/// The surfaces of a label in both maps.
type Both = (i64, [Set; 2]);

/// Find the surfaces of both maps, in some slices at a time.
fn find_parts<E>(
    scene: &Scene<'_>,
    threads: usize,
    tick: impl FnMut() -> Result<(), E>,
) -> Result<Result<Vec<Both>, Error>, E> {
    let slices = scene.slices();
    let slab = slices.div_ceil(threads.saturating_mul(PARTS_PER_THREAD).max(1)).max(1);
    let ranges = (0..slices).step_by(slab).map(|at| at..slices.min(at + slab));
    let parts: Vec<(Side, Range<usize>)> =
        ranges.flat_map(|range| SIDES.map(|side| (side, range.clone()))).collect();
    let found: Vec<Mutex<Surfaces>> = parts.iter().map(|_| Mutex::default()).collect();
    let (next, failed) = (AtomicUsize::new(0), AtomicBool::new(false));
    let work = |cancel: &Cancel| {
        let mut stop = || cancel.is_set() || failed.load(Ordering::Relaxed);
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some((side, range)) = parts.get(number) else { return Ok(()) };
            let surfaces = scene.find(*side, range.clone(), &mut stop);
            failed.fetch_or(surfaces.is_err(), Ordering::Relaxed);
            *locked(&found[number]) = surfaces?;
        }
    };
    let done: Result<Vec<()>, Error> = pool::run(threads.min(parts.len()), work, tick)?.into_iter().collect();
    Ok(done.and_then(|_| {
        let mut both = [Surfaces::new(), Surfaces::new()];
        for ((side, _), found) in parts.iter().zip(found) {
            let all = &mut both[usize::from(*side == Side::Pred)];
            append(all, found.into_inner().unwrap_or_else(PoisonError::into_inner))?;
        }
        Ok(of_labels(both).into_iter().collect())
    }))
}

/// Words of a surface whose distances are measured by one thread at a time.
const WORDS: usize = 1 << 11;

/// Some of the surface of a label on one side.
struct Task {
    label: usize,
    side: usize,
    /// Which part of how many.
    part: usize,
    parts: usize,
}

/// Two surfaces, laid out while somebody asks about them.
struct Laid<'a> {
    between: Mutex<Option<Arc<Between<'a>>>>,
    /// Tasks that are not done.
    left: AtomicUsize,
    counts: [Mutex<BTreeMap<(u64, u8), u64>>; 2],
}

/// Measure how far the surfaces of each label are from each other.
fn measure<E>(
    terms: &Terms,
    labels: &[Both],
    threads: usize,
    tick: impl FnMut() -> Result<(), E>,
) -> Result<Result<Vec<DistanceRow>, Error>, E> {
    let most = threads.saturating_mul(PARTS_PER_THREAD);
    let parts =
        |(_, sets): &Both| [&sets[0], &sets[1]].map(|set| set.points.words().len().div_ceil(WORDS).min(most));
    let tasks: Vec<Task> = labels
        .iter()
        .enumerate()
        .flat_map(|(label, both)| {
            let sides = parts(both).into_iter().enumerate();
            sides.flat_map(move |(side, parts)| (0..parts).map(move |part| Task { label, side, part, parts }))
        })
        .collect();
    let laid: Vec<Laid<'_>> = labels
        .iter()
        .map(|both| Laid {
            between: Mutex::new(None),
            left: AtomicUsize::new(parts(both).iter().sum()),
            counts: Default::default(),
        })
        .collect();
    let (next, rows, failed) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicBool::new(false));
    let work = |cancel: &Cancel| {
        let mut stop = || cancel.is_set() || failed.load(Ordering::Relaxed);
        let mut measure = |task: &Task| {
            let (laid, (_, sets)) = (&laid[task.label], &labels[task.label]);
            let between = || Arc::new(Between::new(terms, [&sets[0], &sets[1]]));
            let between = Arc::clone(locked(&laid.between).get_or_insert_with(between));
            let cut = |part: usize| between.parts(task.side) * part / task.parts;
            let mut counts = room_for(&sets[task.side]);
            between.count(task.side, cut(task.part)..cut(task.part + 1), &mut counts, &mut stop)?;
            let mut all = locked(&laid.counts[task.side]);
            let before = all.len();
            for (key, count) in counts.drain() {
                *all.entry(key).or_insert(0) += count;
            }
            if laid.left.fetch_sub(1, Ordering::Relaxed) == 1 {
                // Nobody asks any more, so that not all labels take room at a time.
                *locked(&laid.between) = None;
            }
            check(rows.fetch_add(all.len() - before, Ordering::Relaxed) + all.len() - before)
        };
        while let Some(task) = tasks.get(next.fetch_add(1, Ordering::Relaxed)) {
            let measured = measure(task);
            failed.fetch_or(measured.is_err(), Ordering::Relaxed);
            measured?;
        }
        Ok(())
    };
    let done: Result<Vec<()>, Error> = pool::run(threads.min(tasks.len()), work, tick)?.into_iter().collect();
    Ok(done.and_then(|_| {
        let mut rows = Vec::new();
        for ((label, _), laid) in labels.iter().zip(laid) {
            for (side, counts) in SIDES.into_iter().zip(laid.counts) {
                add_rows(
                    &mut rows,
                    *label,
                    side,
                    counts.into_inner().unwrap_or_else(PoisonError::into_inner),
                )?;
            }
        }
        Ok(rows)
    }))
}

#[cfg(test)]
mod tests;
