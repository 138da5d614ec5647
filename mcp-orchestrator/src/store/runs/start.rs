//! Runs that are new.

use std::collections::HashSet;

use common::db::{AnyQuery, Dialect, InsertMany, Tx};
use common::error::Result;

use super::row::NewRow;
use super::{Effects, spelt};
use crate::store::run_key::{RunKey, run_key};

static INSERT: InsertMany = InsertMany::with_clause(
    "insert into orchestrator_runs (tenant_id, run_id, workflow, workflow_revision, started_by, input, acting,
        callback, parent_run_id, parent_wait_id, status, owner, revision, state, calls, outcome, created_ms,
        updated_ms, ended_ms)",
    19,
    " on conflict (tenant_id, run_id) do nothing returning tenant_id, run_id",
);

/// Inserts all of them; for each whether it was not there before.
pub(super) async fn write(at: (Dialect, &mut Tx), starts: &[(&NewRow, &Effects)]) -> Result<Vec<bool>> {
    let rows: Vec<&NewRow> = starts.iter().map(|(row, _)| *row).collect();
    let mut inserted = insert(at, &rows).await?;
    // Of two starts of one run in one commit, the first has made it.
    Ok(rows.iter().map(|row| inserted.remove(&row.key)).collect())
}

/// Inserts what is not there yet; returns what was not.
pub(super) async fn insert((dialect, tx): (Dialect, &mut Tx), rows: &[&NewRow]) -> Result<HashSet<RunKey>> {
    if rows.is_empty() {
        return Ok(HashSet::new());
    }
    let returned = INSERT.fetch((dialect, tx), rows, |query, row| bind(query, row)).await?;
    returned.iter().map(run_key).collect()
}

fn bind(query: AnyQuery, row: &NewRow) -> AnyQuery {
    let (parent_run, parent_wait) = row.parent.clone().map_or((None, None), |(run, wait)| (Some(run.0), Some(wait.0)));
    query
        .bind(row.key.tenant.as_str().to_owned())
        .bind(row.key.run_id.0.clone())
        .bind(row.workflow.clone())
        .bind(row.workflow_revision)
        .bind(row.started_by.clone())
        .bind(row.input.clone())
        .bind(row.acting.clone())
        .bind(row.callback.clone())
        .bind(parent_run)
        .bind(parent_wait)
        .bind(spelt(row.status))
        .bind(row.owner.clone())
        .bind(1_i64)
        .bind(row.state.clone())
        .bind(row.calls.clone())
        .bind(row.outcome.clone())
        .bind(row.created_ms)
        .bind(row.created_ms)
        .bind(row.ended_ms)
}
