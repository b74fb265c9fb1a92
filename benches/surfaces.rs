//! Boundary bands and distances between surfaces with every kernel that this processor has, in voxels a second.
//!
//! `cargo bench --bench surfaces` times them. What is found in a smaller pair of the same kind is compared with
//! what is found voxel by voxel before anything is timed. An `item` of the output is a pixel or a voxel of one
//! map.

use std::collections::BTreeMap;

use divan::Bencher;
use divan::counter::ItemsCount;
use segscore::LabelMap;
use segscore::cpu::Kernel;
use segscore::surfaces::Wanted;
use segscore::surfaces::bands::Bands;
use segscore::surfaces::rows::{DistanceRow, Elements, Question, Scene, distance_rows};

fn main() {
    divan::main();
}

/// Two maps of one shape: slices, rows and columns.
struct Pair {
    shape: [usize; 3],
    target: Vec<u8>,
    pred: Vec<u8>,
}

/// Slices, rows and columns of a volume, and of images.
const VOLUME: [usize; 3] = [128, 256, 256];
const SMALL: [usize; 3] = [1, 360, 480];
const LARGE: [usize; 3] = [1, 1440, 1920];

mod bands {
    use super::{Bencher, LARGE, SMALL, kernels, time_bands};

    #[divan::bench(args = kernels())]
    fn width_12_480x360(bencher: Bencher<'_, '_>, kernel: &str) {
        time_bands(bencher, kernel, SMALL, 12);
    }

    #[divan::bench(args = kernels())]
    fn width_48_1920x1440(bencher: Bencher<'_, '_>, kernel: &str) {
        time_bands(bencher, kernel, LARGE, 48);
    }
}

mod distances {
    use super::{Bencher, Elements, SMALL, VOLUME, kernels, time_distances};

    #[divan::bench(args = kernels())]
    fn eleven_classes_480x360(bencher: Bencher<'_, '_>, kernel: &str) {
        time_distances(bencher, kernel, (SMALL, 11, 3), Elements::Voxels, None);
    }

    #[divan::bench(args = kernels())]
    fn one_organ(bencher: Bencher<'_, '_>, kernel: &str) {
        time_distances(bencher, kernel, (VOLUME, 1, 3), Elements::Voxels, None);
    }

    #[divan::bench(args = kernels())]
    fn one_organ_within_2(bencher: Bencher<'_, '_>, kernel: &str) {
        time_distances(bencher, kernel, (VOLUME, 1, 3), Elements::Voxels, Some(2.0));
    }

    #[divan::bench(args = kernels())]
    fn one_organ_by_corners(bencher: Bencher<'_, '_>, kernel: &str) {
        time_distances(bencher, kernel, (VOLUME, 1, 3), Elements::Corners, None);
    }

    #[divan::bench(args = kernels())]
    fn one_organ_far_off(bencher: Bencher<'_, '_>, kernel: &str) {
        time_distances(bencher, kernel, (VOLUME, 1, 25), Elements::Voxels, None);
    }

    #[divan::bench(args = kernels())]
    fn ten_organs(bencher: Bencher<'_, '_>, kernel: &str) {
        time_distances(bencher, kernel, (VOLUME, 10, 3), Elements::Voxels, None);
    }
}

fn kernels() -> Vec<&'static str> {
    Kernel::all().into_iter().map(Kernel::name).collect()
}

fn kernel_of(name: &str) -> Kernel {
    Kernel::all().into_iter().find(|known| known.name() == name).expect("a name of `kernels`")
}

/// Lumps of some labels, those of the prediction moved by up to so many voxels.
fn organs(shape: [usize; 3], labels: u8, moved: usize) -> Pair {
    let mut state = 7_u64;
    let mut random = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).expect("31 bits") % below.max(1)
    };
    let voxels = shape.iter().product();
    let mut pair = Pair { shape, target: vec![0; voxels], pred: vec![0; voxels] };
    let part = if labels == 1 { 4 } else { 9 };
    for label in 1..=labels {
        let middle = shape.map(|len| len / 4 + random(len / 2));
        let radius = shape.map(|len| (len / part).max(1));
        let away = shape.map(|len| random(2 * moved.min(len) + 1));
        for (map, away) in [(&mut pair.target, [moved; 3]), (&mut pair.pred, away)] {
            for (at, voxel) in map.iter_mut().enumerate() {
                let place = [at / (shape[1] * shape[2]), at / shape[2] % shape[1], at % shape[2]];
                let along = |axis: usize| {
                    let apart =
                        (place[axis] + moved).abs_diff(middle[axis] + away[axis]) * 1000 / radius[axis];
                    apart * apart
                };
                // Waves on the surface, of some voxels.
                let wave = 90_000 * (((place[1] / 3) ^ (place[2] / 5)) % 4);
                if along(0) + along(1) + along(2) < 1_000_000 - wave {
                    *voxel = label;
                }
            }
        }
    }
    pair
}

/// The dimensions that a map of this shape has.
fn dimensions(shape: &[usize; 3]) -> &[usize] {
    if shape[0] == 1 { &shape[1..] } else { shape }
}

