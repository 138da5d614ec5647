//! The reference server of the protocol's authors, which we did not write, over each of its transports.

use std::net::TcpListener;
use std::process::Stdio;
use std::time::Duration;

use common::auth::Role;
use common::clock::Clock;
use common::error::ErrorCode;
use common::peer::{PeerSettings, PeerState, PeersSettings};
use serde_json::json;
use tests::{http, oracles};
use tokio::process::{Child, Command};

use crate::stage::{PATIENCE, Stage, ann, call, caller, everything, node};

/// The same things hold whatever lies between.
async fn works(stage: &Stage, transport: &str) {
    let peers = &stage.foundation.peers;
    let tools = peers.tools(&ann(), "everything").await.unwrap();
    let echo = tools.iter().find(|tool| tool.name == "echo").expect("a tool called echo");
    assert!(!echo.description.is_empty() && echo.input_schema["properties"]["message"].is_object(), "{echo:?}");
    let answer = stage.call(&ann(), call("everything", "echo", json!({ "message": "hi" }))).await.unwrap();
    assert_eq!(answer, json!({ "text": "Echo: hi" }));
    let sum = stage.call(&ann(), call("everything", "get-sum", json!({ "a": 2, "b": 3 }))).await.unwrap();
    assert_eq!(sum, json!({ "text": "The sum of 2 and 3 is 5." }));
    let city = json!({ "location": "Chicago" });
    let structured = stage.call(&ann(), call("everything", "get-structured-content", city)).await.unwrap();
    assert_eq!(structured, json!({ "temperature": 36, "conditions": "Light rain / drizzle", "humidity": 82 }));
    let image = stage.call(&ann(), call("everything", "get-tiny-image", json!({}))).await.unwrap();
    assert_eq!(image["attachments"][0]["mime_type"], "image/png", "{image}");
    assert!(image.to_string().len() < 1_000, "its bytes stay outside: {image}");
    let failed = stage.call(&ann(), call("everything", "get-sum", json!({ "a": "x" }))).await.unwrap_err();
    assert_eq!(failed.code(), ErrorCode::UpstreamRejected);
    assert!(!failed.details().said.as_ref().expect("its words").untrusted.contains('\n'));
    let unknown = stage.call(&ann(), call("everything", "no-such-tool", json!({}))).await.unwrap_err();
    assert_eq!(unknown.code(), ErrorCode::NotFound);
    let server = peers.servers(ann().tenant()).into_iter().find(|server| server.name == "everything").unwrap();
    assert_eq!((server.transport, server.state), (transport, PeerState::Connected));
    let mut slow = call("everything", "trigger-long-running-operation", json!({ "duration": 600, "steps": 600 }));
    slow.deadline = Duration::from_millis(300);
    let late = stage.call(&ann(), slow).await.unwrap_err();
    assert_eq!(late.code(), ErrorCode::DeadlineExceeded);
    // The connection has survived it.
    stage.call(&ann(), call("everything", "echo", json!({ "message": "again" }))).await.unwrap();
}

#[tokio::test]
async fn it_is_called_over_stdio() {
    let stage = Stage::beside(node("everything", everything(), &["stdio"]));
    works(&stage, "stdio").await;
    assert!(stage.foundation.tasks.shutdown(PATIENCE).await);
}

#[tokio::test]
async fn it_is_called_over_streamable_http() {
    let served = Served::start("streamableHttp").await;
    let stage = served.stage(PeerSettings { url: Some(served.url("/mcp")), ..settings() });
    works(&stage, "streamable HTTP").await;
}

#[tokio::test]
async fn it_is_called_over_the_older_transport() {
    let served = Served::start("sse").await;
    let sse = PeerSettings { url: Some(served.url("/sse")), legacy_sse: true, ..settings() };
    works(&served.stage(sse), "HTTP+SSE").await;
}

#[tokio::test]
async fn a_server_that_is_restarted_is_found_again() {
    let mut served = Served::start("streamableHttp").await;
    let stage = served.stage(PeerSettings { url: Some(served.url("/mcp")), ..settings() });
    let echo = || call("everything", "echo", json!({ "message": "hi" }));
    stage.call(&ann(), echo()).await.unwrap();
    served.restart().await;
    // Its session is unknown to the new one.
    let answer = stage.call(&ann(), echo()).await;
    assert_eq!(answer.unwrap(), json!({ "text": "Echo: hi" }));
}

#[tokio::test]
async fn only_what_the_settings_allow_is_shown_and_called() {
    let only = PeerSettings {
        allow: vec!["get-s*".to_owned()],
        tenants: vec!["acme".parse().unwrap()],
        ..node("everything", everything(), &["stdio"])
    };
    let stage = Stage::beside(only);
    let refused = stage.call(&ann(), call("everything", "echo", json!({ "message": "hi" }))).await.unwrap_err();
    assert_eq!(refused.code(), ErrorCode::PermissionDenied);
    let eve = caller("eve", "evil", Role::Admin);
    let sum = || call("everything", "get-sum", json!({ "a": 2, "b": 3 }));
    assert_eq!(stage.call(&eve, sum()).await.unwrap_err().code(), ErrorCode::NotFound, "not one of its tenants");
    assert!(stage.foundation.peers.servers(eve.tenant()).iter().all(|server| server.name != "everything"));
    let idle = stage.foundation.peers.servers(ann().tenant());
    assert!(idle.iter().all(|server| server.state == PeerState::Idle), "nobody was asked so far: {idle:?}");
    stage.call(&ann(), sum()).await.unwrap();
    let shown = stage.foundation.peers.tools(&ann(), "everything").await.unwrap();
    assert!(!shown.is_empty() && shown.iter().all(|tool| tool.name.starts_with("get-s")), "{shown:?}");
    assert!(stage.foundation.tasks.shutdown(PATIENCE).await);
}

fn settings() -> PeerSettings {
    PeerSettings { name: "everything".to_owned(), allow: vec!["*".to_owned()], ..PeerSettings::default() }
}

/// The server on a loopback port.
struct Served {
    mode: &'static str,
    port: u16,
    child: Child,
}

impl Served {
    async fn start(mode: &'static str) -> Self {
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        let mut served = Self { mode, port, child: spawn(mode, port) };
        served.is_up().await;
        served
    }

    async fn restart(&mut self) {
        self.child.kill().await.unwrap();
        self.child = spawn(self.mode, self.port);
        self.is_up().await;
    }

    async fn is_up(&mut self) {
        let address = ([127, 0, 0, 1], self.port).into();
        let up = async {
            let mut asking = tokio::time::interval(Duration::from_millis(50));
            while http::get_status(address, "/nothing-here").await != 404 {
                asking.tick().await;
                assert!(self.child.try_wait().unwrap().is_none(), "the server ended at once");
            }
        };
        tokio::time::timeout(PATIENCE, up).await.expect("the server is up");
    }

    fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    fn stage(&self, server: PeerSettings) -> Stage {
        let settings = PeersSettings { servers: vec![server], ..PeersSettings::default() };
        Stage::with(settings, vec![format!("127.0.0.1:{}", self.port)], Clock::system())
    }
}

fn spawn(mode: &str, port: u16) -> Child {
    let mut command = Command::new(oracles::node());
    command.arg(everything()).arg(mode).env("PORT", port.to_string()).kill_on_drop(true);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}
