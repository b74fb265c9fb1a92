//! What libdeflate deflates comes back, whatever is made of it by hand is refused or right.

use fdeflate::decompress_to_vec;
use libdeflater::{CompressionLvl, Compressor, Decompressor, adler32};

use super::super::both::inflated;
use super::*;
use crate::naive::noise;

/// A stream, and bytes after it.
fn deflated(bytes: &[u8], level: i32) -> Vec<u8> {
    let mut deflater = Compressor::new(CompressionLvl::new(level).unwrap());
    let mut out = vec![0; deflater.zlib_compress_bound(bytes.len())];
    let written = deflater.zlib_compress(bytes, &mut out).unwrap();
    out.truncate(written);
    out
}

/// Filtered rows as masks have them: zeros, parts of what was before, and new bytes.
fn rows(len: usize, random: &mut impl FnMut(usize) -> usize) -> Vec<u8> {
    let mut bytes: Vec<u8> = Vec::new();
    while bytes.len() < len {
        match random(5) {
            0 => bytes.extend(vec![0; random(3000)]),
            1 => bytes.push(random(256).to_le_bytes()[0]),
            2 | 3 if !bytes.is_empty() => {
                let most = [70, 1 << 10, FARTHEST][random(3)];
                let far = 1 + random(bytes.len().min(most));
                for _ in 0..3 + random(400) {
                    bytes.push(bytes[bytes.len() - far]);
                }
            }
            _ => bytes.extend((0..random(40)).map(|k| (k % 3).to_le_bytes()[0])),
        }
    }
    bytes.truncate(len);
    bytes
}

#[test]
fn what_was_deflated_comes_back() {
    let mut random = noise(1);
    for kernel in crate::cpu::tested() {
        for len in [0, 1, 2, 3, 10, 258, 259, 1000, 5000, 40_000, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE] {
            let bytes = rows(len, &mut random);
            for level in [0, 1, 6, 12] {
                let stream = deflated(&bytes, level);
                for most in [7_usize, 1000, 100_000, 2 * PIECE].into_iter().filter(|&most| len / most < 1000)
                {
                    let found = inflated(kernel, &stream, len, most);
                    assert!(found.as_ref() == Some(&bytes), "{len} at level {level} on {}", kernel.name());
                }
            }
        }
    }
}

#[test]
fn copies_come_from_any_distance() {
    for kernel in crate::cpu::tested() {
        for far in (1..=130).chain([255, 256, 257, 4000, FARTHEST - 1, FARTHEST]) {
            for len in [3, 4, 63, 64, 65, 127, 128, 129, 192, 193, 257, 258] {
                let mut bits = Writer::block(true, 1);
                for k in 0..far {
                    bits.literal((k % 251).to_le_bytes()[0]);
                }
                bits.copy(len, far);
                bits.literal(7);
                bits.code(0, 7);
                let mut bytes: Vec<u8> = (0..far).map(|k| (k % 251).to_le_bytes()[0]).collect();
                for _ in 0..len {
                    bytes.push(bytes[bytes.len() - far]);
                }
                bytes.push(7);
                let found = inflated(kernel, &bits.stream(&bytes), bytes.len(), bytes.len());
                assert!(found == Some(bytes), "{len} bytes from {far} on {}", kernel.name());
            }
        }
    }
}

#[test]
fn the_longest_copies_repeat_any_number_of_times() {
    let kernel = Kernel::best();
    for times in (0..40).chain([1100, 2100]) {
        let mut bits = Writer::block(true, 1);
        bits.literal(9);
        for _ in 0..times {
            bits.copy(258, 1);
        }
        bits.literal(8);
        bits.code(0, 7);
        let mut bytes = vec![9; 1 + 258 * times];
        bytes.push(8);
        assert!(inflated(kernel, &bits.stream(&bytes), bytes.len(), 1 << 15) == Some(bytes), "{times}");
    }
}

/// A number, and how many bits it has or stands for.
type Numbers<'a> = &'a [(u32, u32)];

