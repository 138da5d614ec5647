//! The rows of failures.

use common::clock::UnixMillis;
use common::db::{AnyQuery, Db, Dialect, InsertMany, Tx};
use common::error::{Error, Result};
use common::tenant::TenantId;
use sqlx::Row as _;
use sqlx::any::AnyRow;

use crate::failure::{Failed, FailureKind, FailureState};

static CLOSE: InsertMany = InsertMany::with_clause(
    "with closed (of_tenant, of_failure, to_state) as (",
    3,
    ") update orchestrator_failures
    set state = to_state
    from closed
    where tenant_id = of_tenant and failure_id = of_failure and state in ('open', 'retried')",
);

/// Writes a failure down; what has failed before is the same row, open again.
pub(crate) async fn note(tx: &mut Tx, tenant: &TenantId, failed: &Failed) -> Result<()> {
    sqlx::query(
        "insert into orchestrator_failures (tenant_id, failure_id, kind, subject, workflow, run_id, step, fingerprint, code,
            reason, next_step, attempts, first_ms, last_ms, state)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13, $14)
        on conflict (tenant_id, failure_id) do update
        set step = excluded.step, fingerprint = excluded.fingerprint, code = excluded.code, reason = excluded.reason,
            next_step = excluded.next_step, attempts = orchestrator_failures.attempts + excluded.attempts,
            last_ms = excluded.last_ms, state = excluded.state",
    )
    .bind(tenant.as_str())
    .bind(failed.id())
    .bind(failed.kind.as_str())
    .bind(failed.subject.as_str())
    .bind(failed.workflow.clone())
    .bind(failed.run.as_ref().map(|run| run.0.clone()))
    .bind(failed.step.as_ref().map(|step| step.0.clone()))
    .bind(failed.fingerprint())
    .bind(failed.code.as_str())
    .bind(failed.reason.as_str())
    .bind(failed.next_step.as_str())
    .bind(failed.attempts)
    .bind(failed.at_ms)
    .bind(failed.state.as_str())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Marks failures that are not done with. What is not among them is left alone.
pub(crate) async fn close(
    at: (Dialect, &mut Tx),
    tenant: &TenantId,
    ids: &[String],
    state: FailureState,
) -> Result<u64> {
    let bind =
        |query: AnyQuery, id: &String| query.bind(tenant.as_str().to_owned()).bind(id.clone()).bind(state.as_str());
    Ok(CLOSE.execute(at, ids, bind).await?)
}

/// How many of a cause are open.
pub(crate) async fn open_of(tx: &mut Tx, tenant: &TenantId, fingerprint: &str) -> Result<i64> {
    let count = sqlx::query_scalar(
        "select count(*)
        from orchestrator_failures
        where tenant_id = $1 and state = 'open' and fingerprint = $2",
    )
    .bind(tenant.as_str())
    .bind(fingerprint)
    .fetch_one(&mut **tx)
    .await?;
    Ok(count)
}

/// Which failures are meant; everything given must hold.
#[derive(Debug, Clone)]
pub(crate) struct Filter {
    pub(crate) state: FailureState,
    pub(crate) kind: Option<FailureKind>,
    pub(crate) workflow: Option<String>,
    pub(crate) fingerprint: Option<String>,
    /// Only those behind this one: when it last happened, and its fingerprint or id.
    pub(crate) behind: Option<(UnixMillis, String)>,
}

/// Failures of one cause.
#[derive(Debug, Clone)]
pub(crate) struct Group {
    pub(crate) fingerprint: String,
    pub(crate) count: i64,
    pub(crate) attempts: i64,
    pub(crate) first_ms: UnixMillis,
    pub(crate) last_ms: UnixMillis,
}

/// A failure as its row has it.
#[derive(Debug, Clone)]
pub(crate) struct Stored {
    pub(crate) failure_id: String,
    pub(crate) first_ms: UnixMillis,
    pub(crate) failed: Failed,
}

