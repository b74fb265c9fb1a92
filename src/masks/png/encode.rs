//! A mask becomes the bytes of a PNG file.

use png::{BitDepth, ColorType, DeflateCompression, Encoder, EncodingError, Filter};

use super::zeros;
use crate::error::Error;
use crate::pixels::{LabelMap, Line};

/// A model waits while its masks are written: a quarter of the time of the best choice, for bytes that
/// are at most a sixth more (`benches/NOTES.md`).
const LEVEL: DeflateCompression = DeflateCompression::Level(3);

/// The bytes of a PNG: gray, of 16 bits where a label is above 255 and else of 8; or of 8 bits with
/// `palette` colours that viewers show instead of indices.
///
/// # Errors
///
/// [`Error::NotEncodable`] if there are not two dimensions with pixels, a label is not 0 to 65,535, or
/// with a palette not 0 to 255, or there are more than 256 colours or a label without one;
/// [`Error::OutOfMemory`].
pub fn encode(map: &LabelMap<'_>, palette: Option<&[[u8; 3]]>) -> Result<Vec<u8>, Error> {
    let refused = |reason: String| Err(Error::NotEncodable(reason));
    let &[rows, columns] = map.shape() else {
        return refused(format!("{} dimensions, not 2", map.shape().len()));
    };
    let (Ok(width @ 1..), Ok(height @ 1..)) = (u32::try_from(columns), u32::try_from(rows)) else {
        return refused(format!("{rows} rows of {columns} pixels"));
    };
    let room = |bytes: u64| zeros(bytes.saturating_mul(u64::from(width) * u64::from(height)), &mut || false);
    let (mut samples, mut depth, mut highest) = (room(1)?, BitDepth::Eight, 255);
    let mut misfit = first_misfit(map, &mut samples, |row, out| row.narrow(0, out));
    if misfit.is_some() && palette.is_none() {
        (samples, depth, highest) = (room(2)?, BitDepth::Sixteen, 65_535);
        misfit = first_misfit(map, &mut samples, |row, out| row.narrow_to_words(out.as_chunks_mut().0));
    }
    if let Some(y) = misfit {
        return refused(format!("row {y} holds a label that is not 0 to {highest}"));
    }
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, width, height);
    encoder.set_depth(depth);
    encoder.set_filter(Filter::Up);
    encoder.set_deflate_compression(LEVEL);
    match palette {
        None => encoder.set_color(ColorType::Grayscale),
        Some(colours) => {
            let highest = samples.iter().copied().max().map_or(0, usize::from);
            if colours.len() > 256 || highest >= colours.len() {
                return refused(format!("{} colours for labels up to {highest}", colours.len()));
            }
            encoder.set_color(ColorType::Indexed);
            encoder.set_palette(colours.as_flattened().to_vec());
        }
    }
    let write = |encoder: Encoder<'_, &mut Vec<u8>>| -> Result<(), EncodingError> {
        let mut writer = encoder.write_header()?;
        writer.write_image_data(&samples)?;
        writer.finish()
    };
    write(encoder).map_err(|error| Error::NotEncodable(error.to_string()))?;
    Ok(file)
}

/// Write the samples of each row, up to the first one whose labels do not fit, which is returned.
fn first_misfit(
    map: &LabelMap<'_>,
    samples: &mut [u8],
    write: impl Fn(&Line<'_>, &mut [u8]) -> bool,
) -> Option<usize> {
    let rows = samples.chunks_exact_mut(samples.len() / map.shape()[0]);
    rows.enumerate().find_map(|(y, row)| (!write(&map.row(y), row)).then_some(y))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::masks::png::{Labels, Reader, Rules};

    #[test]
    fn what_is_written_is_read_again() {
        let labels = [0_u8, 1, 2, 2, 1, 0];
        let palette = [[0, 0, 0], [255, 0, 0], [1, 2, 3]];
        for palette in [None, Some(palette.as_slice())] {
            let file = encode(&LabelMap::from_labels(&labels, &[2, 3]), palette).unwrap();
            let rules = Rules { max_pixels: 6, colours: false };
            let mut reader = Reader::new();
            let mut mask = reader.read(file.as_slice(), file.len() as u64, rules).ok().unwrap();
            assert_eq!(mask.shape(), [2, 3]);
            let colours = palette.map(<[[u8; 3]]>::as_flattened);
            assert_eq!(mask.palette(&mut || false).unwrap().as_deref(), colours);
            assert_eq!(mask.decode(&mut || false).unwrap().labels, Labels::Bytes(labels.to_vec()));
        }
    }

    #[test]
    fn labels_above_255_are_gray_of_16_bits() {
        let decoded = |labels: &[i64]| {
            let file = encode(&LabelMap::from_labels(labels, &[2, 2]), None).unwrap();
            let rules = Rules { max_pixels: 4, colours: false };
            let mut reader = Reader::new();
            let mask = reader.read(file.as_slice(), file.len() as u64, rules).ok().unwrap();
            mask.decode(&mut || false).unwrap().labels
        };
        assert_eq!(decoded(&[0, 1, 255, 7]), Labels::Bytes(vec![0, 1, 255, 7]));
        assert_eq!(decoded(&[0, 1, 256, 7]), Labels::Words(vec![0, 1, 256, 7]));
        assert_eq!(decoded(&[65_535, 0, 0, 0]), Labels::Words(vec![65_535, 0, 0, 0]));
    }

    #[test]
    fn what_no_png_can_hold_is_refused() {
        let refused = |labels: &[i64], shape: &[usize], palette: Option<&[[u8; 3]]>| {
            encode(&LabelMap::from_labels(labels, shape), palette).unwrap_err().to_string()
        };
        let two = Some([[0, 0, 0], [9, 9, 9]].as_slice());
        assert_eq!(
            refused(&[0, 2], &[1, 2], two),
            "cannot be written as a PNG: 2 colours for labels up to 2"
        );
        assert_eq!(refused(&[], &[0, 4], None), "cannot be written as a PNG: 0 rows of 4 pixels");
        assert_eq!(refused(&[1], &[1], None), "cannot be written as a PNG: 1 dimensions, not 2");
        assert_eq!(
            refused(&[1, -1], &[2, 1], None),
            "cannot be written as a PNG: row 1 holds a label that is not 0 to 65535"
        );
        assert_eq!(
            refused(&[256, 65_536], &[2, 1], None),
            "cannot be written as a PNG: row 1 holds a label that is not 0 to 65535"
        );
        assert_eq!(
            refused(&[1, 0, 256], &[3, 1], two),
            "cannot be written as a PNG: row 2 holds a label that is not 0 to 255"
        );
    }
}
