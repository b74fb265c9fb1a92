//! Matches and curves against loops over all thresholds, areas, targets and predictions, as pycocotools has them.

use crate::instances::coco::{BOX_ONLY, CROWD, IGNORE};
use crate::instances::matching::{Matched, Question, Tables};
use crate::instances::precision::{Ranked, Reading};
use crate::naive::noise;

const CLASSES: usize = 3;

/// Columns of made-up images; overlaps need not be those of any masks.
#[derive(Clone, Default)]
struct Made {
    object_offsets: Vec<i64>,
    objects: [Vec<i64>; 6],
    overlap_offsets: Vec<i64>,
    overlaps: [Vec<i64>; 3],
    bands: Option<[Vec<i64>; 2]>,
}

fn bits(number: f64) -> i64 {
    number.to_bits().cast_signed()
}

fn made(seed: u64, images: usize) -> Made {
    let mut random = noise(seed);
    let mut number = |below: usize| i64::try_from(random(below)).unwrap();
    let mut made = Made { object_offsets: vec![0], overlap_offsets: vec![0], ..Made::default() };
    for _ in 0..images {
        let sides = [number(6), number(9)];
        for (side, objects) in sides.into_iter().enumerate() {
            for _ in 0..objects {
                let pixels = [20, 30, 40, 1024][usize::try_from(number(4)).unwrap()];
                #[allow(clippy::cast_precision_loss, reason = "small numbers")]
                let (area, score) =
                    ([pixels as f64, 1024.0, 1025.0][usize::try_from(number(3)).unwrap()], number(4) as f64);
                let flags = [0, 0, 0, CROWD, IGNORE, BOX_ONLY][usize::try_from(number(6)).unwrap()];
                let label = number(CLASSES);
                let flags = if side == 0 { flags } else { flags & (BOX_ONLY | IGNORE) };
                let row = [i64::try_from(side).unwrap(), label, pixels, bits(area), bits(score), flags];
                made.objects.iter_mut().zip(row).for_each(|(column, number)| column.push(number));
            }
        }
        for target in 0..sides[0] {
            for pred in 0..sides[1] {
                let shared = number(24) - 3;
                if shared > 0 {
                    let row = [target, pred, shared.min(20)];
                    made.overlaps.iter_mut().zip(row).for_each(|(column, number)| column.push(number));
                }
            }
        }
        made.object_offsets.push(i64::try_from(made.objects[0].len()).unwrap());
        made.overlap_offsets.push(i64::try_from(made.overlaps[0].len()).unwrap());
    }
    if seed.is_multiple_of(3) {
        let of_objects = made.objects[2].iter().map(|&pixels| 20.min(pixels)).collect();
        let of_overlaps = made.overlaps[2].iter().map(|&shared| shared - number(3).min(shared)).collect();
        made.bands = Some([of_objects, of_overlaps]);
    }
    made
}

impl Made {
    fn tables(&self) -> Tables<'_> {
        let [side, label, pixels, area, score, flags] = self.objects.each_ref().map(Vec::as_slice);
        let [target, pred, shared] = self.overlaps.each_ref().map(Vec::as_slice);
        Tables {
            object_offsets: &self.object_offsets,
            side,
            label,
            pixels,
            area,
            score,
            flags,
            overlap_offsets: &self.overlap_offsets,
            target,
            pred,
            shared,
            bands: self.bands.as_ref().map(|[of_objects, shared]| [&of_objects[..], &shared[..]]),
        }
    }
}

fn question(heed_ignore: bool) -> Question {
    Question {
        thresholds: vec![0.25, 0.5, 0.75],
        areas: vec![[0.0, 1e10], [0.0, 1024.0], [1024.0, 9216.0]],
        most: 4,
        heed_ignore,
        classes: CLASSES,
    }
}

fn ranked(made: &Made, question: &Question) -> Ranked {
    let tables = made.tables();
    tables.check(CLASSES).unwrap();
    let mut matched = Matched::default();
    for image in 0..tables.images() {
        tables.match_image(image, question, &mut matched);
    }
    Ranked::new(matched, question.clone())
}

/// Score, and whether it is matched and ignored, of the predictions of an image; how many targets count.
type OfImage = (Vec<(f64, bool, bool)>, u64);

