//! Runs as they are shown: what became of each, and its steps. Nothing is changed here.

use std::collections::HashSet;

use common::auth::Acting;
use common::clock::UnixMillis;
use common::db::Db;
use common::error::{Error, Result};
use common::tenant::TenantId;
use serde_json::Value;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::json::decoded;
use super::runs::{OpenCall, spelt, status_of};
use super::ten_ids::{IDS_TOGETHER, bind_ids};
use crate::interpreter::command::StepStatus;
use crate::interpreter::{Ending, Failure, Note};
use crate::run::{RunId, RunStatus, StepId};
use crate::workflow::Pointer;

/// Most attempts at steps that are looked at for one trace.
const ATTEMPTS_MAX: i64 = 5_000;

/// A run without its data.
#[derive(Debug)]
pub(crate) struct RunLine {
    pub(crate) run_id: RunId,
    pub(crate) workflow: String,
    pub(crate) workflow_revision: i64,
    pub(crate) status: RunStatus,
    pub(crate) started_by: Option<String>,
    pub(crate) outcome: Option<Ending>,
    pub(crate) created_ms: UnixMillis,
    pub(crate) ended_ms: Option<UnixMillis>,
}

/// A run with its data.
#[derive(Debug)]
pub(crate) struct RunView {
    pub(crate) line: RunLine,
    pub(crate) input: Value,
    /// The lines of calls under way, which are rows once these have ended.
    pub(crate) open: Vec<Note>,
}

/// Which runs are meant; everything given must hold.
#[derive(Debug, Default)]
pub(crate) struct RunFilter {
    pub(crate) workflow: Option<String>,
    pub(crate) status: Option<RunStatus>,
    pub(crate) since_ms: Option<UnixMillis>,
    /// Only older ones than this.
    pub(crate) before: Option<(UnixMillis, String)>,
}

/// Runs of the tenant, newest first.
pub(crate) async fn list(db: &Db, tenant: &TenantId, filter: &RunFilter, limit: i64) -> Result<Vec<RunLine>> {
    let (before_ms, before_id) = filter.before.clone().unwrap_or((UnixMillis::MAX, String::new()));
    // What is absent is given as empty text, which no name is.
    let rows = sqlx::query(
        "select run_id, workflow, workflow_revision, status, started_by, outcome, created_ms, ended_ms
        from orchestrator_runs
        where tenant_id = $1 and created_ms >= $2
            and ($3 = '' or workflow = $3)
            and ($4 = '' or status = $4)
            and (created_ms < $5 or (created_ms = $5 and run_id < $6))
        order by created_ms desc, run_id desc
        limit $7",
    )
    .bind(tenant.as_str())
    .bind(filter.since_ms.unwrap_or(0))
    .bind(filter.workflow.clone().unwrap_or_default())
    .bind(filter.status.map_or("", spelt))
    .bind(before_ms)
    .bind(before_id)
    .bind(limit)
    .fetch_all(db.read().await?)
    .await?;
    rows.iter().map(line).collect()
}

/// The last run of a workflow.
pub(crate) async fn last_of(db: &Db, tenant: &TenantId, workflow: &str) -> Result<Option<RunLine>> {
    let row = sqlx::query(
        "select run_id, workflow, workflow_revision, status, started_by, outcome, created_ms, ended_ms
        from orchestrator_runs
        where tenant_id = $1 and workflow = $2
        order by created_ms desc
        limit 1",
    )
    .bind(tenant.as_str())
    .bind(workflow)
    .fetch_optional(db.read().await?)
    .await?;
    row.as_ref().map(line).transpose()
}

/// A run of the tenant.
pub(crate) async fn find(db: &Db, tenant: &TenantId, run_id: &RunId) -> Result<Option<RunView>> {
    let row = sqlx::query(
        "select run_id, workflow, workflow_revision, status, started_by, outcome, created_ms, ended_ms, input, calls
        from orchestrator_runs
        where tenant_id = $1 and run_id = $2",
    )
    .bind(tenant.as_str())
    .bind(run_id.0.as_str())
    .fetch_optional(db.read().await?)
    .await?;
    let view = |row: AnyRow| {
        let calls: Vec<OpenCall> = decoded(row.try_get("calls")?)?;
        let open = calls.into_iter().filter_map(|call| call.note).collect();
        Ok(RunView { line: line(&row)?, input: decoded(row.try_get("input")?)?, open })
    };
    row.map(view).transpose()
}

/// How often a run has changed so far.
pub(crate) async fn revision(db: &Db, tenant: &TenantId, run_id: &RunId) -> Result<Option<i64>> {
    let revision = sqlx::query_scalar(
        "select revision
        from orchestrator_runs
        where tenant_id = $1 and run_id = $2",
    )
    .bind(tenant.as_str())
    .bind(run_id.0.as_str())
    .fetch_optional(db.read().await?)
    .await?;
    Ok(revision)
}

/// What a run was started by, and for whom it acts.
pub(crate) async fn origin(db: &Db, tenant: &TenantId, run_id: &RunId) -> Result<Option<(Option<String>, Acting)>> {
    let row = sqlx::query(
        "select started_by, parent_run_id, parent_wait_id, acting
        from orchestrator_runs
        where tenant_id = $1 and run_id = $2",
    )
    .bind(tenant.as_str())
    .bind(run_id.0.as_str())
    .fetch_optional(db.read().await?)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let text = |column: &str| Ok::<Option<String>, Error>(row.try_get(column)?);
    let started_by = match (text("parent_run_id")?, text("parent_wait_id")?) {
        (Some(parent), Some(wait)) => Some(format!("{parent}/{wait}")),
        _ => text("started_by")?,
    };
    Ok(Some((started_by, decoded(row.try_get("acting")?)?)))
}

