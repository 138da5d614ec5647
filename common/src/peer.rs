//! Other MCP servers as a server's own sources of tools: those of this suite and anybody else's.

use std::time::Duration;

use serde_json::{Map, Value};
use tokio_util::sync::CancellationToken;

use crate::auth::Caller;
use crate::error::{Error, ErrorCode, Result};
use crate::plan::PlanId;
use crate::tool::IdempotencyKey;

/// The servers that can be asked. Cheap to clone; connects with the first call.
#[derive(Debug, Clone, Default)]
pub struct Peers {}

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
    /// The whole time that it may take.
    pub deadline: Duration,
    pub cancel: CancellationToken,
}

impl Peers {
    /// Calls a tool for `caller`. What comes back is the structured content, or `{"text": …}` where there is none; of a
    /// server outside the suite it is data from outside, and to be treated so.
    ///
    /// # Errors
    /// Those of the tool, with their code, hint, faults and plan, if the server is of this suite; `upstream_rejected`
    /// with the text if it is another; `not_found` if there is no such server or tool; `permission_denied` if the tool
    /// is not among those allowed; `upstream_unavailable` if it cannot be reached or is left alone after failures;
    /// `deadline_exceeded`.
    pub async fn call(&self, _caller: &Caller, call: PeerCall) -> Result<Value> {
        Err(Error::new(ErrorCode::NotFound, format!("there is no server called `{}`", call.server)))
    }
}