/// `COCOeval.evaluateImg`, for one class, range of areas and threshold.
fn evaluated(
    made: &Made,
    image: usize,
    label: i64,
    range: [f64; 2],
    threshold: f64,
    question: &Question,
) -> OfImage {
    let tables = made.tables();
    let at = |number: i64| usize::try_from(number).unwrap();
    let (first, end) = (at(tables.object_offsets[image]), at(tables.object_offsets[image + 1]));
    let targets = (first..end).filter(|&row| tables.side[row] == 0).count();
    let of = |side: i64| {
        (first..end).filter(move |&row| {
            tables.side[row] == side && tables.label[row] == label && tables.flags[row] & BOX_ONLY == 0
        })
    };
    let float = |bits: i64| f64::from_bits(bits.cast_unsigned());
    let outside = |area: f64| area < range[0] || area > range[1];
    let flags = if question.heed_ignore { CROWD | IGNORE } else { CROWD };
    let ignored = |row: usize| tables.flags[row] & flags != 0 || outside(float(tables.area[row]));
    let mut truth: Vec<usize> = of(0).collect();
    truth.sort_by_key(|&row| ignored(row));
    let mut preds: Vec<usize> = of(1).collect();
    preds.sort_by(|&one, &two| float(tables.score[two]).total_cmp(&float(tables.score[one])));
    let mut taken = vec![false; end];
    let mut found = Vec::new();
    for &pred in preds.iter().take(question.most) {
        let (mut iou, mut best) = (threshold.min(1.0 - 1e-10), None);
        for &target in &truth {
            let crowd = tables.flags[target] & CROWD != 0;
            if taken[target] && !crowd {
                continue;
            }
            if best.is_some_and(|best| !ignored(best) && ignored(target)) {
                break;
            }
            let pair = [target - first, pred - first - targets].map(|number| i64::try_from(number).unwrap());
            let rows = at(tables.overlap_offsets[image])..at(tables.overlap_offsets[image + 1]);
            let row = rows.into_iter().find(|&row| [tables.target[row], tables.pred[row]] == pair);
            #[allow(clippy::cast_precision_loss, reason = "small numbers")]
            let over = |pixels: &[i64], shared: &[i64]| {
                let shared = row.map_or(0, |row| shared[row]);
                shared as f64 / (pixels[pred] + if crowd { 0 } else { pixels[target] - shared }) as f64
            };
            let mut own = over(tables.pixels, tables.shared);
            if let Some([of_objects, shared]) = tables.bands
                && !crowd
            {
                own = own.min(over(of_objects, shared));
            }
            if own >= iou {
                (iou, best) = (own, Some(target));
            }
        }
        if let Some(best) = best {
            taken[best] = true;
        }
        #[allow(clippy::cast_precision_loss, reason = "small numbers")]
        let left_out = best.map_or_else(
            || outside(tables.pixels[pred] as f64) || tables.flags[pred] & flags & IGNORE != 0,
            ignored,
        );
        found.push((float(tables.score[pred]), best.is_some(), left_out));
    }
    let counted = truth.iter().filter(|&&row| !ignored(row)).count();
    (found, counted as u64)
}

/// `COCOeval.accumulate`, for one class, range of areas, threshold and number of predictions, with images as often as said.
#[allow(clippy::cast_precision_loss, reason = "small numbers")]
fn accumulated(images: &[OfImage], most: usize, weights: &[u32], recalls: &[f64]) -> (Vec<f64>, f64) {
    let mut all = Vec::new();
    let mut targets = 0;
    for ((found, counted), &weight) in images.iter().zip(weights) {
        targets += counted * u64::from(weight);
        let repeated = found.iter().take(most).flat_map(|one| std::iter::repeat_n(*one, weight as usize));
        all.extend(repeated);
    }
    if targets == 0 {
        return (vec![-1.0; recalls.len()], -1.0);
    }
    all.sort_by(|one, two| two.0.total_cmp(&one.0));
    let (mut tp, mut fp) = (0, 0);
    let (mut recall, mut precision) = (Vec::new(), Vec::new());
    for (_, matched, ignored) in all {
        tp += u64::from(matched && !ignored);
        fp += u64::from(!matched && !ignored);
        recall.push(tp as f64 / targets as f64);
        precision.push(tp as f64 / ((fp + tp) as f64 + f64::EPSILON));
    }
    for place in (1..precision.len()).rev() {
        precision[place - 1] = f64::max(precision[place - 1], precision[place]);
    }
    let at =
        |point: &f64| recall.iter().position(|recall| recall >= point).map_or(0.0, |place| precision[place]);
    (recalls.iter().map(at).collect(), recall.last().copied().unwrap_or(0.0))
}

