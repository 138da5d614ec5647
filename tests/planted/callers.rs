//! Callers at every door: with good tokens and bad ones, for calls that succeed, fail, and meet a vendor that repeats
//! what it is shown.

use std::net::SocketAddr;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tests::http::{Answer, exchange};
use tests::message;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use crate::scene::{ANSWERS, FIGURES, LIMIT, LOGS, OUTPUT, Scene};
use crate::seeds::Seeds;
use crate::vendor::Vendor;
use crate::{DENTAL, GYM};

/// Opened by the login alone.
const COURSES: &str = "71zmNrUUSAzD9nhM9kYj";

pub(crate) struct Callers {
    pub(crate) admin: String,
    pub(crate) viewer: String,
    /// Known to nobody.
    unknown: String,
    /// Shown by another scheme.
    basic: String,
    /// Where no token belongs: among arguments and in a query.
    misplaced: String,
}

/// Calls that succeed, that the vendor refuses, and that are refused here.
fn calls(misplaced: &str) -> Vec<(&'static str, Value)> {
    let search = |location: &str| ("search_contacts", json!({"location": location, "limit": 1}));
    vec![
        search(GYM),
        search(DENTAL),
        search(COURSES),
        ("get_account_context", json!({})),
        ("upsert_contact", json!({"location": GYM, "email": "planted@example.com", "idempotency_key": "one"})),
        ("send_message", json!({"location": GYM, "contact": "planted@example.com", "channel": "sms", "text": "hello"})),
        ("get_contact", json!({"location": GYM, "contact": "nobody@example.com"})),
        ("search_contacts", json!({"location": GYM, "limit": 100_000, "access_token": misplaced})),
        ("search_contacts", json!({"location": GYM, "limit": misplaced})),
        ("get_contact", json!(misplaced)),
    ]
}

impl Callers {
    pub(crate) fn plant(seeds: &mut Seeds) -> Self {
        Self {
            admin: seeds.plain("bearer token of an administrator"),
            viewer: seeds.plain("bearer token of a viewer"),
            unknown: seeds.plain("bearer token that nobody has entered"),
            basic: seeds.awkward("password in a header of another scheme"),
            misplaced: seeds.plain("token where none belongs"),
        }
    }

    pub(crate) async fn call(&self, scene: &mut Scene, vendor: &Vendor, address: SocketAddr) {
        self.at_every_door(scene, address).await;
        vendor.end_access();
        self.at_every_door(scene, address).await;
        vendor.end_access();
        // Enough for the circuit to open, which is for each token and kind of failure.
        for status in [401, 403, 422, 429, 500] {
            vendor.parrot(status);
            for _ in 0..2 {
                self.at_every_door(scene, address).await;
            }
        }
        vendor.parrot(0);
        vendor.end_access();
        self.at_every_door(scene, address).await;
        self.who_may_not(scene, address).await;
        let admin = format!("Bearer {}", self.admin);
        for path in ["/metrics", "/openapi.json", "/health/ready", "/api/tools", "/api/approvals"] {
            let answer = exchange(address, "GET", path, &[("Authorization", &admin)], "").await;
            assert!(answer.status != 401 && answer.status != 404, "{path}: {answer:?}");
            scene.note(FIGURES, format!("{answer:?}"));
        }
        scene.list_processes();
    }

    async fn at_every_door(&self, scene: &mut Scene, address: SocketAddr) {
        let mut succeeded = 0;
        for (tool, arguments) in calls(&self.misplaced) {
            let authorization = format!("Bearer {}", self.admin);
            let headers = [("Content-Type", "application/json"), ("Authorization", authorization.as_str())];
            let path = format!("/api/tools/{tool}");
            let answer = exchange(address, "POST", &path, &headers, &arguments.to_string()).await;
            succeeded += u32::from(answer.status == 200);
            note(scene, &answer);
            let body = message::stateless_request(1, "tools/call", message::tool_call(tool, &arguments)).to_string();
            let modern = [
                ("Accept", "application/json, text/event-stream"),
                ("MCP-Protocol-Version", message::STATELESS_REVISION),
                ("Mcp-Method", "tools/call"),
                ("Mcp-Name", tool),
            ];
            let answer = exchange(address, "POST", "/ghl/mcp", &[headers.as_slice(), &modern].concat(), &body).await;
            note(scene, &answer);
        }
        println!("{succeeded} calls over REST succeeded");
        self.over_sse(scene, address).await;
    }

