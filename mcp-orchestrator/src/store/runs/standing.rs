//! What the Restate engine asks about rows that it has written.

use common::clock::UnixMillis;
use common::db::Db;
use common::error::Result;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::forget::AT_A_TIME;
use super::{OpenCall, RunKey, status_of};
use crate::run::RunStatus;
use crate::store::json::decoded;
use crate::store::run_key::run_key;

/// How a run's row stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Standing {
    pub(crate) status: RunStatus,
    pub(crate) revision: i64,
    pub(crate) created_ms: UnixMillis,
}

/// None: there is no such run.
pub(crate) async fn standing(db: &Db, run: &RunKey) -> Result<Option<Standing>> {
    let row = sqlx::query(
        "select status, revision, created_ms
        from orchestrator_runs
        where tenant_id = $1 and run_id = $2",
    )
    .bind(run.tenant.as_str())
    .bind(run.run_id.0.as_str())
    .fetch_optional(db.read().await?)
    .await?;
    let standing = |row: AnyRow| {
        Ok(Standing {
            status: status_of(row.try_get("status")?)?,
            revision: row.try_get("revision")?,
            created_ms: row.try_get("created_ms")?,
        })
    };
    row.map(standing).transpose()
}

/// The calls that a run has under way, or that wait for a yes.
pub(crate) async fn calls_of(db: &Db, run: &RunKey) -> Result<Vec<OpenCall>> {
    let calls: Option<String> = sqlx::query_scalar(
        "select calls
        from orchestrator_runs
        where tenant_id = $1 and run_id = $2",
    )
    .bind(run.tenant.as_str())
    .bind(run.run_id.0.as_str())
    .fetch_optional(db.read().await?)
    .await?;
    calls.map_or_else(|| Ok(Vec::new()), |calls| decoded(&calls))
}

/// Failed runs among those that [`super::forget`] forgets next.
pub(crate) async fn oldest_failed(db: &Db, before_ms: UnixMillis) -> Result<Vec<RunKey>> {
    let rows = sqlx::query(
        "select tenant_id, run_id
        from orchestrator_runs
        where ended_ms < $1 and status = 'failed'
        order by ended_ms
        limit $2",
    )
    .bind(before_ms)
    .bind(AT_A_TIME)
    .fetch_all(db.read().await?)
    .await?;
    rows.iter().map(run_key).collect()
}
