//! Masks against bitmaps that are filled pixel by pixel.

mod band;
mod matching;
mod polygons;

use super::*;
use crate::cpu::{Kernel, tested};
use crate::naive::noise;
use crate::pixels::LabelMap;

fn size(height: u32, width: u32) -> Size {
    Size::new(height, width, 1 << 20).unwrap()
}

/// The pixels of a mask by columns.
fn bitmap(masks: &Masks, mask: usize) -> Vec<bool> {
    let mut pixels = vec![false; masks.size().pixels() as usize];
    masks.fill(mask, true, &mut pixels);
    pixels
}

/// Run lengths of pixels, one after the other.
fn counted(pixels: &[bool]) -> Vec<u32> {
    let (mut counts, mut inside) = (vec![0], false);
    for &pixel in pixels {
        if pixel != inside {
            counts.push(0);
            inside = pixel;
        }
        *counts.last_mut().unwrap() += 1;
    }
    counts
}

/// A mask of blobs, or of noise.
fn made(seed: u64, pixels: usize) -> Vec<bool> {
    let mut random = noise(seed);
    let dense = [1, 2, 9, 40][random(4)];
    let mut here = random(2) == 0;
    (0..pixels)
        .map(|_| {
            here ^= random(dense) == 0;
            here
        })
        .collect()
}

fn of_bitmaps(size: Size, bitmaps: &[Vec<bool>]) -> Masks {
    let mut masks = Masks::new(size);
    for pixels in bitmaps {
        masks.push_counts(counted(pixels).into_iter().map(i64::from)).unwrap();
    }
    masks
}

fn as_text(text: &[u8]) -> &str {
    std::str::from_utf8(text).unwrap()
}

#[test]
fn run_lengths_are_the_pixels_they_say() {
    let kernels = tested();
    for (height, width) in [(1, 1), (1, 9), (7, 1), (5, 10), (13, 31)] {
        let size = size(height, width);
        let bitmaps: Vec<_> = (0..20).map(|seed| made(seed, size.pixels() as usize)).collect();
        let masks = of_bitmaps(size, &bitmaps);
        for (mask, pixels) in bitmaps.iter().enumerate() {
            assert_eq!(&bitmap(&masks, mask), pixels);
            assert_eq!(masks.counts(mask).collect::<Vec<_>>(), counted(pixels));
            let places = || (0..size.pixels()).filter(|&at| pixels[at as usize]);
            assert_eq!(masks.pixels(mask) as usize, places().count());
            let bounds = Bounds {
                left: places().map(|at| at / height).min().unwrap_or(0),
                top: places().map(|at| at % height).min().unwrap_or(0),
                right: places().map(|at| at / height + 1).max().unwrap_or(0),
                bottom: places().map(|at| at % height + 1).max().unwrap_or(0),
            };
            assert_eq!(masks.bounds(mask), bounds);
            for kernel in &kernels {
                let mut again = Masks::with_kernel(*kernel, size);
                again.push_string(&masks.string(mask)).unwrap();
                assert_eq!(again.runs(0), masks.runs(mask));
                assert_eq!((again.bounds(0), again.pixels(0)), (bounds, masks.pixels(mask)));
            }
        }
    }
}

/// The rows of a run: the first one, and the one behind the last.
fn rows(run: Run, height: u32) -> [u32; 2] {
    let Run { start, end } = run;
    if start / height == (end - 1) / height { [start % height, (end - 1) % height + 1] } else { [0, height] }
}

#[test]
fn columns_of_any_height_are_told_apart() {
    let heights = [1, 2, 3, 480, 65_535, 65_536, 65_537, (1 << 31) - 1, 1 << 31, (1 << 31) + 1, u32::MAX];
    for kernel in tested() {
        for height in heights {
            let size = Size::new(height, u32::MAX / height, u64::MAX).unwrap();
            let columns = [0, 1, 2, size.width() / 2, size.width() - 1].into_iter();
            let places = columns.filter(|&column| column < size.width()).flat_map(|column| {
                [0, 1, height / 2, height - 1].map(|row| column * height + row.min(height - 1))
            });
            for (start, length) in places.flat_map(|start| [1, 2, height / 2 + 1].map(|n| (start, n))) {
                let run = Run { start, end: start + length.min(size.pixels() - start) };
                for before in [0, height - 1] {
                    let other = Run { start: before, end: before + 1 };
                    let runs: Vec<Run> =
                        [other, run].into_iter().skip(usize::from(start <= other.end)).collect();
                    let mut masks = Masks::with_kernel(kernel, size);
                    let add = |all: &mut Vec<Run>, _| {
                        all.extend_from_slice(&runs);
                        Ok(())
                    };
                    masks.add(add).unwrap();
                    let rows = || runs.iter().map(|&run| rows(run, height));
                    let expected = Bounds {
                        left: runs[0].start / height,
                        top: rows().map(|[top, _]| top).min().unwrap(),
                        right: (run.end - 1) / height + 1,
                        bottom: rows().map(|[_, bottom]| bottom).max().unwrap(),
                    };
                    assert_eq!(masks.bounds(0), expected, "{runs:?} of {height}, {}", kernel.name());
                }
            }
        }
    }
}

