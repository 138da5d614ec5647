//! Each night once, over any number of processes: the report of a night has the same id in all of them.

use std::collections::BTreeSet;
use std::time::Duration;

use common::clock::UnixMillis;
use common::error::Result;
use common::tenant::TenantId;
use tokio_util::sync::CancellationToken;

use super::{Order, Reconciler, RepairMode, nightly_id};
use crate::schedule::Beat;

/// How long it sleeps at most: the clock may be set.
const POLL: Duration = Duration::from_hours(1);

impl Reconciler {
    /// The service: compares each night until `stop` fires; a night that nobody was there is made up for.
    pub async fn run(self, stop: CancellationToken) {
        let settings = &self.parts.settings;
        let beat = match Beat::cron(&settings.cron, Some(&settings.zone)) {
            Ok(beat) if settings.nightly => beat,
            Ok(_) => return,
            Err(error) => return tracing::error!("nothing is reconciled at night: {}", error.message()),
        };
        let nights = async {
            loop {
                let now_ms = self.parts.clock.now_ms();
                if let Some(due_ms) = beat.last_until(now_ms) {
                    self.night(due_ms).await;
                }
                let next_ms = beat.next_after(self.parts.clock.now_ms()).unwrap_or(UnixMillis::MAX);
                let left_ms = next_ms.saturating_sub(self.parts.clock.now_ms()).max(0);
                let pause = Duration::from_millis(u64::try_from(left_ms).unwrap_or(u64::MAX)).min(POLL);
                self.parts.clock.sleep(pause).await;
            }
        };
        stop.run_until_cancelled(nights).await;
    }

    /// Compares what is to be compared in the night of an instant, unless that is done. Returns how many comparisons it
    /// has made.
    pub async fn night(&self, due_ms: UnixMillis) -> usize {
        let tenants: BTreeSet<&TenantId> = self.parts.sources.iter().map(|(tenant, _)| tenant).collect();
        let locations = &self.parts.settings.locations;
        let locations: Vec<Option<String>> =
            if locations.is_empty() { vec![None] } else { locations.iter().cloned().map(Some).collect() };
        let mut made = 0;
        for tenant in tenants {
            for location in &locations {
                match self.compare_for(tenant, location.clone(), due_ms).await {
                    Ok(is_made) => made += usize::from(is_made),
                    Err(error) => {
                        let cause = error.cause();
                        tracing::warn!(
                            tenant.id = %tenant, error.cause = cause,
                            "the CRM of `{tenant}` could not be compared: {}", error.message()
                        );
                    }
                }
            }
        }
        made
    }

    /// For whoever published a workflow that events start: without one, nobody asks for it and nobody could act.
    async fn compare_for(&self, tenant: &TenantId, location: Option<String>, due_ms: UnixMillis) -> Result<bool> {
        let starters = self.parts.starters.starters(tenant).await?;
        let Some(acting) = starters.first().map(|starter| starter.acting.clone()) else { return Ok(false) };
        let id = nightly_id(tenant, location.as_deref().unwrap_or_default(), due_ms);
        let order = Order { location, since_ms: None };
        if !self.compare_as(&acting.caller(tenant), &order, id.clone()).await? {
            return Ok(false);
        }
        if self.parts.settings.repair == RepairMode::Make {
            self.repair(tenant, &id).await?;
        }
        Ok(true)
    }
}