fn maps(pair: &Pair) -> [LabelMap<'_>; 2] {
    [&pair.target, &pair.pred].map(|labels| LabelMap::from_labels(labels, dimensions(&pair.shape)))
}

// Bands

fn count(kernel: Kernel, pair: &Pair, width: usize) -> u64 {
    let [target, pred] = maps(pair);
    let mut bands = Bands::new(kernel, &target, &pred, &[width], &[]).expect("maps that have bands");
    bands.count(0..bands.rows(), &mut || false).expect("labels that can be counted");
    bands.into_rows().iter().filter(|row| row.target_bin == 0).map(|row| row.pixels).sum()
}

fn count_naively(pair: &Pair, width: usize) -> u64 {
    let [_, height, len] = pair.shape;
    let label = |y: usize, x: usize| pair.target[y * len + x];
    let inside = |y: usize, x: usize| {
        let fits = y >= width && x >= width && y + width < height && x + width < len;
        let mut rows = y.saturating_sub(width)..=y + width;
        fits && rows.all(|j| (x - width..=x + width).all(|i| label(j, i) == label(y, x)))
    };
    let pixels = (0..height).flat_map(|y| (0..len).map(move |x| (y, x)));
    pixels.filter(|&(y, x)| !inside(y, x)).map(|_| 1).sum()
}

fn time_bands(bencher: Bencher<'_, '_>, kernel: &str, shape: [usize; 3], width: usize) {
    let kernel = kernel_of(kernel);
    let small = organs([1, shape[1] / 4, shape[2] / 4], 11, 3);
    assert_eq!(count(kernel, &small, width / 4), count_naively(&small, width / 4));
    let pair = organs(shape, 11, 3);
    bencher
        .counter(ItemsCount::new(pair.target.len()))
        .bench_local(|| divan::black_box(count(kernel, &pair, width)));
}

// Distances

fn measure(kernel: Kernel, pair: &Pair, elements: Elements, within: Option<f64>) -> Vec<DistanceRow> {
    let [target, pred] = maps(pair);
    let wanted = Wanted { labels: Some((1..=i64::from(u8::MAX)).collect()), ignored: Vec::new() };
    let spacing = vec![1.0; target.shape().len()];
    let question = Question { spacing, elements, within, wanted, kinds: None };
    let scene = Scene::new(kernel, &target, &pred, question).expect("maps that have surfaces");
    distance_rows(&scene, &mut || false).expect("labels that have surfaces")
}

/// Voxels of surfaces by the square of their distance, of all labels together.
fn measure_naively(pair: &Pair) -> BTreeMap<u64, u64> {
    let [slices, rows, columns] = pair.shape;
    let border = |map: &[u8], label: u8| -> Vec<[usize; 3]> {
        let of = |[z, y, x]: [usize; 3]| map[(z * rows + y) * columns + x] == label;
        let beside = |place: [usize; 3], axis: usize| {
            let (mut low, mut high) = (place, place);
            low[axis] = low[axis].wrapping_sub(1);
            high[axis] += 1;
            low[axis] < pair.shape[axis] && high[axis] < pair.shape[axis] && of(low) && of(high)
        };
        let axes = if slices == 1 { 1..3 } else { 0..3 };
        let all = (0..map.len()).map(|at| [at / (rows * columns), at / columns % rows, at % columns]);
        all.filter(|&place| of(place) && !axes.clone().all(|axis| beside(place, axis))).collect()
    };
    let mut counts = BTreeMap::new();
    for label in 1..=*pair.target.iter().max().expect("labels") {
        let [target, pred] = [&pair.target, &pair.pred].map(|map| border(map, label));
        for (from, to) in [(&target, &pred), (&pred, &target)] {
            for one in from {
                let squared = |other: &[usize; 3]| -> usize {
                    one.iter().zip(other).map(|(one, other)| one.abs_diff(*other).pow(2)).sum()
                };
                let nearest = to.iter().map(squared).min().map_or(u64::MAX, |nearest| nearest as u64);
                *counts.entry(nearest).or_insert(0) += 1;
            }
        }
    }
    counts
}

fn time_distances(
    bencher: Bencher<'_, '_>,
    kernel: &str,
    (shape, labels, moved): ([usize; 3], u8, usize),
    elements: Elements,
    within: Option<f64>,
) {
    let kernel = kernel_of(kernel);
    let small = organs(shape.map(|len| len.div_ceil(4)), labels, moved.div_ceil(4));
    let mut counts = BTreeMap::new();
    for row in measure(kernel, &small, Elements::Voxels, None) {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "squares of steps")]
        let squared = if row.squared.is_finite() { row.squared as u64 } else { u64::MAX };
        *counts.entry(squared).or_insert(0) += row.count;
    }
    assert_eq!(counts, measure_naively(&small));
    let pair = organs(shape, labels, moved);
    bencher
        .counter(ItemsCount::new(pair.target.len()))
        .bench_local(|| divan::black_box(measure(kernel, &pair, elements, within)));
}
