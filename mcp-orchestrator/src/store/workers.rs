//! The processes that keep runs going, and which of them live.

use common::clock::UnixMillis;
use common::db::{Db, Tx};
use common::error::Result;
use sqlx::Row;

use super::run_key::RunKey;

/// How long a buried worker is remembered, in milliseconds: one that was paused for longer finds its row gone, which
/// tells it the same.
const REMEMBERED_MS: i64 = 86_400_000;

pub(crate) async fn register(tx: &mut Tx, worker: &str, alive_until_ms: UnixMillis) -> Result<()> {
    sqlx::query("insert into orchestrator_workers (worker_id, alive_until_ms) values ($1, $2)")
        .bind(worker.to_owned())
        .bind(alive_until_ms)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// False if it was buried meanwhile.
pub(crate) async fn beat(tx: &mut Tx, worker: &str, alive_until_ms: UnixMillis) -> Result<bool> {
    let beaten = sqlx::query(
        "update orchestrator_workers
        set alive_until_ms = $2
        where worker_id = $1 and buried_ms is null",
    )
    .bind(worker.to_owned())
    .bind(alive_until_ms)
    .execute(&mut **tx)
    .await?;
    Ok(beaten.rows_affected() == 1)
}

/// Those that have not been heard of in time, and those buried that still have runs: somebody who comes back from the
/// dead may have begun one before it was told.
pub(crate) async fn dead(db: &Db, now_ms: UnixMillis) -> Result<Vec<String>> {
    let rows = sqlx::query(
        "select worker_id
        from orchestrator_workers workers
        where alive_until_ms < $1 and (buried_ms is null or buried_ms < $2
            or exists (select 1 from orchestrator_runs runs where runs.owner = workers.worker_id))",
    )
    .bind(now_ms)
    .bind(now_ms.saturating_sub(REMEMBERED_MS))
    .fetch_all(db.read().await?)
    .await?;
    rows.iter().map(|row| Ok(row.try_get("worker_id")?)).collect()
}

/// Makes the runs of a dead worker anybody's. Nothing happens if it lives after all.
pub(crate) async fn bury(tx: &mut Tx, worker: &str, now_ms: UnixMillis) -> Result<()> {
    let buried = sqlx::query(
        "update orchestrator_workers
        set buried_ms = coalesce(buried_ms, $2)
        where worker_id = $1 and alive_until_ms < $2",
    )
    .bind(worker.to_owned())
    .bind(now_ms)
    .execute(&mut **tx)
    .await?;
    if buried.rows_affected() == 0 {
        return Ok(());
    }
    release(tx, worker).await?;
    sqlx::query("delete from orchestrator_workers where worker_id = $1 and buried_ms < $2")
        .bind(worker.to_owned())
        .bind(now_ms.saturating_sub(REMEMBERED_MS))
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// A worker ends: its runs are anybody's at once.
pub(crate) async fn leave(tx: &mut Tx, worker: &str) -> Result<()> {
    release(tx, worker).await?;
    sqlx::query("delete from orchestrator_workers where worker_id = $1")
        .bind(worker.to_owned())
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// A run that a worker does not have after all is anybody's.
pub(crate) async fn release_one(tx: &mut Tx, worker: &str, run: &RunKey) -> Result<()> {
    sqlx::query(
        "update orchestrator_runs
        set owner = null, revision = revision + 1
        where tenant_id = $1 and run_id = $2 and owner = $3",
    )
    .bind(run.tenant.as_str().to_owned())
    .bind(run.run_id.0.clone())
    .bind(worker.to_owned())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The revision goes up, so that whatever the worker still writes is refused.
async fn release(tx: &mut Tx, worker: &str) -> Result<()> {
    sqlx::query(
        "update orchestrator_runs
        set owner = null, revision = revision + 1
        where owner = $1",
    )
    .bind(worker.to_owned())
    .execute(&mut **tx)
    .await?;
    Ok(())
}
