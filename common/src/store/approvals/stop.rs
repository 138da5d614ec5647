//! The emergency stop of a tenant.

use crate::clock::UnixMillis;
use crate::db::Db;
use crate::error::Result;
use crate::tenant::TenantId;

/// Whether the tenant is stopped.
pub(crate) async fn is_stopped(db: &Db, tenant: &TenantId) -> Result<bool> {
    let stopped: Option<i64> = sqlx::query_scalar("select stopped_at_ms from approval_stops where tenant_id = $1")
        .bind(tenant.as_str())
        .fetch_optional(db.read().await?)
        .await?;
    Ok(stopped.is_some())
}

/// Stops a tenant; one that is stopped already stays so.
pub(crate) async fn stop(db: &Db, tenant: &TenantId, (by, now_ms): (&str, UnixMillis)) -> Result<()> {
    let mut tx = db.begin().await?;
    sqlx::query(
        "insert into approval_stops (tenant_id, stopped_by, stopped_at_ms)
        values ($1, $2, $3)
        on conflict (tenant_id) do nothing",
    )
    .bind(tenant.as_str())
    .bind(by)
    .bind(now_ms)
    .execute(&mut *tx)
    .await?;
    Ok(tx.commit().await?)
}

/// Lifts the stop; false if there was none.
pub(crate) async fn resume(db: &Db, tenant: &TenantId) -> Result<bool> {
    let mut tx = db.begin().await?;
    let lifted =
        sqlx::query("delete from approval_stops where tenant_id = $1").bind(tenant.as_str()).execute(&mut *tx).await?;
    tx.commit().await?;
    Ok(lifted.rows_affected() == 1)
}
