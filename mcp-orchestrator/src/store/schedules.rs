//! The rows of schedules.

use common::auth::Acting;
use common::clock::UnixMillis;
use common::db::{Db, Tx};
use common::error::{Error, Result};
use common::tenant::TenantId;
use sqlx::Row as _;
use sqlx::any::AnyRow;

/// A schedule as its row has it.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) tenant: TenantId,
    pub(crate) workflow: String,
    /// Its place among the workflow's schedules.
    pub(crate) number: i64,
    pub(crate) revision: i64,
    pub(crate) timing: Timing,
    pub(crate) since_ms: UnixMillis,
    pub(crate) acting: Acting,
    pub(crate) next_due_ms: Option<UnixMillis>,
    pub(crate) last_due_ms: Option<UnixMillis>,
}

/// When it is due, as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Timing {
    Cron { expression: String, zone: Option<String> },
    Every { span_ms: i64 },
}

impl Row {
    fn read(row: &AnyRow) -> Result<Self> {
        let (cron, every_ms): (Option<String>, Option<i64>) = (row.try_get("cron")?, row.try_get("every_ms")?);
        let timing = match (cron, every_ms) {
            (Some(expression), _) => Timing::Cron { expression, zone: row.try_get("zone")? },
            (None, Some(span_ms)) => Timing::Every { span_ms },
            (None, None) => return Err(damaged("neither cron nor span")),
        };
        Ok(Self {
            tenant: row.try_get::<String, _>("tenant_id")?.parse()?,
            workflow: row.try_get("workflow")?,
            number: row.try_get("number")?,
            revision: row.try_get("revision")?,
            timing,
            since_ms: row.try_get("since_ms")?,
            acting: serde_json::from_str(row.try_get("acting")?).map_err(damaged)?,
            next_due_ms: row.try_get("next_due_ms")?,
            last_due_ms: row.try_get("last_due_ms")?,
        })
    }
}

fn damaged(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::internal("a stored schedule is damaged", source)
}

/// Those of a workflow, in their order.
pub(crate) async fn of_workflow(tx: &mut Tx, tenant: &TenantId, workflow: &str) -> Result<Vec<Row>> {
    let rows = sqlx::query(
        "select tenant_id, workflow, number, revision, cron, zone, every_ms, since_ms, acting, next_due_ms, last_due_ms
        from orchestrator_schedules
        where tenant_id = $1 and workflow = $2
        order by number",
    )
    .bind(tenant.as_str())
    .bind(workflow)
    .fetch_all(&mut **tx)
    .await?;
    rows.iter().map(Row::read).collect()
}

/// Removes those of a workflow.
pub(crate) async fn remove(tx: &mut Tx, tenant: &TenantId, workflow: &str) -> Result<()> {
    sqlx::query(
        "delete from orchestrator_schedules
        where tenant_id = $1 and workflow = $2",
    )
    .bind(tenant.as_str())
    .bind(workflow)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Adds one.
pub(crate) async fn insert(tx: &mut Tx, row: &Row) -> Result<()> {
    let acting = serde_json::to_string(&row.acting)
        .map_err(|source| Error::internal("a schedule could not be written down", source))?;
    let (cron, zone, every_ms) = match &row.timing {
        Timing::Cron { expression, zone } => (Some(expression.clone()), zone.clone(), None),
        Timing::Every { span_ms } => (None, None, Some(*span_ms)),
    };
    sqlx::query(
        "insert into orchestrator_schedules (tenant_id, workflow, number, revision, cron, zone, every_ms, since_ms, acting,
            next_due_ms, last_due_ms)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
    )
    .bind(row.tenant.as_str())
    .bind(row.workflow.as_str())
    .bind(row.number)
    .bind(row.revision)
    .bind(cron)
    .bind(zone)
    .bind(every_ms)
    .bind(row.since_ms)
    .bind(acting)
    .bind(row.next_due_ms)
    .bind(row.last_due_ms)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// What is due, of all tenants, longest due first.
pub(crate) async fn due(db: &Db, now_ms: UnixMillis, limit: i64) -> Result<Vec<Row>> {
    let rows = sqlx::query(
        "select tenant_id, workflow, number, revision, cron, zone, every_ms, since_ms, acting, next_due_ms, last_due_ms
        from orchestrator_schedules
        where next_due_ms is not null and next_due_ms <= $1
        order by next_due_ms
        limit $2",
    )
    .bind(now_ms)
    .bind(limit)
    .fetch_all(db.read().await?)
    .await?;
    rows.iter().map(Row::read).collect()
}

/// When a workflow is due next.
pub(crate) async fn next_due_of(db: &Db, tenant: &TenantId, workflow: &str) -> Result<Option<UnixMillis>> {
    let next = sqlx::query_scalar(
        "select min(next_due_ms)
        from orchestrator_schedules
        where tenant_id = $1 and workflow = $2 and next_due_ms is not null",
    )
    .bind(tenant.as_str())
    .bind(workflow)
    .fetch_one(db.read().await?)
    .await?;
    Ok(next)
}

/// When something is due next.
pub(crate) async fn next_due(db: &Db) -> Result<Option<UnixMillis>> {
    let next = sqlx::query_scalar(
        "select min(next_due_ms)
        from orchestrator_schedules
        where next_due_ms is not null",
    )
    .fetch_one(db.read().await?)
    .await?;
    Ok(next)
}

/// Moves one to its next time, unless somebody else has. Returns whether it did.
pub(crate) async fn advance(
    db: &Db,
    row: &Row,
    (next_ms, started_ms): (Option<UnixMillis>, Option<UnixMillis>),
) -> Result<bool> {
    let mut tx = db.begin().await?;
    let changed = sqlx::query(
        "update orchestrator_schedules
        set next_due_ms = $1, last_due_ms = coalesce($2, last_due_ms)
        where tenant_id = $3 and workflow = $4 and number = $5 and next_due_ms = $6",
    )
    .bind(next_ms)
    .bind(started_ms)
    .bind(row.tenant.as_str())
    .bind(row.workflow.as_str())
    .bind(row.number)
    .bind(row.next_due_ms)
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(changed.rows_affected() == 1)
}
