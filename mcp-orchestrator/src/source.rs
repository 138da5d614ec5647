//! Where events come from: kinds of senders, and what each says about an event besides its content.

use http::HeaderMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::event::{dedupe_key, kind_of};

/// How a sender signs, names and repeats its events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SourceKind {
    /// `GoHighLevel`: Ed25519; repeats only what was answered 429.
    #[serde(rename = "gohighlevel")]
    GoHighLevel,
    Stripe,
    Slack,
    /// Standard Webhooks 1.0.0, with a shared secret or a public key.
    StandardWebhooks,
    /// A digest of the body in a header.
    Hmac,
    /// Unsigned: only from this machine.
    None,
}

impl SourceKind {
    /// Whether any other answer than 2xx and 429 loses the event (`GoHighLevel`'s help article 155000007071: "only 429",
    /// up to 6 times, 10 minutes apart).
    #[must_use]
    pub const fn repeats_only_after_429(self) -> bool {
        match self {
            Self::GoHighLevel => true,
            Self::Stripe | Self::Slack | Self::StandardWebhooks | Self::Hmac | Self::None => false,
        }
    }

    /// How far a signed timestamp may be from now, in seconds, where the settings do not say; absent: there is none.
    #[must_use]
    pub const fn tolerance_s(self) -> Option<i64> {
        match self {
            // Its last repetition comes 70 minutes after the first; what is older is known by its id for as long as
            // events are kept.
            Self::GoHighLevel => Some(86_400),
            // As the vendors' own libraries.
            Self::Stripe | Self::Slack | Self::StandardWebhooks => Some(300),
            Self::Hmac | Self::None => None,
        }
    }

    /// The headers that are kept beside the body: to read it and to prove who sent it.
    const fn headers(self) -> &'static [&'static str] {
        match self {
            Self::GoHighLevel => &["content-type", "x-ghl-signature"],
            Self::Stripe => &["content-type", "stripe-signature"],
            Self::Slack => &["content-type", "x-slack-signature", "x-slack-request-timestamp", "x-slack-retry-num"],
            Self::StandardWebhooks => &["content-type", "webhook-id", "webhook-timestamp", "webhook-signature"],
            Self::Hmac | Self::None => &["content-type"],
        }
    }
}

/// Where a sender without a scheme of its own says what happened and which event it is. A header wins over a pointer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Places {
    pub id_header: Option<String>,
    /// A JSON Pointer into the body (RFC 6901).
    pub id_pointer: Option<String>,
    pub kind_header: Option<String>,
    pub kind_pointer: Option<String>,
}

/// What is known of an event without its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    pub kind: String,
    pub dedupe_key: String,
    /// The account at the vendor that it is about (`locationId`, else `companyId`, of `GoHighLevel`).
    pub account: Option<String>,
}

/// What vendors put at the top of a body. Other types than text are taken for absent.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Top {
    #[serde(rename = "type")]
    kind: Word,
    id: Word,
    event_id: Word,
    #[serde(rename = "webhookId")]
    webhook_id: Word,
    #[serde(rename = "locationId")]
    location_id: Word,
    #[serde(rename = "companyId")]
    company_id: Word,
    event: Inner,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Word {
    Text(String),
    Other(serde::de::IgnoredAny),
}

impl Default for Word {
    fn default() -> Self {
        Self::Other(serde::de::IgnoredAny)
    }
}

