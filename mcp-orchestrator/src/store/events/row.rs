//! An event as its row has it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use common::clock::UnixMillis;
use common::error::{Error, Result};
use common::tenant::TenantId;
use sqlx::Row as _;
use sqlx::any::AnyRow;

use crate::event::{Event, EventState, Outcome, data_of};

/// The columns that [`Stored::read`] reads.
macro_rules! columns {
    () => {
        "tenant_id, event_id, source, kind, dedupe_key, received_ms, headers, body, body_encoding, state, attempts, due_ms,
            routed_ms, outcome, reason"
    };
}
pub(super) use columns;

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

    pub(super) fn read(row: &AnyRow) -> Result<Self> {
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

pub(super) fn damaged(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::internal("a stored event is damaged", source)
}
