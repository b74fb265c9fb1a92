//! A prediction that is resized to its target while it is counted.

use super::{Counter, PIECE};
use crate::error::{Error, Shape, Side, look};
use crate::pairs::PairCounts;
use crate::pixels::{LabelMap, Line};

/// Count all pixels of a target with the nearest pixels of a prediction of another size.
///
/// The centre of each target pixel is looked up in the prediction: pixel `i` of `n` takes pixel
/// `floor((i + 1/2) * m / n)` of `m`. Pillow's `NEAREST` and OpenCV's `INTER_NEAREST_EXACT` do the
/// same; OpenCV's older `INTER_NEAREST` takes corners instead. `stop` is asked between rows, and
/// within long ones.
///
/// # Errors
///
/// [`Error::NotResizable`] if there are not two dimensions, or the prediction is empty;
/// [`Error::Cancelled`], and those of [`Counter::push`].
pub fn count_resized(
    counter: &mut Counter,
    target: &LabelMap<'_>,
    pred: &LabelMap<'_>,
    stop: &mut dyn FnMut() -> bool,
) -> Result<PairCounts, Error> {
    let (&[height, width], &[pred_height, pred_width]) = (target.shape(), pred.shape()) else {
        return Err(not_resizable(target, pred));
    };
    if pred_height == 0 || pred_width == 0 {
        return Err(not_resizable(target, pred));
    }
    // Of long rows a part is resized at a time, for which no more is read of the prediction's either.
    let most = (PIECE.saturating_mul(width) / width.max(pred_width)).max(1);
    counter.collect(|counter| {
        for start in (0..width).step_by(most) {
            let len = most.min(width - start);
            let columns: Vec<usize> = (start..start + len).map(|x| nearest(x, width, pred_width)).collect();
            let (first, last) = (columns[0], columns[len - 1]);
            let mut source = vec![0_i64; last - first + 1];
            let mut resized = vec![0_i64; len];
            let mut source_row = None;
            for y in 0..height {
                look(stop)?;
                let row = nearest(y, height, pred_height);
                if source_row != Some(row) {
                    pred.row(row).part(first, source.len()).widen(Side::Pred, &mut source)?;
                    for (label, &x) in resized.iter_mut().zip(&columns) {
                        *label = source[x - first];
                    }
                    source_row = Some(row);
                }
                counter.push(target.row(y).part(start, len), Line::from_labels(&resized))?;
            }
        }
        Ok(())
    })
}

fn not_resizable(target: &LabelMap<'_>, pred: &LabelMap<'_>) -> Error {
    Error::NotResizable { pred: Shape(pred.shape().to_vec()), target: Shape(target.shape().to_vec()) }
}

/// The pixel of `from` that is nearest to the centre of pixel `at` of `to`.
fn nearest(at: usize, to: usize, from: usize) -> usize {
    // Sizes of arrays stay far below 2^63, so the products fit 128 bits.
    let centre = (2 * at as u128 + 1) * from as u128 / (2 * to as u128);
    usize::try_from(centre).map_or(from - 1, |pixel| pixel.min(from - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn centres_are_looked_up() {
        let to = |to: usize, from: usize| (0..to).map(|i| nearest(i, to, from)).collect::<Vec<_>>();
        assert_eq!(to(4, 2), [0, 0, 1, 1]);
        assert_eq!(to(2, 4), [1, 3]);
        assert_eq!(to(3, 3), [0, 1, 2]);
        assert_eq!(to(5, 3), [0, 0, 1, 2, 2]);
        assert_eq!(to(1, 5), [2]);
    }

    #[test]
    fn a_resized_prediction_is_counted_like_the_one_that_was_resized_before() {
        let pred: Vec<u8> = (0..6).collect();
        let target: Vec<u8> = (0..20).map(|i| i % 3).collect();
        let columns = [0, 0, 1, 2, 2];
        let rows = [0, 0, 1, 1];
        let resized: Vec<u8> =
            rows.iter().flat_map(|row| columns.map(|column| pred[row * 3 + column])).collect();
        let mut counter = Counter::new();
        let target = LabelMap::from_labels(&target, &[4, 5]);
        let pred = LabelMap::from_labels(&pred, &[2, 3]);
        let direct = count_resized(&mut counter, &target, &pred, &mut || false).unwrap();
        let resized = LabelMap::from_labels(&resized, &[4, 5]);
        assert_eq!(direct, super::super::count_maps(&mut counter, &target, &resized, &mut || false).unwrap());
    }

    #[test]
    fn long_rows_are_resized_in_parts() {
        let mut counter = Counter::new();
        for (width, pred_width) in [(2 * PIECE + 7, 3 * PIECE + 1), (2 * PIECE + 7, 5), (3, 2 * PIECE)] {
            let labels = |len: usize| (0..len).map(|i| (i * i % 251) as u64).collect::<Vec<_>>();
            let (target, pred) = (labels(2 * width), labels(3 * pred_width));
            let whole: Vec<u64> = (0..2 * width)
                .map(|i| pred[[0, 2][i / width] * pred_width + nearest(i % width, width, pred_width)])
                .collect();
            let target = LabelMap::from_labels(&target, &[2, width]);
            let pred = LabelMap::from_labels(&pred, &[3, pred_width]);
            let direct = count_resized(&mut counter, &target, &pred, &mut || false).unwrap();
            let whole = LabelMap::from_labels(&whole, &[2, width]);
            let expected = super::super::count_maps(&mut counter, &target, &whole, &mut || false).unwrap();
            assert_eq!(direct, expected, "{width} {pred_width}");
        }
    }

    #[test]
    fn only_two_dimensions_with_pixels_can_be_resized() {
        let labels = [0_u8; 6];
        let flat = LabelMap::from_labels(&labels, &[6]);
        let image = LabelMap::from_labels(&labels, &[2, 3]);
        let empty = LabelMap::from_labels(&labels[..0], &[0, 3]);
        for (target, pred) in [(&flat, &image), (&image, &flat), (&image, &empty)] {
            assert!(matches!(
                count_resized(&mut Counter::new(), target, pred, &mut || false),
                Err(Error::NotResizable { .. })
            ));
        }
    }
}
