//! Weighted sums of cells, a class at a time on several threads.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::cpu::Kernel;
use crate::parallel::pool;
use crate::weighted::{Cells, Sums, Weights};

/// The sums of each class, on `threads` threads. `tick` is called on the caller's thread every 50 ms.
///
/// # Errors
///
/// Whatever `tick` returned.
///
/// # Panics
///
/// If a worker panics.
pub fn sums_split<E>(
    cells: &Cells,
    weights: &[Weights],
    threads: usize,
    mut tick: impl FnMut() -> Result<(), E>,
) -> Result<Vec<Sums>, E> {
    let (next, kernel) = (AtomicUsize::new(0), Kernel::best());
    if threads == 1 {
        // Little is done before a thread would have been started.
        return (0..cells.classes())
            .map(|class| tick().map(|()| cells.sums(kernel, weights, class)))
            .collect();
    }
    let classes = |cancel: &pool::Cancel| {
        let mut own = Vec::new();
        while !cancel.is_set() {
            let class = next.fetch_add(1, Ordering::Relaxed);
            if class >= cells.classes() {
                break;
            }
            own.push((class, cells.sums(kernel, weights, class)));
        }
        own
    };
    let mut sums = vec![Sums::default(); cells.classes()];
    for (class, own) in pool::run(threads, classes, tick)?.into_iter().flatten() {
        sums[class] = own;
    }
    Ok(sums)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_do_not_depend_on_the_number_of_threads() {
        let starts: Vec<i64> = (0..=40).map(|class| class * 5).collect();
        let unit: Vec<i64> = (0..200).map(|i| i * 7 % 30).collect();
        let counts: Vec<i64> = (0..200).map(|i| i * i % 1_009).collect();
        let cells = Cells::new(30, &starts, &unit, [&counts; 3]).unwrap();
        let row: Vec<f64> = (0..30_u8).map(|unit| f64::from(unit % 4)).collect();
        let weights = cells.weights(&[&row]).unwrap();
        let alone: Vec<Sums> =
            (0..cells.classes()).map(|class| cells.sums(Kernel::Portable, &weights, class)).collect();
        for threads in [1, 2, 7, 64] {
            assert_eq!(sums_split(&cells, &weights, threads, || Ok::<_, ()>(())).unwrap(), alone);
        }
    }

    #[test]
    fn a_tick_that_fails_ends_it() {
        let cells = Cells::new(1, &[0, 0], &[], [&[]; 3]).unwrap();
        let ended = sums_split(&cells, &[], 1, || Err("interrupted"));
        assert_eq!(ended.unwrap_err(), "interrupted");
    }
}
