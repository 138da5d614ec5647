//! The door of everybody else: MCP over streamable HTTP, what stands beside it, health and figures on one port.

mod door;
mod gate;
mod health;
mod rate_limit;
mod settings;
mod stalled;
mod streams;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::serve::ListenerExt;
use rmcp::transport::streamable_http_server::StreamableHttpServerConfig;
use rmcp::transport::streamable_http_server::session::local::{LocalSessionManager, SessionConfig};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tower_http::cors::{AllowHeaders, CorsLayer};

use crate::auth::Authenticator;
use crate::clock::Clock;
use crate::error::{Error, ErrorCode, Result};
use crate::health::Check;
use crate::tasks::Tasks;
use crate::telemetry::Metrics;
use crate::tool::Approvals;
use crate::transport::{SideDoors, approvals_inbox};

pub use door::Door;
pub use settings::{HttpServerSettings, LegacySse};

use crate::transport::openapi::{Layout, Place};
use crate::transport::refusal::{no_method, no_route, refusal};
use crate::transport::{legacy_sse, openapi, rest};
use gate::Gate;
use stalled::Impatient;

/// Everything the port needs to know besides its settings.
#[derive(Debug, Clone)]
pub struct Surroundings {
    pub authenticator: Authenticator,
    pub clock: Clock,
    pub metrics: Metrics,
    pub approvals: Approvals,
    /// What has to work for the process to be ready.
    pub checks: Vec<Check>,
    pub tasks: Tasks,
    /// What is answered beside MCP, without asking for a token.
    pub side_doors: SideDoors,
}

/// An open port, not yet serving.
#[derive(Debug)]
pub struct Port {
    listener: TcpListener,
    address: SocketAddr,
    settings: HttpServerSettings,
    surroundings: Surroundings,
}

