//! Distances between random sets against those of all pairs of points.

use std::collections::BTreeMap;

use super::between::{Between, Set, Terms};
use super::columns::{Columns, Layout};
use super::shells::Rest;
use super::*;
use crate::cpu::{Kernel, tested};
use crate::naive::noise;
use crate::pairs::sums::add_up;

type Place = [u32; 3];

fn set(points: &[Place], codes: bool) -> Set {
    let mut words: BTreeMap<Place, u64> = BTreeMap::new();
    for &[slice, row, column] in points {
        *words.entry([slice, row, column / 64]).or_insert(0) |= 1 << (column % 64);
    }
    let mut set = Set::default();
    for (place, bits) in words {
        set.points.push(place, bits);
        if codes {
            let of = |bit: usize| code([place[0], place[1], place[2] * 64 + u32::try_from(bit).unwrap()]);
            set.codes.push(std::array::from_fn(of));
        }
    }
    set
}

/// Some code for each point.
fn code([slice, row, column]: Place) -> u8 {
    (slice * 7 + row * 13 + column * 29).to_le_bytes()[0]
}

fn naively(
    metric: &Metric,
    from: &[Place],
    to: &[Place],
    within: Option<f64>,
    codes: bool,
) -> BTreeMap<(u64, u8), u64> {
    let mut counts = BTreeMap::new();
    for &one in from {
        let apart =
            |other: &Place| metric.squared(std::array::from_fn(|axis| one[axis].abs_diff(other[axis])));
        let mut squared = to.iter().map(apart).fold(f64::INFINITY, f64::min);
        if within.is_some_and(|within| squared > (within * (1.0 + 1e-9)).powi(2)) {
            squared = f64::INFINITY;
        }
        *counts.entry((squared.to_bits(), if codes { code(one) } else { 0 })).or_insert(0) += 1;
    }
    counts
}

fn counted(terms: &Terms, sets: [&Set; 2], side: usize, step: usize) -> BTreeMap<(u64, u8), u64> {
    let (between, mut found) = (Between::new(terms, sets), Vec::new());
    between.lay(1);
    between.lay(0);
    let (mut far, mut calm) = (Vec::new(), || false);
    for start in (0..between.parts(side)).step_by(step) {
        let parts = start..between.parts(side).min(start + step);
        far.push(between.near(side, parts, &mut found, &mut calm).unwrap());
    }
    far.retain(|far| !far.is_empty());
    if !far.is_empty() {
        between.plant(1 - side, &mut calm).unwrap();
    }
    for far in between.cut(side, far, 3) {
        between.far(side, &far, &mut found, &mut calm).unwrap();
    }
    add_up(&mut found);
    let alone = Between::new(terms, sets).count(&mut calm).unwrap().map(|mut found| {
        add_up(&mut found);
        found
    });
    assert_eq!(found, alone[side], "by parts and as a whole");
    found.into_iter().collect()
}

/// Points in clumps, or scattered.
fn points(size: [usize; 3], count: usize, clump: usize, seed: u64) -> Vec<Place> {
    let mut random = noise(seed);
    let mut made = std::collections::BTreeSet::new();
    let mut near = [0; 3];
    for number in 0..count {
        if number % clump.max(1) == 0 {
            near = size.map(&mut random);
        }
        let place = std::array::from_fn(|axis| {
            let moved = near[axis] + random(5.min(size[axis]));
            u32::try_from(moved.min(size[axis] - 1)).unwrap()
        });
        made.insert(place);
    }
    made.into_iter().collect()
}

#[test]
fn every_distance_is_that_of_the_nearest_of_all_points() {
    let sizes = [
        [1, 1, 1],
        [1, 1, 300],
        [1, 300, 1],
        [300, 1, 1],
        [1, 40, 200],
        [30, 20, 63],
        [20, 30, 64],
        [12, 40, 129],
        [70, 3, 65],
    ];
    let spacings = [
        [1.0, 1.0, 1.0],
        [3.0, 0.8, 0.8],
        [0.1, 0.3, 0.7],
        [1e-3, 1e3, 1.0],
        [1e90, 2e90, 1e90],
        [0.5, 0.5, 0.5],
        [1e-60, 1e60, 1.0],
    ];
    let kernels = tested();
    let mut far = 0;
    for (turn, &size) in sizes.iter().enumerate() {
        let seed = turn as u64;
        for (number, spacing) in spacings.into_iter().enumerate() {
            for axes in [[0, 1, 2], [2, 1, 0], [1, 2, 0]] {
                let metric = Metric::new(&spacing, &axes).unwrap();
                let [one, other] = [(200, 30), (100, 1), (3, 1), (1, 1), (0, 1)].map(|(count, clump)| {
                    [points(size, count, clump, seed + 1), points(size, count / 2 + 1, 50, seed + 99)]
                })[(number + turn) % 5]
                    .clone();
                for within in [None, Some(spacing[0] * 2.5), Some(spacing[2] * 40.0)] {
                    for &kernel in &kernels {
                        let terms = Terms::new(kernel, metric, size, within);
                        let codes = number % 2 == 1;
                        let [from, to] = [&one, &other].map(|points| set(points, codes));
                        let about = format!("{size:?} {spacing:?} {axes:?} {within:?} {}", kernel.name());
                        for side in 0..2 {
                            let (mine, theirs) = if side == 0 { (&one, &other) } else { (&other, &one) };
                            let expected = naively(&metric, mine, theirs, within, codes);
                            assert_eq!(counted(&terms, [&from, &to], side, 7), expected, "{about}");
                            far += expected.keys().filter(|key| f64::from_bits(key.0) > 4000.0).count();
                        }
                    }
                }
            }
        }
    }
    assert!(far > 1000, "distances that only the tree finds: {far}");
}

