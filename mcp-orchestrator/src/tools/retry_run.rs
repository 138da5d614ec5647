//! Lets a failed run go on: from the step that failed or another one, with its input as given, or behind it.

use common::error::{Candidate, Error, ErrorCode, Result};
use common::tool::{Access, Call, Tool};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::answer::find_run;
use crate::deps::Deps;
use crate::engine::Resume;
use crate::failure::{FailureKind, FailureState};
use crate::store::traces;
use crate::tools::toolset;
use crate::workflow::{Pointer, Workflow, survey};

pub(crate) struct RetryRun;

/// Steps offered in place of one that is not there.
const CANDIDATES_MAX: usize = 20;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Its id.
    run: String,
    /// Name or place of the step to go on from. Default: the one that failed.
    from: Option<String>,
    /// That step's input instead of the one it had.
    #[schemars(with = "Option<serde_json::Map<String, Value>>")]
    input: Option<Value>,
    /// Instead: go on behind the step that failed, as if it had answered this.
    #[schemars(with = "Option<serde_json::Map<String, Value>>")]
    skip_with: Option<Value>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    /// For `get_run`.
    run: String,
    /// Its name.
    workflow: String,
    /// Where it goes on.
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<String>,
    /// It goes on behind the step that failed.
    skipped: bool,
}

impl Tool for RetryRun {
    type Deps = Deps;
    type Args = Args;
    type Output = Output;

    const NAME: &'static str = "retry_run";
    const TITLE: &'static str = "Retry run";
    const DESCRIPTION: &'static str =
        "Let a failed run go on: from the failed or another step, with edited input, or past it. Done steps stay done.";
    const ACCESS: Access = Access::Write;
    const TOOLSET: &'static str = toolset::RUNS;

    async fn call(deps: &Deps, call: &Call, args: Args) -> Result<Output> {
        let line = find_run(&deps.db, call.tenant(), &args.run).await?.line;
        let (how, from, skipped) = match (args.from, args.input, args.skip_with) {
            (None, None, Some(output)) => (Resume::Skip { output }, None, true),
            (_, _, Some(_)) => {
                let expected = "without `from` and `input`: the step that failed is skipped";
                return Err(Error::invalid_argument("skip_with", "stands beside another way", expected, None));
            }
            (None, input, None) => (Resume::Retry { from: None, input }, None, false),
            (Some(text), input, None) => {
                let definition = deps.library.revision(call.tenant(), &line.workflow, line.workflow_revision).await?;
                let written = traces::steps(&deps.db, call.tenant(), &line.run_id).await?;
                let by_id = written.into_iter().find(|step| step.step.0 == text.trim()).map(|step| step.pointer);
                let pointer = by_id.map_or_else(|| place_of(&definition, &text), Ok)?;
                (Resume::Retry { from: Some(pointer.clone()), input }, Some(pointer.0), false)
            }
        };
        deps.engine.resume(call.tenant(), &line.run_id, how).await?;
        let state = if skipped { FailureState::Skipped } else { FailureState::Retried };
        deps.follow_up.mark(call.tenant(), (FailureKind::Run, &line.run_id.0), state).await?;
        deps.news.touched(call.tenant(), &line.run_id);
        Ok(Output { run: line.run_id.0, workflow: line.workflow, from, skipped })
    }
}

/// The place of the one step that a text means.
fn place_of(definition: &Workflow, text: &str) -> Result<Pointer> {
    let text = text.trim();
    let steps = survey::steps(definition);
    let is_meant =
        |step: &&survey::Step<'_>| step.task.pointer.0 == text || step.path == text || step.task.name == text;
    let meant: Vec<&survey::Step<'_>> = steps.iter().filter(is_meant).collect();
    let (shown, code, message) = match meant.as_slice() {
        [one] => return Ok(one.task.pointer.clone()),
        [] => (steps.iter().collect(), ErrorCode::NotFound, "the workflow has no such step"),
        _ => (meant, ErrorCode::InvalidArgument, "several steps have this name"),
    };
    let candidate = |step: &survey::Step<'_>| Candidate { id: step.task.pointer.0.clone(), name: step.path.clone() };
    Err(Error::new(code, message)
        .with_hint("name it by its place")
        .with_candidates(shown.into_iter().take(CANDIDATES_MAX).map(candidate).collect()))
}
