//! The counter against a map of sums that is filled pixel by pixel.
#![allow(unsafe_code)]

use super::*;
use crate::error::Error;
use crate::limits::MAX_PAIRS;
use crate::naive::{self, noise};
use crate::pixels::Dtype;

const DTYPES: [Dtype; 9] = [
    Dtype::Bool,
    Dtype::U8,
    Dtype::I8,
    Dtype::U16,
    Dtype::I16,
    Dtype::U32,
    Dtype::I32,
    Dtype::U64,
    Dtype::I64,
];

/// Sets of labels that exercise one base, two bases, or none.
const POOLS: [&[i64]; 10] = [
    &[0],
    &[0, 1, 2, 11],
    &[0, 254, 255],
    &[-1, 0, 18],
    &[-100, -1, 0, 127],
    &[-128, 127],
    &[-129, 0, 3],
    &[-1, 128, 255],
    &[0, 255, 256, 65_535],
    &[i64::MIN, i64::MIN + 128, -128, -1, 0, 255, i64::MAX - 127, i64::MAX],
];

/// Labels of a pool in runs of one to `longest`.
fn runs(pool: &[i64], len: usize, longest: usize, random: &mut impl FnMut(usize) -> usize) -> Vec<i64> {
    let mut labels = Vec::with_capacity(len);
    while labels.len() < len {
        let run = (1 + random(longest)).min(len - labels.len());
        labels.extend(vec![pool[random(pool.len())]; run]);
    }
    labels
}

fn fits(dtype: Dtype, label: i64) -> bool {
    if dtype == Dtype::Bool {
        return (0..2).contains(&label);
    }
    let bits = 8 * dtype.size();
    let (low, high) = if dtype.is_signed() {
        (i64::MIN >> (64 - bits), i64::MAX >> (64 - bits))
    } else {
        (0, i64::try_from(u64::MAX >> (64 - bits)).unwrap_or(i64::MAX))
    };
    (low..=high).contains(&label)
}

/// Labels in memory as an array of some type, byte order and stride may hold them.
struct Stored {
    memory: Vec<u8>,
    dtype: Dtype,
    swapped: bool,
    len: usize,
    stride: isize,
}

impl Stored {
    /// `step` is in labels; with a step of zero all labels must be the same.
    fn new(labels: &[i64], dtype: Dtype, swapped: bool, step: isize) -> Self {
        let size = dtype.size();
        let room = labels.len().max(1) * step.unsigned_abs().max(1) * size;
        let mut stored = Self {
            memory: vec![0x55; room],
            dtype,
            swapped,
            len: labels.len(),
            stride: step * size.cast_signed(),
        };
        for (i, label) in labels.iter().enumerate() {
            let mut bytes = label.to_le_bytes()[..size].to_vec();
            if swapped != cfg!(target_endian = "big") {
                bytes.reverse();
            }
            let at = stored.offset(i);
            stored.memory[at..at + size].copy_from_slice(&bytes);
        }
        stored
    }

    fn offset(&self, i: usize) -> usize {
        let steps = if self.stride < 0 { self.len - 1 - i } else { i };
        steps * self.stride.unsigned_abs()
    }

    fn map(&self) -> LabelMap<'_> {
        let first = if self.len == 0 { 0 } else { self.offset(0) };
        let base = self.memory.as_ptr().wrapping_add(first);
        // SAFETY: `new` has written each label at its offset, inside `memory`, which is borrowed.
        unsafe { LabelMap::new(base, self.dtype, self.swapped, &[1, self.len], &[0, self.stride]) }
    }
}

fn push(counter: &mut Counter, target: &[i64], pred: &[i64]) {
    counter.push(Line::from_labels(target), Line::from_labels(pred)).unwrap();
}

fn count(counter: &mut Counter, target: &[i64], pred: &[i64]) -> PairCounts {
    push(counter, target, pred);
    counter.drain().unwrap()
}

/// One counter for each kernel that this processor can run.
fn counters() -> Vec<Counter> {
    Kernel::all().into_iter().map(Counter::with_kernel).collect()
}

fn never() -> bool {
    false
}

