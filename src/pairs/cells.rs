//! Cells: how many pixels each image has of each class, in target, prediction and both.
//!
//! Rows come image by image, so that a place for each class is enough: it takes up what rows of one image
//! add, and is emptied when the next one begins. Nothing is sorted but the classes of one image.

use crate::error::{Error, Side, look};
use crate::limits::MAX_LABELS;
use crate::pixels::{LabelMap, Line};

/// Rows that are read at once.
const BLOCK: usize = 1 << 14;

/// Counts of the classes of images, as columns.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Cells {
    /// Image of each cell, rising.
    pub image: Vec<i64>,
    /// Class of each cell, rising in each image.
    pub label: Vec<i64>,
    /// Pixels that are right.
    pub tp: Vec<i64>,
    /// Scored pixels whose target is the class.
    pub target: Vec<i64>,
    /// Scored pixels whose prediction is the class.
    pub pred: Vec<i64>,
    /// Scored pixels of each image.
    pub pixels: Vec<i64>,
    /// Pixels of each image that are not scored.
    pub ignored: Vec<i64>,
}

/// Rows of pair counts of images, one image after the other.
pub struct Rows<'a> {
    /// Where the rows of each image begin, and where those of the last one end.
    pub offsets: LabelMap<'a>,
    /// Class of the target, or less than 0 where it is not scored.
    pub target: LabelMap<'a>,
    /// Class of the prediction; `classes` where it is none of them.
    pub pred: LabelMap<'a>,
    /// How many pixels.
    pub pixels: LabelMap<'a>,
}

/// The cells of images, of which those are left out that have no pixels. `stop` is asked now and then.
///
/// # Errors
///
/// [`Error::BadRows`] if columns do not fit together, a class is none of the `classes`, a count is less than
/// one, or the pixels of an image are 2^63 or more; [`Error::TooManyLabels`] and [`Error::Cancelled`].
pub fn cells(rows: &Rows<'_>, classes: usize, stop: &mut dyn FnMut() -> bool) -> Result<Cells, Error> {
    let (offsets, columns) = columns_of(rows)?;
    let room = columns[0].len().min(offsets.len().saturating_mul(classes));
    let mut made = Made::new(classes, room)?;
    let mut read = [const { Vec::new() }; 3];
    let (mut end, mut left) = (0, offsets.as_slice());
    while end < columns[0].len() {
        look(stop)?;
        let (start, len) = (end, BLOCK.min(columns[0].len() - end));
        for (line, column) in columns.iter().zip(&mut read) {
            column.resize(len, 0);
            line.part(start, len).widen(Side::Target, column).map_err(|_| Error::BadRows(NO_CLASS))?;
        }
        let [target, pred, pixels] = &read;
        for (i, ((&target, &pred), &pixels)) in target.iter().zip(pred).zip(pixels).enumerate() {
            while left.first().is_some_and(|&next| next <= start + i) {
                made.next_image();
                left = &left[1..];
            }
            made.add(target, pred, pixels)?;
        }
        end += len;
    }
    // The last offset is where all rows end, behind which no image begins.
    for _ in left {
        made.next_image();
    }
    Ok(made.cells)
}

const NO_CLASS: &str = "a row of pair counts is of no class";

