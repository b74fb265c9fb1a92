//! Errors of the core as exceptions of `segscore.errors`.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use pyo3::prelude::*;

use crate::error::Error;

/// The exception for an error; `place` (a file) stands in front of the message.
pub(super) fn raised(py: Python<'_>, error: &Error, place: Option<&str>) -> PyErr {
    let message = place.map_or_else(|| error.to_string(), |place| format!("{place}: {error}"));
    exception(py, class(error), &message, error.hint())
}

fn class(error: &Error) -> &'static str {
    match error {
        Error::ShapeMismatch { .. } | Error::NotResizable { .. } => "ShapeError",
        Error::LabelTooLarge { .. } | Error::TooManyPairs { .. } => "LabelError",
        Error::BadRows(_) => "ArgumentError",
        Error::Io(_)
        | Error::NotPng { .. }
        | Error::NotLabels { .. }
        | Error::TooManyPixels { .. }
        | Error::Truncated { .. }
        | Error::Damaged(_)
        | Error::NotEncodable(_)
        | Error::OutOfMemory { .. } => "MaskError",
        Error::Cancelled => "InternalError",
    }
}

fn exception(py: Python<'_>, class: &str, message: &str, hint: Option<&str>) -> PyErr {
    let made = py
        .import("segscore.errors")
        .and_then(|errors| errors.getattr(class))
        .and_then(|class| class.call1((message, hint)));
    match made {
        Ok(exception) => PyErr::from_value(exception),
        Err(error) => error,
    }
}

/// Whether a signal such as Ctrl-C has come; its exception goes to `interrupt`.
pub(super) fn signalled(interrupt: &mut Option<PyErr>) -> bool {
    *interrupt = Python::attach(|py| py.check_signals().err());
    interrupt.is_some()
}

/// Run `body`; a panic in it becomes an `InternalError`.
pub(super) fn guarded<T>(body: impl FnOnce() -> PyResult<T>) -> PyResult<T> {
    // What a panic leaves half-done is never looked at again: counters are thrown away with it.
    catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|panic| {
        let message = format!("defect in segscore: {}", panic_message(panic.as_ref()));
        let hint = "this is a bug: please report it with the call that led to it";
        Err(Python::attach(|py| exception(py, "InternalError", &message, Some(hint))))
    })
}

fn panic_message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("a panic without a message")
}
