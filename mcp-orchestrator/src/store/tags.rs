//! The rows of success tags.

use common::clock::UnixMillis;
use common::db::{AnyQuery, Db, Dialect, InsertMany, Tx};
use common::error::Result;
use common::tenant::TenantId;
use sqlx::Row as _;
use sqlx::any::AnyRow;

use super::runs::ended::EndedRun;
use super::ten_ids::{IDS_TOGETHER, bind_ids};
use crate::run::RunId;

static INSERT: InsertMany = InsertMany::with_clause(
    "insert into orchestrator_tags (tenant_id, run_id, workflow, started_by, ended_ms, state, attempts, again,
        due_ms)",
    9,
    "on conflict (tenant_id, run_id) do nothing",
);

/// A tag that is to be set.
#[derive(Debug, Clone)]
pub(crate) struct Pending {
    pub(crate) tenant: TenantId,
    pub(crate) run: RunId,
    pub(crate) workflow: String,
    pub(crate) started_by: String,
    pub(crate) ended_ms: UnixMillis,
    pub(crate) attempts: i64,
    /// How often it was to be set anew.
    pub(crate) again: i64,
    pub(crate) due_ms: UnixMillis,
}

/// What became of an attempt.
#[derive(Debug)]
pub(crate) enum Outcome {
    Done {
        contact: String,
        tag: String,
    },
    /// There is nobody to set one on.
    None,
    Later {
        due_ms: UnixMillis,
    },
    Failed,
}

/// Writes down that runs get a tag, each once.
pub(crate) async fn insert(at: (Dialect, &mut Tx), ended: &[&EndedRun]) -> Result<()> {
    INSERT.execute(at, ended, |query, end| bind(query, end)).await?;
    Ok(())
}

fn bind(query: AnyQuery, end: &EndedRun) -> AnyQuery {
    query
        .bind(end.tenant.as_str().to_owned())
        .bind(end.run_id.0.clone())
        .bind(end.workflow.clone())
        .bind(end.started_by.clone().unwrap_or_default())
        .bind(end.ended_ms)
        .bind("due")
        .bind(0_i64)
        .bind(0_i64)
        .bind(end.ended_ms)
}

/// What is due, of all tenants.
pub(crate) async fn due(db: &Db, now_ms: UnixMillis, limit: i64) -> Result<Vec<Pending>> {
    let rows = sqlx::query(
        "select tenant_id, run_id, workflow, started_by, ended_ms, attempts, again, due_ms
        from orchestrator_tags
        where state = 'due' and due_ms <= $1
        order by due_ms
        limit $2",
    )
    .bind(now_ms)
    .bind(limit)
    .fetch_all(db.read().await?)
    .await?;
    rows.iter().map(read).collect()
}

fn read(row: &AnyRow) -> Result<Pending> {
    Ok(Pending {
        tenant: row.try_get::<String, _>("tenant_id")?.parse()?,
        run: RunId(row.try_get("run_id")?),
        workflow: row.try_get("workflow")?,
        started_by: row.try_get("started_by")?,
        ended_ms: row.try_get("ended_ms")?,
        attempts: row.try_get("attempts")?,
        again: row.try_get("again")?,
        due_ms: row.try_get("due_ms")?,
    })
}

/// Takes one for a while. False: somebody else has.
pub(crate) async fn claim(db: &Db, due: &Pending, until_ms: UnixMillis) -> Result<bool> {
    let mut tx = db.begin().await?;
    let changed = sqlx::query(
        "update orchestrator_tags
        set due_ms = $1
        where tenant_id = $2 and run_id = $3 and state = 'due' and due_ms = $4",
    )
    .bind(until_ms)
    .bind(due.tenant.as_str())
    .bind(due.run.0.as_str())
    .bind(due.due_ms)
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(changed.rows_affected() == 1)
}

