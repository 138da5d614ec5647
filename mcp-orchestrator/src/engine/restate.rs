//! The Restate engine: each run is a virtual object of a Restate server or cluster, which keeps where it stands, hands
//! it one thing after the other, and repeats whatever a dying process left undone. The rows of this server's own
//! database are written along with each step, so that traces, lists and hooks are those of the embedded engine.
//!
//! ```text
//! start, deliver, signal … → ingress → object: keeper (interpreter, rows, state) → service: caller (executor) → object
//! timers and approvals: rows → watch → ingress → object
//! ```

mod approving;
mod caller;
mod endpoint;
mod ingress;
mod keeper;
mod message;
mod record;
mod step;
mod watch;

use std::sync::{Arc, Mutex};

use common::clock::UnixMillis;
use common::db::{GroupLimits, GroupWriter};
use common::error::{Error, ErrorCode, Result};
use common::tenant::TenantId;
use futures_util::stream::{self, StreamExt, TryStreamExt};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::alarm::Alarm;
use super::definitions::Cached;
use super::delivery::{self, AT_A_TIME};
use super::refusal::{no_such_run, unfit};
use super::{Answering, Engine, NewRun, Parts, Resume, Start};
use crate::event::Event;
use crate::interpreter::Input;
use crate::run::RunId;
use crate::store::inputs::{CANCEL, Kept};
use crate::store::runs::{self, RunKey};
use ingress::Ingress;
use keeper::Keeper;
use message::{Reply, Told, What};
use record::Given;

/// Most changes of runs in one commit, and most that wait for one.
const GROUP: GroupLimits = GroupLimits { batch_max: 256, queue_max: 8_192 };

/// Keeps runs in Restate. Cheap to clone; all clones are one engine.
#[derive(Debug, Clone)]
pub struct Restate {
    keeper: Arc<Keeper>,
}

impl Restate {
    /// Connects to nothing.
    ///
    /// # Errors
    /// `failed_precondition` if a setting is not accepted.
    pub fn new(parts: Parts) -> Result<Self> {
        endpoint::check(&parts.settings.restate)?;
        let keeper = Keeper {
            ingress: Ingress::new(&parts.settings.restate)?,
            writer: GroupWriter::new(parts.db.clone(), parts.tasks.clone(), GROUP, runs::apply(parts.hooks.clone())),
            definitions: Cached::new(Arc::clone(&parts.definitions)),
            alarm: Alarm::default(),
            calls: Semaphore::new(parts.settings.calls_max.max(1)),
            filters: Mutex::default(),
            parts,
        };
        Ok(Self { keeper: Arc::new(keeper) })
    }

    /// Does what Restate says, and tells it what comes due, until `stop` fires.
    pub async fn serve(&self, stop: CancellationToken) {
        let listening = endpoint::serve(Arc::clone(&self.keeper), &stop);
        let watching = async {
            tokio::select! {
                biased;
                () = stop.cancelled() => {}
                () = self.keeper.make_known() => {}
                () = self.keeper.watch() => {}
                () = self.keeper.listen_to_decisions() => {}
            }
        };
        tokio::join!(listening, watching);
    }

    /// As [`super::Embedded::forget_old`]. What Restate keeps of failed runs goes with their rows.
    ///
    /// # Errors
    /// Those of the database; `upstream_unavailable` if Restate cannot be reached.
    pub async fn forget_old(&self) -> Result<u64> {
        let Parts { db, clock, settings, .. } = &self.keeper.parts;
        let Some(kept) = settings.kept() else { return Ok(0) };
        let kept_ms = UnixMillis::try_from(kept.as_millis()).unwrap_or(UnixMillis::MAX);
        let before_ms = clock.now_ms().saturating_sub(kept_ms);
        let mut forgotten = 0_u64;
        loop {
            for run in runs::oldest_failed(db, before_ms).await? {
                self.tell(&run, What::Forget).await?;
            }
            let some = runs::forget(db, before_ms).await?;
            forgotten = forgotten.saturating_add(some);
            if some == 0 {
                return Ok(forgotten);
            }
        }
    }

    async fn tell(&self, run: &RunKey, what: What) -> Result<Reply> {
        self.keeper.ingress.tell(run, &Told { at_ms: self.keeper.now_ms(), what }).await
    }

    async fn start_run(&self, tenant: &TenantId, run: NewRun) -> Result<Start> {
        // Refused now rather than when nobody waits for an answer any more.
        self.keeper.definitions.get(tenant, &run.workflow, run.revision).await?;
        let key = RunKey { tenant: tenant.clone(), run_id: run.run_id.clone() };
        let given = Given::new(run, self.keeper.now_ms());
        match self.tell(&key, What::Start(Box::new(given))).await? {
            Reply::Started => Ok(Start::Started),
            Reply::Known => Ok(Start::Known),
            other => Err(unexpected(other)),
        }
    }

