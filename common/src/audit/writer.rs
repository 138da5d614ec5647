//! The one task that appends: it gathers events, links them into their chains and commits them together.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::sync::{Notify, mpsc, oneshot};
use tokio_util::sync::CancellationToken;

use super::AuditSettings;
use super::chain::{Chain, Link, heads_digest};
use super::event::{Entry, EventId, Record};
use super::{rows, store};
use crate::clock::Clock;
use crate::db::{Db, Tx};
use crate::error::{Error, ErrorCode, Result};
use crate::tenant::TenantId;

/// Most events in one commit.
const BATCH_EVENTS_MAX: usize = 2_048;
/// Most tenants whose chains are kept open. Beyond, all are left and begun again, which costs each a checkpoint.
const CHAINS_MAX: usize = 4_096;
/// How long to wait after a commit that did not succeed.
const RETRY_AFTER: Duration = Duration::from_millis(500);
/// How often to try again once the process is stopping.
const STOPPING_RETRIES_MAX: u32 = 4;

#[derive(Debug)]
pub(super) enum Message {
    /// Committed some time after it was sent.
    Event(Entry),
    /// Someone waits for this one to be committed, and is told if it could not be.
    Durable(Entry, oneshot::Sender<Result<()>>),
    /// Someone waits for everything before.
    Flush(oneshot::Sender<()>),
}

#[derive(Debug)]
pub(super) struct Writer {
    db: Db,
    clock: Clock,
    settings: AuditSettings,
    stopping: CancellationToken,
    chains: HashMap<TenantId, Chain>,
    /// Events that a commit did not take.
    backlog: Vec<Entry>,
    /// Who waits for everything before.
    flushes: Vec<oneshot::Sender<()>>,
    /// Consecutive commits that did not succeed.
    failures: u32,
}

impl Writer {
    pub(super) fn new(db: Db, clock: Clock, settings: AuditSettings, stopping: CancellationToken) -> Self {
        let (chains, backlog, flushes) = Default::default();
        Self { db, clock, settings, stopping, chains, backlog, flushes, failures: 0 }
    }

    /// Writes the first message and those received until the process stops, then a last checkpoint per chain.
    pub(super) async fn run(mut self, first: Message, mut receiver: mpsc::Receiver<Message>, hurry: Arc<Notify>) {
        let mut batch = vec![first];
        while !self.stopping.is_cancelled() && self.receive(&mut batch, &mut receiver, &hurry).await {
            self.commit_batch(&mut batch).await;
        }
        receiver.close();
        loop {
            receiver.recv_many(&mut batch, BATCH_EVENTS_MAX).await;
            if batch.is_empty() && self.backlog.is_empty() {
                break;
            }
            self.commit_batch(&mut batch).await;
            if self.failures > STOPPING_RETRIES_MAX {
                let events = self.backlog.len();
                tracing::error!(
                    events,
                    "lost {events} audit events: the database stayed away until the process stopped"
                );
                return;
            }
            if self.failures > 0 {
                self.clock.sleep(RETRY_AFTER).await;
            }
        }
        self.close_chains().await;
    }

    /// Waits for messages; `false` when there will be none any more.
    ///
    /// Lets more come in unless someone waits. Sleeping here rather than on the queue spares a wake-up per event.
    async fn receive(&self, batch: &mut Vec<Message>, receiver: &mut mpsc::Receiver<Message>, hurry: &Notify) -> bool {
        if batch.is_empty() && self.backlog.is_empty() {
            tokio::select! {
                count = receiver.recv_many(batch, BATCH_EVENTS_MAX) => if count == 0 { return false },
                () = self.stopping.cancelled() => return false,
            }
        }
        let gather = Duration::from_millis(self.settings.gather_ms);
        let pause = if self.backlog.is_empty() { gather } else { RETRY_AFTER };
        // A call to hurry made before this line is for a message that the next line finds.
        let _heard = hurry.notified().now_or_never();
        self.take_queued(batch, receiver);
        let is_patient = batch.iter().all(|message| matches!(message, Message::Event(_)));
        if is_patient && batch.len() < BATCH_EVENTS_MAX {
            tokio::select! {
                () = self.clock.sleep(pause) => {}
                () = hurry.notified() => {}
                () = self.stopping.cancelled() => {}
            }
            self.take_queued(batch, receiver);
        }
        true
    }

    /// With a backlog the queue may fill: then the callers wait, and no event is dropped.
    fn take_queued(&self, batch: &mut Vec<Message>, receiver: &mut mpsc::Receiver<Message>) {
        while batch.len() + self.backlog.len() < BATCH_EVENTS_MAX {
            let Ok(message) = receiver.try_recv() else { return };
            batch.push(message);
        }
    }

