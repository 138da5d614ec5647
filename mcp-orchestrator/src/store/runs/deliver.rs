//! What comes for one run from outside: kept once, and the run taken if nobody has it.

use common::clock::UnixMillis;
use common::db::{Dialect, Tx};
use common::error::Result;
use sqlx::{AssertSqlSafe, Row};

use super::row::{RunRow, columns, run_row, status_of};
use crate::run::RunStatus;
use crate::store::inputs::{self, Kept, KeptInput};
use crate::store::run_key::RunKey;

/// Something for one run.
#[derive(Debug)]
pub(crate) struct Delivery {
    pub(crate) run: RunKey,
    /// What it is the same by; empty: by the run's revision.
    pub(crate) input_id: String,
    pub(crate) kept: Kept,
    /// Whether it is for runs that have failed, or for those that go on.
    pub(crate) revives: bool,
    /// Who takes the run if nobody has it.
    pub(crate) worker: Option<String>,
    pub(crate) now_ms: UnixMillis,
}

/// What became of it.
#[derive(Debug)]
pub(crate) enum Delivered {
    /// The run is now the worker's that was named.
    Claimed(Box<RunRow>),
    /// Kept for the worker that has it; for any, if there is none.
    Kept,
    /// It came before.
    Known,
    NoSuchRun,
    /// The run is not one that takes it.
    Unfit(RunStatus),
}

const STANDING: &str = "select status, owner, revision
    from orchestrator_runs
    where tenant_id = $1 and run_id = $2";

const TAKE: &str = concat!(
    "update orchestrator_runs
    set owner = $3, revision = revision + 1, status = 'running', outcome = null, ended_ms = null
    where tenant_id = $1 and run_id = $2 and owner is null
    returning ",
    columns!()
);

pub(super) async fn write((dialect, tx): (Dialect, &mut Tx), delivery: &Delivery) -> Result<Delivered> {
    let lock = match dialect {
        Dialect::Sqlite => "",
        Dialect::Postgres => " for update",
    };
    // Safe to assert: both of its parts are constants.
    let standing = sqlx::query(AssertSqlSafe(format!("{STANDING}{lock}")))
        .bind(delivery.run.tenant.as_str().to_owned())
        .bind(delivery.run.run_id.0.clone())
        .fetch_optional(&mut **tx)
        .await?;
    let Some(standing) = standing else { return Ok(Delivered::NoSuchRun) };
    let status = status_of(standing.try_get("status")?)?;
    let owner: Option<String> = standing.try_get("owner")?;
    let revision: i64 = standing.try_get("revision")?;
    let is_fit = match status {
        RunStatus::Running | RunStatus::Waiting => !delivery.revives,
        RunStatus::Failed => delivery.revives,
        RunStatus::Completed | RunStatus::Cancelled => false,
    };
    if !is_fit {
        return Ok(Delivered::Unfit(status));
    }
    let input_id =
        if delivery.input_id.is_empty() { format!("revision.{revision}") } else { delivery.input_id.clone() };
    let input =
        KeptInput { run: delivery.run.clone(), input_id, kept: delivery.kept.clone(), received_ms: delivery.now_ms };
    if delivery.revives {
        inputs::forget_cancelling(tx, &delivery.run).await?;
    }
    if !inputs::add_one((dialect, tx), &input).await? {
        return Ok(Delivered::Known);
    }
    if owner.is_some() {
        return Ok(Delivered::Kept);
    }
    let taken = sqlx::query(TAKE)
        .bind(delivery.run.tenant.as_str().to_owned())
        .bind(delivery.run.run_id.0.clone())
        .bind(delivery.worker.clone())
        .fetch_one(&mut **tx)
        .await?;
    match delivery.worker {
        Some(_) => Ok(Delivered::Claimed(Box::new(run_row(&taken)?))),
        None => Ok(Delivered::Kept),
    }
}
