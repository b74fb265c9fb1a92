//! Bands against windows that are looked at label by label.
#![allow(unsafe_code)]

use super::*;
use crate::cpu::tested;
use crate::naive::maps::{KINDS, LAYOUTS, Stored, TYPES, made};
use crate::naive::surfaces::bands as naively;

fn counted(kernel: Kernel, target: &LabelMap<'_>, pred: &LabelMap<'_>, widths: &[usize]) -> Vec<BandRow> {
    scored(kernel, target, pred, widths, &[])
}

fn scored(
    kernel: Kernel,
    target: &LabelMap<'_>,
    pred: &LabelMap<'_>,
    widths: &[usize],
    ignored: &[i64],
) -> Vec<BandRow> {
    let mut bands = Bands::new(kernel, target, pred, widths, ignored).unwrap();
    bands.count(0..bands.rows(), &mut || false).unwrap();
    bands.into_rows()
}

#[test]
fn every_pixel_is_in_the_band_that_its_window_says() {
    let shapes = [
        [1, 1],
        [1, 7],
        [7, 1],
        [5, 5],
        [9, 63],
        [9, 64],
        [9, 65],
        [40, 127],
        [31, 128],
        [30, 129],
        [130, 20],
        [3, 200],
        [9, 448],
        [9, 512],
        [9, 513],
        [9, 600],
        [5, 4200],
    ];
    let kernels = tested();
    for (number, shape) in shapes.into_iter().enumerate() {
        for kind in 0..KINDS {
            let target = made(kind, &shape, number as u64);
            let pred = made((kind + number % 2) % KINDS, &shape, 50 + number as u64);
            for widths in [&[1][..], &[2], &[3, 4, 9], &[1, 33], &[70]] {
                let expected = naively(&target, &pred, shape, widths, &[]);
                let [t, p] = [&target, &pred].map(|labels| LabelMap::from_labels(labels, &shape));
                let bytes: Vec<u8> = target.iter().map(|&label| u8::try_from(label).unwrap()).collect();
                for &kernel in &kernels {
                    let name = kernel.name();
                    assert_eq!(
                        counted(kernel, &t, &p, widths),
                        expected,
                        "{shape:?} {kind} {widths:?} {name}"
                    );
                    let narrow = LabelMap::from_labels(&bytes, &shape);
                    assert_eq!(
                        counted(kernel, &narrow, &p, widths),
                        expected,
                        "{shape:?} {kind} {name} bytes"
                    );
                }
            }
        }
    }
}

#[test]
fn as_many_widths_as_there_may_be_have_a_bin_each() {
    let (shape, widths) = ([40, 127], (1..=15).collect::<Vec<_>>());
    for kind in 0..KINDS {
        let (target, pred) = (made(kind, &shape, 3), made((kind + 1) % KINDS, &shape, 4));
        let expected = naively(&target, &pred, shape, &widths, &[]);
        let [t, p] = [&target, &pred].map(|labels| LabelMap::from_labels(labels, &shape));
        for kernel in tested() {
            assert_eq!(counted(kernel, &t, &p, &widths), expected, "{kind} {}", kernel.name());
        }
    }
    // Whatever is equal everywhere has pixels in all bins of both maps.
    let map = vec![0_u8; 40 * 127];
    let map = LabelMap::from_labels(&map, &shape);
    let rows = counted(Kernel::best(), &map, &map, &widths);
    let bins: Vec<_> = rows.iter().map(|row| (row.target_bin, row.pred_bin)).collect();
    assert_eq!(bins, (0..=15).map(|bin| (bin, bin)).collect::<Vec<_>>());
}

#[test]
fn both_maps_end_where_the_target_is_ignored() {
    for (number, shape) in
        [[1, 1], [9, 64], [40, 127], [30, 129], [130, 20], [3, 200], [11, 600]].into_iter().enumerate()
    {
        for kind in 0..KINDS {
            let target = made(kind, &shape, number as u64);
            let pred = made((kind + number) % KINDS, &shape, 70 + number as u64);
            let [t, p] = [&target, &pred].map(|labels| LabelMap::from_labels(labels, &shape));
            let bytes: Vec<u8> = target.iter().map(|&label| u8::try_from(label).unwrap()).collect();
            let narrow = LabelMap::from_labels(&bytes, &shape);
            // Some are labels that bytes cannot hold.
            for ignored in [&[0][..], &[1, 4], &[300, -1, 5], &[300, 1], &[300]] {
                let expected = naively(&target, &pred, shape, &[1, 4], ignored);
                for kernel in tested() {
                    for t in [&t, &narrow] {
                        let found = scored(kernel, t, &p, &[1, 4], ignored);
                        let name = kernel.name();
                        assert_eq!(found, expected, "{shape:?} {kind} {ignored:?} {name} {:?}", t.dtype());
                    }
                }
            }
        }
    }
}

