//! `GET /__sandbox`: every lever, what it does and an example.

use axum::Json;
use serde::Serialize;

/// One lever.
#[derive(Debug, Clone, Copy, Serialize)]
pub(super) struct Lever {
    pub(super) method: &'static str,
    pub(super) path: &'static str,
    does: &'static str,
    /// A body, as JSON text; empty where there is none.
    #[serde(skip_serializing_if = "str::is_empty")]
    example: &'static str,
}

const fn lever(method: &'static str, path: &'static str, does: &'static str, example: &'static str) -> Lever {
    Lever { method, path, does, example }
}

/// Each is there and its example works: a test pulls them all.
pub(super) const LEVERS: &[Lever] = &[
    lever("GET", "/__sandbox", "this list", ""),
    lever("GET", "/__sandbox/clock", "what time it is in the emulator", ""),
    lever(
        "POST",
        "/__sandbox/clock",
        "moves the clock: `advance_ms`, or `set` to an instant",
        r#"{"advance_ms": 86400000}"#,
    ),
    lever("DELETE", "/__sandbox/clock", "back to the machine's clock", ""),
    lever(
        "GET",
        "/__sandbox/enrolments/RtzBzEQ3Hh0tAFjfNGAq",
        "which contacts of a location are in which workflows and campaigns",
        "",
    ),
    lever(
        "POST",
        "/__sandbox/events",
        "sends a webhook of any documented event with a payload of yours",
        r#"{"event": "LCEmailStats", "location_id": "RtzBzEQ3Hh0tAFjfNGAq", "payload": {"event": "opened"}}"#,
    ),
    lever("GET", "/__sandbox/faults", "the faults that wait", ""),
    lever(
        "POST",
        "/__sandbox/faults",
        "orders a fault. kind: rate_limited, daily_limit_spent, server_error, bad_gateway, unavailable, timeout, slow, \
         connection_reset, truncated_body, malformed_json, done_but_unprocessable, done_but_server_error. How many \
         calls: count (1) or duration_ms. Which: operation such as contacts.get-contact, or \
         method, path with * for a segment, path_prefix. How likely: \
         probability with seed. How slow: delay_ms",
        r#"{"kind": "rate_limited", "duration_ms": 10000, "path": "/contacts/*", "probability": 0.5, "seed": 7}"#,
    ),
    lever("DELETE", "/__sandbox/faults", "calls all faults off", ""),
    lever(
        "POST",
        "/__sandbox/inbound-message",
        "a contact writes. type: SMS, Email, WhatsApp and the others that can be sent; message is HTML for an email; \
         subject and attachments may be left out",
        r#"{"contact_id": "CONTACT_ID", "type": "SMS", "message": "Do you have time on Friday?"}"#,
    ),
    lever("GET", "/__sandbox/requests", "the last 1,000 requests", ""),
    lever("POST", "/__sandbox/reset", "a fresh demo agency, full budgets, no faults, the machine's clock", ""),
    lever(
        "POST",
        "/__sandbox/search-lag",
        "search of contacts and opportunities shows changes so much later than a read of the record; 0 is at once",
        r#"{"lag_ms": 5000}"#,
    ),
    lever("GET", "/__sandbox/webhook-key", "the public key that webhooks are signed with", ""),
    lever("GET", "/__sandbox/webhooks", "the last 1,000 webhooks and what became of them", ""),
];

pub(super) async fn show() -> Json<&'static [Lever]> {
    Json(LEVERS)
}
