//! Masks of known pixels are read back, and bad files are refused.

mod differential;
mod files;

use std::io::{self, Read};

use png::{ColorType, Filter};

use super::both::decode_by_fallback;
use super::chunks::{GRAY, Header, INDEXED, RGB, RGBA};
use super::*;
use files::{Image, chunk, file, header, stored};

fn rules(colours: bool) -> Rules {
    Rules { max_pixels: crate::limits::MAX_PIXELS, colours }
}

fn decode(bytes: &[u8], colours: bool) -> Result<Mask, Error> {
    let mask = open(&mut Reader::new(), bytes, rules(colours))?.decode(&mut || false)?;
    // Whatever the way for plain masks accepts, the other one must accept, with the same pixels.
    assert_eq!(mask, decode_by_fallback(bytes, colours).unwrap());
    Ok(mask)
}

fn open<'a>(reader: &'a mut Reader, bytes: &'a [u8], rules: Rules) -> Result<MaskFile<'a, &'a [u8]>, Error> {
    reader.read(bytes, bytes.len() as u64, rules)
}

/// What is read must be what was written.
fn check(image: &Image, bytes: &[u8], what: &str) {
    let mask = decode(bytes, true).unwrap();
    let what = format!("{what}: {} x {} at {} bits", image.width, image.height(), image.bits);
    assert_eq!([mask.width, mask.height], [image.width, image.height()], "{what}");
    assert_eq!(mask.map().shape(), [image.height(), image.width], "{what}");
    assert_eq!(mask.labels, image.labels(), "{what}");
}

/// The whole text with which a file is refused, and its code.
fn refusal(bytes: &[u8]) -> String {
    let error = decode(bytes, false).unwrap_err();
    format!("{error} [{}]", error.code())
}

/// A file of 5 x 4 gray pixels with chunks of text and of its resolution.
fn small() -> Vec<u8> {
    let image = Image::new(5, 4, 1, 8);
    let data = stored(&image.scanlines());
    let more = [chunk("tEXt", b"Comment\0a"), chunk("pHYs", &[0, 0, 0, 1, 0, 0, 0, 1, 0])];
    file(&image.header(GRAY, false), &[more.concat(), chunk("IDAT", &data)])
}

/// A source that fails, rather than ends, after its bytes.
struct Failing<'a>(&'a [u8]);

impl Read for Failing<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.0.is_empty() { Err(io::Error::other("the disk is gone")) } else { self.0.read(out) }
    }
}

#[test]
fn gray_and_palette_pixels_of_every_depth_and_width() {
    for bits in [1, 2, 4, 8, 16] {
        for width in 1..=20 {
            for height in [1, 2, 3, 5, 9] {
                let image = Image::new(width, height, 1, bits);
                check(&image, &image.encoded(ColorType::Grayscale, Filter::Adaptive), "gray");
                check(&image, &image.interlaced(GRAY), "interlaced gray");
                if bits < 16 {
                    check(&image, &image.encoded(ColorType::Indexed, Filter::Adaptive), "palette");
                    check(&image, &image.interlaced(INDEXED), "interlaced palette");
                }
            }
        }
    }
}

#[test]
fn colours_are_labels_and_transparency_tells_them_apart() {
    for width in [1, 2, 7, 20] {
        let (rgb, rgba) = (Image::new(width, 9, 3, 8), Image::new(width, 9, 4, 8));
        check(&rgb, &rgb.encoded(ColorType::Rgb, Filter::Adaptive), "RGB");
        check(&rgb, &rgb.interlaced(RGB), "interlaced RGB");
        check(&rgba, &rgba.encoded(ColorType::Rgba, Filter::Adaptive), "RGBA");
        check(&rgba, &rgba.interlaced(RGBA), "interlaced RGBA");
    }
    let samples = vec![1, 2, 3, 255, 1, 2, 3, 254, 1, 2, 3, 0];
    let image = Image { width: 3, channels: 4, bits: 8, samples };
    let mask = decode(&image.encoded(ColorType::Rgba, Filter::NoFilter), true).unwrap();
    let labels = vec![COLOUR_TAG | 0x01_02_03, COLOUR_TAG | 0x01_01_02_03, COLOUR_TAG | 0xff_01_02_03];
    assert_eq!(mask.labels, Labels::Colours(labels));
}

