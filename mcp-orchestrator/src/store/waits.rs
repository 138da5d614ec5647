//! What runs wait for: rows with an index, that cost nothing until their time or their event comes.

use common::clock::UnixMillis;
use common::db::{Db, Dialect, InsertMany, Tx};
use common::error::Result;
use common::tenant::TenantId;
use serde::{Deserialize, Serialize};
use sqlx::Row;
use sqlx::any::AnyRow;

use super::json::{decoded, encoded};
use super::run_key::{RunKey, keyed, run_key};
use crate::interpreter::Ask;
use crate::interpreter::command::Listening;
use crate::run::{StepId, WaitId};
use crate::workflow::Pointer;

/// A filter that runs listen with, found by the kind of event before any run is looked at.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Filter {
    /// The kind of event, or `*` where that is not exact.
    pub(crate) event_kind: String,
    pub(crate) workflow: String,
    pub(crate) workflow_revision: i64,
    pub(crate) pointer: Pointer,
}

impl Filter {
    /// What the waits that listen with it are found by.
    fn subject(&self) -> String {
        format!("{}@{}{}", self.workflow, self.workflow_revision, self.pointer.0)
    }
}

/// Something that is waited for.
#[derive(Debug, Clone)]
pub(crate) struct WaitRow {
    pub(crate) wait_id: WaitId,
    pub(crate) due_ms: Option<UnixMillis>,
    pub(crate) what: Awaited,
}

/// What it is.
#[derive(Debug, Clone)]
pub(crate) enum Awaited {
    Time,
    Event { filter: Filter, listening: Listening },
    Approval(Approval),
}

/// A yes that is waited for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Approval {
    pub(crate) plan: String,
    /// The call whose plan it is; absent where a person is asked by a step of its own.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) step: Option<StepId>,
    /// What a person is asked by a step of its own.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) ask: Option<Ask>,
    pub(crate) since_ms: UnixMillis,
}

/// An approval of a run.
#[derive(Debug)]
pub(crate) struct AwaitedApproval {
    pub(crate) run: RunKey,
    pub(crate) wait_id: WaitId,
    pub(crate) approval: Approval,
}

/// A wait that listens.
#[derive(Debug)]
pub(crate) struct Listener {
    pub(crate) run: RunKey,
    pub(crate) wait_id: WaitId,
    pub(crate) listening: Listening,
}

/// The subject of an approval, which no filter's can be: workflows have no `:` in their names.
fn approval_subject(plan: &str) -> String {
    format!("approval:{plan}")
}

static INSERT: InsertMany = InsertMany::with_clause(
    "insert into orchestrator_waits (tenant_id, run_id, wait_id, kind, due_ms, subject, event_key, detail)",
    8,
    " on conflict (tenant_id, run_id, wait_id) do update
    set kind = excluded.kind, due_ms = excluded.due_ms, subject = excluded.subject, event_key = excluded.event_key,
        detail = excluded.detail",
);

static INSERT_FILTER: InsertMany = InsertMany::with_clause(
    "insert into orchestrator_filters (tenant_id, event_kind, workflow, workflow_revision, pointer)",
    5,
    " on conflict do nothing",
);

/// Writes down the waits of runs that have gone on, and with what they listen.
pub(crate) async fn begin(
    (dialect, tx): (Dialect, &mut Tx),
    waits: &[(&RunKey, &WaitRow)],
    mut filters: Vec<(&RunKey, &Filter)>,
) -> Result<()> {
    let mut rows = Vec::with_capacity(waits.len());
    for (key, wait) in waits {
        let detail = match &wait.what {
            Awaited::Time => String::new(),
            Awaited::Event { listening, .. } => encoded(listening)?,
            Awaited::Approval(approval) => encoded(approval)?,
        };
        rows.push((*key, *wait, detail));
    }
    // In one order, so that two processes do not wait for each other.
    filters.sort_by_key(|(key, filter)| (key.tenant.as_str(), filter.event_kind.as_str(), filter.subject()));
    INSERT_FILTER
        .execute((dialect, &mut *tx), &filters, |query, (key, filter)| {
            query
                .bind(key.tenant.as_str().to_owned())
                .bind(filter.event_kind.clone())
                .bind(filter.workflow.clone())
                .bind(filter.workflow_revision)
                .bind(filter.pointer.0.clone())
        })
        .await?;
    INSERT
        .execute((dialect, tx), &rows, |query, (key, wait, detail)| {
            let (kind, subject, event_key) = match &wait.what {
                Awaited::Time => ("timer", None, None),
                Awaited::Event { filter, listening } => ("event", Some(filter.subject()), listening.key.clone()),
                Awaited::Approval(approval) => ("approval", Some(approval_subject(&approval.plan)), None),
            };
            query
                .bind(key.tenant.as_str().to_owned())
                .bind(key.run_id.0.clone())
                .bind(wait.wait_id.0.clone())
                .bind(kind)
                .bind(wait.due_ms)
                .bind(subject)
                .bind(event_key)
                .bind(detail.clone())
        })
        .await?;
    Ok(())
}

/// Removes waits of a run that are over.
pub(crate) async fn forget(tx: &mut Tx, run: &RunKey, over: &[WaitId]) -> Result<()> {
    for wait in over {
        sqlx::query("delete from orchestrator_waits where tenant_id = $1 and run_id = $2 and wait_id = $3")
            .bind(run.tenant.as_str().to_owned())
            .bind(run.run_id.0.clone())
            .bind(wait.0.clone())
            .execute(&mut **tx)
            .await?;
    }
    Ok(())
}

