//! `POST /webhooks/{source}/{tenant}`: an event is believed, committed, and only then acknowledged.
//!
//! What a sender is told decides whether the event comes again: whatever is not our final word (a body too large, a
//! signature that is none) asks it to. `GoHighLevel` repeats after a 429 alone, so it hears no 5xx from here.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{ConnectInfo, Path, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use common::clock::Clock;
use common::error::{Error, ErrorCode};
use common::telemetry::Metrics;
use serde::Serialize;
use tokio::sync::Semaphore;

use super::answer::refusal;
use super::body::{Intake, Refused};
use crate::inbox::{Inbox, InboxSettings, Incoming, Source, Sources};
use crate::signature::{self, Rejection};
use crate::source::{SourceKind, kept_headers, label, slack_challenge};

/// What requests of this door are counted as.
const DOOR: &str = "webhooks";

/// What the door decides by.
#[derive(Debug)]
pub(crate) struct WebhookDoor {
    inbox: Inbox,
    sources: Sources,
    clock: Clock,
    metrics: Metrics,
    intake: Intake,
    /// Seats for events that have come in whole.
    room: Semaphore,
    patience: Duration,
    retry_after: Duration,
}

impl WebhookDoor {
    pub(crate) fn new(inbox: Inbox, sources: Sources, metrics: Metrics, settings: &InboxSettings) -> Self {
        let seats = settings.concurrency_max.max(1);
        Self {
            clock: inbox.clock().clone(),
            intake: Intake::new(inbox.clock().clone(), settings.body_bytes_max, settings.body_patience(), seats),
            inbox,
            sources,
            metrics,
            room: Semaphore::new(seats),
            patience: Duration::from_millis(settings.answer_ms.max(1)),
            retry_after: Duration::from_secs(settings.retry_after_s),
        }
    }
}

/// The route. It needs no token, and bounds what it reads.
pub(crate) fn routes(door: WebhookDoor) -> Router {
    Router::new().route("/webhooks/{source}/{tenant}", post(receive)).with_state(Arc::new(door))
}

async fn receive(
    State(door): State<Arc<WebhookDoor>>,
    Path((source, tenant)): Path<(String, String)>,
    request: Request,
) -> Response {
    let source = door.sources.find(&source, &tenant).map(Arc::as_ref);
    let response = door.answer(source, request).await.unwrap_or_else(|no| door.say(no, source));
    door.metrics.http_answered(DOOR, response.status().as_u16());
    response
}

/// Why an event is not acknowledged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum No {
    /// It is not believed, or nobody knows the place. All of that looks the same from outside.
    Disbelieved,
    TooLarge,
    BrokeOff,
    /// There is no room.
    Again,
    /// Something of ours does not work.
    Broken,
}

#[derive(Serialize)]
struct Taken {
    event_id: String,
    duplicate: bool,
}

#[derive(Serialize)]
struct Challenged {
    challenge: String,
}

impl WebhookDoor {
    /// Whoever sends slowly waits outside: a seat is taken once the event is there.
    async fn answer(&self, source: Option<&Source>, request: Request) -> Result<Response, No> {
        let (parts, body) = request.into_parts();
        let received = self.intake.read(body).await?;
        let _seat = self.room.try_acquire().map_err(|_full| No::Again)?;
        tokio::select! {
            biased;
            taken = self.take(source, parts, received.bytes.clone()) => taken,
            // What is stored after all is known when it comes again.
            () = self.clock.sleep(self.patience) => Err(No::Again),
        }
    }

    async fn take(&self, source: Option<&Source>, parts: Parts, body: Bytes) -> Result<Response, No> {
        let source = source.ok_or(No::Disbelieved)?;
        if source.kind == SourceKind::None && !is_from_here(&parts.headers, parts.extensions.get()) {
            return Err(No::Disbelieved);
        }
        self.believe(source, &parts.headers, &body).await?;
        if source.kind == SourceKind::Slack
            && let Some(challenge) = slack_challenge(&body)
        {
            return Ok(Json(Challenged { challenge }).into_response());
        }
        let label = label(source.kind, &source.places, &parts.headers, &body);
        let is_known = |account: &String| source.accounts.contains(account);
        if !source.accounts.is_empty() && !label.account.as_ref().is_some_and(is_known) {
            disbelieved(source, "another account");
            return Err(No::Disbelieved);
        }
        let incoming = Incoming {
            source: source.name.clone(),
            kind: label.kind,
            dedupe_key: label.dedupe_key,
            headers: kept_headers(source.kind, &source.places, &parts.headers),
            body: body.into(),
        };
        match self.inbox.take(&source.tenant, incoming).await {
            Ok(receipt) => {
                let taken = Taken { event_id: receipt.event_id, duplicate: receipt.is_duplicate };
                Ok(Json(taken).into_response())
            }
            Err(error) if error.code() == ErrorCode::RateLimited => Err(No::Again),
            Err(error) => Err(broken(source, &error)),
        }
    }

