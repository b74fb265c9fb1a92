//! Any bytes as deflated ones: what is inflated, as a whole or as rows of a mask, is what others inflate.

#![no_main]

use std::io::Read;

use flate2::read::{GzDecoder, ZlibDecoder};
use libdeflater::{CompressionLvl, Compressor, adler32, crc32};
use libfuzzer_sys::fuzz_target;
use segscore::masks::deflated::{Wrapping, inflate};
use segscore::masks::png::both::inflated;
use segscore_fuzz::Input;

fuzz_target!(|data: &[u8]| {
    let mut input = Input(data);
    let wrapping = input.pick(&[Wrapping::Gzip, Wrapping::Zlib]);
    let len = usize::from(input.byte()) << 4 | usize::from(input.byte());
    let mut out = vec![0xaa; len];
    if inflate(input.0, &mut out, wrapping) {
        let mut other = Vec::new();
        // One byte more than there should be, so that more are seen.
        let most = len as u64 + 1;
        let read = match wrapping {
            Wrapping::Gzip => GzDecoder::new(input.0).take(most).read_to_end(&mut other),
            Wrapping::Zlib => ZlibDecoder::new(input.0).take(most).read_to_end(&mut other),
        };
        match read {
            Ok(_) => assert_eq!(other, out),
            // Codes that deflate does not define, or a checksum of the header, which libdeflate passes over: the one
            // of the bytes has shown that they did no harm.
            Err(error) => {
                let sum = match wrapping {
                    Wrapping::Gzip => crc32(&out).to_le_bytes(),
                    Wrapping::Zlib => adler32(&out).to_be_bytes(),
                };
                assert!(input.0.windows(sum.len()).any(|bytes| bytes == sum), "{error}");
            }
        }
    }
    let (most, kernel, mut other) = (1 + usize::from(input.byte()) * 16, input.kernel(), Vec::new());
    let read = ZlibDecoder::new(input.0).take(len as u64 + 1).read_to_end(&mut other);
    match inflated(kernel, input.0, len, most) {
        Some(rows) => assert!(read.is_ok() && rows == other, "rows of a mask"),
        None => assert!(read.is_err() || other.len() != len, "rows that others inflate"),
    }
    let mut deflater = Compressor::new(CompressionLvl::default());
    let mut packed = vec![0; deflater.gzip_compress_bound(input.0.len())];
    let written = match wrapping {
        Wrapping::Gzip => deflater.gzip_compress(input.0, &mut packed),
        Wrapping::Zlib => deflater.zlib_compress(input.0, &mut packed),
    };
    packed.truncate(written.expect("room for the bound"));
    let mut back = vec![0; input.0.len()];
    assert!(inflate(&packed, &mut back, wrapping) && back == input.0, "bytes come back");
    if wrapping == Wrapping::Zlib {
        assert_eq!(
            inflated(kernel, &packed, back.len(), most).as_ref(),
            Some(&back),
            "rows come back"
        );
    }
    back.push(0);
    assert!(!inflate(&packed, &mut back, wrapping), "one byte too many was asked for");
});
