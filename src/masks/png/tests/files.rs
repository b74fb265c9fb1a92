//! PNG files of known pixels, written by the `png` crate or byte by byte.

use png::{BitDepth, ColorType, Compression, Encoder, Filter};

use crate::masks::png::Labels;
use crate::masks::png::chunks::{INDEXED, SIGNATURE};
use crate::naive::noise;

/// First column, first row, and steps to the next of the seven passes of Adam7, which is the
/// interlace method 1 of the PNG specification (third edition, section 8.1).
const ADAM7: [[usize; 4]; 7] =
    [[0, 0, 8, 8], [4, 0, 8, 8], [0, 4, 4, 8], [2, 0, 4, 4], [0, 2, 2, 4], [1, 0, 2, 2], [0, 1, 1, 2]];

fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |c, _| if c & 1 == 1 { c >> 1 ^ 0xedb8_8320 } else { c >> 1 })
    })
}

fn adler(bytes: &[u8]) -> u32 {
    let (a, b) = bytes.iter().fold((1, 0), |(a, b), &byte| {
        let a = (a + u32::from(byte)) % 65_521;
        (a, (b + a) % 65_521)
    });
    b << 16 | a
}

pub(super) fn chunk(kind: &str, data: &[u8]) -> Vec<u8> {
    let body = [kind.as_bytes(), data].concat();
    let len = u32::try_from(data.len()).unwrap();
    [&len.to_be_bytes(), body.as_slice(), &crc(&body).to_be_bytes()].concat()
}

/// A zlib stream of blocks that are stored, not compressed.
pub(super) fn stored(bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![0x78, 0x01];
    let blocks = bytes.chunks(65_535);
    let last = blocks.len() - 1;
    for (i, block) in blocks.enumerate() {
        let len = u16::try_from(block.len()).unwrap();
        out.push(u8::from(i == last));
        out.extend([len.to_le_bytes(), (!len).to_le_bytes()].concat());
        out.extend(block);
    }
    out.extend(adler(bytes).to_be_bytes());
    out
}

pub(super) fn header(width: u32, height: u32, bits: u8, colour: u8, interlaced: bool) -> Vec<u8> {
    let sizes = [width.to_be_bytes(), height.to_be_bytes()].concat();
    let kind = [bits, colour, 0, 0, u8::from(interlaced)];
    [SIGNATURE, &chunk("IHDR", &[sizes.as_slice(), &kind].concat())].concat()
}

/// A whole file of a header and the chunks that follow it.
pub(super) fn file(header: &[u8], chunks: &[Vec<u8>]) -> Vec<u8> {
    [header, &chunks.concat(), &chunk("IEND", b"")].concat()
}

/// Samples of one row, packed from the high bits.
fn packed(samples: &[u16], bits: u8) -> Vec<u8> {
    if bits == 16 {
        return samples.iter().flat_map(|sample| sample.to_be_bytes()).collect();
    }
    let bytes = samples.chunks(usize::from(8 / bits));
    bytes
        .map(|part| {
            let places = (1..).map(|i| 8 - u32::from(bits) * i);
            part.iter().zip(places).fold(0, |byte, (&s, place)| byte | u8::try_from(s << place).unwrap())
        })
        .collect()
}

/// Samples of an image; `channels` of them are a pixel.
pub(super) struct Image {
    pub(super) width: usize,
    pub(super) channels: usize,
    pub(super) bits: u8,
    pub(super) samples: Vec<u16>,
}

impl Image {
    /// Samples that use all bits and look random.
    pub(super) fn new(width: usize, height: usize, channels: usize, bits: u8) -> Self {
        let mut random = noise((width * 31 + height) as u64);
        let sample = |_| u16::try_from(random(1 << bits)).unwrap();
        let samples = (0..width * height * channels).map(sample).collect();
        Self { width, channels, bits, samples }
    }

    pub(super) fn rows(&self) -> impl Iterator<Item = &[u16]> {
        self.samples.chunks(self.width * self.channels)
    }

    pub(super) fn height(&self) -> usize {
        self.rows().count()
    }

    pub(super) fn header(&self, colour: u8, interlaced: bool) -> Vec<u8> {
        let [width, height] = [self.width, self.height()].map(|n| u32::try_from(n).unwrap());
        header(width, height, self.bits, colour, interlaced)
    }

    /// Written by the `png` crate.
    pub(super) fn encoded(&self, colour: ColorType, filter: Filter) -> Vec<u8> {
        let mut out = Vec::new();
        let [width, height] = [self.width, self.height()].map(|n| u32::try_from(n).unwrap());
        let mut encoder = Encoder::new(&mut out, width, height);
        encoder.set_color(colour);
        encoder.set_depth(BitDepth::from_u8(self.bits).unwrap());
        encoder.set_compression(Compression::Fast);
        encoder.set_filter(filter);
        if colour == ColorType::Indexed {
            encoder.set_palette(vec![9; 3 << self.bits]);
        }
        let data: Vec<u8> = self.rows().flat_map(|row| packed(row, self.bits)).collect();
        let mut writer = encoder.write_header().unwrap();
        writer.write_image_data(&data).unwrap();
        writer.finish().unwrap();
        out
    }

    /// Rows as they are compressed: a filter that changes nothing, then the samples.
    pub(super) fn scanlines(&self) -> Vec<u8> {
        self.rows().flat_map(|row| [vec![0], packed(row, self.bits)].concat()).collect()
    }

    /// Written by hand in the seven passes of Adam7.
    pub(super) fn interlaced(&self, colour: u8) -> Vec<u8> {
        let mut data = Vec::new();
        for [x, y, dx, dy] in ADAM7.into_iter().filter(|pass| pass[0] < self.width) {
            for row in self.rows().skip(y).step_by(dy) {
                let pixels = row.chunks(self.channels).skip(x).step_by(dx);
                data.push(0);
                data.extend(packed(&pixels.flatten().copied().collect::<Vec<_>>(), self.bits));
            }
        }
        let palette = if colour == INDEXED { chunk("PLTE", &vec![9; 3 << self.bits]) } else { Vec::new() };
        file(&self.header(colour, true), &[palette, chunk("IDAT", &stored(&data))])
    }

    pub(super) fn labels(&self) -> Labels {
        let samples = || self.samples.iter().copied();
        match (self.channels, self.bits) {
            (1, 16) => Labels::Words(self.samples.clone()),
            (1, _) => Labels::Bytes(samples().map(|s| u8::try_from(s).unwrap()).collect()),
            (channels, _) => Labels::Colours(
                self.samples
                    .chunks(channels)
                    .map(|c| {
                        let alpha = if channels == 3 { 0 } else { 255 - i64::from(c[channels - 1]) };
                        let [r, g, b] = if channels == 2 { [c[0]; 3] } else { [c[0], c[1], c[2]] };
                        let [r, g, b] = [r, g, b].map(i64::from);
                        (1 << 56) + ((alpha * 256 + r) * 256 + g) * 256 + b
                    })
                    .collect(),
            ),
        }
    }
}
