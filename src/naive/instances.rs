//! Polygons that are walked around.
#![allow(
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "small numbers"
)]

use crate::instances::Size;

/// `rleFrPoly` step by step: all points of the outline, those between which a middle of a column lies, and turns.
#[allow(clippy::cast_possible_truncation, reason = "as in C")]
#[must_use]
pub fn walked(polygon: &[f64], size: Size) -> Vec<bool> {
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
