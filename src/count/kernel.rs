//! Which instruction set counts, chosen at run time.
#![allow(unsafe_code)]

use super::bytes::ByteTable;
#[cfg(target_arch = "x86_64")]
use super::cpu::{Avx2, Avx512};
use super::vectors::Portable;
use crate::pixels::{Bytes, Line};

/// An instruction set that this processor has.
///
/// What a variant holds can only be made by detection, so that tests and benches can run every kernel
/// that is there, and no other.
#[derive(Clone, Copy, Debug)]
pub enum Kernel {
    /// No special instructions.
    Portable,
    /// AVX2, BMI1, BMI2 and POPCNT.
    #[cfg(target_arch = "x86_64")]
    Avx2(Avx2),
    /// AVX-512 F, BW, VL and VBMI2 as well.
    #[cfg(target_arch = "x86_64")]
    Avx512(Avx512),
}

impl Kernel {
    /// Every kernel that this processor can run, the portable one first.
    #[must_use]
    pub fn all() -> Vec<Self> {
        #[allow(unused_mut, reason = "there is one kernel where there is no x86")]
        let mut all = vec![Self::Portable];
        #[cfg(target_arch = "x86_64")]
        {
            all.extend(Avx2::new().map(Self::Avx2));
            all.extend(Avx512::new().map(Self::Avx512));
        }
        all
    }

    pub(super) fn best() -> Self {
        #[cfg(target_arch = "x86_64")]
        {
            if let Some(avx512) = Avx512::new() {
                return Self::Avx512(avx512);
            }
            if let Some(avx2) = Avx2::new() {
                return Self::Avx2(avx2);
            }
        }
        Self::Portable
    }

    /// What tests and benches call it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Portable => "portable",
            #[cfg(target_arch = "x86_64")]
            Self::Avx2(_) => "avx2",
            #[cfg(target_arch = "x86_64")]
            Self::Avx512(_) => "avx512",
        }
    }

    pub(super) fn count(self, table: &mut ByteTable, target: Bytes<'_>, pred: Bytes<'_>) {
        match self {
            Self::Portable => table.count_with(Portable, target, pred),
            // SAFETY: the token proves that the instructions are there.
            #[cfg(target_arch = "x86_64")]
            Self::Avx2(avx2) => unsafe { count_avx2(avx2, table, target, pred) },
            // SAFETY: as above.
            #[cfg(target_arch = "x86_64")]
            Self::Avx512(avx512) => unsafe { count_avx512(avx512, table, target, pred) },
        }
    }

    /// [`Line::narrow`] with these instructions.
    pub(super) fn narrow(self, line: Line<'_>, base: i64, codes: &mut [u8]) -> bool {
        match self {
            Self::Portable => line.narrow(base, codes),
            // SAFETY: the token proves that the instructions are there.
            #[cfg(target_arch = "x86_64")]
            Self::Avx2(_) => unsafe { narrow_avx2(line, base, codes) },
            // SAFETY: as above.
            #[cfg(target_arch = "x86_64")]
            Self::Avx512(_) => unsafe { narrow_avx512(line, base, codes) },
        }
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,bmi1,bmi2,popcnt")]
fn narrow_avx2(line: Line<'_>, base: i64, codes: &mut [u8]) -> bool {
    line.narrow(base, codes)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,bmi1,bmi2,popcnt,avx512f,avx512bw,avx512vl,avx512vbmi2")]
fn narrow_avx512(line: Line<'_>, base: i64, codes: &mut [u8]) -> bool {
    line.narrow(base, codes)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,bmi1,bmi2,popcnt")]
fn count_avx2(avx2: Avx2, table: &mut ByteTable, target: Bytes<'_>, pred: Bytes<'_>) {
    table.count_with(avx2, target, pred);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,bmi1,bmi2,popcnt,avx512f,avx512bw,avx512vl,avx512vbmi2")]
fn count_avx512(avx512: Avx512, table: &mut ByteTable, target: Bytes<'_>, pred: Bytes<'_>) {
    table.count_with(avx512, target, pred);
}
