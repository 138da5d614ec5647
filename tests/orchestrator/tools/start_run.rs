//! `start_run`: the job, names, bad input, keys, and whose runs they are.

use common::auth::Role;
use serde_json::json;
use tests::database::on_each_database;

use super::stage::{NOTING, Stage};

const WITH_SCHEMA: &str = "input: {schema: {document: {type: object, required: [contact], additionalProperties: false, \
    properties: {contact: {type: string}}}}}\n";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_short_run_is_answered_with_its_outcome_and_a_key_starts_it_once() {
    on_each_database(async |database| {
        let stage = Stage::open(database);
        stage.save("intake", &format!("{WITH_SCHEMA}{NOTING}")).await;
        let start = json!({"workflow": "intake", "input": {"contact": "c1"}, "key": "k1"});
        let first = stage.call("start_run", start.clone()).await;
        assert_eq!(first["status"], "completed", "{first:#}");
        assert_eq!(first["outcome"]["output"]["untrusted"]["note"], "c1: hello");
        assert_eq!(first["duplicate"], false);
        let again = stage.call("start_run", start).await;
        assert_eq!((&again["run"], &again["duplicate"]), (&first["run"], &json!(true)));
        assert_eq!(stage.crm.notes(), ["c1: hello"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_wrong_is_said_with_what_would_be_right() {
    let stage = Stage::open(tests::database::TestDatabase::sqlite());
    stage.save("intake", &format!("{WITH_SCHEMA}{NOTING}")).await;
    let misspelt = stage.call("start_run", json!({"workflow": "intaek"})).await;
    assert_eq!(misspelt["error"]["code"], "not_found");
    assert_eq!(misspelt["error"]["details"]["candidates"][0]["id"], "intake", "{misspelt:#}");
    let bad = stage.call("start_run", json!({"workflow": "intake", "input": {"contcat": "c1"}})).await;
    let fields: Vec<_> =
        bad["error"]["details"]["faults"].as_array().unwrap().iter().map(|fault| fault["field"].clone()).collect();
    assert!(fields.contains(&json!("/input/contact")) && fields.contains(&json!("/input/contcat")), "{bad:#}");
    stage.call("set_workflow_state", json!({"workflow": "intake", "state": "paused"})).await;
    let paused = stage.call("start_run", json!({"workflow": "intake", "input": {"contact": "c1"}})).await;
    assert_eq!(paused["error"]["code"], "failed_precondition", "{paused:#}");
    let theirs = Stage::caller("globex", Role::Member);
    let foreign = stage.call_as(&theirs, "start_run", json!({"workflow": "intake"})).await;
    assert_eq!(foreign["error"]["code"], "not_found");
    assert_eq!(foreign["error"]["details"].get("candidates"), None, "nothing of another tenant is named");
    let viewer = Stage::caller("acme", Role::Viewer);
    let refused = stage.call_as(&viewer, "start_run", json!({"workflow": "intake"})).await;
    assert_eq!(refused["error"]["code"], "permission_denied");
    assert!(stage.crm.notes().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_is_not_waited_for_goes_on_by_itself() {
    let stage = Stage::open(tests::database::TestDatabase::sqlite());
    stage.save("intake", NOTING).await;
    let started =
        stage.call("start_run", json!({"workflow": "intake", "input": {"contact": "c2"}, "wait_ms": 0})).await;
    assert!(started["run"].as_str().unwrap().starts_with("run_"), "{started:#}");
    stage.run_that_is(&started["run"], "completed").await;
}
