//! The inbox: events are committed before they are acknowledged, each key once; from there they go on by the router.

mod retention;
mod settings;
mod sources;

use std::sync::Arc;

use common::clock::{Clock, UnixMillis};
use common::db::{Db, GroupLimits, GroupWriter};
use common::error::Result;
use common::tasks::Tasks;
use common::tenant::TenantId;
use tokio::sync::Notify;
use tokio::sync::futures::Notified;

use crate::event::{Arrival, EventIds};
use crate::store::events::{self, Receipt};

pub(crate) use retention::forget_old;
pub use settings::{InboxSettings, RetentionSettings};
pub use sources::SourceSettings;
pub(crate) use sources::{Source, Sources, check_name as check_source_name};

/// Takes events in. Cheap to clone; all clones are one inbox.
#[derive(Debug, Clone)]
pub struct Inbox {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    db: Db,
    clock: Clock,
    ids: EventIds,
    writer: GroupWriter<Arrival, Receipt>,
    /// Fires when something was stored.
    arrived: Notify,
}

/// What is taken in, before it has an id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Incoming {
    pub(crate) source: String,
    pub(crate) kind: String,
    pub(crate) dedupe_key: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Inbox {
    /// Over the tables of this server. Touches nothing.
    #[must_use]
    pub fn new(db: Db, clock: Clock, tasks: &Tasks, settings: &InboxSettings) -> Self {
        let limits = GroupLimits { batch_max: settings.batch_max, queue_max: settings.queue_max };
        let writer = GroupWriter::new(db.clone(), tasks.clone(), limits, |dialect, tx, arrivals| {
            Box::pin(events::insert(dialect, tx, arrivals))
        });
        let inner = Inner { db, clock, ids: EventIds::default(), writer, arrived: Notify::new() };
        Self { inner: Arc::new(inner) }
    }

    /// Stores an event. What this returns is committed.
    ///
    /// # Errors
    /// `rate_limited` if too many wait already; those of the database: it may then have been stored nevertheless, and is
    /// known when it comes again.
    pub(crate) async fn take(&self, tenant: &TenantId, incoming: Incoming) -> Result<Receipt> {
        let now_ms = self.inner.clock.now_ms();
        let receipt = self.inner.writer.write(self.arrival(tenant, incoming, now_ms)).await?;
        if !receipt.is_duplicate {
            self.wake();
        }
        Ok(receipt)
    }

    fn arrival(&self, tenant: &TenantId, incoming: Incoming, now_ms: UnixMillis) -> Arrival {
        let Incoming { source, kind, dedupe_key, headers, body } = incoming;
        let event_id = self.inner.ids.next(now_ms);
        Arrival { tenant: tenant.clone(), event_id, source, kind, dedupe_key, received_ms: now_ms, headers, body }
    }

    /// Says that there are events to be looked at: what stores some elsewhere, in a commit of its own, calls it.
    pub fn wake(&self) {
        self.inner.arrived.notify_one();
    }

    /// Returns when something was stored since this was called.
    pub(crate) fn arrived(&self) -> Notified<'_> {
        self.inner.arrived.notified()
    }

    pub(crate) fn db(&self) -> &Db {
        &self.inner.db
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.inner.clock
    }
}
