//! Two PNG files of any pixels, rightly compressed: both ways of reading them say the same, and they are counted like
//! the masks that they are.

#![no_main]

use libdeflater::{CompressionLvl, Compressor};
use libfuzzer_sys::fuzz_target;
use segscore::Counter;
use segscore::count::{count_maps, count_resized};
use segscore::masks::png::both::{Verdict, compare};
use segscore::masks::png::{Mask, Reader, Rules};
use segscore::parallel::batch::Worker;
use segscore_fuzz::{Input, SIGNATURE, chunk};

fuzz_target!(|data: &[u8]| {
    let mut input = Input(data);
    let rules = Rules { max_pixels: 1 << 16, colours: input.coin() };
    let resize = input.coin();
    let size = [1 + input.below(200), 1 + input.below(40)];
    let target = file(&mut input, size);
    let pred_size = if input.below(4) == 0 { [1 + input.below(200), 1 + input.below(40)] } else { size };
    let pred = file(&mut input, pred_size);
    let mut reader = Reader::with_kernel(input.kernel());
    let mut mask = |file: &[u8]| -> Option<Mask> {
        let verdict = compare(&mut reader, file, rules, "made pixels");
        (verdict == Verdict::Accepted)
            .then(|| reader.read(file, file.len() as u64, rules).ok()?.decode(&mut || false).ok())?
    };
    let masks = mask(&pred).zip(mask(&target));
    let counted = Worker::default().count_contents(&pred, &target, rules, resize, &mut || false);
    let counts = |count: &segscore::parallel::batch::Image| count.pairs.unpacked();
    match (masks, counted) {
        (Some((pred, target)), Ok(image)) => {
            let mut counter = Counter::new();
            let count = if size == pred_size { count_maps } else { count_resized };
            let expected = count(&mut counter, &target.map(), &pred.map(), &mut || false).expect("two masks");
            assert_eq!(counts(&image), expected);
            assert_eq!(expected.total(), (size[0] * size[1]) as u64);
        }
        (Some(_), Err(failure)) => {
            assert!(size != pred_size && !resize, "{}", failure.error);
        }
        (None, Ok(_)) => panic!("counted what cannot be read"),
        (None, Err(_)) => {}
    }
});

/// A file of this width and height, whose rows are the next bytes.
fn file(input: &mut Input<'_>, [width, height]: [usize; 2]) -> Vec<u8> {
    let (colour, channels) = input.pick(&[(0, 1), (0, 1), (3, 1), (2, 3), (4, 2), (6, 4)]);
    let depth = match colour {
        0 => input.pick(&[8, 8, 1, 2, 4, 16]),
        3 => input.pick(&[8, 8, 1, 2, 4]),
        _ => input.pick(&[8, 16]),
    };
    let interlaced = input.below(8) == 0;
    let mut header = [width, height].map(|len| u32::try_from(len).expect("small").to_be_bytes()).concat();
    header.extend([depth, colour, 0, 0, u8::from(interlaced)]);
    let mut file = [&SIGNATURE[..], &chunk(b"IHDR", &header)].concat();
    let indices = 1 + input.below(256);
    if colour == 3 {
        file.extend(chunk(b"PLTE", &vec![7; 3 * indices]));
    }
    let bits = channels * usize::from(depth);
    let passes = if interlaced { passes([width, height]) } else { vec![[width, height]] };
    let filter = input.below(6);
    let pattern = input.bytes().to_vec();
    let mut rows = Vec::new();
    for [width, height] in passes {
        for y in 0..height {
            rows.push(if filter == 5 { (y % 5) as u8 } else { filter as u8 });
            let len = (width * bits).div_ceil(8);
            rows.extend((0..len).map(|i| pattern.get((y * len + i) % pattern.len().max(1)).unwrap_or(&0)));
        }
    }
    let mut deflater = Compressor::new(CompressionLvl::new(input.pick(&[0, 1, 6])).expect("a level"));
    let mut data = vec![0; deflater.zlib_compress_bound(rows.len())];
    let len = deflater.zlib_compress(&rows, &mut data).expect("room for the bound");
    for part in data[..len].chunks(1 + 64 * input.below(256)) {
        file.extend(chunk(b"IDAT", part));
    }
    file.extend(chunk(b"IEND", b""));
    file
}

/// Width and height of each pass of Adam7 that has pixels.
fn passes([width, height]: [usize; 2]) -> Vec<[usize; 2]> {
    let every = |len: usize, first: usize, step: usize| len.saturating_sub(first).div_ceil(step);
    [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
        .map(|(x, y, across, down)| [every(width, x, across), every(height, y, down)])
        .into_iter()
        .filter(|[width, height]| width * height > 0)
        .collect()
}
