//! Files of COCO: annotations and results become tables of objects and of what they share.
//!
//! Of a file only places are kept: the numbers of each object, and where the text of its mask is. Masks are read image
//! by image, into runs that are gone when their image is counted.

mod federated;
mod file;
mod known;
mod masks;
mod tables;
mod truth;
mod wording;

use federated::Federation;
pub use file::{Category, File, Image, Object, read_pred, read_target};
pub use masks::MaskReader;
pub use tables::{Dataset, OBJECT_COLUMNS, Options, Rows, Width, Worker};

/// Something in a file that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// Which of the files.
    pub side: Which,
    /// Which list of the file: `images`, `annotations`, `categories`, `results`; none if it is the file as a whole.
    pub list: &'static str,
    /// Which entry of the list.
    pub index: usize,
    /// What was expected, and what was found.
    pub message: String,
}

/// Targets come first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Which {
    /// The file of annotations.
    Target,
    /// The file of results.
    Pred,
}

const ANNOTATIONS: &str = "annotations";
/// What is said of results, which are a list without a name.
const RESULTS: &str = "results";

/// An object hides behind a crowd, which any number of predictions may lie in.
pub const CROWD: i64 = 1;
/// An object that its file says to ignore; a prediction that is no error where it takes no target.
pub const IGNORE: i64 = 2;
/// An object that has a box and no mask.
pub const BOX_ONLY: i64 = 4;
/// A prediction of a class that nobody has looked for in its image.
pub const UNVERIFIED: i64 = 8;
/// Targets of a class that few, some and many images for training have.
pub const FREQUENCIES: [(&str, i64); 3] = [("r", 16), ("c", 32), ("f", 64)];
