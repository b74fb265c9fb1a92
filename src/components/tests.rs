//! Components against what is found by walking from voxel to voxel.
#![allow(unsafe_code)]

use std::collections::BTreeMap;

use super::overlaps::shared;
use super::segments::{SegmentRow, segments};
use super::*;
use crate::cpu::tested;
use crate::error::Side;
use crate::naive::components::{numbered as naively, of_each_voxel};
use crate::naive::maps::{KINDS, LAYOUTS, Stored, TYPES, made};

const CONNECTIVITIES: [&[usize]; 2] = [&[4, 8], &[6, 18, 26]];

fn question(connectivity: usize, dimensions: usize, background: Option<i64>) -> Question {
    Question { neighbours: Neighbours::new(connectivity, dimensions).unwrap(), background }
}

/// The number of the component of each voxel in the order of the dimensions of a map, and how many there are.
fn numbered(kernel: Kernel, map: &LabelMap<'_>, question: Question) -> (Vec<u32>, usize) {
    let found = components(kernel, map, question, &mut || false).unwrap();
    (of_each_voxel(&found, map.shape()), found.count())
}

fn shapes() -> Vec<Vec<usize>> {
    vec![
        vec![1, 1],
        vec![1, 9],
        vec![9, 1],
        vec![12, 63],
        vec![13, 64],
        vec![12, 65],
        vec![11, 130],
        vec![40, 7],
        vec![1, 1, 1],
        vec![3, 1, 70],
        vec![1, 8, 66],
        vec![6, 9, 64],
        vec![7, 8, 5],
        vec![4, 5, 129],
    ]
}

#[test]
fn every_voxel_is_of_the_component_that_is_walked_to() {
    let kernels = tested();
    for (seed, shape) in (0..).zip(shapes()) {
        for kind in 0..KINDS {
            let labels = made(kind, &shape, seed);
            let bytes: Vec<u8> = labels.iter().map(|&label| u8::try_from(label).unwrap()).collect();
            for &connectivity in CONNECTIVITIES[shape.len() - 2] {
                for background in [Some(0), Some(1), None] {
                    let expected = naively(&labels, &shape, connectivity, background);
                    let question = question(connectivity, shape.len(), background);
                    for &kernel in &kernels {
                        let name = kernel.name();
                        let narrow = LabelMap::from_labels(&bytes, &shape);
                        let found = numbered(kernel, &narrow, question);
                        assert_eq!(found, expected, "{shape:?} {kind} {connectivity} {background:?} {name}");
                        let wide = LabelMap::from_labels(&labels, &shape);
                        let found = numbered(kernel, &wide, question);
                        assert_eq!(found, expected, "{shape:?} {kind} {connectivity} {background:?} {name}");
                    }
                }
            }
        }
    }
}

#[test]
fn labels_of_any_type_and_layout_have_the_same_components() {
    for shape in [&[20, 70][..], &[70, 20], &[5, 20, 67], &[67, 5, 20]] {
        let labels = made(0, shape, 3);
        let connectivity = [8, 18][shape.len() - 2];
        let expected = naively(&labels, shape, connectivity, Some(0));
        assert!(expected.1 > 3);
        for kind in TYPES {
            for layout in 0..LAYOUTS {
                let stored = Stored::new(&labels, shape, kind, layout);
                let question = question(connectivity, shape.len(), Some(0));
                let found = numbered(Kernel::best(), &stored.map(), question);
                assert_eq!(found, expected, "{shape:?} {kind:?} {layout}");
            }
        }
    }
}

#[test]
fn what_no_label_of_a_type_can_be_is_no_background() {
    for (background, count) in [(255, 1), (-1, 2), (256, 2)] {
        let map = LabelMap::from_labels(&[255_u8, 7], &[1, 2]);
        let found = components(Kernel::best(), &map, question(4, 2, Some(background)), &mut || false);
        assert_eq!(found.unwrap().count(), count, "{background}");
    }
    for (background, count) in [(1, 1), (0, 1), (2, 2), (257, 2)] {
        let map = LabelMap::from_labels(&[crate::pixels::Truth(0), crate::pixels::Truth(9)], &[1, 2]);
        let found = components(Kernel::best(), &map, question(4, 2, Some(background)), &mut || false);
        assert_eq!(found.unwrap().count(), count, "{background}");
    }
    let map = LabelMap::from_labels(&[u64::MAX, u64::MAX - 1], &[1, 2]);
    let found = components(Kernel::best(), &map, question(4, 2, Some(-1)), &mut || false);
    assert_eq!(found.unwrap().count(), 2);
}

