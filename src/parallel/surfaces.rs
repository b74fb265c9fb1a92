//! Boundaries of one pair of large maps, on several threads.
//!
//! Sums are integers, so they depend on neither the parts nor the threads.

mod laid;

use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use crate::count::Counter;
use crate::cpu::Kernel;
use crate::distance::between::{Between, Far, Found, Terms};
use crate::error::{Error, look};
use crate::limits::MAX_PAIRS;
use crate::pairs::PairCounts;
use crate::pairs::sums::add_up;
use crate::parallel::pool::{self, Cancel};
use crate::parallel::tasks::Tasks;
use crate::pixels::LabelMap;
use crate::surfaces::bands::{BandRow, BandSums, Bands, Marks};
use crate::surfaces::rows::{DistanceRow, SIDES, Scene, Surfaces, add_rows, check, counted_rows, in_slabs};
use laid::{Both, Laid};

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

/// [`counted_rows`] on `threads` threads, with pairs if they are asked for. `tick` is called on the caller's thread
/// every 50 ms.
///
/// # Errors
///
/// Those of [`counted_rows`], and whatever `tick` returned.
///
/// # Panics
///
/// If a worker panics.
pub fn counted_rows_split<E: From<Error>>(
    scene: &Scene<'_>,
    pairs: bool,
    threads: usize,
    mut tick: impl FnMut() -> Result<(), E>,
) -> Result<(Vec<DistanceRow>, PairCounts), E> {
    if scene.slices() == 0 {
        return Ok(Default::default());
    }
    if let Ok(found) = measure(scene, pairs, threads, &mut tick)? {
        return Ok(found);
    }
    // One thread says what is wrong with the whole, as if it had been alone from the beginning.
    let alone = |cancel: &Cancel| {
        let mut counter = pairs.then(Counter::new);
        counted_rows(scene, counter.as_mut(), &mut || cancel.is_set())
    };
    let alone = pool::run(1, alone, tick)?.pop();
    Ok(alone.unwrap_or(Err(Error::Cancelled))?)
}

/// What is to be done for the distances of one pair of maps. Labels and sides are numbers.
enum Task {
    /// Find the surfaces of both maps in a slab of their slices, and count the pairs there.
    Find { slab: usize },
    /// Measure a label of which there is little.
    Measure { label: usize },
    /// Join what slabs have of a surface of a label.
    Join { label: usize, side: usize },
    /// Lay out a surface of a label.
    Lay { label: usize, side: usize },
    /// Find near points in some parts of it.
    Near { label: usize, side: usize, parts: Range<usize> },
    /// Plant the other surface for those that are far.
    Plant { label: usize, side: usize, far: Vec<Far> },
    /// Look these up.
    Far { label: usize, side: usize, far: Far },
}

/// Words of both surfaces of a label up to which one thread measures all of it.
const LITTLE: usize = 1 << 11;

/// Parts of a surface that are worth a task.
const BLOCKS: usize = 1 << 9;

/// What threads share.
struct Shared<'a> {
    scene: &'a Scene<'a>,
    terms: &'a Terms,
    /// Slices of a slab.
    slab: usize,
    /// Tasks that one step of one label is cut into, at most.
    most: usize,
    /// The surfaces of each map in its slabs.
    slabs: [Vec<Mutex<Surfaces>>; 2],
    pairs: Mutex<PairCounts>,
    to_find: AtomicUsize,
    labels: &'a OnceLock<Vec<Both>>,
    laid: OnceLock<Vec<Laid<'a>>>,
    rows: AtomicUsize,
}