#[test]
fn codes_may_have_up_to_fifteen_bits() {
    // One symbol of each number of bits, and two of fifteen: the last copies 258 bytes, and the first
    // distance is the byte before.
    let of_literals = |symbol: usize| match symbol {
        7 => 1,
        256 => 2,
        10..22 => symbol - 7,
        284 | 285 => 15,
        _ => 0,
    };
    let of_distances = |symbol: usize| match symbol {
        0 | 29 => 15,
        1..15 => symbol,
        _ => 0,
    };
    for times in [0, 1, 2, 3, 50, 1100] {
        let mut bits = Writer::block(true, 2);
        bits.put(286 - 257, 5);
        bits.put(30 - 1, 5);
        bits.put(15, 4);
        for k in 0..19 {
            bits.put(if k < 3 { 0 } else { 4 }, 3); // 16 to 18 come first, and are not used
        }
        for length in (0..286).map(of_literals).chain((0..30).map(of_distances)) {
            bits.code(u32::try_from(length).unwrap(), 4);
        }
        bits.code(0, 1);
        for _ in 0..times {
            bits.code(0x7fff, 15);
            bits.code(0x7ffe, 15);
        }
        // A distance of 28 bits leaves few bits in hand for what repeats after it.
        let turns = if times > 100 { 60 } else { 0 };
        for _ in 0..turns {
            bits.code(0x7fff, 15);
            bits.code(0x7fff, 15);
            bits.put(0, 13);
            bits.code(0x7fff, 15);
            bits.code(0x7ffe, 15);
        }
        bits.code(0b10, 2);
        let bytes = vec![7; 1 + 258 * (times + 2 * turns)];
        for kernel in crate::cpu::tested() {
            let found = inflated(kernel, &bits.stream(&bytes), bytes.len(), 1 << 15);
            assert!(found.as_ref() == Some(&bytes), "{times} on {}", kernel.name());
        }
    }
}

#[test]
fn streams_that_are_none_are_refused() {
    let kernel = Kernel::best();
    let bytes: Vec<u8> = (0..2000_u32).map(|k| (k / 7).to_le_bytes()[0]).collect();
    let stream = deflated(&bytes, 6);
    let check = |stream: &[u8], len, what: &str| {
        assert_eq!(inflated(kernel, stream, len, 100), None, "{what}");
    };
    for end in 0..stream.len() {
        check(&stream[..end], bytes.len(), "cut");
    }
    for len in [0, 1, bytes.len() - 1, bytes.len() + 1, bytes.len() + PIECE] {
        check(&stream, len, "of another length");
    }
    for (at, byte) in [(0, 0x79), (0, 0x88), (1, 0x9d), (1, 0xbb)] {
        let mut wrong = stream.clone();
        wrong[at] = byte;
        check(&wrong, bytes.len(), "head");
    }
    let mut wrong = stream.clone();
    *wrong.last_mut().unwrap() ^= 1;
    check(&wrong, bytes.len(), "checksum");
    check(&Writer::block(true, 3).stream(&[]), 0, "a kind of block that is none");
    let stored = |len: u16, inverse: u16| {
        let mut bits = Writer::block(true, 0);
        bits.align();
        bits.put(u32::from(len), 16);
        bits.put(u32::from(inverse), 16);
        bits.put(7, 8);
        bits.stream(&[7])
    };
    check(&stored(1, !1 ^ 1), 1, "a length that is none");
    check(&stored(60_000, !60_000), 60_000, "fewer stored bytes than were said");
    let mut bits = Writer::block(true, 1);
    bits.literal(1);
    bits.copy(3, 2);
    bits.code(0, 7);
    check(&bits.stream(&[1, 1, 1, 1]), 4, "a copy from before the beginning");
    for code in [286 - 280 + 0b1100_0000, 287 - 280 + 0b1100_0000] {
        let mut bits = Writer::block(true, 1);
        bits.code(code, 8);
        check(&bits.stream(&[]), 0, "a length that deflate does not define");
    }
    for distance in [30, 31] {
        let mut bits = Writer::block(true, 1);
        bits.literal(1);
        bits.code(1, 7);
        bits.code(distance, 5);
        check(&bits.stream(&[1; 4]), 4, "a distance that deflate does not define");
    }
    // Lengths of the codes of lengths, by number; then what follows them.
    let codes: [(&str, [u32; 2], Numbers<'_>, Numbers<'_>); 6] = [
        ("too many codes of lengths", [257, 1], &[(0, 1), (1, 1), (2, 1)], &[]),
        ("too few", [257, 1], &[(0, 2), (1, 2), (2, 2)], &[]),
        ("a repeat of nothing", [257, 1], &[(16, 1), (8, 1)], &[(1, 1), (0, 2)]),
        ("a repeat beyond the end", [257, 1], &[(18, 1), (8, 1)], &[(1, 1), (127, 7), (1, 1), (127, 7)]),
        ("no code for the end", [257, 1], &[(18, 1), (1, 1)], &[(1, 1), (127, 7), (1, 1), (108, 7), (0, 1)]),
        ("more literals than there are", [288, 1], &[(18, 1), (1, 1)], &[(1, 1), (127, 7), (1, 1), (107, 7)]),
    ];
    for (what, [literals, distances], lengths, rest) in codes {
        let mut bits = Writer::block(true, 2);
        bits.put(literals - 257, 5);
        bits.put(distances - 1, 5);
        bits.put(15, 4);
        for symbol in [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15] {
            let length = lengths.iter().find(|(known, _)| *known == symbol).map_or(0, |(_, length)| *length);
            bits.put(length, 3);
        }
        for &(number, count) in rest {
            bits.put(number, count);
        }
        bits.put(0, 32);
        check(&bits.stream(&[]), 0, what);
    }
}

