//! What a serving process forgets in the background: rows that have outlived their use.

use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
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

type Sweeping = Pin<Box<dyn Future<Output = Result<u64>> + Send>>;

/// One server's rows that outlive their use.
#[derive(Clone)]
struct Chore {
    /// What is removed: `changes`.
    rows: &'static str,
    sweep: Arc<dyn Fn() -> Sweeping + Send + Sync>,
}

/// What servers have swept with the rest. Cheap to clone; all clones share one list.
#[derive(Clone, Default)]
pub struct Sweeps {
    chores: Arc<Mutex<Vec<Chore>>>,
}

impl Sweeps {
    /// Adds something to be swept by every serving process, soon after its start and then each hour. `sweep` returns how
    /// many `rows` it has removed.
    pub fn add<Sweep, Work>(&self, rows: &'static str, sweep: Sweep)
    where
        Sweep: Fn() -> Work + Send + Sync + 'static,
        Work: Future<Output = Result<u64>> + Send + 'static,
    {
        let sweep: Arc<dyn Fn() -> Sweeping + Send + Sync> = Arc::new(move || Box::pin(sweep()));
        self.chores.lock().unwrap_or_else(PoisonError::into_inner).push(Chore { rows, sweep });
    }

    /// Does all of them once, as serving processes do; one that fails keeps none of the others from it.
    ///
    /// # Errors
    /// That of the last one that failed.
    pub async fn once(&self) -> Result<()> {
        let chores = self.chores.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut ended = Ok(());
        for Chore { rows, sweep } in chores {
            match sweep().await {
                Ok(removed) => tracing::debug!(removed, "removed {removed} {rows}"),
                Err(error) => ended = Err(error),
            }
        }
        ended
    }
}

impl fmt::Debug for Sweeps {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let chores = self.chores.lock().unwrap_or_else(PoisonError::into_inner);
        formatter.debug_list().entries(chores.iter().map(|chore| chore.rows)).finish()
    }
}

/// What is swept.
#[derive(Debug, Clone)]
pub(super) struct Sweep {
    pub(super) db: Db,
    pub(super) audit: AuditLog,
    pub(super) clock: Clock,
    /// How long audit events are kept; absent means for ever.
    pub(super) keep_audit: Option<Duration>,
    pub(super) of_servers: Sweeps,
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
        self.of_servers.once().await
    }
}