    /// Commits backlog and batch. On failure, whoever waits for an event is told and the event is dropped; the other
    /// events stay in the backlog.
    async fn commit_batch(&mut self, batch: &mut Vec<Message>) {
        let mut waiting: HashMap<EventId, _> = HashMap::new();
        let mut events = std::mem::take(&mut self.backlog);
        for message in batch.drain(..) {
            match message {
                Message::Event(entry) => events.push(entry),
                Message::Durable(entry, committed) => {
                    waiting.insert(entry.event_id, committed);
                    events.push(entry);
                }
                Message::Flush(flushed) => self.flushes.push(flushed),
            }
        }
        let committed = if events.is_empty() { Ok(()) } else { self.commit(&events).await };
        // Whoever went away leaves an intent without an outcome: there is nobody to tell.
        match committed {
            Ok(()) => {
                self.failures = 0;
                for committed in waiting.into_values() {
                    let _gone = committed.send(Ok(()));
                }
                for flushed in self.flushes.drain(..) {
                    let _gone = flushed.send(());
                }
            }
            Err(error) => {
                self.failures = self.failures.saturating_add(1);
                // Said ever more rarely: it is one trouble, tried every half second.
                if self.failures.is_power_of_two() {
                    let events = events.len();
                    tracing::error!(error = ?error, events, "could not commit {events} audit events, trying again");
                }
                events.retain(|entry| !waiting.contains_key(&entry.event_id));
                self.backlog = events;
                for committed in waiting.into_values() {
                    let _gone = committed.send(Err(not_recorded(&error)));
                }
            }
        }
    }

    /// Commits events in one transaction.
    ///
    /// On failure nothing is known of what the database holds: the chains concerned are left for new ones.
    async fn commit(&mut self, events: &[Entry]) -> Result<()> {
        let rows = rows::of(events);
        let mut chains: HashMap<_, _> =
            rows.iter().filter_map(|(tenant, _)| self.chains.remove_entry(*tenant)).collect();
        let mut tx = self.db.begin().await?;
        let mut links = Vec::with_capacity(rows.len() + 1);
        for (tenant, record) in rows {
            if !chains.contains_key(tenant) {
                chains.insert(tenant.clone(), Chain::begin(tenant, self.clock.now_ms()));
            }
            let Some(chain) = chains.get_mut(tenant) else { continue };
            if chain.sequence == 0 || chain.unchecked_events >= self.settings.checkpoint_events {
                links.push(self.checkpoint(&mut tx, tenant, chain).await?);
            }
            links.push(chain.link(tenant, record));
        }
        self.save(tx, &links, &chains).await?;
        if self.chains.len() >= CHAINS_MAX {
            self.chains.clear();
        }
        self.chains.extend(chains);
        Ok(())
    }

    /// A last checkpoint in every chain, so that each names what other processes wrote meanwhile.
    async fn close_chains(&mut self) {
        let mut chains = std::mem::take(&mut self.chains);
        let closing = async {
            let mut tx = self.db.begin().await?;
            let mut links = Vec::with_capacity(chains.len());
            for (tenant, chain) in &mut chains {
                links.push(self.checkpoint(&mut tx, tenant, chain).await?);
            }
            self.save(tx, &links, &chains).await
        };
        if let Err(error) = closing.await {
            // No event is lost with it: the chains are named by the next process to begin one.
            tracing::warn!(error = ?error, "could not write the last audit checkpoints");
        }
    }

    /// Appends an event that names the last events of the tenant's other chains.
    async fn checkpoint(&self, tx: &mut Tx, tenant: &TenantId, chain: &mut Chain) -> Result<Link> {
        let mut heads = store::unnamed_heads(tx, tenant, &chain.id).await?;
        let record = Record::checkpoint(self.clock.now_ms(), heads_digest(&mut heads));
        let link = chain.link(tenant, record);
        chain.unchecked_events = 0;
        store::insert_checkpoint_heads(&self.db, tx, &link, &heads).await?;
        Ok(link)
    }

    async fn save(&self, mut tx: Tx, links: &[Link], chains: &HashMap<TenantId, Chain>) -> Result<()> {
        store::insert_events(&self.db, &mut tx, links).await?;
        store::save_heads(&mut tx, chains).await?;
        Ok(tx.commit().await?)
    }
}

/// What the caller of an intent is told: its code, not the database's inner life.
fn not_recorded(error: &Error) -> Error {
    let code = match error.code() {
        ErrorCode::FailedPrecondition => ErrorCode::FailedPrecondition,
        ErrorCode::UpstreamUnavailable => ErrorCode::UpstreamUnavailable,
        _ => ErrorCode::Internal,
    };
    let refused = Error::new(code, "the call could not be recorded in the audit log, so it was not made");
    match error.hint() {
        Some(hint) => refused.with_hint(hint),
        None => refused,
    }
}
