//! The rows of events. A key is stored once, whoever sends it how often, through however many processes.

pub(crate) mod window;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use common::clock::UnixMillis;
use common::db::{AnyQuery, Db, Dialect, InsertMany, Tx};
use common::error::{Error, Result};
use common::tenant::TenantId;
use sqlx::Row as _;
use sqlx::any::AnyRow;

use crate::event::{Arrival, Event, EventState, Outcome, data_of};
use crate::failure::{Failed, FailureKind, FailureState, failure_id};
use crate::store::failures;

static INSERT: InsertMany = InsertMany::with_clause(
    "insert into orchestrator_events (tenant_id, event_id, source, kind, dedupe_key, received_ms, headers, body,
        body_encoding, state, attempts, due_ms)",
    12,
    "on conflict (tenant_id, source, dedupe_key) do nothing",
);

/// What became of storing an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Receipt {
    /// Of the first one of its key.
    pub(crate) event_id: String,
    pub(crate) is_duplicate: bool,
}

/// An event as its row has it.
#[derive(Debug, Clone)]
pub(crate) struct Stored {
    pub(crate) tenant: TenantId,
    pub(crate) event_id: String,
    pub(crate) source: String,
    pub(crate) kind: String,
    pub(crate) dedupe_key: String,
    pub(crate) received_ms: UnixMillis,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    pub(crate) state: EventState,
    pub(crate) attempts: i64,
    pub(crate) due_ms: UnixMillis,
    pub(crate) routed_ms: Option<UnixMillis>,
    pub(crate) outcome: Option<Outcome>,
    pub(crate) reason: Option<String>,
}

impl Stored {
    /// The event, its body parsed.
    pub(crate) fn event(&self) -> Event {
        let content_type = self.headers.iter().find(|(name, _)| name == "content-type");
        let content_type = content_type.map_or("", |(_, value)| value.as_str());
        Event {
            event_id: self.event_id.clone(),
            source: self.source.clone(),
            kind: self.kind.clone(),
            dedupe_key: self.dedupe_key.clone(),
            received_ms: self.received_ms,
            data: data_of(&self.body, content_type),
        }
    }

    fn read(row: &AnyRow) -> Result<Self> {
        let (body, encoding): (String, String) = (row.try_get("body")?, row.try_get("body_encoding")?);
        let body = match encoding.as_str() {
            "text" => body.into_bytes(),
            _ => STANDARD.decode(&body).map_err(damaged)?,
        };
        let state: String = row.try_get("state")?;
        let state = EventState::ALL.into_iter().find(|known| known.as_str() == state);
        let outcome: Option<String> = row.try_get("outcome")?;
        Ok(Self {
            tenant: row.try_get::<String, _>("tenant_id")?.parse()?,
            event_id: row.try_get("event_id")?,
            source: row.try_get("source")?,
            kind: row.try_get("kind")?,
            dedupe_key: row.try_get("dedupe_key")?,
            received_ms: row.try_get("received_ms")?,
            headers: serde_json::from_str(row.try_get("headers")?).map_err(damaged)?,
            body,
            state: state.ok_or_else(|| damaged("an unknown state"))?,
            attempts: row.try_get("attempts")?,
            due_ms: row.try_get("due_ms")?,
            routed_ms: row.try_get("routed_ms")?,
            outcome: outcome.map(|text| serde_json::from_str(&text)).transpose().map_err(damaged)?,
            reason: row.try_get("reason")?,
        })
    }
}

fn damaged(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::internal("a stored event is damaged", source)
}

/// Stores events, each unless its key is there already. One receipt for each, in their order.
pub(crate) async fn insert(dialect: Dialect, tx: &mut Tx, arrivals: &[Arrival]) -> Result<Vec<Receipt>> {
    let rows = arrivals.iter().map(Written::of).collect::<Result<Vec<_>>>()?;
    // In the order of keys, so that two processes that store the same events do not wait for each other in a circle.
    let mut in_order: Vec<&Written<'_>> = rows.iter().collect();
    in_order.sort_unstable_by_key(|row| (row.arrival.tenant.as_str(), &row.arrival.source, &row.arrival.dedupe_key));
    let inserted = INSERT.execute((dialect, tx), &in_order, |query, row| row.bind(query)).await?;
    let is_all_new = usize::try_from(inserted).is_ok_and(|inserted| inserted == arrivals.len());
    let mut receipts = Vec::with_capacity(arrivals.len());
    for arrival in arrivals {
        let event_id = if is_all_new { arrival.event_id.clone() } else { first_of_key(tx, arrival).await? };
        receipts.push(Receipt { is_duplicate: event_id != arrival.event_id, event_id });
    }
    Ok(receipts)
}

async fn first_of_key(tx: &mut Tx, arrival: &Arrival) -> Result<String> {
    let event_id = sqlx::query_scalar(
        "select event_id
        from orchestrator_events
        where tenant_id = $1 and source = $2 and dedupe_key = $3",
    )
    .bind(arrival.tenant.as_str())
    .bind(arrival.source.as_str())
    .bind(arrival.dedupe_key.as_str())
    .fetch_one(&mut **tx)
    .await?;
    Ok(event_id)
}

/// An arrival in the form of its row.
struct Written<'a> {
    arrival: &'a Arrival,
    headers: String,
    body: String,
    encoding: &'static str,
}

