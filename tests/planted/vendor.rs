//! The emulator behind a face that knows planted tokens, and that can be told to answer with the token it was shown.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use common::clock::Clock;
use common::db::{DatabaseSettings, Db};
use common::tasks::Tasks;
use mcp_ghl::sandbox::{LimitSettings, Sandbox, SandboxSettings};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;

/// Largest body looked at.
const BODY_BYTES_MAX: usize = 1 << 20;

struct Inner {
    /// What is planted, and what the emulator knows in its place.
    disguises: Vec<(String, String)>,
    /// A status with which everything is answered, repeating what was shown; 0 for an honest vendor.
    parrots: AtomicU16,
    /// Everything that was shown: `Authorization` headers and bodies.
    shown: Mutex<String>,
    /// Every token that was given away.
    minted: Mutex<Vec<String>>,
}

pub(crate) struct Vendor {
    pub(crate) address: SocketAddr,
    clock: Clock,
    inner: Arc<Inner>,
    _folder: TempDir,
    _tasks: Tasks,
}

impl Vendor {
    pub(crate) async fn open(disguises: Vec<(String, String)>) -> Self {
        let (folder, tasks) = (tempfile::tempdir().unwrap(), Tasks::new());
        #[expect(clippy::disallowed_methods, reason = "the programs have the system's clock")]
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let clock = Clock::manual(i64::try_from(now.as_millis()).unwrap());
        let db = Db::open(&DatabaseSettings::default(), &folder.path().join("vendor.db")).await.unwrap();
        let limits = LimitSettings { requests_per_window: 100_000, ..LimitSettings::default() };
        let sandbox = Sandbox::new(db, clock.clone(), SandboxSettings { limits, ..SandboxSettings::default() });
        let inner = Inner { disguises, parrots: AtomicU16::new(0), shown: Mutex::default(), minted: Mutex::default() };
        let inner = Arc::new(inner);
        let router = sandbox.router().layer(middleware::from_fn_with_state(Arc::clone(&inner), face));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tasks.spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { address, clock, inner, _folder: folder, _tasks: tasks }
    }

    /// From here on everything is answered with this status and with what was shown; 0 ends that.
    pub(crate) fn parrot(&self, status: u16) {
        self.inner.parrots.store(status, Ordering::SeqCst);
    }

    /// All access tokens end.
    pub(crate) fn end_access(&self) {
        self.clock.advance(Duration::from_hours(25));
    }

    /// Every token that was given away, in order.
    pub(crate) fn minted(&self) -> Vec<String> {
        self.inner.minted.lock().unwrap().clone()
    }

    /// Whether a value was ever shown.
    pub(crate) fn was_shown(&self, value: &str) -> bool {
        self.inner.shown.lock().unwrap().contains(value)
    }
}

async fn face(State(inner): State<Arc<Inner>>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let shown = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut shown = shown.to_owned();
    let body = to_bytes(body, BODY_BYTES_MAX).await.unwrap();
    let mut body = String::from_utf8(body.to_vec()).unwrap();
    inner.shown.lock().unwrap().extend([shown.as_str(), "\n", &body, "\n"]);
    let status = inner.parrots.load(Ordering::SeqCst);
    if status != 0 {
        return parrot(StatusCode::from_u16(status).unwrap(), &shown, &body);
    }
    for (planted, known) in &inner.disguises {
        (shown, body) = (shown.replace(planted, known), body.replace(planted, known));
    }
    if !shown.is_empty() {
        parts.headers.insert(header::AUTHORIZATION, shown.parse().unwrap());
    }
    parts.headers.insert(header::CONTENT_LENGTH, body.len().into());
    let is_oauth = parts.uri.path().starts_with("/oauth/");
    let (answer, body) = next.run(Request::from_parts(parts, Body::from(body))).await.into_parts();
    let body = to_bytes(body, BODY_BYTES_MAX).await.unwrap();
    if is_oauth && let Ok(tokens) = serde_json::from_slice::<Value>(&body) {
        let tokens = ["access_token", "refresh_token"].map(|name| tokens[name].as_str().map(str::to_owned));
        inner.minted.lock().unwrap().extend(tokens.into_iter().flatten());
    }
    Response::from_parts(answer, Body::from(body))
}

/// Says in every place that a client may read what it was shown.
fn parrot(status: StatusCode, shown: &str, body: &str) -> Response {
    let token = shown.trim_start_matches("Bearer ");
    let text = json!({
        "statusCode": status.as_u16(), "message": format!("Invalid token: {token}"), "error": shown, "traceId": token,
        "error_description": body,
    });
    let mut answer = (status, [(header::CONTENT_TYPE, "application/json")], text.to_string()).into_response();
    for name in ["www-authenticate", "x-request-id", "x-trace-id", "server"] {
        answer.headers_mut().insert(name, HeaderValue::from_str(shown).unwrap());
    }
    answer
}