#[test]
fn labels_of_any_type_and_layout_have_the_same_bands() {
    let kernels = tested();
    for shape in [[20, 70], [70, 20]] {
        let (target, pred) = (made(0, &shape, 3), made(0, &shape, 4));
        let expected = naively(&target, &pred, shape, &[2, 5], &[]);
        for (number, kind) in TYPES.into_iter().enumerate() {
            for layout in 0..LAYOUTS {
                let t = Stored::new(&target, &shape, kind, layout);
                let other = TYPES[(number + layout) % TYPES.len()];
                let p = Stored::new(&pred, &shape, other, (layout + number) % LAYOUTS);
                for &kernel in &kernels {
                    assert_eq!(counted(kernel, &t.map(), &p.map(), &[2, 5]), expected, "{kind:?} {layout}");
                }
            }
        }
    }
}

/// Bits of the pixels that are of a label, in whole words for each row.
fn bits_of(labels: &[i64], width: usize, label: i64) -> Vec<u64> {
    let rows = labels.chunks(width).flat_map(|row| row.chunks(WORD));
    rows.map(|word| word.iter().rev().fold(0, |bits, &one| bits << 1 | u64::from(one == label))).collect()
}

#[test]
fn pixels_that_are_marked_are_told_apart() {
    for (seed, shape) in (0..).zip([[1, 1], [7, 63], [12, 64], [6, 130], [5, 4200]]) {
        let (target, pred) = (made(0, &shape, seed), made(1, &shape, 9));
        // Marked are the label 1 of the target, and 7 of the prediction.
        let mut expected = naively(&target, &pred, shape, &[1, 3], &[]);
        for row in &mut expected {
            row.marked = u8::from(row.target == 1) + 2 * u8::from(row.pred == 7);
        }
        let byte = |&label: &i64| u8::try_from(label).unwrap();
        let narrow = [&target, &pred].map(|labels| labels.iter().map(byte).collect::<Vec<u8>>());
        let marks = [bits_of(&target, shape[1], 1), bits_of(&pred, shape[1], 7)];
        let wide = [&target, &pred].map(|labels| LabelMap::from_labels(labels, &shape));
        let narrow = [&narrow[0], &narrow[1]].map(|labels| LabelMap::from_labels(labels, &shape));
        for [target, pred] in [&wide, &narrow] {
            for kernel in tested() {
                let bands = Bands::new(kernel, target, pred, &[1, 3], &[]).unwrap();
                let mut bands = bands.with_marks([&marks[0], &marks[1]]);
                // In parts, as each row has marks of its own.
                for row in 0..shape[0] {
                    bands.count(row..row + 1, &mut || false).unwrap();
                }
                assert_eq!(bands.into_rows(), expected, "{shape:?}");
            }
        }
    }
}

#[test]
fn slabs_of_rows_add_up_to_the_whole() {
    // The second one has more words than are found at once.
    for (shape, steps) in [([2000, 90], &[1, 7, 500, 1999][..]), ([1100, 2000], &[499, 1100])] {
        let (target, pred) = (made(0, &shape, 1), made(0, &shape, 2));
        let bytes: Vec<u8> = target.iter().map(|&label| u8::try_from(label).unwrap()).collect();
        let [t, p] = [LabelMap::from_labels(&bytes, &shape), LabelMap::from_labels(&pred, &shape)];
        for ignored in [&[][..], &[300, 1], &[300]] {
            let expected = naively(&target, &pred, shape, &[1, 4], ignored);
            for (kernel, &step) in
                tested().into_iter().flat_map(|kernel| steps.iter().map(move |step| (kernel, step)))
            {
                let mut bands = Bands::new(kernel, &t, &p, &[1, 4], ignored).unwrap();
                for start in (0..shape[0]).step_by(step).rev() {
                    bands.count(start..shape[0].min(start + step), &mut || false).unwrap();
                }
                assert_eq!(bands.into_rows(), expected, "{shape:?} {ignored:?} {step} {}", kernel.name());
            }
        }
    }
}

/// Pixels of an image whose windows of a width lie in it, and do not hold one of its pixels.
fn without_one([rows, columns]: [usize; 2], [row, column]: [usize; 2], width: usize) -> usize {
    let all = |len: usize| len.saturating_sub(2 * width);
    let near = |len: usize, at: usize| {
        (len - width).min(at + width + 1).saturating_sub(width.max(at.saturating_sub(width)))
    };
    all(rows) * all(columns) - near(rows, row) * near(columns, column)
}

