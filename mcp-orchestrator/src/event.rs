//! An event: something that happened, stored once.

use common::clock::UnixMillis;
use serde_json::Value;

/// An event as it came in.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// `evt_` and a UUIDv7.
    pub event_id: String,
    /// The name of the source that it came by: `ghl`, `stripe` …; `self` for what runs emit.
    pub source: String,
    /// What happened, in the source's words: `ContactCreate`.
    pub kind: String,
    /// What it is the same by: the vendor's id, or the digest of its raw body.
    pub dedupe_key: String,
    pub received_ms: UnixMillis,
    /// The parsed body.
    pub data: Value,
}

impl Event {
    /// As expressions see it: the CloudEvents attributes that the DSL names.
    #[must_use]
    pub fn envelope(&self) -> Value {
        serde_json::json!({
            "id": self.event_id, "source": self.source, "type": self.kind, "subject": self.dedupe_key,
            "time_ms": self.received_ms, "data": self.data,
        })
    }
}
