//! The transport of MCP 2024-11-05: its own client, its bounds, whose session is whose, and how sessions end.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use tests::http::{Answer, exchange};
use tests::http_server::HttpServer;
use tests::{message, oracles};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::Command;

use crate::abandoned::{SilentVendor, closed};
use crate::door::Door;
use crate::products::PRODUCTS;

/// How long anything here may take.
const LIMIT: Duration = Duration::from_secs(20);

const JSON: (&str, &str) = ("Content-Type", "application/json");

/// A client's end of a session.
pub(crate) struct Session {
    stream: BufReader<TcpStream>,
    address: SocketAddr,
    messages: String,
}

impl Session {
    /// Opens a session, or returns the status with which it was refused.
    pub(crate) async fn open(address: SocketAddr, path: &str, headers: &[(&str, &str)]) -> Result<Self, u16> {
        let stream = TcpStream::connect(address).await.expect("the server listens");
        let mut session = Self { stream: BufReader::new(stream), address, messages: String::new() };
        let headers: Vec<String> = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let headers = headers.concat();
        let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nAccept: text/event-stream\r\n{headers}\r\n");
        session.stream.write_all(request.as_bytes()).await.expect("the request is sent");
        let status = session.line().await.expect("an answer");
        if !status.starts_with("HTTP/1.1 200") {
            return Err(status.split(' ').nth(1).and_then(|code| code.parse().ok()).expect("a status"));
        }
        session.messages = session.data().await.expect("where to send messages");
        Ok(session)
    }

    async fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        let read = tokio::time::timeout(LIMIT, self.stream.read_line(&mut line)).await.expect("a line in time");
        (read.ok()? > 0).then(|| line.trim_end().to_owned())
    }

    /// The data of the next event; `None` once the stream has ended.
    async fn data(&mut self) -> Option<String> {
        loop {
            let line = self.line().await?;
            // The last chunk; the connection itself may go on.
            if line == "0" {
                return None;
            }
            if let Some(data) = line.strip_prefix("data: ") {
                return Some(data.to_owned());
            }
        }
    }

    async fn next(&mut self) -> Value {
        serde_json::from_str(&self.data().await.expect("an event")).expect("a message")
    }

    pub(crate) async fn post(&self, headers: &[(&str, &str)], body: &str) -> Answer {
        exchange(self.address, "POST", &self.messages, headers, body).await
    }

    async fn send(&self, message: &Value) {
        let answer = self.post(&[JSON], &message.to_string()).await;
        assert_eq!(answer.status, 202, "{answer:?}");
    }

    pub(crate) async fn initialize(&mut self) -> Value {
        self.send(&message::request(0, "initialize", message::initialize_params())).await;
        let answer = self.next().await;
        self.send(&message::initialized()).await;
        answer
    }

    async fn call(&mut self, method: &str, params: Value) -> Value {
        self.send(&message::request(7, method, params)).await;
        self.next().await
    }
}

#[tokio::test]
async fn the_official_client_greets_lists_and_calls() {
    for product in PRODUCTS {
        let door = Door::of(product, "").await;
        for path in ["/sse".to_owned(), format!("/{}/sse", product.server)] {
            let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("transport/sse_client.mjs");
            let mut command = Command::new(oracles::node());
            let url = format!("http://{}{path}", door.server.address);
            command.arg(script).arg(url).arg(oracles::folder()).arg(product.tool).kill_on_drop(true);
            let output = tokio::time::timeout(LIMIT, command.output()).await.expect("it ends").expect("node runs");
            let errors = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{path}: {errors}");
            let printed: Value = serde_json::from_slice(&output.stdout).expect("JSON");
            assert_eq!(printed["server"]["name"], product.server);
            assert!(printed["tools"].as_array().unwrap().contains(&json!(product.tool)), "{printed}");
            assert!(printed["called"]["structuredContent"].is_object(), "{printed}");
        }
    }
}

#[tokio::test]
async fn a_narrower_endpoint_shows_less_whatever_is_posted() {
    let door = Door::open("").await;
    let mut session = Session::open(door.server.address, "/ghl/sse/readonly", &[]).await.expect("a session");
    session.initialize().await;
    let listed = session.call("tools/list", json!({})).await.to_string();
    assert!(listed.contains("get_contact") && !listed.contains("upsert_contact"), "{listed}");
    let hidden = message::tool_call("upsert_contact", &json!({"email": "a@example.com"}));
    assert_eq!(session.call("tools/call", hidden).await["error"]["code"], -32602);
}

#[tokio::test]
async fn it_is_off_where_others_reach_the_port_unless_asked_for() {
    let on = TOKENS.to_owned() + "[server]\nhost = '0.0.0.0'\nlegacy_sse = 'on'\n";
    for (settings, is_served) in [
        ("[server]\nlegacy_sse = 'off'\n", false),
        (&(TOKENS.to_owned() + "[server]\nhost = '0.0.0.0'\n"), false),
        (&on, true),
    ] {
        let door = Door::open(settings).await;
        let opened = Session::open(door.server.address, "/sse", &[("Authorization", "Bearer right")]).await;
        assert_eq!(opened.err(), (!is_served).then_some(404), "{settings}");
    }
}

/// SHA-256 of `right` and of `left`.
const TOKENS: &str = "
[[auth.tokens]]
subject = 'robot'
sha256 = '27042f4e6eca7d0b2a7ee4026df2ecfa51d3339e6d122aa099118ecd8563bad9'
tenant = 'acme'
role = 'viewer'
[[auth.tokens]]
subject = 'other'
sha256 = '360f84035942243c6a36537ae2f8673485e6c04455a0a85a0db19690f2541480'
tenant = 'acme'
role = 'admin'
";

