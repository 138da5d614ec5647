//! `cancel_run`: a run ends, and twice is once.

use common::auth::Role;
use serde_json::json;
use tests::database::on_each_database;

use super::signal_run::WAITING;
use super::stage::{NOTING, Stage};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cancelled_run_says_why_and_stays_cancelled() {
    on_each_database(async |database| {
        let stage = Stage::open(database);
        stage.save("booking", WAITING).await;
        stage.save("intake", NOTING).await;
        let run = stage.call("start_run", json!({"workflow": "booking", "wait_ms": 0})).await["run"].clone();
        stage.run_that_is(&run, "waiting").await;
        let theirs = Stage::caller("globex", Role::Admin);
        let foreign = stage.call_as(&theirs, "cancel_run", json!({"run": run})).await;
        assert_eq!(foreign["error"]["code"], "not_found");
        let cancelled = stage.call("cancel_run", json!({"run": run, "reason": "no longer wanted"})).await;
        assert_eq!(cancelled["already"], false, "{cancelled:#}");
        let ended = stage.run_that_is(&run, "cancelled").await;
        assert_eq!(ended["outcome"]["cancelled"]["untrusted"], "no longer wanted", "{ended:#}");
        assert_eq!(stage.call("cancel_run", json!({"run": run})).await["already"], true);
        let done = stage.call("start_run", json!({"workflow": "intake", "input": {"contact": "c1"}})).await;
        let late = stage.call("cancel_run", json!({"run": done["run"]})).await;
        assert_eq!(late["error"]["code"], "failed_precondition", "{late:#}");
    })
    .await;
}