#[test]
fn all_types_byte_orders_and_strides_of_both_maps() {
    let mut counters = counters();
    let mut random = noise(1);
    let forms: Vec<_> = DTYPES.iter().flat_map(|&dtype| [(dtype, false), (dtype, true)]).collect();
    let lengths = [1, 7, 64, 70, BLOCK - 1, BLOCK, BLOCK + 1];
    for &(target_dtype, target_swapped) in &forms {
        for &(pred_dtype, pred_swapped) in &forms {
            for steps in [[1, 1], [-1, 3], [3, -1], [0, 1], [1, 0], [-2, -1]] {
                let len = lengths[random(lengths.len())];
                let mut labels = |dtype, step| {
                    let pool = POOLS[random(POOLS.len())];
                    let pool: Vec<i64> = pool.iter().copied().filter(|&label| fits(dtype, label)).collect();
                    let pool = if pool.is_empty() { vec![1] } else { pool };
                    let pool = if step == 0 { &pool[..1] } else { &pool };
                    runs(pool, len, 9, &mut random)
                };
                let (target, pred) = (labels(target_dtype, steps[0]), labels(pred_dtype, steps[1]));
                let t = Stored::new(&target, target_dtype, target_swapped, steps[0]);
                let p = Stored::new(&pred, pred_dtype, pred_swapped, steps[1]);
                for counter in &mut counters {
                    assert_eq!(
                        count_maps(counter, &t.map(), &p.map(), &mut never).unwrap(),
                        naive::count(&target, &pred),
                        "{} {target_dtype:?} {target_swapped} {pred_dtype:?} {pred_swapped} {steps:?} {len}",
                        counter.kernel.name()
                    );
                }
            }
        }
    }
}

#[test]
fn every_length_up_to_70_and_around_blocks() {
    let mut counters = counters();
    let mut random = noise(2);
    let around = |n: usize| n * BLOCK - 2..n * BLOCK + 3;
    for len in (0..=70).chain(around(1)).chain(around(2)).chain(around(3)) {
        for [target_dtype, pred_dtype] in
            [[Dtype::U8; 2], [Dtype::I64; 2], [Dtype::U8, Dtype::I32], [Dtype::U16, Dtype::U8]]
        {
            for longest in [1, 5, 40] {
                let target = runs(&[0, 1, 127], len, longest, &mut random);
                let pred = runs(&[0, 1, 2], len, longest, &mut random);
                let (t, p) =
                    (Stored::new(&target, target_dtype, false, 1), Stored::new(&pred, pred_dtype, false, 1));
                for counter in &mut counters {
                    let pairs = count_maps(counter, &t.map(), &p.map(), &mut never).unwrap();
                    assert_eq!(pairs, naive::count(&target, &pred), "{target_dtype:?} {pred_dtype:?} {len}");
                }
            }
        }
    }
}

#[test]
fn every_pair_of_pools_of_labels() {
    let mut counters = counters();
    let mut random = noise(3);
    for target_pool in POOLS {
        for pred_pool in POOLS {
            let target = runs(target_pool, 2 * BLOCK + 5, 12, &mut random);
            let pred = runs(pred_pool, 2 * BLOCK + 5, 12, &mut random);
            for counter in &mut counters {
                let pairs = count(counter, &target, &pred);
                assert_eq!(pairs, naive::count(&target, &pred), "{target_pool:?} {pred_pool:?}");
            }
        }
    }
}

#[test]
fn pools_and_types_may_change_between_pushes_and_inside_one() {
    let mut counter = Counter::new();
    let mut random = noise(4);
    for _ in 0..20 {
        let (mut all_target, mut all_pred) = (Vec::new(), Vec::new());
        for _ in 0..12 {
            let (mut target, mut pred) = (Vec::new(), Vec::new());
            for _ in 0..=random(3) {
                let len = [1, 100, BLOCK / 2, BLOCK, BLOCK + 1][random(5)];
                target.extend(runs(POOLS[random(POOLS.len())], len, 30, &mut random));
                pred.extend(runs(POOLS[random(POOLS.len())], len, 30, &mut random));
            }
            push(&mut counter, &target, &pred);
            // Single bytes, which always count from base 0, come between.
            let bytes = [255, 0, 200].map(|label| vec![label; 1 + random(20)]).concat();
            counter.push(Line::from_labels(&bytes), Line::from_labels(&bytes)).unwrap();
            let bytes = bytes.iter().map(|&label| i64::from(label));
            all_target.extend(target.into_iter().chain(bytes.clone()));
            all_pred.extend(pred.into_iter().chain(bytes));
        }
        assert_eq!(counter.drain().unwrap(), naive::count(&all_target, &all_pred));
    }
}

