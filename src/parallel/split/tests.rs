//! Sums and labels of several threads against those of one.

use super::*;
use crate::logits::Float;
use crate::pixels::c_order;

fn labels(len: usize, classes: usize) -> Vec<u16> {
    (0..len).map(|i| u16::try_from(i * 7 / 5 % classes * 30).unwrap()).collect()
}

fn noise(len: usize) -> Vec<f32> {
    (0..len).map(|i| f32::from(u16::try_from(i * i % 97).unwrap())).collect()
}

fn c_order_logits<'a>(scores: &'a [f32], shape: &[usize], class_axis: usize) -> Logits<'a> {
    assert_eq!(shape.iter().product::<usize>(), scores.len());
    let (base, strides) = (scores.as_ptr().cast(), c_order(shape, 4));
    // SAFETY: shape and strides are those of `scores` in C order.
    #[allow(unsafe_code)]
    unsafe {
        Logits::new(base, Float::F32, false, shape, &strides, Some(class_axis))
    }
}

#[test]
fn any_number_of_threads_and_any_shape_gives_the_same_sums() {
    for shape in [vec![97, 31], vec![2, 40, 31], vec![1], vec![3], vec![0, 5], vec![5, 0], vec![], vec![5000]]
    {
        let len = shape.iter().product();
        let (target, pred) = (labels(len, 11), labels(len, 7));
        let (target, pred) = (LabelMap::from_labels(&target, &shape), LabelMap::from_labels(&pred, &shape));
        let one = count_maps(&mut Counter::new(), &target, &pred, &mut || false).unwrap();
        for threads in [1, 2, 3, 8, 100] {
            assert_eq!(
                count_maps_split(&target, &pred, threads, || Ok::<(), Error>(())).unwrap(),
                one,
                "{shape:?}"
            );
        }
    }
}

#[test]
fn class_scores_with_the_classes_anywhere_give_the_same_sums() {
    for (shape, class_axis) in [([3, 40, 31], 0), ([40, 3, 31], 1), ([40, 31, 3], 2), ([2, 3, 50], 1)] {
        let scores = noise(shape.iter().product());
        let logits = c_order_logits(&scores, &shape, class_axis);
        let pixels = logits.pixels();
        let target = labels(pixels.iter().product(), 3);
        let target = LabelMap::from_labels(&target, &pixels);
        let one = count_logits(&mut Counter::new(), &target, &logits, Rule::Highest, &mut || false).unwrap();
        for threads in [1, 2, 5] {
            let sum = count_logits_split(&target, &logits, Rule::Highest, threads, || Ok::<(), Error>(()));
            assert_eq!(sum.unwrap(), one, "{shape:?} {class_axis}");
        }
    }
}

#[test]
fn class_scores_with_the_classes_anywhere_get_the_same_labels() {
    for (shape, class_axis) in [
        (vec![3, 40, 31], 0),
        (vec![40, 31, 3], 2),
        (vec![1, 3, 50, 7], 1),
        (vec![2, 5, 4, 3, 7], 3),
        (vec![4], 0),
        (vec![3, 0, 5], 0),
        (vec![5, 3, 0], 1),
        (vec![257, 9, 6], 0),
    ] {
        let scores = noise(shape.iter().product());
        let logits = c_order_logits(&scores, &shape, class_axis);
        let pixels = logits.pixels().iter().product();
        let check = |threads| {
            if shape[class_axis] <= 256 {
                same_labels::<u8>(&logits, vec![7; pixels], vec![9; pixels], threads)
            } else {
                same_labels::<u16>(&logits, vec![7; pixels], vec![9; pixels], threads)
            }
        };
        assert!([1, 2, 3, 8, 100].into_iter().all(check), "{shape:?} {class_axis}");
    }
}

fn same_labels<T: Channel + PartialEq>(
    logits: &Logits<'_>,
    mut one: Vec<T>,
    mut many: Vec<T>,
    threads: usize,
) -> bool {
    highest(logits, &mut one, &mut || false).unwrap();
    highest_split(logits, &mut many, threads, || Ok::<(), Error>(())).unwrap();
    one == many
}