/// Where images end, the first one's rows beginning at 0; and the columns of target, pred and pixels.
fn columns_of<'a>(rows: &Rows<'a>) -> Result<(Vec<usize>, [Line<'a>; 3]), Error> {
    let many = || Error::BadRows("a column has more than one dimension");
    let offsets = rows.offsets.only_row().ok_or_else(many)?;
    let lines = [&rows.target, &rows.pred, &rows.pixels].map(LabelMap::only_row);
    let [Some(target), Some(pred), Some(pixels)] = lines else { return Err(many()) };
    let mut numbers = vec![0; offsets.len()];
    let misplaced = || Error::BadRows("the rows of images do not follow each other");
    offsets.widen(Side::Target, &mut numbers).map_err(|_| misplaced())?;
    let places: Result<Vec<usize>, _> = numbers.into_iter().map(usize::try_from).collect();
    let places = places.map_err(|_| misplaced())?;
    let [0, ends @ ..] = places.as_slice() else { return Err(misplaced()) };
    if !places.is_sorted() || places.last() != Some(&target.len()) {
        return Err(misplaced());
    }
    if target.len() != pred.len() || target.len() != pixels.len() {
        return Err(Error::BadRows("columns of pair counts differ in length"));
    }
    Ok((ends.to_vec(), [target, pred, pixels]))
}

/// Cells, and those of the image whose rows are being read.
struct Made {
    cells: Cells,
    /// Pixels of each class: right, in the target, and predicted.
    sums: Vec<[i64; 3]>,
    /// The classes that have any.
    touched: Vec<usize>,
    scored: i64,
    ignored: i64,
}

impl Made {
    /// None yet, with room for so many: growing would copy them again and again.
    fn new(classes: usize, room: usize) -> Result<Self, Error> {
        if classes > MAX_LABELS {
            return Err(Error::TooManyLabels { limit: MAX_LABELS });
        }
        let column = || Vec::with_capacity(room);
        let [image, label, tp, target, pred] = [column(), column(), column(), column(), column()];
        Ok(Self {
            cells: Cells { image, label, tp, target, pred, ..Cells::default() },
            sums: vec![[0; 3]; classes],
            touched: Vec::new(),
            scored: 0,
            ignored: 0,
        })
    }

    fn add(&mut self, target: i64, pred: i64, pixels: i64) -> Result<(), Error> {
        let to = if target < 0 { &mut self.ignored } else { &mut self.scored };
        *to = to.checked_add(pixels).ok_or(Error::BadRows("an image has 2**63 pixels or more"))?;
        if pixels < 1 {
            return Err(Error::BadRows("a row of pair counts has no pixels"));
        }
        if target < 0 {
            return Ok(());
        }
        // What all of an image's pixels are below, each of these sums is below as well.
        let right = if target == pred { pixels } else { 0 };
        self.touch(target, [right, pixels, 0])?;
        if usize::try_from(pred) == Ok(self.sums.len()) { Ok(()) } else { self.touch(pred, [0, 0, pixels]) }
    }

    fn touch(&mut self, label: i64, more: [i64; 3]) -> Result<(), Error> {
        let place = usize::try_from(label).unwrap_or(usize::MAX);
        let sums = self.sums.get_mut(place).ok_or(Error::BadRows(NO_CLASS))?;
        if sums[1] == 0 && sums[2] == 0 {
            self.touched.push(place);
        }
        for (sum, more) in sums.iter_mut().zip(more) {
            *sum += more;
        }
        Ok(())
    }

    /// Hand on the cells of an image, and begin with the next one.
    fn next_image(&mut self) {
        let image = self.cells.pixels.len().cast_signed() as i64;
        self.touched.sort_unstable();
        for label in self.touched.drain(..) {
            let [tp, target, pred] = std::mem::take(&mut self.sums[label]);
            self.cells.image.push(image);
            self.cells.label.push(label.cast_signed() as i64);
            self.cells.tp.push(tp);
            self.cells.target.push(target);
            self.cells.pred.push(pred);
        }
        self.cells.pixels.push(std::mem::take(&mut self.scored));
        self.cells.ignored.push(std::mem::take(&mut self.ignored));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::naive::cells as naive;

    type Columns = [Vec<i64>; 3];

    fn made(offsets: &[i64], columns: &Columns, classes: usize) -> Result<Cells, Error> {
        let [target, pred, pixels] =
            columns.each_ref().map(|column| LabelMap::from_labels(column, &[column.len()]));
        let offsets = LabelMap::from_labels(offsets, &[offsets.len()]);
        cells(&Rows { offsets, target, pred, pixels }, classes, &mut || false)
    }

    #[test]
    fn cells_equal_those_of_a_map_for_images_of_any_number_of_rows() {
        let mut state = 1_u64;
        let mut random = |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            i64::try_from((state >> 33) % below).unwrap()
        };
        for (images, most, classes) in [(0, 1, 1), (1, 1, 1), (40, 3, 2), (300, 200, 30), (9, 9_000, 500)] {
            let mut offsets = vec![0];
            for _ in 0..images {
                offsets.push(offsets[offsets.len() - 1] + random(most));
            }
            let len = *offsets.last().unwrap();
            let target = (0..len).map(|_| random(classes + 2) - 2).collect();
            let pred = (0..len).map(|_| random(classes + 1)).collect();
            let pixels = (0..len).map(|_| 1 + random(1000)).collect();
            let columns = [target, pred, pixels];
            let classes = i64::try_from(classes).unwrap();
            let found = made(&offsets, &columns, usize::try_from(classes).unwrap()).unwrap();
            assert_eq!(found, naive(&offsets, &columns, classes));
        }
    }

    #[test]
    fn rows_that_do_not_fit_are_refused() {
        let one = |target: i64, pred: i64, pixels: i64| [vec![target], vec![pred], vec![pixels]];
        let refused = |offsets: &[i64], columns: &Columns| made(offsets, columns, 3).unwrap_err().to_string();
        let misplaced = "the rows of images do not follow each other";
        for offsets in [&[][..], &[0], &[1, 1], &[0, 2], &[0, 1, 0], &[-1, 1], &[0, 1, 0, 1]] {
            assert_eq!(refused(offsets, &one(0, 0, 1)), misplaced);
        }
        for columns in [one(3, 0, 1), one(0, 4, 1), one(0, -1, 1), one(i64::MAX, 0, 1)] {
            assert_eq!(refused(&[0, 1], &columns), NO_CLASS);
        }
        for columns in [one(0, 0, 0), one(-1, 0, -5)] {
            assert_eq!(refused(&[0, 1], &columns), "a row of pair counts has no pixels");
        }
        let two = [vec![0, 1], vec![0, 1], vec![i64::MAX, 1]];
        assert_eq!(refused(&[0, 2], &two), "an image has 2**63 pixels or more");
        assert!(made(&[0, 1, 2], &two, 3).is_ok());
        let unlike = [vec![0], vec![0, 1], vec![1]];
        assert_eq!(refused(&[0, 1], &unlike), "columns of pair counts differ in length");
        assert!(matches!(
            made(&[0], &[vec![], vec![], vec![]], MAX_LABELS + 1),
            Err(Error::TooManyLabels { .. })
        ));
    }

    #[test]
    fn cells_can_be_stopped() {
        let (one, offsets) = (LabelMap::from_labels(&[0_u8], &[1]), LabelMap::from_labels(&[0_i64, 1], &[2]));
        let rows = Rows { offsets, target: one.clone(), pred: one.clone(), pixels: one };
        assert!(matches!(cells(&rows, 1, &mut || true), Err(Error::Cancelled)));
    }
}