impl Word {
    fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Other(_) => None,
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Inner {
    Event {
        #[serde(rename = "type")]
        kind: String,
    },
    Other(serde::de::IgnoredAny),
}

impl Default for Inner {
    fn default() -> Self {
        Self::Other(serde::de::IgnoredAny)
    }
}

/// What a request says about its event.
#[must_use]
pub fn label(kind: SourceKind, places: &Places, headers: &HeaderMap, body: &[u8]) -> Label {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let by_header = |name: &Option<String>| name.as_deref().and_then(header);
    let whole = (places.id_pointer.is_some() || places.kind_pointer.is_some())
        .then(|| serde_json::from_slice::<Value>(body).ok())
        .flatten();
    let by_pointer = |pointer: &Option<String>| match whole.as_ref()?.pointer(pointer.as_deref()?)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    };
    let top: Top = serde_json::from_slice(body).unwrap_or_default();
    let own = |word: &Word| word.text().map(str::to_owned);
    let id = match kind {
        SourceKind::GoHighLevel => own(&top.webhook_id),
        SourceKind::Stripe => own(&top.id),
        SourceKind::Slack => own(&top.event_id),
        SourceKind::StandardWebhooks => header("webhook-id"),
        SourceKind::Hmac | SourceKind::None => None,
    };
    let id = by_header(&places.id_header).or_else(|| by_pointer(&places.id_pointer)).or(id);
    let inner = match (kind, &top.event) {
        (SourceKind::Slack, Inner::Event { kind }) => Some(kind.clone()),
        _ => None,
    };
    let said = by_header(&places.kind_header).or_else(|| by_pointer(&places.kind_pointer)).or(inner).or(own(&top.kind));
    let account = match kind {
        SourceKind::GoHighLevel => own(&top.location_id).or_else(|| own(&top.company_id)),
        SourceKind::Stripe | SourceKind::Slack | SourceKind::StandardWebhooks | SourceKind::Hmac | SourceKind::None => {
            None
        }
    };
    Label { kind: kind_of(said.as_deref()), dedupe_key: dedupe_key(id.as_deref(), body), account }
}

/// The headers to keep.
#[must_use]
pub fn kept_headers(kind: SourceKind, places: &Places, headers: &HeaderMap) -> Vec<(String, String)> {
    let own = [places.id_header.as_deref(), places.kind_header.as_deref()].into_iter().flatten();
    let names = kind.headers().iter().copied().chain(own);
    let pair = |name: &str| Some((name.to_owned(), headers.get(name)?.to_str().ok()?.to_owned()));
    names.filter_map(pair).collect()
}

/// What Slack wants back when it asks whether a URL is ours (`url_verification`).
#[must_use]
pub fn slack_challenge(body: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Question {
        #[serde(rename = "type")]
        kind: String,
        challenge: String,
    }
    let question: Question = serde_json::from_slice(body).ok()?;
    (question.kind == "url_verification").then_some(question.challenge)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labelled(kind: SourceKind, body: &str) -> Label {
        label(kind, &Places::default(), &HeaderMap::new(), body.as_bytes())
    }

    #[test]
    fn each_vendor_names_its_events_its_own_way() {
        let ghl = labelled(
            SourceKind::GoHighLevel,
            r#"{"type":"ContactCreate","locationId":"loc","webhookId":"w1","id":"contact"}"#,
        );
        assert_eq!((ghl.kind.as_str(), ghl.dedupe_key.as_str()), ("ContactCreate", "w1"));
        assert_eq!(ghl.account.as_deref(), Some("loc"));
        let stripe = labelled(SourceKind::Stripe, r#"{"id":"evt_1","type":"charge.succeeded","data":{"id":"ch"}}"#);
        assert_eq!((stripe.kind.as_str(), stripe.dedupe_key.as_str()), ("charge.succeeded", "evt_1"));
        let slack =
            labelled(SourceKind::Slack, r#"{"type":"event_callback","event_id":"Ev1","event":{"type":"message"}}"#);
        assert_eq!((slack.kind.as_str(), slack.dedupe_key.as_str()), ("message", "Ev1"));
    }

    #[test]
    fn what_says_nothing_is_known_by_its_bytes() {
        for body in ["", "hello", "[1]", r#"{"type":5,"webhookId":{}}"#, r#"{"webhookId":"a","webhookId":"b"}"#] {
            let label = labelled(SourceKind::GoHighLevel, body);
            assert!(label.dedupe_key.starts_with("sha256:"), "{body}: {label:?}");
            assert_eq!(label.kind, "unknown");
        }
    }

    #[test]
    fn places_of_ones_own_win() {
        let places = Places {
            id_pointer: Some("/order/id".to_owned()),
            kind_header: Some("x-topic".to_owned()),
            ..Places::default()
        };
        let headers =
            [(http::HeaderName::from_static("x-topic"), "orders/paid".parse().unwrap())].into_iter().collect();
        let label = label(SourceKind::Hmac, &places, &headers, br#"{"order":{"id":17}}"#);
        assert_eq!((label.kind.as_str(), label.dedupe_key.as_str()), ("orders/paid", "17"));
    }

    #[test]
    fn slack_gets_its_challenge_back() {
        assert_eq!(slack_challenge(br#"{"type":"url_verification","challenge":"c"}"#).as_deref(), Some("c"));
        assert_eq!(slack_challenge(br#"{"type":"event_callback","challenge":"c"}"#), None);
    }
}
