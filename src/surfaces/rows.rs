//! Rows of distances between the surfaces of two maps.

use std::collections::BTreeMap;
use std::ops::Range;

use super::any::AnyLines;
use super::finds::{Finds, Seen, finder};
pub(crate) use super::labels::Surfaces;
use super::labels::Wanted;
use super::paired::Pairs;
use super::void::Void;
use super::{axes_as_they_lie, check_shapes, corners, edges};
use crate::count::Counter;
use crate::cpu::Kernel;
use crate::distance::Metric;
use crate::distance::between::{Between, Found, Set, Terms};
use crate::error::{Error, Side};
use crate::limits::{MAX_DISTANCES, MAX_LABELS};
use crate::pairs::PairCounts;
use crate::pairs::sums::add_up;
use crate::pixels::LabelMap;

/// What a surface is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Elements {
    /// Voxels with a neighbour at a face that has another label, or is outside the image.
    Voxels,
    /// Corners between voxels that are not all of the label, each with a code of which of them are.
    Corners,
}

/// What is to be known of the surfaces of two maps.
#[derive(Clone, Debug)]
pub struct Question {
    /// What a step along each dimension measures.
    pub spacing: Vec<f64>,
    /// What surfaces are made of.
    pub elements: Elements,
    /// Distances above it are not told apart from there being no other surface.
    pub within: Option<f64>,
    /// The labels whose surfaces count.
    pub wanted: Wanted,
    /// What corners of each code are counted as, such as the number of their area; as their code, if not given.
    pub kinds: Option<[u8; 256]>,
}

/// Parts of the surface of a label that are equally far from the surface of the label in the other map.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DistanceRow {
    /// Label value.
    pub label: i64,
    /// In which map the parts are.
    pub side: Side,
    /// Which voxels around a corner are of the label, or what such corners are counted as; 0 for voxels.
    pub code: u8,
    /// The square of the distance; infinite where the other map has no such surface within the bound.
    pub squared: f64,
    /// How many; at least one.
    pub count: u64,
}

/// Slices that are looked at together.
const HELD: usize = 3;

/// Sides in the order in which rows come.
pub(crate) const SIDES: [Side; 2] = [Side::Target, Side::Pred];

/// Two maps, and what is to be known of their surfaces.
pub struct Scene<'a> {
    maps: [LabelMap<'a>; 2],
    question: Question,
    metric: Metric,
    /// Whether there are three dimensions.
    tall: bool,
    kernel: Kernel,
    /// What corners of each code that is found are counted as.
    kinds: Option<[u8; 256]>,
}

impl<'a> Scene<'a> {
    /// A scene of two maps.
    ///
    /// # Errors
    ///
    /// [`Error::ShapeMismatch`], [`Error::Dimensions`], [`Error::TooManyVoxels`], [`Error::Spacing`] and
    /// [`Error::Within`].
    pub fn new(
        kernel: Kernel,
        target: &LabelMap<'a>,
        pred: &LabelMap<'a>,
        question: Question,
    ) -> Result<Self, Error> {
        check_shapes(target, pred, 2..=3)?;
        if let Some(found) = question.within.filter(|&within| !(within > 0.0 && within < f64::INFINITY)) {
            return Err(Error::Within { found });
        }
        let axes = axes_as_they_lie(target, pred);
        let metric = Metric::new(&question.spacing, &axes)?;
        let tall = axes.len() == 3;
        let lying: Vec<Option<usize>> = match *axes.as_slice() {
            [slices, rows, columns] => vec![Some(slices), Some(rows), Some(columns)],
            _ => vec![Some(axes[0]), None, Some(axes[1])],
        };
        let maps = [target, pred].map(|map| map.with_axes(&lying));
        let kinds = (question.elements == Elements::Corners).then(|| {
            let kind = |code: u8| question.kinds.map_or(code, |kinds| kinds[usize::from(code)]);
            corners::known_codes(&metric, tall).map(kind)
        });
        Ok(Self { maps, question, metric, tall, kernel, kinds })
    }

    /// Slices of elements of surfaces, which can be looked at part by part.
    #[must_use]
    pub fn slices(&self) -> usize {
        let shape = self.maps[0].shape();
        if shape.contains(&0) {
            return 0;
        }
        shape[0] + usize::from(self.question.elements == Elements::Corners)
    }

    /// The size of a lattice of elements: slices, rows and columns.
    fn size(&self) -> [usize; 3] {
        let more = usize::from(self.question.elements == Elements::Corners);
        let &[slices, rows, columns] = self.maps[0].shape() else { unreachable!("maps have three axes") };
        if self.tall {
            [slices, rows, columns].map(|len| len + more)
        } else {
            [1, slices + more, columns + more]
        }
    }

