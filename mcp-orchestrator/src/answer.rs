//! What tools answer about runs: rows, outcomes, failures. Text of outsiders is marked as theirs.

use common::clock::UnixMillis;
use common::db::Db;
use common::error::{Candidate, Error, ErrorCode, Result};
use common::tenant::TenantId;
use common::tool::{Untrusted, UntrustedData, one_line};
use schemars::JsonSchema;
use serde::Serialize;

use crate::interpreter::trace::bounded;
use crate::interpreter::{Ending, Failure};
use crate::run::{RunId, RunStatus};
use crate::store::traces::{self, RunFilter, RunLine, RunView};

/// Longest line of a failure, in characters.
const LINE_MAX: usize = 200;

/// Runs offered in place of one that is not there.
const CANDIDATES_MAX: i64 = 3;

/// An instant as tools show it: RFC 3339 in UTC, empty beyond its years.
pub(crate) fn instant(at_ms: UnixMillis) -> String {
    jiff::Timestamp::from_millisecond(at_ms).map(|at| at.to_string()).unwrap_or_default()
}

/// A run in a list.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct RunRow {
    /// For `get_run`.
    run: String,
    /// Its name.
    workflow: String,
    status: RunStatus,
    /// RFC 3339.
    started_at: String,
    /// From start to end.
    #[serde(skip_serializing_if = "Option::is_none")]
    duration_ms: Option<i64>,
    /// Why it failed or was cancelled.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
}

impl RunRow {
    pub(crate) fn of(line: &RunLine) -> Self {
        Self {
            run: line.run_id.0.clone(),
            workflow: line.workflow.clone(),
            status: line.status,
            started_at: instant(line.created_ms),
            duration_ms: duration_ms(line),
            problem: line.outcome.as_ref().and_then(problem),
        }
    }
}

/// What became of a run.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum OutcomeAnswer {
    /// What it gave.
    Output(UntrustedData),
    /// Why it failed.
    Failure(FailureAnswer),
    /// Why it was cancelled.
    Cancelled(Untrusted),
}

impl OutcomeAnswer {
    pub(crate) fn of(ending: &Ending) -> Self {
        match ending {
            Ending::Completed { output } => Self::Output(UntrustedData::new(bounded(output), "run")),
            Ending::Failed { failure } => Self::Failure(FailureAnswer::of(failure)),
            Ending::Cancelled { reason } => Self::Cancelled(Untrusted::new(reason.clone(), "run")),
        }
    }
}

/// Why something did not work.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct FailureAnswer {
    /// URI of its kind.
    #[serde(rename = "type")]
    kind: String,
    /// As HTTP has them.
    status: u16,
    title: Untrusted,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<Untrusted>,
    /// What to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<Untrusted>,
    /// The step, by its place in the definition.
    #[serde(skip_serializing_if = "Option::is_none")]
    step: Option<String>,
    /// How often it was tried in vain, if more than once.
    #[serde(skip_serializing_if = "Option::is_none")]
    attempts: Option<u32>,
}

impl FailureAnswer {
    pub(crate) fn of(failure: &Failure) -> Self {
        let marked = |text: &String| Untrusted::new(text.clone(), "run");
        Self {
            kind: one_line(&failure.kind, LINE_MAX),
            status: failure.status,
            title: marked(&failure.title),
            detail: failure.detail.as_ref().map(marked),
            hint: failure.hint.as_ref().map(marked),
            step: failure.instance.as_ref().map(|pointer| pointer.0.clone()),
            attempts: failure.attempts,
        }
    }
}

pub(crate) fn duration_ms(line: &RunLine) -> Option<i64> {
    line.ended_ms.map(|ended_ms: UnixMillis| ended_ms.saturating_sub(line.created_ms).max(0))
}

fn problem(ending: &Ending) -> Option<String> {
    match ending {
        Ending::Completed { .. } => None,
        Ending::Failed { failure } => Some(one_line(&failure.title, LINE_MAX)),
        Ending::Cancelled { reason } => Some(one_line(reason, LINE_MAX)),
    }
}

/// A run of the tenant by its id.
///
/// # Errors
/// `not_found` with the last ones.
pub(crate) async fn find_run(db: &Db, tenant: &TenantId, run: &str) -> Result<RunView> {
    if let Some(view) = traces::find(db, tenant, &RunId(run.trim().to_owned())).await? {
        return Ok(view);
    }
    let last = traces::list(db, tenant, &RunFilter::default(), CANDIDATES_MAX).await?;
    let candidate = |line: RunLine| Candidate { id: line.run_id.0, name: line.workflow };
    Err(Error::new(ErrorCode::NotFound, "there is no run of this id")
        .with_hint("list_runs has the ids; these are the last ones")
        .with_candidates(last.into_iter().map(candidate).collect()))
}
