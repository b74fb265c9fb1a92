//! What fuzz targets share: values that are read from the bytes of an input, and PNG files that are made of them.

use segscore::cpu::Kernel;
use segscore::naive::maps::Stored;
use segscore::pixels::Dtype;

/// Types of labels, with one whose bytes are swapped for each size.
const TYPES: [(Dtype, bool); 12] = [
    (Dtype::Bool, false),
    (Dtype::U8, false),
    (Dtype::I8, false),
    (Dtype::U16, false),
    (Dtype::U16, true),
    (Dtype::I16, false),
    (Dtype::U32, false),
    (Dtype::I32, true),
    (Dtype::I32, false),
    (Dtype::U64, false),
    (Dtype::U64, true),
    (Dtype::I64, false),
];

/// The bytes of an input that are left. Behind its end are zeros.
pub struct Input<'a>(pub &'a [u8]);

impl Input<'_> {
    /// The next byte.
    pub fn byte(&mut self) -> u8 {
        let Some((&byte, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        byte
    }

    /// The next eight bytes as a number.
    pub fn word(&mut self) -> u64 {
        u64::from_le_bytes(std::array::from_fn(|_| self.byte()))
    }

    /// A number below 256 that is below another one.
    pub fn below(&mut self, limit: usize) -> usize {
        usize::from(self.byte()) % limit
    }

    /// One of several.
    pub fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    /// What the next byte says.
    pub fn coin(&mut self) -> bool {
        self.byte() & 1 == 1
    }

    /// Some bytes, as many as the next two bytes say or as are left.
    pub fn bytes(&mut self) -> &[u8] {
        let len = (self.below(256) << 8 | self.below(256)).min(self.0.len());
        let (bytes, rest) = self.0.split_at(len);
        self.0 = rest;
        bytes
    }

    /// Instructions that this processor has.
    pub fn kernel(&mut self) -> Kernel {
        self.pick(&Kernel::all())
    }

    /// A shape of so many dimensions, of at most so many pixels, and often none.
    pub fn shape(&mut self, dimensions: usize, most: usize) -> Vec<usize> {
        let mut left = most;
        let mut shape = Vec::new();
        for _ in 0..dimensions {
            let len = self.below(256).min(left);
            left /= len.max(1);
            shape.push(len);
        }
        shape
    }

    /// So many labels: few, in runs, any bytes, or any numbers.
    pub fn labels(&mut self, len: usize) -> Vec<i64> {
        let kind = self.below(4);
        let mut labels = Vec::with_capacity(len);
        while labels.len() < len {
            match kind {
                0 => labels.push(i64::from(self.byte() & 7)),
                1 => {
                    let run = (1 + self.below(256)).min(len - labels.len());
                    let label = i64::from(self.byte());
                    labels.extend(std::iter::repeat_n(label, run));
                }
                2 => labels.push(self.byte().into()),
                _ => labels.push(self.word().cast_signed()),
            }
        }
        labels
    }

    /// A map of some type and layout, and the labels that it holds: of each one what fits its type.
    pub fn stored(&mut self, shape: &[usize]) -> (Stored, Vec<i64>, Dtype) {
        let (dtype, swapped) = self.pick(&TYPES);
        let layout = self.below(segscore::naive::maps::LAYOUTS);
        let labels = self.labels(shape.iter().product());
        let stored = Stored::new(&labels, shape, (dtype, swapped), layout);
        (stored, labels.into_iter().map(|label| held(label, dtype)).collect(), dtype)
    }
}

/// What is left of a label in a type. Those of 2^63 and more become negative.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "which is meant")]
fn held(label: i64, dtype: Dtype) -> i64 {
    match dtype {
        Dtype::Bool => i64::from(label as u8 != 0),
        Dtype::U8 => i64::from(label as u8),
        Dtype::I8 => i64::from(label as i8),
        Dtype::U16 => i64::from(label as u16),
        Dtype::I16 => i64::from(label as i16),
        Dtype::U32 => i64::from(label as u32),
        Dtype::I32 => i64::from(label as i32),
        Dtype::U64 | Dtype::I64 => label,
    }
}

/// Whether a label is 2^63 or more, which is refused.
pub fn too_large(labels: &[i64], dtype: Dtype) -> bool {
    dtype == Dtype::U64 && labels.iter().any(|&label| label < 0)
}

/// The signature of each PNG file.
pub const SIGNATURE: [u8; 8] = *b"\x89PNG\r\n\x1a\n";

/// A chunk of a PNG file with its checksum.
pub fn chunk(kind: &[u8], content: &[u8]) -> Vec<u8> {
    let body = [kind, content].concat();
    let length = u32::try_from(content.len()).expect("inputs are small").to_be_bytes();
    [&length[..], &body, &libdeflater::crc32(&body).to_be_bytes()].concat()
}
