//! What a tool says to the desk while its call runs as a task.

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::sync::{mpsc, oneshot};

use crate::error::{Error, ErrorCode, Result};
use crate::tool::{Call, schema};

/// Requests of one tool that wait for the desk; more wait at their sender.
const BACKLOG: usize = 16;

/// From a call to whoever carries it.
#[derive(Debug, Clone)]
pub(in crate::tool) struct TaskLine {
    requests: mpsc::Sender<Request>,
    may_ask: bool,
}

/// What a call wants of the desk.
#[derive(Debug)]
pub(super) enum Request {
    /// The tool is about to begin: from here on it is a task.
    Begin(oneshot::Sender<Result<()>>),
    /// A request for input (MCP 2026-07-28, `elicitation/create`).
    Ask { question: Value, answer: oneshot::Sender<Value> },
}

impl TaskLine {
    pub(super) fn new(may_ask: bool) -> (Self, mpsc::Receiver<Request>) {
        let (requests, receiver) = mpsc::channel(BACKLOG);
        (Self { requests, may_ask }, receiver)
    }

    /// Waits until the task is stored.
    pub(in crate::tool) async fn begin(&self) -> Result<()> {
        let (reply, stored) = oneshot::channel();
        self.send(Request::Begin(reply)).await?;
        stored.await.map_err(|_| gone())?
    }

    async fn ask(&self, question: Value) -> Result<Value> {
        let (answer, answered) = oneshot::channel();
        self.send(Request::Ask { question, answer }).await?;
        answered.await.map_err(|_| gone())
    }

    async fn send(&self, request: Request) -> Result<()> {
        self.requests.send(request).await.map_err(|_| gone())
    }
}

fn gone() -> Error {
    Error::new(ErrorCode::Internal, "the task is not watched any more")
}

impl Call {
    /// Asks the person behind the client, and waits for the answer for as long as the task may take. `None` where the
    /// person said no. The fields of `T` are texts, numbers, booleans or enumerations (MCP 2026-07-28, elicitation).
    ///
    /// # Errors
    /// `failed_precondition` where nobody can be asked: the call is no task, or its client cannot ask;
    /// `invalid_argument` if the answer is not what was asked for; `internal`.
    pub async fn ask<T: DeserializeOwned + JsonSchema>(&self, message: &str) -> Result<Option<T>> {
        let Some(line) = self.task.as_ref().filter(|line| line.may_ask) else {
            return Err(Error::new(ErrorCode::FailedPrecondition, "there is nobody to ask")
                .with_hint("call it from a client with tasks and elicitation"));
        };
        let schema = schema::input_schema::<T>();
        let params = json!({"mode": "form", "message": message, "requestedSchema": schema});
        let mut answer = line.ask(json!({"method": "elicitation/create", "params": params})).await?;
        if answer.get("action").and_then(Value::as_str) != Some("accept") {
            return Ok(None);
        }
        let content = answer.get_mut("content").map(Value::take).unwrap_or_default();
        let decoded = serde_json::from_value(content);
        decoded
            .map(Some)
            .map_err(|error| Error::invalid_argument("content", "is not accepted", error.to_string(), None))
    }
}
