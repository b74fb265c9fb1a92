//! Bytes that were deflated as a whole: those of volumes, whose headers say how many there are.

use libdeflater::Decompressor;

/// How deflated bytes are wrapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrapping {
    /// RFC 1952, of one member.
    Gzip,
    /// RFC 1950.
    Zlib,
}

/// Inflate to all of `out`; whether the first member, or the stream, of `data` holds as many bytes, and no more.
///
/// Checksums are compared; what follows in `data` is passed over. Where it is false, what `out` holds is of no use.
pub fn inflate(data: &[u8], out: &mut [u8], wrapping: Wrapping) -> bool {
    let mut inflater = Decompressor::new();
    let written = match wrapping {
        Wrapping::Gzip => inflater.gzip_decompress(data, out),
        Wrapping::Zlib => inflater.zlib_decompress(data, out),
    };
    written == Ok(out.len())
}

#[cfg(test)]
mod tests {
    use libdeflater::{CompressionLvl, Compressor};

    use super::*;

    fn deflated(bytes: &[u8], wrapping: Wrapping) -> Vec<u8> {
        let mut deflater = Compressor::new(CompressionLvl::default());
        let mut out = vec![0; deflater.gzip_compress_bound(bytes.len())];
        let written = match wrapping {
            Wrapping::Gzip => deflater.gzip_compress(bytes, &mut out),
            Wrapping::Zlib => deflater.zlib_compress(bytes, &mut out),
        };
        out.truncate(written.unwrap());
        out
    }

    #[test]
    fn bytes_come_back_where_their_number_is_right() {
        let bytes: Vec<u8> = (0..10_000_u32).map(|i| (i / 7 % 251) as u8).collect();
        for wrapping in [Wrapping::Gzip, Wrapping::Zlib] {
            let data = deflated(&bytes, wrapping);
            for (len, fits) in [(bytes.len(), true), (bytes.len() - 1, false), (bytes.len() + 1, false)] {
                let mut out = vec![0; len];
                assert_eq!(inflate(&data, &mut out, wrapping), fits, "{wrapping:?} {len}");
                assert!(!fits || out == bytes);
            }
        }
    }

    #[test]
    fn damage_and_a_second_member_are_told() {
        let bytes = [7; 1000];
        let data = deflated(&bytes, Wrapping::Gzip);
        let mut out = [0; 1000];
        for end in 0..data.len() {
            assert!(!inflate(&data[..end], &mut out, Wrapping::Gzip), "{end}");
        }
        let mut flipped = data.clone();
        let checksum = flipped.len() - 8;
        flipped[checksum] ^= 1;
        assert!(!inflate(&flipped, &mut out, Wrapping::Gzip));
        assert!(!inflate(&data, &mut out, Wrapping::Zlib));
        let twice =
            [deflated(&bytes[..500], Wrapping::Gzip), deflated(&bytes[500..], Wrapping::Gzip)].concat();
        assert!(!inflate(&twice, &mut out, Wrapping::Gzip));
    }
}