    async fn deliver_to_all(&self, tenant: &TenantId, event: &Event) -> Result<usize> {
        let keeper = &self.keeper;
        let listening = delivery::listening((&keeper.parts.db, &keeper.definitions), tenant, event).await?;
        let envelope = event.envelope();
        let taken = stream::iter(listening).map(|(run, waits)| {
            let kept = Kept::Event { waits, event: envelope.clone() };
            keeper.hand_in_gently(run, delivery::event_input(event), kept)
        });
        let taken: Vec<bool> = taken.buffer_unordered(AT_A_TIME).try_collect().await?;
        Ok(taken.into_iter().filter(|taken| *taken).count())
    }

    async fn signal_one(&self, tenant: &TenantId, run: &RunId, event: &Event) -> Result<()> {
        let key = RunKey { tenant: tenant.clone(), run_id: run.clone() };
        let waits = delivery::listening_of(&self.keeper.parts.db, &key, event).await?;
        let is_for_nobody = waits.is_empty();
        let kept = Kept::Event { waits, event: event.envelope() };
        let handed_in = self.keeper.hand_in(key, delivery::event_input(event), (kept, false)).await;
        match handed_in {
            // It has had this very event already: that is no failure.
            Ok(false) => Ok(()),
            Ok(true) if !is_for_nobody => Ok(()),
            Err(error) if !is_for_nobody || error.code() == ErrorCode::UpstreamUnavailable => Err(error),
            Ok(true) | Err(_) => Err(delivery::does_not_listen(event)),
        }
    }

    async fn hand_in(&self, run: RunKey, input_id: &str, input: Input) -> Result<()> {
        let revives = matches!(input, Input::Retry { .. } | Input::Skip { .. });
        self.keeper.hand_in(run, input_id.to_owned(), (Kept::Input(input), revives)).await.map(|_| ())
    }
}

impl Engine for Restate {
    fn start<'a>(&'a self, tenant: &'a TenantId, run: NewRun) -> Answering<'a, Start> {
        Box::pin(self.start_run(tenant, run))
    }

    fn deliver<'a>(&'a self, tenant: &'a TenantId, event: &'a Event) -> Answering<'a, usize> {
        Box::pin(self.deliver_to_all(tenant, event))
    }

    fn signal<'a>(&'a self, tenant: &'a TenantId, run: &'a RunId, event: &'a Event) -> Answering<'a, ()> {
        Box::pin(self.signal_one(tenant, run, event))
    }

    fn cancel<'a>(&'a self, tenant: &'a TenantId, run: &'a RunId, reason: String) -> Answering<'a, ()> {
        let run = RunKey { tenant: tenant.clone(), run_id: run.clone() };
        Box::pin(self.hand_in(run, CANCEL, Input::Cancel { reason }))
    }

    fn resume<'a>(&'a self, tenant: &'a TenantId, run: &'a RunId, how: Resume) -> Answering<'a, ()> {
        let run = RunKey { tenant: tenant.clone(), run_id: run.clone() };
        let input = match how {
            Resume::Retry { from, input } => Input::Retry { from, input },
            Resume::Skip { output } => Input::Skip { output },
        };
        Box::pin(self.hand_in(run, "", input))
    }
}

impl Keeper {
    /// Gives something to a run. True if it was not known.
    ///
    /// # Errors
    /// `not_found`; `failed_precondition` if the run is not one that takes it; `upstream_unavailable`.
    async fn hand_in(&self, run: RunKey, input_id: String, (kept, revives): (Kept, bool)) -> Result<bool> {
        let what = What::Input { input_id, kept, revives };
        match self.ingress.tell(&run, &Told { at_ms: self.now_ms(), what }).await? {
            Reply::Taken => Ok(true),
            Reply::Known => Ok(false),
            Reply::Unfit(status) => Err(unfit(status)),
            Reply::NoSuchRun => Err(no_such_run()),
            other @ Reply::Started => Err(unexpected(other)),
        }
    }

    /// The same for one of many runs: that it has ended meanwhile is no failure.
    async fn hand_in_gently(&self, run: RunKey, input_id: String, kept: Kept) -> Result<bool> {
        match self.hand_in(run, input_id, (kept, false)).await {
            Err(error) if matches!(error.code(), ErrorCode::NotFound | ErrorCode::FailedPrecondition) => Ok(false),
            other => other,
        }
    }
}

fn unexpected(reply: Reply) -> Error {
    Error::internal("a run was not told", format!("answered {reply:?}"))
}
