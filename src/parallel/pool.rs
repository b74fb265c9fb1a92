//! Threads that are started for one call and joined before it returns.
//!
//! Nothing outlives the call, so a process that is forked later has no thread to miss. The caller's
//! own thread does not work: it waits, and looks up every 50 ms, so that an interrupt or a progress
//! bar never has to wait for a worker.

use std::panic::resume_unwind;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::thread::{Builder, available_parallelism, scope};
use std::time::Duration;

/// How often a caller looks up from its work or its waiting.
pub const TICK: Duration = Duration::from_millis(50);

/// Processors that this process may use, with regard to affinity and cgroup limits.
#[must_use]
pub fn available_threads() -> usize {
    available_parallelism().map_or(1, usize::from)
}

/// Tells workers to stop.
#[derive(Debug, Default)]
pub struct Cancel(AtomicBool);

impl Cancel {
    /// Whether to stop.
    #[must_use]
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    fn set(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Stops the other workers where one panics: its result is missing, so theirs are of no use.
struct StopOthers<'a>(&'a Cancel);

impl Drop for StopOthers<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.set();
        }
    }
}

/// Run `work` on `threads` threads (at least one) and return what each of them returned.
///
/// Every 50 ms the caller's thread calls `tick`; when that fails, the workers are told to stop, and
/// its error is returned once they have. If the system has no more threads to give, fewer work; if it
/// has none, the caller's own works, without a tick.
///
/// # Errors
///
/// Whatever `tick` returned.
///
/// # Panics
///
/// If a worker panics.
pub fn run<T: Send, E>(
    threads: usize,
    work: impl Fn(&Cancel) -> T + Sync,
    mut tick: impl FnMut() -> Result<(), E>,
) -> Result<Vec<T>, E> {
    let cancel = Cancel::default();
    let threads = threads.max(1);
    let (ended, wait) = sync_channel::<()>(0);
    scope(|scope| {
        let mut workers = Vec::new();
        for i in 0..threads {
            let (cancel, work, ended) = (&cancel, &work, ended.clone());
            let body = move || {
                // Dropped when the worker ends or panics; the last one to go ends the wait.
                let _ended = ended;
                let _others = StopOthers(cancel);
                work(cancel)
            };
            match Builder::new().name(format!("segscore-{i}")).spawn_scoped(scope, body) {
                Ok(worker) => workers.push(worker),
                // The system has no more threads to give; those that there are do all the work.
                Err(_) => break,
            }
        }
        drop(ended);
        if workers.is_empty() {
            return Ok(vec![work(&cancel)]);
        }
        let mut ticked = Ok(());
        while wait.recv_timeout(TICK) == Err(RecvTimeoutError::Timeout) {
            if ticked.is_ok() {
                ticked = tick();
                if ticked.is_err() {
                    cancel.set();
                }
            }
        }
        let results =
            workers.into_iter().map(|worker| worker.join().unwrap_or_else(|panic| resume_unwind(panic)));
        let results: Vec<T> = results.collect();
        ticked.map(|()| results)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    #[test]
    fn every_worker_hands_its_result_over() {
        let results = run(3, |_| 7, || Ok::<(), ()>(()));
        assert_eq!(results, Ok(vec![7, 7, 7]));
    }

    #[test]
    fn a_failing_tick_stops_the_workers_and_is_returned() {
        let work = |cancel: &Cancel| {
            while !cancel.is_set() {
                std::thread::yield_now();
            }
        };
        let begin = Instant::now();
        assert_eq!(run(2, work, || Err::<(), _>("stop")), Err("stop"));
        assert!(begin.elapsed() < Duration::from_secs(1));
    }

    #[test]
    #[should_panic(expected = "a worker's panic")]
    fn a_panic_reaches_the_caller() {
        let _ = run(2, |_| panic!("a worker's panic"), || Ok::<(), ()>(()));
    }

    #[test]
    #[should_panic(expected = "a panic")]
    fn a_panic_stops_the_other_workers() {
        let first = AtomicBool::new(true);
        let work = |cancel: &Cancel| {
            assert!(!first.swap(false, Ordering::Relaxed), "a panic");
            while !cancel.is_set() {
                std::thread::yield_now();
            }
        };
        let _ = run(2, work, || Ok::<(), ()>(()));
    }

    #[test]
    fn at_least_one_processor_may_be_used() {
        assert!(available_threads() >= 1);
    }
}
