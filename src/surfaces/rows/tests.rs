//! Distances between surfaces against those that are found voxel by voxel, and point by point.
#![allow(unsafe_code)]
#![allow(clippy::cast_possible_wrap, clippy::cast_precision_loss, reason = "small numbers")]

use super::*;
use crate::cpu::tested;
use crate::naive::maps::{KINDS, LAYOUTS, Stored, TYPES, made};
use crate::naive::surfaces::rows as naively;
use crate::naive::{self, noise};

fn found(
    kernel: Kernel,
    target: &LabelMap<'_>,
    pred: &LabelMap<'_>,
    question: &Question,
) -> Vec<DistanceRow> {
    let scene = Scene::new(kernel, target, pred, question.clone()).unwrap();
    distance_rows(&scene, &mut || false).unwrap()
}

/// What is counted while surfaces are found, which stay the same.
fn counted(
    kernel: Kernel,
    target: &LabelMap<'_>,
    pred: &LabelMap<'_>,
    question: &Question,
    rows: &[DistanceRow],
) -> PairCounts {
    let scene = Scene::new(kernel, target, pred, question.clone()).unwrap();
    let mut counter = Counter::with_kernel(kernel);
    let (found, pairs) = counted_rows(&scene, Some(&mut counter), &mut || false).unwrap();
    assert_eq!(found, rows);
    assert_eq!(counter.drain().unwrap(), PairCounts::default(), "nothing is left behind");
    pairs
}

fn question(spacing: &[f64], elements: Elements) -> Question {
    Question { spacing: spacing.to_vec(), elements, within: None, wanted: Wanted::default(), kinds: None }
}

const BOTH: [Elements; 2] = [Elements::Voxels, Elements::Corners];

const SHAPES: [&[usize]; 17] = [
    &[1, 1],
    &[1, 9],
    &[9, 1],
    &[7, 63],
    &[6, 64],
    &[5, 65],
    &[3, 127],
    &[3, 128],
    &[3, 129],
    &[30, 4],
    &[1, 1, 1],
    &[1, 6, 7],
    &[6, 1, 7],
    &[7, 6, 1],
    &[4, 5, 65],
    &[3, 3, 128],
    &[5, 4, 130],
];

#[test]
fn every_element_is_as_far_as_the_nearest_of_the_other_surface() {
    let kernels = tested();
    for (number, shape) in SHAPES.into_iter().enumerate() {
        let spacing = &[[1.0, 1.0, 1.0], [3.0, 0.8, 0.8], [0.1, 0.3, 0.7]][number % 3][..shape.len()];
        for kind in 0..KINDS {
            let target = made(kind, shape, number as u64);
            let pred = made((kind + number % 3) % KINDS, shape, 9 + number as u64);
            for elements in BOTH {
                let mut question = question(spacing, elements);
                if kind == 1 {
                    question.wanted = Wanted { labels: Some(vec![1, 7]), ignored: vec![7] };
                    question.within = Some(spacing[0] * 2.0);
                }
                if kind == 0 {
                    // Of two labels that nobody wants, one is found after the other.
                    question.wanted.labels = Some(vec![1, 2, 5]);
                }
                if kind == 2 && elements == Elements::Corners {
                    // As many voxels around a corner, whichever they are.
                    question.kinds =
                        Some(std::array::from_fn(|code| u8::try_from(code.count_ones()).unwrap()));
                }
                if kind == 5 {
                    question.wanted.ignored = vec![1, 300];
                }
                let expected = naively(&target, &pred, shape, &question);
                let [t, p] = [&target, &pred].map(|labels| LabelMap::from_labels(labels, shape));
                let bytes: Vec<u8> = target.iter().map(|&label| u8::try_from(label).unwrap()).collect();
                for &kernel in &kernels {
                    let about = format!("{shape:?} {kind} {elements:?} {}", kernel.name());
                    assert_eq!(found(kernel, &t, &p, &question), expected, "{about}");
                    let narrow = LabelMap::from_labels(&bytes, shape);
                    assert_eq!(found(kernel, &narrow, &p, &question), expected, "{about} bytes");
                    let pairs = naive::count(&target, &pred);
                    assert_eq!(counted(kernel, &narrow, &p, &question, &expected), pairs, "{about} pairs");
                }
            }
        }
    }
}