/// Ids of runs that begin like this, newest first.
pub(crate) async fn like(db: &Db, tenant: &TenantId, beginning: &str, limit: i64) -> Result<Vec<String>> {
    let rows = sqlx::query(
        "select run_id
        from orchestrator_runs
        where tenant_id = $1 and substr(run_id, 1, $2) = $3
        order by created_ms desc
        limit $4",
    )
    .bind(tenant.as_str())
    .bind(i64::try_from(beginning.chars().count()).unwrap_or(i64::MAX))
    .bind(beginning)
    .bind(limit)
    .fetch_all(db.read().await?)
    .await?;
    rows.iter().map(|row| Ok(row.try_get("run_id")?)).collect()
}

fn line(row: &AnyRow) -> Result<RunLine> {
    let (status, outcome): (String, Option<String>) = (row.try_get("status")?, row.try_get("outcome")?);
    Ok(RunLine {
        run_id: RunId(row.try_get("run_id")?),
        workflow: row.try_get("workflow")?,
        workflow_revision: row.try_get("workflow_revision")?,
        status: status_of(&status)?,
        started_by: row.try_get("started_by")?,
        outcome: outcome.as_deref().map(decoded).transpose()?,
        created_ms: row.try_get("created_ms")?,
        ended_ms: row.try_get("ended_ms")?,
    })
}

/// One attempt at a step, without its data.
#[derive(Debug, Clone)]
pub(crate) struct StepLine {
    pub(crate) step: StepId,
    pub(crate) pointer: Pointer,
    pub(crate) name: String,
    pub(crate) kind: String,
    pub(crate) attempt: i64,
    pub(crate) status: StepStatus,
    pub(crate) summary: String,
    pub(crate) began_ms: UnixMillis,
    pub(crate) ended_ms: Option<UnixMillis>,
    /// When it is tried again, if it is.
    pub(crate) next_ms: Option<UnixMillis>,
}

/// All attempts at all steps of a run, as they were written.
pub(crate) async fn steps(db: &Db, tenant: &TenantId, run_id: &RunId) -> Result<Vec<StepLine>> {
    let rows = sqlx::query(
        "select step_id, pointer, name, kind, attempt, status, summary, began_ms, ended_ms, next_ms
        from orchestrator_steps
        where tenant_id = $1 and run_id = $2
        order by began_ms
        limit $3",
    )
    .bind(tenant.as_str())
    .bind(run_id.0.as_str())
    .bind(ATTEMPTS_MAX)
    .fetch_all(db.read().await?)
    .await?;
    rows.iter().map(step_line).collect()
}

/// What went in and out of one attempt at a step.
#[derive(Debug)]
pub(crate) struct StepData {
    pub(crate) attempt: i64,
    pub(crate) input: Option<Value>,
    pub(crate) output: Option<Value>,
    pub(crate) failure: Option<Failure>,
}

/// The attempts at one step, first to last.
pub(crate) async fn attempts(db: &Db, tenant: &TenantId, run_id: &RunId, step: &StepId) -> Result<Vec<StepData>> {
    let rows = sqlx::query(
        "select attempt, input, output, failure
        from orchestrator_steps
        where tenant_id = $1 and run_id = $2 and step_id = $3
        order by attempt",
    )
    .bind(tenant.as_str())
    .bind(run_id.0.as_str())
    .bind(step.0.as_str())
    .fetch_all(db.read().await?)
    .await?;
    let data = |row: &AnyRow| {
        let text = |column: &str| Ok::<Option<String>, Error>(row.try_get(column)?);
        Ok(StepData {
            attempt: row.try_get("attempt")?,
            input: text("input")?.as_deref().map(decoded).transpose()?,
            output: text("output")?.as_deref().map(decoded).transpose()?,
            failure: text("failure")?.as_deref().map(decoded).transpose()?,
        })
    };
    rows.iter().map(data).collect()
}

fn step_line(row: &AnyRow) -> Result<StepLine> {
    let status: String = row.try_get("status")?;
    Ok(StepLine {
        step: StepId(row.try_get("step_id")?),
        pointer: Pointer(row.try_get("pointer")?),
        name: row.try_get("name")?,
        kind: row.try_get("kind")?,
        attempt: row.try_get("attempt")?,
        status: serde_json::from_value(Value::String(status))
            .map_err(|source| Error::internal("a kept status of a step is none", source))?,
        summary: row.try_get("summary")?,
        began_ms: row.try_get("began_ms")?,
        ended_ms: row.try_get("ended_ms")?,
        next_ms: row.try_get("next_ms")?,
    })
}

/// Which of these runs there are.
pub(crate) async fn known(db: &Db, tenant: &TenantId, runs: &[RunId]) -> Result<HashSet<RunId>> {
    let mut known = HashSet::new();
    for some in runs.chunks(IDS_TOGETHER) {
        let query = sqlx::query(
            "select run_id
            from orchestrator_runs
            where tenant_id = $1 and run_id in ($2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        )
        .bind(tenant.as_str().to_owned());
        let ids: Vec<&str> = some.iter().map(|run| run.0.as_str()).collect();
        for row in bind_ids(query, &ids).fetch_all(db.read().await?).await? {
            known.insert(RunId(row.try_get("run_id")?));
        }
    }
    Ok(known)
}
