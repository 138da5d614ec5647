//! One open connection to a server: requests that can be given up, and the list of its tools while it is fresh.

use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rmcp::RoleClient;
use rmcp::model::{
    CallToolRequest, CallToolRequestParams, CallToolResult, ClientRequest, ErrorData, GetExtensions, ListToolsRequest,
    PaginatedRequestParams, RequestMetaObject, ServerResult,
};
use rmcp::service::{Peer, PeerRequestOptions, RequestHandle, ServiceError};
use rmcp::transport::streamable_http_client::StreamableHttpError;
use serde_json::Value;
use tokio_util::sync::DropGuard;

use super::call::{PeerCall, PeerTool};
use super::ear::Ear;
use super::offer;
use crate::auth::Caller;
use crate::clock::{Clock, UnixMillis, after};
use crate::error::{Error, ErrorCode, LostChange};
use crate::tasks::Tasks;
use crate::tool::{KEY_IN_META, PLAN_IN_META};

/// Most pages of a list of tools that are read.
const PAGES_MAX: usize = 20;

/// How long a list of tools is believed, whatever its server says, in milliseconds.
const LIST_TTL_MS_MAX: u64 = 300_000;

/// The least, so that a server that says nothing is not asked with every call, in milliseconds.
const LIST_TTL_MS_MIN: u64 = 1_000;

/// Why there is no result.
#[derive(Debug)]
pub(super) enum Failure {
    /// Nothing has left this process.
    NotSent(Error),
    /// Sent, perhaps; no answer came.
    Unanswered(Error),
    /// The other side answered with an error of the protocol.
    Refused(ErrorData),
    /// It answered with something that is no result of a call.
    Unusable(&'static str),
}

/// Whether a connection was broken off because of a message that was too large.
#[derive(Debug, Clone, Default)]
pub(super) struct TooLarge(Arc<AtomicBool>);

impl TooLarge {
    pub(super) fn happened(&self) {
        self.0.store(true, Ordering::Release);
    }

    pub(super) fn error() -> Error {
        Error::new(ErrorCode::FailedPrecondition, "a message is larger than `peers.answer_bytes_max`")
            .with_hint("ask for less, or have the limit raised")
    }
}

/// Who uses a connection, and since when nobody does.
#[derive(Debug)]
pub(super) struct Usage {
    clock: Clock,
    calls: AtomicUsize,
    last_ms: AtomicI64,
}

impl Usage {
    pub(super) fn new(clock: Clock) -> Self {
        let last_ms = AtomicI64::new(clock.now_ms());
        Self { clock, calls: AtomicUsize::new(0), last_ms }
    }

    /// Whether nobody has used it for so long.
    pub(super) fn is_idle_for(&self, span: Duration) -> bool {
        let is_over = after(self.last_ms.load(Ordering::Acquire), span) <= self.clock.now_ms();
        self.calls.load(Ordering::Acquire) == 0 && is_over
    }

    pub(super) async fn sleep(&self, span: Duration) {
        self.clock.sleep(span).await;
    }

    /// When it was last used; the end of time while it is.
    pub(super) fn last_ms(&self) -> UnixMillis {
        if self.calls.load(Ordering::Acquire) == 0 { self.last_ms.load(Ordering::Acquire) } else { UnixMillis::MAX }
    }

    fn begin(self: &Arc<Self>) -> InUse {
        self.calls.fetch_add(1, Ordering::AcqRel);
        InUse(Arc::clone(self))
    }
}

/// Counts a request while it is under way.
struct InUse(Arc<Usage>);

impl Drop for InUse {
    fn drop(&mut self) {
        self.0.last_ms.store(self.0.clock.now_ms(), Ordering::Release);
        self.0.calls.fetch_sub(1, Ordering::AcqRel);
    }
}

#[derive(Debug)]
struct Listing {
    tools: Arc<Vec<PeerTool>>,
    until_ms: UnixMillis,
}

/// The connection. It ends when the last of its users lets go of it.
#[derive(Debug)]
pub(super) struct Link {
    peer: Peer<RoleClient>,
    clock: Clock,
    tasks: Tasks,
    pub(super) usage: Arc<Usage>,
    ear: Ear,
    listing: Mutex<Option<Listing>>,
    has_served: AtomicBool,
    too_large: TooLarge,
    _end: DropGuard,
}

impl Link {
    pub(super) fn new(peer: Peer<RoleClient>, ear: Ear, usage: Arc<Usage>, tasks: Tasks, end: DropGuard) -> Self {
        let clock = usage.clock.clone();
        let (listing, has_served, too_large) = (Mutex::default(), AtomicBool::new(false), TooLarge::default());
        Self { peer, clock, tasks, usage, ear, listing, has_served, too_large, _end: end }
    }