/// Removes all waits of a run.
pub(crate) async fn clear(tx: &mut Tx, run: &RunKey) -> Result<()> {
    sqlx::query("delete from orchestrator_waits where tenant_id = $1 and run_id = $2")
        .bind(run.tenant.as_str().to_owned())
        .bind(run.run_id.0.clone())
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Looks at a wait again later.
pub(crate) async fn postpone(tx: &mut Tx, run: &RunKey, wait: &WaitId, due_ms: UnixMillis) -> Result<()> {
    sqlx::query(
        "update orchestrator_waits
        set due_ms = $4
        where tenant_id = $1 and run_id = $2 and wait_id = $3",
    )
    .bind(run.tenant.as_str().to_owned())
    .bind(run.run_id.0.clone())
    .bind(wait.0.clone())
    .bind(due_ms)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Runs that nobody or this worker has, with a timer whose time has come; each with whether nobody has it.
pub(crate) async fn due(db: &Db, worker: &str, (now_ms, limit): (UnixMillis, i64)) -> Result<Vec<(RunKey, bool)>> {
    let rows = sqlx::query(
        "select distinct runs.tenant_id, runs.run_id, runs.owner
        from orchestrator_waits waits
        join orchestrator_runs runs on runs.tenant_id = waits.tenant_id and runs.run_id = waits.run_id
        where waits.due_ms <= $2 and waits.kind = 'timer' and runs.status in ('running', 'waiting')
            and (runs.owner is null or runs.owner = $1)
        limit $3",
    )
    .bind(worker)
    .bind(now_ms)
    .bind(limit)
    .fetch_all(db.read().await?)
    .await?;
    rows.iter().map(keyed).collect()
}

/// The timers of one run whose time has come, in the order of their times.
pub(crate) async fn due_of(db: &Db, run: &RunKey, now_ms: UnixMillis) -> Result<Vec<WaitId>> {
    let rows = sqlx::query(
        "select wait_id
        from orchestrator_waits
        where tenant_id = $1 and run_id = $2 and kind = 'timer' and due_ms <= $3
        order by due_ms, wait_id",
    )
    .bind(run.tenant.as_str())
    .bind(run.run_id.0.as_str())
    .bind(now_ms)
    .fetch_all(db.read().await?)
    .await?;
    rows.iter().map(|row| Ok(WaitId(row.try_get("wait_id")?))).collect()
}

/// When the next wait is due after an instant.
pub(crate) async fn next_due_ms(db: &Db, after_ms: UnixMillis) -> Result<Option<UnixMillis>> {
    let next = sqlx::query_scalar(
        "select due_ms
        from orchestrator_waits
        where due_ms > $1
        order by due_ms
        limit 1",
    )
    .bind(after_ms)
    .fetch_optional(db.read().await?)
    .await?;
    Ok(next)
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

/// The filters that an event of this kind could fit.
pub(crate) async fn filters(db: &Db, tenant: &TenantId, event_kind: &str) -> Result<Vec<Filter>> {
    let rows = sqlx::query(
        "select event_kind, workflow, workflow_revision, pointer
        from orchestrator_filters
        where tenant_id = $1 and event_kind in ($2, '*')",
    )
    .bind(tenant.as_str())
    .bind(event_kind)
    .fetch_all(db.read().await?)
    .await?;
    let filter = |row: &AnyRow| {
        Ok(Filter {
            event_kind: row.try_get("event_kind")?,
            workflow: row.try_get("workflow")?,
            workflow_revision: row.try_get("workflow_revision")?,
            pointer: Pointer(row.try_get("pointer")?),
        })
    };
    rows.iter().map(filter).collect()
}

/// The waits that listen with a filter for a key, or for any, behind `after`; at most `limit`.
pub(crate) async fn listeners(
    db: &Db,
    tenant: &TenantId,
    (filter, key): (&Filter, Option<&str>),
    (after, limit): ((&str, &str), i64),
) -> Result<Vec<Listener>> {
    // Two arms, since an `or` would go through all that wait with the filter.
    let rows = sqlx::query(
        "select tenant_id, run_id, wait_id, detail
        from orchestrator_waits
        where tenant_id = $1 and subject = $2 and event_key = $3 and kind = 'event' and (run_id, wait_id) > ($4, $5)
        union all
        select tenant_id, run_id, wait_id, detail
        from orchestrator_waits
        where tenant_id = $1 and subject = $2 and event_key is null and kind = 'event' and (run_id, wait_id) > ($4, $5)
        order by run_id, wait_id
        limit $6",
    )
    .bind(tenant.as_str())
    .bind(filter.subject())
    .bind(key)
    .bind(after.0)
    .bind(after.1)
    .bind(limit)
    .fetch_all(db.read().await?)
    .await?;
    rows.iter().map(listener).collect()
}

/// What a run listens for.
pub(crate) async fn listeners_of(db: &Db, run: &RunKey) -> Result<Vec<Listener>> {
    let rows = sqlx::query(
        "select tenant_id, run_id, wait_id, detail
        from orchestrator_waits
        where tenant_id = $1 and run_id = $2 and kind = 'event'
        order by wait_id",
    )
    .bind(run.tenant.as_str())
    .bind(run.run_id.0.as_str())
    .fetch_all(db.read().await?)
    .await?;
    rows.iter().map(listener).collect()
}

fn listener(row: &AnyRow) -> Result<Listener> {
    Ok(Listener {
        run: run_key(row)?,
        wait_id: WaitId(row.try_get("wait_id")?),
        listening: decoded(row.try_get("detail")?)?,
    })
}
