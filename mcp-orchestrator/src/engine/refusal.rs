//! Why a run does not take what is handed in.

use common::error::{Error, ErrorCode};

use crate::run::RunStatus;

/// It stands so that it does not take this.
pub(super) fn unfit(status: RunStatus) -> Error {
    let (message, hint) = match status {
        RunStatus::Running | RunStatus::Waiting => ("the run has not failed", "wait for its end, or cancel it"),
        RunStatus::Failed => ("the run has failed", "retry it, or skip the step that failed"),
        RunStatus::Completed => ("the run is completed", "start another one"),
        RunStatus::Cancelled => ("the run is cancelled", "start another one"),
    };
    Error::new(ErrorCode::FailedPrecondition, message).with_hint(hint)
}

/// No run of that id in this tenant.
pub(super) fn no_such_run() -> Error {
    Error::new(ErrorCode::NotFound, "there is no such run").with_hint("list the runs")
}
