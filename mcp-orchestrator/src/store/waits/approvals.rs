//! Waits for a yes.

use common::clock::UnixMillis;
use common::db::Db;
use common::error::Result;
use common::tenant::TenantId;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::{Approval, approval_subject};
use crate::run::WaitId;
use crate::store::json::decoded;
use crate::store::run_key::{RunKey, run_key};

/// An approval of a run.
#[derive(Debug)]
pub(crate) struct AwaitedApproval {
    pub(crate) run: RunKey,
    pub(crate) wait_id: WaitId,
    pub(crate) approval: Approval,
}

/// Approvals that are to be looked at.
pub(crate) async fn due_approvals(db: &Db, now_ms: UnixMillis, limit: i64) -> Result<Vec<AwaitedApproval>> {
    let rows = sqlx::query(
        "select tenant_id, run_id, wait_id, detail
        from orchestrator_waits
        where due_ms <= $1 and kind = 'approval'
        order by due_ms
        limit $2",
    )
    .bind(now_ms)
    .bind(limit)
    .fetch_all(db.read().await?)
    .await?;
    rows.iter().map(awaited_approval).collect()
}

/// Who waits for a plan.
pub(crate) async fn by_plan(db: &Db, tenant: &TenantId, plan: &str) -> Result<Vec<AwaitedApproval>> {
    let rows = sqlx::query(
        "select tenant_id, run_id, wait_id, detail
        from orchestrator_waits
        where tenant_id = $1 and subject = $2 and kind = 'approval'",
    )
    .bind(tenant.as_str())
    .bind(approval_subject(plan))
    .fetch_all(db.read().await?)
    .await?;
    rows.iter().map(awaited_approval).collect()
}

fn awaited_approval(row: &AnyRow) -> Result<AwaitedApproval> {
    Ok(AwaitedApproval {
        run: run_key(row)?,
        wait_id: WaitId(row.try_get("wait_id")?),
        approval: decoded(row.try_get("detail")?)?,
    })
}
