//! Both ways of reading a PNG must say the same of any file: the same pixels, or the same refusal.
//!
//! Files are made of known and of random pixels, then damaged at random: bits, chunks, compressed
//! data and rows before they are compressed, mostly with checksums made right again, as a checksum
//! alone would refuse nearly everything. `SEGSCORE_FUZZ_ROUNDS` sets how many are tried.

use std::path::Path;
use std::{env, fs};

use fdeflate::Compressor;

use super::super::both::{Verdict, compare};
use super::super::chunks::image_data;
use super::super::file::File;
use super::super::inflate::{Inflater, SPARE};
use super::super::kind::Kind;
use super::super::scanlines::{Bands, Filtered, Scanlines, Source};
use super::*;

/// Numbers that look random (xorshift64*), the same in each run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        usize::try_from((self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % limit as u64).unwrap()
    }

    fn byte(&mut self) -> u8 {
        u8::try_from(self.below(256)).unwrap()
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }
}

fn compressed(data: &[u8], random: &mut Random) -> Vec<u8> {
    if random.below(2) == 0 && !data.is_empty() {
        return stored(data);
    }
    let mut out = Compressor::new(Vec::new()).unwrap();
    out.write_data(data).unwrap();
    out.finish().unwrap()
}

/// Rows as they are compressed, of runs, with filters that need not exist.
fn rows(width: usize, height: usize, random: &mut Random) -> Vec<u8> {
    let mut rows = Vec::new();
    for _ in 0..height {
        rows.push(if random.below(300) == 0 { random.byte() } else { random.pick(&[0, 1, 2, 3, 4, 4]) });
        let end = rows.len() + width;
        while rows.len() < end {
            let byte = if random.below(3) == 0 { random.byte() } else { 0 };
            let run = (1 + random.below(70)).min(end - rows.len());
            rows.extend(std::iter::repeat_n(byte, run));
        }
    }
    rows
}

/// A file that may be right or wrong.
fn any_file(random: &mut Random) -> Vec<u8> {
    let sizes = [1, 2, 3, 7, 16, 63, 64, 65, 66, 129, 200];
    let (width, height) = (random.pick(&sizes), random.pick(&sizes[..8]));
    let colour = random.pick(&[GRAY, GRAY, GRAY, INDEXED, INDEXED, RGB, RGBA, 4, 1]);
    let depth = random.pick(&[8, 8, 8, 16, 1, 2, 4]);
    let interlaced = random.below(6) == 0;
    let mut file =
        header(u32::try_from(width).unwrap(), u32::try_from(height).unwrap(), depth, colour, interlaced);
    let channels = [1, 1, 3, 1, 2, 1, 4][usize::from(colour)];
    let row_bytes = (width * channels * usize::from(depth)).div_ceil(8);
    let mut data = rows(row_bytes, height, random);
    match random.below(20) {
        0 => data.truncate(data.len() - 1 - random.below(data.len())),
        1 => data.extend(std::iter::repeat_n(0, 1 + random.below(300))),
        _ => {}
    }
    let mut data = compressed(&data, random);
    match random.below(20) {
        0 => data.truncate(random.below(data.len())),
        1 => data.extend([random.byte(), 0, 7]),
        2 | 3 => {
            let at = random.below(data.len());
            data[at] ^= 1 << random.below(8);
        }
        _ => {}
    }
    let palette = || chunk("PLTE", &[7; 3 * 256]);
    let mut chunks = if colour == INDEXED { vec![palette()] } else { Vec::new() };
    while data.len() > 1 && random.below(4) == 0 {
        let rest = data.split_off(random.below(data.len()));
        chunks.push(chunk("IDAT", &std::mem::replace(&mut data, rest)));
    }
    chunks.push(chunk("IDAT", &data));
    chunks.push(chunk("IEND", b""));
    while random.below(3) == 0 {
        let at = random.below(chunks.len() + 1);
        match random.below(8) {
            0 if chunks.len() > 1 => drop(chunks.remove(at.min(chunks.len() - 1))),
            1 => chunks.insert(at, chunks[at.min(chunks.len() - 1)].clone()),
            2 => chunks.insert(at, palette()),
            _ => {
                let kinds = ["tEXt", "zTXt", "iCCP", "gAMA", "tRNS", "sBIT", "bKGD", "acTL", "fcTL", "fdAT"];
                let more = ["eXIf", "tIME", "pHYs", "prVt", "PLTE", "IHDR", "IEND", "NEED", "\u{1}a!?"];
                let kind = random.pick(&[kinds.as_slice(), &more].concat());
                let len = random.pick(&[0, 1, 2, 3, 4, 8, 9, 26, 300]);
                let content: Vec<u8> = (0..len).map(|_| random.byte()).collect();
                chunks.insert(at, chunk(kind, &content));
            }
        }
    }
    file.extend(chunks.concat());
    match random.below(20) {
        0 => file.truncate(random.below(file.len())),
        1 => {
            let at = random.below(file.len());
            file[at] ^= 1 << random.below(8);
        }
        2 => file.extend([1, 2, 3]),
        _ => {}
    }
    file
}

