//! Maps that tests of boundaries and fuzz targets share, and the types and layouts in which they may lie.
#![allow(unsafe_code)]
#![allow(clippy::cast_possible_wrap, reason = "small numbers")]

use crate::naive::noise;
use crate::pixels::{Code, Dtype, LabelMap, c_order};

/// Labels of each kind of map: objects, noise, one label, a checkerboard, few voxels, an object on each face.
pub const KINDS: usize = 6;

/// A made map; equal numbers give equal maps.
#[must_use]
pub fn made(kind: usize, shape: &[usize], seed: u64) -> Vec<i64> {
    let mut random = noise(seed + 1);
    let len: usize = shape.iter().product();
    let place = |at: usize| {
        let mut rest = at;
        let mut index = vec![0; shape.len()];
        for (index, &len) in index.iter_mut().zip(shape).rev() {
            *index = rest % len;
            rest /= len;
        }
        index
    };
    match kind {
        0 => {
            let mut labels = vec![0; len];
            for object in 0..6 {
                let corner: Vec<usize> = shape.iter().map(|&len| random(len.max(1))).collect();
                let size: Vec<usize> = shape.iter().map(|&len| 1 + random(len.max(1))).collect();
                for (at, label) in labels.iter_mut().enumerate() {
                    let inside = place(at)
                        .iter()
                        .zip(corner.iter().zip(&size))
                        .all(|(&i, (&from, &size))| (from..from + size / 2 + 1).contains(&i));
                    if inside {
                        *label = [1, 2, 3, 0, 5, 1][object];
                    }
                }
            }
            labels
        }
        1 => (0..len).map(|_| [0, 1, 7][random(3)]).collect(),
        2 => vec![4; len],
        3 => (0..len).map(|at| (place(at).iter().sum::<usize>() % 2) as i64).collect(),
        4 => (0..len).map(|_| i64::from(random(40) == 0)).collect(),
        _ => {
            let on_face =
                |at: usize| place(at).iter().zip(shape).position(|(&i, &len)| i == 0 || i + 1 == len);
            (0..len).map(|at| on_face(at).map_or(0, |axis| 1 + axis as i64)).collect()
        }
    }
}

/// A map in memory as an array of some type, order of bytes and of dimensions may hold it.
pub struct Stored {
    bytes: Vec<u8>,
    dtype: Dtype,
    swapped: bool,
    first: usize,
    shape: Vec<usize>,
    strides: Vec<isize>,
}

/// Types of labels with the same few labels, and whether their bytes are swapped.
pub const TYPES: [(Dtype, bool); 7] = [
    (Dtype::U8, false),
    (Dtype::I8, false),
    (Dtype::U16, false),
    (Dtype::I16, true),
    (Dtype::I32, false),
    (Dtype::I64, false),
    (Dtype::U64, true),
];

/// How many ways there are for the dimensions to lie.
pub const LAYOUTS: usize = 4;

impl Stored {
    /// C order, Fortran order, backwards, or with a gap between labels.
    #[must_use]
    pub fn new(labels: &[i64], shape: &[usize], (dtype, swapped): (Dtype, bool), layout: usize) -> Self {
        let size = dtype.size();
        let gap = if layout == 3 { 2 } else { 1 };
        let mut strides = c_order(shape, size * gap);
        if layout == 1 {
            let backwards: Vec<usize> = shape.iter().rev().copied().collect();
            strides = c_order(&backwards, size).into_iter().rev().collect();
        }
        let mut bytes = vec![0; labels.len() * size * gap];
        let natural = c_order(shape, 1);
        let mut first = 0;
        if layout == 2 {
            first = bytes.len().saturating_sub(size);
            strides = strides.into_iter().map(|stride| -stride).collect();
        }
        for (at, &label) in labels.iter().enumerate() {
            let mut offset = first.cast_signed();
            for ((&step, &stride), &len) in natural.iter().zip(&strides).zip(shape) {
                offset += stride * (at.cast_signed() / step % len.cast_signed());
            }
            let mut code = u64::of(label).to_le_bytes()[..size].to_vec();
            if swapped != cfg!(target_endian = "big") {
                code.reverse();
            }
            bytes[offset.cast_unsigned()..][..size].copy_from_slice(&code);
        }
        Self { bytes, dtype, swapped, first, shape: shape.to_vec(), strides }
    }

    /// As the core sees it.
    #[must_use]
    pub fn map(&self) -> LabelMap<'_> {
        let base = self.bytes.as_ptr().wrapping_add(self.first);
        // SAFETY: `new` has indexed the bytes of each label of this shape.
        unsafe { LabelMap::new(base, self.dtype, self.swapped, &self.shape, &self.strides) }
    }
}
