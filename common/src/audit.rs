//! What was asked for, by whom, and how it ended: an append-only record whose tampering shows.
//!
//! Every event belongs to a hash chain, one per tenant and process; checkpoints name the last events of the
//! tenant's other chains, so that a chain cannot be cut or removed unseen. [`AuditLog::verify`] recomputes it all.
//! What it cannot show: the removal of events that no later checkpoint names together with their chain's own row,
//! and a forger who can write to the database and recomputes everything since the last copy kept elsewhere.
//!
//! Every event has a row, except that reads share rows: they are many, and nobody waits for one of them.
//! Stored are digests, names and ids, never arguments nor personal data.

mod chain;
mod digest;
mod event;
mod pruning;
mod retention;
mod rows;
mod store;
mod verify;
mod writer;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use schemars::JsonSchema;
use serde::Deserialize;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, oneshot};

use crate::auth::Caller;
use crate::clock::Clock;
use crate::db::Db;
use crate::error::{Error, ErrorCode, Result};
use crate::tasks::Tasks;
use crate::tenant::TenantId;

pub use digest::ArgumentsDigest;
pub use event::{Access, Call, Decision, Ending, EventId, Outcome};
pub use retention::PruneReport;
pub use verify::{Fault, VerifyReport};

use event::{Entry, Kind};
use writer::{Message, Writer};

/// `[audit]`: how events reach the database.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AuditSettings {
    /// Most events waiting to be written; beyond, calls wait. At least 1.
    pub queue_events_max: usize,
    /// How long reads and outcomes gather before they are committed together, in milliseconds. 40 leaves 10 for the
    /// commit: what is answered is on disk 50 ms later.
    pub gather_ms: u64,
    /// Events of one chain between two checkpoints.
    pub checkpoint_events: u64,
    /// How long events are kept, in days; 0 keeps them for ever. 400 covers a year and the month in which it is looked at.
    pub keep_days: u32,
}

impl AuditSettings {
    /// How long events are kept; absent means for ever.
    #[must_use]
    pub fn keep(&self) -> Option<Duration> {
        (self.keep_days > 0).then(|| Duration::from_hours(24).saturating_mul(self.keep_days))
    }
}

impl Default for AuditSettings {
    fn default() -> Self {
        Self { queue_events_max: 8_192, gather_ms: 40, checkpoint_events: 10_000, keep_days: 400 }
    }
}

/// The audit log of this process, for all tenants. Cheap to clone; costs nothing until the first event.
#[derive(Debug, Clone)]
pub struct AuditLog {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    db: Db,
    clock: Clock,
    tasks: Tasks,
    settings: AuditSettings,
    /// The way to the running writer, if there is one.
    queue: Mutex<Option<Arc<Queue>>>,
}

#[derive(Debug)]
struct Queue {
    sender: mpsc::Sender<Message>,
    hurry: Arc<tokio::sync::Notify>,
}

impl Queue {
    /// Ends the writer's gathering if somebody waits or the queue is more than half full.
    fn hurry_if(&self, is_urgent: bool) {
        if is_urgent || self.sender.capacity() < self.sender.max_capacity() / 2 {
            self.hurry.notify_one();
        }
    }
}

impl AuditLog {
    /// `db` carries the migrations of `common`. The writer starts with the first event, runs in `tasks`, and when
    /// they stop commits what is queued.
    #[must_use]
    pub fn new(db: Db, clock: Clock, tasks: &Tasks, settings: AuditSettings) -> Self {
        let inner = Inner { db, clock, tasks: tasks.clone(), settings, queue: Mutex::default() };
        Self { inner: Arc::new(inner) }
    }

    /// Records that the caller is about to change the world. Committed when this returns; the effect comes after.
    ///
    /// Waits for one commit, and while the queue is full; a caller that stops waiting must not go on to the effect.
    ///
    /// # Errors
    /// `upstream_unavailable`, `failed_precondition` or `internal` if it could not be committed: then there must be
    /// no effect.
    pub async fn intent(&self, caller: &Caller, call: Call) -> Result<EventId> {
        self.committed(self.entry(caller, Kind::Intent { call })).await
    }

