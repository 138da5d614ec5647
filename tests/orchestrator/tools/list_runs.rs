//! `list_runs`: newest first, by workflow and status, page by page, one's own.

use std::time::Duration;

use common::auth::Role;
use serde_json::json;
use tests::database::on_each_database;

use super::stage::{NOTING, Stage};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn runs_are_listed_newest_first_with_why_they_failed() {
    on_each_database(async |database| {
        let stage = Stage::open(database);
        stage.save("intake", NOTING).await;
        stage.save("other", NOTING).await;
        let mut runs = Vec::new();
        for workflow in ["intake", "other", "intake", "intake"] {
            stage.crm.fail_next(usize::from(runs.len() == 2));
            let run = stage.call("start_run", json!({"workflow": workflow, "input": {"contact": "c1"}})).await;
            runs.insert(0, run["run"].clone());
            stage.clock.advance(Duration::from_millis(1));
        }
        let first = stage.call("list_runs", json!({"limit": 3})).await;
        let second = stage.call("list_runs", json!({"limit": 3, "cursor": first["next_cursor"]})).await;
        let listed = first["items"].as_array().unwrap().iter().chain(second["items"].as_array().unwrap());
        assert_eq!(listed.map(|row| row["run"].clone()).collect::<Vec<_>>(), runs);
        let failed = stage.call("list_runs", json!({"workflow": "intake", "status": "failed"})).await;
        let items = failed["items"].as_array().unwrap();
        assert_eq!((items.len(), &items[0]["run"]), (1, &runs[1]), "{failed:#}");
        assert!(items[0]["problem"].as_str().unwrap().contains("CRM says no"), "{failed:#}");
        for (arguments, code) in [
            (json!({"workflow": "intaek"}), "not_found"),
            (json!({"since": "yesterday"}), "invalid_argument"),
            (json!({"cursor": first["next_cursor"]}), "invalid_argument"),
            (json!({"status": "lost"}), "invalid_argument"),
        ] {
            let refused = stage.call("list_runs", arguments.clone()).await;
            assert_eq!(refused["error"]["code"], code, "{arguments}: {refused:#}");
        }
        let theirs = Stage::caller("globex", Role::Viewer);
        assert_eq!(stage.call_as(&theirs, "list_runs", json!({})).await["items"], json!([]));
    })
    .await;
}
