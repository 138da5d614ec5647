//! The programs as a person meets them: what they print is true, and what is pasted from it works.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};
use tests::http::exchange;
use tests::stdio::Server;
use tests::{binary, message};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// How long a program may take to say where it is.
const LIMIT: Duration = Duration::from_secs(10);

fn program(name: &str, data: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(binary::path(name));
    command.args(arguments).arg("--data-dir").arg(data);
    command.env_clear().env("HOME", data).stdin(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
    command
}

/// Starts a program that serves; returns it with what it prints until a line that contains `last`.
async fn start(mut command: Command, last: &str) -> (Child, Vec<String>) {
    let mut child = command.stdout(Stdio::piped()).spawn().expect("the program starts");
    let mut lines = BufReader::new(child.stdout.take().expect("standard output")).lines();
    let mut printed = Vec::new();
    let reading = async {
        while let Some(line) = lines.next_line().await.expect("text") {
            printed.push(line);
            if printed.last().is_some_and(|line| line.contains(last)) {
                break;
            }
        }
    };
    tokio::time::timeout(LIMIT, reading).await.expect("it says where it is");
    (child, printed)
}

/// Runs a program to its end; returns whether it succeeded and what it printed.
async fn run(mut command: Command) -> (bool, String) {
    let output = tokio::time::timeout(LIMIT, command.stdout(Stdio::piped()).output()).await;
    let output = output.expect("it ends").expect("it starts");
    (output.status.success(), String::from_utf8(output.stdout).expect("text"))
}

/// The rest of the first line that contains `label`.
fn after<'a>(printed: &'a [String], label: &str) -> &'a str {
    let line = printed.iter().find_map(|line| line.split_once(label));
    line.unwrap_or_else(|| panic!("{label} is missing from {printed:?}")).1.trim()
}

#[tokio::test]
async fn the_suite_prints_lines_by_which_clients_reach_it() {
    let data = tempfile::tempdir().unwrap();
    let settings = data.path().join("settings.toml");
    std::fs::write(&settings, "[server]\nport = 0\n").unwrap();
    let command = program("luminar", data.path(), &["--config", settings.to_str().unwrap()]);
    let (_suite, printed) = start(command, "/orchestrator/mcp --transport").await;

    let address = after(&printed, "listening on http://").parse().expect("an address");
    assert_eq!(exchange(address, "GET", "/health/live", &[], "").await.status, 200);
    let url = after(&printed, "claude mcp add --transport http luminar-ghl ");
    assert_eq!(url, format!("http://{address}/ghl/mcp"));
    for (label, outer) in [(".cursor/mcp.json", "mcpServers"), (".vscode/mcp.json", "servers")] {
        let entry: Value = serde_json::from_str(after(&printed, label)).expect("JSON");
        assert_eq!(entry[outer]["luminar-ghl"]["url"], url, "{label}");
    }
    assert!(after(&printed, "npx @modelcontextprotocol/inspector").contains(url));

    // What Claude Desktop is told to start is this program, on this state.
    let desktop: Value = serde_json::from_str(after(&printed, "claude_desktop_config.json")).expect("JSON");
    let entry = &desktop["mcpServers"]["luminar-ghl"];
    assert_eq!(entry["command"], binary::path("luminar").to_str().unwrap());
    let words = entry["args"].as_array().unwrap().iter().map(|word| word.as_str().unwrap());
    let mut command = Command::new(entry["command"].as_str().unwrap());
    command.args(words);
    let mut server = Server::spawn(&mut command, data.path(), &[]);
    server.initialize().await;
    let context = server.call("tools/call", message::tool_call("get_account_context", &json!({}))).await;
    assert_eq!(context["result"]["structuredContent"]["demo"], true, "{context}");
}

#[tokio::test]
async fn the_emulator_answers_by_itself() {
    let data = tempfile::tempdir().unwrap();
    let (_emulator, printed) =
        start(program("mcp-ghl", data.path(), &["sandbox", "--port", "0"]), "chooselocation").await;
    let address = after(&printed, "emulator on http://").parse().expect("an address");
    let mut words = after(&printed, "Iron Harbor Gym").split_whitespace();
    let (token, location) = (words.next().unwrap(), words.last().unwrap());
    let authorization = format!("Bearer {token}");
    let headers = [("Authorization", authorization.as_str()), ("Version", "v3")];
    let answer = exchange(address, "GET", &format!("/locations/{location}"), &headers, "").await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.json()["location"]["name"], "Iron Harbor Gym");
}

#[tokio::test]
async fn doctor_and_audit_look_at_what_a_server_left() {
    let data = tempfile::tempdir().unwrap();
    let mut server = Server::start("mcp-ghl", data.path(), &[]);
    server.initialize().await;
    let arguments = json!({"location": "gym", "email": "new.lead@example.com"});
    let made = server.call("tools/call", message::tool_call("upsert_contact", &arguments)).await;
    assert_eq!(made["result"]["isError"], false, "{made}");
    server.close_input();
    assert!(server.exit_within(LIMIT).await.is_some_and(|status| status.success()));

    let (is_well, printed) = run(program("mcp-ghl", data.path(), &["doctor"])).await;
    assert!(is_well && printed.contains("ok     database") && printed.contains("demo account"), "{printed}");
    let (is_sound, printed) = run(program("luminar", data.path(), &["audit", "verify"])).await;
    let report: Value = serde_json::from_str(&printed).expect("JSON");
    assert!(is_sound, "{report}");
    assert_eq!((&report["unfinished"], &report["faults_total"]), (&json!(0), &json!(0)), "{report}");
    assert!(report["events"].as_u64().unwrap() >= 2, "an intent and its outcome: {report}");
}

