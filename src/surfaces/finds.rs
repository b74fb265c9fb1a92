//! What finds the surfaces of a map, slice by slice.

use super::any::{AnyLines, with_lines};
use super::labels::{Labels, Surfaces, Wanted};
use super::lines::Lines;
use super::planes::Slice;
use super::void::Void;
use crate::cpu::{Kernel, Routine, Vectors};
use crate::error::{Error, Side};
use crate::pixels::Code;

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

/// What finds the surface of each label that is wanted, of elements of one kind.
pub(super) fn finder<'f, E: Element + 'f>(seen: Seen<'_, 'f>, wanted: &Wanted) -> Box<dyn Finds + 'f> {
    let Seen { side, lines, tall, void } = seen;
    with_lines!(lines, lines => {
        let (labels, element) = (Labels::new(side, lines.dtype(), wanted), E::new(lines.len()));
        let [before, here, next] = [Slice::default(), Slice::default(), Slice::default()];
        let scan = Scan { lines, tall, void, labels, before, here, next, since: 0 };
        Box::new(Finder { scan, element })
    })
}

/// A map as far as it was looked at.
pub(super) struct Scan<'a, 'b, C> {
    pub(super) lines: &'b mut Lines<'a, C>,
    pub(super) tall: bool,
    pub(super) void: Option<Void<'a, 'b>>,
    pub(super) labels: Labels<C>,
    /// The slice before, this one, and the next, where elements hang on it.
    pub(super) before: Slice<C>,
    pub(super) here: Slice<C>,
    pub(super) next: Slice<C>,
    /// Voxels since the last look at whether to stop.
    pub(super) since: usize,
}

/// What a surface is made of.
pub(super) trait Element {
    /// What is needed for lines of so many labels.
    fn new(len: usize) -> Self;

    /// Look at what is held beside the slice before the first one. To be marked `#[inline(always)]`.
    fn begin<C: Code, V: Vectors>(&mut self, vectors: V, scan: &mut Scan<'_, '_, C>, slice: usize);

    /// Find them in the next slice. To be marked `#[inline(always)]`.
    ///
    /// # Errors
    ///
    /// Those of [`Finds::pass`].
    fn pass<C: Code, V: Vectors>(
        &mut self,
        vectors: V,
        scan: &mut Scan<'_, '_, C>,
        slice: usize,
        stop: &mut dyn FnMut() -> bool,
    ) -> Result<(), Error>;
}

struct Finder<'a, 'b, C, E> {
    scan: Scan<'a, 'b, C>,
    element: E,
}

impl<C: Code, E: Element> Finds for Finder<'_, '_, C, E> {
    fn begin(&mut self, kernel: Kernel, slice: usize) -> Result<(), Error> {
        let Scan { lines, void, labels, .. } = &mut self.scan;
        let slices = lines.slices();
        lines.hold(slice.saturating_sub(1)..slices.min(slice + 1));
        if void.is_none() {
            // The first voxel is at the edge of the image. Mostly nobody wants its label.
            labels.surface(lines.line(slice.min(slices - 1), 0).at(0))?;
        }
        kernel.run(Begin { finder: self, slice });
        Ok(())
    }

    fn pass(&mut self, kernel: Kernel, slice: usize, stop: &mut dyn FnMut() -> bool) -> Result<(), Error> {
        kernel.run(Pass { finder: self, slice, stop })
    }

    fn passed(&self) -> (&[bool], Option<i64>) {
        self.scan.before.passed(self.scan.lines.dtype())
    }

    fn into_surfaces(self: Box<Self>) -> Surfaces {
        self.scan.labels.into_surfaces()
    }
}

struct Begin<'a, 'b, 'c, C, E> {
    finder: &'c mut Finder<'a, 'b, C, E>,
    slice: usize,
}

impl<C: Code, E: Element> Routine for Begin<'_, '_, '_, C, E> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vectors>(self, vectors: V) {
        let Finder { scan, element } = self.finder;
        let Scan { lines, void, labels, before, .. } = scan;
        before.look(vectors, lines, self.slice.checked_sub(1), labels.unwanted(), void.as_mut());
        element.begin(vectors, scan, self.slice);
    }
}

struct Pass<'a, 'b, 'c, 'd, C, E> {
    finder: &'c mut Finder<'a, 'b, C, E>,
    slice: usize,
    stop: &'d mut dyn FnMut() -> bool,
}

impl<C: Code, E: Element> Routine for Pass<'_, '_, '_, '_, C, E> {
    type Output = Result<(), Error>;

    #[inline(always)]
    fn run<V: Vectors>(self, vectors: V) -> Self::Output {
        let Finder { scan, element } = self.finder;
        element.pass(vectors, scan, self.slice, self.stop)
    }
}
