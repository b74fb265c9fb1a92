//! Boxes around points, in single precision, rounded outwards.

/// Boxes that are compared at once.
pub(super) const FAN: usize = 16;

/// One box, in units of the largest step: the lowest and the highest of each dimension.
#[derive(Clone, Copy)]
pub(super) struct Extent {
    low: [f32; 3],
    high: [f32; 3],
}

/// More than what a number loses when it is narrowed, as a part of it.
const ROUNDED: f32 = 2.0 * f32::EPSILON;

impl Extent {
    const NOTHING: Self = Self { low: [f32::INFINITY; 3], high: [f32::NEG_INFINITY; 3] };

    /// The box around points, of which the lowest and the highest places are given.
    #[inline(always)]
    #[allow(clippy::cast_possible_truncation, reason = "what is rounded is rounded outwards")]
    pub(super) fn new(low: [f64; 3], high: [f64; 3], steps: [f64; 3]) -> Self {
        Self {
            low: std::array::from_fn(|axis| (low[axis] * steps[axis]) as f32 * (1.0 - ROUNDED)),
            high: std::array::from_fn(|axis| (high[axis] * steps[axis]) as f32 * (1.0 + ROUNDED)),
        }
    }

    fn around(self, other: Self) -> Self {
        Self {
            low: std::array::from_fn(|axis| self.low[axis].min(other.low[axis])),
            high: std::array::from_fn(|axis| self.high[axis].max(other.high[axis])),
        }
    }

    /// The middle of the box, and how far it is from there to a corner.
    #[inline(always)]
    pub(super) fn middle(self) -> ([f64; 3], f64) {
        let [low, high] = [self.low, self.high].map(|edge| edge.map(f64::from));
        let half: [f64; 3] = std::array::from_fn(|axis| (high[axis] - low[axis]) / 2.0);
        let middle = std::array::from_fn(|axis| low[axis] + half[axis]);
        (middle, half.iter().map(|half| half * half).sum::<f64>().sqrt())
    }
}

/// The lowest and the highest of each dimension of sixteen boxes.
#[derive(Clone)]
struct Sixteen {
    low: [[f32; FAN]; 3],
    high: [[f32; FAN]; 3],
}

/// Boxes that are not there are infinitely far.
const NOWHERE: Sixteen = Sixteen { low: [[f32::INFINITY; FAN]; 3], high: [[f32::INFINITY; FAN]; 3] };

/// Boxes.
#[derive(Default)]
pub(super) struct Boxes {
    sixteens: Vec<Sixteen>,
    len: usize,
}

impl Boxes {
    #[inline(always)]
    pub(super) fn push(&mut self, extent: Extent) {
        let lane = self.len % FAN;
        if lane == 0 {
            self.sixteens.push(NOWHERE);
        }
        self.len += 1;
        if let Some(last) = self.sixteens.last_mut() {
            for axis in 0..3 {
                last.low[axis][lane] = extent.low[axis];
                last.high[axis][lane] = extent.high[axis];
            }
        }
    }

    #[inline(always)]
    pub(super) fn clear(&mut self) {
        self.sixteens.clear();
        self.len = 0;
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    #[inline(always)]
    pub(super) fn get(&self, at: usize) -> Extent {
        let (sixteen, lane) = (&self.sixteens[at / FAN], at % FAN);
        // One by one: mapped as a whole, all edges of sixteen boxes would be copied.
        Extent {
            low: std::array::from_fn(|axis| sixteen.low[axis][lane]),
            high: std::array::from_fn(|axis| sixteen.high[axis][lane]),
        }
    }

    /// A box around each sixteen boxes.
    pub(super) fn above(&self) -> Self {
        let mut above = Self::default();
        for start in (0..self.len).step_by(FAN) {
            let boxes = (start..self.len.min(start + FAN)).map(|at| self.get(at));
            above.push(boxes.fold(Extent::NOTHING, Extent::around));
        }
        above
    }

    /// The square of the least distance between points of a box and of each of sixteen boxes.
    #[inline(always)]
    pub(super) fn gaps(&self, sixteen: usize, of: &Extent) -> [f32; FAN] {
        let sixteen = &self.sixteens[sixteen];
        let mut gaps = [0.0; FAN];
        for axis in 0..3 {
            let edges = sixteen.low[axis].iter().zip(&sixteen.high[axis]);
            for (gap, (low, high)) in gaps.iter_mut().zip(edges) {
                let apart = larger(larger(low - of.high[axis], of.low[axis] - high), 0.0);
                *gap += apart * apart;
            }
        }
        gaps
    }
}

/// The larger one of two numbers, which is one instruction where neither may be NaN.
#[inline(always)]
fn larger(one: f32, other: f32) -> f32 {
    if one > other { one } else { other }
}
