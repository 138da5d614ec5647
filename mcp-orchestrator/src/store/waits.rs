//! What runs wait for: rows with an index, that cost nothing until their time or their event comes.

mod approvals;
mod listeners;
mod timers;
mod write;

use common::clock::UnixMillis;
use serde::{Deserialize, Serialize};

use crate::interpreter::Ask;
use crate::interpreter::command::Listening;
use crate::run::{StepId, WaitId};
use crate::workflow::Pointer;

pub(crate) use approvals::{AwaitedApproval, by_plan, due_approvals};
pub(crate) use listeners::{filters, listeners, listeners_of};
pub(crate) use timers::{due, due_of, next_due_ms};
pub(crate) use write::{begin, clear, forget, postpone};

/// A filter that runs listen with, found by the kind of event before any run is looked at.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Filter {
    /// The kind of event, or `*` where that is not exact.
    pub(crate) event_kind: String,
    pub(crate) workflow: String,
    pub(crate) workflow_revision: i64,
    pub(crate) pointer: Pointer,
}

impl Filter {
    /// What the waits that listen with it are found by.
    fn subject(&self) -> String {
        format!("{}@{}{}", self.workflow, self.workflow_revision, self.pointer.0)
    }
}

/// Something that is waited for.
#[derive(Debug, Clone)]
pub(crate) struct WaitRow {
    pub(crate) wait_id: WaitId,
    pub(crate) due_ms: Option<UnixMillis>,
    pub(crate) what: Awaited,
}

/// What it is.
#[derive(Debug, Clone)]
pub(crate) enum Awaited {
    Time,
    Event { filter: Filter, listening: Listening },
    Approval(Approval),
}

/// A yes that is waited for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Approval {
    pub(crate) plan: String,
    /// The call whose plan it is; absent where a person is asked by a step of its own.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) step: Option<StepId>,
    /// What a person is asked by a step of its own.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) ask: Option<Ask>,
    pub(crate) since_ms: UnixMillis,
}

/// The subject of an approval, which no filter's can be: workflows have no `:` in their names.
fn approval_subject(plan: &str) -> String {
    format!("approval:{plan}")
}
