//! `list_workflows`: what starts them, when they are due, how they fare; page by page, one's own.

use common::auth::Role;
use serde_json::json;
use tests::database::on_each_database;

use super::stage::{NOTING, Stage};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn workflows_are_listed_by_name_with_their_last_run() {
    on_each_database(async |database| {
        let stage = Stage::open(database);
        stage.save("zeta", NOTING).await;
        stage.save("alpha", &format!("schedule: {{cron: '0 9 * * 1-5'}}\n{NOTING}")).await;
        let run = stage.call("start_run", json!({"workflow": "alpha", "input": {"contact": "c1"}})).await;
        let first = stage.call("list_workflows", json!({"limit": 1})).await;
        let row = &first["items"][0];
        assert_eq!((&row["name"], &row["state"], &row["revision"]), (&json!("alpha"), &json!("published"), &json!(1)));
        assert_eq!(row["starts"], json!(["by cron 0 9 * * 1-5 (UTC)"]));
        assert_eq!(row["next_due"], "2026-11-20T09:00:00Z");
        assert_eq!((&row["last_run"]["run"], &row["last_run"]["status"]), (&run["run"], &json!("completed")));
        stage.save("every", &format!("schedule: {{every: PT45M}}\n{NOTING}")).await;
        let listed = stage.call("list_workflows", json!({"query": "every"})).await;
        assert_eq!(listed["items"][0]["next_due"], "2026-11-20T00:45:00Z", "{listed:#}");
        stage.call("set_workflow_state", json!({"workflow": "every", "state": "paused"})).await;
        let paused = stage.call("list_workflows", json!({"query": "every"})).await;
        assert_eq!(paused["items"][0].get("next_due"), None, "{paused:#}");
        stage.call("set_workflow_state", json!({"workflow": "every", "state": "removed"})).await;
        let second = stage.call("list_workflows", json!({"limit": 1, "cursor": first["next_cursor"]})).await;
        assert_eq!((&second["items"][0]["name"], second.get("next_cursor")), (&json!("zeta"), None));
        let found = stage.call("list_workflows", json!({"query": "ALPH"})).await;
        assert_eq!(found["items"].as_array().unwrap().len(), 1);
        let theirs = Stage::caller("globex", Role::Viewer);
        assert_eq!(stage.call_as(&theirs, "list_workflows", json!({})).await["items"], json!([]));
    })
    .await;
}
