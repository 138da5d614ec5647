//! The rows of callbacks. One is sent by whoever moves its due instant on first.

use common::clock::UnixMillis;
use common::db::{Db, Tx};
use common::error::Result;
use common::tenant::TenantId;
use sqlx::Row as _;

use crate::failure::Failed;
use crate::run::RunId;
use crate::store::failures;

/// An outcome that somebody is to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Callback {
    pub(crate) tenant: TenantId,
    /// `msg_` and a UUIDv7.
    pub(crate) id: String,
    pub(crate) run_id: String,
    pub(crate) url: String,
    pub(crate) body: String,
    /// So far.
    pub(crate) attempts: i64,
    pub(crate) due_ms: UnixMillis,
}

/// Writes one down, in the commit of what it tells.
pub(crate) async fn insert(tx: &mut Tx, callback: &Callback, now_ms: UnixMillis) -> Result<()> {
    sqlx::query(
        "insert into orchestrator_callbacks (tenant_id, callback_id, run_id, url, body, state, attempts, due_ms, made_ms)
        values ($1, $2, $3, $4, $5, 'due', 0, $6, $7)",
    )
    .bind(callback.tenant.as_str())
    .bind(callback.id.as_str())
    .bind(callback.run_id.as_str())
    .bind(callback.url.as_str())
    .bind(callback.body.as_str())
    .bind(callback.due_ms)
    .bind(now_ms)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// What is due, the longest first.
pub(crate) async fn due(db: &Db, now_ms: UnixMillis, limit: i64) -> Result<Vec<Callback>> {
    let rows = sqlx::query(
        "select tenant_id, callback_id, run_id, url, body, attempts, due_ms
        from orchestrator_callbacks
        where state = 'due' and due_ms <= $1
        order by due_ms
        limit $2",
    )
    .bind(now_ms)
    .bind(limit)
    .fetch_all(db.read().await?)
    .await?;
    let read = |row: &sqlx::any::AnyRow| {
        Ok(Callback {
            tenant: row.try_get::<String, _>("tenant_id")?.parse()?,
            id: row.try_get("callback_id")?,
            run_id: row.try_get("run_id")?,
            url: row.try_get("url")?,
            body: row.try_get("body")?,
            attempts: row.try_get("attempts")?,
            due_ms: row.try_get("due_ms")?,
        })
    };
    rows.iter().map(read).collect()
}

/// Makes an attempt this process's own until an instant. `false` if another one has it.
pub(crate) async fn claim(db: &Db, callback: &Callback, until_ms: UnixMillis) -> Result<bool> {
    let mut tx = db.begin().await?;
    let claimed = sqlx::query(
        "update orchestrator_callbacks
        set due_ms = $1, attempts = attempts + 1
        where tenant_id = $2 and callback_id = $3 and state = 'due' and due_ms = $4",
    )
    .bind(until_ms)
    .bind(callback.tenant.as_str())
    .bind(callback.id.as_str())
    .bind(callback.due_ms)
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(claimed.rows_affected() == 1)
}

/// Notes what became of an attempt: the next one's instant, or that there is none.
pub(crate) async fn settle(
    db: &Db,
    callback: &Callback,
    (state, due_ms): (&'static str, UnixMillis),
    (reason, now_ms): (Option<&str>, UnixMillis),
) -> Result<()> {
    let mut tx = db.begin().await?;
    sqlx::query(
        "update orchestrator_callbacks
        set state = $1, due_ms = $2, reason = $3
        where tenant_id = $4 and callback_id = $5",
    )
    .bind(state)
    .bind(due_ms)
    .bind(reason)
    .bind(callback.tenant.as_str())
    .bind(callback.id.as_str())
    .execute(&mut *tx)
    .await?;
    if let ("failed", Some(reason)) = (state, reason) {
        let tried = (callback.attempts.saturating_add(1), now_ms);
        let failed = Failed::of_callback(&callback.id, &RunId(callback.run_id.clone()), reason, tried);
        failures::note(&mut tx, &callback.tenant, &failed).await?;
    }
    Ok(tx.commit().await?)
}

/// Forgets what has been told, or given up, and was made before an instant. Returns how many.
pub(crate) async fn forget(db: &Db, before_ms: UnixMillis) -> Result<u64> {
    let mut tx = db.begin().await?;
    let forgotten = sqlx::query("delete from orchestrator_callbacks where state <> 'due' and made_ms < $1")
        .bind(before_ms)
        .execute(&mut *tx)
        .await?;
    tx.commit().await?;
    Ok(forgotten.rows_affected())
}
