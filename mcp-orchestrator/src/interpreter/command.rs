//! What a run wants done.

use common::clock::UnixMillis;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::input::Failure;
use crate::run::{StepId, WaitId};
use crate::workflow::Pointer;
use crate::workflow::task::HttpOutput;

/// Something to be done, or to be waited for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    /// Make a call and feed its outcome back. Repeated after a crash, under the same key.
    Call(Box<StepCall>),
    /// Nobody needs a call's outcome any more: end it if it has not ended.
    Abandon { step: StepId, attempt: u32 },
    /// Feed `Due` back at this instant.
    Timer { wait: WaitId, due_ms: UnixMillis },
    /// Feed every event back that fits. `key` is the value of the first correlation, for the index.
    Listen { wait: WaitId, filter: Listening },
    /// Ask a person.
    Ask { wait: WaitId, ask: Ask },
    /// Start another workflow; feed `ChildEnded` back if `awaits`. Its id follows from the wait's.
    Child { wait: WaitId, workflow: String, version: Option<String>, input: Value, awaits: bool },
    /// A wait is over.
    Forget { wait: WaitId },
    /// An event of the run's own making; `id` is stable, so that it is stored once.
    Emit { id: String, kind: String, subject: Option<String>, data: Value },
    /// A line of the trace: a step has begun, ended, failed or been skipped.
    Note(Box<Note>),
    /// The run has ended.
    End(Ending),
}

/// One call of the outside.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StepCall {
    pub step: StepId,
    pub pointer: Pointer,
    /// From 1, and higher each time that this step is called.
    pub attempt: u32,
    /// The same for all attempts at one step of one run, as long as they ask for the same.
    pub idempotency_key: String,
    pub target: Target,
    /// The attempt's end, if it has one.
    pub deadline_ms: Option<UnixMillis>,
}

/// Who is called.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    Tool { server: String, tool: String, arguments: Value },
    Http { method: String, url: String, headers: Value, query: Value, body: Option<Value>, output: HttpOutput },
    Connector { connector: String, operation: String, arguments: Value },
}

/// What is listened for, with nothing left to work out but the condition on the event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Listening {
    pub kind: Option<String>,
    pub source: Option<String>,
    /// The value of the first correlation, as text.
    pub key: Option<String>,
    /// Where the filter stands in the definition: its condition and correlations are looked up there.
    pub filter: Pointer,
    /// What each correlation has to be.
    pub expected: Vec<Value>,
}

/// What a person is asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ask {
    pub summary: String,
    pub details: Option<Value>,
    pub expires_ms: Option<UnixMillis>,
}

/// One step of the trace. A step is noted when it begins to wait for the outside and when it is over; the later note of
/// the same step and attempt replaces the earlier one, but for an `input` that it does not repeat.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Note {
    pub step: StepId,
    pub pointer: Pointer,
    pub name: String,
    /// `call`, `set`, `wait` …
    pub kind: String,
    pub attempt: u32,
    pub status: StepStatus,
    /// What happened, in one line.
    pub summary: String,
    /// None: as in the note before. Large values are cut short ([`super::trace::bounded`]).
    pub input: Option<Value>,
    pub output: Option<Value>,
    pub failure: Option<Failure>,
    pub began_ms: UnixMillis,
    pub ended_ms: Option<UnixMillis>,
    /// When it is tried again, if it is.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub next_ms: Option<UnixMillis>,
}

/// How a step stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StepStatus {
    Running,
    Waiting,
    Completed,
    Failed,
    /// It will be tried again.
    Retrying,
    Skipped,
    Cancelled,
    Compensated,
}

impl StepStatus {
    /// One word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Waiting => "waiting",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Retrying => "retrying",
            Self::Skipped => "skipped",
            Self::Cancelled => "cancelled",
            Self::Compensated => "compensated",
        }
    }
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    Completed { output: Value },
    Failed { failure: Failure },
    Cancelled { reason: String },
}
