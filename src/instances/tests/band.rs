//! Bands against squares around every pixel.

use crate::cpu::{Kernel, tested};
use crate::error::Error;
use crate::instances::band::Bander;
use crate::instances::bitmaps::Bitmaps;
use crate::instances::sharing::Sharing;
use crate::instances::{Masks, Size};
use crate::naive::noise;

use super::{bitmap, made, of_bitmaps, size};

/// Whether each pixel has one of no mask, or none at all, within a square around it.
fn near(pixels: &[bool], size: Size, width: u32) -> Vec<bool> {
    let (height, columns, width) = (i64::from(size.height()), i64::from(size.width()), i64::from(width));
    let inside = |x: i64, y: i64| {
        let here = (0..columns).contains(&x) && (0..height).contains(&y);
        here && pixels[usize::try_from(x * height + y).unwrap()]
    };
    (0..columns * height)
        .map(|at| {
            let (x, y) = (at / height, at % height);
            let around = (x - width..=x + width).flat_map(|x| (y - width..=y + width).map(move |y| (x, y)));
            inside(x, y) && !around.into_iter().all(|(x, y)| inside(x, y))
        })
        .collect()
}

fn bands(masks: &Masks, width: u32) -> Masks {
    let mut bands = Masks::new(masks.size());
    let mut bander = Bander::default();
    for mask in 0..masks.len() {
        bander.push(masks, mask, width, &mut bands);
    }
    bands
}

/// Noise, and boxes with holes, which have a middle.
fn shapes(seed: u64, size: Size) -> Vec<bool> {
    let noise = made(seed, size.pixels() as usize);
    if seed.is_multiple_of(3) {
        return noise;
    }
    let (height, width) = (size.height() as usize, size.width() as usize);
    let margin = usize::try_from(seed % 5).unwrap();
    (0..width * height)
        .map(|at| {
            let (x, y) = (at / height, at % height);
            let within = (margin..width - margin.min(width)).contains(&x) && y + margin < height;
            within && !(noise[at] && at % 211 == 7)
        })
        .collect()
}

#[test]
fn bands_are_the_pixels_near_others() {
    for (number, (height, width)) in
        [(1, 1), (1, 40), (37, 1), (9, 12), (64, 33), (65, 20), (130, 41), (200, 17)].into_iter().enumerate()
    {
        let size = size(height, width);
        for seed in 0..9 {
            let seed = seed + 9 * number as u64;
            let planes: Vec<Vec<bool>> = (0..3).map(|part| shapes(seed * 3 + part, size)).collect();
            let masks = of_bitmaps(size, &planes);
            for width in [1, 2, 3, 4, 7, 16] {
                let bands = bands(&masks, width);
                for (mask, pixels) in planes.iter().enumerate() {
                    let expected = near(pixels, size, width);
                    assert_eq!(bitmap(&bands, mask), expected, "{height} x {width}, {seed}");
                    assert_eq!(bands.pixels(mask) as usize, expected.iter().filter(|&&pixel| pixel).count());
                }
            }
        }
    }
}

#[test]
fn a_band_that_is_wider_than_all_is_the_mask() {
    let size = size(20, 30);
    let masks = of_bitmaps(size, &[vec![true; 600], vec![false; 600]]);
    for width in [10, 15, 1 << 16, u32::MAX] {
        let bands = bands(&masks, width);
        assert_eq!((bands.pixels(0), bands.pixels(1)), (600, 0));
    }
    assert_eq!(bands(&masks, 9).pixels(0), 600 - 2 * 12);
}

/// A number for each mask of the one with each of the other.
fn pairs(one: &Masks, two: &Masks, of: impl Fn(usize, usize) -> u32) -> Vec<u32> {
    (0..one.len()).flat_map(|mask| (0..two.len()).map(|other| of(mask, other)).collect::<Vec<_>>()).collect()
}

