//! The embedded engine: runs live in the tables of this server's own database, SQLite or PostgreSQL, and any number of
//! processes keep them going. A process that does not serve starts runs and hands things in; others do the work.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use common::clock::UnixMillis;
use common::db::{GroupLimits, GroupWriter};
use common::error::{Error, Result};
use common::tenant::TenantId;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::alarm::Alarm;
use super::definitions::Cached;
use super::lease::Lease;
use super::mailbox::Desk;
use super::owned::Owned;
use super::parts::Parts;
use super::worker::Worker;
use super::{Answering, Engine, NewRun, Resume, Start};
use crate::event::Event;
use crate::interpreter::{Input, State};
use crate::run::{RunId, RunStatus};
use crate::store::inputs::{CANCEL, Kept};
use crate::store::json::encoded;
use crate::store::runs::{self, Change, NewRow, Receipt, RunKey};

/// Most changes of runs in one commit, and most that wait for one.
const GROUP: GroupLimits = GroupLimits { batch_max: 256, queue_max: 8_192 };

/// Keeps runs in the database. Cheap to clone; all clones are one engine.
#[derive(Debug, Clone)]
pub struct Embedded {
    worker: Arc<Worker>,
}

impl Embedded {
    /// Touches nothing until it is used.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        let writer = GroupWriter::new(parts.db.clone(), parts.tasks.clone(), GROUP, runs::apply(parts.hooks.clone()));
        let worker = Worker {
            writer,
            definitions: Cached::new(Arc::clone(&parts.definitions)),
            lease: Lease::default(),
            desk: Desk::default(),
            alarm: Alarm::default(),
            calls: Arc::new(Semaphore::new(parts.settings.calls_max.max(1))),
            filters: Mutex::default(),
            parts,
        };
        Self { worker: Arc::new(worker) }
    }

    /// Keeps runs going, its own and those that others have left, until `stop` fires.
    pub async fn serve(&self, stop: CancellationToken) {
        self.worker.serve(stop).await;
    }

    /// Forgets runs that ended long enough ago. Returns how many.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn forget_old(&self) -> Result<u64> {
        let Parts { db, clock, settings, .. } = &self.worker.parts;
        let Some(kept) = settings.kept() else { return Ok(0) };
        let kept_ms = UnixMillis::try_from(kept.as_millis()).unwrap_or(UnixMillis::MAX);
        let before_ms = clock.now_ms().saturating_sub(kept_ms);
        let mut forgotten = 0_u64;
        loop {
            let some = runs::forget(db, before_ms).await?;
            forgotten = forgotten.saturating_add(some);
            if some == 0 {
                return Ok(forgotten);
            }
        }
    }

    async fn start_run(&self, tenant: &TenantId, run: NewRun) -> Result<Start> {
        let worker = &self.worker;
        let started = match worker.lease.worker().filter(|_| worker.room() > 0) {
            Some(name) => worker.start(self.owned(tenant, run.clone(), name).await?).await?,
            None => None,
        };
        let started = match started {
            Some(started) => started,
            None => self.queue(tenant, run).await?,
        };
        Ok(if started { Start::Started } else { Start::Known })
    }

    /// A run as this process is about to have it.
    async fn owned(&self, tenant: &TenantId, run: NewRun, worker: Arc<str>) -> Result<Box<Owned>> {
        let workflow = self.worker.definitions.get(tenant, &run.workflow, run.revision).await?;
        Ok(Box::new(Owned {
            key: RunKey { tenant: tenant.clone(), run_id: run.run_id },
            workflow,
            name: run.workflow,
            workflow_revision: run.revision,
            started_by: run.key,
            input: run.input,
            acting: Arc::new(run.acting),
            callback: run.callback,
            parent: run.parent,
            created_ms: self.worker.now_ms(),
            worker,
            revision: 0,
            state: State::default(),
            has_begun: false,
            calls: BTreeMap::new(),
            may_wait: false,
            left: CancellationToken::new(),
        }))
    }

    /// Writes a run down for whoever has room for it.
    async fn queue(&self, tenant: &TenantId, run: NewRun) -> Result<bool> {
        // Refused now rather than when nobody waits for an answer any more.
        self.worker.definitions.get(tenant, &run.workflow, run.revision).await?;
        let row = NewRow {
            key: RunKey { tenant: tenant.clone(), run_id: run.run_id },
            workflow: run.workflow,
            workflow_revision: run.revision,
            started_by: run.key,
            input: encoded(&run.input)?,
            acting: encoded(&run.acting)?,
            callback: run.callback,
            parent: run.parent,
            status: RunStatus::Running,
            owner: None,
            state: None,
            calls: "[]".to_owned(),
            outcome: None,
            created_ms: self.worker.now_ms(),
            ended_ms: None,
        };
        let change = Change::Start(Box::new(row), Box::default());
        match self.worker.writer.write(change).await? {
            Receipt::Started(started) => {
                // This process may have looked for such runs a moment before.
                self.worker.alarm.set(self.worker.now_ms());
                Ok(started)
            }
            _ => Err(Error::internal("a run was not started", "another receipt")),
        }
    }

    async fn hand_in(&self, run: RunKey, input_id: &str, input: Input) -> Result<()> {
        let revives = matches!(input, Input::Retry { .. } | Input::Skip { .. });
        self.worker.hand_in(run, input_id.to_owned(), (Kept::Input(input), revives)).await.map(|_| ())
    }
}

impl Engine for Embedded {
    fn start<'a>(&'a self, tenant: &'a TenantId, run: NewRun) -> Answering<'a, Start> {
        Box::pin(self.start_run(tenant, run))
    }

    fn deliver<'a>(&'a self, tenant: &'a TenantId, event: &'a Event) -> Answering<'a, usize> {
        Box::pin(self.worker.deliver(tenant, event))
    }

    fn signal<'a>(&'a self, tenant: &'a TenantId, run: &'a RunId, event: &'a Event) -> Answering<'a, ()> {
        Box::pin(self.worker.signal(tenant, run, event))
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