#[tokio::test]
async fn a_session_is_its_openers_alone() {
    let door = Door::open(TOKENS).await;
    let address = door.server.address;
    assert_eq!(Session::open(address, "/sse", &[]).await.err(), Some(401));
    let right = ("Authorization", "Bearer right");
    let session = Session::open(address, "/sse", &[right]).await.expect("a session");
    let ping = message::request(1, "ping", json!({})).to_string();
    assert_eq!(session.post(&[JSON, right], &ping).await.status, 202);
    let stolen = session.post(&[JSON, ("Authorization", "Bearer left")], &ping).await;
    assert_eq!(stolen.status, 404, "{stolen:?}");
    assert_eq!(stolen.json()["error"]["code"], "not_found");
    assert_eq!(session.post(&[JSON], &ping).await.status, 401);
    let guessed = exchange(address, "POST", "/messages?session_id=0", &[JSON, right], &ping).await;
    assert_eq!(guessed.body, stolen.body, "what is another's looks like what is not there");
}

#[tokio::test]
async fn what_is_no_message_is_refused_and_the_session_lives() {
    let door = Door::open("[server]\nbody_bytes_max = 1000\n").await;
    let mut session = Session::open(door.server.address, "/sse", &[]).await.expect("a session");
    session.initialize().await;
    let ping = message::request(1, "ping", json!({})).to_string();
    let large = message::request(1, "ping", json!({"_meta": {"x": "x".repeat(2_000)}})).to_string();
    for (headers, body, status) in [
        (vec![JSON], "{this is no json", 400),
        (vec![JSON], r#"{"hello": 1}"#, 400),
        (vec![("Content-Type", "text/plain")], &ping, 415),
        (vec![], &ping, 415),
        (vec![JSON], &large, 413),
        (vec![JSON, ("Origin", "https://evil.example")], &ping, 403),
    ] {
        let answer = session.post(&headers, body).await;
        assert_eq!(answer.status, status, "{body}: {answer:?}");
        assert!(answer.json()["error"]["message"].is_string());
    }
    assert!(session.call("tools/list", json!({})).await["result"]["tools"].is_array());
}

#[tokio::test]
async fn sessions_are_capped_and_leave_with_their_client() {
    let door = Door::open("[server]\nsse_sessions_max = 2\n").await;
    let address = door.server.address;
    let first = Session::open(address, "/sse", &[]).await.expect("a session");
    let _second = Session::open(address, "/ghl/sse", &[]).await.expect("a session");
    assert_eq!(Session::open(address, "/sse", &[]).await.err(), Some(503));
    drop(first);
    let comes_back = async { while Session::open(address, "/sse", &[]).await.is_err() {} };
    tokio::time::timeout(LIMIT, comes_back).await.expect("the place comes back");
}

#[tokio::test]
async fn a_session_that_nobody_uses_ends() {
    let door = Door::open("[server]\nsse_session_idle_s = 1\n").await;
    let mut session = Session::open(door.server.address, "/sse", &[]).await.expect("a session");
    session.initialize().await;
    assert_eq!(session.data().await, None);
    let late = session.post(&[JSON], &message::request(1, "ping", json!({})).to_string()).await;
    assert_eq!(late.status, 404, "{late:?}");
}

#[tokio::test]
async fn a_client_that_goes_takes_its_call_back_from_the_vendor() {
    let (data, vendor) = (tempfile::tempdir().unwrap(), SilentVendor::open().await);
    let settings = vendor.settings(data.path()).display().to_string();
    let server = HttpServer::start("mcp-ghl", data.path(), &["--config", &settings]).await;
    let mut session = Session::open(server.address, "/sse", &[]).await.expect("a session");
    session.initialize().await;
    let call = message::request(1, "tools/call", message::tool_call("search_contacts", &json!({})));
    session.send(&call).await;
    let request = vendor.asked().await;
    let twice = session.post(&[JSON], &call.to_string()).await;
    assert_eq!(twice.status, 409, "an id under way is taken: {twice:?}");
    drop(session);
    closed(request).await;
}

#[tokio::test]
async fn a_port_that_is_told_to_end_answers_what_is_under_way_and_waits_for_nobody_else() {
    let (data, vendor) = (tempfile::tempdir().unwrap(), SilentVendor::open().await);
    let settings = vendor.settings(data.path());
    let patient = std::fs::read_to_string(&settings).unwrap() + "[server]\ndrain_ms = 600000\n";
    std::fs::write(&settings, patient).unwrap();
    let mut server = HttpServer::start("mcp-ghl", data.path(), &["--config", settings.to_str().unwrap()]).await;
    let mut unused = Session::open(server.address, "/sse", &[]).await.expect("a session");
    let mut busy = Session::open(server.address, "/sse", &[]).await.expect("a session");
    unused.initialize().await;
    busy.initialize().await;
    busy.send(&message::request(1, "tools/call", message::tool_call("search_contacts", &json!({})))).await;
    let mut request = vendor.asked().await;
    server.terminate().await;
    assert_eq!(unused.data().await, None);
    request.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\n{}").await.expect("the vendor answers");
    let answer = busy.next().await;
    assert_eq!(answer["result"]["structuredContent"]["error"]["code"], "not_found", "{answer}");
    assert_eq!(busy.data().await, None);
    assert!(server.ends_within(LIMIT).await);
}
