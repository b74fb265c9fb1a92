//! Which entries of a list others may refer to, by id.

use std::collections::{HashMap, HashSet};

/// Entries of a list that are left out, as something is wrong with them; it is not wrong to refer to them.
#[derive(Debug, Default)]
pub struct Refused {
    ids: HashSet<i64>,
    /// Some have no id that can be read, or the list as a whole cannot.
    any: bool,
}

impl Refused {
    /// Those of a list that cannot be read.
    pub fn all() -> Self {
        Self { any: true, ..Self::default() }
    }

    /// Add an entry, by its id if it has one.
    pub fn add(&mut self, id: Option<i64>) {
        match id {
            Some(id) => drop(self.ids.insert(id)),
            None => self.any = true,
        }
    }

    /// Whether an entry of this id may be among them.
    pub fn may_have(&self, id: i64) -> bool {
        self.any || self.ids.contains(&id)
    }
}

/// Where entries are, by id.
pub struct Known {
    pub places: HashMap<i64, usize>,
    pub refused: Refused,
}

impl Known {
    /// The place of an entry, if there is one that is read; `tell` is called where none is there at all.
    pub fn place(&self, id: i64, tell: impl FnOnce()) -> Option<usize> {
        let place = self.places.get(&id).copied();
        if place.is_none() && !self.refused.may_have(id) {
            tell();
        }
        place
    }
}
