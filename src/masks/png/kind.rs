//! What the pixels of a mask are, and the labels of those that are colours.

use super::COLOUR_TAG;
use super::chunks::{GRAY, GRAY_ALPHA, Header, INDEXED, RGB, RGBA};
use super::pixels;
use crate::cpu::Kernel;
use crate::error::Error;

/// What the pixels of a mask are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Gray or palette, of any depth.
    Labels,
    GrayAlpha,
    Rgb,
    Rgba,
}

impl Kind {
    pub(super) fn of(header: &Header) -> Result<Self, Error> {
        let found = match (header.colour, header.depth) {
            (GRAY | INDEXED, _) => return Ok(Self::Labels),
            (GRAY_ALPHA, 8) => return Ok(Self::GrayAlpha),
            (RGB, 8) => return Ok(Self::Rgb),
            (RGBA, 8) => return Ok(Self::Rgba),
            (RGB, _) => "RGB with 16 bits",
            (RGBA, _) => "RGBA with 16 bits",
            _ => "gray with alpha and 16 bits",
        };
        Err(Error::NotLabels { found })
    }

    /// What pixels are called that are colours.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Labels => "labels",
            Self::GrayAlpha => "gray with alpha",
            Self::Rgb => "RGB",
            Self::Rgba => "RGBA",
        }
    }

    /// Tell where each run of equal pixels of 8 bits a channel begins, and its label.
    pub(super) fn each_run(self, kernel: Kernel, pixels: &[u8], put: &mut impl FnMut(usize, i64)) {
        match self {
            Self::Labels => pixels::each_run::<1>(kernel, pixels, |pixel| i64::from(pixel[0]), put),
            Self::GrayAlpha => pixels::each_run::<2>(kernel, pixels, colour, put),
            Self::Rgb => pixels::each_run::<3>(kernel, pixels, colour, put),
            Self::Rgba => pixels::each_run::<4>(kernel, pixels, colour, put),
        }
    }

    /// Append the label of each pixel of 8 bits a channel.
    pub(super) fn labels(self, kernel: Kernel, pixels: &[u8], labels: &mut Vec<i64>) {
        let (known, mut label) = (labels.len(), 0);
        self.each_run(kernel, pixels, &mut |start, next| {
            labels.resize(known + start, label);
            label = next;
        });
        labels.resize(known + pixels.len() / self.channels(), label);
    }

    pub(super) fn channels(self) -> usize {
        match self {
            Self::Labels => 1,
            Self::GrayAlpha => 2,
            Self::Rgb => 3,
            Self::Rgba => 4,
        }
    }
}

/// The label of a colour: gray, or red, green, blue, and, where there is one more, alpha.
pub(super) fn colour(pixel: &[u8]) -> i64 {
    let ([red, green, blue], alpha) = match *pixel {
        [gray, alpha] => ([gray; 3], alpha),
        [red, green, blue, alpha] => ([red, green, blue], alpha),
        _ => ([pixel[0], pixel[1], pixel[2]], 255),
    };
    let [red, green, blue] = [red, green, blue].map(i64::from);
    COLOUR_TAG | i64::from(255 - alpha) << 24 | red << 16 | green << 8 | blue
}

/// The label of the same colour without alpha.
pub(super) fn opaque(label: i64) -> i64 {
    label & !(0xff << 24)
}

/// Whether a colour is opaque and gray.
pub(super) fn is_gray(label: i64) -> bool {
    let gray = label & 0xff;
    label == COLOUR_TAG | gray << 16 | gray << 8 | gray
}
