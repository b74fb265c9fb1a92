//! Sums of many keys, most of which come again shortly after they came.
//!
//! A small table stands in front of a map: a key has one place in it, and whoever needs the place of
//! another one moves that one's sum to the map. Keys made to share a place cost a look-up in the map
//! each time, and nothing worse.

use std::collections::BTreeMap;

/// What is counted.
pub(crate) trait Key: Copy + Ord {
    /// 64 bits that depend on all of the key, the highest ones most.
    fn mixed(self) -> u64;
}

/// Odd numbers that have no pattern (of the golden ratio, and of the square root of 2).
const ODD: [u64; 2] = [0x9e37_79b9_7f4a_7c15, 0x6a09_e667_f3bc_c909];

impl Key for (i64, i64) {
    #[inline(always)]
    fn mixed(self) -> u64 {
        let one = self.0.cast_unsigned().wrapping_mul(ODD[0]);
        let other = self.1.cast_unsigned().wrapping_mul(ODD[1]);
        (one ^ other.rotate_left(32)).wrapping_mul(ODD[0])
    }
}

impl<K: Key> Key for (K, u8) {
    #[inline(always)]
    fn mixed(self) -> u64 {
        (self.0.mixed() ^ u64::from(self.1)).wrapping_mul(ODD[1])
    }
}

impl Key for u32 {
    #[inline(always)]
    fn mixed(self) -> u64 {
        u64::from(self).wrapping_mul(ODD[0])
    }
}

impl Key for u64 {
    #[inline(always)]
    fn mixed(self) -> u64 {
        (self ^ self >> 32).wrapping_mul(ODD[0])
    }
}

/// A sum for each key that occurred.
pub(crate) struct Sums<K> {
    /// Sums of recent keys, one for each place.
    recent: Box<[Option<(K, u64)>]>,
    /// What is left of a key's 64 bits when they are shifted by this is its place.
    shift: u32,
    /// The tree has no bad case that keys could be made to hit, and hands its rows out sorted.
    cells: BTreeMap<K, u64>,
}

impl<K: Key> Sums<K> {
    /// No sums yet, with two to the power of `bits` places for recent keys.
    pub(crate) fn new(bits: u32) -> Self {
        Self { recent: vec![None; 1 << bits].into_boxed_slice(), shift: 64 - bits, cells: BTreeMap::new() }
    }

    /// Add to the sum of a key.
    #[inline(always)]
    pub(crate) fn add(&mut self, key: K, more: u64) {
        #[allow(clippy::cast_possible_truncation, reason = "as few bits as places have")]
        let place = &mut self.recent[(key.mixed() >> self.shift) as usize];
        match place {
            Some((own, sum)) if *own == key => *sum += more,
            _ => {
                if let Some(before) = place.replace((key, more)) {
                    self.keep(before);
                }
            }
        }
    }

    fn keep(&mut self, (key, sum): (K, u64)) {
        *self.cells.entry(key).or_insert(0) += sum;
    }

    /// Keys that have left the table of recent ones.
    pub(crate) fn kept(&self) -> usize {
        self.cells.len()
    }

    /// All sums in the order of their keys, to begin anew.
    pub(crate) fn drain(&mut self) -> BTreeMap<K, u64> {
        for place in 0..self.recent.len() {
            if let Some(row) = self.recent[place].take() {
                self.keep(row);
            }
        }
        std::mem::take(&mut self.cells)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_share_a_place_are_told_apart() {
        let place = |pred: i64| (1, pred).mixed() >> 54;
        let others: Vec<i64> = (0..).filter(|&pred| place(pred) == place(2)).take(20).collect();
        let mut sums = Sums::new(10);
        for round in 0..500 {
            sums.add((1, others[round * round % 20]), 1);
            sums.add((1, 3), 2);
        }
        let mut expected = BTreeMap::from([((1, 3), 1000)]);
        for round in 0..500 {
            *expected.entry((1, others[round * round % 20])).or_insert(0) += 1;
        }
        assert_eq!(sums.drain(), expected);
        assert!(sums.drain().is_empty());
    }
}
