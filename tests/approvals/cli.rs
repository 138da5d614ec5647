//! The inbox and the stop from the command line, by another process on the same database.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use common::error::ErrorCode;
use common::tool::DispatchSettings;
use serde_json::{Value, json};
use tests::binary;
use tests::database::TestDatabase;
use tokio::process::Command;

use crate::stage::{Stage, roomy};

/// Runs `mcp-ghl approvals …`; whether it succeeded, and what it printed on both streams.
async fn approvals(data: &Path, arguments: &[&str]) -> (bool, String) {
    let mut command = Command::new(binary::path("mcp-ghl"));
    command.arg("approvals").args(arguments).arg("--data-dir").arg(data).env_clear().env("HOME", data);
    let output = command.output().await.expect("the program runs");
    let text = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(text).expect("text"))
}

/// A stage on the database of a data folder, at the time that other programs have.
fn stage_in_data_folder(database: &mut TestDatabase) -> Stage {
    database.file = database.folder().join("luminar.db");
    #[expect(clippy::disallowed_methods, reason = "the other program has the system's clock")]
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    let now_ms = i64::try_from(now.as_millis()).expect("before the year 292278994");
    Stage::at(database, roomy(), DispatchSettings::default(), now_ms)
}

#[tokio::test]
async fn an_operator_lists_shows_approves_and_refuses() {
    let mut database = TestDatabase::sqlite();
    let stage = stage_in_data_folder(&mut database);
    let (yes, no) = (json!({ "note": "yes" }), json!({ "note": "no" }));
    let approved = stage.propose("ann", "send_note", yes.clone()).await;
    let refused = stage.propose("ann", "send_note", no.clone()).await;
    let data = database.folder();
    let acme = ["--tenant", "acme"];
    let (approved_id, refused_id) = (approved.to_string(), refused.to_string());

    let (is_good, listed) = approvals(data, &["list", "--tenant", "acme"]).await;
    assert!(is_good, "{listed}");
    println!("$ approvals list --tenant acme\n{listed}");
    assert!(listed.contains(&format!("{approved_id}  pending   ann  send_note: send_note `yes`")), "{listed}");
    assert_eq!(listed.lines().count(), 2, "{listed}");
    let (_, elsewhere) = approvals(data, &["list"]).await;
    assert_eq!(elsewhere.trim(), "nothing waits for a yes in `local`");

    let (is_good, shown) = approvals(data, &[&["show", &approved_id], acme.as_slice()].concat()).await;
    let shown: Value = serde_json::from_str(&shown).expect("JSON");
    assert!(is_good && shown["plan"]["count"] == 1 && shown["subject"] == "ann", "{shown}");

    let (is_good, said) = approvals(data, &[&["approve", &approved_id], acme.as_slice()].concat()).await;
    println!("$ approvals approve {approved_id} --tenant acme\n{said}");
    assert!(is_good && said.contains("approved"), "{said}");
    let (is_good, said) = approvals(data, &[&["refuse", &refused_id], acme.as_slice()].concat()).await;
    assert!(is_good && said.contains("refused"), "{said}");
    let (is_good, said) = approvals(data, &[&["approve", &refused_id], acme.as_slice()].concat()).await;
    assert!(!is_good && said.contains("conflict"), "{said}");
    let (is_good, said) = approvals(data, &["approve", &approved_id]).await;
    assert!(!is_good && said.contains("not_found"), "another tenant's plan is not there: {said}");

    stage.call("ann", Some(approved), ("send_note", yes)).await.expect("it is approved");
    let called = stage.call("ann", Some(refused), ("send_note", no)).await;
    assert_eq!(called.expect_err("it is refused").code(), ErrorCode::PermissionDenied);
}

#[tokio::test]
async fn an_operator_stops_and_resumes_a_running_process() {
    let mut database = TestDatabase::sqlite();
    let stage = stage_in_data_folder(&mut database);
    let note = json!({ "note": "hello" });
    let data = database.folder();
    let (is_good, said) = approvals(data, &["stop", "--tenant", "acme"]).await;
    println!("$ approvals stop --tenant acme\n{said}");
    assert!(is_good, "{said}");
    let called = stage.call("ann", None, ("update_note", note.clone())).await;
    assert_eq!(called.expect_err("it is stopped").code(), ErrorCode::PermissionDenied);
    let (is_good, said) = approvals(data, &["resume", "--tenant", "acme"]).await;
    println!("$ approvals resume --tenant acme\n{said}");
    assert!(is_good && said.contains("`acme` goes on"), "{said}");
    stage.call("ann", None, ("update_note", note)).await.expect("it goes on");
}
