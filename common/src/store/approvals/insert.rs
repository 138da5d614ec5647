//! Plans that are new.

use super::PlanRow;
use crate::clock::UnixMillis;
use crate::db::{AnyQuery, Db, InsertMany};
use crate::error::Result;
use crate::tenant::TenantId;

const INTO: &str =
    "insert into approval_plans (tenant_id, plan_id, subject, tool, access, mode, arguments_digest, plan,
    plan_digest, state, created_at_ms, expires_at_ms)";

static INSERT: InsertMany = InsertMany::new(INTO, 12);

static INSERT_UNKNOWN: InsertMany = InsertMany::with_clause(INTO, 12, " on conflict (tenant_id, plan_id) do nothing");

/// Keeps a pending plan, unless its caller has `open_max` open ones already; false then. Forgets the tenant's plans that
/// expired before `forget_before_ms`.
pub(crate) async fn insert(
    db: &Db,
    tenant: &TenantId,
    plan: &PlanRow,
    (open_max, forget_before_ms): (i64, UnixMillis),
) -> Result<bool> {
    let mut tx = db.begin().await?;
    sqlx::query("delete from approval_plans where tenant_id = $1 and expires_at_ms < $2")
        .bind(tenant.as_str())
        .bind(forget_before_ms)
        .execute(&mut *tx)
        .await?;
    let open: i64 = sqlx::query_scalar(
        "select count(*)
        from approval_plans
        where tenant_id = $1 and state in ('pending', 'approved') and expires_at_ms > $2 and subject = $3",
    )
    .bind(tenant.as_str())
    .bind(plan.created_at_ms)
    .bind(plan.subject.as_str())
    .fetch_one(&mut *tx)
    .await?;
    if open >= open_max {
        return Ok(false);
    }
    let bound = |query, plan: &&PlanRow| bind(query, tenant, plan);
    INSERT.execute((db.dialect(), &mut tx), &[plan], bound).await?;
    tx.commit().await?;
    Ok(true)
}

/// Keeps a pending plan whose id was chosen by whoever asks, unless there is one of its id.
pub(crate) async fn ask(db: &Db, tenant: &TenantId, plan: &PlanRow) -> Result<()> {
    let mut tx = db.begin().await?;
    let bound = |query, plan: &&PlanRow| bind(query, tenant, plan);
    INSERT_UNKNOWN.execute((db.dialect(), &mut tx), &[plan], bound).await?;
    Ok(tx.commit().await?)
}

fn bind(query: AnyQuery, tenant: &TenantId, plan: &PlanRow) -> AnyQuery {
    query
        .bind(tenant.as_str().to_owned())
        .bind(plan.plan_id.clone())
        .bind(plan.subject.clone())
        .bind(plan.tool.clone())
        .bind(plan.access.clone())
        .bind(plan.mode.clone())
        .bind(plan.arguments_digest.clone())
        .bind(plan.plan.clone())
        .bind(plan.plan_digest.clone())
        .bind(plan.state.as_str())
        .bind(plan.created_at_ms)
        .bind(plan.expires_at_ms)
}
