//! Threads that are started for one call and joined before it returns.
//!
//! Nothing outlives the call, so a process that is forked later has no thread to miss. The caller's own thread
//! does not work: it waits, and looks up every 50 ms, so that an interrupt or a progress bar never has to wait
//! for a worker.

use std::io;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::{Builder, ScopedJoinHandle, available_parallelism, scope};
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
    tick: impl FnMut() -> Result<(), E>,
) -> Result<Vec<T>, E> {
    run_with(|number| Ok(Builder::new().name(format!("segscore-{number}"))), threads, work, tick)
}

/// What the thread of a number is made with.
type Builders = fn(usize) -> io::Result<Builder>;

/// What a thread has while it works. One that panics stops the others, as its result is missing.
struct Working<'a> {
    cancel: &'a Cancel,
    /// Gone with the thread: the caller waits until all are.
    _here: Sender<()>,
}

impl Drop for Working<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.cancel.set();
        }
    }
}

fn run_with<T: Send, E>(
    builder: Builders,
    threads: usize,
    work: impl Fn(&Cancel) -> T + Sync,
    mut tick: impl FnMut() -> Result<(), E>,
) -> Result<Vec<T>, E> {
    let (cancel, (here, wait)) = (Cancel::default(), channel());
    scope(|scope| {
        let begin = |number| {
            let working = Working { cancel: &cancel, _here: here.clone() };
            let body = || {
                let working = working;
                work(working.cancel)
            };
            builder(number).and_then(|builder| builder.spawn_scoped(scope, body)).ok()
        };
        let workers: Vec<_> = (0..threads.max(1)).map_while(begin).collect();
        drop(here);
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
        // The end of a scope waits for what its threads do, not for the threads: the system may know of them for a
        // little longer.
        let result =
            |worker: ScopedJoinHandle<'_, T>| worker.join().unwrap_or_else(|panic| resume_unwind(panic));
        let results = workers.into_iter().map(result).collect();
        ticked.map(|()| results)
    })
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use super::*;

    #[test]
    fn every_worker_hands_its_result_over() {
        let results = run(3, |_| 7, || Ok::<(), ()>(()));
        assert_eq!(results, Ok(vec![7, 7, 7]));
    }

    #[test]
    fn a_failing_tick_stops_the_workers_and_is_returned() {
        let (mut ticks, stopped) = (0, AtomicUsize::new(0));
        let work = |cancel: &Cancel| {
            while !cancel.is_set() {
                std::thread::yield_now();
            }
            stopped.fetch_add(1, Ordering::Relaxed);
        };
        let failing = || {
            ticks += 1;
            Err::<(), _>("stop")
        };
        assert_eq!(run(2, work, failing), Err("stop"));
        assert_eq!((ticks, stopped.into_inner()), (1, 2));
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
    fn fewer_threads_work_where_the_system_gives_no_more() {
        let two = |number: usize| {
            let name = format!("thread {number}");
            if number < 2 { Ok(Builder::new().name(name)) } else { Err(io::ErrorKind::WouldBlock.into()) }
        };
        let name = |_: &Cancel| std::thread::current().name().map(String::from);
        let names = run_with(two, 5, name, || Ok::<(), ()>(())).unwrap();
        assert_eq!(names, ["thread 0", "thread 1"].map(|name| Some(name.into())));
    }

    #[test]
    fn the_caller_works_where_there_is_no_thread_at_all() {
        let work = |_: &Cancel| std::thread::current().id();
        let ids = run_with(|_| Err(io::ErrorKind::WouldBlock.into()), 5, work, || Err("no tick"));
        assert_eq!(ids, Ok(vec![std::thread::current().id()]));
    }

    #[test]
    fn at_least_one_processor_may_be_used() {
        assert!(available_threads() >= 1);
    }
}
