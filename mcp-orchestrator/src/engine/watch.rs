//! What this process does beside its runs: it says that it lives, takes over from those that do not, and looks for
//! what has come due, has come in, or was left by others.

use std::sync::Arc;
use std::time::Duration;

use common::clock::{UnixMillis, after, time_ordered_uuid};
use common::error::Result;
use tokio_util::sync::CancellationToken;

use super::mailbox::Message;
use super::worker::Worker;
use crate::store::runs::{Change, Claim, Receipt};
use crate::store::{inputs, waits, workers};

/// Most runs that are taken at a time.
const TAKEN_MAX: usize = 256;

/// Heartbeats within one lease.
const BEATS: u32 = 4;

impl Worker {
    /// Works until `stop` fires, then leaves its runs to others.
    pub(super) async fn serve(self: &Arc<Self>, stop: CancellationToken) {
        loop {
            let worker: Arc<str> = format!("wrk_{}", time_ordered_uuid(self.now_ms()).simple()).into();
            if let Err(error) = self.register(&worker).await {
                tracing::error!("the workflow engine cannot begin: {error}");
            } else {
                tracing::debug!(worker.id = %worker, "the workflow engine works as `{worker}`");
                tokio::select! {
                    biased;
                    () = stop.cancelled() => {}
                    () = self.beat(&worker) => {}
                    () = self.watch(&worker) => {}
                    () = self.listen_to_decisions() => {}
                }
                // Whatever happens from here on happens under another name, or not at all.
                self.lease.take(None);
                self.desk.clear();
            }
            if stop.is_cancelled() {
                if let Err(error) = self.leave(&worker).await {
                    tracing::warn!("runs are taken over only when the lease ends: {error}");
                }
                return;
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = self.parts.clock.sleep(self.parts.settings.poll()) => {}
            }
        }
    }

    async fn register(&self, worker: &Arc<str>) -> Result<()> {
        let alive_until_ms = after(self.now_ms(), self.parts.settings.lease());
        self.writer.write_patiently(Change::Register { worker: Arc::clone(worker), alive_until_ms }).await?;
        self.lease.renew(alive_until_ms);
        self.lease.take(Some(Arc::clone(worker)));
        Ok(())
    }

    /// Past the writer, which takes nothing any more when the process stops.
    async fn leave(&self, worker: &Arc<str>) -> Result<()> {
        let mut tx = self.parts.db.begin().await?;
        workers::leave(&mut tx, worker).await?;
        Ok(tx.commit().await?)
    }

    /// Returns when this worker has been buried.
    async fn beat(&self, worker: &Arc<str>) {
        loop {
            if let Err(error) = self.bury().await {
                tracing::warn!("dead workers cannot be looked for: {error}");
            }
            self.parts.clock.sleep(self.parts.settings.lease() / BEATS).await;
            let alive_until_ms = after(self.now_ms(), self.parts.settings.lease());
            let change = Change::Beat { worker: Arc::clone(worker), alive_until_ms };
            match self.writer.write_patiently(change).await {
                Ok(Receipt::Alive(true)) => self.lease.renew(alive_until_ms),
                Ok(_) => {
                    tracing::warn!(worker.id = %worker, "this process was away for too long: its runs are others' by now");
                    return;
                }
                Err(error) => tracing::warn!("the workflow engine cannot say that it lives: {error}"),
            }
        }
    }

    /// Makes the runs of dead workers anybody's.
    async fn bury(&self) -> Result<()> {
        for worker in workers::dead(&self.parts.db, self.now_ms()).await? {
            tracing::warn!(worker.id = worker, "worker `{worker}` is not heard of: its runs are taken over");
            self.writer.write_patiently(Change::Bury { worker, now_ms: self.now_ms() }).await?;
            self.alarm.set(self.now_ms());
        }
        Ok(())
    }

    async fn watch(self: &Arc<Self>, worker: &Arc<str>) {
        loop {
            self.alarm.clear();
            let next_ms = match self.look_around(worker).await {
                Ok(next_ms) => next_ms,
                Err(error) => {
                    tracing::warn!("what is due cannot be looked for: {error}");
                    UnixMillis::MAX
                }
            };
            self.rest(next_ms).await;
        }
    }

    /// Until something may have to be done.
    async fn rest(&self, next_ms: UnixMillis) {
        let poll_ms = after(self.now_ms(), self.parts.settings.poll());
        loop {
            let until_ms = next_ms.min(poll_ms).min(self.alarm.next_ms());
            let left = Duration::from_millis(u64::try_from(until_ms.saturating_sub(self.now_ms())).unwrap_or(0));
            if left.is_zero() {
                return;
            }
            tokio::select! {
                () = self.parts.clock.sleep(left) => return,
                () = self.alarm.moved() => {}
            }
        }
    }

    /// One look at everything. Returns when something is due next.
    async fn look_around(self: &Arc<Self>, worker: &Arc<str>) -> Result<UnixMillis> {
        let (db, now_ms) = (&self.parts.db, self.now_ms());
        let limit = i64::try_from(TAKEN_MAX).unwrap_or(i64::MAX);
        let mut is_full = false;
        let due = waits::due(db, worker, (now_ms, limit)).await?;
        is_full |= self.go_on(worker, &due, Claim::Due).await?;
        let arrived = inputs::arrived(db, worker, limit).await?;
        is_full |= self.go_on(worker, &arrived, Claim::Arrived).await?;
        if crate::store::runs::any_queued(db).await? {
            is_full |= self.claim(worker, Claim::Queued).await?;
        }
        self.look_at_approvals(now_ms).await?;
        is_full |= self.look_back(now_ms).await?;
        if is_full {
            return Ok(now_ms);
        }
        Ok(waits::next_due_ms(db, now_ms).await?.unwrap_or(UnixMillis::MAX))
    }

    /// Lets runs go on for which there is something: this process's own, and those that nobody has. Returns whether
    /// there may be more.
    async fn go_on(
        self: &Arc<Self>,
        worker: &Arc<str>,
        found: &[(crate::store::runs::RunKey, bool)],
        what: Claim,
    ) -> Result<bool> {
        for (run, _) in found.iter().filter(|(_, is_free)| !is_free) {
            self.post(run, Message::Look);
        }
        if found.iter().any(|(_, is_free)| *is_free) {
            return self.claim(worker, what).await;
        }
        Ok(false)
    }

    /// Takes runs that nobody has. Returns whether there may be more.
    async fn claim(self: &Arc<Self>, worker: &Arc<str>, what: Claim) -> Result<bool> {
        let most = self.room().min(TAKEN_MAX);
        if most == 0 {
            return Ok(false);
        }
        let limit = i64::try_from(most).unwrap_or(i64::MAX);
        let change = Change::Claim { worker: Arc::clone(worker), what, limit, now_ms: self.now_ms() };
        let Receipt::Claimed(rows) = self.writer.write_patiently(change).await? else { return Ok(false) };
        let is_full = rows.len() == most;
        self.own(rows, worker).await;
        Ok(is_full)
    }
}
