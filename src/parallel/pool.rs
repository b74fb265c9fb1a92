//! Threads that are started for one call and joined before it returns.
//!
//! Nothing outlives the call, so a process that is forked later has no thread to miss. The caller's own thread
//! does not work: it waits, and looks up every 50 ms, so that an interrupt or a progress bar never has to wait
//! for a worker.

use std::panic::resume_unwind;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
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
/// If a worker panics, or `tick`; all have ended by then.
pub fn run<T: Send, E>(
    threads: usize,
    work: impl Fn(&Cancel) -> T + Sync,
    tick: impl FnMut() -> Result<(), E>,
) -> Result<Vec<T>, E> {
    run_with(|number| Builder::new().name(format!("segscore-{number}")), threads, work, tick)
}

/// Whoever panics while it has this stops the workers, as nobody will see what they find.
struct Stopping<'a>(&'a Cancel);

impl Drop for Stopping<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.set();
        }
    }
}

fn run_with<T: Send, E>(
    builder: impl Fn(usize) -> Builder,
    threads: usize,
    work: impl Fn(&Cancel) -> T + Sync,
    mut tick: impl FnMut() -> Result<(), E>,
) -> Result<Vec<T>, E> {
    let (cancel, (here, wait)) = (Cancel::default(), channel::<()>());
    scope(|scope| {
        let stopping = Stopping(&cancel);
        let begin = |number| {
            // None of them is left when the work of all is done, for which the caller waits.
            let here = here.clone();
            let body = || {
                let (_here, stopping) = (here, Stopping(&cancel));
                work(stopping.0)
            };
            builder(number).spawn_scoped(scope, body).ok()
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
                    stopping.0.set();
                }
            }
        }
        // The end of a scope waits for what its threads do, not for the threads: the system may know of them for a
        // little longer. So all are joined before any panic goes on.
        let ended: Vec<_> = workers.into_iter().map(ScopedJoinHandle::join).collect();
        let result = |one: std::thread::Result<T>| one.unwrap_or_else(|panic| resume_unwind(panic));
        let results = ended.into_iter().map(result).collect();
        ticked.map(|()| results)
    })
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::Arc;
    use std::sync::atomic::AtomicUsize;
    use std::thread::sleep;

    use super::*;

    /// A thread that the system does not give, as nothing has room for its stack.
    fn none() -> Builder {
        Builder::new().stack_size(usize::MAX / 4)
    }

    fn name(_: &Cancel) -> Option<String> {
        std::thread::current().name().map(String::from)
    }

    fn until_stopped(cancel: &Cancel) {
        while !cancel.is_set() {
            std::thread::yield_now();
        }
    }

    #[test]
    fn every_worker_hands_its_result_over() {
        let names = run(3, name, || Ok::<(), ()>(()));
        let expected = ["segscore-0", "segscore-1", "segscore-2"];
        assert_eq!(names, Ok(expected.map(|name| Some(name.into())).to_vec()));
    }

    #[test]
    fn a_failing_tick_stops_the_workers_and_is_returned() {
        let (mut ticks, stopped) = (0, AtomicUsize::new(0));
        let work = |cancel: &Cancel| {
            until_stopped(cancel);
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
            until_stopped(cancel);
        };
        let _ = run(2, work, || Ok::<(), ()>(()));
    }

    #[test]
    #[should_panic(expected = "a tick's panic")]
    fn a_tick_that_panics_stops_the_workers() {
        let _ = run(2, until_stopped, || -> Result<(), ()> { panic!("a tick's panic") });
    }

    /// Says so when its thread ends, a while after what that did.
    struct Ending(Arc<AtomicBool>);

    impl Drop for Ending {
        fn drop(&mut self) {
            sleep(TICK);
            self.0.store(true, Ordering::Relaxed);
        }
    }

    thread_local! {
        static ENDING: RefCell<Option<Ending>> = const { RefCell::new(None) };
    }

    #[test]
    fn all_threads_have_ended_before_a_panic_goes_on() {
        let (first, ended) = (AtomicBool::new(true), Arc::new(AtomicBool::new(false)));
        let work = |cancel: &Cancel| {
            assert!(!first.swap(false, Ordering::Relaxed), "a panic");
            ENDING.set(Some(Ending(ended.clone())));
            until_stopped(cancel);
        };
        assert!(catch_unwind(AssertUnwindSafe(|| run(2, work, || Ok::<(), ()>(())))).is_err());
        assert!(ended.load(Ordering::Relaxed));
    }

    #[test]
    fn fewer_threads_work_where_the_system_gives_no_more() {
        let two = |number: usize| {
            if number < 2 { Builder::new().name(format!("thread {number}")) } else { none() }
        };
        let names = run_with(two, 5, name, || Ok::<(), ()>(())).unwrap();
        assert_eq!(names, ["thread 0", "thread 1"].map(|name| Some(name.into())));
    }

    #[test]
    fn the_caller_works_where_there_is_no_thread_at_all() {
        let work = |_: &Cancel| std::thread::current().id();
        let ids = run_with(|_| none(), 5, work, || Err("no tick"));
        assert_eq!(ids, Ok(vec![std::thread::current().id()]));
    }

    #[test]
    fn at_least_one_processor_may_be_used() {
        assert!(available_threads() >= 1);
    }
}
