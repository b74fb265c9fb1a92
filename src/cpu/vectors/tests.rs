//! Operations on sixty-four labels, on each kernel, against what they are said to do.
#![allow(unsafe_code)]
#![allow(clippy::cast_possible_truncation, reason = "small numbers")]

use super::*;
use crate::cpu::{Kernel, Routine, tested};
use crate::naive::noise;

struct Fill<'a>(&'a mut [u8; WIDTH], usize, &'a [u8; WIDTH]);

impl Routine for Fill<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vectors>(self, vectors: V) {
        vectors.fill(self.0, self.1, self.2);
    }
}

#[test]
fn a_block_is_filled_from_any_place_on() {
    let (before, with): ([u8; WIDTH], _) =
        (std::array::from_fn(|k| k as u8), std::array::from_fn(|k| 200 - k as u8));
    for kernel in tested() {
        for from in 0..WIDTH {
            let mut block = before;
            kernel.run(Fill(&mut block, from, &with));
            let expected = std::array::from_fn(|k| if k < from { before[k] } else { with[k] });
            assert_eq!(block, expected, "from {from} on {}", kernel.name());
        }
    }
}

struct AddWhere<'a>(u64, u8, &'a mut [u8; WIDTH]);

impl Routine for AddWhere<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: Vectors>(self, vectors: V) {
        vectors.add_where(self.0, self.1, self.2);
    }
}

#[test]
fn a_byte_is_added_where_bits_are_set() {
    let mut random = noise(5);
    let before: [u8; WIDTH] = std::array::from_fn(|k| k as u8);
    for byte in 0..=192 {
        let bits = (0..WIDTH).fold(0, |bits, k| bits | (random(2) as u64) << k);
        let expected: [u8; WIDTH] =
            std::array::from_fn(|k| before[k] + if bits >> k & 1 == 1 { byte } else { 0 });
        for kernel in tested() {
            let mut block = before;
            kernel.run(AddWhere(bits, byte, &mut block));
            assert_eq!(block, expected, "{bits:x} and {byte} on {}", kernel.name());
        }
    }
}

struct Pack<'a>(&'a [u8; WIDTH], u64);

impl Routine for Pack<'_> {
    type Output = [u8; WIDTH];

    #[inline(always)]
    fn run<V: Vectors>(self, vectors: V) -> Self::Output {
        let mut out = [0; WIDTH];
        vectors.pack(self.0, self.1, &mut out);
        out
    }
}

#[test]
fn bytes_of_any_places_are_packed() {
    let mut random = noise(4);
    let block: [u8; WIDTH] = std::array::from_fn(|k| 200 - k as u8);
    for round in 0..1000 {
        let share = [1, 2, 8, 64, 1000][round % 5];
        let bits = (0..WIDTH).fold(0, |bits, k| bits | u64::from(random(share) == 0) << k);
        let expected: Vec<u8> = (0..WIDTH).filter(|k| bits >> k & 1 == 1).map(|k| block[k]).collect();
        for kernel in tested() {
            let found = kernel.run(Pack(&block, bits));
            assert_eq!(found[..expected.len()], expected, "{bits:x} on {}", kernel.name());
        }
    }
}

struct Runs<'a> {
    labels: [&'a [u8; WIDTH + 1]; 2],
    len: usize,
    weight: u16,
}

impl Routine for Runs<'_> {
    type Output = Vec<(u16, u16)>;

    #[inline(always)]
    fn run<V: Vectors>(self, vectors: V) -> Self::Output {
        let (mut pairs, mut pixels) = ([0; SPILL], [0; SPILL]);
        let [target, pred] = self.labels.map(|labels| labels.as_ptr().wrapping_add(1));
        // SAFETY: a label is before the 64, and there is room for 64 runs.
        let count = unsafe {
            vectors.runs(target, pred, self.len, self.weight, pairs.as_mut_ptr(), pixels.as_mut_ptr())
        };
        pairs.into_iter().zip(pixels).take(count).collect()
    }
}

