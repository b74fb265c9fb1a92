//! What can be wrong with a mask that somebody wrote.

use thiserror::Error;

/// What was expected of a mask, and what was found.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum Fault {
    /// Run lengths do not cover the image.
    #[error("expected run lengths that add up to {height} x {width} = {} pixels, found {found}", u64::from(*height) * u64::from(*width))]
    Sum {
        /// The height of the image.
        height: u32,
        /// Its width.
        width: u32,
        /// What they add up to; where that is more than the pixels, up to the first one beyond them.
        found: u64,
    },
    /// A run length that is none.
    #[error("expected run lengths of 0 to {most}, found {found} as number {index}")]
    Length {
        /// Which of them, from 0 on.
        index: usize,
        /// What was found.
        found: i64,
        /// Pixels of the image.
        most: u32,
    },
    /// A character that stands for nothing.
    #[error("expected characters of `0` to `o` in run lengths, found {} at {index}", shown(*found))]
    Character {
        /// Where it is, from 0 on.
        index: usize,
        /// The byte.
        found: u8,
    },
    /// A string that ends where more has to come.
    #[error("the run lengths end within a number")]
    Ends,
    /// A run length of more than 64 bits.
    #[error("expected run lengths below 2**32, found a longer number at character {index}")]
    Long {
        /// Where it goes on, from 0 on.
        index: usize,
    },
    /// Too few numbers for a polygon.
    #[error("expected polygons of three points or more, found {found} numbers")]
    Points {
        /// How many there are.
        found: usize,
    },
    /// Numbers that are no pairs.
    #[error("expected x and y of each point of a polygon, found {found} numbers")]
    Odd {
        /// How many there are.
        found: usize,
    },
    /// A point that is nowhere near an image.
    #[error("expected points of polygons within 1,000,000 pixels, found {found} as number {index}")]
    Far {
        /// Which number, from 0 on.
        index: usize,
        /// What was found.
        found: f64,
    },
    /// An object without parts.
    #[error("expected a polygon at least, found none")]
    NoPolygon,
    /// More runs than are kept.
    #[error("the outlines of the masks cross columns more than {limit} times")]
    TooManyRuns {
        /// How many there may be.
        limit: usize,
    },
}

/// A byte as one would type it.
fn shown(byte: u8) -> String {
    if byte.is_ascii_graphic() { format!("`{}`", char::from(byte)) } else { format!("the byte {byte}") }
}
