//! What tests and fuzz targets share: twins of what is fast, so plain that they cannot be wrong, and noise.
#![allow(clippy::missing_panics_doc, reason = "tests mean to panic")]

pub mod components;
pub mod instances;
pub mod maps;
pub mod surfaces;

use std::collections::BTreeMap;

use crate::pairs::cells::Cells;
use crate::pairs::{PairCounts, Row};

/// What any count must give, so plainly that it cannot be wrong.
#[must_use]
pub fn count(target: &[i64], pred: &[i64]) -> PairCounts {
    let mut cells = BTreeMap::new();
    for (&t, &p) in target.iter().zip(pred) {
        *cells.entry((t, p)).or_insert(0) += 1;
    }
    let rows = cells.into_iter().map(|((target, pred), pixels)| Row { target, pred, pixels });
    PairCounts::from_rows(rows.collect()).unwrap()
}

/// The cells of images, by a map from class to sums.
#[must_use]
pub fn cells(offsets: &[i64], [target, pred, pixels]: &[Vec<i64>; 3], classes: i64) -> Cells {
    let mut made = Cells::default();
    for (image, ends) in offsets.windows(2).enumerate() {
        let mut sums = BTreeMap::<i64, [i64; 3]>::new();
        let (mut scored, mut ignored) = (0, 0);
        for row in usize::try_from(ends[0]).unwrap()..usize::try_from(ends[1]).unwrap() {
            if target[row] < 0 {
                ignored += pixels[row];
                continue;
            }
            scored += pixels[row];
            sums.entry(target[row]).or_default()[1] += pixels[row];
            if target[row] == pred[row] {
                sums.entry(target[row]).or_default()[0] += pixels[row];
            }
            if pred[row] < classes {
                sums.entry(pred[row]).or_default()[2] += pixels[row];
            }
        }
        for (label, [tp, target, pred]) in sums {
            made.image.push(i64::try_from(image).unwrap());
            made.label.push(label);
            made.tp.push(tp);
            made.target.push(target);
            made.pred.push(pred);
        }
        made.pixels.push(scored);
        made.ignored.push(ignored);
    }
    made
}

/// Numbers below the one asked for that look random and are the same in each run.
pub fn noise(seed: u64) -> impl FnMut(usize) -> usize {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    move |below| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state >> 33).unwrap() % below
    }
}
