//! Precision and recall of ranked predictions, as COCO sums them up.
//!
//! It is `COCOeval.accumulate` of pycocotools, with its doubles: precision is `TP / (FP + TP + 2^-52)`, made to fall with
//! recall, and read where recall first reaches a point. Only true positives can raise it, so these alone are kept.

use super::matching::{Counted, Detection, Matched, Question};

/// What is read of the ranked predictions.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Reading {
    /// Where precision is read, rising.
    pub recalls: Vec<f64>,
    /// How many predictions of a class in an image count.
    pub detections: Vec<usize>,
}

/// Predictions and numbers of targets class by class; predictions by score, then by image and rank.
#[derive(Debug)]
pub struct Ranked {
    matched: Matched,
    /// Where predictions of each class begin, and where targets do.
    starts: Vec<[usize; 2]>,
    question: Question,
}

/// What one class has: precisions by threshold, recall, area and number of predictions, and recalls by threshold, area and
/// number of predictions. Without targets all are -1.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct Curves {
    pub precisions: Vec<f64>,
    pub recalls: Vec<f64>,
}

const NO_TARGETS: f64 = -1.0;

impl Ranked {
    /// Sort what was found in images, one after the other.
    ///
    /// # Panics
    ///
    /// If a class is none of those asked for.
    #[must_use]
    pub fn new(mut matched: Matched, question: Question) -> Self {
        matched.detections.sort_by(|one, two| {
            let by_score = || two.score.partial_cmp(&one.score).unwrap_or(std::cmp::Ordering::Equal);
            one.label.cmp(&two.label).then_with(by_score)
        });
        matched.counted.sort_by_key(|counted| counted.label);
        let starts = (0..=question.classes)
            .map(|label| {
                [
                    matched.detections.partition_point(|one| (one.label as usize) < label),
                    matched.counted.partition_point(|one| (one.label as usize) < label),
                ]
            })
            .collect();
        Self { matched, starts, question }
    }

    /// The predictions of a class and the numbers of its targets.
    pub(super) fn of_class(&self, label: usize) -> (&[Detection], &[Counted]) {
        let [from, to] = [self.starts[label], self.starts[label + 1]];
        (&self.matched.detections[from[0]..to[0]], &self.matched.counted[from[1]..to[1]])
    }

    /// What was asked.
    #[must_use]
    pub fn question(&self) -> &Question {
        &self.question
    }

    /// The curves of a class. `weights` says how often each image counts; each does once without it.
    ///
    /// # Panics
    ///
    /// If there is no such class, or no weight for an image.
    #[must_use]
    #[allow(clippy::cast_precision_loss, reason = "counts are below 2^53")]
    pub fn curves(&self, label: usize, reading: &Reading, weights: Option<&[u32]>) -> Curves {
        let (detections, counted) = self.of_class(label);
        let weight = |image: u32| weights.map_or(1, |weights| u64::from(weights[image as usize]));
        let (thresholds, areas) = (self.question.thresholds.len(), self.question.areas.len());
        let (points, ranks) = (reading.recalls.len(), reading.detections.len());
        let mut curves = Curves {
            precisions: vec![NO_TARGETS; thresholds * points * areas * ranks],
            recalls: vec![NO_TARGETS; thresholds * areas * ranks],
        };
        let mut steps: Vec<(f64, f64)> = Vec::new();
        for area in 0..areas {
            let targets: u64 =
                counted.iter().map(|one| weight(one.image) * u64::from(one.targets[area])).sum();
            if targets == 0 {
                continue;
            }
            for (rank, &most) in reading.detections.iter().enumerate() {
                for threshold in 0..thresholds {
                    let bit = 1 << (area * thresholds + threshold);
                    let (mut tp, mut fp) = (0, 0);
                    steps.clear();
                    for one in detections {
                        if one.ignored & bit != 0 || one.rank as usize >= most {
                            continue;
                        }
                        let weight = weight(one.image);
                        if one.matched & bit == 0 {
                            fp += weight;
                        } else if weight > 0 {
                            tp += weight;
                            let precision = tp as f64 / ((fp + tp) as f64 + f64::EPSILON);
                            steps.push((tp as f64 / targets as f64, precision));
                        }
                    }
                    let at = (threshold * areas + area) * ranks + rank;
                    curves.recalls[at] = tp as f64 / targets as f64;
                    envelope(&mut steps);
                    let mut step = 0;
                    for (point, &recall) in reading.recalls.iter().enumerate() {
                        while steps.get(step).is_some_and(|step| step.0 < recall) {
                            step += 1;
                        }
                        let at = ((threshold * points + point) * areas + area) * ranks + rank;
                        curves.precisions[at] = steps.get(step).map_or(0.0, |step| step.1);
                    }
                }
            }
        }
        curves
    }
}

/// Make precisions fall with recall: each is the highest from there on.
pub(super) fn envelope(steps: &mut [(f64, f64)]) {
    let mut highest = 0.0;
    for (_, precision) in steps.iter_mut().rev() {
        highest = precision.max(highest);
        *precision = highest;
    }
}
