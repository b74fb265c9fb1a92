//! Lists of where bits are set, so that whoever goes through them need not ask after each whether one follows.

use super::vectors::{SPILL, Vectors, WIDTH};

const _: () = assert!(SPILL <= WIDTH, "what spills over of a word fits where its places have room");

/// Words whose bits are listed at a time.
pub(crate) const LISTED: usize = 64;

/// Room for the places of bits.
pub(crate) struct Places([u16; LISTED * WIDTH]);

impl Default for Places {
    fn default() -> Self {
        Self([0; LISTED * WIDTH])
    }
}

impl Places {
    /// Where bits of some words are set, in order. No more than [`LISTED`] words are given.
    #[inline(always)]
    pub(crate) fn of<V: Vectors>(&mut self, vectors: V, words: &[u64]) -> &[u16] {
        assert!(words.len() <= LISTED, "no more words than there is room for");
        let mut count = 0;
        for (number, &word) in words.iter().enumerate() {
            #[allow(clippy::cast_possible_truncation, reason = "there are at most 4096 places")]
            let base = (number * WIDTH) as u16;
            // SAFETY: at most 64 were written for each word before, of which there are at most 63, and there is
            // room for as many again as spill over.
            count += unsafe { vectors.positions(word, base, self.0.as_mut_ptr().add(count)) };
        }
        &self.0[..count]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cpu::{Routine, tested};

    struct Listed<'a>(&'a mut Places, &'a [u64]);

    impl Routine for Listed<'_> {
        type Output = Vec<u16>;

        #[inline(always)]
        fn run<V: Vectors>(self, vectors: V) -> Vec<u16> {
            self.0.of(vectors, self.1).to_vec()
        }
    }

    #[test]
    fn every_bit_is_listed_in_its_place() {
        let mixed = |number: u64| (number + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let many: Vec<u64> = (0..64).map(|number| mixed(number) & mixed(number * number)).collect();
        let words = [&[][..], &[0], &[1, 0, 1 << 63], &[u64::MAX; LISTED], &many];
        for kernel in tested() {
            let mut places = Places::default();
            for words in words {
                let bits = (0_u16..).take(words.len() * WIDTH);
                let expected: Vec<u16> = bits
                    .filter(|&at| words[usize::from(at) / WIDTH] >> (usize::from(at) % WIDTH) & 1 == 1)
                    .collect();
                assert_eq!(kernel.run(Listed(&mut places, words)), expected, "{}", kernel.name());
            }
        }
    }
}