impl Stored {
    fn read(row: &AnyRow) -> Result<Self> {
        let (kind, state): (String, String) = (row.try_get("kind")?, row.try_get("state")?);
        let kind = FailureKind::ALL.into_iter().find(|known| known.as_str() == kind);
        let state = FailureState::ALL.into_iter().find(|known| known.as_str() == state);
        Ok(Self {
            failure_id: row.try_get("failure_id")?,
            first_ms: row.try_get("first_ms")?,
            failed: Failed {
                kind: kind.ok_or_else(damaged)?,
                subject: row.try_get("subject")?,
                workflow: row.try_get("workflow")?,
                run: row.try_get::<Option<String>, _>("run_id")?.map(crate::run::RunId),
                step: row.try_get::<Option<String>, _>("step")?.map(crate::workflow::Pointer),
                code: row.try_get("code")?,
                reason: row.try_get("reason")?,
                next_step: row.try_get("next_step")?,
                attempts: row.try_get("attempts")?,
                state: state.ok_or_else(damaged)?,
                at_ms: row.try_get("last_ms")?,
            },
        })
    }
}

fn damaged() -> Error {
    Error::internal("a stored failure is damaged", "an unknown kind or state")
}

/// Causes, those that happened last first.
pub(crate) async fn groups(db: &Db, tenant: &TenantId, filter: &Filter, limit: i64) -> Result<Vec<Group>> {
    let query = sqlx::query(
        "select fingerprint, count(*) as failures, cast(sum(attempts) as bigint) as attempts, min(first_ms) as first_ms,
            max(last_ms) as last_ms
        from orchestrator_failures
        where tenant_id = $1 and state = $2 and ($3 = '' or kind = $3) and ($4 = '' or workflow = $4)
            and ($5 = '' or fingerprint = $5)
        group by fingerprint
        having max(last_ms) < $6 or (max(last_ms) = $6 and fingerprint > $7)
        order by max(last_ms) desc, fingerprint
        limit $8",
    );
    let rows = meant(query, tenant, filter).bind(limit).fetch_all(db.read().await?).await?;
    let read = |row: &AnyRow| -> Result<Group> {
        Ok(Group {
            fingerprint: row.try_get("fingerprint")?,
            count: row.try_get("failures")?,
            attempts: row.try_get("attempts")?,
            first_ms: row.try_get("first_ms")?,
            last_ms: row.try_get("last_ms")?,
        })
    };
    rows.iter().map(read).collect()
}

/// Binds what is meant, `$1` to `$7`. What is absent is given as empty text, which none of it is.
fn meant(query: AnyQuery, tenant: &TenantId, filter: &Filter) -> AnyQuery {
    let (behind_ms, behind) = filter.behind.clone().unwrap_or((UnixMillis::MAX, String::new()));
    query
        .bind(tenant.as_str().to_owned())
        .bind(filter.state.as_str())
        .bind(filter.kind.map_or("", FailureKind::as_str))
        .bind(filter.workflow.clone().unwrap_or_default())
        .bind(filter.fingerprint.clone().unwrap_or_default())
        .bind(behind_ms)
        .bind(behind)
}

/// Failures one by one, those that happened last first.
pub(crate) async fn list(db: &Db, tenant: &TenantId, filter: &Filter, limit: i64) -> Result<Vec<Stored>> {
    let query = sqlx::query(
        "select failure_id, kind, subject, workflow, run_id, step, code, reason, next_step, attempts, first_ms, last_ms, state
        from orchestrator_failures
        where tenant_id = $1 and state = $2 and ($3 = '' or kind = $3) and ($4 = '' or workflow = $4)
            and ($5 = '' or fingerprint = $5) and (last_ms < $6 or (last_ms = $6 and failure_id > $7))
        order by last_ms desc, failure_id
        limit $8",
    );
    let rows = meant(query, tenant, filter).bind(limit).fetch_all(db.read().await?).await?;
    rows.iter().map(Stored::read).collect()
}

/// Forgets failures that last happened before an instant, of all tenants, at most 10,000 at once. Returns how many.
pub(crate) async fn forget(db: &Db, before_ms: UnixMillis) -> Result<u64> {
    let mut tx = db.begin().await?;
    let forgotten = sqlx::query(
        "delete from orchestrator_failures
        where last_ms < $1 and last_ms <= (
            select coalesce(max(last_ms), 0) from (
                select last_ms
                from orchestrator_failures
                where last_ms < $1
                order by last_ms
                limit 10000
            ) as oldest
        )",
    )
    .bind(before_ms)
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(forgotten.rows_affected())
}
