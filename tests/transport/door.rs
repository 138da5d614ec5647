//! The HTTP door: who is let in, by which name, how often, and what each endpoint shows.

use std::path::PathBuf;

use serde_json::{Value, json};
use tempfile::TempDir;
use tests::http::{Answer, exchange, open_stateless};
use tests::http_server::HttpServer;
use tests::{binary, message};
use tokio::io::AsyncReadExt;
use tokio::process::Command;

use crate::products::{PRODUCTS, Product};

const JSON: [(&str, &str); 2] =
    [("Content-Type", "application/json"), ("Accept", "application/json, text/event-stream")];

/// The tools of one toolset.
pub(crate) const PIPELINE: [&str; 6] = [
    "search_opportunities",
    "get_pipeline_board",
    "move_opportunity",
    "upsert_opportunity",
    "get_opportunity",
    "delete_opportunity",
];

/// A server with settings of the test's own.
pub(crate) struct Door {
    pub(crate) server: HttpServer,
    _data: TempDir,
}

impl Door {
    pub(crate) async fn open(settings: &str) -> Self {
        Self::of(PRODUCTS[0], settings).await
    }

    pub(crate) async fn of(product: Product, settings: &str) -> Self {
        let data = tempfile::tempdir().expect("a temporary folder");
        let file = settings_file(&data, settings);
        let server = HttpServer::start(product.program, data.path(), &["--config", &file.display().to_string()]).await;
        Self { server, _data: data }
    }

    pub(crate) async fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        exchange(self.server.address, method, path, headers, body).await
    }

    /// A stateless request of the modern era.
    async fn ask(&self, path: &str, method: &str, params: Value, more: &[(&str, &str)]) -> Answer {
        let name = params["name"].as_str().or(params["uri"].as_str()).map(str::to_owned);
        let mut headers = JSON.to_vec();
        headers.extend([("MCP-Protocol-Version", message::STATELESS_REVISION), ("Mcp-Method", method)]);
        headers.extend(name.as_deref().map(|name| ("Mcp-Name", name)));
        headers.extend_from_slice(more);
        let message = message::stateless_request(1, method, params);
        self.send("POST", path, &headers, &message.to_string()).await
    }

    async fn tools(&self, path: &str, more: &[(&str, &str)]) -> Vec<String> {
        let answer = self.ask(path, "tools/list", json!({}), more).await.json();
        let tools = answer["result"]["tools"].as_array().expect("a list").iter();
        tools.map(|tool| tool["name"].as_str().expect("a name").to_owned()).collect()
    }

    /// Asks for a subscription; whether it was opened, and the connection on which it then streams.
    async fn subscribe(&self) -> (bool, tokio::net::TcpStream) {
        let listen = json!({ "notifications": {} });
        let mut stream = open_stateless(self.server.address, "subscriptions/listen", listen).await;
        let mut answer = [0; 64];
        let length = stream.read(&mut answer).await.expect("an answer");
        (answer[..length].starts_with(b"HTTP/1.1 200"), stream)
    }

    /// Opens a session of an older era.
    async fn initialize(&self) -> Answer {
        let message = message::request(1, "initialize", message::initialize_params());
        // The answer streams on; what counts is its beginning.
        self.send("POST", "/mcp", &JSON, &message.to_string()).await
    }
}

fn settings_file(data: &TempDir, settings: &str) -> PathBuf {
    let file = data.path().join("settings.toml");
    std::fs::write(&file, settings).expect("the settings can be written");
    file
}

