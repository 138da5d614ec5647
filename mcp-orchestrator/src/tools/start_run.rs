//! Starts a workflow, and answers with its outcome if that comes soon.

mod wait;

use std::time::Duration;

use common::auth::Acting;
use common::error::Result;
use common::tool::{Access, Call, Tool};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::answer::{OutcomeAnswer, duration_ms};
use crate::deps::Deps;
use crate::engine::{NewRun, Start, check_input};
use crate::run::{RunId, RunStatus};
use crate::tools::toolset;
use wait::until_it_ends;

pub(crate) struct StartRun;

/// How long an answer is waited for where nobody says how long, in milliseconds.
const WAIT_MS: u64 = 5_000;

/// What is left of a call's time for its answer.
const MARGIN: Duration = Duration::from_secs(2);

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Its name.
    workflow: String,
    /// As its schema says.
    #[schemars(with = "Option<serde_json::Map<String, Value>>")]
    input: Option<Value>,
    /// A second start by this key is the same run.
    #[schemars(length(min = 1, max = 200))]
    key: Option<String>,
    /// How long to wait for the outcome.
    #[schemars(range(max = 60_000))]
    wait_ms: Option<u64>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    /// For `get_run`.
    run: String,
    /// Its name.
    workflow: String,
    /// Of its definition.
    revision: i64,
    status: RunStatus,
    /// The key had started it before.
    duplicate: bool,
    /// Absent while it goes on.
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome: Option<OutcomeAnswer>,
    /// From start to end.
    #[serde(skip_serializing_if = "Option::is_none")]
    duration_ms: Option<i64>,
}

impl Tool for StartRun {
    type Deps = Deps;
    type Args = Args;
    type Output = Output;

    const NAME: &'static str = "start_run";
    const TITLE: &'static str = "Start run";
    const DESCRIPTION: &'static str =
        "Run a workflow in your name. Answers with the outcome if it ends within wait_ms (5 s); it goes on by itself.";
    const ACCESS: Access = Access::Write;
    const TOOLSET: &'static str = toolset::RUNS;
    const IS_LONG: bool = true;

    async fn call(deps: &Deps, call: &Call, args: Args) -> Result<Output> {
        let known = deps.library.published(call.tenant(), &args.workflow).await?;
        let input = args.input.unwrap_or_else(|| Value::Object(serde_json::Map::new()));
        check_input(&known.definition, &input)?;
        let run_id = match &args.key {
            // A key is its caller's own: another one's is another run.
            Some(key) => RunId::of_key(&known.name, &format!("{}/{key}", call.caller.subject())),
            None => RunId::at(deps.clock.now_ms()),
        };
        let ends = deps.news.ends();
        let run = NewRun {
            run_id: run_id.clone(),
            workflow: known.name.clone(),
            revision: known.revision,
            key: args.key,
            input,
            acting: Acting::of(&call.caller),
            callback: None,
            parent: None,
        };
        let started = deps.engine.start(call.tenant(), run).await?;
        let room = call.deadline.saturating_sub(MARGIN);
        let span = match args.wait_ms {
            // Whoever was given a task waits for the end of the run, as far as there is time.
            None if call.is_task() => room,
            asked => Duration::from_millis(asked.unwrap_or(WAIT_MS)).min(room),
        };
        let line = until_it_ends(deps, call, (&run_id, ends), span).await?;
        Ok(Output {
            run: run_id.0,
            workflow: known.name,
            revision: line.workflow_revision,
            status: line.status,
            duplicate: started == Start::Known,
            duration_ms: duration_ms(&line),
            outcome: line.outcome.as_ref().map(OutcomeAnswer::of),
        })
    }
}