#[test]
fn rows_of_nothing_that_are_passed_over_together_hold_no_surface() {
    // Some 58 rows of a slice are looked at at once; boxes are within some of them, and at their ends.
    let shape = [6, 130, 70];
    let boxes = [
        (1, [1..3, 2..6, 60..70]),
        (2, [2..3, 55..60, 0..3]),
        (1, [2..4, 57..58, 64..66]),
        (2, [5..6, 116..130, 1..2]),
    ];
    let mut target = vec![0_i64; shape.iter().product()];
    for (label, [slices, rows, columns]) in boxes {
        for (slice, row) in slices.flat_map(|slice| rows.clone().map(move |row| (slice, row))) {
            let start = (slice * shape[1] + row) * shape[2];
            target[start..][columns.clone()].fill(label);
        }
    }
    let mut pred = target.clone();
    pred.rotate_right(shape[2] + 1);
    // The same with columns on both sides, so that no row lies right behind another one.
    let wide = |labels: &[i64]| -> Vec<u8> {
        let rows = labels.chunks(shape[2]);
        rows.flat_map(|row| [&[0, 0], row, &[3]].concat()).map(|label| u8::try_from(label).unwrap()).collect()
    };
    let [wide_target, wide_pred] = [&target, &pred].map(|labels| wide(labels));
    for elements in BOTH {
        let mut question = question(&[1.0; 3], elements);
        question.wanted.labels = Some(vec![1, 2]);
        let expected = naively(&target, &pred, &shape, &question);
        let apart = [&wide_target, &wide_pred].map(|labels| {
            LabelMap::from_labels(labels, &[shape[0], shape[1], shape[2] + 3]).slab(2, 2, shape[2])
        });
        let together = [&target, &pred].map(|labels| LabelMap::from_labels(labels, &shape));
        for kernel in tested() {
            for [target, pred] in [&apart, &together] {
                assert_eq!(
                    found(kernel, target, pred, &question),
                    expected,
                    "{elements:?} {}",
                    kernel.name()
                );
            }
        }
    }
}

