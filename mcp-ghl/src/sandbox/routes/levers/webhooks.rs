//! `/__sandbox/webhooks` and its like: what was told to whom, under which key, and what nobody in the emulator causes.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use common::clock::UnixMillis;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::sandbox::Sandbox;
use crate::sandbox::errors::Refusal;
use crate::sandbox::instants;
use crate::sandbox::store::webhooks::{Change, Delivery};
use crate::sandbox::store::{self, Document};
use crate::sandbox::webhooks::{EVENTS, LOG_LINES_MAX};

/// One webhook to one listener.
#[derive(Debug, Serialize)]
pub(super) struct Line {
    webhook_id: String,
    event: String,
    location_id: String,
    happened_at: String,
    /// Absent where nobody listens.
    #[serde(skip_serializing_if = "String::is_empty")]
    url: String,
    attempts: i64,
    outcome: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_attempt_at: Option<String>,
    payload: Value,
}

impl TryFrom<Delivery> for Line {
    type Error = serde_json::Error;

    fn try_from(delivery: Delivery) -> Result<Self, Self::Error> {
        let at = |instant_ms: UnixMillis| instants::iso(instant_ms);
        Ok(Self {
            webhook_id: delivery.webhook_id,
            event: delivery.event,
            location_id: delivery.location_id,
            happened_at: at(delivery.happened_at_ms),
            url: delivery.url,
            attempts: delivery.attempts,
            outcome: delivery.outcome,
            status: delivery.status,
            next_attempt_at: delivery.due_at_ms.map(at),
            payload: serde_json::from_str(&delivery.body)?,
        })
    }
}

/// The last ones, oldest first.
pub(super) async fn log(State(sandbox): State<Sandbox>) -> Result<Json<Vec<Line>>, Refusal> {
    sandbox.ready().await?;
    sandbox.send_scheduled().await?;
    let mut connection = store::read(sandbox.db()).await?;
    let deliveries = store::webhooks::last(&mut connection, LOG_LINES_MAX).await?;
    let lines: Result<Vec<Line>, _> = deliveries.into_iter().map(Line::try_from).collect();
    lines.map(Json).map_err(|_| Refusal::server_error())
}

#[derive(Debug, Serialize)]
pub(super) struct Signature {
    /// `SubjectPublicKeyInfo` in base64.
    public_key: String,
    header: &'static str,
    algorithm: &'static str,
}

pub(super) async fn key(State(sandbox): State<Sandbox>) -> Result<Json<Signature>, Refusal> {
    sandbox.ready().await?;
    let public_key = sandbox.signer().await?.public_key();
    Ok(Json(Signature { public_key, header: "X-GHL-Signature", algorithm: "Ed25519" }))
}

/// Any documented event, with a payload of the caller's.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Happening {
    event: String,
    location_id: String,
    #[serde(default)]
    payload: Map<String, Value>,
}

pub(super) async fn happen(
    State(sandbox): State<Sandbox>,
    Json(happening): Json<Happening>,
) -> Result<StatusCode, Refusal> {
    sandbox.ready().await?;
    if !EVENTS.contains(&happening.event.as_str()) {
        return Err(Refusal::bad_request(format!("`event` must be one of {}", EVENTS.join(", "))));
    }
    let change =
        Change { event: happening.event, location_id: happening.location_id, facts: Document(happening.payload) };
    let mut tx = sandbox.begin().await?;
    store::webhooks::insert_change(&mut tx, &change).await?;
    store::commit(tx).await?;
    sandbox.tell_changes().await?;
    Ok(StatusCode::NO_CONTENT)
}
