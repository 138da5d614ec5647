//! `POST /webhook/{workflow}`: programs with a token start workflows.

use std::sync::Arc;

use common::bootstrap::Foundation;
use common::clock::Clock;
use common::transport::SideDoors;
use mcp_orchestrator::callbacks::{Callbacks, SECRET_NAME};
use mcp_orchestrator::door::{StartDoor, start_routes};
use mcp_orchestrator::engine::Engine;
use serde_json::json;
use tests::database::TestDatabase;

use crate::inbox::stage::{NOW_MS, Stage};
use crate::inbox_routing::{Published, Runs};

async fn stage() -> (Stage, Arc<Runs>) {
    let runs = Arc::new(Runs::default());
    let engine: Arc<dyn Engine> = Arc::<Runs>::clone(&runs);
    let stage = Stage::open_with(TestDatabase::sqlite(), Clock::manual(NOW_MS), "", |foundation| {
        let door = StartDoor {
            engine,
            workflows: Arc::new(Published),
            callbacks: callbacks(foundation),
            clock: foundation.clock.clone(),
            metrics: foundation.metrics.clone(),
            body_bytes_max: 1_000,
        };
        // In place of the program's own, which starts real runs.
        foundation.side_doors = SideDoors::default();
        foundation.side_doors.add_gated(start_routes(door));
    });
    (stage.await, runs)
}

fn callbacks(foundation: &Foundation) -> Callbacks {
    let Foundation { db, clock, http, secrets, .. } = foundation.clone();
    Callbacks::new(db, clock, http, secrets)
}

fn owned(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

#[tokio::test]
async fn a_workflow_is_started_and_says_where_to_ask() {
    let (stage, runs) = stage().await;
    let body = r#"{"command":"book","context":{"contact":"c1"},"callback_url":"https://a.example/done"}"#;
    let unsigned = stage.post("/webhook/welcome", &[], body).await;
    assert_eq!(unsigned.status, 412, "nothing is promised that could not be signed: {}", unsigned.body);
    stage.keep_secret(SECRET_NAME, "whsec_c2VjcmV0").await;
    let answer = stage.post("/webhook/welcome", &[], body).await;
    assert_eq!(answer.status, 202, "{}", answer.body);
    let accepted = answer.json();
    let run = runs.started.lock().unwrap().values().next().cloned().unwrap();
    assert_eq!(accepted["run_id"], json!(run.run_id.0));
    assert_eq!(accepted["poll"]["arguments"], json!({"run": run.run_id.0}));
    assert_eq!(run.input, json!({"command": "book", "context": {"contact": "c1"}}));
    assert_eq!((run.callback.as_deref(), run.acting.subject.as_str()), (Some("https://a.example/done"), "local"));
}

#[tokio::test]
async fn a_key_starts_it_once() {
    let (stage, runs) = stage().await;
    let key = [owned("Idempotency-Key", "order-7")];
    let (first, again) =
        (stage.post("/webhook/welcome", &key, "").await, stage.post("/webhook/welcome", &key, "").await);
    assert_eq!((first.status, again.status), (202, 202), "{}", first.body);
    assert_eq!((&first.json()["duplicate"], &again.json()["duplicate"]), (&json!(false), &json!(true)));
    assert_eq!(runs.started.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn what_is_wrong_is_refused_before_anything_starts() {
    let (stage, runs) = stage().await;
    let long = format!("{{\"command\":\"{}\"}}", "x".repeat(2_000));
    for (path, headers, body, status) in [
        ("/webhook/unknown", vec![], "{}", 404),
        ("/webhook/welcome", vec![], "{", 400),
        ("/webhook/welcome", vec![], r#"{"comand":"x"}"#, 400),
        ("/webhook/welcome", vec![], r#"{"callback_url":"file:///etc/passwd"}"#, 400),
        ("/webhook/welcome", vec![], long.as_str(), 400),
        ("/webhook/welcome", vec![owned("Idempotency-Key", "")], "{}", 400),
        // The gate stands in front of it.
        ("/webhook/welcome", vec![owned("Host", "evil.example")], "{}", 403),
        ("/webhook/welcome", vec![owned("Origin", "https://evil.example")], "{}", 403),
    ] {
        let answer = stage.post(path, &headers, body).await;
        assert_eq!(answer.status, status, "{path} {headers:?} {body}: {}", answer.body);
    }
    assert!(runs.started.lock().unwrap().is_empty());
}
