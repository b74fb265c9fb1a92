//! Tasks that bring others, for the threads of one call.
//!
//! The last ones come first: what a task brings is done before what was there, so that little is begun at a time.
//!
//! A thread that finds no task looks again for a while before it sleeps: mostly there is one soon, and Linux may wake
//! it on the processor of the thread that brought it, where both take turns for milliseconds while another processor
//! has nothing to do.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::yield_now;
use std::time::{Duration, Instant};

/// How long a thread looks for tasks before it sleeps.
const AWAKE: Duration = Duration::from_micros(500);

/// Tasks that wait, and how many are done at the moment, each of which may bring more.
pub(crate) struct Tasks<T> {
    state: Mutex<State<T>>,
    changed: Condvar,
}

struct State<T> {
    waiting: Vec<T>,
    running: usize,
    /// Whether one failed, so that no other is begun.
    failed: bool,
}

impl<T> Tasks<T> {
    /// These tasks, the last one first.
    pub(crate) fn new(waiting: Vec<T>) -> Self {
        Self { state: Mutex::new(State { waiting, running: 0, failed: false }), changed: Condvar::new() }
    }

    /// Do tasks until there are none and none can come. `each` says which ones a task brings. After one that fails
    /// no thread begins another.
    ///
    /// # Errors
    ///
    /// What `each` returned.
    pub(crate) fn work<E>(&self, mut each: impl FnMut(T) -> Result<Vec<T>, E>) -> Result<(), E> {
        while let Some(task) = self.next() {
            // Whoever waits has to know when a task panics, too.
            let mut running = Running { tasks: self, more: None };
            running.more = Some(each(task)?);
        }
        Ok(())
    }

