//! What is done when runs have ended: failures are written down and told to workflows, successes to the CRM. All of it is
//! as certain as the end of the run, since it is written in the same commit.

mod runs;
mod settings;
mod success_tag;

use std::collections::BTreeMap;
use std::sync::Arc;

use common::clock::{Clock, UnixMillis, after};
use common::db::{Db, Dialect, Tx};
use common::error::{Error, Result};
use common::tenant::TenantId;

use crate::engine::hooks::EndedRun;
use crate::event::{Arrival, EventIds, OWN_SOURCE};
use crate::failure::{ALERT_KIND, Failed, FailureKind, FailureState, alert_key, failure_id, is_started_by_alert};
use crate::inbox::Inbox;
use crate::interpreter::Ending;
use crate::run::RunId;
use crate::store::{events, failures};

pub use runs::{RunBook, RunFacts};
pub use settings::{FailureSettings, SuccessTagSettings};
pub use success_tag::{Crm, SuccessTags};

/// Runs that start runs that start runs: looked through this far for the one that all began with.
const GENERATIONS_MAX: usize = 32;

/// Writes down what came of runs. Cheap to clone; all clones are one.
#[derive(Debug, Clone)]
pub struct FollowUp {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    db: Db,
    clock: Clock,
    ids: EventIds,
    inbox: Inbox,
    runs: Arc<dyn RunBook>,
    tags: Option<SuccessTags>,
    settings: FailureSettings,
}

impl FollowUp {
    /// Over the tables of this server. Touches nothing.
    #[must_use]
    pub fn new(
        (db, clock): (Db, Clock),
        inbox: Inbox,
        runs: Arc<dyn RunBook>,
        tags: Option<SuccessTags>,
        settings: FailureSettings,
    ) -> Self {
        let inner = Inner { db, clock, ids: EventIds::default(), inbox, runs, tags, settings };
        Self { inner: Arc::new(inner) }
    }

    /// Writes down what follows from runs that end, in the commit with which they end.
    ///
    /// # Errors
    /// Those of the database: the runs have then not ended.
    pub async fn keep(&self, (dialect, tx): (Dialect, &mut Tx), ended: &[EndedRun]) -> Result<()> {
        let mut done: BTreeMap<(&TenantId, &str), Vec<String>> = BTreeMap::new();
        for end in ended {
            let state = match &end.ending {
                Ending::Failed { failure } => {
                    let failed = Failed::of_run(&end.run_id, &end.workflow, failure, end.ended_ms);
                    failures::note(tx, &end.tenant, &failed).await?;
                    self.alert((dialect, &mut *tx), end, &failed).await?;
                    continue;
                }
                Ending::Completed { .. } => FailureState::Resolved,
                Ending::Cancelled { .. } => FailureState::Skipped,
            };
            let id = failure_id(FailureKind::Run, &end.run_id.0);
            done.entry((&end.tenant, state.as_str())).or_default().push(id);
        }
        for ((tenant, state), ids) in done {
            let state =
                if state == FailureState::Resolved.as_str() { FailureState::Resolved } else { FailureState::Skipped };
            failures::close((dialect, &mut *tx), tenant, &ids, state).await?;
        }
        match &self.inner.tags {
            Some(tags) => tags.keep((dialect, tx), ended).await,
            None => Ok(()),
        }
    }

    /// The commit has happened: what it has written is looked at now.
    pub fn committed(&self, ending: &Ending) {
        match ending {
            Ending::Failed { .. } => self.inner.inbox.wake(),
            Ending::Completed { .. } => {
                if let Some(tags) = &self.inner.tags {
                    tags.wake();
                }
            }
            Ending::Cancelled { .. } => {}
        }
    }

    /// Writes a failure of anything else down.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn note(&self, tenant: &TenantId, failed: &Failed) -> Result<()> {
        let mut tx = self.inner.db.begin().await?;
        failures::note(&mut tx, tenant, failed).await?;
        Ok(tx.commit().await?)
    }

    /// Says what has become of something that may have failed before. Returns whether it had.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn mark(
        &self,
        tenant: &TenantId,
        (kind, subject): (FailureKind, &str),
        state: FailureState,
    ) -> Result<bool> {
        let mut tx = self.inner.db.begin().await?;
        let closed =
            failures::close((self.inner.db.dialect(), &mut tx), tenant, &[failure_id(kind, subject)], state).await?;
        tx.commit().await?;
        Ok(closed > 0)
    }

    /// Forgets what has been kept long enough. Returns how many failures.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn forget_old(&self) -> Result<u64> {
        let Some(before_ms) = self.inner.settings.before_ms(self.inner.clock.now_ms()) else { return Ok(0) };
        let mut forgotten = 0;
        loop {
            let some = failures::forget(&self.inner.db, before_ms).await?;
            forgotten += some;
            if some == 0 {
                return Ok(forgotten);
            }
        }
    }

    /// An event about a failed run, one for each cause and span; none about runs that such an event has started, nor
    /// about what those start: an alert that fails would be the cause of the next one.
    async fn alert(&self, (dialect, tx): (Dialect, &mut Tx), end: &EndedRun, failed: &Failed) -> Result<()> {
        let Some(span_ms) = self.inner.settings.alert_span_ms() else { return Ok(()) };
        if self.is_of_alert(end).await? {
            return Ok(());
        }
        let fingerprint = failed.fingerprint();
        let open = failures::open_of(tx, &end.tenant, &fingerprint).await?;
        let data = serde_json::json!({
            "workflow": end.workflow,
            "run": end.run_id,
            "step": failed.step,
            "code": failed.code,
            "reason": failed.reason,
            "next_step": failed.next_step,
            "attempts": failed.attempts,
            "cause": fingerprint,
            // With this one; the others are in `list_failures`.
            "failures_open": open,
            "link": format!("orchestrator://runs/{}", end.run_id),
        });
        let body =
            serde_json::to_vec(&data).map_err(|source| Error::internal("an alert could not be encoded", source))?;
        let now_ms = end.ended_ms;
        let arrival = Arrival {
            tenant: end.tenant.clone(),
            event_id: self.inner.ids.next(now_ms),
            source: OWN_SOURCE.to_owned(),
            kind: ALERT_KIND.to_owned(),
            dedupe_key: alert_key(&fingerprint, now_ms.div_euclid(span_ms)),
            received_ms: now_ms,
            headers: vec![("content-type".to_owned(), "application/json".to_owned())],
            body,
        };
        events::insert(dialect, tx, &[arrival]).await.map(drop)
    }

    async fn is_of_alert(&self, end: &EndedRun) -> Result<bool> {
        let mut started_by = end.started_by.clone();
        for _ in 0..GENERATIONS_MAX {
            let Some(key) = started_by else { return Ok(false) };
            if is_started_by_alert(&key) {
                return Ok(true);
            }
            let Some((parent, _wait)) = key.split_once('/').filter(|(parent, _)| parent.starts_with("run_")) else {
                return Ok(false);
            };
            let parent = self.inner.runs.find(&end.tenant, &RunId(parent.to_owned())).await?;
            started_by = parent.and_then(|parent| parent.started_by);
        }
        Ok(true)
    }
}

/// Days before an instant; none for ever.
fn days_before(now_ms: UnixMillis, days: u32) -> Option<UnixMillis> {
    let span = std::time::Duration::from_hours(24) * days;
    (days > 0).then(|| now_ms.saturating_sub(after(0, span)))
}
