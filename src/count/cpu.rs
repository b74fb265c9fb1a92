//! Which instructions this processor has, found out in one place.
//!
//! Code that needs AVX2 takes an [`Avx2`], which only detection can make; so it cannot be called
//! where the instructions are missing.

/// Proof that AVX2, BMI1, BMI2 and POPCNT are there.
#[derive(Clone, Copy, Debug)]
pub struct Avx2(());

/// Proof that AVX-512 F, BW, VL and VBMI2 are there, and all that [`Avx2`] proves.
#[derive(Clone, Copy, Debug)]
pub struct Avx512(Avx2);

impl Avx2 {
    pub(super) fn new() -> Option<Self> {
        let all = is_x86_feature_detected!("avx2")
            && is_x86_feature_detected!("bmi1")
            && is_x86_feature_detected!("bmi2")
            && is_x86_feature_detected!("popcnt");
        all.then_some(Self(()))
    }
}

impl Avx512 {
    pub(super) fn new() -> Option<Self> {
        let avx2 = Avx2::new()?;
        let all = is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512vl")
            && is_x86_feature_detected!("avx512vbmi2");
        all.then_some(Self(avx2))
    }

    pub(super) fn avx2(self) -> Avx2 {
        self.0
    }
}
