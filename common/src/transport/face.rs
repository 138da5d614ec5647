//! One server as doors see it that speak no MCP: its tools, and the one path to them.

use std::sync::Arc;

use rmcp::model::{JsonObject, Tool as Definition};
use serde_json::Value;
use tokio::sync::oneshot;

use crate::auth::Caller;
use crate::error::{Error, ErrorCode, Result};
use crate::server::McpServer;
use crate::tasks::Tasks;
use crate::tool::{Call, Dispatch, Surface, UnknownTool};

#[derive(Debug, Clone)]
pub(super) struct Face {
    pub(super) server: Arc<McpServer>,
    pub(super) dispatch: Arc<Dispatch>,
    pub(super) surface: Surface,
    pub(super) tasks: Tasks,
}

impl Face {
    /// The definitions a caller sees.
    pub(super) fn definitions(&self, caller: &Caller) -> Vec<Definition> {
        self.server.tools.definitions(&self.surface, caller)
    }

    /// What comes and goes among what a caller sees.
    pub(super) async fn offered(&self, caller: &Caller) -> Vec<Definition> {
        self.server.tools.offered(&self.surface, caller).await
    }

    /// Whether the caller has a tool of that name which comes and goes.
    pub(super) async fn has_offered(&self, caller: &Caller, name: &str) -> bool {
        let (tool, _) = self.server.tools.resolve(caller, name.to_owned(), JsonObject::new()).await;
        tool != name && self.names(caller).contains(&tool.as_str())
    }

    /// The names a caller sees.
    pub(super) fn names(&self, caller: &Caller) -> Vec<&'static str> {
        self.server.tools.names(&self.surface, caller)
    }

    /// Runs a tool to its end, even if nobody waits for it any more: then it is cancelled, and what became of it is
    /// recorded all the same.
    ///
    /// # Errors
    /// [`UnknownTool`] if the caller can see no tool of that name.
    pub(super) async fn run(
        &self,
        call: Call,
        name: &str,
        arguments: JsonObject,
    ) -> Result<Result<Value>, UnknownTool> {
        let cancelled_if_dropped = call.cancel.clone().drop_guard();
        let (answer, answered) = oneshot::channel();
        let (face, name) = (self.clone(), name.to_owned());
        self.tasks.spawn(async move {
            let work = face.dispatch.run(&face.server.tools, &face.surface, &call, &name, arguments);
            drop(answer.send(Box::pin(work).await));
        });
        let outcome = answered.await;
        drop(cancelled_if_dropped);
        outcome.unwrap_or_else(|_| Ok(Err(Error::new(ErrorCode::Internal, "the call broke down"))))
    }
}
