//! Errors of the core as exceptions of `segscore.errors`.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use pyo3::prelude::*;

use crate::error::Error;
use crate::parallel::pool::TICK;

/// The exception for an error; `place` (a file) stands in front of the message.
pub(super) fn raised(py: Python<'_>, error: &Error, place: Option<&str>) -> PyErr {
    exception(py, error.code(), &error.to_string(), place)
}

impl From<Error> for PyErr {
    fn from(error: Error) -> Self {
        Python::attach(|py| raised(py, &error, None))
    }
}

fn exception(py: Python<'_>, code: &str, message: &str, place: Option<&str>) -> PyErr {
    let errors = py.import("segscore.errors");
    match errors.and_then(|errors| errors.call_method1("of_core", (code, message, place))) {
        Ok(exception) => PyErr::from_value(exception),
        Err(error) => error,
    }
}

/// The exception of a signal such as Ctrl-C, if one came.
#[allow(clippy::redundant_closure_for_method_calls, reason = "the method itself has one lifetime only")]
pub(super) fn check_signals() -> PyResult<()> {
    Python::attach(|py| py.check_signals())
}

/// Looks for a signal such as Ctrl-C, 50 ms apart however often it is asked.
///
/// A look needs the interpreter, and while another Python thread is busy, getting it takes as long
/// as counting a large image.
pub(super) struct Signals {
    last_look: Instant,
    interrupt: Option<PyErr>,
}

impl Signals {
    pub(super) fn new() -> Self {
        Self { last_look: Instant::now(), interrupt: None }
    }

    /// Whether a signal has come.
    pub(super) fn came(&mut self) -> bool {
        if self.interrupt.is_none() && self.last_look.elapsed() >= TICK {
            self.interrupt = check_signals().err();
            self.last_look = Instant::now();
        }
        self.interrupt.is_some()
    }

    /// The exception of the signal, if one came.
    pub(super) fn into_interrupt(self) -> Option<PyErr> {
        self.interrupt
    }
}

/// Run `body`; a panic in it becomes an `InternalError`.
pub(super) fn guarded<T>(body: impl FnOnce() -> PyResult<T>) -> PyResult<T> {
    // What a panic leaves half-done is never looked at again: counters are thrown away with it.
    catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|panic| {
        let message = format!("defect in segscore: {}", panic_message(panic.as_ref()));
        Err(Python::attach(|py| exception(py, "defect", &message, None)))
    })
}

fn panic_message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("a panic without a message")
}
