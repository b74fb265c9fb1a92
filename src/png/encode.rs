//! A mask becomes the bytes of a PNG file.

use png::{BitDepth, ColorType, Encoder, EncodingError};

use crate::error::Error;
use crate::pixels::LabelMap;

/// The bytes of an 8-bit PNG: gray, or with `palette` colours that viewers show instead of indices.
///
/// # Errors
///
/// [`Error::NotEncodable`] if there are not two dimensions with pixels, a label is not 0 to 255, or
/// there are more than 256 colours or a label without one.
pub fn encode(map: &LabelMap<'_>, palette: Option<&[[u8; 3]]>) -> Result<Vec<u8>, Error> {
    let refused = |reason: String| Err(Error::NotEncodable(reason));
    let &[rows, columns] = map.shape() else {
        return refused(format!("{} dimensions, not 2", map.shape().len()));
    };
    let (Ok(width @ 1..), Ok(height @ 1..)) = (u32::try_from(columns), u32::try_from(rows)) else {
        return refused(format!("{rows} rows of {columns} pixels"));
    };
    let mut labels = vec![0; rows * columns];
    for (y, row) in labels.chunks_exact_mut(columns).enumerate() {
        if !map.row(y).narrow(0, row) {
            return refused(format!("row {y} holds a label that is not 0 to 255"));
        }
    }
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, width, height);
    encoder.set_depth(BitDepth::Eight);
    match palette {
        None => encoder.set_color(ColorType::Grayscale),
        Some(colours) => {
            let highest = labels.iter().copied().max().map_or(0, usize::from);
            if colours.len() > 256 || highest >= colours.len() {
                return refused(format!("{} colours for labels up to {highest}", colours.len()));
            }
            encoder.set_color(ColorType::Indexed);
            encoder.set_palette(colours.as_flattened().to_vec());
        }
    }
    let write = |encoder: Encoder<'_, &mut Vec<u8>>| -> Result<(), EncodingError> {
        let mut writer = encoder.write_header()?;
        writer.write_image_data(&labels)?;
        writer.finish()
    };
    write(encoder).map_err(|error| Error::NotEncodable(error.to_string()))?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::png::{Labels, Reader, Rules};

    #[test]
    fn what_is_written_is_read_again() {
        let labels = [0_u8, 1, 2, 2, 1, 0];
        let palette = [[0, 0, 0], [255, 0, 0], [1, 2, 3]];
        for palette in [None, Some(palette.as_slice())] {
            let file = encode(&LabelMap::from_labels(&labels, &[2, 3]), palette).unwrap();
            let rules = Rules { max_pixels: 6, colours: false };
            let mut reader = Reader::new();
            let mask = reader.read(file.as_slice(), file.len() as u64, rules).ok().unwrap();
            assert_eq!(mask.shape(), [2, 3]);
            assert_eq!(mask.palette(&mut || false).unwrap().as_deref(), palette);
            let mask = reader.read(file.as_slice(), file.len() as u64, rules).ok().unwrap();
            assert_eq!(mask.decode(&mut || false).unwrap().labels, Labels::Bytes(labels.to_vec()));
        }
    }

    #[test]
    fn what_no_8_bit_png_can_hold_is_refused() {
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
            "cannot be written as a PNG: row 1 holds a label that is not 0 to 255"
        );
    }
}