#[test]
fn curves_are_those_of_loops_over_everything() {
    let reading = Reading { recalls: vec![0.0, 0.1, 0.35, 0.5, 0.9, 1.0], detections: vec![1, 4] };
    for seed in 0..40 {
        let images = 1 + usize::try_from(seed % 7).unwrap();
        let made = made(seed, images);
        let question = question(seed % 2 == 0);
        let ranked = ranked(&made, &question);
        let mut random = noise(seed);
        let weights: Vec<u32> = (0..images).map(|_| u32::try_from(random(4)).unwrap()).collect();
        for (given, weights) in [(None, vec![1; images]), (Some(&*weights), weights.clone())] {
            for label in 0..CLASSES {
                let curves = ranked.curves(label, &reading, given);
                let (mut precisions, mut recalls) =
                    (curves.precisions.into_iter(), curves.recalls.into_iter());
                let mut expected = vec![Vec::new(); question.thresholds.len() * reading.recalls.len()];
                for (number, &threshold) in question.thresholds.iter().enumerate() {
                    for &range in &question.areas {
                        let label = i64::try_from(label).unwrap();
                        let of_images: Vec<OfImage> = (0..images)
                            .map(|image| evaluated(&made, image, label, range, threshold, &question))
                            .collect();
                        for &most in &reading.detections {
                            let (points, recall) = accumulated(&of_images, most, &weights, &reading.recalls);
                            assert_eq!(recalls.next().map(f64::to_bits), Some(recall.to_bits()), "{seed}");
                            for (point, precision) in points.into_iter().enumerate() {
                                expected[number * reading.recalls.len() + point].push(precision);
                            }
                        }
                    }
                }
                for precision in expected.into_iter().flatten() {
                    assert_eq!(precisions.next().map(f64::to_bits), Some(precision.to_bits()), "{seed}");
                }
            }
        }
    }
}

#[test]
#[allow(clippy::cast_precision_loss, reason = "few points")]
fn averages_of_many_weights_are_those_of_curves() {
    let recalls = vec![0.0, 0.1, 0.35, 0.5, 0.9, 1.0];
    for seed in 0..40 {
        let images = 1 + usize::try_from(seed % 7).unwrap();
        let question = question(seed % 2 == 0);
        let ranked = ranked(&made(seed, images), &question);
        let reading = Reading { recalls: recalls.clone(), detections: vec![question.most] };
        let mut random = noise(seed);
        let mut rows: Vec<Vec<u8>> =
            (0..6).map(|_| (0..images).map(|_| u8::try_from(random(3)).unwrap()).collect()).collect();
        rows.extend([vec![1; images], vec![0; images], vec![1; images], vec![200; images]]);
        let slices: Vec<&[u8]> = rows.iter().map(Vec::as_slice).collect();
        for label in 0..CLASSES {
            let found = ranked.averages(label, &recalls, &slices, &mut || false).unwrap();
            let mut found = found.into_iter();
            for row in &rows {
                let weights: Vec<u32> = row.iter().map(|&weight| weight.into()).collect();
                let curves = ranked.curves(label, &reading, Some(&weights));
                let areas = question.areas.len();
                for threshold in 0..question.thresholds.len() {
                    let at = |point| curves.precisions[(threshold * recalls.len() + point) * areas];
                    let expected: Vec<f64> = (0..recalls.len()).map(at).collect();
                    let found = found.next().unwrap();
                    if expected[0] < 0.0 {
                        assert!(found.is_nan());
                    } else {
                        let mean = expected.iter().sum::<f64>() / recalls.len() as f64;
                        assert!((found - mean).abs() < 1e-14, "{seed} {label}: {found} and {mean}");
                    }
                }
            }
        }
        let stopped = ranked.averages(0, &recalls, &slices, &mut || true);
        assert!(matches!(stopped, Err(crate::error::Error::Cancelled)));
    }
}

#[test]
fn rows_that_do_not_fit_are_refused() {
    let good = made(3, 4);
    assert!(good.tables().check(CLASSES).is_ok());
    assert!(good.objects[0].len() > 6 && good.overlaps[0].len() > 3);
    let breaks: [fn(&mut Made); 14] = [
        |made| made.object_offsets[1] = 1 << 40,
        |made| made.object_offsets.truncate(4),
        |made| made.overlap_offsets[0] = 1,
        |made| made.objects[0][0] = 1,
        |made| made.objects[1][2] = 3,
        |made| made.objects[1][2] = -1,
        |made| made.objects[4][1] = bits(f64::NAN),
        |made| made.objects[5].truncate(2),
        |made| made.overlaps[0][0] = 99,
        |made| made.overlaps[1][0] = -1,
        |made| made.overlaps[2][1] = 2000,
        |made| made.bands.as_mut().unwrap()[0].truncate(3),
        |made| made.bands.as_mut().unwrap()[0].fill(0),
        |made| made.bands.as_mut().unwrap()[1][0] = 99,
    ];
    for (number, damage) in breaks.into_iter().enumerate() {
        let mut made = good.clone();
        damage(&mut made);
        let refused = made.tables().check(CLASSES).unwrap_err().to_string();
        assert_eq!(refused, "objects and overlaps do not fit together", "{number}");
    }
    assert!(Made::default().tables().check(1).is_err());
}