impl<'a> Written<'a> {
    fn of(arrival: &'a Arrival) -> Result<Self> {
        let headers = serde_json::to_string(&arrival.headers)
            .map_err(|source| Error::internal("headers could not be written down", source))?;
        // PostgreSQL keeps no NUL in text.
        let text = std::str::from_utf8(&arrival.body).ok().filter(|text| !text.contains('\0'));
        let (body, encoding) = match text {
            Some(text) => (text.to_owned(), "text"),
            None => (STANDARD.encode(&arrival.body), "base64"),
        };
        Ok(Self { arrival, headers, body, encoding })
    }

    fn bind(&self, query: AnyQuery) -> AnyQuery {
        query
            .bind(self.arrival.tenant.as_str().to_owned())
            .bind(self.arrival.event_id.clone())
            .bind(self.arrival.source.clone())
            .bind(self.arrival.kind.clone())
            .bind(self.arrival.dedupe_key.clone())
            .bind(self.arrival.received_ms)
            .bind(self.headers.clone())
            .bind(self.body.clone())
            .bind(self.encoding)
            .bind(EventState::New.as_str())
            .bind(0_i64)
            .bind(0_i64)
    }
}

/// An event of the tenant.
pub(crate) async fn find(db: &Db, tenant: &TenantId, event_id: &str) -> Result<Option<Stored>> {
    let row = sqlx::query(
        "select tenant_id, event_id, source, kind, dedupe_key, received_ms, headers, body, body_encoding, state, attempts,
            due_ms, routed_ms, outcome, reason
        from orchestrator_events
        where tenant_id = $1 and event_id = $2",
    )
    .bind(tenant.as_str())
    .bind(event_id)
    .fetch_optional(db.read().await?)
    .await?;
    row.as_ref().map(Stored::read).transpose()
}

/// Which events are meant; everything given must hold.
#[derive(Debug, Clone, Default)]
pub(crate) struct Filter {
    pub(crate) source: Option<String>,
    pub(crate) kind: Option<String>,
    pub(crate) state: Option<EventState>,
    /// Only older ones than this id.
    pub(crate) before: Option<String>,
}

/// Events of the tenant, newest first.
pub(crate) async fn list(db: &Db, tenant: &TenantId, filter: &Filter, limit: i64) -> Result<Vec<Stored>> {
    // A parameter that is absent is given as empty text, of which no name or id consists.
    let given = |text: &Option<String>| text.clone().unwrap_or_default();
    let rows = sqlx::query(
        "select tenant_id, event_id, source, kind, dedupe_key, received_ms, headers, body, body_encoding, state, attempts,
            due_ms, routed_ms, outcome, reason
        from orchestrator_events
        where tenant_id = $1
            and ($2 = '' or source = $2)
            and ($3 = '' or kind = $3)
            and ($4 = '' or state = $4)
            and ($5 = '' or event_id < $5)
        order by event_id desc
        limit $6",
    )
    .bind(tenant.as_str())
    .bind(given(&filter.source))
    .bind(given(&filter.kind))
    .bind(filter.state.map_or("", EventState::as_str))
    .bind(given(&filter.before))
    .bind(limit)
    .fetch_all(db.read().await?)
    .await?;
    rows.iter().map(Stored::read).collect()
}

/// Lets an event be routed once more. `false` if there is none.
pub(crate) async fn requeue(db: &Db, tenant: &TenantId, event_id: &str) -> Result<bool> {
    let mut tx = db.begin().await?;
    let changed = sqlx::query(
        "update orchestrator_events
        set state = 'new', attempts = 0, due_ms = 0
        where tenant_id = $1 and event_id = $2",
    )
    .bind(tenant.as_str())
    .bind(event_id)
    .execute(&mut *tx)
    .await?;
    let ids = [failure_id(FailureKind::Event, event_id)];
    failures::close((db.dialect(), &mut tx), tenant, &ids, FailureState::Retried).await?;
    tx.commit().await?;
    Ok(changed.rows_affected() == 1)
}

/// Forgets events in a state that came before an instant, of all tenants, at most 10,000 at once. Returns how many.
pub(crate) async fn forget(db: &Db, state: EventState, before_ms: UnixMillis) -> Result<u64> {
    let mut tx = db.begin().await?;
    // Few enough that nobody waits long for the lock.
    let forgotten = sqlx::query(
        "delete from orchestrator_events
        where state = $1 and received_ms < $2 and received_ms <= (
            select coalesce(max(received_ms), 0) from (
                select received_ms
                from orchestrator_events
                where state = $1 and received_ms < $2
                order by received_ms
                limit 10000
            ) as oldest
        )",
    )
    .bind(state.as_str())
    .bind(before_ms)
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(forgotten.rows_affected())
}

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
            let rows = sqlx::query(
                "select tenant_id, event_id, source, kind, dedupe_key, received_ms, headers, body, body_encoding, state,
                    attempts, due_ms, routed_ms, outcome, reason
                from orchestrator_events
                where state = 'new' and due_ms <= $1
                order by event_id
                limit $2",
            )
            .bind(now_ms)
            .bind(limit)
            .fetch_all(db.read().await?)
            .await?;
            Ok(Claim { events: rows.iter().map(Stored::read).collect::<Result<_>>()?, tx: None })
        }
        Dialect::Postgres => {
            let mut tx = db.begin().await?;
            let rows = sqlx::query(
                "select tenant_id, event_id, source, kind, dedupe_key, received_ms, headers, body, body_encoding, state,
                    attempts, due_ms, routed_ms, outcome, reason
                from orchestrator_events
                where state = 'new' and due_ms <= $1
                order by event_id
                limit $2
                for update skip locked",
            )
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
