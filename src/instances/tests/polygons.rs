//! Polygons against a walk along every point of their edges, as pycocotools does it.

use super::*;
use crate::naive::instances::walked;

fn painted(polygons: &[&[f64]], size: Size) -> Vec<bool> {
    let mut masks = Masks::new(size);
    masks.push_polygons(polygons).unwrap();
    bitmap(&masks, 0)
}

/// Points of many kinds: whole, halves, of any place, far outside, and along the edges of the image.
fn polygon(seed: u64, size: Size) -> Vec<f64> {
    let mut random = noise(seed);
    let (points, kind) = (3 + random(9), random(6));
    let mut number = |most: u32| {
        let place = f64::from(u32::try_from(random(10_000)).unwrap()) / 10_000.0;
        let most = f64::from(most);
        match kind {
            0 => (place * most).round(),
            1 => (place * most * 2.0).round() / 2.0,
            2 => place.mul_add(3.0 * most, -most),
            3 => (place * 3.0).round() * most / 3.0,
            4 => (place * most * 10.0).round() / 10.0,
            _ => place * most,
        }
    };
    (0..points).flat_map(|_| [number(size.width()), number(size.height())]).collect()
}

#[test]
fn polygons_are_painted_as_a_walk_along_them_does() {
    // High images have columns of several words, few of which are passed.
    for (height, width) in [(1, 1), (1, 25), (30, 1), (17, 23), (40, 12), (150, 20), (700, 6)] {
        let size = size(height, width);
        for seed in 0..150 {
            let polygon = polygon(seed * 7 + 1, size);
            assert_eq!(painted(&[&polygon], size), walked(&polygon, size), "{polygon:?} in {size:?}");
        }
    }
}

#[test]
fn parts_of_an_object_are_united() {
    let size = size(17, 23);
    for seed in 0..50 {
        let parts: Vec<_> = (0..4).map(|part| polygon(seed * 4 + part, size)).collect();
        let parts: Vec<&[f64]> = parts.iter().map(Vec::as_slice).collect();
        let mut expected = vec![false; size.pixels() as usize];
        for part in &parts {
            for (pixel, own) in expected.iter_mut().zip(walked(part, size)) {
                *pixel |= own;
            }
        }
        let mut masks = Masks::new(size);
        masks.push_polygons(&parts).unwrap();
        assert_eq!(bitmap(&masks, 0), expected);
        assert_eq!(masks.counts(0).collect::<Vec<_>>(), counted(&expected));
    }
}

#[test]
fn a_square_lacks_its_last_row_and_column() {
    // As `pycocotools.mask.frPyObjects` paints it: four by four pixels from 1 on.
    let square = painted(&[&[1.0, 1.0, 5.0, 1.0, 5.0, 5.0, 1.0, 5.0]], size(7, 7));
    let expected: Vec<bool> =
        (0..49).map(|at| (1..5).contains(&(at / 7)) && (1..5).contains(&(at % 7))).collect();
    assert_eq!(square, expected);
}

#[test]
fn what_is_no_polygon_is_refused() {
    let mut masks = Masks::new(size(7, 7));
    let mut refused = |polygons: &[&[f64]]| masks.push_polygons(polygons).unwrap_err();
    let triangle: &[f64] = &[0.0, 0.0, 5.0, 0.0, 5.0, 5.0];
    assert_eq!(refused(&[]), Fault::NoPolygon);
    assert_eq!(refused(&[triangle, &triangle[..4]]), Fault::Points { found: 4 });
    assert_eq!(refused(&[&[1.0; 7]]), Fault::Odd { found: 7 });
    for bad in [f64::INFINITY, f64::NEG_INFINITY, 1e6 + 0.5, -1e9] {
        assert_eq!(
            refused(&[triangle, &[0.0, 1.0, bad, 1.0, 0.0, 0.0]]),
            Fault::Far { index: 2, found: bad }
        );
    }
    let found = refused(&[&[0.0, 1.0, 2.0, f64::NAN, 0.0, 0.0]]).to_string();
    assert_eq!(found, "expected points of polygons within 1,000,000 pixels, found NaN as number 3");
    assert!(masks.is_empty() && masks.runs.is_empty());
}

#[test]
fn points_far_away_cost_the_columns_of_the_image_alone() {
    let size = size(7, 9);
    let polygon = [-1e6, -1e6, 1e6, -1e6, 1e6, 1e6, -1e6, 1e6];
    assert_eq!(painted(&[&polygon], size), vec![true; 63]);
}

#[test]
fn edges_that_pass_too_many_columns_are_refused() {
    let size = Size::new(1, 1 << 20, 1 << 20).unwrap();
    let zigzag: Vec<f64> =
        (0..20).flat_map(|number| [f64::from(number % 2) * 1e6, f64::from(number)]).collect();
    let refused = Masks::new(size).push_polygons(&[&zigzag]).unwrap_err();
    assert_eq!(refused.to_string(), "the outlines of the masks cross columns more than 16777216 times");
}