/// Notes what became of an attempt.
pub(crate) async fn settle(tx: &mut Tx, due: &Pending, outcome: &Outcome) -> Result<()> {
    let (state, due_ms, contact, tag) = match outcome {
        Outcome::Done { contact, tag } => ("done", 0, Some(contact.clone()), Some(tag.clone())),
        Outcome::None => ("none", 0, None, None),
        Outcome::Later { due_ms } => ("due", *due_ms, None, None),
        Outcome::Failed => ("failed", 0, None, None),
    };
    sqlx::query(
        "update orchestrator_tags
        set state = $1, due_ms = $2, attempts = attempts + 1, contact_id = $3, tag = $4
        where tenant_id = $5 and run_id = $6",
    )
    .bind(state)
    .bind(due_ms)
    .bind(contact)
    .bind(tag)
    .bind(due.tenant.as_str())
    .bind(due.run.0.as_str())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// The event that a run's key names: source and dedupe key.
pub(crate) async fn event_of_key(db: &Db, tenant: &TenantId, (source, key): (&str, &str)) -> Result<Option<String>> {
    let event_id = sqlx::query_scalar(
        "select event_id
        from orchestrator_events
        where tenant_id = $1 and source = $2 and dedupe_key = $3",
    )
    .bind(tenant.as_str())
    .bind(source)
    .bind(key)
    .fetch_optional(db.read().await?)
    .await?;
    Ok(event_id)
}

/// A tag of a run that ended within a span.
#[derive(Debug, Clone)]
pub(crate) struct Told {
    pub(crate) run: RunId,
    pub(crate) workflow: String,
    /// Absent where it could not be set.
    pub(crate) set: Option<(String, String)>,
}

/// Tags of runs that ended within a span and could not be set, behind a run, in the order of their runs.
pub(crate) async fn failed(
    db: &Db,
    tenant: &TenantId,
    (since_ms, until_ms): (UnixMillis, UnixMillis),
    (behind, limit): (&str, i64),
) -> Result<Vec<Told>> {
    let rows = sqlx::query(
        "select run_id, workflow, contact_id, tag
        from orchestrator_tags
        where tenant_id = $1 and ended_ms >= $2 and ended_ms < $3 and state = 'failed' and run_id > $4
        order by run_id
        limit $5",
    )
    .bind(tenant.as_str())
    .bind(since_ms)
    .bind(until_ms)
    .bind(behind)
    .bind(limit)
    .fetch_all(db.read().await?)
    .await?;
    rows.iter().map(told_of).collect()
}

/// Lets a tag be set once more. False: there is none of that run.
pub(crate) async fn again(db: &Db, tenant: &TenantId, run: &str, now_ms: UnixMillis) -> Result<bool> {
    let mut tx = db.begin().await?;
    let changed = sqlx::query(
        "update orchestrator_tags
        set state = 'due', attempts = 0, again = again + 1, due_ms = $1
        where tenant_id = $2 and run_id = $3",
    )
    .bind(now_ms)
    .bind(tenant.as_str())
    .bind(run)
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(changed.rows_affected() == 1)
}

/// Forgets tags of runs that ended before an instant, of all tenants. Returns how many.
pub(crate) async fn forget(db: &Db, before_ms: UnixMillis) -> Result<u64> {
    let mut tx = db.begin().await?;
    let forgotten = sqlx::query(
        "delete from orchestrator_tags
        where ended_ms < $1",
    )
    .bind(before_ms)
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(forgotten.rows_affected())
}

/// Tags that were set on some contacts by runs that ended within a span.
pub(crate) async fn set_on(
    db: &Db,
    tenant: &TenantId,
    (since_ms, until_ms): (UnixMillis, UnixMillis),
    contacts: &[&str],
) -> Result<Vec<Told>> {
    let mut set = Vec::new();
    for some in contacts.chunks(IDS_TOGETHER) {
        let query = sqlx::query(
            "select run_id, workflow, contact_id, tag, ended_ms
            from orchestrator_tags
            where tenant_id = $1 and contact_id in ($2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
                and state = 'done'",
        )
        .bind(tenant.as_str().to_owned());
        let rows = bind_ids(query, some).fetch_all(db.read().await?).await?;
        // Asked for in the statement, span or order would keep SQLite from the index of contacts.
        for row in &rows {
            if (since_ms..until_ms).contains(&row.try_get("ended_ms")?) {
                set.push(told_of(row)?);
            }
        }
    }
    Ok(set)
}

fn told_of(row: &AnyRow) -> Result<Told> {
    let (contact, tag): (Option<String>, Option<String>) = (row.try_get("contact_id")?, row.try_get("tag")?);
    Ok(Told { run: RunId(row.try_get("run_id")?), workflow: row.try_get("workflow")?, set: contact.zip(tag) })
}
