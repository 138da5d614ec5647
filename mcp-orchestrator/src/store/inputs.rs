//! What has come for runs from outside.

use common::clock::UnixMillis;
use common::db::{AnyQuery, Db, Dialect, InsertMany, Tx};
use common::error::Result;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sqlx::Row;

use super::json::{decoded, encoded};
use super::run_key::{RunKey, keyed};
use crate::interpreter::Input;
use crate::run::{StepId, WaitId};

/// What has come, in the form that it is kept in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kept {
    /// An event, and the waits that it fits.
    Event {
        waits: Vec<WaitId>,
        event: Value,
    },
    /// Somebody has said yes or no to a call's plan.
    Decided {
        step: StepId,
        plan: String,
        verdict: Verdict,
    },
    Input(Input),
}

/// What became of a call's plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Verdict {
    /// The call is made again, with the plan.
    Go,
    /// The plan is over: the call is made again without one, and asks again.
    Anew,
    /// Nothing is called.
    No { by: String },
}

/// One of them.
#[derive(Debug, Clone)]
pub(crate) struct KeptInput {
    pub(crate) run: RunKey,
    pub(crate) input_id: String,
    pub(crate) kept: Kept,
    pub(crate) received_ms: UnixMillis,
}

/// Most inputs that a run takes from its rows at a time.
const TAKEN_MAX: i64 = 64;

static INSERT: InsertMany = InsertMany::with_clause(
    "insert into orchestrator_inputs (tenant_id, run_id, input_id, input, received_ms, is_consumed)",
    6,
    " on conflict (tenant_id, run_id, input_id) do nothing",
);

static INSERT_ONE: InsertMany = InsertMany::with_clause(
    "insert into orchestrator_inputs (tenant_id, run_id, input_id, input, received_ms, is_consumed)",
    6,
    " on conflict (tenant_id, run_id, input_id) do nothing returning run_id",
);

/// Keeps all of them that are not known yet.
pub(crate) async fn add(at: (Dialect, &mut Tx), inputs: &[KeptInput]) -> Result<()> {
    let rows = written(inputs)?;
    INSERT.execute(at, &rows, |query, (input, text)| bind(query, input, text)).await?;
    Ok(())
}

/// Keeps one; false if it is known.
pub(crate) async fn add_one(at: (Dialect, &mut Tx), input: &KeptInput) -> Result<bool> {
    let rows = written(std::slice::from_ref(input))?;
    let returned = INSERT_ONE.fetch(at, &rows, |query, (input, text)| bind(query, input, text)).await?;
    Ok(!returned.is_empty())
}

fn written(inputs: &[KeptInput]) -> Result<Vec<(&KeptInput, String)>> {
    inputs.iter().map(|input| Ok((input, encoded(&input.kept)?))).collect()
}

fn bind(query: AnyQuery, input: &KeptInput, text: &str) -> AnyQuery {
    query
        .bind(input.run.tenant.as_str().to_owned())
        .bind(input.run.run_id.0.clone())
        .bind(input.input_id.clone())
        .bind(text.to_owned())
        .bind(input.received_ms)
        .bind(0_i64)
}

/// What a cancelling is known by.
pub(crate) const CANCEL: &str = "cancel";

/// A run that goes on after all may be cancelled again.
pub(crate) async fn forget_cancelling(tx: &mut Tx, run: &RunKey) -> Result<()> {
    sqlx::query("delete from orchestrator_inputs where tenant_id = $1 and run_id = $2 and input_id = $3")
        .bind(run.tenant.as_str().to_owned())
        .bind(run.run_id.0.clone())
        .bind(CANCEL)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Marks what a run has gone on with.
pub(crate) async fn consume(tx: &mut Tx, run: &RunKey, input_ids: &[String]) -> Result<()> {
    for input_id in input_ids {
        sqlx::query(
            "update orchestrator_inputs
            set is_consumed = 1
            where tenant_id = $1 and run_id = $2 and input_id = $3",
        )
        .bind(run.tenant.as_str().to_owned())
        .bind(run.run_id.0.clone())
        .bind(input_id.clone())
        .execute(&mut **tx)
        .await?;
    }
    Ok(())
}

/// Forgets what had come for a wait that was over by then: a later one may take it.
pub(crate) async fn release(tx: &mut Tx, run: &RunKey, input_ids: &[String]) -> Result<()> {
    for input_id in input_ids {
        sqlx::query("delete from orchestrator_inputs where tenant_id = $1 and run_id = $2 and input_id = $3")
            .bind(run.tenant.as_str().to_owned())
            .bind(run.run_id.0.clone())
            .bind(input_id.clone())
            .execute(&mut **tx)
            .await?;
    }
    Ok(())
}

/// Forgets all that has come for a run.
pub(crate) async fn clear(tx: &mut Tx, run: &RunKey) -> Result<()> {
    sqlx::query("delete from orchestrator_inputs where tenant_id = $1 and run_id = $2")
        .bind(run.tenant.as_str().to_owned())
        .bind(run.run_id.0.clone())
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// What a run has not gone on with yet, in the order in which it came.
pub(crate) async fn open(db: &Db, run: &RunKey) -> Result<Vec<(String, Kept)>> {
    let rows = sqlx::query(
        "select input_id, input
        from orchestrator_inputs
        where tenant_id = $1 and run_id = $2 and is_consumed = 0
        order by received_ms, input_id
        limit $3",
    )
    .bind(run.tenant.as_str())
    .bind(run.run_id.0.as_str())
    .bind(TAKEN_MAX)
    .fetch_all(db.read().await?)
    .await?;
    rows.iter().map(|row| Ok((row.try_get("input_id")?, decoded(row.try_get("input")?)?))).collect()
}

/// What has come for a run under an id.
pub(crate) async fn find(db: &Db, run: &RunKey, input_id: &str) -> Result<Option<Kept>> {
    let input: Option<String> = sqlx::query_scalar(
        "select input
        from orchestrator_inputs
        where tenant_id = $1 and run_id = $2 and input_id = $3",
    )
    .bind(run.tenant.as_str())
    .bind(run.run_id.0.as_str())
    .bind(input_id)
    .fetch_optional(db.read().await?)
    .await?;
    input.as_deref().map(decoded).transpose()
}

/// Whether this has come for the run already.
pub(crate) async fn is_known(db: &Db, run: &RunKey, input_id: &str) -> Result<bool> {
    let known = sqlx::query(
        "select input_id
        from orchestrator_inputs
        where tenant_id = $1 and run_id = $2 and input_id = $3",
    )
    .bind(run.tenant.as_str())
    .bind(run.run_id.0.as_str())
    .bind(input_id)
    .fetch_optional(db.read().await?)
    .await?;
    Ok(known.is_some())
}

/// Runs that nobody or this worker has and for which something has come, each with whether nobody has it.
pub(crate) async fn arrived(db: &Db, worker: &str, limit: i64) -> Result<Vec<(RunKey, bool)>> {
    let rows = sqlx::query(
        "select distinct runs.tenant_id, runs.run_id, runs.owner
        from orchestrator_inputs inputs
        join orchestrator_runs runs on runs.tenant_id = inputs.tenant_id and runs.run_id = inputs.run_id
        where inputs.is_consumed = 0 and runs.status in ('running', 'waiting')
            and (runs.owner is null or runs.owner = $1)
        limit $2",
    )
    .bind(worker)
    .bind(limit)
    .fetch_all(db.read().await?)
    .await?;
    rows.iter().map(keyed).collect()
}
