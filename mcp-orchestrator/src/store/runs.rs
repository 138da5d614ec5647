//! The run store: each thing that happens to runs is one [`Change`], and many of them are one commit.

mod advance;
mod claim;
mod deliver;
pub(crate) mod ended;
mod forget;
mod read;
mod row;
#[cfg(feature = "restate")]
mod standing;
mod start;

use std::sync::Arc;

use common::clock::UnixMillis;
use common::db::{Applied, Dialect, Tx};
use common::error::{Error, Result};

use crate::run::{RunStatus, WaitId};
use crate::store::workers;
use ended::EndedHooks;

pub(crate) use super::run_key::RunKey;
pub(crate) use advance::{Advanced, Effects};
pub(crate) use claim::Claim;
pub(crate) use deliver::{Delivered, Delivery};
pub(crate) use forget::forget;
pub(crate) use read::{any_queued, asking};
pub(crate) use row::{NewRow, OpenCall, RunRow, status_of};
#[cfg(feature = "restate")]
pub(crate) use standing::{calls_of, oldest_failed, standing};

/// What happens to runs and workers.
#[derive(Debug)]
pub(crate) enum Change {
    /// A run is there, and as far as it comes by itself.
    Start(Box<NewRow>, Box<Effects>),
    /// A run has gone on; refused where somebody else has it.
    Advance(Box<Advanced>),
    /// Something has come for a run from outside.
    Deliver(Box<Delivery>),
    /// A worker takes runs that nobody has.
    Claim { worker: Arc<str>, what: Claim, limit: i64, now_ms: UnixMillis },
    /// A worker lives.
    Beat { worker: Arc<str>, alive_until_ms: UnixMillis },
    /// A worker is new.
    Register { worker: Arc<str>, alive_until_ms: UnixMillis },
    /// A worker has not been heard of: its runs are anybody's.
    Bury { worker: String, now_ms: UnixMillis },
    /// A worker does not have a run after all.
    Release { run: RunKey, worker: Arc<str> },
    /// A wait is looked at again later.
    Postpone { run: RunKey, wait: WaitId, due_ms: UnixMillis },
    /// Waits have been given what came before them.
    Seen(Vec<(RunKey, WaitId)>),
}

/// What became of a [`Change`].
#[derive(Debug)]
pub(crate) enum Receipt {
    /// False: there is a run of that id already.
    Started(bool),
    /// False: somebody else has the run by now.
    Advanced(bool),
    Delivered(Delivered),
    Claimed(Vec<RunRow>),
    /// False: the worker was buried.
    Alive(bool),
    Done,
}

/// What the changes of one commit do, in the order: starts, advances, all others as they came.
pub(crate) fn apply(
    hooks: EndedHooks,
) -> impl for<'tx> Fn(Dialect, &'tx mut Tx, &'tx [Change]) -> Applied<'tx, Receipt> + Send + Sync + 'static {
    move |dialect, tx, changes| {
        let hooks = hooks.clone();
        Box::pin(async move { all(&hooks, (dialect, tx), changes).await })
    }
}

async fn all(hooks: &EndedHooks, (dialect, tx): (Dialect, &mut Tx), changes: &[Change]) -> Result<Vec<Receipt>> {
    let starts: Vec<_> = changes.iter().filter_map(Change::as_start).collect();
    let advances: Vec<_> = changes.iter().filter_map(Change::as_advance).collect();
    let mut are_new = start::write((dialect, tx), &starts).await?.into_iter();
    let mut are_own = advance::write((dialect, tx), &advances).await?.into_iter();
    advance::follow(hooks, (dialect, tx), changes, (are_new.as_slice(), are_own.as_slice())).await?;
    let mut receipts = Vec::with_capacity(changes.len());
    for change in changes {
        receipts.push(match change {
            Change::Start(..) => Receipt::Started(are_new.next().ok_or_else(unanswered)?),
            Change::Advance(_) => Receipt::Advanced(are_own.next().ok_or_else(unanswered)?),
            other => alone((dialect, tx), other).await?,
        });
    }
    Ok(receipts)
}

/// What is rare enough to be done by itself.
async fn alone((dialect, tx): (Dialect, &mut Tx), change: &Change) -> Result<Receipt> {
    Ok(match change {
        Change::Start(..) | Change::Advance(_) => return Err(unanswered()),
        Change::Deliver(delivery) => Receipt::Delivered(deliver::write((dialect, tx), delivery).await?),
        Change::Claim { worker, what, limit, now_ms } => {
            Receipt::Claimed(claim::write((dialect, tx), worker, *what, (*limit, *now_ms)).await?)
        }
        Change::Beat { worker, alive_until_ms } => Receipt::Alive(workers::beat(tx, worker, *alive_until_ms).await?),
        Change::Register { worker, alive_until_ms } => {
            workers::register(tx, worker, *alive_until_ms).await?;
            Receipt::Done
        }
        Change::Bury { worker, now_ms } => {
            workers::bury(tx, worker, *now_ms).await?;
            Receipt::Done
        }
        Change::Release { run, worker } => {
            workers::release_one(tx, worker, run).await?;
            Receipt::Done
        }
        Change::Postpone { run, wait, due_ms } => {
            super::waits::postpone(tx, run, wait, *due_ms).await?;
            Receipt::Done
        }
        Change::Seen(waits) => {
            super::unseen::seen(tx, waits).await?;
            Receipt::Done
        }
    })
}

impl Change {
    fn as_start(&self) -> Option<(&NewRow, &Effects)> {
        match self {
            Self::Start(row, effects) => Some((row, effects)),
            _ => None,
        }
    }

    fn as_advance(&self) -> Option<&Advanced> {
        match self {
            Self::Advance(advanced) => Some(advanced),
            _ => None,
        }
    }
}

/// How a status is written.
pub(crate) const fn spelt(status: RunStatus) -> &'static str {
    match status {
        RunStatus::Running => "running",
        RunStatus::Waiting => "waiting",
        RunStatus::Completed => "completed",
        RunStatus::Failed => "failed",
        RunStatus::Cancelled => "cancelled",
    }
}

fn unanswered() -> Error {
    Error::internal("a change of a run was not answered", "changes and receipts differ")
}