    /// A session of the oldest transport, in which one call is made.
    async fn over_sse(&self, scene: &mut Scene, address: SocketAddr) {
        let authorization = format!("Bearer {}", self.viewer);
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = format!("GET /ghl/sse HTTP/1.1\r\nHost: {address}\r\nAuthorization: {authorization}\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut lines = BufReader::new(stream).lines();
        let mut messages = None;
        let headers = [("Content-Type", "application/json"), ("Authorization", authorization.as_str())];
        let call = message::tool_call("search_contacts", &json!({"location": DENTAL}));
        let (hello, done) = (message::initialize_params(), message::initialized().to_string());
        while let Some(line) = tokio::time::timeout(LIMIT, lines.next_line()).await.expect("an event").unwrap() {
            scene.note(ANSWERS, line.clone());
            let Some(data) = line.strip_prefix("data: ") else { continue };
            let Some(path) = &messages else {
                let body = message::request(1, "initialize", hello.clone()).to_string();
                let answer = exchange(address, "POST", data, &headers, &body).await;
                assert_eq!(answer.status, 202, "{answer:?}");
                messages = Some(data.to_owned());
                continue;
            };
            if data.contains("\"id\":2") {
                return;
            }
            for body in [done.clone(), message::request(2, "tools/call", call.clone()).to_string()] {
                note(scene, &exchange(address, "POST", path, &headers, &body).await);
            }
        }
        panic!("the session ended");
    }

    async fn who_may_not(&self, scene: &mut Scene, address: SocketAddr) {
        let basic = STANDARD.encode(format!("user:{}", self.basic));
        let shown = [format!("Bearer {}", self.unknown), format!("Basic {basic}"), format!("Bearer{}", self.unknown)];
        for authorization in &shown {
            for (method, path) in [
                ("POST", "/api/tools/get_contact"),
                ("POST", "/ghl/mcp"),
                ("GET", "/ghl/sse"),
                ("POST", "/ghl/messages"),
            ] {
                let headers = [("Content-Type", "application/json"), ("Authorization", authorization.as_str())];
                let answer = exchange(address, method, path, &headers, "{}").await;
                assert_eq!(answer.status, 401, "{method} {path}: {answer:?}");
                note(scene, &answer);
            }
        }
        let admin = format!("Bearer {}", self.admin);
        for path in ["/api/leads", "/api/tools/x", "/nothing", "/messages", "/openapi.json"] {
            let path = format!("{path}?access_token={}&session_id={}", self.misplaced, self.misplaced);
            for method in ["GET", "POST"] {
                let headers = [("Content-Type", "application/json"), ("Authorization", admin.as_str())];
                note(scene, &exchange(address, method, &path, &headers, "{").await);
            }
        }
        for name in ["Idempotency-Key", "Luminar-Plan-Id", "traceparent", "Mcp-Session-Id"] {
            let headers = [("Content-Type", "application/json"), ("Authorization", &admin), (name, &self.unknown)];
            note(scene, &exchange(address, "POST", "/api/tools/list_locations", &headers, "{}").await);
        }
    }
}

fn note(scene: &mut Scene, answer: &Answer) {
    assert_ne!(answer.status, 0, "an answer");
    scene.note(ANSWERS, format!("{answer:?}"));
    scene.note(ANSWERS, answer.body.clone());
}

/// The same calls over a pipe.
pub(crate) async fn over_stdio(scene: &mut Scene, settings: &Path, vendor: &Vendor) {
    let mut command = scene.command("mcp-ghl", settings, &["stdio"]);
    let mut child = command.spawn().unwrap();
    scene.list_processes();
    let mut input = child.stdin.take().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut hello = message::request(0, "initialize", message::initialize_params()).to_string();
    hello = format!("{hello}\n{}\n", message::initialized());
    input.write_all(hello.as_bytes()).await.unwrap();
    let mut said = lines.next_line().await.unwrap().unwrap();
    for (id, status) in [(1, 0), (100, 401), (200, 500), (300, 0)] {
        vendor.parrot(status);
        for (id, (tool, arguments)) in (id..).zip(calls("")) {
            let call = message::request(id, "tools/call", message::tool_call(tool, &arguments));
            input.write_all(format!("{call}\n").as_bytes()).await.unwrap();
            said += &tokio::time::timeout(LIMIT, lines.next_line()).await.expect("an answer").unwrap().unwrap();
        }
    }
    drop(input);
    let mut errors = String::new();
    child.stderr.take().unwrap().read_to_string(&mut errors).await.unwrap();
    scene.note(OUTPUT, said.clone());
    scene.note(ANSWERS, said);
    scene.note(LOGS, errors);
    tokio::time::timeout(LIMIT, child.wait()).await.expect("it ends").unwrap();
}