    /// Records that `by` has said yes or no to a plan. Committed when this returns; it counts only after.
    ///
    /// # Errors
    /// As [`AuditLog::intent`]: then the decision must not count.
    pub async fn decision(&self, by: &Caller, call: Call, decision: Decision) -> Result<EventId> {
        self.committed(self.entry(by, Kind::Decision { call, decision })).await
    }

    async fn committed(&self, entry: Entry) -> Result<EventId> {
        let (committed, answer) = oneshot::channel();
        let event_id = entry.event_id;
        self.enqueue(Message::Durable(entry, committed)).await;
        answer.await.map_err(|source| Error::internal("the audit writer has stopped", source))??;
        Ok(event_id)
    }

    /// Records how an intent ended. Queued; committed within `gather_ms`. Waits only while the queue is full.
    pub async fn outcome(&self, caller: &Caller, outcome: Outcome) {
        let Outcome { intent, ending } = outcome;
        self.enqueue(Message::Event(self.entry(caller, Kind::Outcome { intent, ending }))).await;
    }

    /// Records a call that changed nothing. Queued as [`AuditLog::outcome`].
    pub async fn read(&self, caller: &Caller, call: Call, ending: Ending) {
        self.enqueue(Message::Event(self.entry(caller, Kind::Read { call, ending }))).await;
    }

    /// Records a call that was not let through. Queued as [`AuditLog::outcome`].
    pub async fn refusal(&self, caller: &Caller, call: Call, code: ErrorCode) {
        let ending = Ending { code: Some(code), ..Ending::default() };
        self.enqueue(Message::Event(self.entry(caller, Kind::Refusal { call, ending }))).await;
    }

    /// Returns when everything recorded before is committed.
    ///
    /// # Errors
    /// `internal` if the writer stopped before it got there.
    pub async fn flush(&self) -> Result<()> {
        let (flushed, answer) = oneshot::channel();
        self.enqueue(Message::Flush(flushed)).await;
        answer.await.map_err(|source| Error::internal("the audit writer has stopped", source))
    }

    /// Reads all events of a tenant in one snapshot and recomputes every hash. Time grows with the events, memory does not.
    ///
    /// # Errors
    /// As [`Db::read`]. Faults are part of the report, not errors.
    pub async fn verify(&self, tenant: &TenantId) -> Result<VerifyReport> {
        verify::verify(&self.inner.db, tenant).await
    }

    fn entry(&self, caller: &Caller, kind: Kind) -> Entry {
        let at_ms = self.inner.clock.now_ms();
        Entry { caller: caller.clone(), event_id: EventId::at(at_ms), at_ms, kind }
    }

    /// Hands a message to the writer. Never loses it.
    async fn enqueue(&self, message: Message) {
        let is_urgent = !matches!(message, Message::Event(_));
        let Some((queue, unsent)) = self.queue_or_start(message) else { return };
        match queue.sender.try_send(unsent) {
            Ok(()) => queue.hurry_if(is_urgent),
            // Rare, and more than a caller should carry about.
            Err(TrySendError::Full(unsent) | TrySendError::Closed(unsent)) => {
                Box::pin(self.enqueue_when_there_is_room(unsent)).await;
            }
        }
    }

    async fn enqueue_when_there_is_room(&self, mut message: Message) {
        while let Some((queue, unsent)) = self.queue_or_start(message) {
            match queue.sender.send(unsent).await {
                Ok(()) => return queue.hurry_if(true),
                // That writer has just stopped with the process; what is recorded after gets its own.
                Err(mpsc::error::SendError(returned)) => message = returned,
            }
        }
    }

    /// The running writer's queue; or none, if a writer had to be started: then it has the message.
    fn queue_or_start(&self, message: Message) -> Option<(Arc<Queue>, Message)> {
        let mut slot = self.inner.queue.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(queue) = slot.as_ref().filter(|queue| !queue.sender.is_closed()) {
            return Some((Arc::clone(queue), message));
        }
        let Inner { db, clock, tasks, settings, .. } = &*self.inner;
        let (sender, receiver) = mpsc::channel(settings.queue_events_max.max(1));
        let hurry = Arc::default();
        let writer = Writer::new(db.clone(), clock.clone(), settings.clone(), tasks.stopping().clone());
        tasks.spawn(writer.run(message, receiver, Arc::clone(&hurry)));
        *slot = Some(Arc::new(Queue { sender, hurry }));
        None
    }
}