fn shared(one: &Masks, two: &Masks) -> Vec<u32> {
    pairs(one, two, |mask, other| one.shared(mask, two, other))
}

/// Boxes with holes and noise somewhere in an image, and a mask without pixels.
fn scattered(seed: u64, size: Size) -> Masks {
    let mut random = noise(seed);
    let (height, width) = (size.height() as usize, size.width() as usize);
    let mut planes = vec![vec![false; height * width]];
    for number in 0..5 {
        let [top, left] = [random(height), random(width)];
        let [bottom, right] = [top + 1 + random(height - top), left + 1 + random(width - left)];
        let holes = [2, 50, 900][number % 3];
        let plane = (0..width * height).map(|at| {
            let within = (left..right).contains(&(at / height)) && (top..bottom).contains(&(at % height));
            within && random(holes) > 0
        });
        planes.push(plane.collect());
    }
    of_bitmaps(size, &planes)
}

#[test]
fn bits_share_what_runs_share() {
    for kernel in tested() {
        for (seed, (height, width)) in (0..).zip([(1, 1), (1, 90), (64, 9), (128, 40), (300, 100), (70, 120)])
        {
            let size = size(height, width);
            let [one, two] = [seed, 100 + seed].map(|seed| scattered(seed, size));
            for width in [1, 2, 5, 8, 12, 40, u32::MAX] {
                let of_bands = [&one, &two].map(|masks| bands(masks, width));
                let [ours, theirs] = [(&one, &of_bands[0]), (&two, &of_bands[1])].map(|(masks, bands)| {
                    let mut bitmaps = Bitmaps::new(kernel);
                    for mask in 0..masks.len() {
                        let pixels = bitmaps.push_with_band(masks, mask, width);
                        assert_eq!(pixels, bands.pixels(mask), "{}", kernel.name());
                    }
                    bitmaps
                });
                let whole = pairs(&one, &two, |mask, other| ours.shared(mask, &theirs, other));
                assert_eq!(whole, shared(&one, &two), "{height} x {width}, {}", kernel.name());
                let cut = pairs(&one, &two, |mask, other| ours.shared_by_bands(mask, &theirs, other));
                let expected = shared(&of_bands[0], &of_bands[1]);
                assert_eq!(cut, expected, "{height} x {width}, {}", kernel.name());
            }
        }
    }
}

#[test]
fn masks_share_as_much_by_bits_and_by_runs() {
    let (small, large) = (size(70, 90), size(300, 40));
    let mut ways = [Sharing::new(Kernel::best()), Sharing::new(Kernel::best())];
    ways[1].most_words = 0;
    for (seed, size) in [(1, small), (2, large), (3, small)] {
        let masks @ [one, two] = &[scattered(seed, size), scattered(seed + 9, size)];
        for band in [None, Some(3), Some(20)] {
            let made: Vec<Masks> =
                masks.iter().filter_map(|masks| band.map(|width| bands(masks, width))).collect();
            let pixels = made.iter().flat_map(|bands| (0..bands.len()).map(|mask| bands.pixels(mask).into()));
            let pixels: Vec<i64> = pixels.collect();
            for way in &mut ways {
                let mut of_bands = Vec::new();
                way.prepare(masks.each_ref(), band, &mut of_bands, &mut || false).unwrap();
                assert_eq!(of_bands, pixels);
                let whole = pairs(one, two, |mask, other| way.of_masks(masks.each_ref(), mask, other));
                assert_eq!(whole, shared(one, two));
                if let [of_one, of_two] = &made[..] {
                    let cut = pairs(one, two, |mask, other| way.of_bands(mask, other));
                    assert_eq!(cut, shared(of_one, of_two));
                }
            }
        }
    }
    let stopped = ways[0].prepare([&scattered(1, small); 2], Some(3), &mut Vec::new(), &mut || true);
    assert!(matches!(stopped, Err(Error::Cancelled)));
}
