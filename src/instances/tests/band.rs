//! Bands against squares around every pixel.

use crate::instances::band::Bander;
use crate::instances::{Masks, Size};

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
