//! A server of this process, reached as any other: through its door, by messages of the protocol, over a pipe that holds
//! them in memory. One pipe serves everybody: each request brings its caller, as over HTTP.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use rmcp::model::ProtocolVersion;
use rmcp::service::{ClientLifecycleMode, RoleServer, serve_client_with_lifecycle_and_ct};
use serde_json::Value;
use tokio::sync::OnceCell;
use tokio_util::sync::CancellationToken;

use super::answer::Asked;
use super::call::{PeerCall, PeerServer, PeerState, PeerTool};
use super::ear::Ear;
use super::link::{Failure, Link, Usage};
use super::pipe::{Pipe, pipe};
use super::{Surroundings, bounded};
use crate::auth::Caller;
use crate::error::{Error, ErrorCode, LostChange, Result};

type Serving = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Serves the other end of a pipe until it closes.
pub(super) type Serve = Arc<dyn Fn(Pipe<RoleServer>) -> Serving + Send + Sync>;

/// One server of this process.
pub(super) struct Own {
    name: &'static str,
    serve: Serve,
    around: Surroundings,
    link: OnceCell<Link>,
}

impl Own {
    pub(super) fn new(name: &'static str, serve: Serve, around: Surroundings) -> Self {
        Self { name, serve, around, link: OnceCell::new() }
    }

    pub(super) fn describe(&self) -> PeerServer {
        let state = if self.link.initialized() { PeerState::Connected } else { PeerState::Idle };
        PeerServer { name: self.name.to_owned(), transport: "in process", is_of_suite: true, state }
    }

    /// The tools that the caller sees. Asked each time: who sees what follows from role and scopes.
    pub(super) async fn tools(&self, caller: &Caller) -> Result<Vec<PeerTool>> {
        let asked = self.asked("tools/list");
        let link = self.link().await?;
        let tools = link.list(caller).await.map_err(|failure| asked.error(failure))?;
        Ok(Arc::unwrap_or_clone(tools))
    }

    pub(super) async fn call(&self, caller: &Caller, call: PeerCall) -> Result<Value> {
        let link = self.link().await?;
        let work = Box::pin(link.call(caller, &call));
        let outcome = bounded(&self.around.clock, call.deadline, Some(&call.cancel), work).await;
        let asked = self.asked(&call.tool);
        match outcome {
            Some(Ok(result)) => asked.value(result),
            Some(Err(failure @ Failure::Unanswered(_))) => Err(lost(asked.error(failure), &call)),
            Some(Err(failure)) => Err(asked.error(failure)),
            None => {
                let how = if call.cancel.is_cancelled() { "was cancelled" } else { "was not done in the time allowed" };
                let message = format!("`{}` of `{}` {how}", call.tool, self.name);
                Err(lost(Error::new(ErrorCode::DeadlineExceeded, message), &call))
            }
        }
    }

    async fn link(&self) -> Result<&Link> {
        self.link.get_or_try_init(|| self.connect()).await
    }

    /// Opens the pipe. It lasts as long as the process: nothing can break it.
    async fn connect(&self) -> Result<Link> {
        let (ours, theirs) = pipe();
        self.around.tasks.spawn((self.serve)(theirs));
        let mode = ClientLifecycleMode::Discover { preferred_versions: vec![ProtocolVersion::V_2026_07_28] };
        // Requests under way at the end of the process are answered first: the server's end closes the pipe.
        let (ear, until) = (Ear::default(), CancellationToken::new());
        let service = serve_client_with_lifecycle_and_ct(ear.clone(), ours, mode, until.clone()).await;
        let service =
            service.map_err(|source| Error::internal(format!("`{}` cannot be reached", self.name), source))?;
        let usage = Arc::new(Usage::new(self.around.clock.clone()));
        let link = Link::new(service.peer().clone(), ear, usage, self.around.tasks.clone(), until.drop_guard());
        self.around.tasks.spawn(async move { drop(service.waiting().await) });
        Ok(link)
    }

    fn asked<'a>(&self, tool: &'a str) -> Asked<'a> {
        Asked { server: self.name, tool, is_of_suite: true }
    }
}

/// What nobody waits for any more may have been done.
fn lost(error: Error, call: &PeerCall) -> Error {
    let hint = match call.idempotency_key {
        Some(_) => "a change may have been made; repeating the call with the same key is safe",
        None => "outcome unknown: a change may have been made, so look for it before you call again",
    };
    error.with_lost_change(LostChange::OutcomeUnknown).with_hint(hint)
}

impl fmt::Debug for Own {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Own").field("name", &self.name).finish_non_exhaustive()
    }
}
