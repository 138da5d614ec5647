//! Compares the CRM with our events and effects, each night and when asked: the answer to events that never arrived.

mod compare;
mod nightly;
mod repair;
mod settings;

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use common::auth::{Acting, Caller};
use common::clock::{Clock, UnixMillis, after, time_ordered_uuid};
use common::db::Db;
use common::error::{Error, ErrorCode, Result};
use common::tenant::TenantId;
use sha2::{Digest, Sha256};

use crate::engine::Answering;
use crate::follow_up::{Crm, RunBook, SuccessTags};
use crate::inbox::Inbox;
use crate::store::events::window;
use crate::store::reconciliations::{self, Report, ReportState};
use crate::workflow::EventFilter;

pub use repair::Repaired;
pub use settings::{ReconciliationSettings, RepairMode};

/// How long a reconciliation is left to the process that runs it, beyond the last sign of life.
const ALIVE: Duration = Duration::from_mins(10);

/// How long reports are kept, in days.
const KEPT_DAYS: i64 = 90;

const DAY_MS: i64 = 86_400_000;

/// A workflow that events start.
#[derive(Debug, Clone)]
pub struct Starter {
    pub workflow: String,
    /// Any of them.
    pub filters: Vec<EventFilter>,
    /// Since when it is published as it is: earlier events are not held against it.
    pub since_ms: UnixMillis,
    /// For whom its runs act: whoever published it.
    pub acting: Acting,
}

/// The workflows that events start. A seam: the registry of definitions is another module's.
pub trait Starters: fmt::Debug + Send + Sync {
    /// Those of a tenant, as they are published now.
    fn starters<'a>(&'a self, tenant: &'a TenantId) -> Answering<'a, Arc<[Starter]>>;
}

/// What it works with.
#[derive(Debug)]
pub struct Parts {
    pub db: Db,
    pub clock: Clock,
    pub inbox: Inbox,
    pub crm: Arc<dyn Crm>,
    pub runs: Arc<dyn RunBook>,
    pub starters: Arc<dyn Starters>,
    /// Where success tags are set again; none if they are switched off.
    pub tags: Option<SuccessTags>,
    /// Whose events come from the CRM: the names of sources, by tenant.
    pub sources: BTreeSet<(TenantId, String)>,
    /// The shortest time that events are kept for, in days; 0 is for ever.
    pub events_kept_days: u32,
    pub settings: ReconciliationSettings,
}

/// Reconciles. Cheap to clone; all clones are one.
#[derive(Debug, Clone)]
pub struct Reconciler {
    parts: Arc<Parts>,
}

/// What is compared.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Order {
    /// The CRM's location, its name or id; none for the one that it has by default.
    pub location: Option<String>,
    /// Since when; none: since the last time, else a day.
    pub since_ms: Option<UnixMillis>,
}

impl Reconciler {
    /// Touches nothing.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        Self { parts: Arc::new(parts) }
    }

    /// Compares now. Returns the report's id.
    ///
    /// # Errors
    /// Those of the CRM and the database; the report then says why it failed.
    pub async fn compare(&self, caller: &Caller, order: &Order) -> Result<String> {
        let id = format!("rec_{}", time_ordered_uuid(self.parts.clock.now_ms()).simple());
        self.compare_as(caller, order, id.clone()).await?;
        Ok(id)
    }

    /// Compares under an id. False: that is done, or somebody else does it.
    async fn compare_as(&self, caller: &Caller, order: &Order, id: String) -> Result<bool> {
        let Parts { db, clock, .. } = &*self.parts;
        let mut report = self.open(caller.tenant(), order, id).await?;
        if !reconciliations::begin(db, &report, after(clock.now_ms(), ALIVE)).await? {
            return Ok(false);
        }
        let compared = compare::compare(&self.parts, caller, &mut report).await;
        report.ended_ms = Some(clock.now_ms());
        report.state = if compared.is_ok() { ReportState::Done } else { ReportState::Failed };
        if let Err(error) = &compared {
            report.remark = Some(error.message().to_owned());
        }
        reconciliations::progress(db, &report, &[], 0).await?;
        let (contacts, events, gaps) = (report.contacts, report.events, report.gaps);
        tracing::info!(
            report.id = %report.id, contacts, events, gaps,
            "compared {contacts} contacts and {events} events: {gaps} gaps"
        );
        compared.map(|()| true)
    }

    /// A report with nothing in it yet: from what was last looked at, within what is still kept, until shortly ago.
    async fn open(&self, tenant: &TenantId, order: &Order, id: String) -> Result<Report> {
        let Parts { db, clock, settings, .. } = &*self.parts;
        let now_ms = clock.now_ms();
        let until_ms = now_ms.saturating_sub(settings.settled_ms());
        let location = order.location.clone().unwrap_or_default();
        let since_ms = if let Some(since_ms) = order.since_ms {
            since_ms
        } else {
            let before = reconciliations::compared_until(db, tenant, &location).await?;
            before.unwrap_or_else(|| until_ms.saturating_sub(DAY_MS))
        };
        let since_ms = since_ms.max(self.kept_since(now_ms)).min(until_ms);
        Ok(Report {
            tenant: tenant.clone(),
            id,
            location,
            since_ms,
            until_ms,
            state: ReportState::Running,
            contacts: 0,
            events: 0,
            gaps: 0,
            remark: None,
            began_ms: now_ms,
            ended_ms: None,
        })
    }

    /// What is older may be forgotten already, and forgotten is not missing.
    fn kept_since(&self, now_ms: UnixMillis) -> UnixMillis {
        match i64::from(self.parts.events_kept_days) {
            0 => 0,
            days => now_ms.saturating_sub(days.saturating_sub(1).saturating_mul(DAY_MS)),
        }
    }

    /// A report; `not_found` if there is none of that id.
    pub(crate) async fn report(&self, tenant: &TenantId, id: &str) -> Result<Report> {
        reconciliations::find(&self.parts.db, tenant, id).await?.ok_or_else(|| {
            Error::new(ErrorCode::NotFound, "there is no report of that id")
                .with_hint("reconcile without `report` makes one")
        })
    }

    /// Forgets old reports. Returns how many.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn forget_old(&self) -> Result<u64> {
        let before_ms = self.parts.clock.now_ms().saturating_sub(KEPT_DAYS * DAY_MS);
        reconciliations::forget(&self.parts.db, before_ms).await
    }

    pub(crate) fn db(&self) -> &Db {
        &self.parts.db
    }
}

impl Parts {
    /// When the first event of the CRM came that is still kept; none if none ever has.
    async fn first_event_ms(&self, tenant: &TenantId) -> Result<Option<UnixMillis>> {
        let mut first: Option<UnixMillis> = None;
        for (_, source) in self.sources.iter().filter(|(owner, _)| owner == tenant) {
            let of_source = window::first_of_source(&self.db, tenant, source).await?;
            first = [first, of_source].into_iter().flatten().min();
        }
        Ok(first)
    }
}

/// The id of the report of a night: the same in every process.
fn nightly_id(tenant: &TenantId, location: &str, due_ms: UnixMillis) -> String {
    let mut digest = Sha256::new();
    for part in [tenant.as_str(), location, &due_ms.to_string()] {
        digest.update(part.as_bytes());
        digest.update([0]);
    }
    let digest = hex::encode(digest.finalize());
    format!("rec_{}", digest.get(..32).unwrap_or_default())
}
