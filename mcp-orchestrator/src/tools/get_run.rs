//! Shows what became of a run: its trace, or one of its steps in full.

use common::error::{Candidate, Error, ErrorCode, Result};
use common::tool::{Access, Call, Tool, Untrusted, UntrustedData};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::answer::{FailureAnswer, OutcomeAnswer, duration_ms, find_run};
use crate::cursor::{behind, cursor};
use crate::deps::Deps;
use crate::interpreter::command::StepStatus;
use crate::interpreter::trace::bounded;
use crate::run::RunStatus;
use crate::store::traces::{self, RunView, StepLine};
use crate::tools::{instant, toolset};
use crate::trace::{Folded, fold, meant};

pub(crate) struct GetRun;

/// Steps offered in place of one that is not there.
const CANDIDATES_MAX: usize = 8;

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Its id.
    run: String,
    /// A step's id, name or place: shown with input, output and failure of each attempt.
    step: Option<String>,
    /// From `next_cursor`.
    #[serde(skip_serializing)]
    cursor: Option<String>,
    /// Most steps.
    #[serde(default = "limit")]
    #[schemars(range(min = 1, max = 200))]
    limit: u32,
}

fn limit() -> u32 {
    50
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    /// Its id.
    run: String,
    /// Its name.
    workflow: String,
    /// Of its definition.
    revision: i64,
    status: RunStatus,
    /// RFC 3339.
    started_at: String,
    /// From start to end.
    #[serde(skip_serializing_if = "Option::is_none")]
    duration_ms: Option<i64>,
    /// The event or key that it was started by.
    #[serde(skip_serializing_if = "Option::is_none")]
    started_by: Option<Untrusted>,
    input: UntrustedData,
    /// How it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome: Option<OutcomeAnswer>,
    /// How many steps there are.
    steps_total: usize,
    /// In their order.
    steps: Vec<StepRow>,
    /// For the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
    /// The step that was asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    attempts: Vec<Attempt>,
}

/// A step in a trace.
#[derive(Debug, Serialize, JsonSchema)]
struct StepRow {
    /// Id.
    step: String,
    /// As its author calls it.
    name: String,
    /// JSON Pointer into the definition.
    at: String,
    /// `call`, `wait` …
    kind: String,
    status: StepStatus,
    /// What happened.
    note: Untrusted,
    /// Present if there were several.
    #[serde(skip_serializing_if = "Option::is_none")]
    attempts: Option<i64>,
    /// When the next attempt is made, if there is one: RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_attempt_at: Option<String>,
    /// How long it took.
    #[serde(skip_serializing_if = "Option::is_none")]
    ms: Option<i64>,
}

/// What went in and out.
#[derive(Debug, Serialize, JsonSchema)]
struct Attempt {
    /// From 1.
    #[serde(rename = "attempt")]
    number: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    input: Option<UntrustedData>,
    #[serde(skip_serializing_if = "Option::is_none")]
    output: Option<UntrustedData>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<FailureAnswer>,
}

impl Tool for GetRun {
    type Deps = Deps;
    type Args = Args;
    type Output = Output;

    const NAME: &'static str = "get_run";
    const TITLE: &'static str = "Get run";
    const DESCRIPTION: &'static str = "Trace of a run: each step with status, note, attempts and duration, and how it ended. With step: that one's data.";
    const ACCESS: Access = Access::Read;
    const TOOLSET: &'static str = toolset::RUNS;
    const IS_OPEN_WORLD: bool = false;

    async fn call(deps: &Deps, call: &Call, mut args: Args) -> Result<Output> {
        let given = args.cursor.take();
        let asked = (Self::NAME, call.tenant(), &args);
        let view = find_run(&deps.db, call.tenant(), &args.run).await?;
        let written = traces::steps(&deps.db, call.tenant(), &view.line.run_id).await?;
        let steps = fold(written, &view.open);
        let mut output = Output::of(&view, steps.len());
        if let Some(step) = &args.step {
            let meant = meant(&steps, step).ok_or_else(|| no_such_step(&steps))?;
            output.steps = vec![StepRow::of(meant)];
            output.attempts = attempts(deps, call, &view, &meant.line).await?;
            return Ok(output);
        }
        let after = given.map(|given| behind(&asked, &given)).transpose()?;
        let skipped = after.and_then(|after| steps.iter().position(|step| step.line.step.0 == after));
        let skipped = skipped.map_or(0, |place| place.saturating_add(1));
        let shown = usize::try_from(args.limit).unwrap_or(usize::MAX);
        let page: Vec<&Folded> = steps.iter().skip(skipped).take(shown).collect();
        let has_more = skipped.saturating_add(page.len()) < steps.len();
        let last = page.last().filter(|_| has_more);
        output.next_cursor = last.map(|last| cursor(&asked, &last.line.step.0)).transpose()?;
        output.steps = page.into_iter().map(StepRow::of).collect();
        Ok(output)
    }
}

async fn attempts(deps: &Deps, call: &Call, view: &RunView, step: &StepLine) -> Result<Vec<Attempt>> {
    let marked = |value: &serde_json::Value| UntrustedData::new(bounded(value), "step");
    let written = traces::attempts(&deps.db, call.tenant(), &view.line.run_id, &step.step).await?;
    let mut attempts: Vec<Attempt> = written
        .iter()
        .map(|data| Attempt {
            number: data.attempt,
            input: data.input.as_ref().map(marked),
            output: data.output.as_ref().map(marked),
            failure: data.failure.as_ref().map(FailureAnswer::of),
        })
        .collect();
    let open = view.open.iter().filter(|note| note.step == step.step);
    let open = open.filter(|note| !written.iter().any(|data| data.attempt == i64::from(note.attempt)));
    attempts.extend(open.map(|note| Attempt {
        number: i64::from(note.attempt),
        input: note.input.as_ref().map(marked),
        output: None,
        failure: None,
    }));
    Ok(attempts)
}

impl Output {
    fn of(view: &RunView, steps_total: usize) -> Self {
        let line = &view.line;
        Self {
            run: line.run_id.0.clone(),
            workflow: line.workflow.clone(),
            revision: line.workflow_revision,
            status: line.status,
            started_at: instant(line.created_ms),
            duration_ms: duration_ms(line),
            started_by: line.started_by.as_ref().map(|key| Untrusted::new(key.clone(), "event")),
            input: UntrustedData::new(bounded(&view.input), "run"),
            outcome: line.outcome.as_ref().map(OutcomeAnswer::of),
            steps_total,
            steps: Vec::new(),
            next_cursor: None,
            attempts: Vec::new(),
        }
    }
}

impl StepRow {
    fn of(step: &Folded) -> Self {
        let line = &step.line;
        Self {
            step: line.step.0.clone(),
            name: line.name.clone(),
            at: line.pointer.0.clone(),
            kind: line.kind.clone(),
            status: line.status,
            note: Untrusted::new(line.summary.clone(), "step"),
            attempts: Some(line.attempt).filter(|attempts| *attempts > 1),
            next_attempt_at: line.next_ms.filter(|_| line.status == StepStatus::Retrying).map(instant),
            ms: line.ended_ms.map(|ended_ms| ended_ms.saturating_sub(step.began_ms).max(0)),
        }
    }
}

fn no_such_step(steps: &[Folded]) -> Error {
    let candidate = |step: &Folded| Candidate { id: step.line.step.0.clone(), name: step.line.name.clone() };
    Error::new(ErrorCode::NotFound, "the run has been through no such step")
        .with_hint("get_run without `step` lists them")
        .with_candidates(steps.iter().take(CANDIDATES_MAX).map(candidate).collect())
}
