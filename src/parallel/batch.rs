//! Many pairs of mask files, each decoded and counted on its own.
//!
//! Workers take the next pair from a shared index and own their counter and their memory, so the rows
//! of an image do not depend on the number of threads. One bad file is one failure; all others are counted.

use std::io::Read;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::count::{Counter, count_resized};
use crate::error::{Error, Shape, Side, look};
use crate::limits::{BYTES_IN_FLIGHT, Budget};
use crate::masks::png::{MaskFile, Reader, Rules, Scanlines};
use crate::pairs::PairCounts;
use crate::pairs::packed::Packed;
use crate::parallel::pool::{self, Cancel};

/// Pixels of a band: one of each mask fits the level-2 cache beside the tables.
const BAND: usize = 1 << 14;

/// A prediction and its target.
#[derive(Clone, Debug)]
pub struct Job {
    /// File of the prediction.
    pub pred: PathBuf,
    /// File of the target.
    pub target: PathBuf,
}

/// How to read and compare.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// What may be read.
    pub rules: Rules,
    /// Whether a prediction of another size is resized to its target, to nearest pixels.
    pub resize: bool,
    /// Number of threads.
    pub threads: usize,
    /// Most rows of pair counts of all images together.
    pub most_rows: usize,
}

/// What one pair came to.
#[derive(Debug)]
pub struct Image {
    /// Its pair counts.
    pub pairs: Packed,
    /// Height and width of the prediction and of the target; where they differ, the prediction was resized.
    pub shapes: [[usize; 2]; 2],
    /// Palettes of the prediction and of the target, where pixels are indices: red, green and blue of each.
    pub palettes: [Option<Vec<u8>>; 2],
}

/// Why a pair could not be counted, and which of its files is to blame; `None` means both together.
#[derive(Debug)]
pub struct Failure {
    /// The file.
    pub side: Option<Side>,
    /// The reason.
    pub error: Error,
}

/// Decode and count pairs; results are in the order of `jobs`.
///
/// There are fewer results than jobs where images have more rows than `options` says: the first one without
/// a result is the one whose rows, and those of all before it, are more.
///
/// `tick` is called on the caller's thread every 50 ms with the number of pairs that are done.
///
/// # Errors
///
/// Whatever `tick` returned.
///
/// # Panics
///
/// If a worker panics.
pub fn count_files<E>(
    jobs: &[Job],
    options: Options,
    mut tick: impl FnMut(usize) -> Result<(), E>,
) -> Result<Vec<Result<Image, Failure>>, E> {
    let (next, done, rows) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicUsize::new(0));
    let budget = Budget::new(BYTES_IN_FLIGHT);
    let work = |cancel: &Cancel| {
        let mut worker = Worker::default();
        let mut results = Vec::new();
        while !cancel.is_set() && rows.load(Ordering::Relaxed) <= options.most_rows {
            let i = next.fetch_add(1, Ordering::Relaxed);
            let Some(job) = jobs.get(i) else { break };
            let image = count_pair(job, options, &mut worker, &budget, &mut || cancel.is_set());
            rows.fetch_add(rows_of(&image), Ordering::Relaxed);
            results.push((i, image));
            done.fetch_add(1, Ordering::Relaxed);
        }
        results
    };
    let threads = options.threads.min(jobs.len());
    let results = pool::run(threads, work, || tick(done.load(Ordering::Relaxed)))?;
    let mut results: Vec<_> = results.into_iter().flatten().collect();
    results.sort_unstable_by_key(|(i, _)| *i);
    // All before the last one that was begun are there, so that where it ends does not depend on threads.
    let mut rows = 0_usize;
    let fits = |image: &Result<Image, Failure>| {
        rows = rows.saturating_add(rows_of(image));
        rows <= options.most_rows
    };
    Ok(results.into_iter().map(|(_, image)| image).take_while(fits).collect())
}

fn rows_of(image: &Result<Image, Failure>) -> usize {
    image.as_ref().map_or(0, |image| image.pairs.len())
}

/// Counts one pair after the other, in memory that it keeps.
#[derive(Default)]
pub struct Worker {
    counter: Counter,
    target: Reader,
    pred: Reader,
}

