//! Plans whose ids were chosen by whoever asks.

use super::PlanRow;
use crate::db::Db;
use crate::error::Result;
use crate::tenant::TenantId;

/// Keeps a pending plan, unless there is one of its id.
pub(crate) async fn ask(db: &Db, tenant: &TenantId, plan: &PlanRow) -> Result<()> {
    let mut tx = db.begin().await?;
    sqlx::query(
        "insert into approval_plans (tenant_id, plan_id, subject, tool, access, mode, arguments_digest, plan,
            plan_digest, state, created_at_ms, expires_at_ms)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
        on conflict (tenant_id, plan_id) do nothing",
    )
    .bind(tenant.as_str())
    .bind(plan.plan_id.as_str())
    .bind(plan.subject.as_str())
    .bind(plan.tool.as_str())
    .bind(plan.access.as_str())
    .bind(plan.mode.as_str())
    .bind(plan.arguments_digest.as_str())
    .bind(plan.plan.as_str())
    .bind(plan.plan_digest.as_str())
    .bind(plan.state.as_str())
    .bind(plan.created_at_ms)
    .bind(plan.expires_at_ms)
    .execute(&mut *tx)
    .await?;
    Ok(tx.commit().await?)
}
