//! What tests of several modules share: pixels that are counted one by one, and noise.

pub mod maps;

use std::collections::BTreeMap;

use crate::pairs::{PairCounts, Row};

/// What any count must give, so plainly that it cannot be wrong.
pub fn count(target: &[i64], pred: &[i64]) -> PairCounts {
    let mut cells = BTreeMap::new();
    for (&t, &p) in target.iter().zip(pred) {
        *cells.entry((t, p)).or_insert(0) += 1;
    }
    let rows = cells.into_iter().map(|((target, pred), pixels)| Row { target, pred, pixels });
    PairCounts::from_rows(rows.collect()).unwrap()
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
