//! A run as its row says.

use common::auth::Acting;
use common::clock::UnixMillis;
use common::error::{Error, Result};
use common::plan::PlanId;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::interpreter::{Note, State, StepCall};
use crate::run::{RunId, RunStatus, WaitId};
use crate::store::json::decoded;
use crate::store::run_key::{RunKey, run_key};

/// A call that is under way, or waits for a yes.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct OpenCall {
    pub(crate) call: StepCall,
    /// Its line in the trace while it is open; a row once it has ended.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) note: Option<Note>,
    /// The plan that it waits for, or was let through by.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) plan: Option<String>,
    /// It is not made before somebody has said yes.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub(crate) waits: bool,
}

impl OpenCall {
    pub(crate) fn plan_id(&self) -> Option<PlanId> {
        self.plan.as_deref().and_then(PlanId::parse)
    }
}

/// A run that is to be there.
#[derive(Debug, Clone)]
pub(crate) struct NewRow {
    pub(crate) key: RunKey,
    pub(crate) workflow: String,
    pub(crate) workflow_revision: i64,
    pub(crate) started_by: Option<String>,
    pub(crate) input: String,
    pub(crate) acting: String,
    pub(crate) callback: Option<String>,
    pub(crate) parent: Option<(RunId, WaitId)>,
    pub(crate) status: RunStatus,
    pub(crate) owner: Option<String>,
    pub(crate) state: Option<String>,
    pub(crate) calls: String,
    pub(crate) outcome: Option<String>,
    pub(crate) created_ms: UnixMillis,
    pub(crate) ended_ms: Option<UnixMillis>,
}

/// A run that a worker has just taken.
#[derive(Debug)]
pub(crate) struct RunRow {
    pub(crate) key: RunKey,
    pub(crate) workflow: String,
    pub(crate) workflow_revision: i64,
    pub(crate) started_by: Option<String>,
    pub(crate) input: Value,
    pub(crate) acting: Acting,
    pub(crate) callback: Option<String>,
    pub(crate) parent: Option<(RunId, WaitId)>,
    pub(crate) revision: i64,
    pub(crate) state: Option<State>,
    pub(crate) calls: Vec<OpenCall>,
    pub(crate) created_ms: UnixMillis,
}

/// The columns that [`run_row`] reads.
macro_rules! columns {
    () => {
        "tenant_id, run_id, workflow, workflow_revision, started_by, input, acting, callback, parent_run_id,
            parent_wait_id, revision, state, calls, created_ms"
    };
}
pub(super) use columns;

pub(super) fn run_row(row: &AnyRow) -> Result<RunRow> {
    let parent = match (text(row, "parent_run_id")?, text(row, "parent_wait_id")?) {
        (Some(run), Some(wait)) => Some((RunId(run), WaitId(wait))),
        _ => None,
    };
    let state: Option<String> = text(row, "state")?;
    Ok(RunRow {
        key: run_key(row)?,
        workflow: row.try_get("workflow")?,
        workflow_revision: row.try_get("workflow_revision")?,
        started_by: text(row, "started_by")?,
        input: decoded(row.try_get("input")?)?,
        acting: decoded(row.try_get("acting")?)?,
        callback: text(row, "callback")?,
        parent,
        revision: row.try_get("revision")?,
        state: state.as_deref().map(decoded).transpose()?,
        calls: decoded(row.try_get("calls")?)?,
        created_ms: row.try_get("created_ms")?,
    })
}

fn text(row: &AnyRow, column: &'static str) -> Result<Option<String>> {
    Ok(row.try_get(column)?)
}

/// The status that a row spells.
pub(crate) fn status_of(text: &str) -> Result<RunStatus> {
    Ok(match text {
        "running" => RunStatus::Running,
        "waiting" => RunStatus::Waiting,
        "completed" => RunStatus::Completed,
        "failed" => RunStatus::Failed,
        "cancelled" => RunStatus::Cancelled,
        other => return Err(Error::internal("a kept status is none", other.to_owned())),
    })
}
