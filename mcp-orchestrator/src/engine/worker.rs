//! The embedded engine at work: runs in memory go on, each with one thing after the other, and nothing is called before
//! the commit that says so.

use std::collections::HashSet;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use common::clock::UnixMillis;
use common::db::GroupWriter;
use common::tenant::TenantId;
use tokio::sync::Semaphore;

use super::alarm::Alarm;
use super::definitions::Cached;
use super::lease::Lease;
use super::mailbox::{Desk, Mailbox, Message, Posted};
use super::owned::Owned;
use super::parts::Parts;
use crate::store::runs::{Change, Receipt, RunKey, RunRow};
use crate::store::waits::Filter;

/// How long after it could not be written, or its definition not be found, a run is given back.
const GIVEN_BACK_AFTER: Duration = Duration::from_secs(1);

/// This process as one that keeps runs going.
#[derive(Debug)]
pub(super) struct Worker {
    pub(super) parts: Parts,
    pub(super) writer: GroupWriter<Change, Receipt>,
    pub(super) definitions: Cached,
    pub(super) lease: Lease,
    pub(super) desk: Desk,
    pub(super) alarm: Alarm,
    pub(super) calls: Arc<Semaphore>,
    /// Filters that are in the table already.
    pub(super) filters: Mutex<HashSet<(TenantId, Filter)>>,
}

impl Worker {
    pub(super) fn now_ms(&self) -> UnixMillis {
        self.parts.clock.now_ms()
    }

    /// How many more runs may be taken into memory.
    pub(super) fn room(&self) -> usize {
        self.parts.settings.runs_in_memory_max.saturating_sub(self.desk.len())
    }

    /// Takes runs into memory that have just become this process's own.
    pub(super) async fn own(self: &Arc<Self>, rows: Vec<RunRow>, worker: &Arc<str>) {
        for row in rows {
            let key = row.key.clone();
            match self.definitions.get(&key.tenant, &row.workflow, row.workflow_revision).await {
                Ok(workflow) => self.take_up(Box::new(Owned::of_row(row, workflow, Arc::clone(worker)))),
                Err(error) => {
                    tracing::error!(run.id = %key.run_id, "a run cannot be taken up: {error}");
                    self.give_back(key, Arc::clone(worker));
                }
            }
        }
    }

    fn take_up(self: &Arc<Self>, run: Box<Owned>) {
        let mut messages = Vec::with_capacity(2);
        if !run.has_begun {
            messages.push(Message::Begin);
        }
        messages.push(Message::Look);
        let mailbox = Arc::new(Mailbox::new(run.left.clone(), messages));
        self.desk.put(&run.key, &mailbox);
        // As they were when the process that had it died: again, under the same keys, and no others.
        for (step, open) in &run.calls {
            if !open.open.waits {
                self.make(&run, step);
            }
        }
        self.spawn_drive(mailbox, run);
    }

    /// Nobody in this process has the run, whatever its row says: it is anybody's, as soon as that can be written.
    pub(super) fn give_back(self: &Arc<Self>, run: RunKey, held_by: Arc<str>) {
        let worker = Arc::clone(self);
        self.spawn(Box::pin(async move {
            let stopping = worker.parts.tasks.stopping().clone();
            loop {
                tokio::select! {
                    biased;
                    () = stopping.cancelled() => return,
                    () = worker.parts.clock.sleep(GIVEN_BACK_AFTER) => {}
                }
                let change = Change::Release { run: run.clone(), worker: Arc::clone(&held_by) };
                if worker.writer.write_patiently(change).await.is_ok() {
                    worker.alarm.set(worker.now_ms());
                    return;
                }
            }
        }));
    }

    /// Tells a run in memory; false if it is not there.
    pub(super) fn post(self: &Arc<Self>, key: &RunKey, message: Message) -> bool {
        match self.desk.post(key, message) {
            Posted::Nowhere => false,
            Posted::Taken => true,
            Posted::Yours(mailbox, run) => {
                self.spawn_drive(mailbox, run);
                true
            }
        }
    }

    pub(super) fn spawn_drive(self: &Arc<Self>, mailbox: Arc<Mailbox>, run: Box<Owned>) {
        let worker = Arc::clone(self);
        self.spawn(Box::pin(async move { worker.drive(mailbox, run).await }));
    }

    pub(super) fn spawn(&self, work: Pin<Box<dyn Future<Output = ()> + Send>>) {
        self.parts.tasks.spawn(work);
    }

    /// Works on a run until there is nothing left to do for now.
    pub(super) async fn drive(self: &Arc<Self>, mailbox: Arc<Mailbox>, mut run: Box<Owned>) {
        while let Some((next, messages)) = mailbox.next(run) {
            run = next;
            let stays = match self.step(&mut run, messages).await {
                Ok(stays) => stays,
                Err(error) => {
                    if !self.parts.tasks.stopping().is_cancelled() {
                        tracing::error!(run.id = %run.key.run_id, "a run could not be written: {error}");
                    }
                    self.give_back(run.key.clone(), Arc::clone(&run.worker));
                    false
                }
            };
            if !stays {
                if self.desk.remove(&run.key, &mailbox) {
                    self.alarm.set(self.now_ms());
                }
                return;
            }
        }
    }
}