    /// The surface of each label in some slices, of both maps. With a counter the pairs of labels there are counted,
    /// while they are at hand.
    ///
    /// # Errors
    ///
    /// [`Error::LabelTooLarge`], [`Error::TooManyLabels`], [`Error::TooManyPairs`] and [`Error::Cancelled`].
    pub(crate) fn find(
        &self,
        slices: Range<usize>,
        counter: Option<&mut Counter>,
        stop: &mut dyn FnMut() -> bool,
    ) -> Result<([Surfaces; 2], PairCounts), Error> {
        let [target, pred] = &self.maps;
        let [mut target, mut beside, mut pred] =
            [target, target, pred].map(|map| AnyLines::new(map.clone(), HELD));
        let wanted = &self.question.wanted;
        let void = (!wanted.ignored.is_empty()).then(|| Void::new(&mut beside, &wanted.ignored));
        let target = Seen { side: Side::Target, lines: &mut target, tall: self.tall, void: None };
        let pred = Seen { side: Side::Pred, lines: &mut pred, tall: self.tall, void };
        let mut pairs = Pairs::new(&self.maps, counter);
        let of_voxels = self.maps[0].shape()[0];
        if !self.tall {
            // Slices of one row are too short to be counted one by one.
            pairs.count(slices.start..slices.end.min(of_voxels), stop)?;
        }
        let of_kind = match self.question.elements {
            Elements::Voxels => finder::<edges::Voxels>,
            Elements::Corners => finder::<corners::Corners>,
        };
        let mut finders = [target, pred].map(|seen| of_kind(seen, wanted));
        for finder in &mut finders {
            finder.begin(self.kernel, slices.start)?;
        }
        for slice in slices {
            for finder in &mut finders {
                finder.pass(self.kernel, slice, stop)?;
            }
            if self.tall && slice < of_voxels {
                pairs.count_slice(slice, finders.each_ref().map(|finder| finder.passed()), stop)?;
            }
        }
        Ok((finders.map(Finds::into_surfaces), pairs.into_counts()?))
    }

    /// What is the same for the surfaces of all labels.
    pub(crate) fn terms(&self) -> Terms {
        let terms = Terms::new(self.kernel, self.metric, self.size(), self.question.within);
        match self.kinds {
            Some(kinds) => terms.counting(kinds),
            None => terms,
        }
    }
}

/// What each of some slabs has of the surfaces of each label of either map, of the target first.
///
/// # Errors
///
/// [`Error::TooManyLabels`].
pub(crate) fn in_slabs(
    sides: [impl Iterator<Item = Surfaces>; 2],
) -> Result<BTreeMap<i64, [Vec<Set>; 2]>, Error> {
    let mut all = BTreeMap::<i64, [Vec<Set>; 2]>::new();
    for (side, slabs) in sides.into_iter().enumerate() {
        let mut labels = 0;
        for (label, set) in slabs.flatten() {
            let parts = &mut all.entry(label).or_default()[side];
            labels += usize::from(parts.is_empty());
            parts.push(set);
        }
        if labels > MAX_LABELS {
            return Err(Error::TooManyLabels { limit: MAX_LABELS });
        }
    }
    Ok(all)
}

/// The surfaces of each label of either map, of the target first.
pub(crate) fn of_labels([mut target, pred]: [Surfaces; 2]) -> BTreeMap<i64, [Set; 2]> {
    let mut both: BTreeMap<i64, [Set; 2]> = pred
        .into_iter()
        .map(|(label, set)| (label, [target.remove(&label).unwrap_or_default(), set]))
        .collect();
    both.extend(target.into_iter().map(|(label, set)| (label, [set, Set::default()])));
    both
}

/// Add the counts of one side of a label as rows, sorted by distances, then by codes.
///
/// # Errors
///
/// [`Error::TooManyDistances`].
pub(crate) fn add_rows(
    rows: &mut Vec<DistanceRow>,
    label: i64,
    side: Side,
    mut found: Vec<Found>,
) -> Result<(), Error> {
    add_up(&mut found);
    let row = |((bits, code), count)| DistanceRow { label, side, code, squared: f64::from_bits(bits), count };
    rows.extend(found.into_iter().map(row));
    check(rows.len())
}

/// Refuse more rows than are of use.
pub(crate) fn check(rows: usize) -> Result<(), Error> {
    if rows > MAX_DISTANCES { Err(Error::TooManyDistances { limit: MAX_DISTANCES }) } else { Ok(()) }
}

/// How far the surfaces of each label are from each other, sorted by label, side, distance and code.
///
/// # Errors
///
/// Those of [`counted_rows`].
pub fn distance_rows(scene: &Scene<'_>, stop: &mut dyn FnMut() -> bool) -> Result<Vec<DistanceRow>, Error> {
    Ok(counted_rows(scene, None, stop)?.0)
}

/// The rows of [`distance_rows`], and with a counter the pair counts of both maps, which are read once for both.
///
/// # Errors
///
/// [`Error::LabelTooLarge`], [`Error::TooManyLabels`], [`Error::TooManyDistances`], [`Error::TooManyPairs`] and
/// [`Error::Cancelled`].
pub fn counted_rows(
    scene: &Scene<'_>,
    mut counter: Option<&mut Counter>,
    stop: &mut dyn FnMut() -> bool,
) -> Result<(Vec<DistanceRow>, PairCounts), Error> {
    if scene.slices() == 0 {
        return Ok(Default::default());
    }
    let found = scene.find(0..scene.slices(), counter.as_deref_mut(), stop);
    if let (Err(_), Some(counter)) = (&found, counter) {
        counter.clear();
    }
    let (surfaces, pairs) = found?;
    let (terms, mut rows) = (scene.terms(), Vec::new());
    for (label, sets) in of_labels(surfaces) {
        let both = Between::new(&terms, [&sets[0], &sets[1]]).count(stop)?;
        for (side, found) in SIDES.into_iter().zip(both) {
            add_rows(&mut rows, label, side, found)?;
        }
    }
    Ok((rows, pairs))
}

#[cfg(test)]
mod tests;
