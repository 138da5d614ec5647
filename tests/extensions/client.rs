//! A client of MCP 2026-07-28 that knows tasks and can be asked.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::{Value, json};
use tests::{http, message};

/// How long a task may take to get somewhere, and how often it is asked.
const PATIENCE: Duration = Duration::from_secs(20);
const ASK_EVERY: Duration = Duration::from_millis(20);

/// One caller of one server.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Client {
    pub(crate) address: SocketAddr,
    /// A bearer token; without one, whoever sits at the machine.
    pub(crate) token: Option<&'static str>,
}

impl Client {
    /// The whole answer: `result` or `error`.
    pub(crate) async fn request(&self, method: &str, params: Value) -> Value {
        let mut body = message::stateless_request(1, method, params);
        body["params"]["_meta"]["io.modelcontextprotocol/clientCapabilities"] =
            json!({"elicitation": {}, "extensions": {"io.modelcontextprotocol/tasks": {}}});
        let name = ["name", "taskId", "uri"].iter().find_map(|key| body["params"][key].as_str());
        let (name, bearer) = (name.map(str::to_owned), format!("Bearer {}", self.token.unwrap_or_default()));
        let mut headers = vec![
            ("Content-Type", "application/json"),
            ("Accept", "application/json, text/event-stream"),
            ("MCP-Protocol-Version", message::STATELESS_REVISION),
            ("Mcp-Method", method),
        ];
        headers.extend(name.as_deref().map(|name| ("Mcp-Name", name)));
        headers.extend(self.token.map(|_| ("Authorization", bearer.as_str())));
        http::exchange(self.address, "POST", "/mcp", &headers, &body.to_string()).await.json()
    }

    /// The result of a tool call: a task's handle, or the answer itself.
    pub(crate) async fn call(&self, tool: &str, arguments: Value) -> Value {
        self.request("tools/call", message::tool_call(tool, &arguments)).await["result"].take()
    }

    /// The id of the task that a call becomes.
    pub(crate) async fn begin(&self, tool: &str, arguments: Value) -> String {
        let result = self.call(tool, arguments).await;
        assert_eq!(result["resultType"], "task", "{result}");
        result["taskId"].as_str().expect("a task has an id").to_owned()
    }

    /// `tasks/get`: the task as it is.
    pub(crate) async fn task(&self, id: &str) -> Value {
        self.request("tasks/get", json!({"taskId": id})).await["result"].take()
    }

    /// Asks until the task has this status.
    pub(crate) async fn task_once(&self, id: &str, status: &str) -> Value {
        let mut asking = tokio::time::interval(ASK_EVERY);
        let reached = async {
            loop {
                asking.tick().await;
                let task = self.task(id).await;
                if task["status"] == status {
                    return task;
                }
                assert!(!has_ended(&task), "wanted {status}: {task}");
            }
        };
        tokio::time::timeout(PATIENCE, reached).await.unwrap_or_else(|_| panic!("{id} does not become {status}"))
    }
}

fn has_ended(task: &Value) -> bool {
    ["completed", "failed", "cancelled"].iter().any(|status| task["status"] == *status)
}
