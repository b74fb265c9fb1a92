//! Which predictions find a target, at many thresholds and for targets of several areas at once, as COCO decides it.
//!
//! Within an image and a class predictions come by score, and each takes the free target of highest overlap at or above
//! the threshold; of equal ones the later. Targets that are ignored (crowds, and those of another area) are taken last, and
//! crowds as often as one likes. A prediction that takes one of them is ignored, and so is one of another
//! area that takes none, or one that is said to be ignored where it takes none. It is `COCOeval.evaluateImg` of pycocotools, with answers as bits.

use crate::error::Error;
use crate::instances::coco::{BOX_ONLY, CROWD, IGNORE};

/// Thresholds times ranges of areas: as many bits as there are.
pub const MOST_BITS: usize = 64;

/// Rows of objects and of overlaps of images, as columns.
#[derive(Clone, Copy, Debug)]
#[allow(missing_docs)]
pub struct Tables<'a> {
    pub object_offsets: &'a [i64],
    pub side: &'a [i64],
    pub label: &'a [i64],
    pub pixels: &'a [i64],
    pub area: &'a [i64],
    pub score: &'a [i64],
    pub flags: &'a [i64],
    pub overlap_offsets: &'a [i64],
    pub target: &'a [i64],
    pub pred: &'a [i64],
    pub shared: &'a [i64],
    /// Pixels of the bands of objects, and how many those of overlaps share, where bands count.
    pub bands: Option<[&'a [i64]; 2]>,
}

/// What is asked.
#[derive(Clone, Debug)]
pub struct Question {
    /// `IoU` from which on a target is found, rising.
    pub thresholds: Vec<f64>,
    /// Smallest and largest area of targets that count, both of them included.
    pub areas: Vec<[f64; 2]>,
    /// Most predictions of a class in an image.
    pub most: usize,
    /// Whether targets that their file says to ignore are, and so predictions that take no target.
    pub heed_ignore: bool,
    /// How many classes there are.
    pub classes: usize,
}

/// A prediction: bits of thresholds, from the first on, for one range of areas after the other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Detection {
    /// Its score.
    pub score: f64,
    /// Its class.
    pub label: u32,
    /// Its image.
    pub image: u32,
    /// How many of its class and image come before it.
    pub rank: u32,
    /// Where it takes a target.
    pub matched: u64,
    /// Where it is left out.
    pub ignored: u64,
}

/// How many targets of a class count in an image, for each range of areas.
#[derive(Clone, Debug, PartialEq)]
pub struct Counted {
    /// The class.
    pub label: u32,
    /// The image.
    pub image: u32,
    /// How many, for each range of areas.
    pub targets: Vec<u32>,
}

/// Predictions and numbers of targets, image by image.
#[derive(Clone, Debug, Default, PartialEq)]
#[allow(missing_docs)]
pub struct Matched {
    pub detections: Vec<Detection>,
    pub counted: Vec<Counted>,
}

/// A number that is known to be an index.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it was checked")]
fn index(number: i64) -> usize {
    number as usize
}

/// Images, classes and objects of an image are fewer than 2^32.
#[allow(clippy::cast_possible_truncation, reason = "they are")]
fn small(number: usize) -> u32 {
    number as u32
}

fn as_float(bits: i64) -> f64 {
    f64::from_bits(bits.cast_unsigned())
}

