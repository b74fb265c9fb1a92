//! The rows of an image of any kind, interlaced or not, without their filters.

use png::{Adam7Info, expand_interlaced_row};

use super::chunks::Header;
use super::inflate::Inflating;
use super::unfilter::{SLACK, filters_exist, unfilter};
use super::zeros;
use crate::cpu::Kernel;
use crate::error::{Error, look};

/// Bytes of rows that are inflated, and whose filters are undone, between two looks at whether to stop.
const BAND: usize = 1 << 20;

/// The rows of an image; `None` if its data ends, is none, or names a filter that does not exist. `stop` is
/// asked now and then.
///
/// # Errors
///
/// [`Error::OutOfMemory`] and [`Error::Cancelled`].
pub(super) fn unfiltered(
    kernel: Kernel,
    header: &Header,
    mut stream: Inflating<'_>,
    stop: &mut dyn FnMut() -> bool,
) -> Result<Option<Vec<u8>>, Error> {
    let image_bytes = header.row_bytes(header.width).saturating_mul(u64::from(header.height));
    let mut image = zeros(image_bytes, stop)?;
    let stride = image.len() / header.height as usize;
    for (number, width, height) in header.passes() {
        // A row of the image is in memory, so the sizes of a pass fit.
        let row_bytes = usize::try_from(header.row_bytes(width)).unwrap_or(usize::MAX);
        let height = height as usize;
        let mut rows = zeros(((height + 1) * row_bytes + SLACK) as u64, stop)?;
        let band = (BAND / row_bytes).max(1);
        for y in (0..height).step_by(band) {
            look(stop)?;
            let bytes = band.min(height - y) * (row_bytes + 1);
            if !stream.ready(bytes, stop)? || !filters_exist(&stream.waiting(bytes)[..bytes], row_bytes) {
                return Ok(None);
            }
            unfilter(kernel, header.step(), row_bytes, stream.waiting(bytes), &mut rows[y * row_bytes..]);
            stream.pass(bytes);
        }
        let rows = &rows[row_bytes..][..height * row_bytes];
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
