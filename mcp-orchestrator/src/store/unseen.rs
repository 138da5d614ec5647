//! Waits for events whose run has not been given yet what came before them: those with an instant at which to look.

use common::clock::UnixMillis;
use common::db::{Db, Tx};
use common::error::Result;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::json::decoded;
use super::run_key::{RunKey, run_key};
use crate::interpreter::command::Listening;
use crate::run::WaitId;

/// A wait that has just begun.
#[derive(Debug, Clone)]
pub(crate) struct Unseen {
    pub(crate) run: RunKey,
    pub(crate) wait_id: WaitId,
    pub(crate) listening: Listening,
    pub(crate) workflow: String,
    pub(crate) workflow_revision: i64,
    pub(crate) run_began_ms: UnixMillis,
    pub(crate) started_by: Option<String>,
}

/// Those that have begun, the longest ago first.
pub(crate) async fn begun(db: &Db, now_ms: UnixMillis, limit: i64) -> Result<Vec<Unseen>> {
    let rows = sqlx::query(
        "select waits.tenant_id, waits.run_id, waits.wait_id, waits.detail, runs.workflow, runs.workflow_revision,
            runs.created_ms, runs.started_by
        from orchestrator_waits waits
        join orchestrator_runs runs on runs.tenant_id = waits.tenant_id and runs.run_id = waits.run_id
        where waits.due_ms <= $1 and waits.kind = 'event'
        order by waits.due_ms
        limit $2",
    )
    .bind(now_ms)
    .bind(limit)
    .fetch_all(db.read().await?)
    .await?;
    let unseen = |row: &AnyRow| {
        Ok(Unseen {
            run: run_key(row)?,
            wait_id: WaitId(row.try_get("wait_id")?),
            listening: decoded(row.try_get("detail")?)?,
            workflow: row.try_get("workflow")?,
            workflow_revision: row.try_get("workflow_revision")?,
            run_began_ms: row.try_get("created_ms")?,
            started_by: row.try_get("started_by")?,
        })
    };
    rows.iter().map(unseen).collect()
}

/// Notes that waits have been looked at.
pub(crate) async fn seen(tx: &mut Tx, waits: &[(RunKey, WaitId)]) -> Result<()> {
    for (run, wait) in waits {
        sqlx::query(
            "update orchestrator_waits
            set due_ms = null
            where tenant_id = $1 and run_id = $2 and wait_id = $3 and kind = 'event'",
        )
        .bind(run.tenant.as_str())
        .bind(run.run_id.0.as_str())
        .bind(wait.0.as_str())
        .execute(&mut **tx)
        .await?;
    }
    Ok(())
}