#[test]
fn without_colours_gray_or_alpha_must_tell_labels_apart() {
    let kinds = [(2, ColorType::GrayscaleAlpha), (3, ColorType::Rgb), (4, ColorType::Rgba)];
    // Two pixels, and whether they are labels with two, three and four channels.
    let cases = [
        ([[7, 7, 7, 255], [9, 9, 9, 255]], [true, true, true]),
        ([[7, 7, 7, 255], [9, 9, 9, 254]], [false, true, false]),
        ([[7, 8, 9, 0], [7, 8, 9, 255]], [true, true, true]),
        ([[7, 8, 9, 255], [7, 8, 8, 255]], [true, false, false]),
    ];
    for (pixels, told) in cases {
        for ((channels, colour), told) in kinds.into_iter().zip(told) {
            let part = |p: &[u16; 4]| if channels == 2 { vec![p[0], p[3]] } else { p[..channels].to_vec() };
            let samples = pixels.iter().flat_map(part).collect();
            let image = Image { width: pixels.len(), channels, bits: 8, samples };
            let bytes = image.encoded(colour, Filter::NoFilter);
            assert_eq!(decode(&bytes, false).is_ok(), told, "{channels} channels, {pixels:?}");
            assert_eq!(decode(&bytes, true).unwrap().labels, image.labels());
        }
    }
}

#[test]
fn every_filter_and_images_larger_than_the_buffers() {
    for bits in [1, 4, 8, 16] {
        let image = Image::new(301, 250, 1, bits);
        for filter in
            [Filter::NoFilter, Filter::Sub, Filter::Up, Filter::Avg, Filter::Paeth, Filter::Adaptive]
        {
            check(&image, &image.encoded(ColorType::Grayscale, filter), "filtered");
        }
        check(&image, &image.interlaced(GRAY), "interlaced");
    }
}

#[test]
fn image_data_may_be_cut_into_chunks_anywhere() {
    let image = Image::new(5, 4, 1, 8);
    let data = stored(&image.scanlines());
    for cut in 0..=data.len() {
        let chunks = [chunk("IDAT", &data[..cut]), chunk("IDAT", b""), chunk("IDAT", &data[cut..])];
        check(&image, &file(&image.header(GRAY, false), &chunks), "cut");
    }
}

#[test]
fn a_palette_is_offered_and_the_peak_of_memory_is_known() {
    let [gray, indexed] = [ColorType::Grayscale, ColorType::Indexed]
        .map(|colour| Image::new(9, 3, 1, 2).encoded(colour, Filter::NoFilter));
    let palette = |bytes: &[u8]| open(&mut Reader::new(), bytes, rules(true))?.palette(&mut || false);
    assert_eq!(palette(&gray).unwrap(), None);
    assert_eq!(palette(&indexed).unwrap(), Some(vec![9; 12]));
    let header = Image::new(9, 3, 1, 8).header(INDEXED, false);
    for (parts, expected) in [
        (vec![chunk("PLTE", &[1, 2, 3, 4, 5])], Some(vec![1, 2, 3])),
        (vec![chunk("PLTE", &[7; 900])], Some(vec![7; 768])),
        (vec![chunk("iCCP", &vec![5; 1 << 17]), chunk("PLTE", &[1, 2, 3])], Some(vec![1, 2, 3])),
        (vec![chunk("IDAT", b""), chunk("PLTE", &[1, 2, 3])], None),
        (vec![], None),
    ] {
        assert_eq!(palette(&file(&header, &parts)).unwrap(), expected);
    }
    for (channels, bits, colour, raw, labels) in [
        (1, 2, ColorType::Grayscale, 3 + 3 * 3, 27),
        (1, 8, ColorType::Grayscale, 3 + 27, 27),
        (1, 16, ColorType::Grayscale, 3 + 2 * 27, 2 * 27),
        (3, 8, ColorType::Rgb, 3 + 3 * 27, 8 * 27),
        (4, 8, ColorType::Rgba, 3 + 4 * 27, 8 * 27),
    ] {
        let bytes = Image::new(9, 3, channels, bits).encoded(colour, Filter::NoFilter);
        let mut reader = Reader::new();
        let mask = open(&mut reader, &bytes, rules(true)).ok().unwrap();
        assert_eq!((mask.shape(), mask.bytes()), ([3, 9], 2 * bytes.len() as u64 + 2 * raw + labels));
    }
}