    /// The same, with the place where its transport says that a message was too large.
    pub(super) fn bounded_by(self, too_large: TooLarge) -> Self {
        Self { too_large, ..self }
    }

    /// Whether nothing can be sent over it any more.
    pub(super) fn is_closed(&self) -> bool {
        self.peer.is_transport_closed()
    }

    /// Whether it has ever answered a call.
    pub(super) fn has_served(&self) -> bool {
        self.has_served.load(Ordering::Acquire)
    }

    /// Calls a tool once. Given up, the other side is told so.
    pub(super) async fn call(&self, caller: &Caller, call: &PeerCall) -> Result<CallToolResult, Failure> {
        let params = CallToolRequestParams::new(call.tool.clone()).with_arguments(call.arguments.clone());
        let mut meta = RequestMetaObject::new();
        if let Some(key) = &call.idempotency_key {
            meta.insert(KEY_IN_META.to_owned(), Value::String(key.to_string()));
        }
        if let Some(plan) = &call.approval {
            meta.insert(PLAN_IN_META.to_owned(), Value::String(plan.to_string()));
        }
        if let Some(trace_id) = &call.trace_id {
            meta.set_traceparent(trace_id.as_str());
        }
        let request = ClientRequest::CallToolRequest(CallToolRequest::new(params));
        let result = self.request(caller, request, meta).await?;
        self.has_served.store(true, Ordering::Release);
        match result {
            ServerResult::CallToolResult(result) => Ok(result),
            ServerResult::InputRequiredResult(_) => {
                Err(Failure::Unusable("asks for an answer that nobody is there to give"))
            }
            ServerResult::CreateTaskResult(_) => Err(Failure::Unusable("answers with a task that was not asked for")),
            _ => Err(Failure::Unusable("answers with something that is no result of a call")),
        }
    }

    /// A tool by its name; a name that is not on a list from before is looked up once more.
    pub(super) async fn tool(&self, caller: &Caller, name: &str) -> Result<Option<PeerTool>, Failure> {
        let find = |tools: &[PeerTool]| tools.iter().find(|tool| tool.name == name).cloned();
        if let Some(found) = self.fresh().and_then(|tools| find(&tools)) {
            return Ok(Some(found));
        }
        self.list(caller).await.map(|tools| find(&tools))
    }

    /// All of its tools, as far as they are known to be fresh or can be asked for.
    pub(super) async fn tools(&self, caller: &Caller) -> Result<Arc<Vec<PeerTool>>, Failure> {
        match self.fresh() {
            Some(tools) => Ok(tools),
            None => self.list(caller).await,
        }
    }

    /// Asks for the list, of whatever age.
    pub(super) async fn list(&self, caller: &Caller) -> Result<Arc<Vec<PeerTool>>, Failure> {
        self.ear.forget();
        let (mut tools, mut cursor, mut ttl_ms) = (Vec::new(), None, LIST_TTL_MS_MAX);
        for _page in 0..PAGES_MAX {
            let params = cursor.take().map(|cursor| PaginatedRequestParams::default().with_cursor(Some(cursor)));
            let request = ListToolsRequest { params, ..ListToolsRequest::default() };
            let request = ClientRequest::ListToolsRequest(request);
            let ServerResult::ListToolsResult(page) = self.request(caller, request, RequestMetaObject::new()).await?
            else {
                return Err(Failure::Unusable("answers with something that is no list of tools"));
            };
            ttl_ms = ttl_ms.min(page.ttl_ms.unwrap_or(LIST_TTL_MS_MAX));
            tools.extend(page.tools.into_iter().take(offer::TOOLS_MAX.saturating_sub(tools.len())).map(offer::tool));
            cursor = page.next_cursor.filter(|cursor| !cursor.is_empty());
            if cursor.is_none() {
                break;
            }
        }
        let tools = Arc::new(tools);
        let ttl = Duration::from_millis(ttl_ms.max(LIST_TTL_MS_MIN));
        let listing = Listing { tools: Arc::clone(&tools), until_ms: after(self.clock.now_ms(), ttl) };
        *self.listing.lock().unwrap_or_else(PoisonError::into_inner) = Some(listing);
        Ok(tools)
    }

