//! The MCP Inspector's command line as a client of the built program: both protocol eras, both transports.

use std::path::Path;
use std::process::{Output, Stdio};
use std::time::Duration;

use serde_json::Value;
use tests::http_server::HttpServer;
use tests::{binary, oracles};
use tokio::process::Command;

/// The longest that one run may take; about 1 s on an idle core.
const TIMEOUT: Duration = Duration::from_mins(1);

const ERAS: &[&str] = &["legacy", "modern"];

const LIST_TOOLS: &[&str] = &["--method", "tools/list", "--strict"];
/// A call of a tool that needs no arguments.
const CALL_TOOL: &[&str] = &["--method", "tools/call", "--tool-args-json", "{}", "--tool-name"];
const LIST_RESOURCES: &[&str] = &["--method", "resources/list"];
const LIST_PROMPTS: &[&str] = &["--method", "prompts/list"];
const VERIFY_SKILLS: &[&str] = &["--method", "skills/list", "--verify", "--require-digests"];

/// Runs the Inspector in an empty home. `target` is a command line, or `--server-url` and an address.
async fn inspect(home: &Path, method: &[&str], era: &str, target: &[&str]) -> Output {
    let launcher = oracles::folder().join("@modelcontextprotocol/inspector/clients/launcher/build/index.js");
    let mut command = Command::new(oracles::node());
    command.arg(launcher).arg("--cli").args(method).args(["--format", "json", "--protocol-era", era]).args(target);
    command.env("HOME", home).env("MCP_CATALOG_PATH", home.join("catalog.json"));
    command.stdin(Stdio::null()).kill_on_drop(true);
    tokio::time::timeout(TIMEOUT, command.output()).await.expect("the Inspector ends in time").expect("node runs")
}

/// The `result` that the Inspector printed.
fn result(output: &Output, what: &str) -> Value {
    let errors = String::from_utf8_lossy(&output.stderr);
    let printed: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    assert!(output.status.success(), "{what}: {}: {printed} {errors}", output.status);
    let findings = printed["schemaFindings"].as_array().map_or(0, Vec::len);
    assert_eq!(findings, 0, "{what}: {errors}");
    printed["result"].clone()
}

/// Everything that the Inspector asks of one server over one transport.
async fn check(home: &Path, target: &[&str], transport: &str) {
    check_with(home, target, transport, "get_account_context").await;
}

async fn check_with(home: &Path, target: &[&str], transport: &str, tool: &'static str) {
    for era in ERAS {
        let run = |method: &'static [&'static str]| async move {
            result(&inspect(home, method, era, target).await, &format!("{transport}, {era}, {}", method[1]))
        };
        assert!(!run(LIST_TOOLS).await["tools"].as_array().unwrap().is_empty());
        let call: Vec<&str> = CALL_TOOL.iter().copied().chain([tool]).collect();
        let called = result(&inspect(home, &call, era, target).await, &format!("{transport}, {era}, {tool}"));
        assert_ne!(called["isError"], true, "{called}");
        assert!(called["structuredContent"].is_object(), "{called}");
        assert!(run(LIST_RESOURCES).await["resources"].is_array());
        assert!(run(LIST_PROMPTS).await["prompts"].is_array());
        let verified = inspect(home, VERIFY_SKILLS, era, target).await;
        let printed = String::from_utf8_lossy(&verified.stdout);
        assert!(verified.status.success(), "{transport}, {era}, skills: {}: {printed}", verified.status);
        // One line for each skill.
        let skills: Vec<Value> = printed.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
        let is_sound = |skill: &Value| skill["ok"] == true && skill["outcome"] == "verified";
        assert!(!skills.is_empty() && skills.iter().all(is_sound), "{printed}");
    }
}

#[tokio::test]
async fn ghl_passes_over_stdio() {
    let home = tempfile::tempdir().unwrap();
    let program = binary::path("mcp-ghl").display().to_string();
    let data = home.path().join("data").display().to_string();
    check(home.path(), &[&program, "stdio", "--data-dir", &data], "stdio").await;
}

#[tokio::test]
async fn orchestrator_passes_over_stdio() {
    let home = tempfile::tempdir().unwrap();
    let program = binary::path("mcp-orchestrator").display().to_string();
    let data = home.path().join("data").display().to_string();
    check_with(home.path(), &[&program, "stdio", "--data-dir", &data], "stdio", "list_workflows").await;
}

#[tokio::test]
async fn ghl_passes_over_http() {
    let home = tempfile::tempdir().unwrap();
    let server = HttpServer::start("mcp-ghl", &home.path().join("data"), &[]).await;
    check(home.path(), &["--server-url", &server.url(), "--transport", "http"], "http").await;
}

#[tokio::test]
async fn ghl_passes_over_legacy_sse() {
    let home = tempfile::tempdir().unwrap();
    let server = HttpServer::start("mcp-ghl", &home.path().join("data"), &[]).await;
    let url = format!("http://{}/ghl/sse", server.address);
    check(home.path(), &["--server-url", &url, "--transport", "sse"], "sse").await;
}

/// Without this, "no findings" could mean that nobody looked.
#[tokio::test]
async fn inspector_finds_fault_with_an_unportable_schema() {
    let home = tempfile::tempdir().unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("inspector/unportable_server.mjs");
    let words = [oracles::node(), script, oracles::folder()].map(|word| word.display().to_string());
    let output = inspect(home.path(), LIST_TOOLS, "legacy", &words.each_ref().map(String::as_str)).await;
    let printed: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(printed["schemaFindings"][0]["toolName"], "get_x", "{printed}");
}

#[tokio::test]
async fn inspector_finds_a_wrong_digest() {
    let home = tempfile::tempdir().unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("inspector/lying_skills_server.mjs");
    let words = [oracles::node(), script, oracles::folder()].map(|word| word.display().to_string());
    let output = inspect(home.path(), VERIFY_SKILLS, "legacy", &words.each_ref().map(String::as_str)).await;
    let printed: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(7), "{printed}");
    assert_eq!(printed["files"][0]["status"], "mismatch", "{printed}");
}

#[tokio::test]
async fn inspector_fails_on_a_tool_that_is_not_there() {
    let home = tempfile::tempdir().unwrap();
    let program = binary::path("mcp-ghl").display().to_string();
    let data = home.path().join("data").display().to_string();
    let method = ["--method", "tools/call", "--tool-name", "no_such_tool", "--tool-args-json", "{}"];
    let output = inspect(home.path(), &method, "legacy", &[&program, "stdio", "--data-dir", &data]).await;
    assert_eq!(output.status.code(), Some(5));
}
