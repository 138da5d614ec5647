//! `input.schema` holds whatever starts a run: what does not fit fails at once, and says so.

use std::time::Duration;

use serde_json::{Value, json};
use tests::database::on_each_database;

use super::stage::{NOTING, Stage};

const SCHEMA: &str = "\
input:
  schema:
    document:
      type: object
      required: [data]
      properties: {data: {type: object, required: [contact]}}
";

/// The runs of a workflow once there are so many that have ended.
async fn ended(stage: &Stage, workflow: &str, count: usize) -> Vec<Value> {
    loop {
        let runs = stage.call("list_runs", json!({"workflow": workflow})).await["items"].as_array().unwrap().clone();
        if runs.len() == count && runs.iter().all(|run| run["status"] != "running") {
            return runs;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_that_is_not_what_the_workflow_wants_is_a_failed_run_in_the_log() {
    on_each_database(async |database| {
        let stage = Stage::open(database);
        let on = "schedule: {on: {one: {with: {type: LeadIn}}}}\n";
        stage.save("intake", &format!("{on}{SCHEMA}{NOTING}")).await;
        let sent = stage.call("send_event", json!({"type": "LeadIn", "data": {"contcat": "c1"}})).await;
        let runs = ended(&stage, "intake", 1).await;
        assert_eq!(runs[0]["status"], "failed", "{runs:#?}");
        let log = stage.call("list_failures", json!({"workflow": "intake"})).await;
        let row = &log["items"][0];
        assert_eq!((&row["failed"][0], &row["code"]), (&runs[0]["run"], &json!("invalid_argument")), "{log:#}");
        let reason = row["reason"]["untrusted"].as_str().unwrap();
        assert!(reason.contains("/input/data") && reason.contains("contact"), "{reason}");
        // The run may be over before its event is noted as routed.
        let mut event = stage.call("get_event", json!({"event": sent["event_id"]})).await;
        while event["state"] == "new" {
            event = stage.call("get_event", json!({"event": sent["event_id"]})).await;
        }
        assert_eq!(event["started"][0]["run_id"], runs[0]["run"], "{event:#}");
        assert!(row["next_step"].as_str().unwrap().contains("input.schema"), "{row:#}");
        assert!(stage.crm.notes().is_empty(), "nothing of it is done");

        stage.call("send_event", json!({"type": "LeadIn", "data": {"contact": "c1"}})).await;
        let runs = ended(&stage, "intake", 2).await;
        assert!(runs.iter().any(|run| run["status"] == "completed"), "{runs:#?}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn so_is_what_the_clock_starts() {
    on_each_database(async |database| {
        let stage = Stage::open(database);
        stage.save("digest", &format!("schedule: {{every: PT1H}}\n{SCHEMA}{NOTING}")).await;
        stage.clock.advance(Duration::from_hours(1));
        let runs = ended(&stage, "digest", 1).await;
        assert_eq!(runs[0]["status"], "failed", "{runs:#?}");
        let log = stage.call("list_failures", json!({"workflow": "digest"})).await;
        assert_eq!(log["items"][0]["code"], "invalid_argument", "{log:#}");
        assert!(stage.crm.notes().is_empty());
    })
    .await;
}
