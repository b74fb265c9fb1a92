//! Rows of pair counts of any numbers: added, packed, merged, made of columns, and turned into cells.

#![no_main]

use std::collections::{BTreeMap, BTreeSet};

use libfuzzer_sys::fuzz_target;
use segscore::pairs::cells::{Rows, cells};
use segscore::pairs::columns::from_columns;
use segscore::pairs::packed::Packed;
use segscore::pairs::{PairCounts, Row};
use segscore::{LabelMap, naive};
use segscore_fuzz::Input;

fuzz_target!(|data: &[u8]| {
    let mut input = Input(data);
    let len = input.below(256);
    let columns: [Vec<i64>; 3] = std::array::from_fn(|_| input.labels(len));
    let lists = summed(&columns, 0..len);
    let cut = input.below(len + 1);
    // Of columns.
    let [target, pred, pixels] = columns.each_ref().map(|column| LabelMap::from_labels(column, &[len]));
    let found = from_columns(&target, &pred, &pixels, &mut || false).ok();
    assert_eq!(found.as_ref().map(listed), lists);
    // Of rows, and in two parts.
    let parts = [0..cut, cut..len].map(|part| PairCounts::from_rows(rows(&columns, part)).ok());
    if let [Some(one), Some(other)] = parts {
        let known: BTreeSet<_> = other.rows().iter().map(|row| (row.target, row.pred)).collect();
        let new = one.rows().iter().filter(|row| !known.contains(&(row.target, row.pred)));
        assert!(other.unseen(&one).rows().iter().eq(new));
        let mut both = one.clone();
        let merged = both.merge(&other).is_ok();
        assert_eq!(merged.then(|| listed(&both)), lists);
        assert!(merged || both == one, "a merge that is refused changes nothing");
        for pairs in [&one, &other, &both] {
            let packed = Packed::from(pairs);
            assert_eq!(packed.unpacked(), *pairs);
            assert_eq!((packed.len(), packed.total()), (pairs.rows().len(), pairs.total()));
        }
    }
    // As cells of images.
    let classes = input.below(20);
    let few = |column: &[i64]| column.iter().map(|label| label % (classes as i64 + 3) - 1).collect();
    let columns: [Vec<i64>; 3] = if input.coin() {
        let [target, pred, pixels] = &columns;
        [few(target), few(pred), pixels.iter().map(|pixels| pixels & 0xffff).collect()]
    } else {
        columns
    };
    let images = input.below(8);
    let mut offsets = input.labels(images);
    if input.coin() {
        offsets.iter_mut().for_each(|offset| *offset = offset.rem_euclid(len as i64 + 1));
        offsets.sort_unstable();
        offsets.insert(0, 0);
        offsets.push(len as i64);
    }
    let [target, pred, pixels] = columns.each_ref().map(|column| LabelMap::from_labels(column, &[len]));
    let rows = Rows { offsets: LabelMap::from_labels(&offsets, &[offsets.len()]), target, pred, pixels };
    if let Ok(found) = cells(&rows, classes, &mut || false) {
        assert_eq!(found, naive::cells(&offsets, &columns, classes as i64));
    }
});

fn rows([target, pred, pixels]: &[Vec<i64>; 3], part: std::ops::Range<usize>) -> Vec<Row> {
    let row = |i: usize| Row { target: target[i], pred: pred[i], pixels: pixels[i].try_into().unwrap_or(0) };
    part.map(row).collect()
}

/// The sum of each pair, or none if that is to be refused.
fn summed(
    [target, pred, pixels]: &[Vec<i64>; 3],
    part: std::ops::Range<usize>,
) -> Option<Vec<(i64, i64, i64)>> {
    let (mut sums, mut total) = (BTreeMap::new(), 0_i64);
    for i in part {
        total = total.checked_add(pixels[i]).filter(|_| pixels[i] > 0)?;
        *sums.entry((target[i], pred[i])).or_insert(0) += pixels[i];
    }
    Some(sums.into_iter().map(|((target, pred), pixels)| (target, pred, pixels)).collect())
}

fn listed(pairs: &PairCounts) -> Vec<(i64, i64, i64)> {
    pairs.rows().iter().map(|row| (row.target, row.pred, row.pixels.cast_signed())).collect()
}
