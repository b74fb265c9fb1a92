//! Sets of points of a lattice: the words of their rows that are not empty.

/// 64 points of a row, at least one of which is in the set.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Word {
    /// Slice, row, and columns as a number of words.
    pub(crate) place: [u32; 3],
    pub(crate) bits: u64,
}

/// A set of points.
#[derive(Clone, Debug, Default)]
pub(crate) struct Points {
    words: Vec<Word>,
}

/// The smallest box of words that holds all points.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    pub(crate) low: [u32; 3],
    pub(crate) high: [u32; 3],
}

impl Bounds {
    /// The smallest box that holds both.
    pub(crate) fn around(self, other: Self) -> Self {
        Self {
            low: std::array::from_fn(|axis| self.low[axis].min(other.low[axis])),
            high: std::array::from_fn(|axis| self.high[axis].max(other.high[axis])),
        }
    }
}

impl Points {
    /// Add points of a word. Those of one word come one after the other.
    #[inline(always)]
    pub(crate) fn push(&mut self, place: [u32; 3], bits: u64) {
        if let Some(last) = self.words.last_mut()
            && last.place == place
        {
            last.bits |= bits;
            return;
        }
        self.words.push(Word { place, bits });
    }

    /// All points of some sets that have no word in common.
    pub(crate) fn joined<'a>(parts: impl Iterator<Item = &'a Self>) -> Self {
        Self { words: parts.map(Self::words).collect::<Vec<_>>().concat() }
    }

    /// The words, in the order in which they came.
    pub(crate) fn words(&self) -> &[Word] {
        &self.words
    }

    /// The box around them, if there are any.
    pub(crate) fn bounds(&self) -> Option<Bounds> {
        let first = self.words.first()?.place;
        let bounds = Bounds { low: first, high: first };
        let around =
            |bounds: Bounds, word: &Word| bounds.around(Bounds { low: word.place, high: word.place });
        Some(self.words.iter().fold(bounds, around))
    }
}
