//! Which instructions this processor has, found out in one place, and work compiled for them.
//!
//! Code that needs AVX2 takes an [`Avx2`], which only detection can make; so it cannot be called
//! where the instructions are missing. A [`Routine`] is written once, over [`Vectors`], and
//! [`Kernel::run`] runs the copy of it that was compiled for this processor's instructions.
#![allow(unsafe_code)]

mod compare;
mod lanes;
mod places;
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
mod registers;
mod vectors;
mod wide;

pub(crate) use lanes::{Bf16, F16, Half, Lane, Lanes, Number};
pub(crate) use places::{LISTED, Places};
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
pub(crate) use registers::Registers;
#[cfg(all(target_arch = "aarch64", target_endian = "little"))]
use vectors::Neon;
use vectors::Portable;
pub(crate) use vectors::{COUPLES, SPILL, Vectors, WIDTH};
pub(crate) use wide::{EIGHT, FOUR, SIXTEEN, SixteenBoxes, Upright};

/// Proof that AVX2, BMI1, BMI2 and POPCNT are there.
#[cfg(target_arch = "x86_64")]
#[derive(Clone, Copy, Debug)]
pub struct Avx2(());

/// Proof that AVX-512 F, BW, CD, VL, VBMI, VBMI2 and VPOPCNTDQ are there, and all that [`Avx2`] proves.
#[cfg(target_arch = "x86_64")]
#[derive(Clone, Copy, Debug)]
pub struct Avx512(Avx2);

#[cfg(target_arch = "x86_64")]
impl Avx2 {
    fn new() -> Option<Self> {
        let all = is_x86_feature_detected!("avx2")
            && is_x86_feature_detected!("bmi1")
            && is_x86_feature_detected!("bmi2")
            && is_x86_feature_detected!("popcnt");
        all.then_some(Self(()))
    }
}

#[cfg(target_arch = "x86_64")]
impl Avx512 {
    fn new() -> Option<Self> {
        let avx2 = Avx2::new()?;
        let all = is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512cd")
            && is_x86_feature_detected!("avx512vl")
            && is_x86_feature_detected!("avx512vbmi")
            && is_x86_feature_detected!("avx512vbmi2")
            && is_x86_feature_detected!("avx512vpopcntdq");
        all.then_some(Self(avx2))
    }

    /// The proof of what is older.
    #[inline(always)]
    pub(crate) fn avx2(self) -> Avx2 {
        self.0
    }
}

/// An instruction set that this processor has.
#[derive(Clone, Copy, Debug)]
pub enum Kernel {
    /// No special instructions.
    Portable,
    /// NEON.
    #[cfg(all(target_arch = "aarch64", target_endian = "little"))]
    Neon,
    /// AVX2.
    #[cfg(target_arch = "x86_64")]
    Avx2(Avx2),
    /// AVX-512 with VBMI, VBMI2 and VPOPCNTDQ, as all processors since Ice Lake and Zen 4 have it.
    #[cfg(target_arch = "x86_64")]
    Avx512(Avx512),
}

impl Default for Kernel {
    fn default() -> Self {
        Self::best()
    }
}

/// Work that is compiled once for each instruction set.
pub(crate) trait Routine {
    /// What comes of it.
    type Output;

    /// Do it. To be marked `#[inline(always)]`, with all that it calls in its loops: only what is
    /// inlined is compiled for the instruction set.
    fn run<V: Vectors>(self, vectors: V) -> Self::Output;
}

impl Kernel {
    /// Every kernel that this processor can run, the best one last.
    #[must_use]
    pub fn all() -> Vec<Self> {
        #[allow(unused_mut, reason = "there is one kernel where there are no special instructions")]
        let mut all = vec![Self::Portable];
        #[cfg(all(target_arch = "aarch64", target_endian = "little"))]
        all.push(Self::Neon);
        #[cfg(target_arch = "x86_64")]
        {
            all.extend(Avx2::new().map(Self::Avx2));
            all.extend(Avx512::new().map(Self::Avx512));
        }
        all
    }

    /// The fastest kernel that this processor can run.
    #[must_use]
    pub fn best() -> Self {
        Self::all().pop().unwrap_or(Self::Portable)
    }

    /// Whether masks are counted faster by the blocks that change than line by line: it takes vectors of more
    /// than a few labels (`benches/NOTES.md`), and nothing was measured on ARM.
    pub(crate) fn gains_by_blocks(self) -> bool {
        match self {
            Self::Portable => false,
            #[cfg(all(target_arch = "aarch64", target_endian = "little"))]
            Self::Neon => false,
            #[cfg(target_arch = "x86_64")]
            Self::Avx2(_) | Self::Avx512(_) => true,
        }
    }

    /// What tests and benches call it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Portable => "portable",
            #[cfg(all(target_arch = "aarch64", target_endian = "little"))]
            Self::Neon => "neon",
            #[cfg(target_arch = "x86_64")]
            Self::Avx2(_) => "avx2",
            #[cfg(target_arch = "x86_64")]
            Self::Avx512(_) => "avx512",
        }
    }

    /// Do work with these instructions.
    #[inline]
    pub(crate) fn run<R: Routine>(self, routine: R) -> R::Output {
        match self {
            Self::Portable => routine.run(Portable),
            #[cfg(all(target_arch = "aarch64", target_endian = "little"))]
            Self::Neon => routine.run(Neon),
            // SAFETY: the token proves that the instructions are there.
            #[cfg(target_arch = "x86_64")]
            Self::Avx2(avx2) => unsafe { run_avx2(avx2, routine) },
            // SAFETY: as above.
            #[cfg(target_arch = "x86_64")]
            Self::Avx512(avx512) => unsafe { run_avx512(avx512, routine) },
        }
    }
}

/// Ask for what lies around an address to be in cache soon. It may lie anywhere.
#[inline(always)]
pub(crate) fn prefetch(address: *const u8) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: SSE is part of x86-64, and a prefetch never faults.
    unsafe {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        _mm_prefetch::<_MM_HINT_T0>(address.cast());
    }
    #[cfg(target_arch = "aarch64")]
    // SAFETY: a prefetch never faults, and changes nothing but caches.
    unsafe {
        std::arch::asm!("prfm pldl1keep, [{}]", in(reg) address, options(readonly, nostack, preserves_flags));
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,bmi1,bmi2,popcnt")]
fn run_avx2<R: Routine>(avx2: Avx2, routine: R) -> R::Output {
    routine.run(avx2)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(
    enable = "avx2,bmi1,bmi2,popcnt,avx512f,avx512bw,avx512cd,avx512vl,avx512vbmi,avx512vbmi2,avx512vpopcntdq"
)]
fn run_avx512<R: Routine>(avx512: Avx512, routine: R) -> R::Output {
    routine.run(avx512)
}

/// The kernels to test on, after looking that those that CI demands are among them: a pass that
/// tested nothing would say nothing. Their names are printed, and the file that tests them.
#[cfg(test)]
#[track_caller]
pub(crate) fn tested() -> Vec<Kernel> {
    let kernels = Kernel::all();
    let names: Vec<&str> = kernels.iter().map(|kernel| kernel.name()).collect();
    let file = std::panic::Location::caller().file();
    println!("kernels tested in {file}: {}", names.join(" "));
    let demanded = std::env::var("SEGSCORE_DEMAND_KERNELS").unwrap_or_default();
    for name in demanded.split_whitespace() {
        assert!(names.contains(&name), "the kernel {name} is demanded, but this processor has {names:?}");
    }
    kernels
}
