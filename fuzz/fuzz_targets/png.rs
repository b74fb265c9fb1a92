//! Any bytes as a PNG file: both ways of reading it say the same.

#![no_main]

use libfuzzer_sys::fuzz_target;
use segscore::masks::png::both::compare;
use segscore::masks::png::{Reader, Rules};
use segscore_fuzz::{Input, SIGNATURE, chunk};

fuzz_target!(|data: &[u8]| {
    let mut input = Input(data);
    let flags = input.byte();
    let rules = Rules { max_pixels: 1 << 16, colours: flags & 1 == 1 };
    let mut reader = Reader::with_kernel(input.kernel());
    let file = if flags & 2 == 2 { mended(input.0) } else { input.0.to_vec() };
    compare(&mut reader, &file, rules, "any bytes");
    // In memory that holds another file.
    compare(&mut reader, &file, rules, "once more");
    if let Ok(mut opened) = reader.read(file.as_slice(), file.len() as u64, rules) {
        let palette = opened.palette(&mut || false).expect("it is in memory");
        assert!(palette.is_none_or(|palette| palette.len() <= 768));
    }
});

/// The chunks with their checksums made right, without which nearly every file is refused for them alone.
fn mended(mut file: &[u8]) -> Vec<u8> {
    file = file.strip_prefix(&SIGNATURE).unwrap_or(file);
    let mut mended = SIGNATURE.to_vec();
    while let Some((head, rest)) = file.split_at_checked(8) {
        let (length, kind) = head.split_at(4);
        let length = u32::from_be_bytes(length.try_into().expect("four bytes"));
        let Some((content, rest)) = rest.split_at_checked(length as usize) else { break };
        mended.extend(chunk(kind, content));
        file = rest.get(4..).unwrap_or_default();
    }
    mended.extend(file);
    mended
}
