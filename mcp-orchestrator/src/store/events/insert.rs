//! Events that come in: a key is stored once.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use common::db::{AnyQuery, Dialect, InsertMany, Tx};
use common::error::{Error, Result};

use crate::event::{Arrival, EventState};

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
