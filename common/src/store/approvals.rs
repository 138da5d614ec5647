//! The rows of plans, and when one may be decided or spent. Every change is one conditional statement, so that among any
//! number of processes exactly one succeeds.

mod allowance;
mod insert;
mod stop;

use sqlx::Row;
use sqlx::any::AnyRow;

use crate::clock::UnixMillis;
use crate::db::{Db, Tx};
use crate::error::Result;
use crate::plan::PlanId;
use crate::tenant::TenantId;

pub(crate) use allowance::{Allowance, count, used};
pub(crate) use insert::{ask, insert};
pub(crate) use stop::{is_stopped, resume, stop};

/// Most plans in one list.
const LISTED_MAX: i64 = 200;

/// Where a plan stands, apart from having expired by time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Pending,
    Approved,
    Refused,
    Spent,
    Expired,
}

impl State {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Approved => "approved",
            Self::Refused => "refused",
            Self::Spent => "spent",
            Self::Expired => "expired",
        }
    }

    /// An unknown spelling counts as expired: nothing can be done with it.
    fn parse(text: &str) -> Self {
        let known = [Self::Pending, Self::Approved, Self::Refused, Self::Spent];
        known.into_iter().find(|state| state.as_str() == text).unwrap_or(Self::Expired)
    }
}

/// A plan as its row says.
#[derive(Debug, Clone)]
pub(crate) struct PlanRow {
    pub(crate) plan_id: String,
    pub(crate) subject: String,
    pub(crate) tool: String,
    pub(crate) access: String,
    pub(crate) mode: String,
    /// Hex.
    pub(crate) arguments_digest: String,
    /// JSON.
    pub(crate) plan: String,
    /// Hex.
    pub(crate) plan_digest: String,
    pub(crate) state: State,
    pub(crate) created_at_ms: UnixMillis,
    pub(crate) expires_at_ms: UnixMillis,
    pub(crate) decided_by: Option<String>,
    pub(crate) decided_at_ms: Option<UnixMillis>,
}

impl PlanRow {
    /// Where it stands at an instant.
    pub(crate) fn state_at(&self, now_ms: UnixMillis) -> State {
        match self.state {
            State::Pending | State::Approved if self.expires_at_ms <= now_ms => State::Expired,
            state => state,
        }
    }
}

/// The caller's open plan for exactly the same, if there is one.
pub(crate) async fn find_same(db: &Db, tenant: &TenantId, wanted: &PlanRow) -> Result<Option<PlanRow>> {
    let row = sqlx::query(
        "select plan_id, subject, tool, access, mode, arguments_digest, plan, plan_digest, state,
            created_at_ms, expires_at_ms, decided_by, decided_at_ms
        from approval_plans
        where tenant_id = $1 and state in ('pending', 'approved') and expires_at_ms > $2
            and subject = $3 and tool = $4 and arguments_digest = $5 and plan_digest = $6 and mode = $7
        order by plan_id
        limit 1",
    )
    .bind(tenant.as_str())
    .bind(wanted.created_at_ms)
    .bind(wanted.subject.as_str())
    .bind(wanted.tool.as_str())
    .bind(wanted.arguments_digest.as_str())
    .bind(wanted.plan_digest.as_str())
    .bind(wanted.mode.as_str())
    .fetch_optional(db.read().await?)
    .await?;
    row.as_ref().map(plan_row).transpose()
}

/// A tenant's plan.
pub(crate) async fn find(db: &Db, tenant: &TenantId, plan_id: PlanId) -> Result<Option<PlanRow>> {
    let row = sqlx::query(
        "select plan_id, subject, tool, access, mode, arguments_digest, plan, plan_digest, state,
            created_at_ms, expires_at_ms, decided_by, decided_at_ms
        from approval_plans
        where tenant_id = $1 and plan_id = $2",
    )
    .bind(tenant.as_str())
    .bind(plan_id.to_string())
    .fetch_optional(db.read().await?)
    .await?;
    row.as_ref().map(plan_row).transpose()
}

