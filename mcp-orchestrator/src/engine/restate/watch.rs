//! What this process does beside what Restate says: it tells runs whose time has come. A wait is a row with an index and
//! costs nothing until then. Several processes may tell a run the same; it takes that once.

use std::sync::Arc;
use std::time::Duration;

use common::clock::{UnixMillis, after};
use common::error::Result;
use futures_util::stream::{self, StreamExt};

use super::keeper::Keeper;
use super::message::{Told, What};
use super::record::OWNER;
use crate::engine::delivery::AT_A_TIME;
use crate::store::runs::RunKey;
use crate::store::waits;

/// Most runs that are told at a time.
const TOLD_MAX: i64 = 256;

impl Keeper {
    pub(super) async fn watch(self: &Arc<Self>) {
        loop {
            self.alarm.clear();
            let next_ms = match self.look_around().await {
                Ok(next_ms) => next_ms,
                Err(error) => {
                    tracing::warn!("what is due cannot be told: {error}");
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
    async fn look_around(self: &Arc<Self>) -> Result<UnixMillis> {
        let (db, now_ms) = (&self.parts.db, self.now_ms());
        let due = waits::due(db, OWNER, (now_ms, TOLD_MAX)).await?;
        let is_full = i64::try_from(due.len()).is_ok_and(|found| found >= TOLD_MAX);
        let told = stream::iter(due).map(|(run, _)| self.tell_due(run, now_ms));
        let told: Vec<Result<()>> = told.buffer_unordered(AT_A_TIME).collect().await;
        told.into_iter().collect::<Result<()>>()?;
        self.look_at_approvals(now_ms).await?;
        if is_full {
            return Ok(now_ms);
        }
        Ok(waits::next_due_ms(db, now_ms).await?.unwrap_or(UnixMillis::MAX))
    }

    async fn tell_due(&self, run: RunKey, now_ms: UnixMillis) -> Result<()> {
        let waits = waits::due_of(&self.parts.db, &run, now_ms).await?;
        if waits.is_empty() {
            return Ok(());
        }
        self.ingress.tell(&run, &Told { at_ms: now_ms, what: What::Due { waits } }).await.map(|_| ())
    }
}
