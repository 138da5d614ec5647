//! Runs are forgotten in time, with all that belongs to them. What has not ended is never.

use common::clock::UnixMillis;
use common::db::Db;
use common::error::Result;

/// About so many runs are forgotten in one transaction.
pub(super) const AT_A_TIME: i64 = 200;

/// What belongs to runs, and at last the runs.
const FORGET: [&str; 4] = [
    "delete from orchestrator_steps
    where (tenant_id, run_id) in (select tenant_id, run_id from orchestrator_runs where ended_ms <= $1)",
    "delete from orchestrator_waits
    where (tenant_id, run_id) in (select tenant_id, run_id from orchestrator_runs where ended_ms <= $1)",
    "delete from orchestrator_inputs
    where (tenant_id, run_id) in (select tenant_id, run_id from orchestrator_runs where ended_ms <= $1)",
    "delete from orchestrator_runs where ended_ms <= $1",
];

/// Forgets some of the runs that ended before an instant, the oldest first. Returns how many.
pub(crate) async fn forget(db: &Db, before_ms: UnixMillis) -> Result<u64> {
    // An instant instead of a list: what ends up to it only grows less, whoever else forgets at the same time.
    let up_to_ms: Option<UnixMillis> = sqlx::query_scalar(
        "select max(ended_ms)
        from (
            select ended_ms
            from orchestrator_runs
            where ended_ms < $1
            order by ended_ms
            limit $2) oldest",
    )
    .bind(before_ms)
    .bind(AT_A_TIME)
    .fetch_one(db.read().await?)
    .await?;
    let Some(up_to_ms) = up_to_ms else { return Ok(0) };
    let mut tx = db.begin().await?;
    let mut forgotten = 0;
    for statement in FORGET {
        forgotten = sqlx::query(statement).bind(up_to_ms).execute(&mut *tx).await?.rows_affected();
    }
    tx.commit().await?;
    Ok(forgotten)
}
