//! Both ways of reading a PNG, of which each is the other one's test.

use super::chunks::Header;
use super::kind::Kind;
use super::reader::labels;
use super::{Mask, Reader, Rules, fallback};
use crate::error::Error;

/// What becomes of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Accepted by both, with the same pixels.
    Accepted,
    /// Refused by both, in the same words.
    Refused,
    /// Refused by the `png` crate alone, for something that cannot change a pixel.
    Lenient,
}

/// What the `png` crate makes of a file whose header was accepted.
pub(super) fn decode_by_fallback(bytes: &[u8], colours: bool) -> Result<Mask, Error> {
    let header = Header::read(bytes).unwrap();
    let raw = fallback::decode(bytes, &header, &mut || false)?;
    let labels = labels(raw, &header, Kind::of(&header)?, colours, &mut || false)?;
    Ok(Mask { width: header.width as usize, height: header.height as usize, labels })
}

/// Read a file in both ways. `what` stands in what a difference is told by.
///
/// # Panics
///
/// If the two ways differ.
pub fn compare(reader: &mut Reader, bytes: &[u8], rules: Rules, what: &str) -> Verdict {
    let size = bytes.len() as u64;
    let one = reader.read(bytes, size, rules).and_then(|file| file.decode(&mut || false));
    let other = match reader.read(bytes, size, rules) {
        Ok(_) => decode_by_fallback(bytes, rules.colours),
        Err(error) => Err(error),
    };
    match (one, other) {
        (Ok(one), Ok(other)) => {
            assert!(one == other, "{what}: different pixels");
            Verdict::Accepted
        }
        (Err(one), Err(other)) => {
            assert_eq!(one.to_string(), other.to_string(), "{what}");
            Verdict::Refused
        }
        (Ok(_), Err(other)) => {
            // Codes of distances that deflate does not define, where the checksum shows that the
            // pixels are right.
            let text = other.to_string();
            assert!(text.ends_with("its pixels cannot be decompressed"), "{what}: {text}");
            Verdict::Lenient
        }
        (Err(one), Ok(_)) => panic!("{what}: {one}"),
    }
}
