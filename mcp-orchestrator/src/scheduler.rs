//! Starts what is due by the clock: one sleeping task in each process, and one start for each due time over all of them.

use std::sync::Arc;
use std::time::Duration;

use common::auth::Acting;
use common::clock::{Clock, UnixMillis};
use common::db::{Db, Tx};
use common::error::{Error, Result};
use common::tenant::TenantId;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Deserialize;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::engine::{Engine, NewRun, Start};
use crate::event::OWN_SOURCE;
use crate::failure::{Failed, FailureKind, FailureState, schedule_subject};
use crate::follow_up::FollowUp;
use crate::run::RunId;
use crate::schedule::{Beat, Missed};
use crate::store::schedules::{self, Row, Timing};
use crate::workflow::Trigger;
use crate::workflow::task::Span;

/// Looked at together.
const BATCH: i64 = 64;

/// How long it sleeps at most: schedules that other processes publish are known this much later.
const POLL: Duration = Duration::from_secs(30);

/// Before a start that went wrong is tried again.
const PAUSE: Duration = Duration::from_secs(15);

/// `[orchestrator.schedules]`: what starts by the clock.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ScheduleSettings {
    /// What is done about times at which nothing ran: `one` run for the last of them, `all`, `none`.
    pub missed: Missed,
}

/// Keeps schedules. Cheap to clone; all clones are one.
#[derive(Debug, Clone)]
pub struct Scheduler {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    db: Db,
    clock: Clock,
    engine: Arc<dyn Engine>,
    follow_up: FollowUp,
    missed: Missed,
    changed: Notify,
}

/// A workflow whose schedules are kept.
#[derive(Debug, Clone)]
pub struct Scheduled<'a> {
    pub workflow: &'a str,
    /// The revision that its runs get.
    pub revision: i64,
    pub triggers: &'a [Trigger],
    /// For whom they act: whoever published it.
    pub acting: &'a Acting,
}

/// What a round has led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Round {
    pub started: usize,
    /// When there is something to do again, as far as is known.
    pub next_ms: Option<UnixMillis>,
}

impl Scheduler {
    /// Over the tables of this server. Touches nothing.
    #[must_use]
    pub fn new(
        (db, clock): (Db, Clock),
        engine: Arc<dyn Engine>,
        follow_up: FollowUp,
        settings: &ScheduleSettings,
    ) -> Self {
        let inner = Inner { db, clock, engine, follow_up, missed: settings.missed, changed: Notify::new() };
        Self { inner: Arc::new(inner) }
    }

    /// Makes a workflow's schedules those of a revision, in the commit that publishes it. One that stays as it is keeps
    /// its next time. With no triggers: it has none any more.
    ///
    /// # Errors
    /// `failed_precondition` if a schedule cannot be kept; those of the database.
    pub async fn publish(&self, tx: &mut Tx, tenant: &TenantId, scheduled: &Scheduled<'_>) -> Result<()> {
        let now_ms = self.inner.clock.now_ms();
        let before = schedules::of_workflow(tx, tenant, scheduled.workflow).await?;
        schedules::remove(tx, tenant, scheduled.workflow).await?;
        let mut number = 0;
        for trigger in scheduled.triggers {
            let Some(timing) = timing(trigger) else { continue };
            let known = before.iter().find(|row| row.timing == timing);
            let since_ms = known.map_or(now_ms, |row| row.since_ms);
            let Some(beat) = Beat::of(trigger, since_ms)? else { continue };
            let row = Row {
                tenant: tenant.clone(),
                workflow: scheduled.workflow.to_owned(),
                number,
                revision: scheduled.revision,
                timing,
                since_ms,
                acting: scheduled.acting.clone(),
                next_due_ms: known.map_or_else(|| beat.next_after(now_ms), |row| row.next_due_ms),
                last_due_ms: known.and_then(|row| row.last_due_ms),
            };
            schedules::insert(tx, &row).await?;
            number += 1;
        }
        Ok(())
    }

    /// Says that schedules were published and committed.
    pub fn wake(&self) {
        self.inner.changed.notify_one();
    }

    /// The service: starts what is due until `stop` fires.
    pub async fn run(self, stop: CancellationToken) {
        let rounds = async {
            loop {
                let changed = self.inner.changed.notified();
                let pause = match self.round().await {
                    Ok(round) => self.pause(round.next_ms),
                    Err(error) => {
                        let cause = error.cause();
                        tracing::warn!(error.cause = cause, "schedules could not be kept: {}", error.message());
                        PAUSE
                    }
                };
                tokio::select! {
                    () = changed => {}
                    () = self.inner.clock.sleep(pause) => {}
                }
            }
        };
        stop.run_until_cancelled(rounds).await;
    }

