//! Runs that have gone on, and everything that is committed with that.

use std::collections::HashSet;

use common::clock::UnixMillis;
use common::db::{AnyQuery, Dialect, InsertMany, Tx};
use common::error::Result;

use super::ended::{EndedHooks, EndedRun};
use super::row::NewRow;
use super::{Change, spelt, start};
use crate::event::Arrival;
use crate::failure::Failed;
use crate::interpreter::{Ending, Note};
use crate::run::{RunStatus, WaitId};
use crate::store::inputs::{self, Kept, KeptInput};
use crate::store::run_key::{RunKey, run_key};
use crate::store::waits::{Filter, WaitRow};
use crate::store::{events, failures, steps, waits};

/// Where a run stands after something has happened to it.
#[derive(Debug)]
pub(crate) struct Advanced {
    pub(crate) key: RunKey,
    /// The worker that has it, and the revision that it read.
    pub(crate) held: (String, i64),
    /// Who has it from here on.
    pub(crate) owner: Option<String>,
    pub(crate) status: RunStatus,
    /// Absent: as it was.
    pub(crate) state: Option<String>,
    pub(crate) calls: String,
    pub(crate) outcome: Option<String>,
    pub(crate) updated_ms: UnixMillis,
    pub(crate) ended_ms: Option<UnixMillis>,
    pub(crate) effects: Effects,
}

/// What is committed with a run.
#[derive(Debug, Default)]
pub(crate) struct Effects {
    pub(crate) notes: Vec<Note>,
    pub(crate) begun: Vec<WaitRow>,
    pub(crate) filters: Vec<Filter>,
    /// Waits that are over.
    pub(crate) over: Vec<WaitId>,
    pub(crate) children: Vec<NewRow>,
    /// Events of the run's own making.
    pub(crate) emitted: Vec<Arrival>,
    pub(crate) consumed: Vec<String>,
    /// What had come for a wait that was over by then: a later one may take it.
    pub(crate) released: Vec<String>,
    /// What came of the commit itself for this run.
    pub(crate) added: Vec<(String, Kept)>,
    /// What the run that waits for this one is told: its run, what that is the same by, and the outcome.
    pub(crate) told: Option<(RunKey, String, Kept)>,
    pub(crate) ended: Option<EndedRun>,
    /// Nothing is waited for any more.
    pub(crate) clears_waits: bool,
    /// Nothing can come any more.
    pub(crate) clears_inputs: bool,
}

// `is not distinct from`, so that PostgreSQL finds the rows by their key: by the owner it would find all of a worker's,
// with every dead version of them.
static UPDATE: InsertMany = InsertMany::with_clause(
    "with changed (of_tenant, of_run, held_by, held_at, owned_by, to_status, to_state, to_calls, to_outcome, at_ms,
        end_ms) as (",
    11,
    ") update orchestrator_runs
    set owner = changed.owned_by, revision = held_at + 1, status = to_status, state = coalesce(to_state, state),
        calls = to_calls, outcome = to_outcome, updated_ms = at_ms, ended_ms = end_ms
    from changed
    where tenant_id = of_tenant and run_id = of_run and owner is not distinct from held_by and revision = held_at
    returning tenant_id, run_id",
);

/// Updates all of them; for each whether it still was its writer's.
pub(super) async fn write((dialect, tx): (Dialect, &mut Tx), advances: &[&Advanced]) -> Result<Vec<bool>> {
    if advances.is_empty() {
        return Ok(Vec::new());
    }
    let returned = UPDATE.fetch((dialect, tx), advances, |query, advanced| bind(query, advanced)).await?;
    let written = returned.iter().map(run_key).collect::<Result<HashSet<_>>>()?;
    Ok(advances.iter().map(|advanced| written.contains(&advanced.key)).collect())
}

fn bind(query: AnyQuery, advanced: &Advanced) -> AnyQuery {
    query
        .bind(advanced.key.tenant.as_str().to_owned())
        .bind(advanced.key.run_id.0.clone())
        .bind(advanced.held.0.clone())
        .bind(advanced.held.1)
        .bind(advanced.owner.clone())
        .bind(spelt(advanced.status))
        .bind(advanced.state.clone())
        .bind(advanced.calls.clone())
        .bind(advanced.outcome.clone())
        .bind(advanced.updated_ms)
        .bind(advanced.ended_ms)
}