#[test]
fn numbers_of_any_length_are_read_wherever_they_lie() {
    for kernel in tested() {
        read_numbers(kernel);
    }
}

fn read_numbers(kernel: Kernel) {
    let mut random = noise(5);
    for round in 0..200 {
        let most = [[1, 2, 3, 1], [2, 20, 700, 40_000], [1, 1, 1, 1 << 20], [16, 16, 16, 17]][round % 4];
        let mut length = |_| {
            let most = most[random(4)];
            u32::try_from(1 + random(most)).unwrap()
        };
        let lengths: Vec<u32> = (0..=3 * (round % 100)).map(&mut length).collect();
        let width = lengths.iter().sum();
        let mut masks = Masks::with_kernel(kernel, Size::new(1, width, 1 << 30).unwrap());
        masks.push_counts(lengths.iter().copied().map(i64::from)).unwrap();
        let text = masks.string(0);
        masks.push_string(&text).unwrap();
        assert_eq!(masks.runs(1), masks.runs(0), "{}", as_text(&text));
        assert_eq!(masks.counts(0).collect::<Vec<_>>(), lengths);
        let mut cut = text.clone();
        let last = cut.last_mut().unwrap();
        *last = b'0' + ((*last - b'0') | 0x20); // which says that more follows
        assert_eq!(masks.push_string(&cut), Err(Fault::Ends));
        let at = random(text.len());
        cut = text;
        cut[at] = [b'/', b'p', 0, 255][random(4)];
        assert_eq!(masks.push_string(&cut), Err(Fault::Character { index: at, found: cut[at] }));
    }
}

#[test]
fn strings_are_those_of_pycocotools() {
    // Written by `pycocotools.mask.encode` of masks of these run lengths.
    let known: [(Size, &[i64], &str); 6] = [
        (size(5, 10), &[3, 4, 43], "34[1"),
        (size(5, 10), &[50], "b1"),
        (size(5, 10), &[0, 50], "0b1"),
        (size(5, 10), &[0, 1, 49], "01a1"),
        (size(40, 30), &[5, 17, 600, 300, 2, 276], "5a0hb0k8Z]OXO"),
        (size(7, 9), &[1, 1, 1, 1, 1, 1, 57], "111000h1"),
    ];
    for (size, counts, text) in known {
        let mut masks = Masks::new(size);
        masks.push_counts(counts.iter().copied()).unwrap();
        assert_eq!(as_text(&masks.string(0)), text);
        masks.push_string(text.as_bytes()).unwrap();
        assert_eq!(masks.runs(0), masks.runs(1));
    }
}

#[test]
fn parts_of_an_image_have_the_pixels_that_lie_there() {
    let mut random = noise(17);
    for seed in 0..400 {
        let [height, width] = [1 + random(9), 1 + random(9)];
        let bitmaps: Vec<Vec<bool>> = (0..3).map(|mask| made(3 * seed + mask, height * width)).collect();
        let [top, left] = [random(height + 1), random(width + 1)];
        let [rows, columns] = [random(height - top + 1), random(width - left + 1)];
        let [of_image, of_part] = [[height, width], [rows, columns]]
            .map(|[h, w]| size(h.try_into().unwrap(), w.try_into().unwrap()));
        let parts = of_bitmaps(of_image, &bitmaps)
            .window(top.try_into().unwrap(), left.try_into().unwrap(), of_part)
            .unwrap();
        let cut = |pixels: &Vec<bool>| -> Vec<bool> {
            let columns = (left..left + columns).flat_map(|x| (top..top + rows).map(move |y| x * height + y));
            columns.map(|place| pixels[place]).collect()
        };
        let expected = of_bitmaps(of_part, &bitmaps.iter().map(cut).collect::<Vec<_>>());
        for mask in 0..3 {
            assert_eq!(parts.runs(mask), expected.runs(mask), "{height} x {width}");
            assert_eq!(parts.bounds(mask), expected.bounds(mask));
            assert_eq!(parts.pixels(mask), expected.pixels(mask));
        }
    }
}

#[test]
fn runs_of_no_length_split_no_mask() {
    let mut masks = Masks::new(size(2, 5));
    masks.push_counts([1, 2, 0, 3, 0, 0, 4].into_iter()).unwrap();
    assert_eq!(masks.runs(0), [Run { start: 1, end: 6 }]);
    assert_eq!(masks.counts(0).collect::<Vec<_>>(), [1, 5, 4]);
}

