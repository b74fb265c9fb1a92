//! The surfaces of a label in both maps, from what slabs have of them to what is found.

use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex, OnceLock};

use super::locked;
use crate::distance::between::{Between, Far, Found, Set, Terms};

/// What slabs have of the surfaces of a label in both maps, and all of it.
pub(super) struct Both {
    pub(super) label: i64,
    parts: [Mutex<Vec<Set>>; 2],
    joined: [OnceLock<Set>; 2],
}

impl Both {
    pub(super) fn new((label, parts): (i64, [Vec<Set>; 2])) -> Self {
        Self { label, parts: parts.map(Mutex::new), joined: Default::default() }
    }

    /// Words of what slabs have.
    pub(super) fn words(&self) -> usize {
        let words =
            |parts: &Mutex<Vec<Set>>| locked(parts).iter().map(|set| set.points.words().len()).sum::<usize>();
        self.parts.iter().map(words).sum()
    }

    /// Join what slabs have of one side.
    pub(super) fn join(&self, side: usize) {
        let parts = std::mem::take(&mut *locked(&self.parts[side]));
        self.joined[side].get_or_init(|| Set::joined(parts));
    }
}

/// Two surfaces, laid out while there are tasks left.
pub(super) struct Laid<'a> {
    pub(super) both: &'a Both,
    between: Mutex<Option<Arc<Between<'a>>>>,
    /// Tasks that are not done: of all from laying out on, of joining, of laying out, and of finding near points of
    /// each side.
    pub(super) left: AtomicUsize,
    pub(super) to_join: AtomicUsize,
    pub(super) to_lay: AtomicUsize,
    pub(super) to_find: [AtomicUsize; 2],
    pub(super) far: [Mutex<Vec<Far>>; 2],
    pub(super) found: [Mutex<Vec<Found>>; 2],
}

impl<'a> Laid<'a> {
    pub(super) fn new(both: &'a Both) -> Self {
        Self {
            both,
            between: Mutex::default(),
            left: AtomicUsize::new(1),
            to_join: AtomicUsize::new(2),
            to_lay: AtomicUsize::new(2),
            to_find: Default::default(),
            far: Default::default(),
            found: Default::default(),
        }
    }

    /// What is between both surfaces, which were joined.
    pub(super) fn between(&self, terms: &'a Terms) -> Arc<Between<'a>> {
        let set = |side: usize| self.both.joined[side].get().expect("a surface that was joined");
        let between = || Arc::new(Between::new(terms, [set(0), set(1)]));
        Arc::clone(locked(&self.between).get_or_insert_with(between))
    }

    /// Let go of it.
    pub(super) fn clear(&self) {
        *locked(&self.between) = None;
    }
}
