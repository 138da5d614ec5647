//! `set_workflow_state`: paused is not started, removed is not there, and both come back.

use common::auth::Role;
use serde_json::json;
use tests::database::on_each_database;

use super::stage::{NOTING, Stage};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_paused_workflow_is_not_started_and_a_removed_one_is_not_there() {
    on_each_database(async |database| {
        let stage = Stage::open(database);
        stage.save("intake", &format!("schedule: {{on: {{one: {{with: {{type: LeadIn}}}}}}}}\n{NOTING}")).await;
        let set =
            async |state: &str| stage.call("set_workflow_state", json!({"workflow": "intake", "state": state})).await;
        let paused = set("paused").await;
        assert_eq!((&paused["before"], &paused["state"]), (&json!("published"), &json!("paused")), "{paused:#}");
        let lead = stage.call("send_event", json!({"type": "LeadIn", "data": {"contact": "c1"}})).await;
        let mut event = stage.call("get_event", json!({"event": lead["event_id"]})).await;
        while event["state"] == "new" {
            event = stage.call("get_event", json!({"event": lead["event_id"]})).await;
        }
        assert_eq!(event["state"], "unrouted");
        let saved = stage.save("intake", NOTING).await;
        assert_eq!(saved["state"], "paused", "saving does not start what somebody has stopped: {saved:#}");
        set("removed").await;
        let gone = stage.call("set_workflow_state", json!({"workflow": "intake", "state": "published"})).await;
        assert_eq!(gone["error"]["code"], "not_found", "{gone:#}");
        let saved = stage.save("intake", NOTING).await;
        assert_eq!((&saved["state"], &saved["revision"]), (&json!("published"), &json!(2)), "{saved:#}");
        let theirs = Stage::caller("globex", Role::Admin);
        let foreign =
            stage.call_as(&theirs, "set_workflow_state", json!({"workflow": "intake", "state": "removed"})).await;
        assert_eq!(foreign["error"]["code"], "not_found");
    })
    .await;
}