#[test]
fn both_ways_say_the_same_of_any_file() {
    let rounds = env::var("SEGSCORE_FUZZ_ROUNDS").map_or(20_000, |rounds| rounds.parse().unwrap());
    let mut verdicts = [0, 0];
    let mut reader = Reader::new();
    for round in 0..rounds {
        let mut random = Random(0x9e37_79b9_7f4a_7c15 ^ (round + 1) << 20);
        let file = any_file(&mut random);
        verdicts[compare(&mut reader, &file, rules(true), &format!("round {round}")) as usize] += 1;
    }
    let [accepted, refused] = verdicts;
    println!("{rounds} files: {accepted} accepted, {refused} refused");
    assert!(accepted > rounds / 5 && refused > rounds / 5, "{verdicts:?}");
}

#[test]
fn plain_masks_never_need_the_other_way() {
    for depth in [1, 2, 4, 8, 16] {
        let image = Image::new(70, 5, 1, depth);
        let bytes = image.encoded(ColorType::Grayscale, Filter::Adaptive);
        let mut reader = Reader::new();
        let file = open(&mut reader, &bytes, rules(false)).ok().unwrap();
        assert!(file.scanlines(&mut || false).ok().unwrap().are_in_bands());
    }
}

/// Append the next rows, in blocks where they may and can be.
fn hand_out(scanlines: &mut Scanlines<'_>, rows: usize, in_blocks: bool, found: &mut Vec<u8>) {
    if in_blocks && scanlines.rows_in_blocks().is_some() {
        let blocks = scanlines.blocks(rows);
        found.extend((0..rows).flat_map(|y| blocks.row(y)));
        return;
    }
    let line = scanlines.band(rows);
    let known = found.len();
    found.resize(known + line.len(), 0);
    assert!(line.narrow(0, &mut found[known..]));
}

#[test]
fn rows_may_be_handed_out_in_blocks_and_then_in_lines() {
    let image = Image::new(131, 40, 1, 8);
    let bytes = image.encoded(ColorType::Grayscale, Filter::Adaptive);
    let Labels::Bytes(expected) = image.labels() else { panic!("labels of a byte") };
    for kernel in crate::cpu::tested() {
        let mut reader = Reader::with_kernel(kernel);
        let file = open(&mut reader, &bytes, rules(false)).ok().unwrap();
        let mut scanlines = file.scanlines(&mut || false).unwrap();
        let mut found: Vec<u8> = Vec::new();
        for rows in [3, 1, 7, 9, 20] {
            scanlines.advance(rows, &mut || false).unwrap();
            hand_out(&mut scanlines, rows, rows < 9, &mut found);
        }
        assert_eq!(found, expected, "{}", kernel.name());
    }
}