#[test]
fn wrong_run_lengths_are_refused() {
    let mut masks = Masks::new(size(5, 10));
    let sum = |found| Fault::Sum { height: 5, width: 10, found };
    assert_eq!(masks.push_counts([3, 4, 42].into_iter()), Err(sum(49)));
    assert_eq!(masks.push_counts([3, 4, 44].into_iter()), Err(sum(51)));
    assert_eq!(masks.push_counts(std::iter::empty()), Err(sum(0)));
    let length = |index, found| Fault::Length { index, found, most: 50 };
    assert_eq!(masks.push_counts([3, -4, 51].into_iter()), Err(length(1, -4)));
    assert_eq!(masks.push_counts([3, i64::MAX].into_iter()), Err(length(1, i64::MAX)));
    for (text, fault) in [
        (&b"34Z1"[..], sum(49)),
        (b"34\\1", sum(51)),
        (b"", sum(0)),
        (b"34[", Fault::Ends),
        (b"3 [1", Fault::Character { index: 1, found: b' ' }),
        (b"3p[1", Fault::Character { index: 1, found: b'p' }),
        (b"3\xff", Fault::Character { index: 1, found: 0xff }),
        (b"3ooooooooo1", Fault::Long { index: 8 }),
        (b"3O", length(1, -1)),
    ] {
        assert_eq!(masks.push_string(text), Err(fault), "{}", String::from_utf8_lossy(text));
    }
    assert!(masks.is_empty() && masks.runs.is_empty());
    assert_eq!(sum(51).to_string(), "expected run lengths that add up to 5 x 10 = 50 pixels, found 51");
    assert_eq!(length(1, -4).to_string(), "expected run lengths of 0 to 50, found -4 as number 1");
    let character = |found| Fault::Character { index: 1, found }.to_string();
    assert_eq!(character(b'p'), "expected characters of `0` to `o` in run lengths, found `p` at 1");
    assert_eq!(character(10), "expected characters of `0` to `o` in run lengths, found the byte 10 at 1");
}

#[test]
fn shared_pixels_are_those_of_both_bitmaps() {
    for (height, width) in [(1, 1), (1, 60), (40, 1), (12, 17)] {
        let size = size(height, width);
        let bitmaps: Vec<_> = (0..16).map(|seed| made(seed, size.pixels() as usize)).collect();
        let masks = of_bitmaps(size, &bitmaps);
        for (one, of_one) in bitmaps.iter().enumerate() {
            for (other, of_other) in bitmaps.iter().enumerate() {
                let both = of_one.iter().zip(of_other).filter(|(one, other)| **one && **other);
                assert_eq!(masks.shared(one, &masks, other) as usize, both.count());
            }
        }
    }
}

#[test]
fn masks_of_labels_are_their_pixels() {
    for (height, width) in [(1_u32, 1_u32), (1, 70), (40, 1), (9, 65), (0, 5)] {
        let size = size(height, width);
        let mut random = noise(height.into());
        let labels: Vec<u16> = (0..size.pixels()).map(|_| [0, 3, 3, 700][random(4)]).collect();
        let narrow: Vec<u8> = labels.iter().map(|&label| label.to_le_bytes()[0]).collect();
        let shape = [height as usize, width as usize];
        let maps = [LabelMap::from_labels(&labels, &shape), LabelMap::from_labels(&narrow, &shape)];
        for (map, asked) in maps.iter().zip([[700, 5, 3], [188, 5, 3]]) {
            let mut masks = Masks::new(size);
            masks.push_labels(map, &asked, &mut || false).unwrap();
            for (mask, label) in [700, 5, 3].into_iter().enumerate() {
                let column = |x: usize| (0..shape[0]).map(move |y| y * shape[1] + x);
                let expected = (0..shape[1]).flat_map(column).map(|at| labels[at] == label);
                assert_eq!(bitmap(&masks, mask), expected.collect::<Vec<_>>(), "{label}");
                assert_eq!(masks.counts(mask).sum::<u32>(), size.pixels());
            }
        }
        let stopped = Masks::new(size).push_labels(&maps[0], &[], &mut || true);
        assert_eq!(matches!(stopped, Err(Error::Cancelled)), height > 0);
    }
}

#[test]
fn later_masks_lie_on_top() {
    let size = size(6, 8);
    let bitmaps: Vec<_> = (0..5).map(|seed| made(seed, 48)).collect();
    let masks = of_bitmaps(size, &bitmaps);
    let order = [(3, 7), (0, 2), (4, 7), (1, 0)];
    let mut pixels = vec![9_u8; 48];
    let painted = masks.paint(&order, &mut pixels, &mut || false).unwrap();
    let mut expected = Painted::default();
    for (at, pixel) in pixels.into_iter().enumerate() {
        let labels: Vec<u8> =
            order.iter().filter(|(mask, _)| bitmaps[*mask][at]).map(|(_, label)| *label).collect();
        assert_eq!(pixel, labels.last().copied().unwrap_or(9));
        expected.covered += u64::from(!labels.is_empty());
        expected.claimed_twice += u64::from(labels.iter().any(|label| *label != labels[0]));
    }
    assert_eq!(painted, expected);
    assert!(painted.claimed_twice > 0 && painted.covered < 48);
    assert!(matches!(masks.paint(&order, &mut [0; 48], &mut || true), Err(Error::Cancelled)));
}

#[test]
fn images_that_are_too_large_are_refused_before_memory_is_taken() {
    assert_eq!(Size::new(1 << 10, 1 << 10, 1 << 20).unwrap().pixels(), 1 << 20);
    let refused = Size::new(1 << 16, 1 << 16, u64::MAX).unwrap_err().to_string();
    assert_eq!(refused, "claims 65536 x 65536 pixels, more than max_pixels = 4294967295");
}
