//! How much one evaluation may do. jq hands values around by itself, so they carry no purse: the one of the thread is
//! used, and an empty one unwinds to where the evaluation began, past every `try` of the expression. That needs panics
//! that unwind: a profile with `panic = "abort"` would end the process instead.

use std::any::Any;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use super::{ANSWER_BYTES_MAX, DEPTH_MAX, STEPS_MAX};

thread_local! {
    /// Steps left on this thread. Nothing is counted outside an evaluation.
    static LEFT: Cell<usize> = const { Cell::new(usize::MAX) };
}

/// Which bound was met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Limit {
    Steps,
    Depth,
    Answer,
    /// No bound: the evaluator itself gave up.
    Broken,
}

impl Limit {
    /// What is told to whoever wrote the expression.
    pub(super) fn words(self) -> String {
        match self {
            Self::Steps => format!("takes more than {STEPS_MAX} steps"),
            Self::Depth => format!("reads or makes a value nested more than {DEPTH_MAX} deep"),
            Self::Answer => format!("gives more than {ANSWER_BYTES_MAX} bytes"),
            Self::Broken => "cannot be worked out".to_owned(),
        }
    }
}

/// Takes steps from what is left, or ends the evaluation.
pub(super) fn spend(steps: usize) {
    LEFT.with(|left| match left.get().checked_sub(steps) {
        Some(rest) => left.set(rest),
        None => end(Limit::Steps),
    });
}

/// The steps that so many bytes cost.
pub(super) const fn steps_of_bytes(bytes: usize) -> usize {
    1 + bytes / 32
}

/// Ends the evaluation.
pub(super) fn end(limit: Limit) -> ! {
    resume_unwind(Box::new(limit))
}

/// Does something with [`STEPS_MAX`] steps at most.
pub(super) fn bounded<T>(work: impl FnOnce() -> T) -> Result<T, Limit> {
    let before = LEFT.with(|left| left.replace(STEPS_MAX));
    let outcome = catch_unwind(AssertUnwindSafe(work));
    LEFT.with(|left| left.set(before));
    outcome.map_err(|payload: Box<dyn Any + Send>| payload.downcast_ref().copied().unwrap_or(Limit::Broken))
}
