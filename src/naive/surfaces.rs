//! Surfaces that are found voxel by voxel, and bands by windows that are looked at label by label.
#![allow(clippy::cast_possible_wrap, clippy::cast_precision_loss, reason = "small numbers")]

use std::collections::BTreeMap;

use crate::error::Side;
use crate::surfaces::Wanted;
use crate::surfaces::bands::BandRow;
use crate::surfaces::rows::{DistanceRow, Elements, Question};

type Place = Vec<i64>;

/// All places of an array, in its order.
fn places(shape: &[usize]) -> Vec<Place> {
    let mut all = vec![vec![]];
    for &len in shape {
        all = all
            .into_iter()
            .flat_map(|place| (0..len as i64).map(move |at| [place.clone(), vec![at]].concat()))
            .collect();
    }
    all
}

/// The label at a place; none outside, or where the target's is ignored.
fn at(labels: &[i64], target: &[i64], shape: &[usize], place: &Place, ignored: &[i64]) -> Option<i64> {
    let mut index = 0;
    for (&at, &len) in place.iter().zip(shape) {
        index = index * len + usize::try_from(at).ok().filter(|&at| at < len)?;
    }
    (!ignored.contains(&target[index])).then_some(labels[index])
}

/// Elements of the surface of a label, each with its code.
fn elements(
    [labels, target]: [&[i64]; 2],
    shape: &[usize],
    label: i64,
    question: &Question,
) -> Vec<(Place, u8)> {
    let ignored = question.wanted.ignored.as_slice();
    let of = |place: &Place| at(labels, target, shape, place, ignored) == Some(label);
    match question.elements {
        Elements::Voxels => {
            let border = |place: &Place| {
                of(place)
                    && (0..shape.len()).any(|axis| {
                        [-1, 1].iter().any(|step| {
                            let mut beside = place.clone();
                            beside[axis] += step;
                            !of(&beside)
                        })
                    })
            };
            places(shape).into_iter().filter(border).map(|place| (place, 0)).collect()
        }
        Elements::Corners => {
            let more: Vec<usize> = shape.iter().map(|len| len + 1).collect();
            let code = |place: &Place| {
                places(&vec![2; shape.len()]).iter().fold(0_u8, |code, step| {
                    let voxel = place.iter().zip(step).map(|(at, step)| at + step - 1).collect();
                    code << 1 | u8::from(of(&voxel))
                })
            };
            let full = if shape.len() == 3 { 255 } else { 15 };
            let corners = places(&more).into_iter().map(|place| {
                let code = code(&place);
                (place, code)
            });
            corners.filter(|(_, code)| *code != 0 && *code != full).collect()
        }
    }
}

/// The rows of distances between the surfaces of two maps, from each element of the one to all of the other.
#[must_use]
pub fn rows(target: &[i64], pred: &[i64], shape: &[usize], question: &Question) -> Vec<DistanceRow> {
    let mut labels: Vec<i64> = target
        .iter()
        .chain(pred)
        .copied()
        .filter(|label| {
            let Wanted { labels, ignored } = &question.wanted;
            labels.as_ref().is_none_or(|labels| labels.contains(label)) && !ignored.contains(label)
        })
        .collect();
    labels.sort_unstable();
    labels.dedup();
    let mut rows = BTreeMap::new();
    for label in labels {
        let surfaces = [target, pred].map(|labels| elements([labels, target], shape, label, question));
        for (number, surface) in surfaces.iter().enumerate() {
            for (place, code) in surface {
                let apart = |(other, _): &(Place, u8)| {
                    place.iter().zip(other).zip(&question.spacing).fold(0.0, |sum, ((one, other), step)| {
                        let along = (one - other) as f64 * step;
                        sum + along * along
                    })
                };
                let mut squared = surfaces[1 - number].iter().map(apart).fold(f64::INFINITY, f64::min);
                if question.within.is_some_and(|within| squared > (within * (1.0 + 1e-9)).powi(2)) {
                    squared = f64::INFINITY;
                }
                let code = question.kinds.map_or(*code, |kinds| kinds[usize::from(*code)]);
                *rows.entry((label, number, squared.to_bits(), code)).or_insert(0) += 1;
            }
        }
    }
    let row = |((label, number, bits, code), count): ((i64, usize, u64, u8), u64)| DistanceRow {
        label,
        side: [Side::Target, Side::Pred][number],
        code,
        squared: f64::from_bits(bits),
        count,
    };
    rows.into_iter().map(row).collect()
}

/// The number of the first width whose window around a pixel is not of one label within the image.
fn bin_naively<L: PartialEq>(
    labels: &[L],
    [height, width]: [usize; 2],
    [y, x]: [usize; 2],
    widths: &[usize],
) -> u8 {
    let inside = |d: usize| {
        let fits = y >= d && x >= d && y + d < height && x + d < width;
        fits && (y - d..=y + d)
            .all(|j| (x - d..=x + d).all(|i| labels[j * width + i] == labels[y * width + x]))
    };
    widths.iter().position(|&d| !inside(d)).unwrap_or(widths.len()).try_into().unwrap()
}

/// How many pixels of each pair of labels are in which bands. What is beside an ignored label of the target, or
/// is ignored beside one that is not, has a boundary there.
#[must_use]
pub fn bands(
    target: &[i64],
    pred: &[i64],
    shape: [usize; 2],
    widths: &[usize],
    ignored: &[i64],
) -> Vec<BandRow> {
    let void: Vec<bool> = target.iter().map(|label| ignored.contains(label)).collect();
    let ended = |labels: &[i64]| -> Vec<(i64, bool)> { labels.iter().copied().zip(void.clone()).collect() };
    let sides = [ended(target), ended(pred)];
    let mut cells = BTreeMap::new();
    for y in 0..shape[0] {
        for x in 0..shape[1] {
            let at = y * shape[1] + x;
            let bins = [0, 1].map(|side| bin_naively(&sides[side], shape, [y, x], widths));
            *cells.entry((target[at], pred[at], bins)).or_insert(0) += 1;
        }
    }
    let row = |((target, pred, [target_bin, pred_bin]), pixels): ((i64, i64, [u8; 2]), u64)| BandRow {
        target,
        pred,
        target_bin,
        pred_bin,
        marked: 0,
        pixels,
    };
    cells.into_iter().map(row).collect()
}
