//! What libdeflate deflates comes back, whatever is made of it by hand is refused or right.

mod writer;

use fdeflate::decompress_to_vec;
use libdeflater::{CompressionLvl, Compressor, Decompressor, adler32};

use super::super::both::inflated;
use super::*;
use crate::naive::noise;
use writer::Writer;

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
        bits.sizes(286, 30);
        for length in (0..286).map(of_literals).chain((0..30).map(of_distances)) {
            bits.length(u32::try_from(length).unwrap());
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
}

#[test]
fn one_thing_that_deflate_does_not_allow_is_enough() {
    // Each beside its twin that is right.
    let check = |what: &str, bytes: &[u8], stream: &dyn Fn(bool) -> Writer| {
        for kernel in crate::cpu::tested() {
            let [right, wrong] =
                [true, false].map(|right| inflated(kernel, &stream(right).stream(bytes), bytes.len(), 100));
            assert_eq!((right.as_deref(), wrong), (Some(bytes), None), "{what} on {}", kernel.name());
        }
    };
    check("a kind of block that is none", &[], &|right| {
        let mut bits = Writer::block(true, if right { 1 } else { 3 });
        bits.code(0, 7);
        bits
    });
    for (len, inverse, what) in [(1, 0, "a length that is none"), (2, !2, "fewer bytes than were stored")] {
        check(what, &[7], &|right| {
            let mut bits = Writer::block(true, 0);
            bits.align();
            bits.put(if right { 1 } else { len }, 16);
            bits.put(if right { !1 } else { inverse }, 16);
            bits.put(7, 8);
            bits
        });
    }
    check("a copy from before the beginning", &[1; 4], &|right| {
        let mut bits = Writer::block(true, 1);
        bits.literal(1);
        bits.copy(3, if right { 1 } else { 2 });
        bits.code(0, 7);
        bits
    });
    for code in [286, 287] {
        check("a length that deflate does not define", &[1; 259], &|right| {
            let mut bits = Writer::block(true, 1);
            bits.literal(1);
            bits.code(0xc0 + if right { 285 } else { code } - 280, 8);
            bits.code(0, 5);
            bits.code(0, 7);
            bits
        });
    }
    for distance in [30, 31] {
        check("a distance that deflate does not define", &[1; 4], &|right| {
            let mut bits = Writer::block(true, 1);
            bits.literal(1);
            bits.code(1, 7);
            bits.code(if right { 0 } else { distance }, 5);
            bits.code(0, 7);
            bits
        });
    }
    // Bits of codes: of the byte 7 and of the end, of another byte, and of distances, none of which occurs.
    for (what, literals, distances, of) in [
        ("more literals than there are", 288, 1, [1, 1, 0, 0]),
        ("more distances than there are", 257, 31, [1, 1, 0, 0]),
        ("more codes than their lengths allow for", 257, 1, [1, 1, 1, 0]),
        ("fewer codes of literals", 257, 1, [2, 2, 0, 0]),
        ("fewer codes of distances", 257, 2, [1, 1, 0, 2]),
    ] {
        check(what, &[7], &|right| {
            let (literals, distances, of) =
                if right { (257, 1, [1, 1, 0, 0]) } else { (literals, distances, of) };
            let mut bits = Writer::block(true, 2);
            bits.sizes(literals, distances);
            for symbol in 0..literals {
                bits.length(match symbol {
                    7 => of[0],
                    256 => of[1],
                    9 => of[2],
                    _ => 0,
                });
            }
            (0..distances).for_each(|_| bits.length(of[3]));
            bits.code(0, of[0]);
            bits.code(1, of[1]);
            bits
        });
    }
    check("a repeat of nothing", &[7], &|right| {
        let mut bits = Writer::block(true, 2);
        bits.sizes(257, 1);
        bits.length(if right { 17 } else { 16 });
        bits.put(0, if right { 3 } else { 2 }); // three times
        (3..257).for_each(|symbol| bits.length(u32::from(matches!(symbol, 7 | 256))));
        bits.length(0);
        bits.code(0b01, 2);
        bits
    });
    check("a repeat beyond the end", &[7], &|right| {
        let mut bits = Writer::block(true, 2);
        bits.sizes(257, if right { 3 } else { 2 });
        (0..257).for_each(|symbol| bits.length(u32::from(matches!(symbol, 7 | 256))));
        bits.length(17);
        bits.put(0, 3); // three times
        bits.code(0b01, 2);
        bits
    });
}

#[test]
fn codes_that_are_fixed_are_made_once() {
    // Of blocks that hold nothing there may be millions, and making codes takes microseconds.
    let mut codes = Codes::new();
    codes.fix();
    let made = codes.literals[0];
    codes.literals[0] = 0;
    codes.fix();
    assert_eq!(codes.literals[0], 0);
    let mut bits = Writer::block(true, 2);
    bits.sizes(257, 1);
    (0..257).for_each(|symbol| bits.length(u32::from(matches!(symbol, 7 | 256))));
    bits.length(0);
    let input = [bits.stream(&[]), vec![0; SPARE]].concat();
    let mut read = Bits::from(2);
    read.refill(&input).unwrap();
    read.drop(3);
    codes.read(&mut read, &input).unwrap();
    codes.fix();
    assert_eq!(codes.literals[0], made);
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