fn overlaps_naively(target: &[u32], pred: &[u32]) -> Vec<Overlap> {
    let mut sums = BTreeMap::new();
    for pair in target.iter().zip(pred) {
        *sums.entry(pair).or_insert(0) += 1;
    }
    sums.into_iter().map(|((&target, &pred), voxels)| Overlap { target, pred, voxels }).collect()
}

#[test]
fn overlaps_are_those_of_the_numbers() {
    for (seed, shape) in (0..).zip(shapes()) {
        for kind in 0..KINDS {
            let (target, pred) = (made(kind, &shape, seed), made((kind + 1) % KINDS, &shape, seed + 50));
            for &connectivity in CONNECTIVITIES[shape.len() - 2] {
                for background in [Some(0), None] {
                    let of = |labels: &[i64]| naively(labels, &shape, connectivity, background).0;
                    let numbers = [of(&target), of(&pred)];
                    let expected = overlaps_naively(&numbers[0], &numbers[1]);
                    let labels = [labels_of(&numbers[0], &target), labels_of(&numbers[1], &pred)];
                    let layout = connectivity % LAYOUTS;
                    let target = Stored::new(&target, &shape, TYPES[kind], layout);
                    let pred = Stored::new(&pred, &shape, TYPES[(kind + 2) % TYPES.len()], 1);
                    let question = question(connectivity, shape.len(), background);
                    let found = overlaps(Kernel::best(), &target.map(), &pred.map(), question, &mut || false)
                        .unwrap();
                    assert_eq!(found.rows, expected, "{shape:?} {kind} {connectivity} {background:?}");
                    assert_eq!(found.labels, labels, "{shape:?} {kind} {connectivity} {background:?}");
                }
            }
        }
    }
}

/// The label of each component.
fn labels_of(numbers: &[u32], labels: &[i64]) -> Vec<i64> {
    let of: BTreeMap<_, _> = numbers.iter().zip(labels).filter(|(number, _)| **number > 0).collect();
    of.into_values().copied().collect()
}

/// Whether each segment is met, by whether the maps have one label at any of its pixels.
fn met(numbers: &[u32], count: usize, target: &[i64], pred: &[i64]) -> Vec<bool> {
    let mut met = vec![false; count];
    for (at, &number) in numbers.iter().enumerate() {
        met[number as usize - 1] |= target[at] == pred[at];
    }
    met
}

#[test]
fn segments_are_met_where_both_maps_have_their_label() {
    let mut unmet_bits = 0;
    for (seed, shape) in (0..).zip(shapes().into_iter().filter(|shape| shape.len() == 2)) {
        for (kind, dtype) in TYPES.into_iter().enumerate().take(KINDS) {
            let (target, pred) = (made(kind, &shape, seed), made((kind + 1) % KINDS, &shape, seed + 50));
            for ignored in [&[][..], &[0], &[1, 7]] {
                let mut expected = BTreeMap::new();
                let mut unmet = vec![[false; 2]; target.len()];
                for (side, own) in [&target, &pred].into_iter().enumerate() {
                    let (numbers, count) = naively(own, &shape, 8, None);
                    let met = met(&numbers, count, &target, &pred);
                    let mut seen = vec![false; count];
                    for (at, number) in numbers.iter().map(|&number| number as usize - 1).enumerate() {
                        unmet[at][side] = !met[number];
                        let there = side == 0 || !ignored.contains(&target[at]);
                        if there && !std::mem::replace(&mut seen[number], true) {
                            *expected.entry((own[at], side, met[number])).or_insert(0) += 1;
                        }
                    }
                }
                // In Fortran order rows of bits are columns of pixels.
                for layout in [0, 1] {
                    let [t, p] = [&target, &pred].map(|map| Stored::new(map, &shape, dtype, layout));
                    let found = segments(Kernel::best(), &t.map(), &p.map(), ignored, &mut || false).unwrap();
                    let rows = expected.iter().map(|(&(label, side, met), &count)| SegmentRow {
                        label,
                        side: [Side::Target, Side::Pred][side],
                        met,
                        count,
                    });
                    assert_eq!(found.rows, rows.collect::<Vec<_>>(), "{shape:?} {kind} {ignored:?} {layout}");
                    for (at, unmet) in unmet.iter().enumerate() {
                        let place = [at / shape[1], at % shape[1]];
                        let upright =
                            shape.contains(&1) && shape[0] > 1 || layout == 1 && !shape.contains(&1);
                        let [line, x] = if upright { [place[1], place[0]] } else { place };
                        let words = shape[usize::from(!upright)].div_ceil(64);
                        let bit = |side: usize| found.unmet[side][line * words + x / 64] >> (x % 64) & 1 == 1;
                        assert_eq!([bit(0), bit(1)], *unmet, "{shape:?} {kind} {layout} {at}");
                        unmet_bits += usize::from(bit(0));
                    }
                }
            }
        }
    }
    assert!(unmet_bits > 1000);
}

