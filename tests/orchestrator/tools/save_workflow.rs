//! `save_workflow`: shown first, idempotent by text, a yes for what reaches people, and nobody else's.

use common::auth::Role;
use serde_json::{Value, json};
use tests::database::{TestDatabase, on_each_database};

use super::stage::{NOTING, Stage, definition};

const SENDING: &str = "\
do:
  - tell:
      call: mcp
      with: {server: crm, tool: send_message, arguments: {contact: c1, text: hello}}
";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_workflow_is_shown_saved_once_and_changed_in_words() {
    on_each_database(async |database| {
        let stage = Stage::open(database);
        let text = definition("intake", NOTING);
        let shown = stage.call("save_workflow", json!({"definition": text})).await;
        assert_eq!((&shown["applied"], shown.get("revision")), (&json!(false), None), "{shown:#}");
        assert_eq!(
            shown["changes"],
            json!(["a workflow that is not there yet, with 2 steps", "may call crm.add_note"])
        );
        assert_eq!(stage.call("list_workflows", json!({})).await["items"], json!([]));
        for _ in 0..2 {
            let saved = stage.call("save_workflow", json!({"definition": text, "apply": true})).await;
            assert_eq!((&saved["applied"], &saved["revision"]), (&json!(true), &json!(1)), "{saved:#}");
        }
        let changed =
            definition("intake", &format!("schedule: {{cron: '0 9 * * 1-5'}}\n{NOTING}").replace("hello", "hi"));
        let saved = stage.call("save_workflow", json!({"definition": changed, "apply": true})).await;
        assert_eq!(saved["revision"], 2);
        assert_eq!(saved["changes"], json!(["changes the step `note`", "starts by cron 0 9 * * 1-5 (UTC)"]));
        let back = stage.call("save_workflow", json!({"definition": text, "apply": true})).await;
        assert_eq!(back["revision"], 3, "an earlier text is a later revision: {back:#}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_workflow_that_reaches_people_needs_a_yes_to_its_plan() {
    let stage = Stage::open(TestDatabase::sqlite());
    let text = definition("teller", SENDING);
    let shown = stage.call("save_workflow", json!({"definition": text})).await;
    assert_eq!(shown["for_good"], json!(["crm.send_message"]), "{shown:#}");
    let asked = stage.call("save_workflow", json!({"definition": text, "apply": true})).await;
    assert_eq!(asked["error"]["code"], "approval_required", "{asked:#}");
    let summary = asked["error"]["details"]["plan"]["plan"]["summary"].as_str().unwrap_or_default();
    assert!(summary.contains("may call crm.send_message"), "{asked:#}");
    assert_eq!(stage.call("list_workflows", json!({})).await["items"], json!([]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_work_is_refused_with_its_place() {
    let stage = Stage::open(TestDatabase::sqlite());
    let places = |answer: &Value| -> Vec<String> {
        let faults = answer["error"]["details"]["faults"].as_array().cloned().unwrap_or_default();
        faults.iter().map(|fault| fault["field"].as_str().unwrap().to_owned()).collect()
    };
    let wrong = NOTING.replace("add_note", "ad_note");
    let refused = stage.call("save_workflow", json!({"definition": definition("intake", &wrong), "apply": true})).await;
    assert_eq!(places(&refused), ["/do/1/note/with/tool"], "{refused:#}");
    let wrong = NOTING.replace("text: hello", "text: 7, txet: a");
    let refused = stage.call("save_workflow", json!({"definition": definition("intake", &wrong), "apply": true})).await;
    assert_eq!(places(&refused), ["/do/1/note/with/arguments/text", "/do/1/note/with/arguments/txet"], "{refused:#}");
    let refused = stage.call("save_workflow", json!({"definition": "do: ["})).await;
    assert_eq!(refused["error"]["code"], "invalid_argument", "{refused:#}");
    let viewer = Stage::caller("acme", Role::Viewer);
    let refused = stage.call_as(&viewer, "save_workflow", json!({"definition": definition("intake", NOTING)})).await;
    assert_eq!(refused["error"]["code"], "permission_denied");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ready_workflow_is_saved_by_its_name() {
    let stage = Stage::open(TestDatabase::sqlite());
    let shown = stage.call("save_workflow", json!({"ready": "lead-intake"})).await;
    assert_eq!((&shown["workflow"], &shown["applied"]), (&json!("lead-intake"), &json!(false)), "{shown:#}");
    assert!(shown["warnings"][0].as_str().unwrap().contains("`ghl`"), "{shown:#}");
    let unknown = stage.call("save_workflow", json!({"ready": "lead-intak"})).await;
    assert_eq!(unknown["error"]["details"]["candidates"][0]["id"], "lead-intake", "{unknown:#}");
    let neither = stage.call("save_workflow", json!({})).await;
    assert_eq!(neither["error"]["code"], "invalid_argument");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_tenants_have_workflows_of_the_same_name() {
    on_each_database(async |database| {
        let stage = Stage::open(database);
        stage.save("intake", NOTING).await;
        let theirs = Stage::caller("globex", Role::Member);
        let text = definition("intake", &NOTING.replace("hello", "hi"));
        let saved = stage.call_as(&theirs, "save_workflow", json!({"definition": text, "apply": true})).await;
        assert_eq!(saved["revision"], 1, "{saved:#}");
        let ours = stage.call("start_run", json!({"workflow": "intake", "input": {"contact": "c1"}})).await;
        assert_eq!(ours["outcome"]["output"]["untrusted"]["note"], "c1: hello", "{ours:#}");
    })
    .await;
}