    /// A task, which runs from now on.
    fn next(&self) -> Option<T> {
        let (mut state, mut since, mut awake) = (self.lock(), None, true);
        while !state.failed {
            if let Some(task) = state.waiting.pop() {
                state.running += 1;
                return Some(task);
            }
            if state.running == 0 {
                return None;
            }
            state = if awake {
                drop(state);
                yield_now();
                awake = since.get_or_insert_with(Instant::now).elapsed() < AWAKE;
                self.lock()
            } else {
                // Whoever is woken and too late for a task has waited long before, and sleeps again.
                self.changed.wait(state).unwrap_or_else(PoisonError::into_inner)
            };
        }
        None
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A task that runs, and what it brings; if nothing is said of that, it failed.
struct Running<'a, T> {
    tasks: &'a Tasks<T>,
    more: Option<Vec<T>>,
}

impl<T> Drop for Running<'_, T> {
    fn drop(&mut self) {
        let mut state = self.tasks.lock();
        state.running -= 1;
        match &mut self.more {
            Some(more) => state.waiting.append(more),
            None => state.failed = true,
        }
        let of_interest = state.running == 0 || !state.waiting.is_empty();
        drop(state);
        if of_interest {
            self.tasks.changed.notify_all();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
    use std::thread::{scope, sleep};

    use super::*;

    /// Split numbers into halves down to ones, which are counted.
    fn halves(tasks: &Tasks<u32>, fails: u32) -> Result<u32, u32> {
        let mut ones = 0;
        tasks.work(|number| match number {
            _ if number == fails => Err(number),
            1 => {
                ones += 1;
                Ok(Vec::new())
            }
            _ => Ok(vec![number / 2, number - number / 2]),
        })?;
        Ok(ones)
    }

    #[test]
    fn every_task_is_done_by_one_thread() {
        for threads in [1, 2, 5] {
            let tasks = Tasks::new(vec![1000, 1, 77]);
            let done: Vec<u32> = scope(|scope| {
                let workers: Vec<_> = (0..threads).map(|_| scope.spawn(|| halves(&tasks, 0))).collect();
                workers.into_iter().map(|worker| worker.join().unwrap().unwrap()).collect()
            });
            assert_eq!(done.iter().sum::<u32>(), 1078, "{threads}");
        }
        assert_eq!(halves(&Tasks::new(Vec::new()), 0), Ok(0));
    }

    #[test]
    fn the_last_tasks_come_first() {
        let (tasks, mut order) = (Tasks::new(vec![1, 20]), Vec::new());
        let each = |task: u32| {
            order.push(task);
            Ok::<_, ()>(if task >= 20 { vec![task / 10, task / 10 + 1] } else { Vec::new() })
        };
        assert_eq!(tasks.work(each), Ok(()));
        assert_eq!(order, [20, 3, 2, 1]);
    }

    #[test]
    fn after_a_failure_nothing_more_is_begun() {
        let tasks = Tasks::new(vec![1, 2, 9]);
        assert_eq!(halves(&tasks, 9), Err(9));
        assert_eq!(halves(&tasks, 9), Ok(0));
    }

    #[test]
    fn after_a_failure_nothing_that_others_bring_is_begun() {
        let (tasks, begun) = (Tasks::new(vec!["fails", "brings"]), AtomicUsize::new(0));
        let work = || {
            tasks.work(|task| {
                begun.fetch_add(1, Ordering::Relaxed);
                meet(&begun, 2);
                match task {
                    "fails" => Err("a failure"),
                    "brings" => {
                        while !tasks.lock().failed {
                            yield_now();
                        }
                        Ok(vec!["brought"; 2])
                    }
                    _ => Ok(Vec::new()),
                }
            })
        };
        let outcomes = scope(|scope| [scope.spawn(work), scope.spawn(work)].map(|one| one.join().unwrap()));
        assert_eq!(outcomes.iter().filter(|one| one.is_err()).count(), 1);
        assert_eq!(begun.into_inner(), 2);
    }

    /// Wait until so many have come, for a time in which they would.
    fn meet(come: &AtomicUsize, all: usize) {
        let since = Instant::now();
        while come.load(Ordering::Relaxed) < all {
            assert!(since.elapsed() < Duration::from_secs(20), "others sleep");
            yield_now();
        }
    }

    #[test]
    fn all_that_sleep_are_woken_for_tasks() {
        #[derive(Clone)]
        enum Task {
            /// Goes on until all that are brought have met.
            Long,
            /// Brings others when all threads sleep that have nothing to do.
            Brings,
            Brought,
        }
        for threads in [3, 4] {
            let (tasks, come) = (Tasks::new(vec![Task::Brings, Task::Long]), AtomicUsize::new(0));
            let brought = threads - 1;
            let work = || {
                tasks.work(|task| {
                    match task {
                        Task::Brings => {
                            sleep(8 * AWAKE);
                            return Ok(vec![Task::Brought; brought]);
                        }
                        Task::Brought => drop(come.fetch_add(1, Ordering::Relaxed)),
                        Task::Long => (),
                    }
                    meet(&come, brought);
                    Ok::<_, ()>(Vec::new())
                })
            };
            scope(|scope| {
                let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
                for worker in workers {
                    assert_eq!(worker.join().unwrap(), Ok(()));
                }
            });
            assert_eq!(come.into_inner(), brought);
        }
    }

    #[test]
    fn whoever_waits_goes_on_when_a_task_panics() {
        // One that is awake, and one that sleeps.
        for while_it_waits in [Duration::ZERO, 4 * AWAKE] {
            let (tasks, asks) = (Tasks::new(vec![0]), AtomicBool::new(false));
            scope(|scope| {
                let panics = scope.spawn(|| {
                    tasks.work(|_| -> Result<_, ()> {
                        while !asks.load(Ordering::Relaxed) {
                            yield_now();
                        }
                        sleep(while_it_waits);
                        panic!("a task");
                    })
                });
                while tasks.lock().running == 0 {
                    yield_now();
                }
                let waits = scope.spawn(|| {
                    asks.store(true, Ordering::Relaxed);
                    tasks.work(|_| Ok::<_, ()>(Vec::new()))
                });
                assert_eq!(waits.join().unwrap(), Ok(()));
                assert!(panics.join().is_err());
            });
        }
    }
}