#[test]
fn labels_are_cut_where_they_lie_side_by_side() {
    let scores = noise(2 * 3 * 64 * 5);
    let logits = c_order_logits(&scores, &[2, 3, 64, 5], 1);
    let mut labels = [0_u8; 2 * 64 * 5];
    let mut lens = |threads| {
        let parts = parts(&logits, &mut labels, threads).into_iter();
        parts.map(|(part, labels)| (part.pixels(), labels.len())).collect::<Vec<_>>()
    };
    assert_eq!(lens(2), vec![(vec![1, 16, 5], 80); 8]);
    let odd = lens(3);
    assert_eq!(odd.iter().map(|(_, len)| len).sum::<usize>(), 640);
    assert!(odd.len() == 12 && odd.iter().all(|(pixels, len)| pixels.iter().product::<usize>() == *len));
}

#[test]
fn what_is_wrong_with_scores_is_told_as_by_one_thread() {
    let mut scores = noise(3 * 400);
    scores[401] = f32::NAN;
    scores[30] = f32::NAN;
    let logits = c_order_logits(&scores, &[3, 400], 0);
    let none = c_order_logits(&[], &[0, 400], 0);
    for threads in [1, 2, 7] {
        let error =
            |logits| highest_split(logits, &mut [0_u8; 400], threads, || Ok::<(), Error>(())).unwrap_err();
        assert_eq!(error(&logits).to_string(), "`logits` is NaN at index (0, 30), class channel 0");
        assert_eq!(error(&none).to_string(), "`logits` has 0 channels, expected 1 to 65536");
    }
    let none = c_order_logits(&[], &[0, 0], 0);
    let error = highest_split(&none, &mut [0_u8; 0], 2, || Ok::<(), Error>(())).unwrap_err();
    assert_eq!(error.to_string(), "`logits` has 0 channels, expected 1 to 65536");
}

#[test]
fn a_tick_that_fails_stops_labelling() {
    let score = [0.0_f32];
    // SAFETY: strides of zero stay on the one score.
    #[allow(unsafe_code)]
    let logits = unsafe {
        Logits::new(score.as_ptr().cast(), Float::F32, false, &[1 << 15, 1 << 22], &[0, 0], Some(0))
    };
    let mut labels = vec![0_u16; 1 << 22];
    let stopped = highest_split(&logits, &mut labels, 2, || Err(Error::BadRows("stop")));
    assert!(matches!(stopped, Err(Error::BadRows("stop"))));
}

#[test]
fn a_batch_of_few_images_is_cut_along_its_rows() {
    let labels = vec![0_u8; 2 * 64 * 64];
    let slabs = slabs(&LabelMap::from_labels(&labels, &[2, 64, 64]), 2);
    assert!(slabs.len() == 8 && slabs.iter().all(|slab| (slab.axis, slab.len) == (1, 8)));
}

#[test]
fn slabs_cover_each_index_once() {
    for len in 1..50 {
        let labels = vec![0_u8; len];
        for threads in 1..5 {
            let slabs = slabs(&LabelMap::from_labels(&labels, &[len]), threads);
            let mut next = 0;
            for slab in &slabs {
                assert_eq!((slab.axis, slab.start), (0, next));
                assert!(slab.len > 0);
                next += slab.len;
            }
            assert_eq!(next, len);
        }
    }
}

#[test]
fn an_error_is_the_one_of_a_single_thread() {
    let labels: Vec<u64> = (0..1000).map(|i| if i % 3 == 2 { u64::MAX - i } else { i }).collect();
    let map = LabelMap::from_labels(&labels, &[1000]);
    let alone = count_maps(&mut Counter::new(), &map, &map, &mut || false).unwrap_err();
    for threads in [1, 2, 7] {
        let error = count_maps_split(&map, &map, threads, || Ok::<(), Error>(())).unwrap_err();
        assert_eq!(error.to_string(), alone.to_string());
    }
    let other = LabelMap::from_labels(&labels[..999], &[999]);
    let error = count_maps_split(&map, &other, 2, || Ok::<(), Error>(())).unwrap_err();
    assert!(matches!(error, Error::ShapeMismatch { .. }));
}

#[test]
fn a_tick_that_fails_stops_all_threads() {
    // One label for all pixels of a map that is too large to be counted in this time.
    let label = [3_u8];
    // SAFETY: strides of zero stay on the one label.
    #[allow(unsafe_code)]
    let map = unsafe {
        LabelMap::new(label.as_ptr(), crate::pixels::Dtype::I8, false, &[1 << 20, 1 << 20], &[0, 0])
    };
    let stopped = count_maps_split(&map, &map, 2, || Err(Error::BadRows("stop")));
    assert!(matches!(stopped, Err(Error::BadRows("stop"))));
}
