//! Bits of compressed bytes, the lowest of each byte first.

/// Bits that are held after a refill, at least.
pub(super) const HELD: u32 = 56;

/// Where the next bits are.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Bits {
    /// The byte of `input` that is read next; bytes before it are held, or used up.
    next: usize,
    /// Bits in hand, the next one lowest. Those above `count` are right, too, and will be read once more.
    pub(super) held: u64,
    /// At most 63.
    pub(super) count: u32,
}

impl Bits {
    /// The bits from a byte on.
    pub(super) fn from(byte: usize) -> Self {
        Self { next: byte, held: 0, count: 0 }
    }

    /// Hold at least [`HELD`] bits; `None` if fewer than eight bytes follow.
    #[inline(always)]
    pub(super) fn refill(&mut self, input: &[u8]) -> Option<()> {
        let word = input.get(self.next..)?.first_chunk()?;
        self.held |= u64::from_le_bytes(*word) << self.count;
        self.next += ((63 - self.count) >> 3) as usize;
        self.count |= HELD;
        Some(())
    }

    /// Use up bits that are held.
    #[inline(always)]
    pub(super) fn drop(&mut self, count: u32) {
        self.held >>= count;
        self.count -= count;
    }

    /// The number of the next bits, of which there are at most 32 and not more than are held.
    #[inline(always)]
    #[allow(clippy::cast_possible_truncation, reason = "at most 32 bits")]
    pub(super) fn take(&mut self, count: u32) -> u32 {
        let number = self.held & ((1 << count) - 1);
        self.drop(count);
        number as u32
    }

    /// The first byte of which no bit is used up.
    pub(super) fn byte(&self) -> usize {
        self.next - self.count as usize / 8
    }
}
