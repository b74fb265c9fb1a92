//! Pair counts of segmentation label maps.
//!
//! Two label maps of one shape, a *target* and a *prediction*, are read once and become
//! [`PairCounts`]: sparse rows `(target label, predicted label, pixels)` in raw label values. Nothing
//! here knows a class, an ignored label or a score; whoever reads the rows gives them a meaning.
//!
//! | module | what it holds |
//! |---|---|
//! | [`error`], [`limits`] | every failure as data; what is refused before memory is taken for it |
//! | [`pixels`] | label maps: pointer, shape and strides, never a slice over memory of someone else |
//! | [`pairs`] | rows, their merge and their total; rows from columns |
//! | [`cpu`] | which instructions there are, and work compiled for each of them |
//! | [`masks`] | a PNG file becomes bands of labels, or a precise refusal; deflated bytes of any other |
//! | [`count`] | the one [`Counter`]: lines of two label maps in, rows out |
//! | [`logits`] | class scores become blocks of labels, for a counter or an array |
//! | `distance` | exact distances between sets of points of a lattice |
//! | [`surfaces`] | boundaries of all labels at once: bands along them, distances between those of two maps |
//! | [`components`] | what hangs together: numbers of objects, and how those of two maps overlap |
//! | [`instances`] | objects as masks that may overlap: run lengths and polygons become runs, and runs labels |
//! | [`weighted`] | sums of the counts of cells, for resamples |
//! | [`parallel`] | threads that live for one call: for one large array, or for many pairs of files |
//!
//! The feature `python` adds the extension module `segscore._core`.

pub mod components;
pub mod count;
pub mod cpu;
mod distance;
pub mod error;
pub mod instances;
pub mod limits;
pub mod logits;
pub mod masks;
#[cfg(any(test, fuzzing))]
pub mod naive;
pub mod pairs;
pub mod parallel;
pub mod pixels;
#[cfg(feature = "python")]
mod python;
pub mod surfaces;
pub mod weighted;

pub use count::Counter;
pub use error::Error;
pub use pairs::PairCounts;
pub use pixels::LabelMap;
