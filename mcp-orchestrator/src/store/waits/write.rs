//! Waits that begin, and those that are over.

use common::clock::UnixMillis;
use common::db::{Dialect, InsertMany, Tx};
use common::error::Result;

use super::{Awaited, Filter, WaitRow, approval_subject};
use crate::run::WaitId;
use crate::store::json::encoded;
use crate::store::run_key::RunKey;

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
