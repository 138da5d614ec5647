//! What is asked about runs without changing them.

use common::auth::Acting;
use common::db::Db;
use common::error::Result;
use sqlx::Row;

use crate::store::json::decoded;
use crate::store::run_key::RunKey;

/// Whether a run waits for a worker.
pub(crate) async fn any_queued(db: &Db) -> Result<bool> {
    let queued = sqlx::query(
        "select run_id
        from orchestrator_runs
        where owner is null and status = 'running'
        limit 1",
    )
    .fetch_optional(db.read().await?)
    .await?;
    Ok(queued.is_some())
}

/// For whom a run asks: its workflow, and who acts.
pub(crate) async fn asking(db: &Db, run: &RunKey) -> Result<Option<(String, Acting)>> {
    let row = sqlx::query(
        "select workflow, acting
        from orchestrator_runs
        where tenant_id = $1 and run_id = $2",
    )
    .bind(run.tenant.as_str())
    .bind(run.run_id.0.as_str())
    .fetch_optional(db.read().await?)
    .await?;
    row.map(|row| Ok((row.try_get("workflow")?, decoded(row.try_get("acting")?)?))).transpose()
}
