//! The orchestrator as a program behind its port: runs as tasks of a client that knows them, and tools over plain HTTP.

use std::time::Duration;

use serde_json::{Value, json};
use tests::http::{Answer, exchange};
use tests::http_server::HttpServer;
use tests::message;

/// How long a task may take to get somewhere, and how often it is asked.
const PATIENCE: Duration = Duration::from_secs(30);
const ASK_EVERY: Duration = Duration::from_millis(50);

const BOOKING: &str = "
document: {dsl: '1.0.0', namespace: default, name: booking, version: '1.0.0'}
do:
  - booked: {listen: {to: {one: {with: {type: Booked}}}}}
  - keep: {set: {slot: '${ .[0].slot }'}}
";

const MEASURING: &str = "
document: {dsl: '1.0.0', namespace: default, name: measure-name, version: '1.0.0', metadata: {tool: true}}
input: {schema: {document: {type: object, required: [name], properties: {name: {type: string}}}}}
do: [{measure: {set: {letters: '${ .name | length }'}}}]
";

struct Program {
    server: HttpServer,
    _data: tempfile::TempDir,
}

impl Program {
    async fn start() -> Self {
        let data = tempfile::tempdir().unwrap();
        Self { server: HttpServer::start("mcp-orchestrator", data.path(), &[]).await, _data: data }
    }

    /// A tool over plain HTTP.
    async fn rest(&self, tool: &str, arguments: &Value) -> Answer {
        let path = format!("/api/tools/{tool}");
        let json = [("Content-Type", "application/json")];
        exchange(self.server.address, "POST", &path, &json, &arguments.to_string()).await
    }

    async fn save(&self, definition: &str) {
        let saved = self.rest("save_workflow", &json!({"definition": definition, "apply": true})).await;
        assert_eq!((saved.status, &saved.json()["applied"]), (200, &json!(true)), "{}", saved.body);
    }

    /// A request of MCP 2026-07-28, from a client that knows tasks.
    async fn request(&self, method: &str, params: Value) -> Value {
        let mut body = message::stateless_request(1, method, params);
        body["params"]["_meta"]["io.modelcontextprotocol/clientCapabilities"] =
            json!({"extensions": {"io.modelcontextprotocol/tasks": {}}});
        let name = ["name", "taskId"].iter().find_map(|key| body["params"][key].as_str()).map(str::to_owned);
        let mut headers = vec![
            ("Content-Type", "application/json"),
            ("Accept", "application/json, text/event-stream"),
            ("MCP-Protocol-Version", message::STATELESS_REVISION),
            ("Mcp-Method", method),
        ];
        headers.extend(name.as_deref().map(|name| ("Mcp-Name", name)));
        exchange(self.server.address, "POST", "/mcp", &headers, &body.to_string()).await.json()["result"].take()
    }

    async fn task_once(&self, id: &Value, status: &str) -> Value {
        let mut asking = tokio::time::interval(ASK_EVERY);
        let reached = async {
            loop {
                asking.tick().await;
                let task = self.request("tasks/get", json!({"taskId": id})).await;
                if task["status"] == status {
                    return task;
                }
            }
        };
        tokio::time::timeout(PATIENCE, reached).await.unwrap_or_else(|_| panic!("{id} does not become {status}"))
    }
}

#[tokio::test]
async fn a_long_run_is_a_task_that_ends_with_its_outcome() {
    let program = Program::start().await;
    program.save(BOOKING).await;
    let begun = program.request("tools/call", message::tool_call("start_run", &json!({"workflow": "booking"}))).await;
    assert_eq!(begun["resultType"], "task", "{begun:#}");
    let mut run = Value::Null;
    while run.is_null() {
        let runs = program.rest("list_runs", &json!({"status": "waiting"})).await.json();
        run = runs["items"][0]["run"].clone();
    }
    let task = program.request("tasks/get", json!({"taskId": begun["taskId"]})).await;
    assert_eq!(task["status"], "working", "{task:#}");
    let signal = json!({"run": run, "type": "Booked", "data": {"slot": "9:00"}});
    assert_eq!(program.rest("signal_run", &signal).await.status, 200);
    let task = program.task_once(&begun["taskId"], "completed").await;
    let answer = &task["result"]["structuredContent"];
    assert_eq!((&answer["run"], &answer["status"]), (&run, &json!("completed")), "{task:#}");
    assert_eq!(answer["outcome"]["output"]["untrusted"]["slot"], "9:00", "{task:#}");
}

#[tokio::test]
async fn a_workflow_is_run_over_plain_http_and_under_its_own_name_too() {
    let program = Program::start().await;
    program.save(MEASURING).await;
    let start = |input: Value| json!({"workflow": "measure-name", "input": input});
    let ran = program.rest("start_run", &start(json!({"name": "Ada"}))).await;
    assert_eq!(ran.status, 200, "{}", ran.body);
    assert_eq!(ran.json()["outcome"]["output"]["untrusted"]["letters"], 3, "{}", ran.body);
    let wrong = program.rest("start_run", &start(json!({}))).await;
    assert_eq!((wrong.status, &wrong.json()["error"]["code"]), (400, &json!("invalid_argument")), "{}", wrong.body);
    let by_name = program.rest("run_measure_name", &json!({"name": "Ada"})).await;
    assert_eq!(by_name.status, 200, "{}", by_name.body);
    assert_eq!(by_name.json()["outcome"]["output"]["untrusted"]["letters"], 3, "{}", by_name.body);
    let wrong = program.rest("run_measure_name", &json!({"size": 3})).await;
    assert_eq!((wrong.status, &wrong.json()["error"]["code"]), (400, &json!("invalid_argument")), "{}", wrong.body);
    let listed = exchange(program.server.address, "GET", "/api/tools", &[], "").await;
    assert!(listed.body.contains("\"run_measure_name\""), "{}", listed.body);
    assert_eq!(program.rest("run_nothing", &json!({})).await.status, 404);
}
