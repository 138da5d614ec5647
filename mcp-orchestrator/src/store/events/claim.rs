//! Events on their way to workflows: claimed, and what became of them.

use common::clock::UnixMillis;
use common::db::{AnyQuery, Db, Dialect, InsertMany, Tx};
use common::error::Result;

use super::Stored;
use super::row::{columns, damaged};
use crate::event::{EventState, Outcome, Unclear};
use crate::failure::{Failed, FailureKind, FailureState, failure_id};
use crate::store::failures;

/// Events on their way to workflows. On PostgreSQL nobody else has them until the claim is settled or dropped; on SQLite
/// another process may, and what they then do twice is done once by its keys.
#[derive(Debug)]
pub(crate) struct Claim {
    pub(crate) events: Vec<Stored>,
    tx: Option<Tx>,
}

/// What is noted of an event that was looked at.
#[derive(Debug, Clone)]
pub(crate) struct Settled {
    pub(crate) state: EventState,
    pub(crate) attempts: i64,
    pub(crate) due_ms: UnixMillis,
    pub(crate) outcome: Option<Outcome>,
    pub(crate) reason: Option<String>,
    /// It may have been meant to start this.
    pub(crate) unclear: Option<Unclear>,
}

// What another process has noted meanwhile stays.
static SETTLE: InsertMany = InsertMany::with_clause(
    "with settled (of_tenant, of_event, to_state, to_attempts, to_due_ms, to_outcome, to_reason, at_ms) as (",
    8,
    ") update orchestrator_events
    set state = to_state, attempts = to_attempts, due_ms = to_due_ms, outcome = coalesce(to_outcome, outcome),
        reason = to_reason, routed_ms = at_ms
    from settled
    where tenant_id = of_tenant and event_id = of_event and state = 'new'",
);

impl Settled {
    fn row_of<'a>(&'a self, event: &'a Stored, now_ms: UnixMillis) -> Result<SettledRow<'a>> {
        let outcome = self.outcome.as_ref().map(serde_json::to_string).transpose().map_err(damaged)?;
        let routed_ms = (self.state != EventState::New).then_some(now_ms);
        Ok(SettledRow { event, settled: self, outcome, routed_ms })
    }
}

/// What is noted of an event in the form of its row.
struct SettledRow<'a> {
    event: &'a Stored,
    settled: &'a Settled,
    outcome: Option<String>,
    routed_ms: Option<UnixMillis>,
}

impl SettledRow<'_> {
    fn bind(&self, query: AnyQuery) -> AnyQuery {
        query
            .bind(self.event.tenant.as_str().to_owned())
            .bind(self.event.event_id.clone())
            .bind(self.settled.state.as_str())
            .bind(self.settled.attempts)
            .bind(self.settled.due_ms)
            .bind(self.outcome.clone())
            .bind(self.settled.reason.clone())
            .bind(self.routed_ms)
    }
}

/// The next events that are due, in the order of their arrival.
pub(crate) async fn claim(db: &Db, now_ms: UnixMillis, limit: i64) -> Result<Claim> {
    match db.dialect() {
        // Its one writer must stay free for what the events start.
        Dialect::Sqlite => {
            let rows = sqlx::query(concat!(
                "select ",
                columns!(),
                "
                from orchestrator_events
                where state = 'new' and due_ms <= $1
                order by event_id
                limit $2"
            ))
            .bind(now_ms)
            .bind(limit)
            .fetch_all(db.read().await?)
            .await?;
            Ok(Claim { events: rows.iter().map(Stored::read).collect::<Result<_>>()?, tx: None })
        }
        Dialect::Postgres => {
            let mut tx = db.begin().await?;
            let rows = sqlx::query(concat!(
                "select ",
                columns!(),
                "
                from orchestrator_events
                where state = 'new' and due_ms <= $1
                order by event_id
                limit $2
                for update skip locked"
            ))
            .bind(now_ms)
            .bind(limit)
            .fetch_all(&mut *tx)
            .await?;
            Ok(Claim { events: rows.iter().map(Stored::read).collect::<Result<_>>()?, tx: Some(tx) })
        }
    }
}

/// Notes what became of claimed events, each in the order of the claim, all in one commit.
pub(crate) async fn settle(db: &Db, claim: Claim, settled: &[Settled], now_ms: UnixMillis) -> Result<()> {
    let mut tx = match claim.tx {
        Some(tx) => tx,
        None => db.begin().await?,
    };
    let pairs: Vec<(&Stored, &Settled)> = claim.events.iter().zip(settled).collect();
    let rows = pairs.iter().map(|(event, settled)| settled.row_of(event, now_ms)).collect::<Result<Vec<_>>>()?;
    SETTLE.execute((db.dialect(), &mut tx), &rows, |query, row| row.bind(query)).await?;
    for (event, settled) in pairs {
        note_failure((db.dialect(), &mut tx), event, settled, now_ms).await?;
    }
    Ok(tx.commit().await?)
}

/// An event that no attempt could route is a failure until it is routed after all.
async fn note_failure(
    (dialect, tx): (Dialect, &mut Tx),
    event: &Stored,
    settled: &Settled,
    now_ms: UnixMillis,
) -> Result<()> {
    if let Some(unclear) = &settled.unclear {
        let failed = Failed::of_filter(&event.event_id, unclear, now_ms);
        return failures::note(tx, &event.tenant, &failed).await;
    }
    match settled.state {
        EventState::Failed => {
            let words = ("unrouted", settled.reason.as_deref().unwrap_or_default());
            let failed = Failed::of_event(&event.event_id, words, settled.attempts, now_ms);
            failures::note(tx, &event.tenant, &failed).await
        }
        // Only one that has been in trouble has a reason.
        EventState::Routed | EventState::Unrouted if event.reason.is_some() => {
            let ids = [failure_id(FailureKind::Event, &event.event_id)];
            failures::close((dialect, tx), &event.tenant, &ids, FailureState::Resolved).await.map(drop)
        }
        EventState::New | EventState::Routed | EventState::Unrouted => Ok(()),
    }
}
