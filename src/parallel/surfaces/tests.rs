//! Any number of threads finds what one finds, fails as one fails, and stops when it is told to.

use super::*;
use crate::naive::maps::{KINDS, made};
use crate::surfaces::Wanted;
use crate::surfaces::rows::{Elements, Question};

fn bands(map: &LabelMap<'_>, other: &LabelMap<'_>, threads: usize) -> Result<Vec<BandRow>, Error> {
    boundary_rows_split(map, other, &[2, 5], &[], [&[]; 2], threads, || Ok(()))
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
    // Each pixel is a run, which takes far longer than it takes to the first tick.
    let labels: Vec<u8> = (0..1 << 24).map(|at: u32| u8::from(at.is_multiple_of(2))).collect();
    let map = LabelMap::from_labels(&labels, &[1 << 12, 1 << 12]);
    let stopped =
        boundary_rows_split(&map, &map, &[1, 2, 3, 5, 9, 17, 33, 65, 129, 257], &[], [&[]; 2], 2, || {
            Err(Error::Cancelled)
        });
    assert!(matches!(stopped, Err(Error::Cancelled)));
}

fn scene<'a>(target: &LabelMap<'a>, pred: &LabelMap<'a>, elements: Elements) -> Scene<'a> {
    let spacing = vec![0.7; target.shape().len()];
    // Codes whose lowest bits are alike are counted as one.
    let kinds =
        (elements == Elements::Corners).then(|| std::array::from_fn(|code| u8::try_from(code % 8).unwrap()));
    let question = Question { spacing, elements, within: None, wanted: Wanted::default(), kinds };
    Scene::new(Kernel::best(), target, pred, question).unwrap()
}

#[test]
fn distances_are_the_same_on_any_number_of_threads() {
    for shape in [&[1, 1][..], &[200, 90], &[90, 200], &[40, 50, 70], &[3, 80, 20], &[0, 4, 4]] {
        for kind in 0..KINDS {
            let (target, pred) = (made(kind, shape, 5), made(kind / 2 * 2, shape, 6));
            let [target, pred] = [&target, &pred].map(|labels| LabelMap::from_labels(labels, shape));
            for elements in [Elements::Voxels, Elements::Corners] {
                let scene = scene(&target, &pred, elements);
                let one = counted_rows(&scene, Some(&mut Counter::new()), &mut || false).unwrap();
                assert_eq!(one.1.total(), shape.iter().product::<usize>() as u64);
                for threads in [1, 2, 3, 16] {
                    let of =
                        |pairs| counted_rows_split(&scene, pairs, threads, || Ok::<(), Error>(())).unwrap();
                    assert_eq!(of(true), one, "{shape:?} {kind} {elements:?} {threads}");
                    assert_eq!(of(false), (one.0.clone(), PairCounts::default()));
                }
            }
        }
    }
}

#[test]
fn surfaces_of_labels_that_are_too_large_fail_alike() {
    let mut labels = vec![0_u64; 27_000];
    labels[100] = u64::MAX;
    labels[20_000] = 1 << 63;
    let map = LabelMap::from_labels(&labels, &[30, 30, 30]);
    for elements in [Elements::Voxels, Elements::Corners] {
        for threads in [1, 2, 5] {
            let rows =
                counted_rows_split(&scene(&map, &map, elements), true, threads, || Ok::<(), Error>(()));
            let expected = "`target` holds the label 18446744073709551615, expected less than 2**63";
            assert_eq!(rows.unwrap_err().to_string(), expected);
        }
    }
}

#[test]
fn labels_of_all_slabs_that_are_too_many_fail_alike() {
    let labels: Vec<u32> = (0..70_000).collect();
    let map = LabelMap::from_labels(&labels, &[700, 100]);
    for threads in [1, 5] {
        let scene = scene(&map, &map, Elements::Voxels);
        let error = counted_rows_split(&scene, false, threads, || Ok::<(), Error>(())).unwrap_err();
        assert_eq!(error.to_string(), "more than 65536 different labels in one image");
    }
}

#[test]
fn distances_stop_when_a_tick_fails() {
    let labels = made(1, &[64, 256, 256], 1);
    let map = LabelMap::from_labels(&labels, &[64, 256, 256]);
    let scene = scene(&map, &map, Elements::Corners);
    let stopped = counted_rows_split(&scene, true, 2, || Err(Error::Cancelled));
    assert!(matches!(stopped, Err(Error::Cancelled)));
}
