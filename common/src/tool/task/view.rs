//! A task as its caller sees it.

use serde_json::{Map, Value};

use crate::clock::UnixMillis;
use crate::error::{Error, ErrorCode, Result};
use crate::store::tasks::{Ending, TaskRow};
use crate::tool::result_of;

/// The names of the states, as stored and as SEP-2663 spells them.
pub(super) const WORKING: &str = "working";
pub(super) const INPUT_REQUIRED: &str = "input_required";
const COMPLETED: &str = "completed";
const FAILED: &str = "failed";
const CANCELLED: &str = "cancelled";

/// JSON-RPC 2.0, internal error.
const RPC_INTERNAL_ERROR: i64 = -32_603;

/// A task, for the door to send.
#[derive(Debug, Clone, PartialEq)]
pub struct TaskView {
    pub id: String,
    /// The tool that works.
    pub tool: String,
    pub status_message: Option<String>,
    pub created_at_ms: UnixMillis,
    pub updated_at_ms: UnixMillis,
    /// From its creation, in milliseconds.
    pub ttl_ms: u64,
    pub poll_interval_ms: u64,
    pub stage: Stage,
}

/// How far a task has come, with what belongs to that.
#[derive(Debug, Clone, PartialEq)]
pub enum Stage {
    Working,
    /// The requests that wait for input, by key.
    InputRequired(Map<String, Value>),
    /// The tool's result; one that says `isError` too.
    Completed(Map<String, Value>),
    /// A JSON-RPC error.
    Failed(Map<String, Value>),
    Cancelled,
}

impl TaskView {
    pub(super) fn of(row: TaskRow) -> Result<Self> {
        let outcome = || object(row.outcome.as_deref().unwrap_or("{}"));
        let stage = match row.state.as_str() {
            WORKING => Stage::Working,
            INPUT_REQUIRED => Stage::InputRequired(object(&row.dialogue.questions)?),
            COMPLETED => Stage::Completed(outcome()?),
            FAILED => Stage::Failed(outcome()?),
            CANCELLED => Stage::Cancelled,
            _ => return Err(Error::new(ErrorCode::Internal, "a stored task is in no known state")),
        };
        Ok(Self {
            stage,
            ttl_ms: u64::try_from(row.expires_at_ms.saturating_sub(row.created_at_ms)).unwrap_or(0),
            poll_interval_ms: u64::try_from(row.poll_interval_ms).unwrap_or(1),
            id: row.task_id,
            tool: row.tool,
            status_message: row.status_message,
            created_at_ms: row.created_at_ms,
            updated_at_ms: row.updated_at_ms,
        })
    }
}

pub(super) fn is_running(row: &TaskRow) -> bool {
    matches!(row.state.as_str(), WORKING | INPUT_REQUIRED)
}

pub(super) fn object(json: &str) -> Result<Map<String, Value>> {
    serde_json::from_str(json).map_err(|source| Error::internal("a stored task cannot be read", source))
}

/// How a task ends whose tool did: with its result, unless the fault is ours (SEP-2663, error semantics).
pub(super) fn ending(outcome: Result<Value>) -> Ending {
    match outcome {
        Err(error) if error.code() == ErrorCode::Internal => failed(&error),
        outcome => {
            let result = serde_json::to_string(&result_of(outcome));
            result.map_or_else(
                |source| failed(&Error::internal("the result could not be encoded", source)),
                |result| Ending { state: COMPLETED, status_message: None, outcome: Some(result) },
            )
        }
    }
}

/// How a task ends that its caller has cancelled.
pub(super) fn cancelled(is_change: bool) -> Ending {
    let message = if is_change {
        "cancelled; the change may have been made: read the record before you try again"
    } else {
        "cancelled"
    };
    Ending { state: CANCELLED, status_message: Some(message.to_owned()), outcome: None }
}

/// How a task ends whose process did.
pub(super) fn interrupted(is_change: bool) -> Ending {
    let error = Error::new(ErrorCode::Internal, "the server stopped while it worked");
    let error = if is_change {
        error.with_hint("outcome unknown: the change may have been made; read the record before you try again")
    } else {
        error.with_hint("nothing was changed: call the tool again")
    };
    failed(&error)
}

fn failed(error: &Error) -> Ending {
    let body = serde_json::json!({"code": RPC_INTERNAL_ERROR, "message": error.to_string(), "data": error.body()});
    Ending { state: FAILED, status_message: Some(error.to_string()), outcome: Some(body.to_string()) }
}
