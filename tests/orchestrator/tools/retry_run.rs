//! `retry_run`: a failed run goes on, from where it failed or elsewhere, with its input as given, or past it.

use common::auth::Role;
use serde_json::{Value, json};
use tests::database::on_each_database;

use super::stage::{NOTING, Stage};

async fn failed(stage: &Stage) -> Value {
    stage.crm.fail_next(1);
    let run = stage.call("start_run", json!({"workflow": "intake", "input": {"contact": "c1"}})).await;
    assert_eq!(
        (&run["status"], &run["outcome"]["failure"]["step"]),
        (&json!("failed"), &json!("/do/1/note")),
        "{run:#}"
    );
    run["run"].clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failed_run_goes_on_from_a_step_with_its_input_or_past_it() {
    on_each_database(async |database| {
        let stage = Stage::open(database);
        stage.save("intake", NOTING).await;
        for (how, from, note) in [
            (json!({}), Value::Null, "c1: hello"),
            (json!({"from": "note", "input": {"contact": "c2"}}), json!("/do/1/note"), "c2: hello"),
            (json!({"from": "/do/0/greet", "input": {"contact": "c3"}}), json!("/do/0/greet"), "c3: hello"),
            (json!({"skip_with": {"note": "by hand"}}), Value::Null, "by hand"),
        ] {
            let run = failed(&stage).await;
            let mut arguments = how.clone();
            arguments["run"] = run.clone();
            let retried = stage.call("retry_run", arguments).await;
            assert_eq!((&retried["run"], &retried["from"]), (&run, &from), "{how}: {retried:#}");
            let ended = stage.run_that_is(&run, "completed").await;
            assert_eq!(ended["outcome"]["output"]["untrusted"]["note"], note, "{how}: {ended:#}");
        }
        assert_eq!(stage.crm.notes(), ["c1: hello", "c2: hello", "c3: hello"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_retried_is_said() {
    let stage = Stage::open(tests::database::TestDatabase::sqlite());
    stage.save("intake", NOTING).await;
    let run = failed(&stage).await;
    let unknown = stage.call("retry_run", json!({"run": run, "from": "noet"})).await;
    assert_eq!(unknown["error"]["code"], "not_found");
    assert_eq!(unknown["error"]["details"]["candidates"][1]["id"], "/do/1/note", "{unknown:#}");
    let both = stage.call("retry_run", json!({"run": run, "from": "note", "skip_with": {}})).await;
    assert_eq!(both["error"]["code"], "invalid_argument");
    let theirs = Stage::caller("globex", Role::Admin);
    assert_eq!(stage.call_as(&theirs, "retry_run", json!({"run": run})).await["error"]["code"], "not_found");
    stage.call("retry_run", json!({"run": run})).await;
    stage.run_that_is(&run, "completed").await;
    let again = stage.call("retry_run", json!({"run": run})).await;
    assert_eq!(again["error"]["code"], "failed_precondition", "{again:#}");
}