#[test]
fn blocks_that_hold_nothing_can_be_stopped() {
    let mut input = vec![0x78, 0x01];
    input.extend([0, 0, 0, 0xff, 0xff].repeat(1000));
    let end = input.len();
    input.extend([0; SPARE]);
    let mut inflater = Inflater::with_kernel(Kernel::best());
    let mut inflating = inflater.begin(&input, end, 1).unwrap();
    let mut left = 500;
    let stopped = inflating.ready(1, &mut || {
        left -= 1;
        left == 0
    });
    assert!(matches!(stopped, Err(Error::Cancelled)) && left == 0);
}

/// What libdeflate refuses is refused, and what it accepts is inflated to the same bytes; but where it makes
/// something of codes that deflate does not define, fdeflate refuses them, too.
#[test]
fn any_change_is_refused_or_inflates_as_elsewhere() {
    let (mut random, mut accepted, mut stricter) = (noise(2), 0, 0);
    for round in 0..3000 {
        let kernels = Kernel::all();
        let kernel = kernels[round % kernels.len()];
        let len = random(3000);
        let mut stream = deflated(&rows(len, &mut random), [0, 1, 9][random(3)]);
        stream.truncate(stream.len() - 4);
        for _ in 0..=random(2) {
            let at = 2 + random(stream.len() - 2);
            stream[at] ^= 1 << random(8);
        }
        let mut expected = vec![0; 1 << 16];
        let theirs = Decompressor::new().deflate_decompress(&stream[2..], &mut expected);
        let Ok(len) = theirs else {
            stream.extend([0; 4]);
            assert_eq!(inflated(kernel, &stream, random(3000), 500), None, "round {round}");
            continue;
        };
        expected.truncate(len);
        // Where it ends is not known, so the checksum has to stand behind every byte.
        let sum = adler32(&expected).to_be_bytes();
        let streams: Vec<Vec<u8>> = (2..=stream.len()).map(|end| [&stream[..end], &sum].concat()).collect();
        if let Some(found) = streams.iter().rev().find_map(|stream| inflated(kernel, stream, len, 500)) {
            assert!(found == expected, "round {round}");
            accepted += 1;
        } else {
            assert!(streams.iter().all(|stream| decompress_to_vec(stream).is_err()), "round {round}");
            stricter += 1;
        }
    }
    println!("{accepted} accepted, {stricter} refused that libdeflate accepts");
    assert!(accepted > 1000 && stricter > 5);
}

/// Writes a stream bit by bit, with the codes that a block says nothing of.
struct Writer {
    bytes: Vec<u8>,
    free: u32,
}

impl Writer {
    fn block(last: bool, kind: u32) -> Self {
        let mut made = Self { bytes: vec![0x78, 0x9c], free: 0 };
        made.put(u32::from(last), 1);
        made.put(kind, 2);
        made
    }

    /// The lowest bits of a number, the lowest first.
    fn put(&mut self, number: u32, count: u32) {
        for k in 0..count {
            if self.free == 0 {
                self.bytes.push(0);
                self.free = 8;
            }
            *self.bytes.last_mut().unwrap() |= ((number >> k & 1) << (8 - self.free)).to_le_bytes()[0];
            self.free -= 1;
        }
    }

    /// A code, whose bits come from the highest on.
    fn code(&mut self, code: u32, count: u32) {
        self.put(code.reverse_bits() >> (32 - count), count);
    }

    fn literal(&mut self, byte: u8) {
        let byte = u32::from(byte);
        if byte < 144 { self.code(0x30 + byte, 8) } else { self.code(0x190 + byte - 144, 9) }
    }

    fn copy(&mut self, len: usize, far: usize) {
        // RFC 1951, 3.2.5, by search.
        let (mut least, mut symbol) = (3, 257);
        let more = |symbol: u32| if symbol < 265 || symbol == 285 { 0 } else { (symbol - 261) / 4 };
        while len < 258 && len >= least + (1 << more(symbol)) {
            least += 1 << more(symbol);
            symbol += 1;
        }
        if len == 258 {
            (least, symbol) = (258, 285);
        }
        if symbol < 280 {
            self.code(symbol - 256, 7);
        } else {
            self.code(0xc0 + symbol - 280, 8);
        }
        self.put(u32::try_from(len - least).unwrap(), more(symbol));
        let (mut least, mut symbol) = (1, 0);
        let more = |symbol: u32| if symbol < 4 { 0 } else { symbol / 2 - 1 };
        while far >= least + (1 << more(symbol)) {
            least += 1 << more(symbol);
            symbol += 1;
        }
        self.code(symbol, 5);
        self.put(u32::try_from(far - least).unwrap(), more(symbol));
    }

    fn align(&mut self) {
        self.free = 0;
    }

    /// The stream, with the checksum of what it should inflate to.
    fn stream(&self, bytes: &[u8]) -> Vec<u8> {
        let mut out = self.bytes.clone();
        out.extend(adler32(bytes).to_be_bytes());
        out
    }
}
