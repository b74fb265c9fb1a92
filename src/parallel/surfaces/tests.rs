//! Any number of threads finds what one finds, fails as one fails, and stops when it is told to.

use super::*;
use crate::naive::maps::made;

fn bands(map: &LabelMap<'_>, other: &LabelMap<'_>, threads: usize) -> Result<Vec<BandRow>, Error> {
    boundary_rows_split(map, other, &[2, 5], threads, || Ok(()))
}

#[test]
fn bands_are_the_same_on_any_number_of_threads() {
    for shape in [[1, 1], [300, 70], [70, 300], [0, 4]] {
        let (target, pred) = (made(0, &shape, 5), made(0, &shape, 6));
        let [target, pred] = [&target, &pred].map(|labels| LabelMap::from_labels(labels, &shape));
        let one = bands(&target, &pred, 1).unwrap();
        assert_eq!(one.iter().map(|row| row.pixels).sum::<u64>(), (shape[0] * shape[1]) as u64);
        for threads in [2, 3, 16] {
            assert_eq!(bands(&target, &pred, threads).unwrap(), one, "{shape:?} {threads}");
        }
    }
}

#[test]
fn bands_of_labels_that_are_too_large_fail_alike() {
    let mut labels = vec![0_u64; 90_000];
    labels[100] = u64::MAX;
    labels[80_000] = 1 << 63;
    let map = LabelMap::from_labels(&labels, &[300, 300]);
    for threads in [1, 2, 5] {
        let error = bands(&map, &map, threads).unwrap_err();
        let expected = "`target` holds the label 18446744073709551615, expected less than 2**63";
        assert_eq!(error.to_string(), expected);
    }
}

#[test]
fn bands_stop_when_a_tick_fails() {
    let labels = vec![0_u8; 1 << 24];
    let map = LabelMap::from_labels(&labels, &[1 << 12, 1 << 12]);
    let stopped =
        boundary_rows_split(&map, &map, &[1, 2, 3, 5, 9, 17, 33, 65, 129, 257], 2, || Err(Error::Cancelled));
    assert!(matches!(stopped, Err(Error::Cancelled)));
}