/// The tenant's open plans, or those of one caller, oldest first, at most 200.
pub(crate) async fn list_open(
    db: &Db,
    tenant: &TenantId,
    subject: Option<&str>,
    now_ms: UnixMillis,
) -> Result<Vec<PlanRow>> {
    let rows = sqlx::query(
        "select plan_id, subject, tool, access, mode, arguments_digest, plan, plan_digest, state,
            created_at_ms, expires_at_ms, decided_by, decided_at_ms
        from approval_plans
        where tenant_id = $1 and state in ('pending', 'approved') and expires_at_ms > $2
            and ($3 = 1 or subject = $4)
        order by plan_id
        limit $5",
    )
    .bind(tenant.as_str())
    .bind(now_ms)
    .bind(i64::from(subject.is_none()))
    .bind(subject.unwrap_or_default())
    .bind(LISTED_MAX)
    .fetch_all(db.read().await?)
    .await?;
    rows.iter().map(plan_row).collect()
}

/// Decides a pending plan; false if it is no longer pending.
pub(crate) async fn decide(
    db: &Db,
    tenant: &TenantId,
    plan_id: PlanId,
    (state, decided_by, now_ms): (State, &str, UnixMillis),
) -> Result<bool> {
    let mut tx = db.begin().await?;
    let decided = sqlx::query(
        "update approval_plans
        set state = $3, decided_by = $4, decided_at_ms = $5
        where tenant_id = $1 and plan_id = $2 and state = 'pending' and expires_at_ms > $5",
    )
    .bind(tenant.as_str())
    .bind(plan_id.to_string())
    .bind(state.as_str())
    .bind(decided_by)
    .bind(now_ms)
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(decided.rows_affected() == 1)
}

/// Takes an open plan out of use: what it says is no longer what would happen.
pub(crate) async fn expire(db: &Db, tenant: &TenantId, plan_id: PlanId) -> Result<()> {
    let mut tx = db.begin().await?;
    sqlx::query(
        "update approval_plans
        set state = 'expired'
        where tenant_id = $1 and plan_id = $2 and state in ('pending', 'approved')",
    )
    .bind(tenant.as_str())
    .bind(plan_id.to_string())
    .execute(&mut *tx)
    .await?;
    Ok(tx.commit().await?)
}

/// Spends a plan that stands at `state`, as part of a transaction; false if somebody was faster or the time is over.
pub(crate) async fn spend(
    tx: &mut Tx,
    tenant: &TenantId,
    plan_id: PlanId,
    (state, now_ms): (State, UnixMillis),
) -> Result<bool> {
    let spent = sqlx::query(
        "update approval_plans
        set state = 'spent', spent_at_ms = $4
        where tenant_id = $1 and plan_id = $2 and state = $3 and expires_at_ms > $4",
    )
    .bind(tenant.as_str())
    .bind(plan_id.to_string())
    .bind(state.as_str())
    .bind(now_ms)
    .execute(&mut **tx)
    .await?;
    Ok(spent.rows_affected() == 1)
}

fn plan_row(row: &AnyRow) -> Result<PlanRow> {
    let state: String = row.try_get("state")?;
    Ok(PlanRow {
        plan_id: row.try_get("plan_id")?,
        subject: row.try_get("subject")?,
        tool: row.try_get("tool")?,
        access: row.try_get("access")?,
        mode: row.try_get("mode")?,
        arguments_digest: row.try_get("arguments_digest")?,
        plan: row.try_get("plan")?,
        plan_digest: row.try_get("plan_digest")?,
        state: State::parse(&state),
        created_at_ms: row.try_get("created_at_ms")?,
        expires_at_ms: row.try_get("expires_at_ms")?,
        decided_by: row.try_get("decided_by")?,
        decided_at_ms: row.try_get("decided_at_ms")?,
    })
}
