//! An event: something that happened, stored once.

use std::sync::atomic::{AtomicU64, Ordering};

use common::clock::UnixMillis;
use common::tenant::TenantId;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// The source of what runs emit; no sender can have it.
pub const OWN_SOURCE: &str = "self";

/// Longest kind and longest key kept as they came, in bytes.
const WORD_BYTES_MAX: usize = 200;

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
    /// As expressions see it: the `CloudEvents` attributes that the DSL names.
    #[must_use]
    pub fn envelope(&self) -> Value {
        serde_json::json!({
            "id": self.event_id, "source": self.source, "type": self.kind, "subject": self.dedupe_key,
            "time_ms": self.received_ms, "data": self.data,
        })
    }

    /// What the runs that it starts are known by: the same however often it is sent or routed.
    #[must_use]
    pub fn key(&self) -> String {
        format!("{}/{}", self.source, self.dedupe_key)
    }
}

/// An event on its way into the store: nothing of it is parsed further than it has to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrival {
    pub tenant: TenantId,
    pub event_id: String,
    pub source: String,
    pub kind: String,
    pub dedupe_key: String,
    pub received_ms: UnixMillis,
    pub headers: Vec<(String, String)>,
    /// As it came.
    pub body: Vec<u8>,
}

/// How far an event has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EventState {
    /// Stored, and not yet looked at.
    New,
    /// It has started runs, or runs took it.
    Routed,
    /// Nobody was interested.
    Unrouted,
    /// It was tried often enough.
    Failed,
}

impl EventState {
    pub(crate) const ALL: [Self; 4] = [Self::New, Self::Routed, Self::Unrouted, Self::Failed];

    /// The spelling in rows.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Routed => "routed",
            Self::Unrouted => "unrouted",
            Self::Failed => "failed",
        }
    }
}

/// What became of routing an event.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    pub started: Vec<StartedRun>,
    /// How many waiting runs took it.
    pub delivered: usize,
}

impl Outcome {
    /// With what became of routing it once more.
    #[must_use]
    pub fn and(mut self, again: Self) -> Self {
        self.started.retain(|run| !again.started.contains(run));
        self.started.extend(again.started);
        Self { delivered: self.delivered.saturating_add(again.delivered), ..self }
    }
}

/// A workflow whose filter could not be worked out on an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unclear {
    pub workflow: String,
    /// In one line.
    pub reason: String,
}

/// A run that an event has started.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct StartedRun {
    /// For `get_run`.
    pub run_id: String,
    /// Its name.
    pub workflow: String,
}

/// Ids of events that sort by arrival, also within a millisecond.
#[derive(Debug, Default)]
pub struct EventIds {
    /// The last instant in milliseconds, and a count of 12 bits (RFC 9562, section 6.2, method 1).
    last: AtomicU64,
}

impl EventIds {
    /// The next one.
    #[must_use]
    pub fn next(&self, now_ms: UnixMillis) -> String {
        let now = u64::try_from(now_ms).unwrap_or(0) << COUNT_BITS;
        let after = |last: u64| now.max(last.saturating_add(1));
        let last = self.last.fetch_update(Ordering::AcqRel, Ordering::Acquire, |last| Some(after(last)));
        let this = after(last.unwrap_or_default());
        let mut random = [0; 10];
        fastrand::fill(&mut random);
        let [.., high, low] = (this & COUNT_MASK).to_be_bytes();
        let [first, second, ..] = &mut random;
        (*first, *second) = (high, low);
        format!("evt_{}", uuid::Builder::from_unix_timestamp_millis(this >> COUNT_BITS, &random).into_uuid().simple())
    }
}

const COUNT_BITS: u32 = 12;
const COUNT_MASK: u64 = (1 << COUNT_BITS) - 1;

/// What an event is the same by: the sender's id where there is a good one, else the digest of its raw body.
#[must_use]
pub fn dedupe_key(id: Option<&str>, body: &[u8]) -> String {
    let is_good = |id: &&str| !id.is_empty() && id.len() <= WORD_BYTES_MAX && !id.chars().any(char::is_control);
    match id {
        Some(id) if is_good(&id) => id.to_owned(),
        // An id that cannot be kept is still an id: bodies may differ between two deliveries.
        Some(id) if !id.is_empty() => format!("sha256-of-id:{}", hex::encode(Sha256::digest(id))),
        _ => format!("sha256:{}", hex::encode(Sha256::digest(body))),
    }
}

/// A kind as it is kept: one short word without control characters, `unknown` if it does not say.
#[must_use]
pub fn kind_of(said: Option<&str>) -> String {
    let mut kind: String = said.unwrap_or_default().trim().chars().filter(|letter| !letter.is_control()).collect();
    while kind.len() > WORD_BYTES_MAX {
        kind.pop();
    }
    if kind.is_empty() { "unknown".to_owned() } else { kind }
}

/// What a body says: JSON, the fields of a form (a field `payload` that is JSON stands for the whole, as Slack sends
/// interactions), else its text.
#[must_use]
pub fn data_of(body: &[u8], content_type: &str) -> Value {
    if let Ok(value) = serde_json::from_slice(body) {
        return value;
    }
    if content_type.starts_with("application/x-www-form-urlencoded") {
        let mut fields = serde_json::Map::new();
        for (name, text) in url::form_urlencoded::parse(body) {
            if name == "payload"
                && let Ok(value) = serde_json::from_str(&text)
            {
                return value;
            }
            fields.insert(name.into_owned(), Value::String(text.into_owned()));
        }
        return Value::Object(fields);
    }
    Value::String(String::from_utf8_lossy(body).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_sort_by_arrival_even_if_the_clock_stands_or_goes_back() {
        let ids = EventIds::default();
        let made: Vec<String> = (0..10_000).map(|turn| ids.next(1_795_132_800_000 - turn % 3)).collect();
        assert!(made.is_sorted_by(|one, next| one < next));
        assert!(ids.next(1_795_132_900_000) > made[9_999]);
    }

    #[test]
    fn an_id_that_cannot_be_kept_still_tells_events_apart() {
        assert_eq!(dedupe_key(Some("evt_1"), b"a"), "evt_1");
        let long = "x".repeat(201);
        for id in [long.as_str(), "a\0b"] {
            let key = dedupe_key(Some(id), b"a");
            assert!(key.starts_with("sha256-of-id:") && key == dedupe_key(Some(id), b"b"), "{key}");
        }
        assert_eq!(dedupe_key(None, b""), dedupe_key(Some(""), b""));
        assert_ne!(dedupe_key(None, b"a"), dedupe_key(None, b"b"));
    }

    #[test]
    fn bodies_are_json_forms_or_text() {
        let form = "application/x-www-form-urlencoded; charset=utf-8";
        assert_eq!(data_of(b"{\"a\":1}", ""), serde_json::json!({"a": 1}));
        assert_eq!(data_of(b"command=%2Fgo&text=a+b", form), serde_json::json!({"command": "/go", "text": "a b"}));
        assert_eq!(data_of(b"payload=%7B%22type%22%3A%22x%22%7D", form), serde_json::json!({"type": "x"}));
        assert_eq!(data_of(b"hello \xff", "text/plain"), serde_json::json!("hello \u{fffd}"));
    }

    #[test]
    fn kinds_are_short_words() {
        assert_eq!(kind_of(Some(" a\0b ")), "ab");
        assert_eq!(kind_of(Some("")), "unknown");
        assert!(kind_of(Some(&"é".repeat(150))).len() <= 200);
    }
}
