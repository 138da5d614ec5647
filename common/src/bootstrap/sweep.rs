//! What a serving process forgets in the background: rows that have outlived their use.

use std::time::Duration;

use crate::audit::AuditLog;
use crate::clock::Clock;
use crate::db::Db;
use crate::error::Result;
use crate::store::idempotency;

/// A client that only asks one thing is gone before the first sweep.
const FIRST_AFTER: Duration = Duration::from_mins(5);

/// Between two sweeps.
const EVERY: Duration = Duration::from_hours(1);

/// What is swept.
#[derive(Debug, Clone)]
pub(super) struct Sweep {
    pub(super) db: Db,
    pub(super) audit: AuditLog,
    pub(super) clock: Clock,
    /// How long audit events are kept; absent means for ever.
    pub(super) keep_audit: Option<Duration>,
}

impl Sweep {
    /// Sweeps until the process stops.
    pub(super) async fn run(self, stopping: tokio_util::sync::CancellationToken) {
        let mut pause = FIRST_AFTER;
        while tokio::select! { () = stopping.cancelled() => false, () = self.clock.sleep(pause) => true } {
            pause = EVERY;
            if let Err(error) = self.once().await {
                let cause = error.cause();
                tracing::warn!(error.cause = cause, "old rows could not be removed: {}", error.message());
            }
        }
    }

    async fn once(&self) -> Result<()> {
        let keys = idempotency::forget_expired(&self.db, self.clock.now_ms()).await?;
        let events = match self.keep_audit {
            Some(keep) => self.audit.prune(keep).await?.events,
            None => 0,
        };
        tracing::debug!(keys, events, "removed {keys} idempotency keys and {events} audit events");
        Ok(())
    }
}