    fn fresh(&self) -> Option<Arc<Vec<PeerTool>>> {
        let listing = self.listing.lock().unwrap_or_else(PoisonError::into_inner);
        let is_fresh = |listing: &&Listing| listing.until_ms > self.clock.now_ms() && !self.ear.has_heard();
        listing.as_ref().filter(is_fresh).map(|listing| Arc::clone(&listing.tools))
    }

    async fn request(
        &self,
        caller: &Caller,
        mut request: ClientRequest,
        meta: RequestMetaObject,
    ) -> Result<ServerResult, Failure> {
        let _in_use = self.usage.begin();
        // Stays in this process: a wire has no place for it.
        request.extensions_mut().insert(caller.clone());
        let options = PeerRequestOptions::no_options().with_meta(meta);
        let handle = self.peer.send_cancellable_request(request, options).await;
        let handle = handle.map_err(|source| Failure::NotSent(broken(source)))?;
        let answer = Pending { handle: Some(handle), tasks: self.tasks.clone() }.answer().await;
        match answer {
            Err(Failure::Unanswered(_)) if self.too_large.0.load(Ordering::Acquire) => {
                Err(Failure::Unanswered(TooLarge::error()))
            }
            answer => answer,
        }
    }
}

/// A request that waits for its answer; dropped before, it is called off at the other side (`notifications/cancelled`).
struct Pending {
    handle: Option<RequestHandle<RoleClient>>,
    tasks: Tasks,
}

impl Pending {
    async fn answer(mut self) -> Result<ServerResult, Failure> {
        let Some(handle) = self.handle.as_mut() else { return Err(Failure::Unusable("has been given up")) };
        let answer = (&mut handle.rx).await;
        self.handle = None;
        match answer.unwrap_or(Err(ServiceError::TransportClosed)) {
            Ok(result) => Ok(result),
            Err(ServiceError::McpError(error)) => Err(Failure::Refused(error)),
            Err(ServiceError::UnexpectedResponse) => Err(Failure::Unusable("answers with something that is no result")),
            Err(source) => Err(Failure::of_transport(source)),
        }
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        if let Some(handle) = self.handle.take() {
            let cancelling = async move { drop(handle.cancel(Some("given up by the caller".to_owned())).await) };
            self.tasks.spawn(cancelling);
        }
    }
}

impl Failure {
    /// What our own transports say about why nothing came, where they do.
    fn of_transport(source: ServiceError) -> Self {
        let told = match &source {
            ServiceError::TransportSend(error) => told(error.error.as_ref()),
            _ => None,
        };
        match told {
            // The connection was never made.
            Some(error) if error.details().lost_change == Some(LostChange::NotMade) => Self::NotSent(error),
            Some(error) => Self::Unanswered(error),
            None => Self::Unanswered(broken(source)),
        }
    }
}

/// Our own error under those of the SDK, if that is the cause.
pub(super) fn told(source: &(dyn std::error::Error + 'static)) -> Option<Error> {
    let mut cause = Some(source);
    while let Some(error) = cause {
        match (error.downcast_ref::<Error>(), error.downcast_ref::<StreamableHttpError<Error>>()) {
            (Some(ours), _) | (_, Some(StreamableHttpError::Client(ours))) => return Some(ours.retold()),
            (_, Some(StreamableHttpError::AuthRequired(_))) => return Some(not_let_in()),
            _ => cause = error.source(),
        }
    }
    None
}

/// Nobody there knows us.
fn not_let_in() -> Error {
    Error::new(ErrorCode::FailedPrecondition, "it does not accept our credentials")
        .with_hint("see `bearer_secret` and `header_secrets` in `[[peers.servers]]`, and the secrets themselves")
}

fn broken(source: ServiceError) -> Error {
    Error::new(ErrorCode::UpstreamUnavailable, "the connection broke before the answer came").with_source(source)
}
