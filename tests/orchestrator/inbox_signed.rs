//! `POST /webhook/{workflow}/{tenant}`: programs without a token start a workflow by its own secret.

use common::clock::Clock;
use serde_json::json;
use tests::database::TestDatabase;

use crate::inbox::stage::{NOW_MS, Stage};
use tests::senders::{hmac_hex, standard};

const ECHO: &str = "
document: {dsl: '1.0.0', namespace: default, name: echo, version: '1.0.0'}
do: [{say: {set: {said: '${ .command }'}}}]
";

async fn stage() -> Stage {
    let stage = Stage::open(TestDatabase::sqlite(), Clock::manual(NOW_MS), "").await;
    let saved = stage.call("save_workflow", json!({"definition": ECHO, "apply": true})).await;
    assert_eq!(saved["applied"], true, "{saved:#}");
    stage
}

#[tokio::test]
async fn a_signed_request_starts_its_workflow_once_for_whoever_published_it() {
    let stage = stage().await;
    stage.keep_secret("orchestrator/workflows/echo", "echo-secret").await;
    let body = r#"{"command":"book"}"#;
    let signed = hmac_hex("echo-secret", "d1", body);
    let first = stage.post("/webhook/echo/local", &signed, body).await;
    let again = stage.post("/webhook/echo/local", &signed, body).await;
    assert_eq!((first.status, again.status), (202, 202), "{}", first.body);
    assert_eq!((&first.json()["duplicate"], &again.json()["duplicate"]), (&json!(false), &json!(true)));
    let run = stage.call("get_run", json!({"run": first.json()["run_id"]})).await;
    assert_eq!(run["input"]["untrusted"], json!({"command": "book", "context": null}), "{run:#}");
}

#[tokio::test]
async fn standard_webhooks_are_known_by_their_id() {
    let stage = stage().await;
    let secret = "whsec_c3RhbmRhcmQtc2VjcmV0";
    stage.keep_secret("orchestrator/workflows/echo", secret).await;
    let mut runs = Vec::new();
    for (id, body) in [("m1", "{}"), ("m1", "{}"), ("m2", "{}")] {
        let answer = stage.post("/webhook/echo/local", &standard(secret, id, NOW_MS, body), body).await;
        assert_eq!(answer.status, 202, "{}", answer.body);
        runs.push(answer.json()["run_id"].clone());
    }
    assert!(runs[0] == runs[1] && runs[1] != runs[2], "{runs:?}");
    let old = stage.post("/webhook/echo/local", &standard(secret, "m3", NOW_MS - 301_000, "{}"), "{}").await;
    assert_eq!(old.status, 401, "{}", old.body);
}

#[tokio::test]
async fn nobody_else_starts_anything_and_all_refusals_look_the_same() {
    let stage = stage().await;
    let body = r#"{"command":"book"}"#;
    let none = stage.post("/webhook/echo/local", &hmac_hex("", "d1", body), body).await;
    stage.keep_secret("orchestrator/workflows/echo", "echo-secret").await;
    let mut refusals = vec![(none.status, none.body)];
    for (path, headers) in [
        ("/webhook/echo/local", hmac_hex("other", "d1", body)),
        ("/webhook/echo/local", Vec::new()),
        ("/webhook/other/local", hmac_hex("echo-secret", "d1", body)),
        ("/webhook/echo/acme", hmac_hex("echo-secret", "d1", body)),
        ("/webhook/e%20o/No+One", hmac_hex("echo-secret", "d1", body)),
    ] {
        let answer = stage.post(path, &headers, body).await;
        refusals.push((answer.status, answer.body));
    }
    refusals.dedup();
    assert_eq!(refusals.len(), 1, "{refusals:?}");
    assert_eq!(refusals[0].0, 401);
    let wrong = "{";
    let unreadable = stage.post("/webhook/echo/local", &hmac_hex("echo-secret", "d1", wrong), wrong).await;
    assert_eq!(unreadable.status, 400, "{}", unreadable.body);
    let runs = stage.call("list_runs", json!({})).await;
    assert_eq!(runs["items"], json!([]), "{runs:#}");
}
