//! Label maps become masks: where a pixel differs from the one before it in its column, a run ends and one begins.

use std::collections::HashMap;

use super::{Fault, Masks, Run};
use crate::error::{Error, Side, look};
use crate::limits::MAX_RUNS;
use crate::pixels::{Dtype, LabelMap, Line};

/// A pixel by columns, and its label.
type Change = (u32, i64);

impl Masks {
    /// Add the mask of each of these labels of a map of two dimensions, which differ; of one that is nowhere it is
    /// empty. `stop` is asked once a row.
    ///
    /// # Errors
    ///
    /// [`Error::LabelTooLarge`], [`Error::TooManyRuns`] and [`Error::Cancelled`].
    ///
    /// # Panics
    ///
    /// If the map is of another size.
    pub fn push_labels(
        &mut self,
        map: &LabelMap<'_>,
        labels: &[i64],
        stop: &mut dyn FnMut() -> bool,
    ) -> Result<(), Error> {
        let [height, width] = [self.size.height as usize, self.size.width as usize];
        assert_eq!(map.shape(), [height, width], "a map of the size of the masks");
        let changes = if matches!(map.dtype(), Dtype::Bool | Dtype::U8) {
            changes::<u8>(
                map,
                |line, out| {
                    line.write_codes(out);
                    Ok(())
                },
                stop,
            )?
        } else {
            changes::<i64>(map, |line, out| line.widen(Side::Target, out), stop)?
        };
        let place: HashMap<i64, usize> = labels.iter().copied().zip(0..).collect();
        let mut runs: Vec<Vec<Run>> = vec![Vec::new(); labels.len()];
        let end = self.size.pixels();
        for (number, &(start, label)) in changes.iter().enumerate() {
            if let Some(&place) = place.get(&label) {
                let end = changes.get(number + 1).map_or(end, |next| next.0);
                runs[place].push(Run { start, end });
            }
        }
        for runs in runs {
            let added: Result<(), Fault> = self.add(|all, _| {
                all.extend(runs);
                Ok(())
            });
            added.map_err(|_| Error::TooManyRuns { limit: MAX_RUNS })?;
        }
        Ok(())
    }
}

/// Pixels that are compared at once: most of them are like those above.
const AT_ONCE: usize = 32;

/// The pixels, by columns, whose labels are other ones than those before them, and the first pixel.
fn changes<T: Copy + Default + Eq + Into<i64>>(
    map: &LabelMap<'_>,
    read: impl Fn(Line<'_>, &mut [T]) -> Result<(), Error>,
    stop: &mut dyn FnMut() -> bool,
) -> Result<Vec<Change>, Error> {
    let &[height, width] = map.shape() else { unreachable!("two dimensions") };
    let mut changes = Vec::new();
    if height * width == 0 {
        return Ok(changes);
    }
    let mut rows = [vec![T::default(); width], vec![T::default(); width]];
    // Before the first row comes the last one, a column further left.
    read(map.row(height - 1), &mut rows[0])?;
    rows[0].rotate_right(1);
    for y in 0..height {
        look(stop)?;
        let [above, row] = &mut rows;
        read(map.row(y), row)?;
        if y == 0 {
            changes.push((0, row[0].into()));
            above[0] = row[0];
        }
        for (part, (above, row)) in above.chunks(AT_ONCE).zip(row.chunks(AT_ONCE)).enumerate() {
            if above == row {
                continue;
            }
            for (x, (above, here)) in (part * AT_ONCE..).zip(above.iter().zip(row)) {
                if above != here {
                    #[allow(clippy::cast_possible_truncation, reason = "images have less than 2^32 pixels")]
                    changes.push(((x * height + y) as u32, (*here).into()));
                }
            }
        }
        if changes.len() > MAX_RUNS {
            return Err(Error::TooManyRuns { limit: MAX_RUNS });
        }
        rows.swap(0, 1);
    }
    changes.sort_unstable_by_key(|change| change.0);
    Ok(changes)
}
