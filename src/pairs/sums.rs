//! Sums of many keys, most of which come again shortly after they came.
//!
//! A small table stands in front of a list: a key has one place in it, and whoever needs the place of
//! another one moves that one's sum to the list, which is sorted and added up whenever it has doubled. Keys
//! made to share a place cost their part of a sort each time, and nothing worse.

use std::collections::BTreeMap;

/// What is counted.
pub(crate) trait Key: Copy + Default + Ord {
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

impl<K: Key, B: Copy + Default + Ord + Into<u64>> Key for (K, B) {
    #[inline(always)]
    fn mixed(self) -> u64 {
        (self.0.mixed() ^ self.1.into()).wrapping_mul(ODD[1])
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

/// Sort sums by their keys, and make one of those that have the same.
pub(crate) fn add_up<K: Ord + Copy>(sums: &mut Vec<(K, u64)>) {
    sums.sort_unstable_by_key(|&(key, _)| key);
    sums.dedup_by(|next, kept| {
        let same = next.0 == kept.0;
        if same {
            kept.1 += next.1;
        }
        same
    });
}

/// A sum for each key that occurred.
pub(crate) struct Sums<K> {
    /// Sums of recent keys, one for each place; zero where there is none.
    recent: Box<[(K, u64)]>,
    /// What is left of a key's 64 bits when they are shifted by this is its place.
    shift: u32,
    /// Sums that have left their places, of which there may be several of one key behind the first ones.
    kept: Vec<(K, u64)>,
    /// How many of them are sorted and of different keys.
    sorted: usize,
}

/// Sums that are kept before any of them are sorted.
const UNSORTED: usize = 1 << 10;

impl<K: Key> Sums<K> {
    /// No sums yet, with two to the power of `bits` places for recent keys.
    pub(crate) fn new(bits: u32) -> Self {
        let recent = vec![(K::default(), 0); 1 << bits].into_boxed_slice();
        Self { recent, shift: 64 - bits, kept: Vec::new(), sorted: 0 }
    }

    /// Add to the sum of a key.
    #[inline(always)]
    pub(crate) fn add(&mut self, key: K, more: u64) {
        #[allow(clippy::cast_possible_truncation, reason = "as few bits as places have")]
        let place = &mut self.recent[(key.mixed() >> self.shift) as usize];
        if place.0 == key {
            place.1 += more;
        } else {
            let before = std::mem::replace(place, (key, more));
            self.keep(before);
        }
    }

    fn keep(&mut self, sum: (K, u64)) {
        if sum.1 == 0 {
            return;
        }
        if self.kept.len() >= UNSORTED.max(2 * self.sorted) {
            self.sort();
        }
        self.kept.push(sum);
    }

    #[cold]
    fn sort(&mut self) {
        add_up(&mut self.kept);
        self.sorted = self.kept.len();
    }

    /// Whether more keys than so many are known to have left the table of recent ones. An eighth more of them
    /// may not be known yet, so that asking often does not mean to sort often.
    pub(crate) fn more_than(&mut self, limit: usize) -> bool {
        if self.kept.len() > limit.max(self.sorted + limit / 8) {
            self.sort();
        }
        self.sorted > limit
    }

    /// All sums in the order of their keys, to begin anew.
    pub(crate) fn drain(&mut self) -> BTreeMap<K, u64> {
        // As they are sorted, no tree is searched.
        self.take().into_iter().collect()
    }

    /// The same as a list.
    pub(crate) fn take(&mut self) -> Vec<(K, u64)> {
        self.kept.extend(self.recent.iter().filter(|(_, sum)| *sum > 0));
        self.recent.fill((K::default(), 0));
        self.sort();
        self.sorted = 0;
        std::mem::take(&mut self.kept)
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

    #[test]
    fn many_keys_are_added_up_whenever_they_come() {
        let mut sums = Sums::new(4);
        let mut expected = BTreeMap::new();
        for number in 0..30_000_u64 {
            let key = number * number % 9973;
            sums.add(key, number);
            *expected.entry(key).or_insert(0) += number;
            assert!(!sums.more_than(expected.len()));
        }
        assert!(sums.more_than(1000) && !sums.more_than(5000));
        assert_eq!(sums.drain(), expected);
        assert!(!sums.more_than(0));
    }
}