/// Measure how far the surfaces of each label are from each other.
fn measure<E>(
    scene: &Scene<'_>,
    pairs: bool,
    threads: usize,
    tick: impl FnMut() -> Result<(), E>,
) -> Result<Result<(Vec<DistanceRow>, PairCounts), Error>, E> {
    let (terms, labels) = (scene.terms(), OnceLock::new());
    let most = threads.saturating_mul(PARTS_PER_THREAD).max(1);
    let slab = scene.slices().div_ceil(most);
    let count = scene.slices().div_ceil(slab);
    let shared = Shared {
        scene,
        terms: &terms,
        slab,
        most,
        slabs: SIDES.map(|_| (0..count).map(|_| Mutex::default()).collect()),
        pairs: Mutex::default(),
        to_find: AtomicUsize::new(count),
        labels: &labels,
        laid: OnceLock::new(),
        rows: AtomicUsize::new(0),
    };
    let find = (0..count).rev().map(|slab| Task::Find { slab });
    let (tasks, failed) = (Tasks::new(find.collect()), AtomicBool::new(false));
    let work = |cancel: &Cancel| {
        let mut counter = pairs.then(Counter::new);
        let mut stop = || cancel.is_set() || failed.load(Ordering::Relaxed);
        tasks.work(|task| {
            let more = look(&mut stop).and_then(|()| shared.run(task, counter.as_mut(), &mut stop));
            failed.fetch_or(more.is_err(), Ordering::Relaxed);
            more
        })
    };
    let done: Result<Vec<()>, Error> = pool::run(threads, work, tick)?.into_iter().collect();
    Ok(done.and_then(|_| shared.into_rows()))
}

impl<'a> Shared<'a> {
    /// Do a task. What it brings is returned.
    fn run(
        &self,
        task: Task,
        counter: Option<&mut Counter>,
        stop: &mut dyn FnMut() -> bool,
    ) -> Result<Vec<Task>, Error> {
        match task {
            Task::Find { slab } => {
                let slices = slab * self.slab..self.scene.slices().min((slab + 1) * self.slab);
                let (found, pairs) = self.scene.find(slices, counter, stop)?;
                for (slabs, found) in self.slabs.iter().zip(found) {
                    *locked(&slabs[slab]) = found;
                }
                let mut all = locked(&self.pairs);
                all.merge(&pairs)?;
                if all.rows().len() > MAX_PAIRS {
                    return Err(Error::TooManyPairs { limit: MAX_PAIRS });
                }
                drop(all);
                if last(&self.to_find) { self.begin() } else { Ok(Vec::new()) }
            }
            Task::Measure { label } => {
                for side in 0..2 {
                    self.laid(label).both.join(side);
                }
                self.step(label, |_, laid, between| {
                    for (side, found) in between.count(stop)?.into_iter().enumerate() {
                        self.add(laid, side, found)?;
                    }
                    Ok(Vec::new())
                })
            }
            Task::Join { label, side } => {
                let laid = self.laid(label);
                laid.both.join(side);
                if !last(&laid.to_join) {
                    return Ok(Vec::new());
                }
                let tasks = [1, 0].map(|side| Task::Lay { label, side });
                laid.left.store(tasks.len(), Ordering::Relaxed);
                Ok(tasks.into())
            }
            Task::Lay { label, side } => self.step(label, |label, laid, between| {
                between.lay(side);
                if !last(&laid.to_lay) {
                    return Ok(Vec::new());
                }
                let mut tasks = Vec::new();
                for side in [1, 0] {
                    let parts = between.parts(side);
                    let len = parts.div_ceil(self.most).max(BLOCKS);
                    let cuts = (0..parts).step_by(len).map(|at| at..parts.min(at + len));
                    let before = tasks.len();
                    tasks.extend(cuts.map(|parts| Task::Near { label, side, parts }));
                    laid.to_find[side].store(tasks.len() - before, Ordering::Relaxed);
                }
                Ok(tasks)
            }),
            Task::Near { label, side, parts } => self.step(label, |label, laid, between| {
                let mut found = Vec::new();
                let far = between.near(side, parts, &mut found, stop)?;
                self.add(laid, side, found)?;
                if !far.is_empty() {
                    locked(&laid.far[side]).push(far);
                }
                if !last(&laid.to_find[side]) {
                    return Ok(Vec::new());
                }
                let far = std::mem::take(&mut *locked(&laid.far[side]));
                Ok(if far.is_empty() { Vec::new() } else { vec![Task::Plant { label, side, far }] })
            }),
            Task::Plant { label, side, far } => self.step(label, |label, _, between| {
                between.plant(1 - side, stop)?;
                let far = between.cut(side, far, self.most).into_iter();
                Ok(far.map(|far| Task::Far { label, side, far }).collect())
            }),
            Task::Far { label, side, far } => self.step(label, |_, laid, between| {
                let mut found = Vec::new();
                between.far(side, &far, &mut found, stop)?;
                self.add(laid, side, found)?;
                Ok(Vec::new())
            }),
        }
    }

