//! The rows of reconciliations and of what they have found.

mod gaps;

use common::clock::UnixMillis;
use common::db::Db;
use common::error::{Error, Result};
use common::tenant::TenantId;
use serde::{Deserialize, Serialize};
use sqlx::Row as _;
use sqlx::any::AnyRow;

use crate::reconciliation::Gap;

pub(crate) use gaps::{Found, Reading, counts, gaps, settle};

/// How far a reconciliation has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ReportState {
    Running,
    Done,
    Failed,
}

impl ReportState {
    const ALL: [Self; 3] = [Self::Running, Self::Done, Self::Failed];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }
}

/// A reconciliation as its row has it.
#[derive(Debug, Clone)]
pub(crate) struct Report {
    pub(crate) tenant: TenantId,
    pub(crate) id: String,
    /// Empty: the CRM's own choice.
    pub(crate) location: String,
    pub(crate) since_ms: UnixMillis,
    pub(crate) until_ms: UnixMillis,
    pub(crate) state: ReportState,
    pub(crate) contacts: i64,
    pub(crate) events: i64,
    pub(crate) gaps: i64,
    pub(crate) remark: Option<String>,
    pub(crate) began_ms: UnixMillis,
    pub(crate) ended_ms: Option<UnixMillis>,
}

/// Begins one; one of that id whose process has died is begun again. False: somebody else has it, or it is done.
pub(crate) async fn begin(db: &Db, report: &Report, alive_until_ms: UnixMillis) -> Result<bool> {
    let mut tx = db.begin().await?;
    let inserted = sqlx::query(
        "insert into orchestrator_reconciliations (tenant_id, reconciliation_id, location, since_ms, until_ms, state,
            alive_until_ms, contacts, events, gaps, began_ms)
        values ($1, $2, $3, $4, $5, 'running', $6, 0, 0, 0, $7)
        on conflict (tenant_id, reconciliation_id) do update
        set alive_until_ms = excluded.alive_until_ms, since_ms = excluded.since_ms, until_ms = excluded.until_ms,
            contacts = 0, events = 0, gaps = 0, began_ms = excluded.began_ms
        where orchestrator_reconciliations.state = 'running'
            and orchestrator_reconciliations.alive_until_ms < excluded.began_ms",
    )
    .bind(report.tenant.as_str())
    .bind(report.id.as_str())
    .bind(report.location.as_str())
    .bind(report.since_ms)
    .bind(report.until_ms)
    .bind(alive_until_ms)
    .bind(report.began_ms)
    .execute(&mut *tx)
    .await?;
    let is_ours = inserted.rows_affected() == 1;
    if is_ours {
        gaps::forget(&mut tx, &report.tenant, &report.id).await?;
    }
    tx.commit().await?;
    Ok(is_ours)
}

/// Notes how far it is, and what was found on the way.
pub(crate) async fn progress(db: &Db, report: &Report, gaps: &[(i64, Gap)], alive_until_ms: UnixMillis) -> Result<()> {
    let mut tx = db.begin().await?;
    gaps::insert((db.dialect(), &mut tx), report, gaps).await?;
    sqlx::query(
        "update orchestrator_reconciliations
        set state = $1, contacts = $2, events = $3, gaps = $4, remark = $5, ended_ms = $6, alive_until_ms = $7
        where tenant_id = $8 and reconciliation_id = $9",
    )
    .bind(report.state.as_str())
    .bind(report.contacts)
    .bind(report.events)
    .bind(report.gaps)
    .bind(report.remark.clone())
    .bind(report.ended_ms)
    .bind(alive_until_ms)
    .bind(report.tenant.as_str())
    .bind(report.id.as_str())
    .execute(&mut *tx)
    .await?;
    Ok(tx.commit().await?)
}

/// One of the tenant's.
pub(crate) async fn find(db: &Db, tenant: &TenantId, id: &str) -> Result<Option<Report>> {
    let row = sqlx::query(
        "select tenant_id, reconciliation_id, location, since_ms, until_ms, state, contacts, events, gaps, remark, began_ms,
            ended_ms
        from orchestrator_reconciliations
        where tenant_id = $1 and reconciliation_id = $2",
    )
    .bind(tenant.as_str())
    .bind(id)
    .fetch_optional(db.read().await?)
    .await?;
    row.as_ref().map(read).transpose()
}

/// Until when a location has been compared.
pub(crate) async fn compared_until(db: &Db, tenant: &TenantId, location: &str) -> Result<Option<UnixMillis>> {
    let until = sqlx::query_scalar(
        "select max(until_ms)
        from orchestrator_reconciliations
        where tenant_id = $1 and location = $2 and state = 'done'",
    )
    .bind(tenant.as_str())
    .bind(location)
    .fetch_one(db.read().await?)
    .await?;
    Ok(until)
}

fn read(row: &AnyRow) -> Result<Report> {
    let state: String = row.try_get("state")?;
    let state = ReportState::ALL.into_iter().find(|known| known.as_str() == state);
    Ok(Report {
        tenant: row.try_get::<String, _>("tenant_id")?.parse()?,
        id: row.try_get("reconciliation_id")?,
        location: row.try_get("location")?,
        since_ms: row.try_get("since_ms")?,
        until_ms: row.try_get("until_ms")?,
        state: state.ok_or_else(|| damaged("an unknown state"))?,
        contacts: row.try_get("contacts")?,
        events: row.try_get("events")?,
        gaps: row.try_get("gaps")?,
        remark: row.try_get("remark")?,
        began_ms: row.try_get("began_ms")?,
        ended_ms: row.try_get("ended_ms")?,
    })
}

fn damaged(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::internal("a stored reconciliation is damaged", source)
}

/// Forgets reports that began before an instant, of all tenants, with what they have found. Returns how many.
pub(crate) async fn forget(db: &Db, before_ms: UnixMillis) -> Result<u64> {
    let mut tx = db.begin().await?;
    sqlx::query(
        "delete from orchestrator_gaps
        where exists (
            select 1
            from orchestrator_reconciliations as old
            where old.tenant_id = orchestrator_gaps.tenant_id
                and old.reconciliation_id = orchestrator_gaps.reconciliation_id and old.began_ms < $1
        )",
    )
    .bind(before_ms)
    .execute(&mut *tx)
    .await?;
    let forgotten = sqlx::query(
        "delete from orchestrator_reconciliations
        where began_ms < $1",
    )
    .bind(before_ms)
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(forgotten.rows_affected())
}