#[test]
fn columns_of_a_plane_may_be_as_long_as_one_byte_counts_and_longer() {
    for rows in [1, 2, 247, 248, 249, 255, 256, 257, 600] {
        let size = [1, rows, 150];
        let metric = Metric::new(&[0.3, 0.7], &[0, 1]).unwrap();
        let last = u32::try_from(rows - 1).unwrap();
        let mut one = vec![[0, 0, 0], [0, last, 70]];
        one.extend(points(size, 30, 10, rows as u64));
        // Points of the other set are in few columns, so that most have none.
        let other = vec![[0, 0, 149], [0, last, 149], [0, last / 2, 3]];
        for within in [None, Some(40.0)] {
            for kernel in tested() {
                let terms = Terms::new(kernel, metric, size, within);
                let [from, to] = [&one, &other].map(|points| set(points, true));
                for (side, mine, theirs) in [(0, &one, &other), (1, &other, &one)] {
                    let mine: Vec<Place> =
                        mine.iter().copied().collect::<std::collections::BTreeSet<_>>().into_iter().collect();
                    let expected = naively(&metric, &mine, theirs, within, true);
                    assert_eq!(counted(&terms, [&from, &to], side, 3), expected, "{rows} {within:?} {side}");
                }
            }
        }
    }
}

#[test]
fn points_of_a_volume_beyond_shells_are_found_in_rows_around_or_by_the_tree() {
    // A surface in the middle, another one that leaves it after a while, and holes in both.
    let size = [30, 24, 230];
    let dome = |height: f64, hole: u32| -> Vec<Place> {
        let mut made = Vec::new();
        for row in 0..24_u32 {
            for column in 0..230_u32 {
                let rise = height * (f64::from(row) / 6.0).sin() * (f64::from(column) / 50.0).sin().powi(3);
                let slice = (0..29_u32).find(|&slice| f64::from(slice) >= 15.0 + rise).unwrap_or(29);
                if column / 30 % 4 != hole && (row + 3 * column) % 5 > 0 {
                    made.push([slice, row, column]);
                }
            }
        }
        made
    };
    for (turn, axes) in [[0, 1, 2], [2, 1, 0], [1, 2, 0], [1, 0, 2]].into_iter().enumerate() {
        let spacing = [[3.0, 0.8, 0.8], [0.8, 0.8, 3.0], [1.0, 0.3, 0.7], [1.0; 3]][turn];
        let metric = Metric::new(&spacing, &axes).unwrap();
        for (heights, holes) in [([1.0, 14.0], [0, 9]), ([2.0, 3.0], [1, 2]), ([0.0, 0.0], [9, 3])] {
            let [mut one, other] = [0, 1].map(|side| dome(heights[side], holes[side]));
            if turn > 1 {
                // Hardly any is near to the one before.
                one = points(size, 400, 1, turn as u64);
            }
            let [from, to] = [&one, &other].map(|points| set(points, turn == 1));
            for within in [None, Some(20.0)] {
                let expected = naively(&metric, &one, &other, within, turn == 1);
                for kernel in tested() {
                    let terms = Terms::new(kernel, metric, size, within);
                    let found = counted(&terms, [&from, &to], 0, 100);
                    assert!(found == expected, "{axes:?} {heights:?} {holes:?} {within:?} {}", kernel.name());
                }
            }
        }
    }
}