impl Tables<'_> {
    /// How many images there are.
    #[must_use]
    pub fn images(&self) -> usize {
        self.object_offsets.len().saturating_sub(1)
    }

    /// Whether rows fit together: all that is looked up later is there.
    ///
    /// # Errors
    ///
    /// [`Error::BadRows`].
    pub fn check(&self, classes: usize) -> Result<(), Error> {
        let offsets = |offsets: &[i64], len: usize| {
            offsets.first() == Some(&0)
                && offsets.is_sorted()
                && offsets.last() == i64::try_from(len).ok().as_ref()
        };
        let columns = [self.label, self.pixels, self.area, self.score, self.flags];
        let good = offsets(self.object_offsets, self.side.len())
            && offsets(self.overlap_offsets, self.target.len())
            && self.overlap_offsets.len() == self.object_offsets.len()
            && columns.iter().all(|column| column.len() == self.side.len())
            && self.pred.len() == self.target.len()
            && self.shared.len() == self.target.len()
            && self.label.iter().all(|&label| usize::try_from(label).is_ok_and(|label| label < classes))
            && self.score.iter().chain(self.area).all(|&bits| !as_float(bits).is_nan())
            && self.bands.is_none_or(|[of_objects, shared]| {
                of_objects.len() == self.side.len() && shared.len() == self.target.len()
            })
            && (0..self.images()).all(|image| self.fits(image));
        if good { Ok(()) } else { Err(Error::BadRows("objects and overlaps do not fit together")) }
    }

    fn fits(&self, image: usize) -> bool {
        let (objects, overlaps) = (self.objects(image), self.overlaps(image));
        let side = &self.side[objects.clone()];
        let targets = side.iter().take_while(|&&side| side == 0).count();
        let preds = side.len() - targets;
        let within = |number: i64, len: usize| usize::try_from(number).is_ok_and(|number| number < len);
        side[targets..].iter().all(|&side| side == 1)
            && overlaps.into_iter().all(|row| {
                within(self.target[row], targets) && within(self.pred[row], preds) && {
                    let target = objects.start + index(self.target[row]);
                    let pred = objects.start + targets + index(self.pred[row]);
                    let least = |pixels: &[i64]| pixels[target].min(pixels[pred]);
                    (1..=least(self.pixels)).contains(&self.shared[row])
                        && self.bands.is_none_or(|[of_objects, shared]| {
                            least(of_objects) > 0 && (0..=least(of_objects)).contains(&shared[row])
                        })
                }
            })
    }

    fn objects(&self, image: usize) -> std::ops::Range<usize> {
        index(self.object_offsets[image])..index(self.object_offsets[image + 1])
    }

    fn overlaps(&self, image: usize) -> std::ops::Range<usize> {
        index(self.overlap_offsets[image])..index(self.overlap_offsets[image + 1])
    }

    /// Add the predictions of an image, and how many of its targets count, class by class.
    pub fn match_image(&self, image: usize, question: &Question, matched: &mut Matched) {
        let objects = self.objects(image);
        let targets = self.side[objects.clone()].partition_point(|&side| side == 0);
        let (first, first_pred) = (objects.start, objects.start + targets);
        let is_mask = |row: &usize| self.flags[*row] & BOX_ONLY == 0;
        let mut target_rows: Vec<usize> = (first..first_pred).filter(is_mask).collect();
        let mut pred_rows: Vec<usize> = (first_pred..objects.end).filter(is_mask).collect();
        target_rows.sort_by_key(|&row| self.label[row]);
        let score = |row: usize| as_float(self.score[row]);
        pred_rows.sort_by(|&one, &two| {
            let by_score = || score(two).partial_cmp(&score(one)).unwrap_or(std::cmp::Ordering::Equal);
            self.label[one].cmp(&self.label[two]).then_with(by_score)
        });
        // Overlaps of each prediction, its targets in the order of the file.
        let mut pairs: Vec<(usize, usize, usize)> = self
            .overlaps(image)
            .map(|row| (first_pred + index(self.pred[row]), first + index(self.target[row]), row))
            .filter(|(pred, target, _)| self.label[*pred] == self.label[*target] && is_mask(target))
            .collect();
        pairs.sort_unstable();
        let mut taken = vec![0_u64; targets];
        let ignored: Vec<u64> = (first..first_pred).map(|row| self.ignored(row, question)).collect();
        for of_class in target_rows.chunk_by(|&one, &two| self.label[one] == self.label[two]) {
            let within = |range: usize| {
                let bit = 1 << (range * question.thresholds.len());
                small(of_class.iter().filter(|&&row| ignored[row - first] & bit == 0).count())
            };
            matched.counted.push(Counted {
                label: small(index(self.label[of_class[0]])),
                image: small(image),
                targets: (0..question.areas.len()).map(within).collect(),
            });
        }
        for of_class in pred_rows.chunk_by(|&one, &two| self.label[one] == self.label[two]) {
            for (rank, &row) in of_class.iter().take(question.most).enumerate() {
                let start = pairs.partition_point(|pair| pair.0 < row);
                let own = pairs[start..].iter().take_while(|pair| pair.0 == row);
                let candidates: Vec<(usize, f64)> = own
                    .map(|&(_, target, overlap)| (target, self.iou(target, row, overlap)))
                    .filter(|(_, iou)| question.thresholds.first().is_some_and(|least| iou >= least))
                    .collect();
                let outside = if question.heed_ignore && self.flags[row] & IGNORE != 0 {
                    u64::MAX
                } else {
                    self.outside(self.area_of_pred(row), question)
                };
                let mut detection = Detection {
                    score: score(row),
                    label: small(index(self.label[row])),
                    image: small(image),
                    rank: small(rank),
                    matched: 0,
                    ignored: 0,
                };
                if !candidates.is_empty() {
                    for range in 0..question.areas.len() {
                        for (number, &threshold) in question.thresholds.iter().enumerate() {
                            let bit = 1 << (range * question.thresholds.len() + number);
                            let free = |target: usize| {
                                taken[target - first] & bit == 0 || self.flags[target] & CROWD != 0
                            };
                            let best = |of_ignored: bool| {
                                let mut best = (None, threshold.min(1.0 - 1e-10));
                                for &(target, iou) in &candidates {
                                    let is_ignored = ignored[target - first] & bit != 0;
                                    if is_ignored == of_ignored && free(target) && iou >= best.1 {
                                        best = (Some(target), iou);
                                    }
                                }
                                best.0
                            };
                            let (found, of_ignored) = match best(false) {
                                None => (best(true), true),
                                found => (found, false),
                            };
                            if let Some(target) = found {
                                taken[target - first] |= bit;
                                detection.matched |= bit;
                                detection.ignored |= if of_ignored { bit } else { 0 };
                            }
                        }
                    }
                }
                detection.ignored |= outside & !detection.matched;
                matched.detections.push(detection);
            }
        }
    }

    #[allow(clippy::cast_precision_loss, reason = "pixels are below 2^32")]
    fn iou(&self, target: usize, pred: usize, overlap: usize) -> f64 {
        let shared = self.shared[overlap];
        if self.flags[target] & CROWD != 0 {
            return shared as f64 / self.pixels[pred] as f64;
        }
        let over =
            |pixels: &[i64], shared: i64| shared as f64 / (pixels[target] + pixels[pred] - shared) as f64;
        let of_masks = over(self.pixels, shared);
        self.bands.map_or(of_masks, |[bands, of_bands]| of_masks.min(over(bands, of_bands[overlap])))
    }

    #[allow(clippy::cast_precision_loss, reason = "pixels are below 2^32")]
    fn area_of_pred(&self, row: usize) -> f64 {
        self.pixels[row] as f64
    }

    /// For which ranges of areas a target does not count.
    fn ignored(&self, row: usize, question: &Question) -> u64 {
        let flags = CROWD | if question.heed_ignore { IGNORE } else { 0 };
        if self.flags[row] & flags != 0 { u64::MAX } else { self.outside(as_float(self.area[row]), question) }
    }

    #[allow(clippy::unused_self, reason = "beside what asks")]
    fn outside(&self, area: f64, question: &Question) -> u64 {
        let number = question.thresholds.len();
        let all = u64::MAX >> (MOST_BITS - number);
        let bits = |(range, [least, most]): (usize, &[f64; 2])| {
            if area < *least || area > *most { all << (range * number) } else { 0 }
        };
        question.areas.iter().enumerate().map(bits).fold(0, |all, bits| all | bits)
    }
}
