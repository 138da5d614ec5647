//! Removes what is older than has to be kept, in a way that verification can tell from tampering.
//!
//! A chain's beginning is removed, never its middle; an intent that names the last event removed, and its hash, is
//! committed first, so that whoever removes more cannot show one.

use std::time::Duration;

use serde::Serialize;

use super::chain::Head;
use super::pruning::{PRUNE, Pruning};
use super::store::prunings;
use super::{Access, AuditLog, Call, Ending, Outcome};
use crate::auth::Caller;
use crate::clock::UnixMillis;
use crate::error::Result;
use crate::tenant::TenantId;

/// Events removed in one transaction.
const BATCH_EVENTS: i64 = 2_000;

/// Most batches of one sweep; the next takes the rest.
const BATCHES_MAX: u32 = 500;

/// What a sweep removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct PruneReport {
    pub events: u64,
}

impl AuditLog {
    /// Removes events older than `keep`, oldest first, at most a million in one sweep.
    ///
    /// # Errors
    /// Those of the database; what was removed until then stays removed, and is attested.
    pub async fn prune(&self, keep: Duration) -> Result<PruneReport> {
        let keep_ms = i64::try_from(keep.as_millis()).unwrap_or(i64::MAX);
        let before_ms = self.inner.clock.now_ms().saturating_sub(keep_ms);
        let mut report = PruneReport::default();
        for (tenant, pruning) in prunings::attested_before(&self.inner.db, before_ms).await? {
            // Its attestation would be removed with the rest.
            self.attest_and(&tenant, pruning, false).await?;
        }
        let mut batches = 0;
        for (tenant, chain_id) in prunings::chains_beginning_before(&self.inner.db, before_ms).await? {
            while batches < BATCHES_MAX {
                let Some(next) = self.next_batch(&tenant, &chain_id, before_ms).await? else { break };
                batches += 1;
                report.events = report.events.saturating_add(self.attest_and(&tenant, next, true).await?);
            }
        }
        Ok(report)
    }

    /// The old events at a chain's beginning, as the pruning that would remove them.
    async fn next_batch(&self, tenant: &TenantId, chain_id: &str, before_ms: UnixMillis) -> Result<Option<Pruning>> {
        let events = prunings::first_events(&self.inner.db, tenant, chain_id, BATCH_EVENTS).await?;
        let old = events.into_iter().take_while(|(_, at_ms)| *at_ms < before_ms);
        Ok(old.last().map(|(Head { chain_id, sequence, hash }, _)| Pruning {
            chain_id,
            sequence,
            hash,
            before_ms,
            attested_at_ms: self.inner.clock.now_ms(),
        }))
    }

    /// Commits the intent, then writes the pruning down and, if asked to, removes the events.
    async fn attest_and(&self, tenant: &TenantId, pruning: Pruning, is_removal: bool) -> Result<u64> {
        let caller = Caller::installation(tenant.clone());
        let call = Call::new(PRUNE, Access::Destroy, pruning.digest());
        let intent = self.intent(&caller, call).await?;
        let attested = Pruning { attested_at_ms: self.inner.clock.now_ms(), ..pruning };
        let mut tx = self.inner.db.begin().await?;
        let removed = if is_removal { prunings::remove(&mut tx, tenant, &attested).await? } else { 0 };
        prunings::save(&mut tx, tenant, &attested).await?;
        tx.commit().await?;
        self.outcome(&caller, Outcome { intent, ending: Ending::default() }).await;
        Ok(removed)
    }
}
