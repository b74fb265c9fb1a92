use super::*;
use crate::naive;
use crate::pairs::{PairCounts, Row};
use crate::pixels::{Dtype, LabelMap};

/// One table for each kernel that this processor can run.
fn tables() -> Vec<ByteTable> {
    crate::cpu::tested().into_iter().map(ByteTable::new).collect()
}

fn drained(table: &mut ByteTable) -> PairCounts {
    let rows = table.drain(|target, pred, pixels| {
        assert!(pixels > 0, "a row has pixels");
        Row { target: target.into(), pred: pred.into(), pixels: pixels.into() }
    });
    PairCounts::from_rows(rows).unwrap()
}

fn count_naively(target: &[u8], pred: &[u8]) -> PairCounts {
    let [target, pred] =
        [target, pred].map(|labels| labels.iter().map(|&label| label.into()).collect::<Vec<_>>());
    naive::count(&target, &pred)
}

#[track_caller]
fn check(tables: &mut [ByteTable], target: &[u8], pred: &[u8]) {
    let expected = count_naively(target, pred);
    for table in tables {
        table.count(target.into(), pred.into());
        assert_eq!(drained(table), expected, "{} at {} pixels", table.kernel.name(), target.len());
    }
}

/// Numbers that look random, the same in every run.
fn noise(len: usize, below: usize, seed: u64) -> Vec<u8> {
    let mut random = naive::noise(seed);
    (0..len).map(|_| u8::try_from(random(below)).expect("below 256")).collect()
}

#[test]
fn all_pairs_of_bytes() {
    let mut tables = tables();
    let (target, pred): (Vec<u8>, Vec<u8>) = (0..=255).flat_map(|t| (0..=255).map(move |p| (t, p))).unzip();
    check(&mut tables, &target, &pred);
    check(&mut tables, &pred, &target);
    // The same pairs as runs, so that they go the other way through the kernel.
    let runs = |labels: &[u8]| labels.iter().flat_map(|&label| [label; 5]).collect::<Vec<_>>();
    check(&mut tables, &runs(&target), &runs(&pred));
}

#[test]
fn every_length_alignment_and_place_of_a_change() {
    let mut tables = tables();
    let mut store = [[0_u8; 240]; 2];
    for len in 0..=200 {
        for start in [0, 1, 7, 31] {
            for change in (0..=len).step_by(if len < 70 { 1 } else { 13 }) {
                for (i, byte) in store[0][start..start + len].iter_mut().enumerate() {
                    *byte = if i < change { 3 } else { 0x80 };
                }
                for (i, byte) in store[1][1..=len].iter_mut().enumerate() {
                    *byte = u8::from(i % 51 == change % 51);
                }
                check(&mut tables, &store[0][start..start + len], &store[1][1..=len]);
            }
        }
    }
}

#[test]
fn noise_of_few_and_of_many_classes_at_every_length_around_blocks() {
    let mut tables = tables();
    let lengths = [1, 63, 64, 65, 255, 257, BLOCK - 1, BLOCK, BLOCK + 1, BLOCK + 65, 2 * BLOCK + 300];
    for below in [1, 2, 12, 16, 17, 150, 256] {
        for len in lengths {
            check(&mut tables, &noise(len, below, 1), &noise(len, below, 2));
        }
    }
}

#[test]
fn few_classes_of_every_number_one_after_the_other() {
    let mut tables = tables();
    for classes in (1..=17).chain([16, 3, 12, 2]) {
        let (target, pred) = (noise(9000, classes, 1), noise(9000, 17 - classes.min(16), 2));
        check(&mut tables, &target, &pred);
    }
    // More classes come up while fewer have been counted, and nothing is drained between.
    let growing = |seed| (1..=16).flat_map(|classes| noise(5000, classes, seed)).collect::<Vec<_>>();
    check(&mut tables, &growing(5), &growing(6));
}

#[test]
fn two_pixels_that_alternate_fill_one_cell_many_times() {
    let mut tables = tables();
    for times in [255, 256, 257, 512, 100_000] {
        let target: Vec<u8> = (0..64 * times).map(|i| u8::from(i % 2 == 0)).collect();
        check(&mut tables, &target, &target);
        let pred: Vec<u8> = target.iter().map(|label| 15 - label).collect();
        check(&mut tables, &target, &pred);
    }
}

#[test]
fn noise_that_comes_and_goes() {
    let mut tables = tables();
    for (quiet, loud) in [(10, 300), (3 * BLOCK, 2 * BLOCK), (BLOCK / 2, BLOCK), (100, 100)] {
        let mut target = Vec::new();
        for seed in 0..6 {
            target.extend(vec![u8::try_from(seed).unwrap(); quiet]);
            target.extend(noise(loud, if seed % 2 == 0 { 9 } else { 200 }, seed));
        }
        let pred = noise(target.len(), 2, 99);
        check(&mut tables, &target, &target);
        check(&mut tables, &target, &pred);
        check(&mut tables, &vec![7; target.len()], &target);
    }
}

#[test]
fn counts_add_up_over_calls_and_are_gone_after_draining() {
    for mut table in tables() {
        let (target, pred) = (noise(5000, 20, 3), vec![9; 5000]);
        table.count(target[..1700].into(), pred[..1700].into());
        table.count(target[1700..].into(), pred[1700..].into());
        assert_eq!(drained(&mut table), count_naively(&target, &pred));
        assert_eq!(drained(&mut table), PairCounts::default());
    }
}

#[test]
fn pixels_that_change_between_two_reads_are_counted_once() {
    let store: Vec<std::sync::atomic::AtomicU8> = (0..100_000).map(|_| 0.into()).collect();
    // SAFETY: the bytes live as long as `store`; that they change meanwhile is allowed.
    let map = unsafe { LabelMap::new(store.as_ptr().cast(), Dtype::U8, false, &[1, store.len()], &[0, 1]) };
    let line = map.row(0).bytes().expect("bytes side by side");
    for mut table in tables() {
        let stop = std::sync::atomic::AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let mut value = 0_u8;
                while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                    value = value.wrapping_mul(5).wrapping_add(3);
                    for byte in store.iter().step_by(usize::from(value) + 1) {
                        byte.store(value, std::sync::atomic::Ordering::Relaxed);
                    }
                }
            });
            for _ in 0..200 {
                table.count(line, line);
                let total: u64 = drained(&mut table).rows().iter().map(|row| row.pixels).sum();
                assert_eq!(total, 100_000);
            }
            stop.store(true, std::sync::atomic::Ordering::Relaxed);
        });
    }
}

#[test]
fn a_cell_holds_all_pixels_that_a_table_has_room_for() {
    for mut table in tables() {
        table.pixels = u32::MAX - 70;
        table.cells[0][0] = u32::MAX - 70;
        table.touched[0] = 1;
        assert_eq!(table.room(), 70);
        let line = [0; 70];
        table.count(line.as_slice().into(), line.as_slice().into());
        assert_eq!(drained(&mut table).rows(), [Row { target: 0, pred: 0, pixels: u32::MAX.into() }]);
    }
}

#[test]
#[should_panic(expected = "fit the table")]
fn more_pixels_than_a_cell_can_hold_are_refused() {
    let mut table = ByteTable::new(Kernel::best());
    table.pixels = u32::MAX - 1;
    table.count([0, 0].as_slice().into(), [0, 0].as_slice().into());
}