#[tokio::test]
async fn a_backup_of_a_running_server_is_taken_back_elsewhere() {
    let (data, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut server = Server::start("mcp-ghl", data.path(), &[]);
    server.initialize().await;
    let arguments = json!({"location": "gym", "email": "new.lead@example.com", "idempotency_key": "lead-1"});
    let made = server.call("tools/call", message::tool_call("upsert_contact", &arguments)).await;
    assert_eq!(made["result"]["isError"], false, "{made}");

    let file = data.path().join("copy.jsonl");
    let file = file.to_str().unwrap();
    let (is_done, report) = run(program("luminar", data.path(), &["backup", file])).await;
    assert!(is_done && report.contains("1 idempotency_keys"), "{report}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
    }
    assert!(!run(program("luminar", data.path(), &["backup", file])).await.0, "a backup is not written over");
    assert!(!run(program("luminar", data.path(), &["restore", file])).await.0, "nor a database in use");

    let (is_done, restored) = run(program("luminar", elsewhere.path(), &["restore", file])).await;
    assert!(is_done && report.starts_with(&restored), "{restored} is not {report}");
    assert!(run(program("luminar", elsewhere.path(), &["audit", "verify"])).await.0);
    let mut heir = Server::start("mcp-ghl", elsewhere.path(), &[]);
    heir.initialize().await;
    let again = heir.call("tools/call", message::tool_call("upsert_contact", &arguments)).await;
    let contact = |answer: &Value| answer["result"]["structuredContent"].clone();
    assert_eq!(contact(&again), contact(&made), "the key answers with the first result there too");
}

#[tokio::test]
async fn the_printed_defaults_satisfy_the_printed_schema() {
    let data = tempfile::tempdir().unwrap();
    let (_, schema) = run(program("luminar", data.path(), &["config", "--schema"])).await;
    let (_, defaults) = run(program("luminar", data.path(), &["config", "--defaults"])).await;
    let schema: Value = serde_json::from_str(&schema).expect("JSON");
    let defaults: toml::Table = defaults.parse().expect("TOML");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let settings = serde_json::to_value(defaults).unwrap();
    let faults: Vec<String> = validator.iter_errors(&settings).map(|error| error.to_string()).collect();
    assert!(faults.is_empty(), "{faults:?}");
    let mut misspelt = settings;
    misspelt["server"]["prot"] = json!(1);
    assert!(!validator.is_valid(&misspelt), "an unknown setting is refused by the schema too");
}

#[tokio::test]
async fn flags_beat_settings_and_a_folder_of_specifications_is_read_at_start() {
    let (data, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let newer = json!({"openapi": "3.0.0", "paths": {"/widgets/": {"get": {"operationId": "list-widgets"}}}});
    std::fs::write(folder.path().join("widgets.json"), newer.to_string()).unwrap();
    let newer = folder.path().to_str().unwrap();
    for flag in [&["--spec-dir", newer][..], &["--set", &format!("ghl.spec_dir={newer}")]] {
        let (is_well, printed) = run(program("mcp-ghl", data.path(), &[&["doctor"], flag].concat())).await;
        assert!(is_well && printed.contains("668 known, in 43 families"), "{printed}");
    }
    let (is_well, printed) = run(program("luminar", data.path(), &["doctor", "--spec-dir", newer])).await;
    assert!(is_well && printed.contains("668 known"), "{printed}");

    std::fs::write(folder.path().join("broken.json"), "{").unwrap();
    let refused = program("mcp-ghl", data.path(), &["doctor", "--spec-dir", newer]).output().await.unwrap();
    let said = String::from_utf8_lossy(&refused.stderr);
    assert!(!refused.status.success() && said.contains("broken.json"), "{said}");
    let refused = program("mcp-ghl", data.path(), &["doctor", "--set", "deadline"]).output().await.unwrap();
    assert!(String::from_utf8_lossy(&refused.stderr).contains("tools.deadline_ms=60000"), "{refused:?}");
}

#[tokio::test]
async fn a_program_serves_though_nobody_reads_what_it_prints() {
    let data = tempfile::tempdir().unwrap();
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let settings = data.path().join("settings.toml");
    std::fs::write(&settings, format!("[server]\nport = {port}\n")).unwrap();
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = program("luminar", data.path(), &["--config", settings.to_str().unwrap()]);
    let mut suite = command.stdout(writer).spawn().unwrap();
    let address = ([127, 0, 0, 1], port).into();
    let serving = async {
        while exchange(address, "GET", "/health/live", &[], "").await.status != 200 {
            assert_eq!(suite.try_wait().unwrap(), None, "it has ended");
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(LIMIT, serving).await.expect("it serves");
}
