//! Boxes around points, in single precision, rounded outwards.

/// Leaves of a node, nodes of a node of the next level, and boxes that are compared at once.
pub(super) const FAN: usize = 16;

/// Boxes, in units of the largest step: the lowest and the highest of each dimension.
#[derive(Default)]
pub(super) struct Boxes {
    low: [Vec<f32>; 3],
    high: [Vec<f32>; 3],
}

/// One box.
#[derive(Clone, Copy)]
pub(super) struct Extent {
    low: [f32; 3],
    high: [f32; 3],
}

impl Extent {
    pub(super) const NOTHING: Self = Self { low: [f32::INFINITY; 3], high: [f32::NEG_INFINITY; 3] };

    /// The box around points, of which the lowest and the highest steps are given.
    #[allow(clippy::cast_possible_truncation, reason = "what is rounded is rounded outwards")]
    pub(super) fn new(low: [f64; 3], high: [f64; 3], steps: [f64; 3]) -> Self {
        Self {
            low: std::array::from_fn(|axis| ((low[axis] * steps[axis]) as f32).next_down()),
            high: std::array::from_fn(|axis| ((high[axis] * steps[axis]) as f32).next_up()),
        }
    }

    pub(super) fn around(self, other: Self) -> Self {
        Self {
            low: std::array::from_fn(|axis| self.low[axis].min(other.low[axis])),
            high: std::array::from_fn(|axis| self.high[axis].max(other.high[axis])),
        }
    }

    /// The square of the greatest distance between points of two boxes.
    pub(super) fn farthest(self, other: Self) -> f64 {
        let along = |axis: usize| {
            let one = f64::from(self.high[axis]) - f64::from(other.low[axis]);
            let other = f64::from(other.high[axis]) - f64::from(self.low[axis]);
            one.max(other).powi(2)
        };
        along(0) + along(1) + along(2)
    }
}

impl Boxes {
    pub(super) fn push(&mut self, extent: Extent) {
        for axis in 0..3 {
            self.low[axis].push(extent.low[axis]);
            self.high[axis].push(extent.high[axis]);
        }
    }

    pub(super) fn clear(&mut self) {
        self.low.iter_mut().chain(&mut self.high).for_each(Vec::clear);
    }

    pub(super) fn len(&self) -> usize {
        self.low[0].len()
    }

    pub(super) fn get(&self, at: usize) -> Extent {
        Extent {
            low: std::array::from_fn(|axis| self.low[axis][at]),
            high: std::array::from_fn(|axis| self.high[axis][at]),
        }
    }

    /// Fill up with boxes that are infinitely far, so that any sixteen from one on can be compared.
    pub(super) fn pad(&mut self) {
        for edge in self.low.iter_mut().chain(&mut self.high) {
            edge.resize(edge.len().next_multiple_of(FAN), f32::INFINITY);
        }
    }

    /// The square of the least distance between points of a box and of each of sixteen boxes.
    #[inline(always)]
    pub(super) fn gaps(&self, at: usize, of: &Extent) -> [f32; FAN] {
        let mut gaps = [0.0; FAN];
        for axis in 0..3 {
            let low: &[f32; FAN] = self.low[axis][at..].first_chunk().expect("boxes in sixteens");
            let high: &[f32; FAN] = self.high[axis][at..].first_chunk().expect("boxes in sixteens");
            for (gap, (low, high)) in gaps.iter_mut().zip(low.iter().zip(high)) {
                let apart = (low - of.high[axis]).max(of.low[axis] - high).max(0.0);
                *gap += apart * apart;
            }
        }
        gaps
    }
}

/// Bits of the numbers that are no greater than a bound.
#[inline(always)]
pub(super) fn within(gaps: &[f32; FAN], bound: f32) -> u32 {
    let mut bits = 0;
    for (bit, gap) in gaps.iter().enumerate() {
        bits |= u32::from(*gap <= bound) << bit;
    }
    bits
}