/// Starts a server that is expected to refuse; returns what it says.
async fn refusal(settings: &str, flags: &[&str]) -> String {
    let data = tempfile::tempdir().expect("a temporary folder");
    let file = settings_file(&data, settings);
    let mut command = Command::new(binary::path("mcp-ghl"));
    command.args(["http", "--port", "0", "--data-dir"]).arg(data.path()).arg("--config").arg(file).args(flags);
    let output = command.env_clear().kill_on_drop(true).output().await.expect("the server starts");
    assert!(!output.status.success(), "the server was expected to refuse");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[tokio::test]
async fn a_name_that_is_not_ours_is_refused() {
    let door = Door::open("[server]\nallowed_hosts = ['crm.example.com']\n").await;
    for (host, status) in [("localhost", 200), ("127.0.0.1:1", 200), ("crm.example.com", 200), ("evil.example", 403)] {
        let answer = door.ask("/mcp", "tools/list", json!({}), &[("Host", host)]).await;
        assert_eq!(answer.status, status, "{host}: {}", answer.body);
    }
}

#[tokio::test]
async fn only_pages_of_known_origins_may_call() {
    let door = Door::open("[server]\nallowed_origins = ['https://app.example.com']\n").await;
    let own = format!("http://localhost:{}", door.server.address.port());
    for (origin, status) in
        [(own.as_str(), 200), ("https://app.example.com", 200), ("https://evil.example", 403), ("null", 403)]
    {
        let answer = door.ask("/mcp", "tools/list", json!({}), &[("Origin", origin)]).await;
        assert_eq!(answer.status, status, "{origin}: {}", answer.body);
    }
    // What a page only embeds comes without an origin, but says where from.
    for (site, status) in [("cross-site", 403), ("same-origin", 200), ("none", 200)] {
        let answer = door.send("GET", "/api/tools", &[("Sec-Fetch-Site", site)], "").await;
        assert_eq!(answer.status, status, "{site}: {}", answer.body);
    }
}

#[tokio::test]
async fn browsers_of_listed_origins_may_send_and_read_the_headers_of_mcp() {
    let door = Door::open("[server]\nallowed_origins = ['https://app.example.com']\n").await;
    let preflight = |origin| {
        [
            ("Origin", origin),
            ("Access-Control-Request-Method", "POST"),
            ("Access-Control-Request-Headers", "mcp-method, mcp-param-location"),
        ]
    };
    let allowed = door.send("OPTIONS", "/mcp", &preflight("https://app.example.com"), "").await;
    assert_eq!(allowed.header("access-control-allow-origin"), Some("https://app.example.com"));
    assert_eq!(allowed.header("access-control-allow-headers"), Some("mcp-method, mcp-param-location"));
    let refused = door.send("OPTIONS", "/mcp", &preflight("https://evil.example"), "").await;
    assert_eq!(refused.header("access-control-allow-origin"), None);
    let answer = door.ask("/mcp", "tools/list", json!({}), &[("Origin", "https://app.example.com")]).await;
    assert!(
        answer.header("access-control-expose-headers").is_some_and(|names| names.contains("mcp-session-id")),
        "{answer:?}"
    );
}

/// SHA-256 of `right`.
const TOKENS: &str = "
[[auth.tokens]]
subject = 'robot'
sha256 = '27042f4e6eca7d0b2a7ee4026df2ecfa51d3339e6d122aa099118ecd8563bad9'
tenant = 'acme'
role = 'viewer'
scopes = ['toolset:pipeline']
";

#[tokio::test]
async fn with_tokens_nobody_enters_without_one() {
    let door = Door::open(TOKENS).await;
    for wrong in [vec![], vec![("Authorization", "Bearer wrong")], vec![("Authorization", "Basic right")]] {
        let answer = door.ask("/mcp", "tools/list", json!({}), &wrong).await;
        assert_eq!((answer.status, answer.header("www-authenticate")), (401, Some("Bearer")), "{wrong:?}");
        assert_eq!(answer.json()["error"]["code"], "unauthenticated");
    }
    assert_eq!(door.send("GET", "/metrics", &[], "").await.status, 401);
    // A database that is still being made is no answer in time, hence not healthy yet.
    let mut asking = tokio::time::interval(std::time::Duration::from_millis(20));
    let healthy = async {
        while door.send("GET", "/health", &[], "").await.status != 200 {
            asking.tick().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(5), healthy).await.expect("health needs no token");
}

#[tokio::test]
async fn a_token_brings_its_tenant_role_and_toolsets() {
    let door = Door::open(TOKENS).await;
    let right = [("Authorization", "Bearer right")];
    assert_eq!(door.tools("/mcp", &right).await, PIPELINE);
    let move_it = json!({ "name": "move_opportunity", "arguments": { "opportunity": "x", "stage": "won" } });
    let refused = door.ask("/mcp", "tools/call", move_it, &right).await.json();
    assert_eq!(refused["result"]["structuredContent"]["error"]["code"], "permission_denied", "{refused}");
    let tags = door.ask("/mcp", "resources/read", json!({ "uri": "ghl://x/tags" }), &right).await.json();
    assert_eq!(tags["error"]["code"], -32602, "resources of other toolsets are not there: {tags}");
    let unknown =
        door.ask("/mcp", "tools/call", json!({ "name": "get_contact", "arguments": {} }), &right).await.json();
    let message = unknown["error"]["message"].as_str().expect("a message");
    assert!(message.ends_with(&format!("tools here: {}", PIPELINE.join(", "))), "{message}");
    // The demo account is the local tenant's; another tenant has nothing connected.
    let board = json!({ "name": "get_pipeline_board", "arguments": {} });
    let empty = door.ask("/mcp", "tools/call", board, &right).await.json();
    assert_eq!(empty["result"]["structuredContent"]["error"]["code"], "failed_precondition", "{empty}");
}

#[tokio::test]
async fn a_caller_from_afar_is_told_to_wait_after_its_minute_is_spent() {
    let door = Door::open("[server]\nrequests_per_minute = 3\n").await;
    let afar = [("X-Forwarded-For", "203.0.113.9")];
    for _ in 0..3 {
        assert_eq!(door.ask("/mcp", "tools/list", json!({}), &afar).await.status, 200);
    }
    let answer = door.ask("/mcp", "tools/list", json!({}), &afar).await;
    assert_eq!(answer.status, 429);
    let wait: u32 = answer.header("retry-after").expect("it says how long").parse().expect("whole seconds");
    assert!((1..=60).contains(&wait), "{wait}");
    assert_eq!(answer.json()["error"]["code"], "rate_limited");
}

#[tokio::test]
async fn a_session_that_is_ended_is_gone_at_once() {
    let door = Door::open("").await;
    let opened = door.initialize().await;
    let session = ("Mcp-Session-Id", opened.header("mcp-session-id").expect("a session"));
    // Clients take 200 and 204 for an end.
    assert_eq!(door.send("DELETE", "/mcp", &[session], "").await.status, 204);
    let headers = [JSON[0], JSON[1], session];
    let ping = message::request(2, "ping", json!({})).to_string();
    assert_eq!(door.send("POST", "/mcp", &headers, &ping).await.status, 404);
}

/// Frameworks drop or refuse arguments that a schema does not know, and could never name the plan that was approved.
#[tokio::test]
async fn a_tool_that_waits_for_a_yes_by_settings_alone_lets_its_plan_be_named() {
    for (settings, is_offered) in [("", false), ("[approvals]\nwrite = \"ask\"\n", true)] {
        let door = Door::open(settings).await;
        let listed = door.ask("/mcp", "tools/list", json!({}), &[]).await.json();
        let tools = listed["result"]["tools"].as_array().unwrap();
        let offers = |name: &str| {
            let tool = tools.iter().find(|tool| tool["name"] == name).expect("the tool");
            tool["inputSchema"]["properties"].get("approval_plan_id").is_some()
        };
        assert_eq!(offers("add_note"), is_offered, "{settings:?}");
        assert!(!offers("search_contacts"), "{settings:?}");
    }
}

#[tokio::test]
async fn sessions_are_capped_and_come_back_when_they_expire() {
    let door = Door::open("[server]\nsessions_max = 2\nsession_idle_s = 1\n").await;
    for _ in 0..2 {
        assert!(door.initialize().await.header("mcp-session-id").is_some());
    }
    let refused = door.initialize().await;
    assert_eq!((refused.status, refused.header("mcp-session-id")), (503, None), "{refused:?}");
    assert!(refused.header("retry-after").is_some());
    assert_eq!(door.ask("/mcp", "tools/list", json!({}), &[]).await.status, 200, "the modern era needs no session");
    let mut asking = tokio::time::interval(std::time::Duration::from_millis(100));
    let comes_back = async {
        while door.initialize().await.status != 200 {
            asking.tick().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), comes_back).await.expect("idle sessions expire");
}

#[tokio::test]
async fn streams_are_capped_and_their_seats_come_back() {
    let door = Door::open("[server]\nstreams_max = 1\n").await;
    let (is_open, first) = door.subscribe().await;
    assert!(is_open);
    let refused = door.ask("/mcp", "subscriptions/listen", json!({ "notifications": {} }), &[]).await;
    assert_eq!(refused.status, 503, "{refused:?}");
    assert_eq!(door.ask("/mcp", "tools/list", json!({}), &[]).await.status, 200, "an answer at once needs no seat");
    drop(first);
    let comes_back = async { while !door.subscribe().await.0 {} };
    tokio::time::timeout(std::time::Duration::from_secs(20), comes_back).await.expect("the seat comes back");
}

#[tokio::test]
async fn a_stateless_server_opens_no_session() {
    let door = Door::open("[server]\nstateless = true\n").await;
    let answer = door.initialize().await;
    assert_eq!((answer.status, answer.header("mcp-session-id")), (200, None), "{answer:?}");
}

#[tokio::test]
async fn a_request_that_is_too_large_is_refused() {
    let door = Door::open("[server]\nbody_bytes_max = 1000\n").await;
    let params = json!({ "name": "add_note", "arguments": { "text": "x".repeat(2_000) } });
    assert_eq!(door.ask("/mcp", "tools/call", params, &[]).await.status, 413);
}

#[tokio::test]
async fn narrower_endpoints_show_less() {
    let door = Door::open("").await;
    let all = door.tools("/mcp", &[]).await;
    assert_eq!(all, door.tools("/ghl/mcp", &[]).await);
    assert_eq!(door.tools("/ghl/mcp/pipeline", &[]).await, PIPELINE);
    let readable = door.tools("/mcp/readonly", &[]).await;
    assert!(
        readable.contains(&"get_contact".to_owned()) && !readable.contains(&"upsert_contact".to_owned()),
        "{readable:?}"
    );
    let hidden = json!({ "name": "upsert_contact", "arguments": { "email": "a@example.com" } });
    let answer = door.ask("/mcp/readonly", "tools/call", hidden, &[]).await.json();
    assert_eq!(answer["error"]["code"], -32602, "{answer}");
}

#[tokio::test]
async fn health_says_what_is_wrong() {
    let door = Door::open("").await;
    for path in ["/health/live", "/health", "/healthz", "/health/ready"] {
        // The database may still be opening.
        let healthy = async { while door.send("GET", path, &[], "").await.json()["status"] != "ok" {} };
        tokio::time::timeout(std::time::Duration::from_secs(5), healthy).await.expect("it becomes healthy");
    }
    // Nobody listens on port 1.
    let broken = Door::open("[database]\nurl = 'postgres://nobody@127.0.0.1:1/none'\n").await;
    let answer = broken.send("GET", "/health/ready", &[], "").await;
    assert_eq!(answer.status, 503);
    let check = &answer.json()["checks"][0];
    assert_eq!((&check["name"], &check["status"]), (&json!("database"), &json!("failed")));
    assert!(!check["reason"].as_str().expect("a reason").is_empty());
    assert_eq!(broken.send("GET", "/health/live", &[], "").await.status, 200);
}

#[tokio::test]
async fn figures_count_calls_by_tool_and_code() {
    let door = Door::open("").await;
    door.ask("/mcp", "tools/call", json!({ "name": "get_account_context", "arguments": {} }), &[]).await;
    door.ask("/mcp", "tools/call", json!({ "name": "get_contact", "arguments": {} }), &[]).await;
    let figures = door.send("GET", "/metrics", &[], "").await.body;
    for line in [
        "luminar_tool_calls_total{tool=\"get_account_context\",code=\"ok\"} 1",
        "luminar_tool_calls_total{tool=\"get_contact\",code=\"invalid_argument\"} 1",
    ] {
        assert!(figures.contains(line), "{line} is missing from {figures}");
    }
}

#[tokio::test]
async fn without_tokens_only_loopback_is_served() {
    let said = refusal("", &["--host", "0.0.0.0"]).await;
    assert!(said.contains("no authentication is set up"), "{said}");
}

#[tokio::test]
async fn settings_that_nobody_knows_are_refused_by_name() {
    assert!(refusal("[server]\nprot = 1\n", &[]).await.contains("prot"));
    assert!(refusal("[servr]\nport = 1\n", &[]).await.contains("`servr`"));
    assert!(refusal("", &["--toolsets", "contacts,pipelines"]).await.contains("`pipelines` is not a toolset"));
}
