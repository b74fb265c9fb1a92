//! Weighted sums of cells, a part of them at a time on several threads.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::cpu::Kernel;
use crate::error::Error;
use crate::parallel::pool;
use crate::weighted::{AT_ONCE, Cells, Sums, Weights, add};

/// The sums with any number of weightings, each of which is a row: of each of them the three columns of counts, class
/// by class. `tick` is called on the caller's thread every 50 ms.
///
/// # Errors
///
/// Whatever `tick` returned; within that, what [`Cells::weights`] says of rows.
///
/// # Panics
///
/// If a worker panics.
pub fn sums_of_all<E>(
    cells: &Cells,
    rows: &[&[u8]],
    threads: usize,
    mut tick: impl FnMut() -> Result<(), E>,
) -> Result<Result<Vec<i64>, Error>, E> {
    let mut all = Vec::with_capacity(rows.len() * 3 * cells.classes());
    for rows in rows.chunks(AT_ONCE) {
        let weights = match cells.weights(rows) {
            Ok(weights) => weights,
            Err(error) => return Ok(Err(error)),
        };
        let sums = sums_split(cells, &weights, threads, &mut tick)?;
        for row in 0..rows.len() {
            for column in 0..3 {
                #[allow(clippy::cast_possible_truncation, reason = "sums are whole, and below 2^53")]
                all.extend(sums.iter().map(|sums| sums[column][row] as i64));
            }
        }
    }
    Ok(Ok(all))
}

/// The sums of each class, on `threads` threads; the rest is as for [`sums_of_all`].
fn sums_split<E>(
    cells: &Cells,
    weights: &[Weights],
    threads: usize,
    mut tick: impl FnMut() -> Result<(), E>,
) -> Result<Vec<Sums>, E> {
    let (next, kernel) = (AtomicUsize::new(0), Kernel::best());
    let mut sums = vec![Sums::default(); cells.classes()];
    if threads == 1 {
        // Little is done before a thread would have been started.
        for part in 0..cells.parts() {
            tick()?;
            cells.add_sums(kernel, weights, part, &mut sums);
        }
        return Ok(sums);
    }
    let work = |cancel: &pool::Cancel| {
        let mut own = vec![Sums::default(); cells.classes()];
        while !cancel.is_set() {
            let part = next.fetch_add(1, Ordering::Relaxed);
            if part >= cells.parts() {
                break;
            }
            cells.add_sums(kernel, weights, part, &mut own);
        }
        own
    };
    for own in pool::run(threads, work, tick)? {
        for (sums, own) in sums.iter_mut().zip(&own) {
            add(sums, own);
        }
    }
    Ok(sums)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::weighted::OfImages;

    #[test]
    fn sums_do_not_depend_on_the_number_of_threads() {
        let label: Vec<i64> = (0..200).map(|i| i / 5).collect();
        let image: Vec<i64> = (0..200).map(|i| i * 7 % 30).collect();
        let counts: Vec<i64> = (0..200).map(|i| i * i % 1_009).collect();
        let unit: Vec<i64> = (0..30).collect();
        let of_images = OfImages { image: &image, label: &label, counts: [&counts; 3] };
        let cells = Cells::new(30, &unit, 40, of_images).unwrap();
        let row: Vec<u8> = (0..30).map(|unit| unit % 4).collect();
        let weights = cells.weights(&[&row]).unwrap();
        let mut alone = vec![Sums::default(); cells.classes()];
        for part in 0..cells.parts() {
            cells.add_sums(Kernel::Portable, &weights, part, &mut alone);
        }
        for threads in [1, 2, 7, 64] {
            assert_eq!(sums_split(&cells, &weights, threads, || Ok::<_, ()>(())).unwrap(), alone);
        }
    }

    #[test]
    fn sums_of_more_weightings_than_are_summed_at_once() {
        // Class 0 has 2 pixels of unit 0 and 3 of unit 1, class 1 has none, class 2 has 5 of unit 1.
        let columns = [2, 3, 5].map(|pixels| [1, 10, 100].map(|times| times * pixels));
        let [tp, target, pred] = std::array::from_fn(|column| columns.map(|cell| cell[column]));
        let of_images = OfImages { image: &[0, 1, 1], label: &[0, 0, 2], counts: [&tp, &target, &pred] };
        let cells = Cells::new(2, &[0, 1], 3, of_images).unwrap();
        let rows: Vec<[u8; 2]> = (0..=32).map(|row| [row, row % 3]).collect();
        assert!(rows.len() > 2 * AT_ONCE);
        let rows: Vec<&[u8]> = rows.iter().map(<[u8; 2]>::as_slice).collect();
        let mut expected = Vec::new();
        for row in 0..i64::try_from(rows.len()).unwrap() {
            for times in [1, 10, 100] {
                expected.extend([times * (2 * row + 3 * (row % 3)), 0, times * 5 * (row % 3)]);
            }
        }
        for threads in [1, 3] {
            let found = sums_of_all(&cells, &rows, threads, || Ok::<_, ()>(()));
            assert_eq!(found.unwrap().unwrap(), expected);
        }
        let wrong = [rows[0], &[1]];
        let found = sums_of_all(&cells, &wrong, 1, || Ok::<_, ()>(())).unwrap();
        assert!(matches!(found, Err(Error::BadRows(_))));
    }

    #[test]
    fn a_tick_that_fails_ends_it() {
        let cells = Cells::new(1, &[], 1, OfImages { image: &[], label: &[], counts: [&[]; 3] }).unwrap();
        let ended = sums_of_all(&cells, &[&[1]], 1, || Err("interrupted"));
        assert_eq!(ended.unwrap_err(), "interrupted");
    }
}
