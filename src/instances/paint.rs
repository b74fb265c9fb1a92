//! Masks become pixels again: planes of bools, or labels of which the later lie on top.

use super::Masks;
use crate::error::{Error, look};

/// What was painted, beside the labels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Painted {
    /// Pixels of any mask.
    pub covered: u64,
    /// Those among them that masks of several labels claim.
    pub claimed_twice: u64,
}

/// How often a pixel was painted: not, with one label, with several.
const FREE: u8 = 0;
const ONE: u8 = 1;
const SEVERAL: u8 = 2;

impl Masks {
    /// Write a value to each pixel of a mask, by columns.
    ///
    /// # Panics
    ///
    /// If there are not as many pixels as in the image.
    pub fn fill<T: Copy>(&self, mask: usize, value: T, pixels: &mut [T]) {
        assert_eq!(pixels.len(), self.size.pixels() as usize, "all pixels of the image");
        for run in self.runs(mask) {
            pixels[run.start as usize..run.end as usize].fill(value);
        }
    }

    /// Paint masks with their labels, the later over the earlier, by columns. `order` names masks, each with its
    /// label. `stop` is asked once a mask.
    ///
    /// # Errors
    ///
    /// [`Error::OutOfMemory`] and [`Error::Cancelled`].
    ///
    /// # Panics
    ///
    /// If there is no such mask, or there are not as many pixels as in the image.
    pub fn paint<T: Copy + Eq>(
        &self,
        order: &[(usize, T)],
        pixels: &mut [T],
        stop: &mut dyn FnMut() -> bool,
    ) -> Result<Painted, Error> {
        assert_eq!(pixels.len(), self.size.pixels() as usize, "all pixels of the image");
        let mut state = Vec::new();
        let room = state.try_reserve_exact(pixels.len());
        room.map_err(|_| Error::OutOfMemory { bytes: pixels.len() as u64 })?;
        state.resize(pixels.len(), FREE);
        let mut painted = Painted::default();
        for &(mask, label) in order {
            look(stop)?;
            for run in self.runs(mask) {
                let run = run.start as usize..run.end as usize;
                for (pixel, state) in pixels[run.clone()].iter_mut().zip(&mut state[run]) {
                    if *state == FREE {
                        painted.covered += 1;
                        *state = ONE;
                    } else if *state == ONE && *pixel != label {
                        painted.claimed_twice += 1;
                        *state = SEVERAL;
                    }
                    *pixel = label;
                }
            }
        }
        Ok(painted)
    }
}
