//! Class scores of any bits, type and layout: labels are the highest ones, one by one.

#![no_main]

use libfuzzer_sys::fuzz_target;
use segscore::logits::{Float, Logits, Rule, count_logits, highest};
use segscore::{Counter, Error, LabelMap, naive};
use segscore_fuzz::Input;

fuzz_target!(|data: &[u8]| {
    let mut input = Input(data);
    let kernel = input.kernel();
    let float = input.pick(&[Float::F16, Float::Bf16, Float::F32, Float::F64]);
    let size = match float {
        Float::F16 | Float::Bf16 => 2,
        Float::F32 => 4,
        Float::F64 => 8,
    };
    let threshold = input.coin();
    let channels = if threshold { 1 } else { 1 + input.below(256) + 5 * input.below(256) };
    let pixels = input.below(256).min(20_000 / channels);
    let last = input.coin();
    let least = f64::from(input.byte().cast_signed()) / 8.0;
    let target: Vec<i64> = (0..pixels).map(|_| i64::from(input.byte() & 3)).collect();
    // Few bytes become many scores; often there are equal ones.
    let (offset, pattern) = (input.below(4), input.0);
    let mut memory: Vec<u8> = vec![0; offset];
    memory.extend(
        (0..channels * pixels * size).map(|i| pattern.get(i % pattern.len().max(1)).copied().unwrap_or(0)),
    );
    let (shape, axis) = if last { ([pixels, channels], 1) } else { ([channels, pixels], 0) };
    let strides = [shape[1] * size, size].map(usize::cast_signed);
    // SAFETY: `memory` holds as many scores, and is borrowed for as long.
    let logits =
        unsafe { Logits::new(memory[offset..].as_ptr(), float, false, &shape, &strides, Some(axis)) };
    let score = |pixel: usize, channel: usize| {
        let at = if last { pixel * channels + channel } else { channel * pixels + pixel };
        number(&memory[offset + at * size..][..size], float)
    };
    let nan = (0..pixels).any(|pixel| (0..channels).any(|channel| score(pixel, channel).is_nan()));
    let best = |pixel: usize| {
        (0..channels).fold(0, |best, one| if score(pixel, one) > score(pixel, best) { one } else { best })
    };
    let (rule, labels): (_, Vec<i64>) = if threshold {
        let bits = match float {
            Float::F16 => return,
            Float::Bf16 => u64::from((least as f32).to_bits() >> 16),
            Float::F32 => u64::from((least as f32).to_bits()),
            Float::F64 => least.to_bits(),
        };
        (Rule::AtLeast(bits), (0..pixels).map(|pixel| i64::from(score(pixel, 0) >= least)).collect())
    } else {
        (Rule::Highest, (0..pixels).map(|pixel| best(pixel) as i64).collect())
    };
    let map = LabelMap::from_labels(&target, &[pixels]);
    let mut counter = Counter::with_kernel(kernel);
    match count_logits(&mut counter, &map, &logits, rule, &mut || false) {
        Ok(found) => {
            assert!(!nan);
            assert_eq!(found, naive::count(&target, &labels));
        }
        Err(Error::NotANumber { .. }) => assert!(nan),
        Err(error) => panic!("{error}"),
    }
    if !threshold && channels <= 256 {
        let mut found = vec![0_u8; pixels];
        let outcome = highest(&logits, &mut found, &mut || false);
        assert_eq!(outcome.is_err(), nan);
        assert!(nan || found.iter().map(|&label| i64::from(label)).eq(labels));
    }
});

/// A number as this type has it, little end first.
fn number(bytes: &[u8], float: Float) -> f64 {
    let wide = u64::from_le_bytes(std::array::from_fn(|i| bytes.get(i).copied().unwrap_or(0)));
    match float {
        Float::F64 => f64::from_bits(wide),
        Float::F32 => f32::from_bits(wide as u32).into(),
        Float::Bf16 => f32::from_bits((wide as u32) << 16).into(),
        Float::F16 => {
            let (sign, exponent, fraction) = (wide >> 15, wide >> 10 & 31, (wide & 1023) as f64);
            let size = match exponent {
                0 => fraction / 1024.0 * 2f64.powi(-14),
                31 if fraction == 0.0 => f64::INFINITY,
                31 => f64::NAN,
                _ => (1.0 + fraction / 1024.0) * 2f64.powi(exponent as i32 - 15),
            };
            if sign == 1 { -size } else { size }
        }
    }
}
