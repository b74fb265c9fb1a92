//! Every failure as data: what was expected, and what was found.
//!
//! Where it happened (which array, which file) is known by the caller, who adds it. What to do about it is
//! said by whoever shows it, as that depends on where the user is.

use std::fmt::{self, Display, Formatter};
use std::io;

use thiserror::Error;

/// One of the two label maps that are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The ground truth.
    Target,
    /// What a model said.
    Pred,
}

impl Display for Side {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Target => "`target`",
            Self::Pred => "`pred`",
        })
    }
}

/// A shape as Python writes it: `(360, 480)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape(pub Vec<usize>);

impl Display for Shape {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let parts: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        let comma = if parts.len() == 1 { "," } else { "" };
        write!(f, "({}{comma})", parts.join(", "))
    }
}

/// What went wrong.
#[derive(Debug, Error)]
pub enum Error {
    /// The two maps have different shapes.
    #[error("`pred` and `target` differ in shape: {pred} and {target}")]
    ShapeMismatch {
        /// Shape of the prediction.
        pred: Shape,
        /// Shape of the target.
        target: Shape,
    },
    /// Resizing was asked for, but there are not exactly two dimensions.
    #[error("expected two dimensions to resize, found `pred` {pred} and `target` {target}")]
    NotResizable {
        /// Shape of the prediction.
        pred: Shape,
        /// Shape of the target.
        target: Shape,
    },
    /// Boundaries are of another number of dimensions.
    #[error("expected {} dimensions, found {found}", if least == most { least.to_string() } else { format!("{least} or {most}") })]
    Dimensions {
        /// Shape of both maps.
        found: Shape,
        /// How few there may be.
        least: usize,
        /// How many there may be.
        most: usize,
    },
    /// Boundaries are of larger maps than are looked at.
    #[error("an array of shape {found} has more than {limit} voxels")]
    TooManyVoxels {
        /// Shape of both maps.
        found: Shape,
        /// The limit in force.
        limit: u64,
    },
    /// Widths of bands that are none.
    #[error(
        "expected 1 to {most} widths of bands, each of at least one pixel and larger than the one before"
    )]
    Widths {
        /// How many there may be.
        most: usize,
    },
    /// Spacings that are none, or not as many as dimensions.
    #[error(
        "expected one positive number as spacing of each of {dimensions} dimensions, found {}",
        numbers(found)
    )]
    Spacing {
        /// What was given.
        found: Vec<f64>,
        /// How many dimensions there are.
        dimensions: usize,
    },
    /// Class scores do not belong to the pixels of the target.
    #[error("`logits` and `target` differ in shape: {}, and {target}", without(logits, *class_axis, pixels))]
    LogitsShape {
        /// Shape of the scores.
        logits: Shape,
        /// Which of its dimensions holds the classes.
        class_axis: Option<usize>,
        /// The shape without it.
        pixels: Shape,
        /// Shape of the target.
        target: Shape,
    },
    /// No channels, or more than labels can be given to.
    #[error("`logits` has {found} channels, expected 1{}", if *most == 1 { String::new() } else { format!(" to {most}") })]
    Channels {
        /// How many there are.
        found: usize,
        /// How many there may be.
        most: usize,
    },
    /// A class score is not a number.
    #[error("`logits` is NaN {}", place(index.as_ref(), *class_axis))]
    NotANumber {
        /// Index of the first one, in the array of scores; `None` if it was overwritten meanwhile.
        index: Option<Shape>,
        /// Which part of the index is the channel.
        class_axis: Option<usize>,
    },
    /// A label of 2^63 or more.
    #[error("{side} holds the label {value}, expected less than 2**63")]
    LabelTooLarge {
        /// The map that holds it.
        side: Side,
        /// The label.
        value: u64,
    },
    /// So many different pairs that these cannot be classes.
    #[error("more than {limit} different pairs of labels in one image")]
    TooManyPairs {
        /// How many are allowed.
        limit: usize,
    },
    /// So many labels in one map that these cannot be classes.
    #[error("more than {limit} different labels in one image")]
    TooManyLabels {
        /// How many are allowed.
        limit: usize,
    },
    /// So many different distances that no list of them is of use.
    #[error("more than {limit} different distances between the surfaces of one image")]
    TooManyDistances {
        /// How many are allowed.
        limit: usize,
    },
    /// Numbers of neighbours that no voxel has.
    #[error("expected a connectivity of {} in {dimensions} dimensions, found {found}", if *dimensions == 2 { "4 or 8" } else { "6, 18 or 26" })]
    Connectivity {
        /// What was given.
        found: usize,
        /// How many dimensions there are.
        dimensions: usize,
    },
    /// So many changes of label that what is between them cannot be objects.
    #[error("the labels of an array change more than {limit} times")]
    TooManyRuns {
        /// How many runs of one label are allowed.
        limit: usize,
    },
    /// A bound of distances that is none.
    #[error("expected distances up to a positive number, found {found}")]
    Within {
        /// What was given.
        found: f64,
    },
    /// Masks that somebody wrote, and wrongly: a line for each.
    #[error("{0}")]
    BadMasks(String),
    /// Rows that do not fit together, or whose sum leaves 64 bits.
    #[error("{0}")]
    BadRows(&'static str),
    /// A file could not be opened or read.
    #[error("cannot be read: {}", reason(.0))]
    Io(#[from] io::Error),
    /// The file is something else than a PNG.
    #[error("expected a PNG, found {found}")]
    NotPng {
        /// What the first bytes say it is.
        found: &'static str,
    },
    /// The PNG's pixels are no labels.
    #[error("expected a mask of labels (gray or palette), found {found}")]
    NotLabels {
        /// The kind of pixels found.
        found: &'static str,
    },
    /// The PNG says that it is larger than allowed.
    #[error("claims {width} x {height} pixels, more than max_pixels = {limit}")]
    TooManyPixels {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
        /// The limit in force.
        limit: u64,
    },
    /// The PNG ends in the middle.
    #[error("the PNG is truncated: {}", rest(*.rows, *.height))]
    Truncated {
        /// Whole rows before the end; `None` where rows come in parts.
        rows: Option<u32>,
        /// Rows that the header promises.
        height: u32,
    },
    /// The PNG breaks its own format.
    #[error("the PNG is damaged: {0}")]
    Damaged(String),
    /// There is not enough memory for the mask.
    #[error("not enough memory for a mask of {bytes} bytes")]
    OutOfMemory {
        /// Size of the allocation that failed.
        bytes: u64,
    },
    /// A mask that no PNG can hold.
    #[error("cannot be written as a PNG: {0}")]
    NotEncodable(String),
    /// The caller asked to stop.
    #[error("interrupted")]
    Cancelled,
}

/// Numbers as Python writes them: `(3, 0.8, 0.8)`.
fn numbers(numbers: &[f64]) -> String {
    let parts: Vec<String> = numbers.iter().map(ToString::to_string).collect();
    let comma = if parts.len() == 1 { "," } else { "" };
    format!("({}{comma})", parts.join(", "))
}

/// Whether two planes have the same sides, or multiples of them, the other way round.
pub(crate) fn look_transposed(pred: &[usize], target: &[usize]) -> bool {
    let (&[height, width], &[rows, columns]) = (pred, target) else {
        return false;
    };
    let product = |a: usize, b: usize| a as u128 * b as u128;
    height != width && height > 0 && product(height, rows) == product(width, columns)
}

/// The shape of class scores, and of their pixels where that is another one.
fn without(logits: &Shape, class_axis: Option<usize>, pixels: &Shape) -> String {
    match class_axis {
        None => logits.to_string(),
        Some(axis) => format!("{logits}, which is {pixels} without class axis {axis}"),
    }
}

/// Where a score is, and of which class.
fn place(index: Option<&Shape>, class_axis: Option<usize>) -> String {
    match (index, class_axis) {
        (None, _) => "at a place that was written to meanwhile".into(),
        (Some(index), None) => format!("at index {index}"),
        (Some(index), Some(axis)) => format!("at index {index}, class channel {}", index.0[axis]),
    }
}

/// What is left of a truncated file.
fn rest(rows: Option<u32>, height: u32) -> String {
    match rows {
        None => "it ends within its pixels".into(),
        Some(rows) if rows == height => "it ends after its pixels".into(),
        Some(rows) => format!("{rows} of {height} rows can be read"),
    }
}

/// Ask in the middle of long work whether it is to end, which is the error [`Error::Cancelled`].
pub(crate) fn look(stop: &mut dyn FnMut() -> bool) -> Result<(), Error> {
    if stop() { Err(Error::Cancelled) } else { Ok(()) }
}

/// What the system says, without the number that it gives it.
fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    let words = text.rsplit_once(" (os error").map_or(text.as_str(), |(words, _)| words);
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

impl Error {
    /// A name for what went wrong, as fine as what the user can do about it differs: whoever shows an error
    /// knows by it which hint to give.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::ShapeMismatch { pred, target } if look_transposed(&pred.0, &target.0) => "transposed",
            Self::ShapeMismatch { .. } => "shape-mismatch",
            Self::NotResizable { .. } => "not-resizable",
            Self::Dimensions { .. } => "dimensions",
            Self::TooManyVoxels { .. } => "too-many-voxels",
            Self::Widths { .. } => "band-widths",
            Self::Spacing { .. } => "spacing",
            Self::LogitsShape { .. } => "logits-shape",
            Self::Channels { .. } => "channels",
            Self::NotANumber { .. } => "not-a-number",
            Self::LabelTooLarge { .. } => "label-too-large",
            Self::TooManyPairs { .. } => "too-many-pairs",
            Self::TooManyLabels { .. } => "too-many-labels",
            Self::TooManyDistances { .. } => "too-many-distances",
            Self::Connectivity { .. } => "connectivity",
            Self::TooManyRuns { .. } => "too-many-runs",
            Self::Within { .. } => "within",
            Self::BadMasks(_) => "bad-masks",
            Self::BadRows(_) => "bad-rows",
            Self::Io(e) if e.kind() == io::ErrorKind::PermissionDenied => "permission-denied",
            Self::Io(_) => "unreadable",
            Self::NotPng { found: "a JPEG" } => "jpeg",
            Self::NotPng { found: "an empty file" } => "empty-file",
            Self::NotPng { found: "a PNG whose line ends were converted" } => "converted-line-ends",
            Self::NotPng { found: "a Git LFS pointer, not the file itself" } => "pointer",
            Self::NotPng { .. } => "not-png",
            Self::NotLabels { found: "RGB" | "RGBA" | "gray with alpha" } => "colours",
            Self::NotLabels { .. } => "not-labels",
            Self::TooManyPixels { .. } => "too-many-pixels",
            Self::Truncated { .. } => "truncated",
            Self::Damaged(_) => "damaged",
            Self::OutOfMemory { .. } => "out-of-memory",
            Self::NotEncodable(_) => "not-encodable",
            Self::Cancelled => "cancelled",
        }
    }
}
