//! The codes of a block: tables from bits to what they stand for.
//!
//! An entry is 32 bits. Whoever uses one up drops `entry & BITS` bits:
//!
//! | | bits 31 to 16 | 15 | 14 | 13 to 8 | 5 to 0 |
//! |---|---|---|---|---|---|
//! | a literal | [`LITERAL`], and the byte | 0 | 0 | | bits of the code |
//! | a length or a distance | its least value | 0 | 0 | bits of the code | those, and of the number that is added |
//! | a code with more bits than a table is looked up by | its first entry in the table | 1 | 1 | bits that it is looked up by there | bits of the first table |
//! | the end of the block | [`END`] | 1 | 0 | | bits of the code |
//! | a code that is none | 0 | 1 | 0 | | |

#![allow(clippy::cast_possible_truncation, reason = "symbols, bits and entries are far fewer")]

use super::bits::Bits;

pub(super) const LITERAL: u32 = 1 << 31;
/// Neither a literal nor a length or distance.
pub(super) const OTHER: u32 = 1 << 15;
pub(super) const LONGER: u32 = 1 << 14;
pub(super) const END: u32 = 1 << 16;
pub(super) const BITS: u32 = 63;

/// Bits by which a literal or a length is looked up first, and a distance.
pub(super) const OF_LITERALS: u32 = 10;
pub(super) const OF_DISTANCES: u32 = 8;

/// The longest code (RFC 1951, 3.2.7).
const LONGEST: usize = 15;
const LITERALS: usize = 288;
const DISTANCES: usize = 32;

/// Entries of a first table, and of the tables of longer codes: two codes or more share one of those.
const fn entries(first: u32, symbols: usize) -> usize {
    (1 << first) + ((symbols / 2) << (LONGEST - first as usize))
}

