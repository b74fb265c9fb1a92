//! The rows of an image of any kind, interlaced or not, without their filters.

use png::{Adam7Info, expand_interlaced_row};

use super::chunks::Header;
use super::unfilter::{SLACK, filters_exist, unfilter};
use super::zeros;
use crate::cpu::Kernel;
use crate::error::{Error, look};

/// Bytes whose filters are undone between two looks at whether to stop.
const BAND: usize = 1 << 20;

/// The rows of inflated data, one after the other; `None` if a row has a filter that does not
/// exist. `filtered` ends with [`SLACK`] bytes of anything. `stop` is asked now and then.
///
/// # Errors
///
/// [`Error::OutOfMemory`] and [`Error::Cancelled`].
pub(super) fn unfiltered(
    kernel: Kernel,
    header: &Header,
    filtered: &[u8],
    stop: &mut dyn FnMut() -> bool,
) -> Result<Option<Vec<u8>>, Error> {
    let image_bytes = header.row_bytes(header.width).saturating_mul(u64::from(header.height));
    let mut image = zeros(image_bytes, stop)?;
    let stride = image.len() / header.height as usize;
    let mut rest = filtered;
    for (number, width, height) in header.passes() {
        // The data of the pass is in memory, so its sizes fit.
        let row_bytes = usize::try_from(header.row_bytes(width)).unwrap_or(usize::MAX);
        let end = height as usize * (row_bytes + 1);
        if !filters_exist(&rest[..end], row_bytes) {
            return Ok(None);
        }
        let mut rows = zeros((end + row_bytes + SLACK) as u64, stop)?;
        let band = (BAND / row_bytes).max(1);
        for y in (0..height as usize).step_by(band) {
            look(stop)?;
            let now = &rest[y * (row_bytes + 1)..];
            let count = band.min(height as usize - y);
            let now = &now[..count * (row_bytes + 1) + SLACK];
            unfilter(kernel, header.step(), row_bytes, now, &mut rows[y * row_bytes..]);
        }
        rest = &rest[end..];
        let rows = &rows[row_bytes..][..height as usize * row_bytes];
        if number == 0 {
            image.copy_from_slice(rows);
            continue;
        }
        for (line, row) in (0..).zip(rows.chunks_exact(row_bytes)) {
            let place = Adam7Info::new(number, line, header.width);
            expand_interlaced_row(&mut image, stride, row, &place, header.bits_per_pixel());
        }
    }
    Ok(Some(image))
}