/// Does everything that goes with those that were written, and nothing of the others.
pub(super) async fn follow(
    hooks: &EndedHooks,
    (dialect, tx): (Dialect, &mut Tx),
    changes: &[Change],
    (started, advanced): (&[bool], &[bool]),
) -> Result<()> {
    let (mut started, mut advanced) = (started.iter(), advanced.iter());
    let mut written: Vec<(&RunKey, &Effects, UnixMillis)> = Vec::with_capacity(changes.len());
    for change in changes {
        match change {
            Change::Start(row, effects) if started.next() == Some(&true) => {
                written.push((&row.key, effects, row.created_ms));
            }
            Change::Advance(to) if advanced.next() == Some(&true) => {
                written.push((&to.key, &to.effects, to.updated_ms));
            }
            _ => {}
        }
    }
    if written.is_empty() {
        return Ok(());
    }
    steps::write((dialect, tx), flat(&written, |effects| &effects.notes)).await?;
    for (key, effects, _) in &written {
        note_exhausted(tx, key, effects).await?;
    }
    for (key, effects, _) in &written {
        waits::forget(tx, key, &effects.over).await?;
        if effects.clears_waits {
            waits::clear(tx, key).await?;
        }
    }
    let begun = flat(&written, |effects| &effects.begun);
    waits::begin((dialect, tx), &begun, flat(&written, |effects| &effects.filters)).await?;
    emit((dialect, tx), &written).await?;
    for (key, effects, _) in &written {
        inputs::consume(tx, key, &effects.consumed).await?;
        inputs::release(tx, key, &effects.released).await?;
        if effects.clears_inputs {
            inputs::clear(tx, key).await?;
        }
    }
    inputs::add((dialect, tx), &arriving(&written)).await?;
    let children: Vec<&NewRow> = written.iter().flat_map(|(_, effects, _)| &effects.children).collect();
    start::insert((dialect, tx), &children).await?;
    let ended: Vec<EndedRun> = written.iter().filter_map(|(_, effects, _)| effects.ended.clone()).collect();
    hooks.keep((dialect, tx), &ended).await
}

/// A step that was tried in vain as often as it may be is a failure, though its run goes on.
async fn note_exhausted(tx: &mut Tx, key: &RunKey, effects: &Effects) -> Result<()> {
    let has_failed = effects.ended.as_ref().is_some_and(|ended| matches!(ended.ending, Ending::Failed { .. }));
    let Some(note) = Failed::exhausted(&effects.notes).filter(|_| !has_failed) else { return Ok(()) };
    let workflow = workflow_of(tx, key).await?;
    match Failed::of_step(&key.run_id, &workflow, note) {
        Some(failed) => failures::note(tx, &key.tenant, &failed).await,
        None => Ok(()),
    }
}

async fn workflow_of(tx: &mut Tx, key: &RunKey) -> Result<String> {
    let workflow = sqlx::query_scalar(
        "select workflow
        from orchestrator_runs
        where tenant_id = $1 and run_id = $2",
    )
    .bind(key.tenant.as_str())
    .bind(key.run_id.0.as_str())
    .fetch_one(&mut **tx)
    .await?;
    Ok(workflow)
}

fn flat<'a, T>(
    written: &[(&'a RunKey, &'a Effects, UnixMillis)],
    of: impl Fn(&'a Effects) -> &'a Vec<T>,
) -> Vec<(&'a RunKey, &'a T)> {
    written.iter().flat_map(|(key, effects, _)| of(effects).iter().map(|each| (*key, each))).collect()
}

async fn emit((dialect, tx): (Dialect, &mut Tx), written: &[(&RunKey, &Effects, UnixMillis)]) -> Result<()> {
    let arrivals: Vec<Arrival> = written.iter().flat_map(|(_, effects, _)| &effects.emitted).cloned().collect();
    if !arrivals.is_empty() {
        events::insert(dialect, tx, &arrivals).await?;
    }
    Ok(())
}

/// What these commits bring for runs: what came of the commit itself, and the outcome for whoever waits for it.
fn arriving(written: &[(&RunKey, &Effects, UnixMillis)]) -> Vec<KeptInput> {
    let mut arriving = Vec::new();
    for (key, effects, received_ms) in written {
        let own = effects.added.iter().map(|(input_id, kept)| ((*key).clone(), input_id, kept));
        let of_parent = effects.told.iter().map(|(run, input_id, kept)| (run.clone(), input_id, kept));
        arriving.extend(own.chain(of_parent).map(|(run, input_id, kept)| KeptInput {
            run,
            input_id: input_id.clone(),
            kept: kept.clone(),
            received_ms: *received_ms,
        }));
    }
    arriving
}
