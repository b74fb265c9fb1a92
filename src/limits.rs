//! What is refused, or made to wait, before memory is taken for it.

use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

/// Most pixels of one mask file, unless the caller says otherwise.
pub const MAX_PIXELS: u64 = 1 << 28;

/// Most different pairs of labels in one image. A thousand classes that are all confused with one
/// another have a quarter of it; instance ids, which are no classes, soon have more.
pub const MAX_PAIRS: usize = 1 << 22;

/// Most pixels or voxels of one array whose boundaries are looked for: eight times those of a whole-body scan
/// of 1024 x 512 x 512.
pub const MAX_VOXELS: u64 = 1 << 31;

/// Most runs of one label in the lines of one map whose components are looked for: 4 GiB while they are
/// made. A volume of 512 x 512 x 512 voxels of which none is like the next has as many.
pub const MAX_RUNS: usize = 1 << 27;

/// Most columns that the edges of one polygon pass: 64 MiB while it is painted. That of a coast line has some thousands.
pub const MAX_PASSAGES: usize = 1 << 24;

/// Most labels of one map whose surfaces are looked for. A thousand classes are a small part; instance ids,
/// which are no classes, soon are more.
pub const MAX_LABELS: usize = 1 << 16;

/// Most rows of distances of one pair of maps: 160 MiB of columns.
pub const MAX_DISTANCES: usize = 1 << 22;

/// Bytes of decoded masks that all workers of one call may hold together.
pub const BYTES_IN_FLIGHT: u64 = 2 << 30;

/// A budget of bytes shared by the workers of one call.
///
/// A worker that wants more than is left waits until others give some back. One that wants more
/// than the whole budget waits until it is alone, so that no image is too large for it.
pub struct Budget {
    total: u64,
    used: Mutex<u64>,
    freed: Condvar,
}

/// Bytes taken from a [`Budget`]; dropping it gives them back.
pub struct Share<'a> {
    budget: &'a Budget,
    bytes: u64,
}

impl Budget {
    /// A budget of `total` bytes.
    #[must_use]
    pub fn new(total: u64) -> Self {
        Self { total, used: Mutex::new(0), freed: Condvar::new() }
    }

    /// Take `bytes`, waiting for them; `None` if `stop` says so meanwhile.
    pub fn take(&self, bytes: u64, stop: &mut dyn FnMut() -> bool) -> Option<Share<'_>> {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        while *used != 0 && used.saturating_add(bytes) > self.total {
            if stop() {
                return None;
            }
            let wait = self.freed.wait_timeout(used, Duration::from_millis(20));
            used = wait.unwrap_or_else(PoisonError::into_inner).0;
        }
        *used = used.saturating_add(bytes);
        Some(Share { budget: self, bytes })
    }
}

impl Drop for Share<'_> {
    fn drop(&mut self) {
        let mut used = self.budget.used.lock().unwrap_or_else(PoisonError::into_inner);
        *used = used.saturating_sub(self.bytes);
        self.budget.freed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_that_does_not_fit_waits_and_one_that_is_alone_never_does() {
        let budget = Budget::new(100);
        let first = budget.take(1_000, &mut || false).expect("alone");
        assert!(budget.take(1, &mut || true).is_none());
        drop(first);
        let _half = budget.take(50, &mut || true).expect("nothing is taken");
        let _rest = budget.take(50, &mut || true).expect("half is left");
        assert!(budget.take(1, &mut || true).is_none());
    }

    #[test]
    fn shares_never_exceed_the_total() {
        let budget = Budget::new(100);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for bytes in 1..=60 {
                        let share = budget.take(bytes, &mut || false).expect("never stopped");
                        assert!(*budget.used.lock().unwrap() <= 100);
                        drop(share);
                    }
                });
            }
        });
        assert_eq!(*budget.used.lock().unwrap(), 0);
    }
}
