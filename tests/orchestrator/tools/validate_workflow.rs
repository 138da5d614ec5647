//! `validate_workflow`: every flaw with line and column, also in the calls of tools; nothing is saved.

use serde_json::json;
use tests::database::TestDatabase;

use super::stage::{NOTING, Stage, definition};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn flaws_have_line_and_column_wherever_they_are() {
    let stage = Stage::open(TestDatabase::sqlite());
    let misspelt = definition("intake", &NOTING.replace("tool: add_note", "tool: add_notes"));
    let answer = stage.call("validate_workflow", json!({"definition": misspelt})).await;
    assert_eq!(answer["valid"], false, "{answer:#}");
    let flaw = &answer["flaws"][0];
    assert_eq!((&flaw["line"], &flaw["at"]), (&json!(7), &json!("/do/1/note/with/tool")), "{flaw:#}");
    assert!(flaw["expected"].as_str().unwrap().contains("`add_note`"), "{flaw:#}");
    let answer = stage.call("validate_workflow", json!({"definition": definition("intake", "od: []")})).await;
    assert_eq!((&answer["flaws"][1]["line"], &answer["flaws"][1]["at"]), (&json!(2), &json!("/od")), "{answer:#}");
    let missing = definition("intake", &NOTING.replace("contact: '${ .contact }', ", ""));
    let answer = stage.call("validate_workflow", json!({"definition": missing})).await;
    assert_eq!(answer["flaws"][0]["at"], "/do/1/note/with/arguments/contact", "{answer:#}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_good_definition_says_what_it_is_and_is_not_saved() {
    let stage = Stage::open(TestDatabase::sqlite());
    let answer = stage.call("validate_workflow", json!({"definition": definition("intake", NOTING)})).await;
    assert_eq!(answer["valid"], true, "{answer:#}");
    assert_eq!(answer["workflow"]["calls"], json!(["crm.add_note"]));
    assert_eq!(answer["workflow"]["steps"], 2);
    assert_eq!(stage.call("list_workflows", json!({})).await["items"], json!([]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_misspelt_is_a_flaw_and_one_that_is_not_there_yet_a_warning() {
    let stage = Stage::open(TestDatabase::sqlite());
    let misspelt = definition("intake", &NOTING.replace("server: crm", "server: cmr"));
    let answer = stage.call("validate_workflow", json!({"definition": misspelt})).await;
    assert_eq!(answer["flaws"][0]["at"], "/do/1/note/with/server", "{answer:#}");
    let unknown = definition("intake", &NOTING.replace("server: crm", "server: accounting"));
    let answer = stage.call("validate_workflow", json!({"definition": unknown})).await;
    assert_eq!(answer["valid"], true, "{answer:#}");
    assert!(answer["warnings"][0].as_str().unwrap().contains("`accounting`"), "{answer:#}");
    assert_eq!(answer["workflow"]["for_good"], json!(["accounting.add_note"]), "nobody knows what it does");
}