    async fn believe(&self, source: &Source, headers: &HeaderMap, body: &[u8]) -> Result<(), No> {
        let scheme = self.sources.scheme(source).await.map_err(|error| broken(source, &error))?;
        let (now_ms, tolerance_ms) = (self.clock.now_ms(), source.tolerance_ms);
        let signed = scheme.verify(&signature::Request { headers, body, now_ms, tolerance_ms });
        signed.map_err(|rejection: Rejection| {
            disbelieved(source, rejection.as_str());
            No::Disbelieved
        })
    }

    /// The answer, by what makes its sender come again.
    fn say(&self, no: No, source: Option<&Source>) -> Response {
        let error = |code, message: &str| Error::new(code, message);
        match no {
            No::Disbelieved => {
                let error = error(ErrorCode::Unauthenticated, "the signature is not that of a source of this tenant");
                let mut response = refusal(&error, StatusCode::UNAUTHORIZED);
                response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Signature"));
                response
            }
            No::TooLarge => {
                let message = format!("the event has more than {} bytes", self.intake.bytes_max());
                let error = error(ErrorCode::InvalidArgument, &message)
                    .with_hint("ask the operator to raise `orchestrator.inbox.body_bytes_max`");
                refusal(&error, StatusCode::PAYLOAD_TOO_LARGE)
            }
            // Nobody may be there to read it; whoever is sends the whole.
            No::BrokeOff => refusal(&self.again(), status_for_again(source)),
            No::Again => refusal(&self.again(), StatusCode::TOO_MANY_REQUESTS),
            No::Broken => {
                let error = error(ErrorCode::UpstreamUnavailable, "the event was not stored")
                    .with_hint("send it again")
                    .with_retry_after(self.retry_after);
                refusal(&error, status_for_again(source))
            }
        }
    }

    fn again(&self) -> Error {
        Error::new(ErrorCode::RateLimited, "the event was not stored, too many come at once")
            .with_hint("send it again")
            .with_retry_after(self.retry_after)
    }
}

impl From<Refused> for No {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::TooLarge => Self::TooLarge,
            Refused::BrokeOff | Refused::TooSlow => Self::BrokeOff,
            Refused::NoRoom => Self::Again,
        }
    }
}

/// What makes a sender come again where nothing else is known.
fn status_for_again(source: Option<&Source>) -> StatusCode {
    match source {
        Some(source) if !source.kind.repeats_only_after_429() => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::TOO_MANY_REQUESTS,
    }
}

fn broken(source: &Source, error: &Error) -> No {
    let (name, tenant, cause) = (&source.name, &source.tenant, error.cause());
    tracing::error!(
        source.name = %name, tenant = %tenant, error.cause = cause,
        "an event of `{name}` could not be stored and is asked for again: {}", error.message()
    );
    No::Broken
}

fn disbelieved(source: &Source, why: &'static str) {
    let (name, tenant) = (&source.name, &source.tenant);
    tracing::warn!(source.name = %name, tenant = %tenant, why, "a webhook to `{name}` is not believed: {why}");
}

/// Whether a program on this machine asks, and not a page in its browser: what is unsigned is taken from nobody else.
fn is_from_here(headers: &HeaderMap, peer: Option<&ConnectInfo<SocketAddr>>) -> bool {
    let is_proxied = headers.contains_key(header::FORWARDED) || headers.contains_key("x-forwarded-for");
    let is_page = headers.contains_key(header::ORIGIN) || headers.contains_key("sec-fetch-site");
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _port)| name);
    let is_local_name = matches!(name, "localhost" | "127.0.0.1" | "[::1]");
    peer.is_some_and(|ConnectInfo(peer)| peer.ip().is_loopback()) && !is_proxied && !is_page && is_local_name
}
