//! The door of clients that stopped at MCP 2024-11-05 (HTTP with SSE): what the server says comes over an event stream,
//! what the client says by POST beside it. Behind it is the same handler as behind every door.

mod events;
mod pipe;
mod session;
mod sessions;

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Extension, Router};
use rmcp::ServerHandler;
use rmcp::model::ClientJsonRpcMessage;
use rmcp::service::serve_server_with_ct;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use crate::auth::Caller;
use crate::clock::Clock;
use crate::error::{Error, ErrorCode};
use crate::tasks::Tasks;
use crate::tool::{ALL_TOOLSETS, Surface};
use crate::transport::body::json_bytes;
use crate::transport::refusal::{refusal, refused};

use events::Events;
use pipe::Pipe;
use session::Session;
use sessions::Sessions;

/// How long a client at its cap may wait until it asks again: sessions end one by one.
const RETRY_AFTER: Duration = Duration::from_secs(30);

/// Makes a handler and serves one session with it, to its end.
pub(super) type Greet = Arc<dyn Fn(Pipe, CancellationToken) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync>;

/// Greets with whatever `make` makes.
pub(super) fn greet<H: ServerHandler>(make: impl Fn() -> H + Send + Sync + 'static) -> Greet {
    Arc::new(move |pipe, until| {
        let handler = make();
        Box::pin(async move {
            // A client that says anything but hello is not served; its stream ends.
            if let Ok(running) = serve_server_with_ct(handler, pipe, until).await {
                drop(running.waiting().await);
            }
        })
    })
}

/// What all sessions of a port stand on.
#[derive(Debug, Clone)]
pub(super) struct Ground {
    pub(super) clock: Clock,
    pub(super) tasks: Tasks,
    /// Ends what is left at the end of the drain time.
    pub(super) cut_off: CancellationToken,
    /// Calls under way at once, of all sessions together.
    pub(super) room: Arc<Semaphore>,
    pub(super) sessions_max: usize,
    /// A session that nobody used for so long ends.
    pub(super) idle: Duration,
    pub(super) body_bytes_max: usize,
}

/// The sessions of one server.
struct LegacySse {
    greet: Greet,
    sessions: Arc<Sessions>,
    ground: Ground,
}

/// `<base>/sse` with its narrower ones, and `<base>/messages`; at the root of the port too for an only server.
pub(super) fn routes(bases: &[String], toolsets: &[&'static str], greet: Greet, ground: Ground) -> Router {
    let sessions = Arc::new(Sessions::new(ground.sessions_max));
    let door = Arc::new(LegacySse { greet, sessions, ground });
    let mut router = Router::new();
    for base in bases {
        let messages: Arc<str> = format!("{base}/messages").into();
        let opened = |surface: Surface| {
            get(open).with_state(Endpoint { door: Arc::clone(&door), surface, messages: Arc::clone(&messages) })
        };
        router = router
            .route(&format!("{base}/sse"), opened(Surface::usual()))
            .route(&format!("{base}/sse/readonly"), opened(Surface::read_only()))
            .route(&format!("{base}/sse/{ALL_TOOLSETS}"), opened(Surface::whole()))
            .route(&format!("{base}/messages"), post(deliver).with_state(Arc::clone(&door)));
        for toolset in toolsets {
            router = router.route(&format!("{base}/sse/{toolset}"), opened(Surface::only(toolset)));
        }
    }
    router
}

/// Where sessions are opened.
#[derive(Clone)]
struct Endpoint {
    door: Arc<LegacySse>,
    /// What it shows.
    surface: Surface,
    /// Where the client of a stream sends its messages.
    messages: Arc<str>,
}

/// Opens a session and streams what the server says, beginning with the address for what the client says.
async fn open(State(endpoint): State<Endpoint>, Extension(caller): Extension<Caller>) -> Response {
    let Endpoint { door, surface, messages } = endpoint;
    let ground = &door.ground;
    let until = ground.cut_off.child_token();
    let (session, inbox) = Session::new(caller, surface, until, ground.clock.clone());
    let Some(stay) = door.sessions.admit(Arc::clone(&session)) else {
        let message = format!("there are already {} sessions", ground.sessions_max);
        let error = Error::new(ErrorCode::RateLimited, message)
            .with_hint("close one, or speak streamable HTTP, where MCP 2026-07-28 needs none")
            .with_retry_after(RETRY_AFTER);
        return refusal(&error, StatusCode::SERVICE_UNAVAILABLE);
    };
    let greeting = format!("event: endpoint\ndata: {}?session_id={}\n\n", messages, stay.id());
    let (pipe, outbox) = Pipe::new(Arc::clone(&session), inbox, ground.clock.clone());
    ground.tasks.spawn(serve(Arc::clone(&door.greet), pipe, session, ground.tasks.stopping().clone()));
    let events = Events::new(greeting, outbox, stay, ground.clock.clone(), ground.idle);
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        // Proxies of the nginx kind would hold events back.
        (header::HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no")),
    ];
    (headers, Body::from_stream(events.into_stream())).into_response()
}

/// Serves a session until it ends; once the process is told to stop, until its calls in flight are answered.
async fn serve(greet: Greet, pipe: Pipe, session: Arc<Session>, stopping: CancellationToken) {
    let mut served = greet(pipe, session.until().clone());
    tokio::select! {
        () = &mut served => {}
        () = async { stopping.cancelled().await; session.settled().await } => {
            session.end();
            served.await;
        }
    }
    session.end();
}

/// Takes one message for a session. Its answer, if any, comes over the stream.
async fn deliver(State(door): State<Arc<LegacySse>>, request: Request) -> Response {
    let (mut parts, body) = request.into_parts();
    let session = session_id(&parts.uri).zip(parts.extensions.get::<Caller>());
    let Some(session) = session.and_then(|(id, caller)| door.sessions.find(&id, caller)) else {
        // Whether it is another's or has ended is nobody's business.
        let error = Error::new(ErrorCode::NotFound, "you have no such session").with_hint("open one with `GET …/sse`");
        return refused(&error);
    };
    let bytes = match json_bytes(&parts.headers, body, door.ground.body_bytes_max).await {
        Ok(bytes) => bytes,
        Err(refusal) => return refusal,
    };
    let Ok(message) = serde_json::from_slice::<ClientJsonRpcMessage>(&bytes) else {
        return refused(&Error::new(ErrorCode::InvalidArgument, "this is no message of MCP (JSON-RPC 2.0)"));
    };
    parts.extensions.insert(session.surface().clone());
    match session.take(message, parts, &door.ground.room) {
        Ok(()) => (StatusCode::ACCEPTED, "Accepted").into_response(),
        Err(error) => refused(&error),
    }
}

fn session_id(uri: &Uri) -> Option<String> {
    let mut pairs = url::form_urlencoded::parse(uri.query()?.as_bytes());
    // Some clients rewrite the query they were given; `sessionId` is what the TypeScript SDK's server says.
    pairs.find(|(name, _)| name == "session_id" || name == "sessionId").map(|(_, id)| id.into_owned())
}
