//! `POST /webhook/{workflow}/{tenant}`: a program without a token starts a workflow by the secret of that workflow
//! (`orchestrator/workflows/<name>` of the tenant's vault). Its run acts for whoever published the workflow.

use std::sync::Arc;

use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use common::error::{Error, ErrorCode, Result};
use common::secrets::{SecretName, Secrets};
use common::tenant::TenantId;
use ring::hmac;
use secrecy::ExposeSecret as _;
use sha2::{Digest as _, Sha256};
use tokio::sync::Semaphore;

use super::answer::{refusal, refused};
use super::body::{Intake, Refused};
use super::start::{Accepted, Asked, Known, StartDoor};
use crate::inbox::InboxSettings;
use crate::signature::{self, HmacHeader, Scheme, StandardKeys};

/// What requests of this door are counted as.
const DOOR: &str = "webhook_signed";

/// How far a signed timestamp may be from now, in milliseconds (Standard Webhooks 1.0.0 leaves it to us).
const TOLERANCE_MS: i64 = 300_000;

/// What the door decides by.
#[derive(Debug)]
pub(crate) struct SignedDoor {
    start: StartDoor,
    secrets: Secrets,
    intake: Intake,
    room: Semaphore,
}

impl SignedDoor {
    pub(crate) fn new(start: StartDoor, secrets: Secrets, settings: &InboxSettings) -> Self {
        let seats = settings.concurrency_max.max(1);
        let intake = Intake::new(start.clock.clone(), settings.body_bytes_max, settings.body_patience(), seats);
        Self { start, secrets, intake, room: Semaphore::new(seats) }
    }
}

/// The route. It needs no token, and bounds what it reads.
pub(crate) fn routes(door: SignedDoor) -> Router {
    Router::new().route("/webhook/{workflow}/{tenant}", post(start)).with_state(Arc::new(door))
}

async fn start(
    State(door): State<Arc<SignedDoor>>,
    Path((workflow, tenant)): Path<(String, String)>,
    request: Request,
) -> Response {
    let response = match door.accept(&workflow, &tenant, request).await {
        Ok(accepted) => (StatusCode::ACCEPTED, Json(accepted)).into_response(),
        Err(No::Disbelieved) => disbelieved(),
        Err(No::Slow) => {
            refusal(&said(ErrorCode::DeadlineExceeded, "the body did not come"), StatusCode::REQUEST_TIMEOUT)
        }
        Err(No::TooLarge) => {
            let message = format!("the request has more than {} bytes", door.intake.bytes_max());
            refusal(&said(ErrorCode::InvalidArgument, &message), StatusCode::PAYLOAD_TOO_LARGE)
        }
        Err(No::Full) => refused(&said(ErrorCode::RateLimited, "too many come at once")),
        Err(No::Failed(error)) => refused(&error),
    };
    door.start.metrics.http_answered(DOOR, response.status().as_u16());
    response
}

/// Why nothing is started.
enum No {
    /// Signature, tenant, workflow or secret: all of that looks the same from outside.
    Disbelieved,
    TooLarge,
    Slow,
    Full,
    Failed(Error),
}

impl From<Refused> for No {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::TooLarge => Self::TooLarge,
            Refused::BrokeOff | Refused::TooSlow => Self::Slow,
            Refused::NoRoom => Self::Full,
        }
    }
}

impl SignedDoor {
    async fn accept(&self, workflow: &str, tenant: &str, request: Request) -> Result<Accepted, No> {
        let (parts, body) = request.into_parts();
        let received = self.intake.read(body).await?;
        let _seat = self.room.try_acquire().map_err(|_full| No::Full)?;
        let tenant: TenantId = tenant.parse().map_err(|_| No::Disbelieved)?;
        let scheme = self.scheme(&tenant, workflow).await?;
        let (headers, body) = (&parts.headers, &*received.bytes);
        let signed =
            signature::Request { headers, body, now_ms: self.start.clock.now_ms(), tolerance_ms: Some(TOLERANCE_MS) };
        if let Err(rejection) = scheme.verify(&signed) {
            let why = rejection.as_str();
            tracing::warn!(workflow.name = workflow, tenant = %tenant, why, "a start of `{workflow}` is not believed: {why}");
            return Err(No::Disbelieved);
        }
        let key = key(&scheme, headers, body);
        let known = Known { run_key: Some(format!("signed/{key}")), key: Some(key) };
        let asked = Asked::read(body).map_err(No::Failed)?;
        self.start.begin(&tenant, (workflow, None), known, asked).await.map_err(No::Failed)
    }

    /// How a workflow's requests are signed: as its secret says.
    async fn scheme(&self, tenant: &TenantId, workflow: &str) -> Result<Scheme, No> {
        let name: SecretName = format!("orchestrator/workflows/{workflow}").parse().map_err(|_| No::Disbelieved)?;
        let stored = self.secrets.get(tenant, &name).await.map_err(|error| {
            let cause = error.cause();
            tracing::error!(
                workflow.name = workflow,
                error.cause = cause,
                "a secret cannot be read: {}",
                error.message()
            );
            No::Failed(error)
        })?;
        let Some(stored) = stored else { return Err(No::Disbelieved) };
        scheme_of(stored.value.expose_secret()).map_err(|error| {
            tracing::error!(workflow.name = workflow, "the secret of `{workflow}` is none: {}", error.message());
            No::Disbelieved
        })
    }
}

/// Standard Webhooks for `whsec_` and `whpk_`, else a digest of the body as GitHub sends it; several, one a line.
fn scheme_of(secret: &str) -> Result<Scheme> {
    let lines = || secret.lines().map(str::trim).filter(|line| !line.is_empty());
    if lines().any(|line| line.starts_with("whsec_") || line.starts_with("whpk_")) {
        return StandardKeys::parse(secret).map(Scheme::StandardWebhooks);
    }
    let keys: Vec<hmac::Key> = lines().map(|line| hmac::Key::new(hmac::HMAC_SHA256, line.as_bytes())).collect();
    if keys.is_empty() {
        return Err(Error::new(ErrorCode::FailedPrecondition, "the secret of a workflow is empty"));
    }
    Ok(Scheme::Hmac { keys, header: HmacHeader::default() })
}

/// What a request is the same by, of what is signed: whoever listens in and sends it again starts nothing.
fn key(scheme: &Scheme, headers: &HeaderMap, body: &[u8]) -> String {
    let id = headers.get("webhook-id").and_then(|id| id.to_str().ok());
    match (scheme, id) {
        (Scheme::StandardWebhooks(_), Some(id)) => id.to_owned(),
        _ => format!("sha256:{}", hex::encode(Sha256::digest(body))),
    }
}

fn disbelieved() -> Response {
    let error = said(ErrorCode::Unauthenticated, "the signature is not that of a workflow of this tenant");
    let mut response = refusal(&error, StatusCode::UNAUTHORIZED);
    response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Signature"));
    response
}

fn said(code: ErrorCode, message: &str) -> Error {
    Error::new(code, message)
}
