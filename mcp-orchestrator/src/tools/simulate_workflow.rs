//! Runs a workflow without a world: recorded answers, events at their times, no effects.

use std::sync::Arc;

use common::error::{Error, Fault, Result};
use common::tool::{Access, Call, Tool, Untrusted, UntrustedData};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::answer::OutcomeAnswer;
use crate::deps::Deps;
use crate::engine::check_input;
use crate::interpreter::command::{Command, StepStatus};
use crate::interpreter::input::Failure;
use crate::interpreter::simulation::{Coming, Recorded, Recording, Simulated, simulate};
use crate::interpreter::{Note, trace};
use crate::tools::toolset;
use crate::workflow::flaw::error_of;

pub(crate) struct SimulateWorkflow;

/// Steps shown.
const STEPS_MAX: usize = 200;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// YAML or JSON. This or `workflow`.
    definition: Option<String>,
    /// Name of a saved one.
    workflow: Option<String>,
    /// Default: empty.
    input: Option<Map<String, Value>>,
    /// What calls answer; several for one are given in turn.
    #[serde(default)]
    #[schemars(length(max = 200))]
    answers: Vec<AnswerArgs>,
    /// What happens meanwhile.
    #[serde(default)]
    #[schemars(length(max = 200))]
    events: Vec<EventArgs>,
}

/// What a call answers. Without `output` and `status`: null.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct AnswerArgs {
    /// Step name, or `server.tool`.
    of: String,
    /// Its content.
    output: Option<Map<String, Value>>,
    /// It fails with this HTTP status.
    #[schemars(range(min = 400, max = 599))]
    status: Option<u16>,
}

/// One event.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct EventArgs {
    /// After the start.
    after_ms: u64,
    /// What happens.
    #[serde(rename = "type")]
    kind: String,
    /// Where it comes from.
    source: Option<String>,
    /// Its content.
    #[serde(default)]
    data: Map<String, Value>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    /// Absent: it still waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome: Option<OutcomeAnswer>,
    /// How long it would take.
    duration_ms: u64,
    /// At most 200.
    steps: Vec<StepRow>,
    /// What it would call.
    calls: Vec<CallRow>,
    /// Answered with a placeholder.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unrecorded: Vec<String>,
    /// What it waits for, if it has not ended.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    waits_for: Vec<String>,
}

/// A step, once for each attempt.
#[derive(Debug, Serialize, JsonSchema)]
struct StepRow {
    /// As its author calls it.
    name: String,
    /// JSON Pointer into the definition.
    at: String,
    status: StepStatus,
    /// From 1.
    attempt: u32,
    note: Untrusted,
}

/// A call that would be made.
#[derive(Debug, Serialize, JsonSchema)]
struct CallRow {
    /// `server.tool`, or method and address.
    to: String,
    /// What is given.
    arguments: UntrustedData,
}

impl Tool for SimulateWorkflow {
    type Deps = Deps;
    type Args = Args;
    type Output = Output;

    const NAME: &'static str = "simulate_workflow";
    const TITLE: &'static str = "Simulate workflow";
    const DESCRIPTION: &'static str =
        "Run a workflow on recorded answers and events, time fast-forwarded. Calls nobody; shows each step and call.";
    const ACCESS: Access = Access::Read;
    const TOOLSET: &'static str = toolset::WORKFLOWS;
    const IS_OPEN_WORLD: bool = false;

    async fn call(deps: &Deps, call: &Call, args: Args) -> Result<Output> {
        let workflow = match (&args.definition, &args.workflow) {
            (Some(text), None) => Arc::new(deps.library.read(text).map_err(|flaws| error_of(&flaws))?),
            (None, Some(name)) => deps.library.find(call.tenant(), name).await?.definition,
            (None, None) | (Some(_), Some(_)) => {
                let fault =
                    Fault::of_argument("workflow", "both or neither are given", "one of definition and workflow", None);
                return Err(Error::invalid_arguments(vec![fault]));
            }
        };
        let recording = recording(args, deps.clock.now_ms());
        check_input(&workflow, &recording.input)?;
        simulate(&workflow, &recording).map(|simulated| Output::of(&simulated))
    }
}