impl Worker {
    /// Decode and count one pair whose files are in memory already, on the caller's thread.
    ///
    /// # Errors
    ///
    /// What is wrong with one of the files, or with both together.
    pub fn count_contents(
        &mut self,
        pred: &[u8],
        target: &[u8],
        rules: Rules,
        resize: bool,
        stop: &mut dyn FnMut() -> bool,
    ) -> Result<Image, Failure> {
        let Self { counter, target: of_target, pred: of_pred } = self;
        let target = of_target.read(target, target.len() as u64, rules).map_err(on(Side::Target))?;
        let pred = of_pred.read(pred, pred.len() as u64, rules).map_err(on(Side::Pred))?;
        count_opened(target, pred, resize, counter, &Budget::new(BYTES_IN_FLIGHT), stop)
    }
}

fn count_pair(
    job: &Job,
    options: Options,
    worker: &mut Worker,
    budget: &Budget,
    stop: &mut dyn FnMut() -> bool,
) -> Result<Image, Failure> {
    let Worker { counter, target, pred } = worker;
    let target = target.open(&job.target, options.rules).map_err(on(Side::Target))?;
    let pred = pred.open(&job.pred, options.rules).map_err(on(Side::Pred))?;
    count_opened(target, pred, options.resize, counter, budget, stop)
}

fn on(side: Side) -> impl Fn(Error) -> Failure {
    move |error| Failure { side: Some(side), error }
}

impl From<Error> for Failure {
    /// A failure of both files together.
    fn from(error: Error) -> Self {
        Self { side: None, error }
    }
}

fn count_opened<T: Read, P: Read>(
    mut target: MaskFile<'_, T>,
    mut pred: MaskFile<'_, P>,
    resize: bool,
    counter: &mut Counter,
    budget: &Budget,
    stop: &mut dyn FnMut() -> bool,
) -> Result<Image, Failure> {
    let shapes = [pred.shape(), target.shape()];
    let resized = shapes[0] != shapes[1];
    if resized && !resize {
        let [pred, target] = shapes.map(|shape| Shape(shape.to_vec()));
        return Err(Error::ShapeMismatch { pred, target }.into());
    }
    let bytes = target.bytes().saturating_add(pred.bytes());
    let _share = budget.take(bytes, stop).ok_or(Error::Cancelled)?;
    let target_palette = target.palette(stop).map_err(on(Side::Target))?;
    let palettes = [pred.palette(stop).map_err(on(Side::Pred))?, target_palette];
    let pairs = if resized {
        let target = target.decode(stop).map_err(on(Side::Target))?;
        let pred = pred.decode(stop).map_err(on(Side::Pred))?;
        count_resized(counter, &target.map(), &pred.map(), stop)?
    } else {
        let [_, width] = target.shape();
        let target = target.scanlines(stop).map_err(on(Side::Target))?;
        let pred = pred.scanlines(stop).map_err(on(Side::Pred))?;
        count_scanlines(counter, target, pred, (BAND / width).max(1), stop)?
    };
    Ok(Image { pairs: (&pairs).into(), shapes, palettes })
}

/// Count two masks of one shape in bands of `rows` rows, each while it is in cache.
fn count_scanlines(
    counter: &mut Counter,
    mut target: Scanlines<'_>,
    mut pred: Scanlines<'_>,
    rows: usize,
    stop: &mut dyn FnMut() -> bool,
) -> Result<PairCounts, Failure> {
    counter.collect(|counter| {
        while target.left() > 0 {
            look(stop)?;
            let in_blocks = target.rows_in_blocks().and(pred.rows_in_blocks());
            let rows = in_blocks.unwrap_or(rows).min(target.left());
            target.advance(rows, stop).map_err(on(Side::Target))?;
            pred.advance(rows, stop).map_err(on(Side::Pred))?;
            if target.rows_in_blocks().is_some() && pred.rows_in_blocks().is_some() {
                counter.push_blocks(&target.blocks(rows), &pred.blocks(rows))?;
            } else if target.are_in_runs() && pred.are_in_runs() {
                counter.push_runs(target.runs(rows), pred.runs(rows))?;
            } else {
                counter.push(target.band(rows), pred.band(rows))?;
            }
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests;
