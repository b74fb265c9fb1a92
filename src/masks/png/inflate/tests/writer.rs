//! Streams that are written by hand.

use libdeflater::adler32;

/// Writes a stream bit by bit, with the codes that a block says nothing of.
pub(super) struct Writer {
    bytes: Vec<u8>,
    free: u32,
}

impl Writer {
    pub(super) fn block(last: bool, kind: u32) -> Self {
        let mut made = Self { bytes: vec![0x78, 0x9c], free: 0 };
        made.put(u32::from(last), 1);
        made.put(kind, 2);
        made
    }

    /// The lowest bits of a number, the lowest first.
    pub(super) fn put(&mut self, number: u32, count: u32) {
        for k in 0..count {
            if self.free == 0 {
                self.bytes.push(0);
                self.free = 8;
            }
            *self.bytes.last_mut().unwrap() |= ((number >> k & 1) << (8 - self.free)).to_le_bytes()[0];
            self.free -= 1;
        }
    }

    /// A code, whose bits come from the highest on.
    pub(super) fn code(&mut self, code: u32, count: u32) {
        self.put(code.reverse_bits() >> (32 - count), count);
    }

    pub(super) fn literal(&mut self, byte: u8) {
        let byte = u32::from(byte);
        if byte < 144 { self.code(0x30 + byte, 8) } else { self.code(0x190 + byte - 144, 9) }
    }

    pub(super) fn copy(&mut self, len: usize, far: usize) {
        // RFC 1951, 3.2.5, by search.
        let (mut least, mut symbol) = (3, 257);
        let more = |symbol: u32| if symbol < 265 || symbol == 285 { 0 } else { (symbol - 261) / 4 };
        while len < 258 && len >= least + (1 << more(symbol)) {
            least += 1 << more(symbol);
            symbol += 1;
        }
        if len == 258 {
            (least, symbol) = (258, 285);
        }
        if symbol < 280 {
            self.code(symbol - 256, 7);
        } else {
            self.code(0xc0 + symbol - 280, 8);
        }
        self.put(u32::try_from(len - least).unwrap(), more(symbol));
        let (mut least, mut symbol) = (1, 0);
        let more = |symbol: u32| if symbol < 4 { 0 } else { symbol / 2 - 1 };
        while far >= least + (1 << more(symbol)) {
            least += 1 << more(symbol);
            symbol += 1;
        }
        self.code(symbol, 5);
        self.put(u32::try_from(far - least).unwrap(), more(symbol));
    }

    /// How many literals and distances have codes, and the codes of the lengths of these: of four bits up to 12, of
    /// five from 13 on.
    pub(super) fn sizes(&mut self, literals: u32, distances: u32) {
        self.put(literals - 257, 5);
        self.put(distances - 1, 5);
        self.put(15, 4);
        for symbol in [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15] {
            self.put(if symbol < 13 { 4 } else { 5 }, 3);
        }
    }

    /// The code of a length of a code.
    pub(super) fn length(&mut self, symbol: u32) {
        if symbol < 13 {
            self.code(symbol, 4);
        } else {
            self.code(26 + symbol - 13, 5);
        }
    }

    pub(super) fn align(&mut self) {
        self.free = 0;
    }

    /// The stream, with the checksum of what it should inflate to.
    pub(super) fn stream(&self, bytes: &[u8]) -> Vec<u8> {
        let mut out = self.bytes.clone();
        out.extend(adler32(bytes).to_be_bytes());
        out
    }
}
