//! Threads that are started for one call and joined before it returns.
//!
//! Each call has a pool of rayon's to itself. Nothing outlives the call, so a process that is forked
//! later has no thread to miss: that is why rayon's global pool, whose threads stay, is never used. The
//! caller's own thread does not work: it waits, and looks up every 50 ms, so that an interrupt or a
//! progress bar never has to wait for a worker.

use std::io;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread::{Builder, Scope, ScopedJoinHandle, available_parallelism, scope};
use std::time::Duration;

use rayon::{ThreadBuilder, ThreadPool, ThreadPoolBuilder};

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
    run_on(start, threads, work, tick)
}

/// Starts a thread of a pool.
type Start = for<'scope> fn(&'scope Scope<'scope, '_>, ThreadBuilder) -> io::Result<Worker<'scope>>;
type Worker<'scope> = ScopedJoinHandle<'scope, ()>;

fn start<'scope>(scope: &'scope Scope<'scope, '_>, thread: ThreadBuilder) -> io::Result<Worker<'scope>> {
    Builder::new().name(format!("segscore-{}", thread.index())).spawn_scoped(scope, || thread.run())
}

fn run_on<T: Send, E>(
    start: Start,
    threads: usize,
    work: impl Fn(&Cancel) -> T + Sync,
    mut tick: impl FnMut() -> Result<(), E>,
) -> Result<Vec<T>, E> {
    let mut threads = threads.max(1);
    while threads > 0 {
        threads = match with_pool(start, threads, |pool| run_in(pool, &work, &mut tick)) {
            Ok(results) => return results,
            // The system has no more threads to give; as many as there were do all the work.
            Err(started) => started,
        }
    }
    Ok(vec![work(&Cancel::default())])
}

/// What `inside` makes of a pool of threads; or how many threads could be started, if not all of them.
fn with_pool<R>(start: Start, threads: usize, inside: impl FnOnce(&ThreadPool) -> R) -> Result<R, usize> {
    scope(|scope| {
        let mut workers = Vec::new();
        let pool = ThreadPoolBuilder::new().num_threads(threads).spawn_handler(|thread| {
            workers.push(start(scope, thread)?);
            Ok(())
        });
        // The pool ends here, and with it the loops of its threads.
        let result = pool.build().map(|pool| inside(&pool));
        let started = workers.len();
        // The end of a scope waits for what its threads do, not for the threads: the system may know of
        // them for a little longer.
        for worker in workers {
            worker.join().unwrap_or_else(|panic| resume_unwind(panic));
        }
        result.map_err(|_| started)
    })
}

/// One worker of a pool: the last one to end says so, and one that panics stops the others, as its
/// result is missing.
struct Working<'a> {
    left: &'a AtomicUsize,
    ended: &'a SyncSender<()>,
    cancel: &'a Cancel,
}

impl Drop for Working<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.cancel.set();
        }
        if self.left.fetch_sub(1, Ordering::AcqRel) == 1 {
            // The caller waits for it, or is about to panic.
            let _ = self.ended.send(());
        }
    }
}

fn run_in<T: Send, E>(
    pool: &ThreadPool,
    work: impl Fn(&Cancel) -> T + Sync,
    mut tick: impl FnMut() -> Result<(), E>,
) -> Result<Vec<T>, E> {
    let (cancel, results) = (Cancel::default(), Mutex::new(Vec::new()));
    let left = AtomicUsize::new(pool.current_num_threads());
    let (ended, wait) = sync_channel(1);
    let ticked = pool.in_place_scope(|scope| {
        scope.spawn_broadcast(|_, _| {
            let _working = Working { left: &left, ended: &ended, cancel: &cancel };
            let result = work(&cancel);
            results.lock().unwrap_or_else(PoisonError::into_inner).push(result);
        });
        let mut ticked = Ok(());
        while wait.recv_timeout(TICK) == Err(RecvTimeoutError::Timeout) {
            if ticked.is_ok() {
                ticked = tick();
                if ticked.is_err() {
                    cancel.set();
                }
            }
        }
        ticked
    });
    ticked.map(|()| results.into_inner().unwrap_or_else(PoisonError::into_inner))
}

#[cfg(test)]
mod tests {
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
        fn two<'scope>(
            scope: &'scope Scope<'scope, '_>,
            thread: ThreadBuilder,
        ) -> io::Result<Worker<'scope>> {
            if thread.index() < 2 { start(scope, thread) } else { Err(io::ErrorKind::WouldBlock.into()) }
        }
        let name = |_: &Cancel| std::thread::current().name().map(String::from);
        let mut names = run_on(two, 5, name, || Ok::<(), ()>(())).unwrap();
        names.sort_unstable();
        assert_eq!(names, [Some("segscore-0".into()), Some("segscore-1".into())]);
    }

    #[test]
    fn the_caller_works_where_there_is_no_thread_at_all() {
        let work = |_: &Cancel| std::thread::current().id();
        let ids = run_on(|_, _| Err(io::ErrorKind::WouldBlock.into()), 5, work, || Err("no tick"));
        assert_eq!(ids, Ok(vec![std::thread::current().id()]));
    }

    #[test]
    fn at_least_one_processor_may_be_used() {
        assert!(available_threads() >= 1);
    }
}
