//! Events that came before anybody listened: a wait that has begun is given what has come since its run began.
//!
//! A wait's row says that this is still to be done, from the commit with which it begins: no crash and no other process
//! comes in between.

use std::collections::BTreeMap;
use std::sync::Arc;

use common::clock::UnixMillis;
use common::error::Result;
use common::tenant::TenantId;

use super::delivery::event_input;
use super::matching;
use super::worker::Worker;
use crate::event::Event;
use crate::run::WaitId;
use crate::store::events::window;
use crate::store::inputs::{self, Kept};
use crate::store::runs::{Change, RunKey};
use crate::store::unseen::{self, Unseen};
use crate::workflow::{EventFilter, Pointer};

/// Waits that are looked at together.
const TOGETHER: i64 = 256;

/// How many of a tenant's last events are looked through.
const EVENTS_MAX: i64 = 10_000;

/// Events that are read at a time.
const PAGE: i64 = 100;

impl Worker {
    /// Gives waits that have just begun the first event that has come for them before. Returns whether there may be more.
    pub(super) async fn look_back(self: &Arc<Self>, now_ms: UnixMillis) -> Result<bool> {
        let found = unseen::begun(&self.parts.db, now_ms, TOGETHER).await?;
        if found.is_empty() {
            return Ok(false);
        }
        let is_full = i64::try_from(found.len()).is_ok_and(|count| count == TOGETHER);
        let seen = found.iter().map(|wait| (wait.run.clone(), wait.wait_id.clone())).collect();
        let mut by_filter: BTreeMap<(TenantId, String, i64, Pointer), Vec<Unseen>> = BTreeMap::new();
        for wait in found {
            let tenant = wait.run.tenant.clone();
            let filter = (tenant, wait.workflow.clone(), wait.workflow_revision, wait.listening.filter.clone());
            by_filter.entry(filter).or_default().push(wait);
        }
        for ((tenant, workflow, revision, pointer), waits) in by_filter {
            // A definition that is gone has no runs that could go on.
            let Ok(workflow) = self.definitions.get(&tenant, &workflow, revision).await else { continue };
            if let Some(filter) = workflow.filter_at(&pointer) {
                self.look_through(&tenant, filter, waits).await?;
            }
        }
        self.writer.write_patiently(Change::Seen(seen)).await?;
        Ok(is_full)
    }

    /// Looks through what has come since the first of these runs began, for waits with one filter.
    async fn look_through(
        self: &Arc<Self>,
        tenant: &TenantId,
        filter: &EventFilter,
        mut waits: Vec<Unseen>,
    ) -> Result<()> {
        let db = &self.parts.db;
        let Some(since_ms) = waits.iter().map(|wait| wait.run_began_ms).min() else { return Ok(()) };
        let mut behind = window::behind_last(db, tenant, (since_ms, EVENTS_MAX)).await?;
        let kind = filter.kind.as_deref().filter(|kind| !kind.ends_with('*'));
        while !waits.is_empty() {
            let page = window::of_kind(db, tenant, (&behind, kind), PAGE).await?;
            for stored in &page {
                self.give(tenant, &stored.event(), filter, &mut waits).await?;
            }
            match page.last() {
                Some(last) if i64::try_from(page.len()).is_ok_and(|count| count == PAGE) => {
                    behind.clone_from(&last.event_id);
                }
                _ => return Ok(()),
            }
        }
        Ok(())
    }

    /// Gives an event to those of the waits that it is for; they want no other one.
    async fn give(
        self: &Arc<Self>,
        tenant: &TenantId,
        event: &Event,
        filter: &EventFilter,
        waits: &mut Vec<Unseen>,
    ) -> Result<()> {
        let (envelope, event_key) = (event.envelope(), event.key());
        if !matching::may_fit(filter, &envelope) {
            return Ok(());
        }
        let Ok(key) = matching::index_key(filter, &envelope) else { return Ok(()) };
        let mut meant: BTreeMap<RunKey, Vec<WaitId>> = BTreeMap::new();
        for wait in waits.iter() {
            let is_new = event.received_ms >= wait.run_began_ms && wait.started_by.as_deref() != Some(&event_key);
            let is_key = wait.listening.key.is_none() || wait.listening.key == key;
            if is_new && is_key && matching::is_for(filter, &wait.listening, &envelope) {
                meant.entry(wait.run.clone()).or_default().push(wait.wait_id.clone());
            }
        }
        for (run, ids) in meant {
            let kept = Kept::Event { waits: ids.clone(), event: envelope.clone() };
            let is_first = self.hand_in_gently(run.clone(), event_input(event), kept).await?;
            if is_first {
                window::taken(&self.parts.db, tenant, &event.event_id).await?;
            }
            if is_first || self.has_been_given(&run, event, &ids).await? {
                waits.retain(|wait| wait.run != run || !ids.contains(&wait.wait_id));
            }
        }
        Ok(())
    }

    /// Whether an event that the run knows was for one of these waits, and not for an earlier one.
    async fn has_been_given(&self, run: &RunKey, event: &Event, ids: &[WaitId]) -> Result<bool> {
        Ok(match inputs::find(&self.parts.db, run, &event_input(event)).await? {
            Some(Kept::Event { waits, .. }) => waits.iter().any(|wait| ids.contains(wait)),
            Some(Kept::Decided { .. } | Kept::Input(_)) | None => false,
        })
    }
}