#[test]
fn labels_of_any_type_and_layout_have_the_same_surfaces() {
    let kernels = tested();
    for shape in [&[9, 70][..], &[70, 9], &[5, 6, 70], &[70, 6, 5]] {
        let (target, pred) = (made(0, shape, 3), made(0, shape, 4));
        for elements in BOTH {
            let mut question = question(&[1.5, 0.7, 2.0][..shape.len()], elements);
            question.wanted.ignored = vec![3];
            let expected = naively(&target, &pred, shape, &question);
            assert!(expected.len() > 20);
            for (number, kind) in TYPES.into_iter().enumerate() {
                for layout in 0..LAYOUTS {
                    let t = Stored::new(&target, shape, kind, layout);
                    let other = TYPES[(number + layout) % TYPES.len()];
                    let p = Stored::new(&pred, shape, other, (layout + number) % LAYOUTS);
                    for &kernel in &kernels {
                        assert_eq!(
                            found(kernel, &t.map(), &p.map(), &question),
                            expected,
                            "{kind:?} {layout}"
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn pairs_are_counted_where_rows_are_passed_over() {
    // Labels that nobody wants fill most rows, others in each map, and are not the same everywhere.
    let mut random = noise(8);
    let shape = [9, 12, 70];
    for turn in 0..40 {
        let [target, pred] = [0, 1].map(|_| {
            let mut labels = vec![[0, 9][random(2)]; shape.iter().product()];
            labels[turn % 4 * 2000..].fill(9);
            for _ in 0..random(4) {
                let (at, label) = (random(labels.len() - 300), [1, 2, 9, 0][random(4)]);
                let len = 1 + random(300);
                labels[at..at + len].fill(label);
            }
            labels
        });
        let mut question = question(&[1.0; 3], Elements::Voxels);
        question.wanted = Wanted { labels: Some(vec![1, 2]), ignored: vec![0; usize::from(turn % 5 == 4)] };
        for number in 0..TYPES.len() {
            let t = Stored::new(&target, &shape, TYPES[number], turn % LAYOUTS);
            let p = Stored::new(&pred, &shape, TYPES[(number + turn) % TYPES.len()], 0);
            for kernel in tested() {
                let rows = found(kernel, &t.map(), &p.map(), &question);
                let pairs = counted(kernel, &t.map(), &p.map(), &question, &rows);
                assert_eq!(pairs, naive::count(&target, &pred), "{turn} {number} {}", kernel.name());
            }
        }
    }
}

#[test]
fn a_counter_is_empty_after_a_failure() {
    let mut labels = vec![0_u64; 2000];
    labels[1500] = 1 << 63;
    let map = LabelMap::from_labels(&labels, &[20, 10, 10]);
    for elements in BOTH {
        let scene = Scene::new(Kernel::best(), &map, &map, question(&[1.0; 3], elements)).unwrap();
        let mut counter = Counter::new();
        let error = counted_rows(&scene, Some(&mut counter), &mut || false).unwrap_err();
        let expected = "`target` holds the label 9223372036854775808, expected less than 2**63";
        assert_eq!(error.to_string(), expected);
        assert_eq!(counter.drain().unwrap(), PairCounts::default());
    }
}

#[test]
fn a_label_of_one_map_alone_is_infinitely_far() {
    let (target, pred) = ([0_u8, 0, 1, 1], [0_u8, 0, 0, 0]);
    let [target, pred] = [&target, &pred].map(|labels| LabelMap::from_labels(labels, &[2, 2]));
    let rows = found(Kernel::best(), &target, &pred, &question(&[1.0, 1.0], Elements::Voxels));
    let missed = DistanceRow { label: 1, side: Side::Target, code: 0, squared: f64::INFINITY, count: 2 };
    assert_eq!(rows.iter().filter(|row| row.label == 1).collect::<Vec<_>>(), [&missed]);
    assert!(
        rows.iter()
            .any(|row| row.label == 0 && row.side == Side::Pred && (row.squared, row.count) == (1.0, 2))
    );
}

#[test]
fn a_map_without_voxels_has_no_surfaces() {
    for shape in [&[0, 5][..], &[5, 0], &[0, 2, 2], &[2, 0, 2], &[2, 2, 0]] {
        let map = LabelMap::from_labels(&[0_u8; 0], shape);
        for elements in BOTH {
            let question = question(&[1.0; 3][..shape.len()], elements);
            assert_eq!(found(Kernel::best(), &map, &map, &question), []);
        }
    }
}

#[test]
fn what_has_no_surfaces_is_refused() {
    let of = |shape: &[usize]| {
        // SAFETY: nothing is read of a map that is refused.
        unsafe {
            LabelMap::new([0_u8].as_ptr(), crate::pixels::Dtype::U8, false, shape, &vec![0; shape.len()])
        }
    };
    let refused = |target: &[usize], pred: &[usize], spacing: &[f64], within: Option<f64>| {
        let question = Question { within, ..question(spacing, Elements::Voxels) };
        let scene = Scene::new(Kernel::best(), &of(target), &of(pred), question);
        scene.err().expect("an error").to_string()
    };
    assert_eq!(
        refused(&[2, 3], &[3, 2], &[1.0; 2], None),
        "`pred` and `target` differ in shape: (3, 2) and (2, 3)"
    );
    assert_eq!(refused(&[4], &[4], &[1.0], None), "expected 2 or 3 dimensions, found (4,)");
    assert_eq!(
        refused(&[1 << 10, 1 << 11, 1 << 11], &[1 << 10, 1 << 11, 1 << 11], &[1.0; 3], None),
        "an array of shape (1024, 2048, 2048) has more than 2147483648 voxels"
    );
    assert_eq!(
        refused(&[2, 2], &[2, 2], &[1.0, f64::NAN], None),
        "expected one positive number as spacing of each of 2 dimensions, found (1, NaN)"
    );
    for within in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let text = refused(&[2, 2], &[2, 2], &[1.0; 2], Some(within));
        assert_eq!(text, format!("expected distances up to a positive number, found {within}"));
    }
}

#[test]
fn more_labels_than_classes_are_refused() {
    let labels: Vec<u32> = (0..70_000).collect();
    let map = LabelMap::from_labels(&labels, &[700, 100]);
    for elements in BOTH {
        let scene = Scene::new(Kernel::best(), &map, &map, question(&[1.0; 2], elements)).unwrap();
        let error = distance_rows(&scene, &mut || false).unwrap_err();
        assert_eq!(error.to_string(), "more than 65536 different labels in one image");
    }
    let large = [0, 1_u64 << 63];
    let map = LabelMap::from_labels(&large, &[1, 2]);
    let scene = Scene::new(Kernel::best(), &map, &map, question(&[1.0; 2], Elements::Voxels)).unwrap();
    let error = distance_rows(&scene, &mut || false).unwrap_err();
    assert_eq!(error.to_string(), "`target` holds the label 9223372036854775808, expected less than 2**63");
}

#[test]
fn more_rows_than_are_of_use_are_refused() {
    assert!(check(MAX_DISTANCES).is_ok());
    let error = check(MAX_DISTANCES + 1).unwrap_err();
    assert_eq!(error.to_string(), "more than 4194304 different distances between the surfaces of one image");
}

#[test]
fn looking_for_surfaces_stops_when_it_is_told_to() {
    let labels: Vec<u16> = (0..1_u32 << 21).map(|at| u16::try_from(at / 7 % 5).unwrap()).collect();
    let map = LabelMap::from_labels(&labels, &[8, 512, 512]);
    for elements in BOTH {
        let scene = Scene::new(Kernel::best(), &map, &map, question(&[1.0; 3], elements)).unwrap();
        for calm in [0, 1, 5, 20] {
            let mut asked = 0;
            let stopped = distance_rows(&scene, &mut || {
                asked += 1;
                asked > calm
            });
            assert!(matches!(stopped, Err(Error::Cancelled)), "{calm}");
        }
    }
}