impl Port {
    /// Takes the port. Without tokens only loopback addresses are taken.
    ///
    /// # Errors
    /// `failed_precondition` if the port is taken, or open to others without authentication.
    pub async fn open(settings: HttpServerSettings, surroundings: Surroundings) -> Result<Self> {
        let host: IpAddr = settings.host.parse().map_err(|source| {
            Error::new(
                ErrorCode::FailedPrecondition,
                format!("`server.host` is `{}`, which is no IP address", settings.host),
            )
            .with_hint("use 127.0.0.1, ::1 or 0.0.0.0")
            .with_source(source)
        })?;
        if !host.is_loopback() && !surroundings.authenticator.has_tokens() {
            let message = format!("`{host}` can be reached by others, and no authentication is set up");
            return Err(Error::new(ErrorCode::FailedPrecondition, message)
                .with_hint("bind 127.0.0.1, or enter at least one token in `[[auth.tokens]]`"));
        }
        let taken = |source| {
            Error::new(ErrorCode::FailedPrecondition, format!("port {} of {host} cannot be taken", settings.port))
                .with_hint("is another one running? choose another `--port`")
                .with_source(source)
        };
        let listener = TcpListener::bind((host, settings.port)).await.map_err(taken)?;
        let address = listener.local_addr().map_err(|source| Error::internal("the port has no address", source))?;
        Ok(Self { listener, address, settings, surroundings })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves `doors` until the tasks are told to stop, then lets calls in flight end within the drain time.
    ///
    /// # Errors
    /// `internal` if the listener breaks.
    pub async fn serve(self, doors: Vec<Door>) -> Result<()> {
        // What streams on (sessions, subscriptions) is cut off at the end of the drain time, not at its beginning.
        let cut_off = CancellationToken::new();
        let router = self.router(doors, &cut_off);
        let stopping = self.surroundings.tasks.stopping().clone();
        let drain = Duration::from_millis(self.settings.drain_ms);
        let clock = self.surroundings.clock.clone();
        let listener = Impatient { listener: self.listener, clock: clock.clone() };
        // Tapped for nothing: axum knows the address of a client of its own listeners only, and of tapped ones.
        let listener = listener.tap_io(|_| ());
        let serving = axum::serve(listener, router.into_make_service_with_connect_info::<SocketAddr>());
        let serving = serving.with_graceful_shutdown(stopping.clone().cancelled_owned()).into_future();
        let mut serving = std::pin::pin!(serving);
        let served = tokio::select! {
            served = &mut serving => served,
            () = async { stopping.cancelled().await; clock.sleep(drain).await } => {
                cut_off.cancel();
                serving.await
            }
        };
        served.map_err(|source| Error::internal("the port broke", source))
    }

    /// Everything that the port answers; what streams on ends with `cut_off`.
    pub fn router(&self, doors: Vec<Door>, cut_off: &CancellationToken) -> Router {
        let layout = self.layout(&doors);
        let ground = self.sse_ground(cut_off);
        let mut router = Router::new();
        for (door, place) in doors.into_iter().zip(&layout.places) {
            let sessions = Arc::new(self.sessions());
            let cap =
                Arc::new(SessionCap { sessions: Arc::clone(&sessions), sessions_max: self.settings.sessions_max });
            let endpoint =
                door.open(sessions, self.protocol(cut_off)).layer(middleware::from_fn_with_state(cap, watch_sessions));
            for base in &place.bases {
                router = router.nest(&format!("{base}/mcp"), endpoint.clone());
            }
            if layout.has_sse {
                router = router.merge(legacy_sse::routes(&place.bases, &door.toolsets, door.greet, ground.clone()));
            }
        }
        if !layout.faces.is_empty() {
            let bounds = rest::Bounds { body_bytes_max: self.settings.body_bytes_max, cut_off: cut_off.clone() };
            router = router.merge(rest::routes(&layout.faces, &bounds));
        }
        let metrics = self.surroundings.metrics.clone();
        let figures = get(move || async move { figures(&metrics) });
        let router = router
            .route("/metrics", figures)
            .merge(approvals_inbox::routes(self.surroundings.approvals.clone()))
            .merge(openapi::routes(layout))
            .merge(self.surroundings.side_doors.gated())
            .fallback(no_route)
            .method_not_allowed_fallback(no_method)
            .layer(middleware::from_fn_with_state(self.gate(), gate::pass))
            .merge(self.surroundings.side_doors.open())
            .merge(health::routes(self.surroundings.checks.clone()));
        // Without origins there is nobody to tell, and telling costs every answer a microsecond.
        if self.settings.allowed_origins.is_empty() { router } else { router.layer(self.cors()) }
    }

    /// What is where. An only server is at the root too.
    fn layout(&self, doors: &[Door]) -> Layout {
        let is_only_door = doors.len() == 1;
        let place = |door: &Door| {
            let named = format!("/{}", door.name);
            let bases = if is_only_door { vec![String::new(), named] } else { vec![named] };
            Place { name: door.name, bases, toolsets: door.toolsets.clone() }
        };
        Layout {
            places: doors.iter().map(place).collect(),
            faces: doors.iter().filter(|_| self.settings.rest).filter_map(|door| door.face.clone()).collect(),
            has_sse: self.settings.serves_legacy_sse(self.address.ip()),
            has_sessions: !self.settings.stateless,
            needs_token: self.surroundings.authenticator.has_tokens(),
        }
    }

    fn sse_ground(&self, cut_off: &CancellationToken) -> legacy_sse::Ground {
        legacy_sse::Ground {
            clock: self.surroundings.clock.clone(),
            tasks: self.surroundings.tasks.clone(),
            cut_off: cut_off.clone(),
            room: Arc::new(Semaphore::new(self.settings.concurrency_max)),
            sessions_max: self.settings.sse_sessions_max,
            idle: Duration::from_secs(self.settings.sse_session_idle_s),
            body_bytes_max: self.settings.body_bytes_max,
        }
    }

    fn gate(&self) -> Arc<Gate> {
        Arc::new(Gate::new(&self.settings, &self.surroundings, self.address.port()))
    }

    fn sessions(&self) -> LocalSessionManager {
        let mut config = SessionConfig::default();
        config.keep_alive = Some(Duration::from_secs(self.settings.session_idle_s));
        let mut sessions = LocalSessionManager::default();
        sessions.session_config = config;
        sessions
    }

    fn protocol(&self, cut_off: &CancellationToken) -> StreamableHttpServerConfig {
        StreamableHttpServerConfig::default()
            .with_legacy_session_mode(!self.settings.stateless)
            .with_json_response(self.settings.json_responses)
            .with_max_request_body_bytes(self.settings.body_bytes_max)
            .with_cancellation_token(cut_off.clone())
            // Host and Origin are checked at the gate, for every route alike.
            .disable_allowed_hosts()
            .disable_allowed_origins()
    }

    /// Browsers of the allow-listed origins may speak MCP; its headers are allowed and exposed.
    fn cors(&self) -> CorsLayer {
        let origins: Vec<HeaderValue> =
            self.settings.allowed_origins.iter().filter_map(|origin| origin.parse().ok()).collect();
        CorsLayer::new()
            .allow_origin(origins)
            .allow_methods([Method::GET, Method::POST, Method::PUT, Method::DELETE])
            // `Mcp-Param-*` have no fixed names (MCP 2026-07-28), hence the request's own list.
            .allow_headers(AllowHeaders::mirror_request())
            .expose_headers(
                ["mcp-session-id", "mcp-protocol-version", "retry-after", "www-authenticate"]
                    .map(header::HeaderName::from_static),
            )
            .max_age(Duration::from_mins(10))
    }
}

struct SessionCap {
    sessions: Arc<LocalSessionManager>,
    sessions_max: usize,
}

/// Refuses to open a session where there are too many, and says of one that was ended that it is. Whoever has one goes on.
async fn watch_sessions(State(cap): State<Arc<SessionCap>>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    let is_modern =
        headers.get("mcp-protocol-version").is_some_and(|version| version.as_bytes() >= b"2026-07-28".as_slice());
    let may_open = request.method() == Method::POST && !is_modern && !headers.contains_key("mcp-session-id");
    if may_open && cap.sessions.sessions.read().await.len() >= cap.sessions_max {
        let error = Error::new(ErrorCode::RateLimited, format!("there are already {} sessions", cap.sessions_max))
            .with_hint("close one, or speak MCP 2026-07-28, which needs none")
            .with_retry_after(Duration::from_secs(30));
        return refusal(&error, StatusCode::SERVICE_UNAVAILABLE);
    }
    let is_end = request.method() == Method::DELETE;
    let mut response = next.run(request).await;
    // The SDK says 202. Python's warns its user of an end that is neither 200 nor 204 (mcp 1.30.0 and 2.3.0, 2026-11-20).
    if is_end && response.status() == StatusCode::ACCEPTED {
        *response.status_mut() = StatusCode::NO_CONTENT;
    }
    response
}

fn figures(metrics: &Metrics) -> Response {
    match metrics.exposition() {
        Ok(text) => ([(header::CONTENT_TYPE, "application/openmetrics-text; version=1.0.0; charset=utf-8")], text)
            .into_response(),
        Err(error) => refusal(&error, StatusCode::INTERNAL_SERVER_ERROR),
    }
}