fn runs_naively(labels: [&[u8; WIDTH + 1]; 2], len: usize, weight: u16) -> Vec<(u16, u16)> {
    let mut runs: Vec<(u16, u16)> = Vec::new();
    for k in 1..=len {
        let pair = u16::from_be_bytes(labels.map(|labels| labels[k]));
        match runs.last_mut() {
            Some((last, pixels)) if *last == pair => *pixels += weight,
            _ => runs.push((pair, weight)),
        }
    }
    runs
}

#[test]
fn runs_of_every_length_and_number() {
    let mut random = noise(6);
    let kernels = tested();
    for round in 0..2000 {
        let stays = [1, 2, 5, 30, 200][round % 5];
        let mut made = || {
            let mut label = 0;
            std::array::from_fn(|_| {
                if random(stays) == 0 {
                    label = random(256) as u8;
                }
                label
            })
        };
        let (target, pred) = (made(), made());
        let (len, weight) = (1 + random(WIDTH), random(1024) as u16);
        let labels = [&target, &pred];
        let expected = runs_naively(labels, len, weight);
        for kernel in &kernels {
            let found = Kernel::run(*kernel, Runs { labels, len, weight });
            assert_eq!(found, expected, "{len} labels on {}", kernel.name());
        }
    }
}

struct Unlike<'a, const BYTES: usize>(&'a [Vec<u8>; 4], u64);

impl<const BYTES: usize> Routine for Unlike<'_, BYTES> {
    type Output = [u64; 3];

    #[inline(always)]
    fn run<V: Vectors>(self, vectors: V) -> [u64; 3] {
        // The second label of each, which is at no address of note.
        let [labels, one, two, three] = self.0.each_ref().map(|bytes| bytes[BYTES..].as_ptr());
        // SAFETY: 64 labels follow the first one.
        unsafe {
            [
                vectors.unlike::<BYTES, 1>(labels, [one]),
                vectors.unlike::<BYTES, 3>(labels, [one, two, three]),
                vectors.other_than::<BYTES>(self.1, labels),
            ]
        }
    }
}

fn look_for_what_is_unlike<const BYTES: usize>() {
    let mut random = noise(BYTES as u64);
    for round in 0..300 {
        // Labels that differ in one byte at most, in few places, or in many.
        let rare = [2, 20, 300][round % 3];
        let (byte, base) = (random(BYTES), random(256) as u8);
        let mut made = || -> Vec<u8> {
            let mut bytes = vec![base; (WIDTH + 1) * BYTES];
            for label in bytes.chunks_exact_mut(BYTES) {
                label[byte] ^= u8::from(random(rare) == 0) << random(8);
            }
            bytes
        };
        let all = [made(), made(), made(), made()];
        let label = |of: usize, k: usize| &all[of][(k + 1) * BYTES..][..BYTES];
        let bits =
            |differs: &dyn Fn(usize) -> bool| (0..WIDTH).fold(0, |bits, k| bits | u64::from(differs(k)) << k);
        // Bytes that a label does not have are of no matter.
        let mut one = [0xa5; 8];
        one[..BYTES].fill(base);
        let number = u64::from_le_bytes(one);
        let expected = [
            bits(&|k| label(0, k) != label(1, k)),
            bits(&|k| (1..4).any(|of| label(0, k) != label(of, k))),
            bits(&|k| label(0, k) != &one[..BYTES]),
        ];
        for kernel in tested() {
            let found = kernel.run(Unlike::<BYTES>(&all, number));
            assert_eq!(found, expected, "{BYTES} bytes on {}", kernel.name());
        }
    }
}

#[test]
fn labels_of_any_width_that_are_unlike() {
    look_for_what_is_unlike::<1>();
    look_for_what_is_unlike::<2>();
    look_for_what_is_unlike::<4>();
    look_for_what_is_unlike::<8>();
}
