//! Event → run → trace → replay: what an agent walks through in four calls.

use serde_json::json;
use tests::database::on_each_database;

use super::stage::{NOTING, Stage};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_its_run_the_trace_and_a_replay_are_four_calls() {
    on_each_database(async |database| {
        let stage = Stage::open(database);
        stage.save("intake", &format!("schedule: {{on: {{one: {{with: {{type: LeadIn}}}}}}}}\n{NOTING}")).await;
        let sent = stage.call("send_event", json!({"type": "LeadIn", "data": {"contact": "c1"}})).await;
        let mut event = stage.call("get_event", json!({"event": sent["event_id"]})).await;
        while event["state"] == "new" {
            event = stage.call("get_event", json!({"event": sent["event_id"]})).await;
        }
        let run = &event["started"][0]["run_id"];
        let trace = stage.run_that_is(run, "completed").await;
        let notes: Vec<_> =
            trace["steps"].as_array().unwrap().iter().map(|step| step["note"]["untrusted"].clone()).collect();
        assert_eq!(notes.last(), Some(&json!("noted c1: hello")), "{trace:#}");
        let replayed = stage.call("send_event", json!({"replay": sent["event_id"], "anew": true})).await;
        assert_ne!(replayed["event_id"], sent["event_id"], "{replayed:#}");
        let mut runs = stage.call("list_runs", json!({"workflow": "intake", "status": "completed"})).await;
        while runs["items"].as_array().unwrap().len() < 2 {
            runs = stage.call("list_runs", json!({"workflow": "intake", "status": "completed"})).await;
        }
        assert_eq!(stage.crm.notes(), ["c1: hello", "c1: hello"]);
    })
    .await;
}
