//! What reconciliations have found.

use common::db::{AnyQuery, Db, Dialect, InsertMany, Tx};
use common::error::Result;
use common::tenant::TenantId;
use sqlx::Row as _;
use sqlx::any::AnyRow;

use super::{Report, damaged};
use crate::reconciliation::{Gap, GapKind};

static INSERT_GAPS: InsertMany = InsertMany::new(
    "insert into orchestrator_gaps (tenant_id, reconciliation_id, number, kind, subject, workflow, detail, state)",
    8,
);

/// A gap as its row has it.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    pub(crate) number: i64,
    pub(crate) gap: Gap,
    /// found, repaired, failed
    pub(crate) state: String,
}

pub(super) async fn insert(at: (Dialect, &mut Tx), report: &Report, gaps: &[(i64, Gap)]) -> Result<()> {
    let bind = |query: AnyQuery, (number, gap): &(i64, Gap)| {
        query
            .bind(report.tenant.as_str().to_owned())
            .bind(report.id.clone())
            .bind(*number)
            .bind(gap.kind.as_str())
            .bind(gap.subject.clone())
            .bind(gap.workflow.clone())
            .bind(gap.detail.to_string())
            .bind("found")
    };
    INSERT_GAPS.execute(at, gaps, bind).await?;
    Ok(())
}

pub(super) async fn forget(tx: &mut Tx, tenant: &TenantId, id: &str) -> Result<()> {
    sqlx::query(
        "delete from orchestrator_gaps
        where tenant_id = $1 and reconciliation_id = $2",
    )
    .bind(tenant.as_str())
    .bind(id)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Which gaps of a report are read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reading<'a> {
    pub(crate) id: &'a str,
    /// Behind this number.
    pub(crate) behind: i64,
    /// Only those that nobody has repaired.
    pub(crate) only_open: bool,
}

/// What it has found, in that order.
pub(crate) async fn gaps(db: &Db, tenant: &TenantId, reading: Reading<'_>, limit: i64) -> Result<Vec<Found>> {
    let rows = sqlx::query(
        "select number, kind, subject, workflow, detail, state
        from orchestrator_gaps
        where tenant_id = $1 and reconciliation_id = $2 and number > $3 and ($4 = 0 or state <> 'repaired')
        order by number
        limit $5",
    )
    .bind(tenant.as_str())
    .bind(reading.id)
    .bind(reading.behind)
    .bind(i64::from(reading.only_open))
    .bind(limit)
    .fetch_all(db.read().await?)
    .await?;
    let found = |row: &AnyRow| -> Result<Found> {
        let kind: String = row.try_get("kind")?;
        let kind = GapKind::ALL.into_iter().find(|known| known.as_str() == kind);
        let gap = Gap {
            kind: kind.ok_or_else(|| damaged("an unknown gap"))?,
            subject: row.try_get("subject")?,
            workflow: row.try_get("workflow")?,
            detail: serde_json::from_str(row.try_get("detail")?).map_err(damaged)?,
        };
        Ok(Found { number: row.try_get("number")?, gap, state: row.try_get("state")? })
    };
    rows.iter().map(found).collect()
}

/// How many of each kind there are, and how many of them are repaired.
pub(crate) async fn counts(db: &Db, tenant: &TenantId, id: &str) -> Result<Vec<(String, String, i64)>> {
    let rows = sqlx::query(
        "select kind, state, count(*) as gaps
        from orchestrator_gaps
        where tenant_id = $1 and reconciliation_id = $2
        group by kind, state
        order by kind, state",
    )
    .bind(tenant.as_str())
    .bind(id)
    .fetch_all(db.read().await?)
    .await?;
    let counted = |row: &AnyRow| -> Result<(String, String, i64)> {
        Ok((row.try_get("kind")?, row.try_get("state")?, row.try_get("gaps")?))
    };
    rows.iter().map(counted).collect()
}

/// Notes what became of repairs.
pub(crate) async fn settle(db: &Db, tenant: &TenantId, id: &str, settled: &[(i64, &'static str)]) -> Result<()> {
    let mut tx = db.begin().await?;
    for (number, state) in settled {
        sqlx::query(
            "update orchestrator_gaps
            set state = $1
            where tenant_id = $2 and reconciliation_id = $3 and number = $4",
        )
        .bind(*state)
        .bind(tenant.as_str())
        .bind(id)
        .bind(*number)
        .execute(&mut *tx)
        .await?;
    }
    Ok(tx.commit().await?)
}
