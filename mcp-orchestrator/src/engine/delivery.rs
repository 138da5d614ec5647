//! What comes for runs from outside: events to whoever listens, signals, people's words.

use std::collections::BTreeMap;
use std::sync::Arc;

use common::db::Db;
use common::error::{Error, ErrorCode, Result};
use common::tenant::TenantId;
use futures_util::stream::{self, StreamExt, TryStreamExt};

use super::definitions::Cached;
use super::mailbox::Message;
use super::matching;
use super::refusal::{no_such_run, unfit};
use super::worker::Worker;
use crate::event::Event;
use crate::run::{RunId, WaitId};
use crate::store::inputs::Kept;
use crate::store::runs::{Change, Delivered, Delivery, Receipt, RunKey};
use crate::store::waits::{self, Filter};

/// Listeners that are read at a time.
const PAGE: i64 = 500;

/// Deliveries of one event under way at a time, so that they share commits.
pub(super) const AT_A_TIME: usize = 64;

impl Worker {
    /// Gives an event to all runs that listen for it.
    pub(super) async fn deliver(self: &Arc<Self>, tenant: &TenantId, event: &Event) -> Result<usize> {
        let listening = listening((&self.parts.db, &self.definitions), tenant, event).await?;
        let envelope = event.envelope();
        let taken = stream::iter(listening).map(|(run, waits)| {
            let kept = Kept::Event { waits, event: envelope.clone() };
            self.hand_in_gently(run, event_input(event), kept)
        });
        let taken: Vec<bool> = taken.buffer_unordered(AT_A_TIME).try_collect().await?;
        Ok(taken.into_iter().filter(|taken| *taken).count())
    }

    /// Gives an event to one run, if it listens for its kind.
    pub(super) async fn signal(self: &Arc<Self>, tenant: &TenantId, run: &RunId, event: &Event) -> Result<()> {
        let key = RunKey { tenant: tenant.clone(), run_id: run.clone() };
        let waits = listening_of(&self.parts.db, &key, event).await?;
        if waits.is_empty() && !self.is_taken(&key, event).await? {
            return Err(does_not_listen(event));
        }
        let kept = Kept::Event { waits, event: event.envelope() };
        self.hand_in(key, event_input(event), (kept, false)).await.map(|_| ())
    }

    /// Whether the run has had this very event already: then that is no failure.
    async fn is_taken(&self, run: &RunKey, event: &Event) -> Result<bool> {
        crate::store::inputs::is_known(&self.parts.db, run, &event_input(event)).await
    }

    /// Keeps something for a run and wakes whoever has it. True if it was not known.
    ///
    /// # Errors
    /// `not_found`; `failed_precondition` if the run is not one that takes it.
    pub(super) async fn hand_in(
        self: &Arc<Self>,
        run: RunKey,
        input_id: String,
        (kept, revives): (Kept, bool),
    ) -> Result<bool> {
        let worker = self.lease.worker().filter(|_| self.room() > 0);
        let delivery = Delivery {
            run: run.clone(),
            input_id,
            kept,
            revives,
            worker: worker.as_ref().map(ToString::to_string),
            now_ms: self.now_ms(),
        };
        let Receipt::Delivered(delivered) = self.writer.write(Change::Deliver(Box::new(delivery))).await? else {
            return Err(Error::internal("a run was not told", "another receipt"));
        };
        match delivered {
            Delivered::Claimed(row) => {
                if let Some(worker) = worker {
                    self.own(vec![*row], &worker).await;
                }
                Ok(true)
            }
            Delivered::Kept => {
                if !self.post(&run, Message::Look) {
                    self.alarm.set(self.now_ms());
                }
                Ok(true)
            }
            Delivered::Known => Ok(false),
            Delivered::NoSuchRun => Err(no_such_run()),
            Delivered::Unfit(status) => Err(unfit(status)),
        }
    }

    /// The same for one of many runs: that it has ended meanwhile is no failure.
    pub(super) async fn hand_in_gently(self: &Arc<Self>, run: RunKey, input_id: String, kept: Kept) -> Result<bool> {
        match self.hand_in(run, input_id, (kept, false)).await {
            Err(error) if matches!(error.code(), ErrorCode::NotFound | ErrorCode::FailedPrecondition) => Ok(false),
            other => other,
        }
    }
}

/// The runs that listen for an event, each with its waits that it fits.
pub(super) async fn listening(
    (db, definitions): (&Db, &Cached),
    tenant: &TenantId,
    event: &Event,
) -> Result<BTreeMap<RunKey, Vec<WaitId>>> {
    let mut listening: BTreeMap<RunKey, Vec<WaitId>> = BTreeMap::new();
    for filter in waits::filters(db, tenant, &event.kind).await? {
        find((db, definitions), tenant, (event, &filter), &mut listening).await?;
    }
    Ok(listening)
}

/// The waits of one run that are for a kind of event, whatever correlations say.
pub(super) async fn listening_of(db: &Db, run: &RunKey, event: &Event) -> Result<Vec<WaitId>> {
    let listening = waits::listeners_of(db, run).await?;
    let fits = |kind: Option<&str>| matching::fits_kind(kind, &event.kind);
    Ok(listening
        .into_iter()
        .filter(|listener| fits(listener.listening.kind.as_deref()))
        .map(|listener| listener.wait_id)
        .collect())
}

/// Finds who listens with one filter, by index.
async fn find(
    (db, definitions): (&Db, &Cached),
    tenant: &TenantId,
    (event, filter): (&Event, &Filter),
    listening: &mut BTreeMap<RunKey, Vec<WaitId>>,
) -> Result<()> {
    let Ok(workflow) = definitions.get(tenant, &filter.workflow, filter.workflow_revision).await else {
        // A definition that is gone has no runs that could go on.
        return Ok(());
    };
    let envelope = event.envelope();
    let Some(fitting) = workflow.filter_at(&filter.pointer) else { return Ok(()) };
    if !matching::may_fit(fitting, &envelope) {
        return Ok(());
    }
    let Ok(key) = matching::index_key(fitting, &envelope) else { return Ok(()) };
    let mut after = (String::new(), String::new());
    loop {
        let behind = ((after.0.as_str(), after.1.as_str()), PAGE);
        let page = waits::listeners(db, tenant, (filter, key.as_deref()), behind).await?;
        let is_last = page.len() < usize::try_from(PAGE).unwrap_or(usize::MAX);
        if let Some(last) = page.last() {
            after = (last.run.run_id.0.clone(), last.wait_id.0.clone());
        }
        for listener in page {
            if matching::is_for(fitting, &listener.listening, &envelope) {
                listening.entry(listener.run).or_default().push(listener.wait_id);
            }
        }
        if is_last {
            return Ok(());
        }
    }
}

/// A run waits for something else.
pub(super) fn does_not_listen(event: &Event) -> Error {
    let message = format!("the run does not listen for `{}`", event.kind);
    Error::new(ErrorCode::NotFound, message).with_hint("look at what it waits for")
}

/// What an event is the same by, among all that comes for a run.
pub(super) fn event_input(event: &Event) -> String {
    format!("event.{}", event.event_id)
}
