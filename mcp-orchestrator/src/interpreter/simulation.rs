//! A run without a world: calls are answered from what was recorded, events come at their times, and time passes at
//! once. Nothing is done to anybody.

mod rehearsal;

use std::time::Duration;

use common::clock::UnixMillis;
use common::error::Result;
use serde::Deserialize;
use serde_json::Value;

use super::command::{Command, Ending, Note};
use super::input::{Failure, Input, Started};
use crate::workflow::Workflow;
use rehearsal::Rehearsal;

/// Inputs that a simulated run is given at most; after that it counts as endless.
pub const INPUTS_MAX: usize = 10_000;

/// What a run is simulated with.
#[derive(Debug, Clone, Default)]
pub struct Recording {
    pub input: Value,
    /// The event or other key that it is started by.
    pub key: Option<String>,
    /// When it begins.
    pub at_ms: UnixMillis,
    pub answers: Vec<Recorded>,
    pub events: Vec<Coming>,
}

/// What a call is answered. Several for the same are given in turn, and the last one again and again.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded {
    /// The name of a step, else `server.tool`, `connector.operation`, or the name of a workflow that is run. An approval
    /// is said yes to, unless the outcome is a failure.
    pub of: String,
    pub outcome: Result<Value, Failure>,
}

/// An event that comes while the run is under way.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Coming {
    /// How long after the run's beginning, in milliseconds.
    pub after_ms: u64,
    /// `{id, source, type, data}`
    pub event: Value,
}

/// What a simulated run has come to.
#[derive(Debug, Clone, PartialEq)]
pub struct Simulated {
    /// None: it still waits for what `waits_for` says.
    pub ending: Option<Ending>,
    /// How long it took, in the time of the run.
    pub took: Duration,
    /// Each step once for each attempt, in the order of their beginning.
    pub trace: Vec<Note>,
    /// What it would have done to the outside.
    pub commands: Vec<Command>,
    /// Steps that were answered with a placeholder, since nothing was recorded for them: step name and who is called.
    pub unrecorded: Vec<String>,
    /// What it waits for in the end: a line each.
    pub waits_for: Vec<String>,
}

/// Runs a workflow against what was recorded.
///
/// # Errors
/// As [`super::advance`].
pub fn simulate(workflow: &Workflow, recording: &Recording) -> Result<Simulated> {
    let mut rehearsal = Rehearsal::new(workflow, recording);
    let started = Started {
        run_id: "run_simulated".to_owned(),
        key: recording.key.clone(),
        input: recording.input.clone(),
        at_ms: recording.at_ms,
        refused: None,
    };
    rehearsal.feed(Input::Start(Box::new(started)))?;
    for _ in 0..INPUTS_MAX {
        let Some(input) = rehearsal.next() else { break };
        rehearsal.feed(input)?;
    }
    Ok(rehearsal.over())
}

#[cfg(test)]
mod tests;
