//! [`Lanes`] with registers: the highest scores so far, and their channels, stay in them for all planes of a
//! group.
#![allow(unsafe_code)]

use super::{Bf16, F16, Lanes, Number};
#[cfg(all(target_arch = "aarch64", target_endian = "little"))]
use crate::cpu::Neon;
use crate::cpu::prefetch;
#[cfg(target_arch = "x86_64")]
use crate::cpu::{Avx2, Avx512};

/// The operations on scores in registers.
pub(super) trait Leaders<S: Number>: Copy {
    /// Pixels that are looked at together.
    const PIXELS: usize;
    /// The highest scores so far of so many pixels, and their channels.
    type Leaders: Copy;
    /// The number of a channel, beside each pixel.
    type Channel: Copy;
    /// Whether any score was NaN.
    type Nan: Copy;

    /// Leaders before there are any scores.
    fn nobody(self) -> Self::Leaders;

    /// No score was NaN.
    fn no_nan(self) -> Self::Nan;

    /// Whether any score was.
    fn any(self, nan: Self::Nan) -> bool;

    /// The number of a channel.
    fn channel(self, number: u16) -> Self::Channel;

    /// The number of the channel behind one; any number behind the last there may be.
    fn next(self, channel: Self::Channel) -> Self::Channel;

    /// Let a channel lead where its scores are higher; its number is higher than those before it.
    ///
    /// # Safety
    ///
    /// `PIXELS` scores are readable; they need not be aligned.
    unsafe fn meet(
        self,
        leaders: &mut Self::Leaders,
        scores: *const S,
        channel: Self::Channel,
        nan: &mut Self::Nan,
    );

    /// Leaders that were stored.
    ///
    /// # Safety
    ///
    /// `PIXELS` keys and channels are readable.
    unsafe fn load(self, keys: *const S::Key, channels: *const S::Lane) -> Self::Leaders;

    /// Write keys and channels, after all scores have been met.
    ///
    /// # Safety
    ///
    /// There is room for `PIXELS` of both.
    unsafe fn store(
        self,
        leaders: Self::Leaders,
        keys: *mut S::Key,
        channels: *mut S::Lane,
        nan: &mut Self::Nan,
    );
}

/// How far ahead of what is compared planes are asked for, in bytes.
const DISTANCE: usize = 512;

/// [`Lanes::merge`] with registers, in which leaders stay for all planes.
///
/// # Safety
///
/// As for [`Lanes::merge`].
#[inline(always)]
unsafe fn in_registers<S: Number, L: Leaders<S>, const AHEAD: bool>(
    lanes: L,
    planes: &[*const S],
    first: u16,
    keys: &mut [S::Key],
    channels: &mut [S::Lane],
) -> bool {
    let pixels = L::PIXELS;
    let channels = &mut channels[..keys.len()];
    let mut nan = lanes.no_nan();
    for i in (0..keys.len() / pixels * pixels).step_by(pixels) {
        let (keys, channels) = (keys[i..].as_mut_ptr(), channels[i..].as_mut_ptr());
        // SAFETY: there are `PIXELS` keys and channels from each of their multiples on.
        let mut leaders = if first == 0 { lanes.nobody() } else { unsafe { lanes.load(keys, channels) } };
        let mut channel = lanes.channel(first);
        for plane in planes {
            let scores = plane.wrapping_add(i);
            if AHEAD {
                for line in (0..pixels * size_of::<S>()).step_by(64) {
                    prefetch(scores.cast::<u8>().wrapping_add(DISTANCE + line));
                }
            }
            // SAFETY: the caller promises the scores.
            unsafe { lanes.meet(&mut leaders, scores, channel, &mut nan) };
            channel = lanes.next(channel);
        }
        // SAFETY: as for the load.
        unsafe { lanes.store(leaders, keys, channels, &mut nan) };
    }
    lanes.any(nan)
}

/// [`Lanes`] of some scores for an instruction set that has [`Leaders`] of them.
macro_rules! registers_of {
    ($set:ty: $($score:ty),*) => {$(
        impl Lanes<$score> for $set {
            const PIXELS: usize = <Self as Leaders<$score>>::PIXELS;

            #[inline(always)]
            unsafe fn merge<const AHEAD: bool>(
                self,
                planes: &[*const $score],
                first: u16,
                keys: &mut [<$score as Number>::Key],
                channels: &mut [<$score as Number>::Lane],
            ) -> bool {
                // SAFETY: as the caller promises.
                unsafe { in_registers::<$score, Self, AHEAD>(self, planes, first, keys, channels) }
            }
        }
    )*};
}

#[cfg(all(target_arch = "aarch64", target_endian = "little"))]
registers_of!(Neon: f32, f64, F16, Bf16);
#[cfg(target_arch = "x86_64")]
registers_of!(Avx2: f32, f64, F16, Bf16);
#[cfg(target_arch = "x86_64")]
registers_of!(Avx512: f32, f64, F16, Bf16);