    fn pause(&self, next_ms: Option<UnixMillis>) -> Duration {
        let left_ms = next_ms.map(|next_ms| next_ms.saturating_sub(self.inner.clock.now_ms()).max(0));
        left_ms.and_then(|left| u64::try_from(left).ok()).map_or(POLL, Duration::from_millis).min(POLL)
    }

    /// Starts what is due.
    ///
    /// # Errors
    /// Those of the database; what goes wrong with one schedule is a failure of its own.
    pub async fn round(&self) -> Result<Round> {
        let Inner { db, clock, .. } = &*self.inner;
        let now_ms = clock.now_ms();
        let due = schedules::due(db, now_ms, BATCH).await?;
        let is_more = i64::try_from(due.len()).is_ok_and(|count| count == BATCH);
        let (mut started, mut has_failed) = (0, false);
        for row in due {
            match self.keep(&row, now_ms).await {
                Ok(starts) => started += starts,
                Err(error) => {
                    has_failed = true;
                    self.note(&row, &error, now_ms).await?;
                }
            }
        }
        let next_ms = match (has_failed, is_more) {
            (true, _) => Some(common::clock::after(now_ms, PAUSE)),
            (false, true) => Some(now_ms),
            (false, false) => schedules::next_due(db).await?,
        };
        Ok(Round { started, next_ms })
    }

    /// Starts the runs first and moves the schedule then: a process that dies in between leaves it due, and whoever
    /// starts them again finds them known by their due time.
    async fn keep(&self, row: &Row, now_ms: UnixMillis) -> Result<usize> {
        let Some(due_ms) = row.next_due_ms else { return Ok(0) };
        let beat = match &row.timing {
            Timing::Cron { expression, zone } => Beat::cron(expression, zone.as_deref())?,
            Timing::Every { span_ms } => Beat::every(*span_ms, row.since_ms),
        };
        let turn = beat.turn(due_ms, now_ms, self.inner.missed);
        let mut started = 0;
        for at_ms in &turn.starts {
            let start = self.inner.engine.start(&row.tenant, run_at(row, *at_ms)).await?;
            started += usize::from(start == Start::Started);
        }
        let has_moved = schedules::advance(&self.inner.db, row, (turn.next_ms, turn.starts.last().copied())).await?;
        if has_moved && !turn.starts.is_empty() {
            let subject = schedule_subject(&row.workflow, row.number);
            self.inner.follow_up.mark(&row.tenant, (FailureKind::Schedule, &subject), FailureState::Resolved).await?;
        }
        Ok(started)
    }

    async fn note(&self, row: &Row, error: &Error, now_ms: UnixMillis) -> Result<()> {
        let (workflow, cause) = (&row.workflow, error.cause());
        tracing::warn!(
            workflow.name = %workflow, error.cause = cause,
            "`{workflow}` is due and could not be started: {}", error.message()
        );
        let failed = Failed::of_schedule(workflow, row.number, (error.code().as_str(), error.message()), now_ms);
        self.inner.follow_up.note(&row.tenant, &failed).await
    }
}

/// The run of a due time: the same, whoever starts it how often.
fn run_at(row: &Row, due_ms: UnixMillis) -> NewRun {
    let key = format!("{OWN_SOURCE}/schedule/{due_ms}");
    let scheduled_at = Timestamp::from_millisecond(due_ms).map(|at| at.to_string()).unwrap_or_default();
    NewRun {
        run_id: RunId::of_key(&row.workflow, &key),
        workflow: row.workflow.clone(),
        revision: row.revision,
        key: Some(key),
        input: serde_json::json!({ "scheduled_ms": due_ms, "scheduled_at": scheduled_at }),
        acting: row.acting.clone(),
        callback: None,
        parent: None,
    }
}

fn timing(trigger: &Trigger) -> Option<Timing> {
    match trigger {
        Trigger::Event(_) | Trigger::Every(Span::Computed(_)) => None,
        Trigger::Cron { expression, zone } => Some(Timing::Cron { expression: expression.clone(), zone: zone.clone() }),
        Trigger::Every(Span::Fixed(span)) => {
            Some(Timing::Every { span_ms: i64::try_from(span.as_millis()).unwrap_or(i64::MAX) })
        }
    }
}