#[test]
fn counting_parts_equals_counting_the_whole() {
    let (mut one, mut other) = (Counter::new(), Counter::new());
    let mut random = noise(5);
    for round in 0..40 {
        let pool = POOLS[round % POOLS.len()];
        let target = runs(pool, BLOCK + 300, 50, &mut random);
        let pred = runs(POOLS[random(POOLS.len())], BLOCK + 300, 50, &mut random);
        let cut = random(target.len() + 1);
        let mut parts = count(&mut one, &target[..cut], &pred[..cut]);
        parts.merge(&count(&mut other, &target[cut..], &pred[cut..])).unwrap();
        assert_eq!(parts, count(&mut one, &target, &pred));
        push(&mut one, &target[..cut], &pred[..cut]);
        push(&mut one, &target[cut..], &pred[cut..]);
        assert_eq!(parts, one.drain().unwrap());
    }
}

#[test]
fn maps_of_any_layout_count_like_lines() {
    let (height, width) = (37, 53);
    let mut random = noise(6);
    let target = runs(POOLS[4], height * width, 9, &mut random);
    let pred = runs(POOLS[2], height * width, 9, &mut random);
    let (rows, columns) = (8 * width.cast_signed(), 8 * height.cast_signed());
    let transposed: Vec<i64> = (0..height * width).map(|i| pred[i % height * width + i / height]).collect();
    // SAFETY: each layout reaches the labels of its own array, all of them once.
    let (upside_down, fortran) = unsafe {
        let last_row = target.as_ptr().wrapping_add((height - 1) * width).cast();
        (
            LabelMap::new(last_row, Dtype::I64, false, &[height, width], &[-rows, 8]),
            LabelMap::new(transposed.as_ptr().cast(), Dtype::I64, false, &[height, width], &[8, columns]),
        )
    };
    let flipped: Vec<i64> = target.chunks_exact(width).rev().flatten().copied().collect();
    let pairs = count_maps(&mut Counter::new(), &upside_down, &fortran, &mut never).unwrap();
    assert_eq!(pairs, naive::count(&flipped, &pred));
}

#[test]
fn maps_without_pixels_and_without_dimensions_are_counted() {
    let mut counter = Counter::new();
    let labels = [7_i16];
    let (empty, point) = (LabelMap::from_labels(&labels[..0], &[3, 0]), LabelMap::from_labels(&labels, &[]));
    assert_eq!(count_maps(&mut counter, &empty, &empty, &mut never).unwrap(), PairCounts::default());
    assert_eq!(count_maps(&mut counter, &point, &point, &mut never).unwrap(), naive::count(&[7], &[7]));
}

#[test]
fn a_drained_or_cleared_counter_begins_anew() {
    let mut counter = Counter::new();
    for pool in POOLS {
        push(&mut counter, pool, pool);
        counter.clear();
        assert_eq!(counter.drain().unwrap(), PairCounts::default());
        assert_eq!(count(&mut counter, pool, pool), naive::count(pool, pool));
        assert_eq!(counter.drain().unwrap(), PairCounts::default());
    }
}

#[test]
fn a_cell_grows_beyond_32_bits() {
    let mut counter = Counter::default();
    let before = Row { target: 7, pred: 7, pixels: (1 << 32) - 3 };
    counter.narrow.done = PairCounts::from_rows(vec![before]).unwrap();
    let pairs = count(&mut counter, &[7; 8], &[7; 8]);
    assert_eq!(pairs.rows(), [Row { target: 7, pred: 7, pixels: (1 << 32) + 5 }]);
    assert_eq!(pairs.total(), (1 << 32) + 5);
}

