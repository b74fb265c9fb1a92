//! Both ways of reading a PNG, of which each is the other one's test.

use super::chunks::Header;
use super::file::File;
use super::inflate::{Inflater, SPARE};
use super::kind::Kind;
use super::{Mask, Reader, Rules};
use crate::cpu::Kernel;
use crate::error::Error;

/// What becomes of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Accepted by both, with the same pixels.
    Accepted,
    /// Refused by both, in the same words.
    Refused,
}

/// What the `png` crate makes of a file whose header was accepted.
pub(super) fn decode_by_fallback(bytes: &[u8], colours: bool) -> Result<Mask, Error> {
    let header = Header::read(bytes).unwrap();
    File { bytes, header, kind: Kind::of(&header)?, colours }.otherwise(&mut || false)
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
        (Ok(_), Err(other)) => panic!("{what}: {other}"),
        (Err(one), Ok(_)) => panic!("{what}: {one}"),
    }
}

/// What a stream of zlib's inflates to, in pieces of at most `most` bytes; `None` if it is none, or is not one of
/// `len` bytes.
///
/// # Panics
///
/// If there is no memory for it.
#[must_use]
pub fn inflated(kernel: Kernel, stream: &[u8], len: usize, most: usize) -> Option<Vec<u8>> {
    // What follows has no meaning.
    let input = [stream, &[0xa5; SPARE]].concat();
    let mut inflater = Inflater::with_kernel(kernel);
    let mut inflating = inflater.begin(&input, stream.len(), len as u64)?;
    let mut out = Vec::new();
    loop {
        let now = most.min(len - out.len());
        if !inflating.ready(now, &mut || false).expect("memory") {
            return None;
        }
        out.extend_from_slice(&inflating.waiting(now)[..now]);
        inflating.pass(now);
        if out.len() == len {
            return Some(out);
        }
    }
}
