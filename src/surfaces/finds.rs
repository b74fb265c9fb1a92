//! What finds the surfaces of a map, slice by slice.

use super::any::AnyLines;
use super::labels::Surfaces;
use super::void::Void;
use crate::cpu::Kernel;
use crate::error::{Error, Side};

/// A map whose surfaces are looked for, in lines of slices and rows; those of two dimensions are slices of one
/// row.
pub(super) struct Seen<'a, 'b> {
    pub(super) side: Side,
    pub(super) lines: &'b mut AnyLines<'a>,
    /// Whether there are three dimensions, so that voxels have neighbours in other rows.
    pub(super) tall: bool,
    /// Where the target has labels that are ignored, if that is not this map.
    pub(super) void: Option<Void<'a, 'b>>,
}

/// Where a word is among points.
#[inline(always)]
pub(super) fn place(tall: bool, slice: usize, row: usize, word: usize) -> [u32; 3] {
    // There are no more voxels than 32 bits can number.
    #[allow(clippy::cast_possible_truncation)]
    let [slice, row, word] = [slice, row, word].map(|at| at as u32);
    if tall { [slice, row, word] } else { [0, slice, word] }
}

/// A map whose surfaces are found slice by slice, so that whoever reads the slices of two maps in turns has both at
/// hand.
pub(super) trait Finds {
    /// See to it that slices can be passed from this one on.
    ///
    /// # Errors
    ///
    /// [`Error::LabelTooLarge`] and [`Error::TooManyLabels`].
    fn begin(&mut self, kernel: Kernel, slice: usize) -> Result<(), Error>;

    /// Find the surfaces in the next slice.
    ///
    /// # Errors
    ///
    /// [`Error::LabelTooLarge`], [`Error::TooManyLabels`] and [`Error::Cancelled`].
    fn pass(&mut self, kernel: Kernel, slice: usize, stop: &mut dyn FnMut() -> bool) -> Result<(), Error>;

    /// Which rows of the slice that was passed last are not all of one label, and that label.
    fn passed(&self) -> (&[bool], Option<i64>);

    /// What was found in all slices.
    fn into_surfaces(self: Box<Self>) -> Surfaces;
}
