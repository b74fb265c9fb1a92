//! Average precision with many weights of the images at once, for resamples.
//!
//! It is what [`Ranked::curves`] says of the first range of areas and of as many predictions as were asked for, summed up
//! over points of recall. Most predictions find nothing at any threshold; these are added up once for all thresholds.

use super::matching::Detection;
use super::precision::{Ranked, envelope};
use crate::error::{Error, look};

/// Predictions of a class that find a target or are left out at some threshold, and how much finds nothing before them.
#[derive(Default)]
struct Weighted {
    /// Weight, bits of thresholds where it is found, bits where it is left out, weight of those before that find nothing.
    some: Vec<(u64, u64, u64, u64)>,
    /// True positives and predictions up to each of them.
    steps: Vec<(f64, f64)>,
}

impl Ranked {
    /// Mean precisions of a class over points of recall, for each row of weights one for each threshold; NaN where no
    /// target counts.
    ///
    /// # Errors
    ///
    /// [`Error::Cancelled`] where `stop` says so.
    ///
    /// # Panics
    ///
    /// If there is no such class, or no weight for an image.
    pub fn averages(
        &self,
        label: usize,
        recalls: &[f64],
        rows: &[&[u8]],
        stop: &mut dyn FnMut() -> bool,
    ) -> Result<Vec<f64>, Error> {
        let (detections, counted) = self.of_class(label);
        let thresholds = self.question().thresholds.len();
        let mut images: Vec<u32> = detections.iter().map(|one| one.image).collect();
        images.extend(counted.iter().map(|one| one.image));
        images.sort_unstable();
        images.dedup();
        let mut known: Vec<(u8, Vec<f64>)> = Vec::new();
        let mut weighted = Weighted::default();
        let mut found = Vec::with_capacity(rows.len() * thresholds);
        for weights in rows {
            look(stop)?;
            // Where all of its images count as often, as where one is left out in which it is not, all is the same.
            let alike = images.first().map(|&image| weights[image as usize]);
            let alike = alike.filter(|&one| images.iter().all(|&image| weights[image as usize] == one));
            if let Some((_, values)) = known.iter().find(|(one, _)| Some(*one) == alike) {
                found.extend_from_slice(values);
                continue;
            }
            let targets: u64 = counted
                .iter()
                .map(|one| u64::from(weights[one.image as usize]) * u64::from(one.targets[0]))
                .sum();
            let start = found.len();
            if targets == 0 {
                found.resize(start + thresholds, f64::NAN);
            } else {
                weighted.fill(detections, weights, thresholds);
                found.extend((0..thresholds).map(|threshold| weighted.mean(threshold, targets, recalls)));
            }
            if let Some(alike) = alike {
                known.push((alike, found[start..].to_vec()));
            }
        }
        Ok(found)
    }
}

impl Weighted {
    fn fill(&mut self, detections: &[Detection], weights: &[u8], thresholds: usize) {
        let all = u64::MAX >> (64 - thresholds);
        let mut nothing = 0;
        self.some.clear();
        for one in detections {
            let weight = u64::from(weights[one.image as usize]);
            let (matched, ignored) = (one.matched & all, one.ignored & all);
            if matched | ignored == 0 {
                nothing += weight;
            } else if weight > 0 {
                self.some.push((weight, matched, ignored, nothing));
            }
        }
    }

    #[allow(clippy::cast_precision_loss, reason = "counts are below 2^53")]
    fn mean(&mut self, threshold: usize, targets: u64, recalls: &[f64]) -> f64 {
        let (mut tp, mut fp) = (0, 0);
        self.steps.clear();
        for &(weight, matched, ignored, nothing) in &self.some {
            if ignored >> threshold & 1 != 0 {
                continue;
            }
            if matched >> threshold & 1 == 0 {
                fp += weight;
            } else {
                tp += weight;
                let precision = tp as f64 / ((nothing + fp + tp) as f64 + f64::EPSILON);
                self.steps.push((tp as f64 / targets as f64, precision));
            }
        }
        envelope(&mut self.steps);
        let (mut step, mut sum) = (0, 0.0);
        for &recall in recalls {
            while self.steps.get(step).is_some_and(|step| step.0 < recall) {
                step += 1;
            }
            match self.steps.get(step) {
                Some(step) => sum += step.1,
                None => break,
            }
        }
        sum / recalls.len() as f64
    }
}
