//! The official SDKs as clients of the built program: the journey that `tests/clients/run` has many more clients make,
//! from a lead to a booked call that a person at the client says yes to.
//!
//! The TypeScript SDKs are among the oracles. The Python SDKs are installed if there is a Python for them and a package
//! index within reach; otherwise their tests say that they were skipped.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};
use tests::http_server::HttpServer;
use tests::{binary, oracles};
use tokio::process::Command;

/// The longest that one journey may take; about 1 s on an idle core.
const JOURNEY_LIMIT: Duration = Duration::from_mins(1);

/// The longest that an installation may take; about 20 s from a near index.
const INSTALLATION_LIMIT: Duration = Duration::from_mins(5);

/// The last revision with sessions, and the first without.
const SESSIONS: &str = "2025-11-25";
const STATELESS: &str = "2026-07-28";

/// Transport, the era that the client is told to use, and the revision that it should arrive at.
type Row = (&'static str, &'static str, &'static str);

const SESSIONS_ONLY: &[Row] = &[("stdio", "auto", SESSIONS), ("http", "auto", SESSIONS), ("sse", "auto", SESSIONS)];
const BOTH_ERAS: &[Row] = &[
    ("stdio", "auto", STATELESS),
    ("stdio", "legacy", SESSIONS),
    ("http", "auto", STATELESS),
    ("http", "legacy", SESSIONS),
    ("sse", "auto", STATELESS),
    ("sse", "legacy", SESSIONS),
];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("clients")
}

/// Has a client make the journey once for each row. `command` is its script and what runs it.
async fn travel(command: &[PathBuf], rows: &[Row]) {
    for &(transport, era, protocol) in rows {
        let home = tempfile::tempdir().unwrap();
        let settings = folder().join("settings.toml").display().to_string();
        let data = home.path().join("data");
        let server = match transport {
            "stdio" => None,
            _ => Some(HttpServer::start("mcp-ghl", &data, &["--config", &settings]).await),
        };
        let door = if transport == "sse" { "sse" } else { "mcp" };
        let url = server.as_ref().map(|server| format!("http://{}/{door}", server.address)).unwrap_or_default();
        let program = binary::path("mcp-ghl").display().to_string();
        let mission = json!({
            "transport": transport,
            "era": era,
            "command": [program, "stdio", "--data-dir", data, "--config", settings],
            "url": url,
            "journey": folder().join("journey.json"),
            "approve": [program, "approvals", "approve", "--data-dir", data, "--config", settings],
        });
        let what = format!("{}, {transport}, {era}", command.last().unwrap().display());
        let report = report(command, &mission, home.path()).await;
        assert_eq!(report["failure"], Value::Null, "{what}: {report}");
        assert_eq!(report["protocol"], protocol, "{what}");
        // These clients can ask the person in front of them: no plan is left to the inbox.
        assert_eq!(report["questions"].as_array().map(Vec::len), Some(1), "{what}: {report}");
        check_what_steps_show(&report, &what);
    }
}

/// The last line that the client's script printed.
async fn report(command: &[PathBuf], mission: &Value, home: &Path) -> Value {
    let (program, script) = command.split_first().unwrap();
    let mut command = Command::new(program);
    command.args(script).arg(mission.to_string()).env("HOME", home).env("PYTHONDONTWRITEBYTECODE", "1");
    command.stdin(Stdio::null()).kill_on_drop(true);
    let output = tokio::time::timeout(JOURNEY_LIMIT, command.output()).await.expect("the journey ends in time");
    let output = output.expect("the client starts");
    let printed = String::from_utf8_lossy(&output.stdout);
    let report = printed.lines().last().and_then(|line| serde_json::from_str(line).ok());
    report.unwrap_or_else(|| panic!("no report: {printed} {}", String::from_utf8_lossy(&output.stderr)))
}

/// Each step of the journey names what its answer shows: JSON pointers and values.
fn check_what_steps_show(report: &Value, what: &str) {
    let journey = std::fs::read_to_string(folder().join("journey.json")).unwrap();
    let journey: Vec<Value> = serde_json::from_str(&journey).unwrap();
    let made = report["steps"].as_array().unwrap();
    assert_eq!(made.len(), journey.len(), "{what}: {report}");
    for (step, made) in journey.iter().zip(made) {
        let Some(shown) = step["shows"].as_object() else { continue };
        for (pointer, value) in shown {
            assert_eq!(made["answer"].pointer(pointer), Some(value), "{what}: {pointer} of {made}");
        }
    }
}

fn typescript(script: &str) -> [PathBuf; 3] {
    [oracles::node(), folder().join(script), oracles::folder()]
}

/// The interpreter that has the client `name` installed, or why there is none.
async fn python(name: &str) -> Result<PathBuf, String> {
    let mut command = Command::new(folder().join("run"));
    command.args(["--install", name]).stdin(Stdio::null()).kill_on_drop(true);
    let output = tokio::time::timeout(INSTALLATION_LIMIT, command.output()).await.map_err(|late| late.to_string())?;
    let output = output.map_err(|error| error.to_string())?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    if output.status.success() { Ok(PathBuf::from(text(&output.stdout))) } else { Err(text(&output.stderr)) }
}

/// As [`travel`], or says that it was skipped, on the run that decides too: Python is no condition for building Luminar.
async fn travel_with_python(name: &str, rows: &[Row]) {
    match python(name).await {
        Ok(python) => travel(&[python, folder().join(format!("with_{name}.py"))], rows).await,
        Err(reason) => eprintln!("skipped: {name} cannot be installed here: {reason}"),
    }
}

#[tokio::test]
async fn typescript_sdk_1_makes_the_journey() {
    travel(&typescript("with_typescript_sdk_1.mjs"), SESSIONS_ONLY).await;
}

#[tokio::test]
async fn typescript_sdk_2_makes_the_journey_in_both_eras() {
    travel(&typescript("with_typescript_sdk_2.mjs"), BOTH_ERAS).await;
}

#[tokio::test]
async fn python_sdk_1_makes_the_journey() {
    travel_with_python("python_sdk_1", SESSIONS_ONLY).await;
}

#[tokio::test]
async fn python_sdk_2_makes_the_journey_in_both_eras() {
    travel_with_python("python_sdk_2", BOTH_ERAS).await;
}
