//! Over the wire: workflows that become tools are announced, run as tools, and runs are followed and read by address.

use std::path::Path;

use serde_json::{Value, json};
use tests::message;
use tests::stdio::Server;

use super::signal_run::WAITING;
use super::stage::definition;

pub(super) struct Session {
    server: Server,
    /// What came besides answers.
    news: Vec<Value>,
    _data: Option<tempfile::TempDir>,
}

impl Session {
    async fn open() -> Self {
        let data = tempfile::tempdir().unwrap();
        let session = Self::over(data.path(), &[]).await;
        Self { _data: Some(data), ..session }
    }

    /// A process over a folder that others may share.
    pub(super) async fn over(data: &Path, extra: &[&str]) -> Self {
        let mut server = Server::start("mcp-orchestrator", data, extra);
        server.initialize().await;
        Self { server, news: Vec::new(), _data: None }
    }

    pub(super) async fn ask(&mut self, method: &str, params: Value) -> Value {
        let id = self.server.ask(method, params).await;
        loop {
            let frame = self.server.next().await;
            if frame["id"] == json!(id) && frame.get("method").is_none() {
                return frame;
            }
            self.news.push(frame);
        }
    }

    pub(super) async fn call(&mut self, tool: &str, arguments: Value) -> Value {
        let answer = self.ask("tools/call", message::tool_call(tool, &arguments)).await;
        answer["result"]["structuredContent"].clone()
    }

    /// Waits for a notification, which may have come already.
    pub(super) async fn hear(&mut self, method: &str, uri: Option<&str>) {
        let is_it = |frame: &Value| frame["method"] == method && uri.is_none_or(|uri| frame["params"]["uri"] == uri);
        while !self.news.iter().any(is_it) {
            let frame = self.server.next().await;
            self.news.push(frame);
        }
        self.news.retain(|frame| !is_it(frame));
    }

    async fn tools(&mut self) -> Vec<Value> {
        self.ask("tools/list", json!({})).await["result"]["tools"].as_array().unwrap().clone()
    }

    pub(super) async fn read(&mut self, uri: &str) -> Value {
        let answer = self.ask("resources/read", json!({"uri": uri})).await;
        serde_json::from_str(answer["result"]["contents"][0]["text"].as_str().unwrap()).unwrap()
    }
}

/// A workflow that says how long a name is, and is a tool.
fn measuring() -> String {
    let text = definition(
        "measure-name",
        "input: {schema: {document: {type: object, required: [name], properties: {name: {type: string, description: Whose.}}}}}\n\
         do:\n  - measure: {set: {letters: '${ .name | length }'}}\n",
    );
    text.replace(
        "version: '1.0.0'}",
        "version: '1.0.0', summary: Counts the letters of a name, metadata: {tool: true}}",
    )
}

#[tokio::test]
async fn a_workflow_that_becomes_a_tool_is_announced_listed_and_run() {
    let mut session = Session::open().await;
    let before = session.tools().await.len();
    let saved = session.call("save_workflow", json!({"definition": measuring(), "apply": true})).await;
    assert_eq!(saved["tool"], "run_measure_name", "{saved:#}");
    session.hear("notifications/tools/list_changed", None).await;
    let tools = session.tools().await;
    assert_eq!(tools.len(), before + 1);
    let tool = tools.iter().find(|tool| tool["name"] == "run_measure_name").unwrap();
    assert_eq!(tool["description"], "Counts the letters of a name");
    assert_eq!(tool["inputSchema"]["properties"]["name"]["description"], "Whose.");
    assert!(tool["outputSchema"].is_object() && tool["annotations"]["readOnlyHint"] == false, "{tool:#}");
    let ran = session.call("run_measure_name", json!({"name": "Ada"})).await;
    assert_eq!(ran["outcome"]["output"]["untrusted"]["letters"], 3, "{ran:#}");
    let wrong = session.call("run_measure_name", json!({})).await;
    assert_eq!(wrong["error"]["code"], "invalid_argument", "{wrong:#}");
    session.call("set_workflow_state", json!({"workflow": "measure-name", "state": "paused"})).await;
    session.hear("notifications/tools/list_changed", None).await;
    assert_eq!(session.tools().await.len(), before);
    let gone = session.ask("tools/call", message::tool_call("run_measure_name", &json!({"name": "Ada"}))).await;
    assert!(gone["error"]["message"].as_str().unwrap().contains("unknown tool"), "{gone:#}");
}

#[tokio::test]
async fn a_run_is_followed_to_its_end_and_read_by_its_address() {
    let mut session = Session::open().await;
    session.call("save_workflow", json!({"definition": definition("booking", WAITING), "apply": true})).await;
    let started = session.call("start_run", json!({"workflow": "booking", "wait_ms": 0})).await;
    let run = started["run"].as_str().unwrap().to_owned();
    let uri = format!("orchestrator://runs/{run}");
    session.ask("resources/subscribe", json!({"uri": uri})).await;
    while session.read(&uri).await["status"] != "waiting" {}
    session.news.clear();
    session.call("signal_run", json!({"run": run, "type": "Booked", "data": {"slot": "9:00"}})).await;
    while session.read(&uri).await["status"] != "completed" {
        session.hear("notifications/resources/updated", Some(&uri)).await;
    }
    let shown = session.read(&uri).await;
    assert_eq!(shown["outcome"]["output"]["untrusted"]["slot"], "9:00", "{shown:#}");
    assert_eq!(shown["steps"][0], json!({"name": "booked", "status": "completed"}), "{shown:#}");
    let workflow = session.read("orchestrator://workflows/booking").await;
    assert!(workflow["definition"].as_str().unwrap().contains("name: booking"), "{workflow:#}");
    let complete = json!({
        "ref": {"type": "ref/resource", "uri": "orchestrator://workflows/{name}"},
        "argument": {"name": "name", "value": "boo"},
    });
    let completed = session.ask("completion/complete", complete).await;
    assert_eq!(completed["result"]["completion"]["values"], json!(["booking"]), "{completed:#}");
    let prompt = json!({"name": "investigate_failure", "arguments": {"run": run}});
    let prompt = session.ask("prompts/get", prompt).await;
    assert!(prompt["result"]["messages"][0]["content"]["text"].as_str().unwrap().contains(&run), "{prompt:#}");
}