#[test]
fn a_total_of_2_to_the_63_is_refused_and_leaves_the_counter_empty() {
    let mut counter = Counter::new();
    let most = Row { target: 0, pred: 0, pixels: i64::MAX.cast_unsigned() };
    // In the table, in the map, or in both, so that one is not left behind when the other fails.
    for blocks in [[[1], [1]], [[1_000_000], [1_000_000]], [[1], [1_000_000]]] {
        counter.narrow.done = PairCounts::from_rows(vec![most]).unwrap();
        for labels in blocks {
            push(&mut counter, &labels, &labels);
        }
        let error = counter.drain().unwrap_err();
        assert_eq!(error.to_string(), "pair counts hold 2**63 pixels or more");
        assert_eq!(counter.drain().unwrap(), PairCounts::default());
    }
}

#[test]
fn labels_from_2_to_the_63_are_refused_on_both_sides_whatever_the_base() {
    let mut counter = Counter::new();
    for large in [1 << 63, (1 << 63) + 1, u64::MAX - 127, u64::MAX] {
        let small = [-1_i64, -128, 5];
        let words = [0, 4, large];
        for (side, target, pred) in [
            ("`target`", Line::from_labels(&words), Line::from_labels(&small)),
            ("`pred`", Line::from_labels(&small), Line::from_labels(&words)),
        ] {
            push(&mut counter, &small, &small);
            assert!(counter.narrow.base == Bases { target: -128, pred: -128 });
            let error = counter.push(target, pred).unwrap_err();
            assert_eq!(
                error.to_string(),
                format!("{side} holds the label {large}, expected less than 2**63")
            );
            counter.clear();
            assert_eq!(count(&mut counter, &small, &small), naive::count(&small, &small));
        }
    }
}

#[test]
fn too_many_pairs_are_refused_and_the_counter_stays_usable() {
    let mut counter = Counter::new();
    let ids: Vec<u32> = (256..).take(MAX_PAIRS + 1).collect();
    let map = LabelMap::from_labels(&ids, &[ids.len()]);
    let error = count_maps(&mut counter, &map, &map, &mut never).unwrap_err();
    assert_eq!(error.to_string(), "more than 4194304 different pairs of labels in one image");
    assert_eq!(error.code(), "too-many-pairs");
    assert_eq!(counter.drain().unwrap(), PairCounts::default());
    assert_eq!(count(&mut counter, &[300], &[1]), naive::count(&[300], &[1]));
}

#[test]
fn a_count_that_is_stopped_leaves_the_counter_empty() {
    let mut counter = Counter::new();
    let labels = vec![3_u8; 2 * PIECE + 1];
    for (line, pieces) in [(labels.len(), 3), (PIECE, 2), (PIECE - 1, 1)] {
        let map = LabelMap::from_labels(&labels[..line], &[line]);
        let mut looks = 0;
        let stopped = count_maps(&mut counter, &map, &map, &mut || {
            looks += 1;
            looks == pieces - 1
        });
        match stopped {
            Err(Error::Cancelled) => assert_eq!(looks, pieces - 1),
            other => assert_eq!((other.unwrap().total(), looks), (line as u64, 0)),
        }
        assert_eq!(counter.drain().unwrap(), PairCounts::default());
    }
}

#[test]
fn maps_of_different_shapes_are_refused_with_both() {
    let labels = [0_u8; 6];
    let message = |target: &[usize], pred: &[usize]| {
        let (target, pred) = (LabelMap::from_labels(&labels, target), LabelMap::from_labels(&labels, pred));
        let error = count_maps(&mut Counter::new(), &target, &pred, &mut never).unwrap_err();
        (error.code(), error.to_string())
    };
    let differ = "`pred` and `target` differ in shape";
    assert_eq!(message(&[2, 3], &[3, 2]), ("transposed", format!("{differ}: (3, 2) and (2, 3)")));
    assert_eq!(message(&[2, 3], &[6, 1]), ("shape-mismatch", format!("{differ}: (6, 1) and (2, 3)")));
    assert_eq!(message(&[1, 2, 3], &[6]), ("shape-mismatch", format!("{differ}: (6,) and (1, 2, 3)")));
}
