//! Polygons against a walk along every point of their edges, as pycocotools does it.

use super::*;

/// `rleFrPoly` step by step: all points of the outline, those between which a middle of a column lies, and turns.
#[allow(clippy::cast_possible_truncation, reason = "as in C")]
fn walked(polygon: &[f64], size: Size) -> Vec<bool> {
    let (height, width) = (i64::from(size.height()), i64::from(size.width()));
    let points: Vec<[i32; 2]> = polygon
        .chunks(2)
        .map(|point| [(5.0 * point[0] + 0.5) as i32, (5.0 * point[1] + 0.5) as i32])
        .collect();
    let mut outline: Vec<[i32; 2]> = Vec::new();
    for (number, &from) in points.iter().enumerate() {
        let to = points[(number + 1) % points.len()];
        let (wide, tall) = ((to[0] - from[0]).abs(), (to[1] - from[1]).abs());
        let flip = (wide >= tall && from[0] > to[0]) || (wide < tall && from[1] > to[1]);
        let (start, end) = if flip { (to, from) } else { (from, to) };
        let (along, across, steps) = if wide >= tall { (0, 1, wide) } else { (1, 0, tall) };
        let slope = f64::from(end[across] - start[across]) / f64::from(steps);
        for step in 0..=steps {
            let step = if flip { steps - step } else { step };
            let mut point = [0; 2];
            point[along] = start[along] + step;
            point[across] = (f64::from(start[across]) + slope * f64::from(step) + 0.5) as i32;
            outline.push(point);
        }
    }
    let mut places = Vec::new();
    for pair in outline.windows(2).filter(|pair| pair[0][0] != pair[1][0]) {
        let x = (f64::from(pair[0][0].min(pair[1][0])) + 0.5) / 5.0 - 0.5;
        if x.floor() < x || x < 0.0 || x > (width - 1) as f64 {
            continue;
        }
        let y = ((f64::from(pair[0][1].min(pair[1][1])) + 0.5) / 5.0 - 0.5).clamp(0.0, height as f64).ceil();
        places.push(x as i64 * height + y as i64);
    }
    (0..height * width).map(|at| places.iter().filter(|&&place| place <= at).count() % 2 == 1).collect()
}

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
    for (height, width) in [(1, 1), (1, 25), (30, 1), (17, 23), (40, 12)] {
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