    /// The first tasks of all labels, those of the largest ones last.
    fn begin(&self) -> Result<Vec<Task>, Error> {
        let surfaces =
            self.slabs.each_ref().map(|slabs| slabs.iter().map(|slab| std::mem::take(&mut *locked(slab))));
        let all = in_slabs(surfaces)?;
        let labels = self.labels.get_or_init(|| all.into_iter().map(Both::new).collect());
        self.laid.get_or_init(|| labels.iter().map(Laid::new).collect());
        let mut sizes: Vec<(usize, usize)> = labels.iter().map(Both::words).zip(0..).collect();
        sizes.sort_unstable();
        // One thread alone has all of a label at hand, and the last ones to be measured are the smallest.
        let little = LITTLE.max(sizes.iter().map(|&(words, _)| words).sum::<usize>() / self.most);
        let tasks = |(words, label): (usize, usize)| {
            if words <= little {
                vec![Task::Measure { label }]
            } else {
                [1, 0].map(|side| Task::Join { label, side }).into()
            }
        };
        Ok(sizes.into_iter().flat_map(tasks).collect())
    }

    fn laid(&self, label: usize) -> &Laid<'a> {
        &self.laid.get().expect("labels, of which there are tasks")[label]
    }

    /// Do a step of a label. What is laid out of it goes with its last task.
    fn step(
        &self,
        label: usize,
        step: impl FnOnce(usize, &Laid<'a>, &Between<'a>) -> Result<Vec<Task>, Error>,
    ) -> Result<Vec<Task>, Error> {
        let laid = self.laid(label);
        let between = laid.between(self.terms);
        let more = step(label, laid, &between)?;
        laid.left.fetch_add(more.len(), Ordering::Relaxed);
        if last(&laid.left) {
            laid.clear();
        }
        Ok(more)
    }

    /// Add what was found to what is known of a side of a label.
    fn add(&self, laid: &Laid<'_>, side: usize, mut found: Vec<Found>) -> Result<(), Error> {
        let mut all = locked(&laid.found[side]);
        let before = all.len();
        all.append(&mut found);
        add_up(&mut all);
        let more = all.len() - before;
        check(self.rows.fetch_add(more, Ordering::Relaxed) + more)
    }

    fn into_rows(self) -> Result<(Vec<DistanceRow>, PairCounts), Error> {
        let labels = self.labels.get().expect("labels, as all tasks are done");
        let laid = self.laid.into_inner().expect("labels, as all tasks are done");
        let mut rows = Vec::new();
        for (both, laid) in labels.iter().zip(laid) {
            for (side, found) in SIDES.into_iter().zip(laid.found) {
                let found = found.into_inner().unwrap_or_else(PoisonError::into_inner);
                add_rows(&mut rows, both.label, side, found)?;
            }
        }
        Ok((rows, self.pairs.into_inner().unwrap_or_else(PoisonError::into_inner)))
    }
}

/// Whether this was the last one of so many.
fn last(left: &AtomicUsize) -> bool {
    // What the others did before has to be seen by the last one.
    left.fetch_sub(1, Ordering::AcqRel) == 1
}

#[cfg(test)]
mod tests;
