//! Waits for a time.

use common::clock::UnixMillis;
use common::db::Db;
use common::error::Result;
use sqlx::Row;

use crate::run::WaitId;
use crate::store::run_key::{RunKey, keyed};

/// Runs that nobody or this worker has, with a timer whose time has come; each with whether nobody has it.
pub(crate) async fn due(db: &Db, worker: &str, (now_ms, limit): (UnixMillis, i64)) -> Result<Vec<(RunKey, bool)>> {
    let rows = sqlx::query(
        "select distinct runs.tenant_id, runs.run_id, runs.owner
        from orchestrator_waits waits
        join orchestrator_runs runs on runs.tenant_id = waits.tenant_id and runs.run_id = waits.run_id
        where waits.due_ms <= $2 and waits.kind = 'timer' and runs.status in ('running', 'waiting')
            and (runs.owner is null or runs.owner = $1)
        limit $3",
    )
    .bind(worker)
    .bind(now_ms)
    .bind(limit)
    .fetch_all(db.read().await?)
    .await?;
    rows.iter().map(keyed).collect()
}

/// The timers of one run whose time has come, in the order of their times.
pub(crate) async fn due_of(db: &Db, run: &RunKey, now_ms: UnixMillis) -> Result<Vec<WaitId>> {
    let rows = sqlx::query(
        "select wait_id
        from orchestrator_waits
        where tenant_id = $1 and run_id = $2 and kind = 'timer' and due_ms <= $3
        order by due_ms, wait_id",
    )
    .bind(run.tenant.as_str())
    .bind(run.run_id.0.as_str())
    .bind(now_ms)
    .fetch_all(db.read().await?)
    .await?;
    rows.iter().map(|row| Ok(WaitId(row.try_get("wait_id")?))).collect()
}

/// When the next wait is due after an instant.
pub(crate) async fn next_due_ms(db: &Db, after_ms: UnixMillis) -> Result<Option<UnixMillis>> {
    let next = sqlx::query_scalar(
        "select due_ms
        from orchestrator_waits
        where due_ms > $1
        order by due_ms
        limit 1",
    )
    .bind(after_ms)
    .fetch_optional(db.read().await?)
    .await?;
    Ok(next)
}