#[test]
fn other_files_are_named() {
    let other = "not-png";
    let files: [(&[u8], &str, &str); 13] = [
        (b"", "an empty file", "empty-file"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "a JPEG", "jpeg"),
        (b"GIF89a", "a GIF", other),
        (b"BM\x36\0\0\0", "a BMP", other),
        (b"II*\0\x08\0\0\0", "a TIFF", other),
        (b"MM\0*\0\0\0\x08", "a TIFF", other),
        (b"RIFF\x24\0\0\0WEBPVP8 ", "a WebP", other),
        (b"\x93NUMPY\x01\0", "a NumPy array file", other),
        (
            b"version https://git-lfs.github.com/spec/v1\n",
            "a Git LFS pointer, not the file itself",
            "pointer",
        ),
        (b"labels: 1 2 3\n", "a file of another kind", other),
        (b"RIFF\x24\0\0\0WAVEfmt ", "a file of another kind", other),
        (b"II+\0\x08\0\0\0", "a TIFF", other),
        (b"\x89PNG\n\x1a\n", "a PNG whose line ends were converted", "converted-line-ends"),
    ];
    for (bytes, found, code) in files {
        assert_eq!(refusal(bytes), format!("expected a PNG, found {found} [{code}]"));
    }
}

#[test]
fn pixels_that_are_no_labels_are_named() {
    for (channels, bits, colour, found, also_with_colours) in [
        (3, 8, ColorType::Rgb, "RGB", false),
        (4, 8, ColorType::Rgba, "RGBA", false),
        (3, 16, ColorType::Rgb, "RGB with 16 bits", true),
        (4, 16, ColorType::Rgba, "RGBA with 16 bits", true),
        (2, 8, ColorType::GrayscaleAlpha, "gray with alpha", false),
        (2, 16, ColorType::GrayscaleAlpha, "gray with alpha and 16 bits", true),
    ] {
        let bytes = Image::new(4, 3, channels, bits).encoded(colour, Filter::NoFilter);
        let text = format!("expected a mask of labels (gray or palette), found {found}");
        let code = if also_with_colours { "not-labels" } else { "colours" };
        assert_eq!(refusal(&bytes), format!("{text} [{code}]"));
        assert_eq!(decode(&bytes, true).err().map(|e| e.to_string()), also_with_colours.then_some(text));
    }
    let image = Image::new(4, 3, 1, 8);
    let chunks = [chunk("acTL", &[0, 0, 0, 1, 0, 0, 0, 0]), chunk("IDAT", &stored(&image.scanlines()))];
    let error = decode(&file(&image.header(GRAY, false), &chunks), true).unwrap_err();
    assert_eq!(error.to_string(), "expected a mask of labels (gray or palette), found an animation");
}

#[test]
fn a_header_is_believed_up_to_max_pixels() {
    let text = "claims 60000 x 60000 pixels, more than max_pixels = 268435456 [too-many-pixels]";
    assert_eq!(refusal(&header(60_000, 60_000, 8, GRAY, false)), text);
    let most = decode(&header(u32::MAX, u32::MAX, 16, GRAY, true), false).unwrap_err();
    assert!(matches!(most, Error::TooManyPixels { width: u32::MAX, height: u32::MAX, .. }));
    let image = Image::new(5, 4, 1, 8);
    let bytes = image.encoded(ColorType::Grayscale, Filter::NoFilter);
    let mut reader = Reader::new();
    assert!(open(&mut reader, &bytes, Rules { max_pixels: 20, colours: false }).is_ok());
    let refused = open(&mut reader, &bytes, Rules { max_pixels: 19, colours: false });
    assert!(matches!(refused, Err(Error::TooManyPixels { width: 5, height: 4, limit: 19 })));
}

#[test]
fn more_pixels_than_a_file_can_hold_take_no_memory() {
    let file = file(&header(16_000, 16_000, 8, GRAY, false), &[chunk("IDAT", &[0; 100])]);
    let text = format!("the PNG is damaged: {} bytes cannot hold 16000 x 16000 pixels", file.len());
    assert_eq!(refusal(&file), format!("{text} [damaged]"));
}

#[test]
fn a_file_cut_at_any_byte_is_refused() {
    for bytes in [small(), Image::new(9, 9, 1, 4).interlaced(INDEXED)] {
        for len in 1..bytes.len() {
            let text = refusal(&bytes[..len]);
            let cut = text.starts_with("the PNG is truncated: ") && text.ends_with(" [truncated]")
                || text == "the PNG is damaged: it ends before its pixels begin [damaged]";
            assert!(cut, "{len}: {text}");
        }
    }
    let bytes = small();
    let after_two_rows = bytes.len() - (12 + 4 + 4 + 2 * 6);
    let text = |what| format!("the PNG is truncated: {what} [truncated]");
    assert_eq!(refusal(&bytes[..after_two_rows]), text("2 of 4 rows can be read"));
    assert_eq!(refusal(&bytes[..after_two_rows - 1]), text("1 of 4 rows can be read"));
    assert_eq!(refusal(&bytes[..bytes.len() - 1]), text("it ends after its pixels"));
    let interlaced = Image::new(9, 9, 1, 8).interlaced(GRAY);
    assert_eq!(refusal(&interlaced[..interlaced.len() - 30]), text("it ends within its pixels"));
}

