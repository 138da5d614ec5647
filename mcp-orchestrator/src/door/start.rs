//! `POST /webhook/{workflow}`: a program with a token starts a workflow and is told where its result will be.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Extension, Json, Router};
use common::auth::{Acting, Caller, Role};
use common::clock::Clock;
use common::error::{Error, ErrorCode, Result};
use common::telemetry::Metrics;
use common::tenant::TenantId;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;

use super::answer::refused;
use crate::callbacks::Callbacks;
use crate::engine::{Engine, NewRun, Start};
use crate::router::Workflows;
use crate::run::RunId;

/// What requests of this door are counted as, beside what the gate counts.
const DOOR: &str = "webhook";

/// The header by which a repetition is known (draft-ietf-httpapi-idempotency-key-header-07).
const KEY_HEADER: &str = "idempotency-key";

/// Longest key, in bytes.
const KEY_BYTES_MAX: usize = 200;

/// How long a request's body may take.
const BODY_PATIENCE: Duration = Duration::from_secs(5);

/// What the door decides by.
#[derive(Debug, Clone)]
pub struct StartDoor {
    pub engine: Arc<dyn Engine>,
    pub workflows: Arc<dyn Workflows>,
    pub callbacks: Callbacks,
    pub clock: Clock,
    pub metrics: Metrics,
    /// Largest request, in bytes.
    pub body_bytes_max: usize,
}

/// The route, to be put behind the gate: it needs the [`Caller`].
pub fn routes(door: StartDoor) -> Router {
    Router::new().route("/webhook/{workflow}", post(start)).with_state(door)
}

/// What is sent.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    /// What is wanted, in the workflow's own words.
    #[serde(default)]
    command: Option<String>,
    #[serde(default)]
    context: Value,
    /// Who is told of the outcome.
    #[serde(default)]
    callback_url: Option<String>,
}

/// By what a start is known again.
pub(super) struct Known {
    /// What the run says that it was started by.
    pub(super) key: Option<String>,
    /// The same for whoever may use the same key.
    pub(super) run_key: Option<String>,
}

#[derive(Serialize)]
pub(super) struct Accepted {
    run_id: String,
    workflow: String,
    /// The same key has started it before.
    duplicate: bool,
    /// Where its result is asked for.
    poll: Poll,
}

#[derive(Serialize)]
struct Poll {
    tool: &'static str,
    method: &'static str,
    path: &'static str,
    arguments: PollArguments,
}

#[derive(Serialize)]
struct PollArguments {
    run: String,
}

async fn start(
    State(door): State<StartDoor>,
    Extension(caller): Extension<Caller>,
    Path(workflow): Path<String>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let response = match door.accept(&caller, &workflow, &parts.headers, body).await {
        Ok(accepted) => (StatusCode::ACCEPTED, Json(accepted)).into_response(),
        Err(error) => refused(&error),
    };
    door.metrics.http_answered(DOOR, response.status().as_u16());
    response
}

impl StartDoor {
    async fn accept(&self, caller: &Caller, workflow: &str, headers: &HeaderMap, body: Body) -> Result<Accepted> {
        if caller.role() < Role::Member {
            return Err(Error::new(ErrorCode::PermissionDenied, "starting workflows needs the role `member`"));
        }
        let key = key_of(headers)?;
        let run_key = key.as_ref().map(|key| format!("{}/{key}", caller.subject()));
        let asked = self.read(body).await?;
        self.begin(caller.tenant(), (workflow, Some(Acting::of(caller))), Known { key, run_key }, asked).await
    }

    /// Starts a published workflow: for somebody, or for whoever published it.
    pub(super) async fn begin(
        &self,
        tenant: &TenantId,
        (workflow, acting): (&str, Option<Acting>),
        Known { key, run_key }: Known,
        Asked { command, context, callback_url }: Asked,
    ) -> Result<Accepted> {
        let callback = callback_url.as_deref().map(checked_callback).transpose()?;
        if callback.is_some() {
            self.callbacks.check(tenant).await?;
        }
        let current = self.workflows.current(tenant, workflow).await?.ok_or_else(|| {
            Error::new(ErrorCode::NotFound, "there is no published workflow of that name")
                .with_hint("list_workflows names them")
        })?;
        let run_id = match &run_key {
            Some(key) => RunId::of_key(workflow, key),
            None => RunId::at(self.clock.now_ms()),
        };
        let run = NewRun {
            run_id: run_id.clone(),
            workflow: workflow.to_owned(),
            revision: current.revision,
            key,
            input: serde_json::json!({ "command": command, "context": context }),
            acting: acting.unwrap_or(current.acting),
            callback,
            parent: None,
        };
        let started = self.engine.start(tenant, run).await?;
        let poll = Poll {
            tool: "get_run",
            method: "POST",
            path: "/api/tools/get_run",
            arguments: PollArguments { run: run_id.0.clone() },
        };
        Ok(Accepted { run_id: run_id.0, workflow: workflow.to_owned(), duplicate: started == Start::Known, poll })
    }

    async fn read(&self, body: Body) -> Result<Asked> {
        let bytes = tokio::select! {
            biased;
            bytes = to_bytes(body, self.body_bytes_max) => bytes,
            () = self.clock.sleep(BODY_PATIENCE) => {
                return Err(Error::new(ErrorCode::DeadlineExceeded, "the body did not come in time").with_hint("send it again"));
            }
        };
        let too_long = |_| unreadable(format!("the request broke off or has more than {} bytes", self.body_bytes_max));
        Asked::read(&bytes.map_err(too_long)?)
    }
}

impl Asked {
    pub(super) fn read(bytes: &[u8]) -> Result<Self> {
        if bytes.is_empty() {
            return Ok(Self { command: None, context: Value::Null, callback_url: None });
        }
        serde_json::from_slice(bytes).map_err(|source| {
            let place = format!("line {}, column {}", source.line(), source.column());
            unreadable(format!("the body is not what starts a workflow ({place})")).with_source(source)
        })
    }
}

fn unreadable(problem: String) -> Error {
    Error::new(ErrorCode::InvalidArgument, problem)
        .with_hint(r#"send {"command": "…", "context": {…}, "callback_url": "https://…"}; all may be absent"#)
}

fn key_of(headers: &HeaderMap) -> Result<Option<String>> {
    let Some(value) = headers.get(KEY_HEADER) else { return Ok(None) };
    match value.to_str() {
        Ok(key) if !key.is_empty() && key.len() <= KEY_BYTES_MAX => Ok(Some(key.to_owned())),
        _ => Err(Error::invalid_argument(KEY_HEADER, "is no key", "1 to 200 visible ASCII characters", None)),
    }
}

/// Where it may really lead is decided when it is called, by the egress guard.
fn checked_callback(text: &str) -> Result<String> {
    let is_web = |url: &Url| matches!(url.scheme(), "http" | "https") && url.has_host();
    match Url::parse(text) {
        Ok(url) if is_web(&url) => Ok(url.into()),
        _ => Err(Error::invalid_argument(
            "callback_url",
            "is no address",
            "an `https` URL",
            Some("\"https://a.example/done\""),
        )),
    }
}