fn recording(args: Args, at_ms: i64) -> Recording {
    let answers = args.answers.into_iter().map(|answer| {
        let outcome = match answer.status {
            Some(status) => Err(Failure::communication(status, format!("{} answered {status}", answer.of))),
            None => Ok(answer.output.map_or(Value::Null, Value::Object)),
        };
        Recorded { of: answer.of, outcome }
    });
    let events = args.events.into_iter().enumerate().map(|(index, event)| {
        let EventArgs { after_ms, kind, source, data } = event;
        let id = format!("evt_simulated_{index}");
        Coming { after_ms, event: json!({ "id": id, "source": source, "type": kind, "data": data }) }
    });
    Recording {
        input: Value::Object(args.input.unwrap_or_default()),
        key: None,
        at_ms,
        answers: answers.collect(),
        events: events.collect(),
    }
}

impl Output {
    fn of(simulated: &Simulated) -> Self {
        let calls = simulated.commands.iter().filter_map(|command| match command {
            Command::Call(call) => {
                let arguments = trace::bounded(&call.target.content());
                Some(CallRow { to: call.target.name(), arguments: UntrustedData::new(arguments, "run") })
            }
            _ => None,
        });
        Self {
            outcome: simulated.ending.as_ref().map(OutcomeAnswer::of),
            duration_ms: u64::try_from(simulated.took.as_millis()).unwrap_or(u64::MAX),
            steps: simulated.trace.iter().take(STEPS_MAX).map(StepRow::of).collect(),
            calls: calls.take(STEPS_MAX).collect(),
            unrecorded: simulated.unrecorded.clone(),
            waits_for: simulated.waits_for.clone(),
        }
    }
}

impl StepRow {
    fn of(note: &Note) -> Self {
        Self {
            name: note.name.clone(),
            at: note.pointer.0.clone(),
            status: note.status,
            attempt: note.attempt,
            note: Untrusted::new(note.summary.clone(), "run"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workflow::Workflow;

    const DEFINITION: &str = "
document: {dsl: '1.0.0', namespace: luminar, name: greet, version: '1.0.0'}
do:
- careful:
    try:
    - send: {call: mcp, with: {server: ghl, tool: send_message, arguments: {to: '${ .name }'}}}
    catch: {retry: {delay: {minutes: 5}, backoff: {constant: {}}, limit: {attempt: {count: 2}}}}
- answered: {listen: {to: {one: {with: {type: InboundMessage}}}}}";

    fn simulated(args: Value) -> Value {
        let args: Args = serde_json::from_value(args).unwrap();
        let workflow = Workflow::read(args.definition.as_deref().unwrap()).unwrap();
        let simulated = simulate(&workflow, &recording(args, 1_800_000_000_000)).unwrap();
        serde_json::to_value(Output::of(&simulated)).unwrap()
    }

    #[test]
    fn a_recorded_failure_is_tried_again_and_an_event_ends_the_wait() {
        let shown = simulated(json!({
            "definition": DEFINITION,
            "input": { "name": "Ada" },
            "answers": [{ "of": "send", "status": 503 }, { "of": "ghl.send_message", "output": { "sent": 1 } }, { "of": "send" }],
            "events": [{ "after_ms": 900_000, "type": "InboundMessage", "data": { "text": "yes" } }],
        }));
        assert_eq!(shown["duration_ms"], 900_000);
        assert_eq!(shown["calls"].as_array().unwrap().len(), 2);
        assert_eq!(shown.get("unrecorded"), None);
        assert!(shown["outcome"].get("output").is_some(), "{shown}");
    }

    #[test]
    fn what_is_missing_is_said() {
        let shown = simulated(json!({ "definition": DEFINITION, "input": { "name": "Ada" } }));
        assert_eq!(shown.get("outcome"), None);
        assert_eq!(shown["unrecorded"], json!(["send (ghl.send_message)"]));
        assert_eq!(shown["waits_for"], json!(["InboundMessage (/do/1/answered/listen/to/one)"]));
    }
}
