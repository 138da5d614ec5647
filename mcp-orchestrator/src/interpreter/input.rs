//! What happens to a run.

use common::clock::UnixMillis;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::run::{StepId, WaitId};
use crate::workflow::Pointer;

/// Something happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Input {
    /// The run begins.
    Start(Box<Started>),
    /// A call has ended. `attempt` is that of its [`super::StepCall`]: what an earlier attempt brings late is not taken
    /// for the outcome of a later one.
    Called { step: StepId, attempt: u32, outcome: Result<Value, Failure> },
    /// A wait's time has come.
    Due { wait: WaitId },
    /// An event that a wait listens for, as `{id, source, type, time, subject, data}`.
    Event { wait: WaitId, event: Value },
    /// A person has said yes or no to what a wait asks; or nobody did in time.
    Answered { wait: WaitId, answer: Answer },
    /// A run that a wait waits for has ended.
    ChildEnded { wait: WaitId, outcome: Result<Value, Failure> },
    /// It is to end now, compensating what is declared so.
    Cancel { reason: String },
    /// A failed run goes on: from the step that failed, or another one that it has been through, with that step's input
    /// as given.
    Retry { from: Option<Pointer>, input: Option<Value> },
    /// A failed run goes on behind the step that failed, as if that had answered this.
    Skip { output: Value },
}

/// What a run knows of itself from its beginning.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Started {
    pub run_id: String,
    /// The event or other key that it was started by.
    pub key: Option<String>,
    pub input: Value,
    pub at_ms: UnixMillis,
    /// Why it cannot begin with this input.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub refused: Option<Failure>,
}

/// What a person said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    Yes { by: String },
    No { by: String },
    Expired,
}

/// Why something did not work, in the DSL's form of RFC 7807.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Failure {
    /// A URI; the DSL's own (`https://serverlessworkflow.io/spec/1.0.0/errors/communication` …) where one fits.
    #[serde(rename = "type")]
    pub kind: String,
    pub status: u16,
    pub title: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub detail: Option<String>,
    /// What to do next.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub hint: Option<String>,
    /// Where it happened.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub instance: Option<Pointer>,
    /// No sooner than this after it, in milliseconds: the other side said so.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub retry_after_ms: Option<u64>,
    /// It can be tried again without harm and may then work.
    #[serde(default)]
    pub is_transient: bool,
    /// How often it was tried in vain, where a policy has tried again.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub attempts: Option<u32>,
}
