//! Mask files: what a file holds becomes bands of labels, or a precise refusal. Nothing here counts.

pub mod deflated;
pub mod png;
