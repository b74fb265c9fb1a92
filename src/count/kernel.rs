//! Counting with each of the instruction sets.
#![allow(unsafe_code)]

use super::bytes::ByteTable;
use super::vectors::Portable;
use crate::cpu::Kernel;
#[cfg(target_arch = "x86_64")]
use crate::cpu::{Avx2, Avx512};
use crate::pixels::{Bytes, Line};

impl Kernel {
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