#[test]
fn a_map_without_voxels_has_no_components() {
    for shape in [&[0, 5][..], &[5, 0], &[2, 0, 3], &[0, 2, 3], &[2, 3, 0]] {
        let map = LabelMap::from_labels(&[0_u8; 0], shape);
        let question = question([8, 26][shape.len() - 2], shape.len(), None);
        assert_eq!(numbered(Kernel::best(), &map, question), (vec![], 0));
        let found = overlaps(Kernel::best(), &map, &map, question, &mut || false).unwrap();
        assert_eq!((found.rows, found.labels), (vec![], [vec![], vec![]]));
        if shape.len() == 2 {
            let found = segments(Kernel::best(), &map, &map, &[], &mut || false).unwrap();
            assert_eq!((found.rows, found.unmet), (vec![], [vec![], vec![]]));
        }
    }
}

#[test]
fn what_cannot_be_looked_at_is_refused() {
    let connectivity =
        |connectivity, dimensions| Neighbours::new(connectivity, dimensions).unwrap_err().to_string();
    assert_eq!(connectivity(26, 2), "expected a connectivity of 4 or 8 in 2 dimensions, found 26");
    assert_eq!(connectivity(8, 3), "expected a connectivity of 6, 18 or 26 in 3 dimensions, found 8");
    let of = |shape: &[usize]| {
        // SAFETY: nothing is read of a map that is refused.
        unsafe {
            LabelMap::new([0_u8].as_ptr(), crate::pixels::Dtype::U8, false, shape, &vec![0; shape.len()])
        }
    };
    let all = question(8, 2, None);
    let refused =
        |map: &LabelMap<'_>| components(Kernel::best(), map, all, &mut || false).unwrap_err().to_string();
    assert_eq!(refused(&of(&[3])), "expected 2 or 3 dimensions, found (3,)");
    assert_eq!(
        refused(&of(&[1 << 31, 2])),
        "an array of shape (2147483648, 2) has more than 2147483648 voxels"
    );
    let differ = overlaps(Kernel::best(), &of(&[2, 3]), &of(&[3, 2]), all, &mut || false).unwrap_err();
    let volume = of(&[1, 1, 1]);
    let error = segments(Kernel::best(), &volume, &volume, &[], &mut || false).unwrap_err();
    assert_eq!(error.to_string(), "expected 2 dimensions, found (1, 1, 1)");
    assert_eq!(differ.to_string(), "`pred` and `target` differ in shape: (3, 2) and (2, 3)");
}

#[test]
fn more_than_memory_should_hold_is_refused() {
    let labels: Vec<u16> = (0..10_000).collect();
    let map = LabelMap::from_labels(&labels, &[100, 100]);
    let all = question(8, 2, None);
    let mut lines = AnyLines::new(map.with_axes(&[Some(0), None, Some(1)]), 1);
    let AnyLines::Bits16(lines) = &mut lines else { panic!("labels of 16 bits") };
    let neighbours = Neighbours::Faces;
    let find = Find { lines, neighbours, background: None, most: 5000, stop: &mut || false };
    let error = Kernel::best().run(find).err().expect("an error");
    assert_eq!(error.to_string(), "the labels of an array change more than 5000 times");
    let AnyLines::Bits16(lines) = &mut AnyLines::new(map.with_axes(&[Some(0), None, Some(1)]), 2) else {
        panic!("labels of 16 bits")
    };
    let find = FindInImage { lines, corners: true, most: 5000, stop: &mut || false };
    let error = Kernel::best().run(find).err().expect("an error");
    assert_eq!(error.to_string(), "the labels of an array change more than 5000 times");
    let found = components(Kernel::best(), &map, all, &mut || false).unwrap();
    let error = shared(&found, &found, 5000, &mut || false).unwrap_err();
    assert_eq!(error.to_string(), "more than 5000 different pairs of labels in one image");
}

#[test]
fn looking_stops_when_it_is_told_to() {
    let map = LabelMap::from_labels(&[0_u8; 100], &[10, 10]);
    let all = question(8, 2, None);
    assert!(matches!(components(Kernel::best(), &map, all, &mut || true), Err(Error::Cancelled)));
    let some = question(8, 2, Some(1));
    assert!(matches!(components(Kernel::best(), &map, some, &mut || true), Err(Error::Cancelled)));
    let found = components(Kernel::best(), &map, all, &mut || false).unwrap();
    assert!(matches!(found.write(&mut [0_u8; 100], &mut || true), Err(Error::Cancelled)));
    assert!(matches!(shared(&found, &found, 1, &mut || true), Err(Error::Cancelled)));
}