#[test]
fn windows_of_any_width_end_at_one_pixel() {
    // Of one pass over bits and several, of one word and of eight at a time, and of more rows than are looked at together.
    let one = [&[31][..], &[32], &[33], &[47], &[63], &[64], &[20, 32, 47, 64]];
    let shapes = [([140, 300], &one[..]), ([135, 129], &one), ([131, 520], &one), ([90, 1100], &[&[10, 30]])];
    for (shape, widths) in shapes {
        let at = [shape[0] / 2, shape[1] / 2 - 5];
        let mut labels = vec![0_u8; shape[0] * shape[1]];
        let other = labels.clone();
        labels[at[0] * shape[1] + at[1]] = 1;
        let [map, other] = [&labels, &other].map(|labels| LabelMap::from_labels(labels, &shape));
        for (kernel, &widths) in
            tested().into_iter().flat_map(|kernel| widths.iter().map(move |widths| (kernel, widths)))
        {
            let mut bands = Bands::new(kernel, &map, &other, widths, &[]).unwrap();
            for rows in [60..shape[0], 0..17, 17..60] {
                bands.count(rows, &mut || false).unwrap();
            }
            let mut of_target = vec![0; widths.len() + 1];
            for row in bands.into_rows() {
                of_target[usize::from(row.target_bin)] += row.pixels;
            }
            let inside = widths.iter().map(|&width| without_one(shape, at, width));
            let least: Vec<_> = std::iter::once(labels.len()).chain(inside).collect();
            let expected: Vec<_> = (0..=widths.len())
                .map(|bin| least[bin] - least.get(bin + 1).copied().unwrap_or(0))
                .map(|pixels| pixels as u64)
                .collect();
            assert_eq!(of_target, expected, "{shape:?} {widths:?} {}", kernel.name());
        }
    }
}

#[test]
fn labels_keep_their_signs_and_those_that_have_none_are_refused() {
    let labels = [-1_i32, i32::MIN, 7, 7];
    let map = LabelMap::from_labels(&labels, &[2, 2]);
    let rows = counted(Kernel::best(), &map, &map, &[1]);
    assert_eq!(
        rows.iter().map(|row| (row.target, row.pixels)).collect::<Vec<_>>(),
        [(i64::from(i32::MIN), 1), (-1, 1), (7, 2)]
    );
    let large = [0, 1_u64 << 63];
    let (map, small) = (LabelMap::from_labels(&large, &[1, 2]), LabelMap::from_labels(&[0_u8; 2], &[1, 2]));
    let mut bands = Bands::new(Kernel::best(), &small, &map, &[1], &[]).unwrap();
    let error = bands.count(0..bands.rows(), &mut || false).unwrap_err();
    assert_eq!(error.to_string(), "`pred` holds the label 9223372036854775808, expected less than 2**63");
}

#[test]
fn a_map_without_pixels_has_no_rows() {
    for shape in [[0, 5], [5, 0]] {
        let map = LabelMap::from_labels(&[0_u8; 0], &shape);
        assert_eq!(counted(Kernel::best(), &map, &map, &[1]), []);
    }
}

#[test]
fn what_cannot_be_counted_is_refused() {
    let of = |shape: &[usize]| {
        // SAFETY: nothing is read of a map that is refused.
        unsafe {
            LabelMap::new([0_u8].as_ptr(), crate::pixels::Dtype::U8, false, shape, &vec![0; shape.len()])
        }
    };
    let refused = |target: &LabelMap<'_>, pred: &LabelMap<'_>, widths: &[usize]| {
        Bands::new(Kernel::best(), target, pred, widths, &[]).err().expect("an error").to_string()
    };
    let small = of(&[2, 3]);
    for widths in [&[][..], &[0], &[2, 2], &[3, 1], &(1..=16).collect::<Vec<_>>()] {
        let text = refused(&small, &small, widths);
        assert_eq!(
            text,
            "expected 1 to 15 widths of bands, each of at least one pixel and larger than the one before"
        );
    }
    assert_eq!(refused(&small, &of(&[3, 2]), &[1]), "`pred` and `target` differ in shape: (3, 2) and (2, 3)");
    let volume = of(&[1, 2, 3]);
    assert_eq!(refused(&volume, &volume, &[1]), "expected 2 dimensions, found (1, 2, 3)");
    let large = of(&[1 << 31, 2]);
    assert_eq!(
        refused(&large, &large, &[1]),
        "an array of shape (2147483648, 2) has more than 2147483648 voxels"
    );
}

#[test]
fn more_pairs_than_memory_should_hold_are_refused() {
    let labels: Vec<u16> = (0..10_000).collect();
    let map = LabelMap::from_labels(&labels, &[100, 100]);
    let mut bands = Bands::new(Kernel::best(), &map, &map, &[1], &[]).unwrap();
    bands.most_pairs = 5000;
    let error = bands.count(0..100, &mut || false).unwrap_err();
    assert_eq!(error.to_string(), "more than 5000 different pairs of labels in one image");
}

#[test]
fn counting_stops_when_it_is_told_to() {
    let labels = vec![0_u8; 10_000];
    let map = LabelMap::from_labels(&labels, &[100, 100]);
    let mut bands = Bands::new(Kernel::best(), &map, &map, &[1], &[]).unwrap();
    assert!(matches!(bands.count(0..100, &mut || true), Err(Error::Cancelled)));
}