/// Squares of the distances that are found in rows around points, and how many points are left to the tree.
fn around_all(kernel: Kernel, one: &[Place], other: &[Place], bound: f64) -> (Vec<f64>, u32) {
    let metric = Metric::new(&[3.0, 0.8, 0.7], &[0, 1, 2]).unwrap();
    let [from, to] = [one, other].map(|points| set(points, false).points);
    let layout = Layout::new(from.bounds().unwrap().around(to.bounds().unwrap()), [1, 2]);
    let [from, to] = [from, to].map(|points| Columns::new(&points, &layout));
    let blocks = from.blocks().iter().enumerate();
    let rest = blocks.map(|(block, of)| Rest { block, bits: *from.eight(of.at) }).collect();
    let mut found = Vec::new();
    let mut add = |_, _, squared| found.push(squared);
    let asked = (from.blocks().len(), rest);
    let left = around::find(kernel, (&metric, bound), &layout, [&from, &to], asked, &mut add, &mut || false)
        .unwrap();
    (found, left.iter().flat_map(|rest| rest.bits).map(u64::count_ones).sum())
}

#[test]
fn rows_around_are_passed_where_that_is_soon_done() {
    let plane = |slice: u32, columns: std::ops::Range<u32>| -> Vec<Place> {
        (0..20).flat_map(|row| columns.clone().map(move |column| [slice, row, column])).collect()
    };
    let below = (3.0_f64 * 4.0).powi(2);
    for kernel in tested() {
        let passes = !matches!(kernel.name(), "portable" | "neon");
        let all = |squared: f64| if passes { (vec![squared; 4000], 0) } else { (Vec::new(), 4000) };
        assert_eq!(around_all(kernel, &plane(9, 0..200), &plane(5, 0..200), f64::INFINITY), all(below));
        assert_eq!(around_all(kernel, &plane(5, 0..200), &plane(9, 0..200), f64::INFINITY), all(below));
        // What is beyond a bound is infinitely far.
        assert_eq!(around_all(kernel, &plane(9, 0..200), &plane(5, 0..200), 100.0), all(f64::INFINITY));
        // More than 63 columns away there may be something nearer.
        let aside = around_all(kernel, &plane(9, 200..400), &plane(9, 0..100), f64::INFINITY);
        assert_eq!(aside, (Vec::new(), 4000), "{}", kernel.name());
        assert_eq!(around_all(kernel, &plane(9, 200..400), &plane(9, 0..100), 100.0), all(f64::INFINITY));
        // One point far away is not worth to pass all rows for each of so many.
        let (found, left) = around_all(kernel, &plane(9, 0..200), &[[200, 10, 100]], f64::INFINITY);
        assert!(found.len() <= 40 && left >= 3960, "{} on {}", found.len(), kernel.name());
    }
}

#[test]
fn sets_that_are_far_apart_in_a_large_lattice_take_no_room_for_it() {
    let size = [1 << 10, 1 << 10, 1 << 11];
    let metric = Metric::new(&[0.5, 2.0, 1.0], &[0, 1, 2]).unwrap();
    let terms = Terms::new(Kernel::best(), metric, size, None);
    let (one, other) = (points(size, 500, 1, 1), points(size, 300, 20, 2));
    let [from, to] = [&one, &other].map(|points| set(points, true));
    for (side, mine, theirs) in [(0, &one, &other), (1, &other, &one)] {
        assert_eq!(counted(&terms, [&from, &to], side, 1000), naively(&metric, mine, theirs, None, true));
    }
}

#[test]
fn a_search_stops_when_it_is_told_to() {
    let size = [8, 200, 200];
    let metric = Metric::new(&[1.0; 3], &[0, 1, 2]).unwrap();
    let terms = Terms::new(Kernel::best(), metric, size, None);
    let [from, to] = [(4000, 3), (1, 1)].map(|(count, clump)| set(&points(size, count, clump, 5), false));
    let between = Between::new(&terms, [&from, &to]);
    for calm in 0..3 {
        let mut asked = 0;
        let mut stop = || {
            asked += 1;
            asked > calm
        };
        let stopped = between.count(&mut stop).map(|_| ());
        assert!(matches!(stopped, Err(Error::Cancelled)), "{calm}");
    }
}

#[test]
fn spacings_that_are_none_are_refused() {
    for spacing in [
        &[1.0, 1.0][..],
        &[],
        &[0.0, 1.0, 1.0],
        &[1.0, -1.0, 1.0],
        &[1.0, 1.0, f64::NAN],
        &[f64::INFINITY, 1.0, 1.0],
        &[1.0, 1e-200, 1.0],
    ] {
        let error = Metric::new(spacing, &[0, 1, 2]).unwrap_err().to_string();
        assert!(
            error.starts_with("expected one positive number as spacing of each of 3 dimensions, found "),
            "{error}"
        );
    }
}