#[test]
fn where_a_stream_stumbles_its_file_is_read_otherwise_from_there_on() {
    let image = Image::new(300, 2000, 1, 8);
    let bytes = image.encoded(ColorType::Grayscale, Filter::Adaptive);
    let Labels::Bytes(expected) = image.labels() else { panic!("labels of a byte") };
    let header = Header::read(&bytes).unwrap();
    let whole = File { bytes: &bytes, header, kind: Kind::Labels, colours: false };
    let mut joined = Vec::new();
    let chunk = image_data(&bytes, &header, &mut joined).unwrap().chunk;
    let data = chunk.map_or(joined.clone(), |chunk| bytes[chunk].to_vec());
    for (kernel, end) in
        crate::cpu::tested().into_iter().flat_map(|k| [(k, 2), (k, data.len() / 2), (k, data.len() - 1)])
    {
        // The stream is cut, and the file is not.
        let cut = [&data[..end], &[0; SPARE]].concat();
        let (mut inflater, mut bands) = (Inflater::with_kernel(kernel), Bands::default());
        let stream = inflater.begin(&cut, end, header.filtered_bytes()).unwrap();
        let filtered = Filtered::new(kernel, whole, stream, &mut bands).unwrap();
        let mut scanlines = Scanlines::new([2000, 300], Source::Filtered(filtered));
        let mut found: Vec<u8> = Vec::new();
        while scanlines.left() > 0 {
            let rows = scanlines.left().min(64);
            scanlines.advance(rows, &mut || false).unwrap();
            hand_out(&mut scanlines, rows, true, &mut found);
        }
        assert!(found == expected && !scanlines.are_in_bands(), "{} of {} bytes", end, data.len());
    }
}

#[test]
fn colours_are_read_in_bands_where_they_are_labels() {
    let (image, mut reader) = (Image::new(70, 5, 3, 8), Reader::new());
    let bytes = image.encoded(ColorType::Rgb, Filter::Adaptive);
    for colours in [false, true] {
        let file = open(&mut reader, &bytes, rules(colours)).ok().unwrap();
        let scanlines = file.scanlines(&mut || false);
        // Where nobody asked for colours, all of them are looked at before any is a label.
        assert_eq!(scanlines.is_ok_and(|scanlines| scanlines.are_in_bands()), colours);
    }
}

#[test]
fn colours_in_runs_are_those_of_the_whole_mask() {
    let mut reader = Reader::new();
    for (channels, colour) in [(2, ColorType::GrayscaleAlpha), (3, ColorType::Rgb), (4, ColorType::Rgba)] {
        let bytes = Image::new(70, 23, channels, 8).encoded(colour, Filter::Adaptive);
        let whole = open(&mut reader, &bytes, rules(true)).ok().unwrap().decode(&mut || false).unwrap();
        let Labels::Colours(expected) = whole.labels else { panic!("labels of colours") };
        for rows in [1, 4, 23] {
            let file = open(&mut reader, &bytes, rules(true)).ok().unwrap();
            let mut scanlines = file.scanlines(&mut || false).unwrap();
            let mut found = Vec::new();
            while scanlines.left() > 0 {
                assert!(scanlines.are_in_runs());
                let now = rows.min(scanlines.left());
                scanlines.advance(now, &mut || false).unwrap();
                let runs = scanlines.runs(now);
                let known = found.len();
                for (end, label) in runs.ends() {
                    found.resize(known + end, label);
                }
                assert_eq!(found.len(), known + runs.len());
            }
            assert_eq!(found, expected, "{channels} channels, {rows} rows");
        }
    }
}

#[test]
fn both_ways_say_the_same_of_real_masks() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    let mut reader = Reader::new();
    let mut random = Random(7);
    for folder in ["camvid/target", "camvid/pred-v2", "camvid-1920/target", "camvid-1920/pred"] {
        let Ok(files) = fs::read_dir(data.join(folder)) else {
            println!("skipped: there are no real masks in {folder}");
            continue;
        };
        for path in files.map(|file| file.unwrap().path()).take(40) {
            let mut bytes = fs::read(&path).unwrap();
            assert_eq!(compare(&mut reader, &bytes, rules(true), folder), Verdict::Accepted);
            let at = random.below(bytes.len());
            bytes[at] ^= 1 << random.below(8);
            compare(&mut reader, &bytes, rules(true), folder);
            bytes.truncate(at);
            assert_eq!(compare(&mut reader, &bytes, rules(true), folder), Verdict::Refused);
        }
    }
}