#[test]
fn no_bit_can_be_flipped_unnoticed() {
    for mut bytes in [small(), Image::new(9, 9, 1, 4).interlaced(INDEXED)] {
        for bit in 0..8 * bytes.len() {
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert!(decode(&bytes, true).is_err(), "bit {bit}");
            bytes[bit / 8] ^= 1 << (bit % 8);
        }
    }
}

#[test]
fn wrong_checksums_are_named() {
    let mut bytes = small();
    let at = bytes.len() - 13;
    bytes[at] ^= 1;
    assert_eq!(refusal(&bytes), "the PNG is damaged: the checksum of a chunk is wrong [damaged]");
    let image = Image::new(5, 4, 1, 8);
    let mut data = stored(&image.scanlines());
    *data.last_mut().unwrap() ^= 1;
    let bytes = file(&image.header(GRAY, false), &[chunk("IDAT", &data)]);
    assert_eq!(
        refusal(&bytes),
        "the PNG is damaged: the checksum of the pixels is wrong or missing [damaged]"
    );
}

#[test]
fn too_few_rows_are_refused() {
    let (image, whole) = (Image::new(5, 3, 1, 8), Image::new(5, 4, 1, 8));
    let bytes = file(&whole.header(GRAY, false), &[chunk("IDAT", &stored(&image.scanlines()))]);
    assert!(matches!(decode(&bytes, false), Err(Error::Damaged(_))));
}

#[test]
fn text_and_profiles_are_passed_over() {
    let image = Image::new(5, 4, 1, 8);
    let text = stored(&vec![b'x'; 1 << 20]);
    let named = |extra: &[u8]| [b"name\0".as_slice(), extra, &text].concat();
    let chunks = [
        chunk("iCCP", &named(&[0])),
        chunk("zTXt", &named(&[0])),
        chunk("iTXt", &named(&[1, 0, 0, 0])),
        chunk("tEXt", &named(&[])),
        chunk("IDAT", &stored(&image.scanlines())),
    ];
    let bytes = file(&image.header(GRAY, false), &chunks);
    assert_eq!(decode(&bytes, false).unwrap().labels, image.labels());
}

#[test]
fn a_reader_that_is_told_to_stop_stops() {
    let image = Image::new(100, 1000, 1, 8);
    let plain = image.encoded(ColorType::Grayscale, Filter::NoFilter);
    let header = Header::read(&plain).unwrap();
    let check = |looks: u32, left: u32, stopped: bool| assert!(stopped && left == 0, "{looks}");
    for looks in 1..=60 {
        let mut left = looks;
        let stopped = fallback::decode(&plain, &header, &mut || countdown(&mut left));
        check(looks, left, matches!(stopped, Err(Error::Cancelled)));
    }
    for looks in 1..=7 {
        for bytes in [&plain, &image.interlaced(GRAY)] {
            let (mut left, mut reader) = (looks, Reader::new());
            let file = open(&mut reader, bytes, rules(false)).ok().unwrap();
            let stopped = file.decode(&mut || countdown(&mut left));
            check(looks, left, matches!(stopped, Err(Error::Cancelled)));
        }
    }
}

fn countdown(left: &mut u32) -> bool {
    *left -= 1;
    *left == 0
}

#[test]
fn a_read_that_fails_is_told_from_a_damaged_file() {
    let bytes = small();
    for len in 0..bytes.len() {
        let (mut reader, size) = (Reader::new(), bytes.len() as u64);
        let mask = reader.read(Failing(&bytes[..len]), size, rules(false));
        let error = mask.and_then(|mask| mask.decode(&mut || false)).unwrap_err();
        assert_eq!(error.to_string(), "cannot be read: The disk is gone", "{len}");
        assert_eq!(error.code(), "unreadable");
    }
}

#[test]
fn files_that_cannot_be_opened_are_refused() {
    let mut reader = Reader::new();
    let folder = reader.open(&std::env::temp_dir(), rules(false)).err().unwrap();
    assert_eq!(folder.to_string(), "cannot be read: Is a directory");
    let missing = std::env::temp_dir().join("segscore-no-such-file.png");
    let missing = reader.open(&missing, rules(false)).err().unwrap();
    assert!(matches!(&missing, Error::Io(e) if e.kind() == io::ErrorKind::NotFound));
    assert_eq!(missing.code(), "unreadable");
}
