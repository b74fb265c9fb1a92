//! Boundaries of one pair of large maps, on several threads.
//!
//! Sums are integers, so they depend on neither the parts nor the threads.

use std::ops::Range;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crate::cpu::Kernel;
use crate::error::Error;
use crate::limits::MAX_PAIRS;
use crate::parallel::pool;
use crate::pixels::LabelMap;
use crate::surfaces::bands::{BandRow, BandSums, Bands};

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
    threads: usize,
    mut tick: impl FnMut() -> Result<(), E>,
) -> Result<Vec<BandRow>, E> {
    let bands = || Bands::new(Kernel::best(), target, pred, widths);
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
    let work = |cancel: &pool::Cancel| {
        let mut stop = || cancel.is_set() || failed.load(Ordering::Relaxed);
        let mut bands = bands()?;
        let mut count = || {
            while let Some(part) = parts.get(next.fetch_add(1, Ordering::Relaxed)) {
                bands.count(part.clone(), &mut stop)?;
            }
            let mut all = all.lock().unwrap_or_else(PoisonError::into_inner);
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

#[cfg(test)]
mod tests;
