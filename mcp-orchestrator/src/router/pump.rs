//! Moves events from the inbox to the workflows: at once where this process stored them, within the poll otherwise.

use std::sync::Arc;
use std::time::Duration;

use common::clock::after;
use common::error::{Error, Result};
use futures_util::StreamExt as _;
use futures_util::stream;
use tokio_util::sync::CancellationToken;

use super::{Routed, Workflows, route};
use crate::engine::Engine;
use crate::event::{EventState, Outcome, Unclear};
use crate::inbox::{Inbox, InboxSettings};
use crate::store::events::{self, Settled, Stored};

/// Events looked at together: what became of them is one commit.
const BATCH: i64 = 256;

/// Before the second attempt at an event; doubles with each further one, up to the longest.
const PAUSE: Duration = Duration::from_secs(1);
const PAUSE_MAX: Duration = Duration::from_mins(5);

/// Routes events until it is told to stop.
#[derive(Debug, Clone)]
pub struct Pump {
    inbox: Inbox,
    engine: Arc<dyn Engine>,
    workflows: Arc<dyn Workflows>,
    poll: Duration,
    at_once_max: usize,
    attempts_max: i64,
}

impl Pump {
    /// From the inbox to the engine, by what is published.
    #[must_use]
    pub fn new(inbox: Inbox, engine: Arc<dyn Engine>, workflows: Arc<dyn Workflows>, settings: &InboxSettings) -> Self {
        Self {
            inbox,
            engine,
            workflows,
            poll: Duration::from_millis(settings.poll_ms.max(1)),
            at_once_max: settings.routed_at_once_max.max(1),
            attempts_max: i64::from(settings.attempts_max.max(1)),
        }
    }

    /// The service: rounds as events come, until `stop` fires.
    pub async fn run(self, stop: CancellationToken) {
        let rounds = async {
            loop {
                let arrived = self.inbox.arrived();
                match self.round().await {
                    // There may be more.
                    Ok(count) if count > 0 => continue,
                    Ok(_) => {}
                    Err(error) => {
                        let cause = error.cause();
                        tracing::warn!(
                            error.cause = cause,
                            "events could not be routed, trying again: {}",
                            error.message()
                        );
                    }
                }
                tokio::select! {
                    () = arrived => {}
                    () = self.inbox.clock().sleep(self.poll) => {}
                }
            }
        };
        stop.run_until_cancelled(rounds).await;
    }

    /// Routes the events that are due, at most a batch. Returns how many were looked at. Begun in the order of their
    /// arrival, several at once.
    ///
    /// # Errors
    /// Those of the database; what goes wrong with one event is noted with it.
    pub async fn round(&self) -> Result<usize> {
        let (db, clock) = (self.inbox.db(), self.inbox.clock());
        let claim = events::claim(db, clock.now_ms(), BATCH).await?;
        if claim.events.is_empty() {
            return Ok(0);
        }
        let routing: Vec<_> = claim.events.iter().map(|stored| self.look_at(stored)).collect();
        let settled: Vec<Settled> = stream::iter(routing).buffered(self.at_once_max).collect().await;
        let count = settled.len();
        events::settle(db, claim, &settled, clock.now_ms()).await?;
        Ok(count)
    }

    async fn look_at(&self, stored: &Stored) -> Settled {
        let event = stored.event();
        match route((&*self.engine, &*self.workflows), &stored.tenant, &event).await {
            Ok(Routed { outcome, unclear }) => routed(stored.outcome.clone().unwrap_or_default().and(outcome), unclear),
            Err(error) => self.put_off(stored, &error),
        }
    }

    fn put_off(&self, stored: &Stored, error: &Error) -> Settled {
        let attempts = stored.attempts.saturating_add(1);
        let is_last = attempts >= self.attempts_max;
        let state = if is_last { EventState::Failed } else { EventState::New };
        let doublings = u32::try_from(attempts.saturating_sub(1)).unwrap_or(u32::MAX).min(16);
        let pause = PAUSE.saturating_mul(1 << doublings).min(PAUSE_MAX);
        let (id, cause) = (&stored.event_id, error.cause());
        tracing::warn!(event.id = %id, error.cause = cause, attempts, "event `{id}` could not be routed: {}", error.message());
        Settled {
            state,
            attempts,
            due_ms: after(self.inbox.clock().now_ms(), pause),
            outcome: None,
            reason: Some(error.to_string()),
            unclear: None,
        }
    }
}

fn routed(outcome: Outcome, unclear: Option<Unclear>) -> Settled {
    let is_wanted = !outcome.started.is_empty() || outcome.delivered > 0;
    let state = if is_wanted { EventState::Routed } else { EventState::Unrouted };
    let reason = unclear.as_ref().map(|unclear| unclear.reason.clone());
    Settled { state, attempts: 0, due_ms: 0, outcome: Some(outcome), reason, unclear }
}
