//! What is asked of another server, and what it offers.

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use serde_json::{Map, Value};
use tokio_util::sync::CancellationToken;

use crate::plan::PlanId;
use crate::tool::IdempotencyKey;

/// One call of a tool of another server.
#[derive(Debug, Clone)]
pub struct PeerCall {
    /// Name of the server, as the settings or the suite have it.
    pub server: String,
    pub tool: String,
    pub arguments: Map<String, Value>,
    /// By which a repetition is known; servers of this suite answer it with the first result.
    pub idempotency_key: Option<IdempotencyKey>,
    /// The plan that somebody has said yes to.
    pub approval: Option<PlanId>,
    /// The W3C trace that the call belongs to (`traceparent`), passed on as it is.
    pub trace_id: Option<String>,
    /// The whole time that it may take.
    pub deadline: Duration,
    pub cancel: CancellationToken,
}

/// A tool of another server. Its texts are outsiders' where the server is not of this suite: bounded, one line each.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PeerTool {
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    pub description: String,
    /// JSON Schema of the arguments, as the server sent it.
    pub input_schema: Arc<Map<String, Value>>,
    /// Whether it says that it changes nothing.
    pub is_read_only: bool,
    /// Whether what it does cannot be taken back; so it is assumed of a tool that does not say.
    pub is_destructive: bool,
    /// Whether it says that doing it twice is doing it once.
    pub is_idempotent: bool,
}

/// A server that can be asked, without asking it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PeerServer {
    pub name: String,
    /// `in process`, `stdio`, `streamable HTTP` or `HTTP+SSE`.
    pub transport: &'static str,
    /// Whether it is of this suite.
    pub is_of_suite: bool,
    pub state: PeerState,
}

/// How a server is, as far as calls have shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PeerState {
    /// Nobody is connected: the next call connects.
    Idle,
    Connected,
    /// It keeps failing and is left alone for a while.
    Resting,
}