/// Lengths of codes of the lengths of codes come in this order (RFC 1951, 3.2.7).
const ORDER: [usize; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/// The least value of each code of a length, and the bits that are added to it; the longest has a code of its
/// own.
const LENGTHS: [(u32, u32); 29] = {
    let mut lengths = numbers(3, 4);
    lengths[28] = (258, 0);
    lengths
};

/// The same of distances.
const FAR: [(u32, u32); 30] = numbers(1, 2);

/// The least value of each code from `least` on, and the bits that are added to it: as many codes as `alike` have
/// one more than those before, but for the first two such groups (RFC 1951, 3.2.5).
const fn numbers<const N: usize>(mut least: u32, alike: usize) -> [(u32, u32); N] {
    let mut numbers = [(0, 0); N];
    let mut code = 0;
    while code < N {
        let more = (code / alike).saturating_sub(1) as u32;
        numbers[code] = (least, more);
        least += 1 << more;
        code += 1;
    }
    numbers
}

/// The codes of a block.
pub(super) struct Codes {
    pub(super) literals: Box<[u32; entries(OF_LITERALS, LITERALS)]>,
    pub(super) distances: Box<[u32; entries(OF_DISTANCES, DISTANCES)]>,
    /// Whether they are those of a block that says nothing of them: of such blocks there may be millions.
    fixed: bool,
}

impl Codes {
    pub(super) fn new() -> Self {
        let (literals, distances) =
            (vec![OTHER; entries(OF_LITERALS, LITERALS)], vec![OTHER; entries(OF_DISTANCES, DISTANCES)]);
        let of_size = "as many entries";
        Self {
            literals: literals.into_boxed_slice().try_into().expect(of_size),
            distances: distances.into_boxed_slice().try_into().expect(of_size),
            fixed: false,
        }
    }

    /// The codes that a block says nothing of (RFC 1951, 3.2.6).
    pub(super) fn fix(&mut self) {
        if std::mem::replace(&mut self.fixed, true) {
            return;
        }
        let lengths: [u8; LITERALS] = std::array::from_fn(|symbol| match symbol {
            0..144 | 280.. => 8,
            144..256 => 9,
            _ => 7,
        });
        table(&mut *self.literals, OF_LITERALS, &lengths, literal).expect("a complete code");
        table(&mut *self.distances, OF_DISTANCES, &[5; DISTANCES], distance).expect("a complete code");
    }

    /// The codes that a block begins with; `None` if they are not as they must be, or their bytes end.
    pub(super) fn read(&mut self, bits: &mut Bits, input: &[u8]) -> Option<()> {
        self.fixed = false;
        bits.refill(input)?;
        let [literals, distances, known] =
            [(5, 257), (5, 1), (4, 4)].map(|(n, least)| bits.take(n) as usize + least);
        let mut lengths = [0; ORDER.len()];
        for (i, &symbol) in ORDER[..known].iter().enumerate() {
            if i % 16 == 0 {
                bits.refill(input)?;
            }
            lengths[symbol] = bits.take(3).to_le_bytes()[0];
        }
        let mut codes = [OTHER; 1 << 7];
        table(&mut codes, 7, &lengths, |symbol, bits| (symbol << 16) | bits)?;
        let mut lengths = [0_u8; LITERALS + DISTANCES];
        let (mut n, all) = (0, literals + distances);
        while n < all {
            bits.refill(input)?;
            let entry = codes[(bits.held & 127) as usize];
            if entry & OTHER != 0 {
                return None;
            }
            bits.drop(entry & BITS);
            let (length, times) = match entry >> 16 {
                16 => (*lengths.get(n.checked_sub(1)?)?, 3 + bits.take(2)),
                17 => (0, 3 + bits.take(3)),
                18 => (0, 11 + bits.take(7)),
                length => (length.to_le_bytes()[0], 1),
            };
            let end = n + times as usize;
            lengths.get_mut(n..end).filter(|_| end <= all)?.fill(length);
            n = end;
        }
        // More codes than there are symbols are no deflate, and a block must end.
        if literals > LITERALS - 2 || distances > DISTANCES - 2 || lengths[256] == 0 {
            return None;
        }
        table(&mut *self.literals, OF_LITERALS, &lengths[..literals], literal)?;
        table(&mut *self.distances, OF_DISTANCES, &lengths[literals..all], distance)
    }
}

fn literal(symbol: u32, bits: u32) -> u32 {
    match symbol {
        0..256 => LITERAL | symbol << 16 | bits,
        256 => OTHER | END | bits,
        _ => number(&LENGTHS, symbol - 257, bits),
    }
}

fn distance(symbol: u32, bits: u32) -> u32 {
    number(&FAR, symbol, bits)
}

/// The entry of a length or a distance; of none, if deflate does not define it.
fn number(numbers: &[(u32, u32)], symbol: u32, bits: u32) -> u32 {
    numbers.get(symbol as usize).map_or(OTHER, |&(least, more)| least << 16 | bits << 8 | (bits + more))
}

/// Fill the table of a code of which the bits of each symbol are known (RFC 1951, 3.2.2); `None` if a code has
/// other codes than its lengths allow for. A single one of one bit is allowed, or none, as of distances that
/// do not occur.
fn table(table: &mut [u32], first: u32, lengths: &[u8], entry: impl Fn(u32, u32) -> u32) -> Option<()> {
    let mut symbols = [0_usize; LONGEST + 1];
    for &length in lengths {
        symbols[usize::from(length)] += 1;
    }
    let used = lengths.len() - symbols[0];
    let taken: usize = (1..=LONGEST).map(|length| symbols[length] << (LONGEST - length)).sum();
    if taken != 1 << LONGEST && (used > 1 || used != symbols[1]) {
        return None;
    }
    // By length, and then by number, codes count up.
    let mut place = [0_usize; LONGEST + 1];
    for length in 2..=LONGEST {
        place[length] = place[length - 1] + symbols[length - 1];
    }
    let mut sorted = [0_u16; LITERALS];
    for (symbol, &length) in (0..).zip(lengths).filter(|(_, length)| **length > 0) {
        sorted[place[usize::from(length)]] = symbol;
        place[usize::from(length)] += 1;
    }
    let longest = (1..=LONGEST).rev().find(|&length| symbols[length] > 0).unwrap_or(0) as u32;
    let (tables, mut end) = (1 << first, 1 << first);
    table[..tables].fill(OTHER);
    let (mut code, mut before, mut shared) = (0_u32, 0, None);
    for &symbol in &sorted[..used] {
        let bits = u32::from(lengths[usize::from(symbol)]);
        code <<= bits - before;
        before = bits;
        let reversed = (code.reverse_bits() >> (32 - bits)) as usize;
        code += 1;
        if bits <= first {
            let entry = entry(u32::from(symbol), bits);
            table[..tables].iter_mut().skip(reversed).step_by(1 << bits).for_each(|place| *place = entry);
            continue;
        }
        let (start, rest) = (reversed & (tables - 1), reversed >> first);
        if shared != Some(start) {
            shared = Some(start);
            table[start] = (end as u32) << 16 | OTHER | LONGER | (longest - first) << 8 | first;
            end += 1 << (longest - first);
        }
        let entry = entry(u32::from(symbol), bits - first);
        let from = end - (1 << (longest - first));
        table[from..end].iter_mut().skip(rest).step_by(1 << (bits - first)).for_each(|place| *place = entry);
    }
    Some(())
}
