//! The labels that were met in a map, and whose surfaces are asked for.

use std::collections::{BTreeMap, HashMap};

use super::any::label;
use crate::distance::between::Set;
use crate::error::{Error, Side};
use crate::limits::MAX_LABELS;
use crate::pixels::{Code, Dtype};

/// Labels whose surfaces are wanted.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// These alone, if given.
    pub labels: Option<Vec<i64>>,
    /// But none of these. Where the target has one of them, neither map has a surface, and what is beside it
    /// has a border there.
    pub ignored: Vec<i64>,
}

impl Wanted {
    fn contains(&self, label: i64) -> bool {
        self.labels.as_ref().is_none_or(|labels| labels.contains(&label)) && !self.ignored.contains(&label)
    }
}

/// The surface of each label.
pub(crate) type Surfaces = BTreeMap<i64, Set>;

/// The labels of a map, in the order in which they were met, and what was found of their surfaces.
pub(super) struct Labels<C> {
    side: Side,
    dtype: Dtype,
    wanted: Wanted,
    met: Vec<(i64, Set)>,
    /// Labels met lately, each at the place of its lowest bits.
    recent: Box<[(C, u32); RECENT]>,
    known: HashMap<C, u32>,
    /// A label that nobody wants.
    unwanted: Option<C>,
}

/// Places for labels met lately, one for each label of a byte.
const RECENT: usize = 256;

/// The number of labels that nobody wants.
const UNWANTED: u32 = u32::MAX;

/// The number of labels that were not met yet.
const UNKNOWN: u32 = u32::MAX - 1;

impl<C: Code> Labels<C> {
    pub(super) fn new(side: Side, dtype: Dtype, wanted: &Wanted) -> Self {
        Self {
            side,
            dtype,
            wanted: wanted.clone(),
            met: Vec::new(),
            recent: Box::new([(C::default(), UNKNOWN); RECENT]),
            known: HashMap::new(),
            unwanted: None,
        }
    }

    /// The label whose surface nobody wants that was asked about last.
    pub(super) fn unwanted(&self) -> Option<C> {
        self.unwanted
    }

    /// The surface of a label; `None` if it is not asked for.
    ///
    /// # Errors
    ///
    /// [`Error::LabelTooLarge`] and [`Error::TooManyLabels`].
    #[inline(always)]
    pub(super) fn surface(&mut self, code: C) -> Result<Option<&mut Set>, Error> {
        let (known, mut number) = self.recent[code.lowest()];
        if known != code || number == UNKNOWN {
            number = self.look_up(code)?;
        }
        let met = self.met.get_mut(number as usize);
        if met.is_none() {
            self.unwanted = Some(code);
        }
        Ok(met.map(|(_, set)| set))
    }

    #[cold]
    fn look_up(&mut self, code: C) -> Result<u32, Error> {
        let number = if let Some(&number) = self.known.get(&code) {
            number
        } else {
            let label = label(code, self.dtype, self.side)?;
            let number = if self.wanted.contains(label) {
                if self.met.len() == MAX_LABELS {
                    return Err(Error::TooManyLabels { limit: MAX_LABELS });
                }
                self.met.push((label, Set::default()));
                u32::try_from(self.met.len() - 1).expect("no more labels than are allowed")
            } else {
                UNWANTED
            };
            self.known.insert(code, number);
            number
        };
        self.recent[code.lowest()] = (code, number);
        Ok(number)
    }

    /// What was found.
    pub(super) fn into_surfaces(self) -> Surfaces {
        self.met.into_iter().collect()
    }
}
