//! Whoever started a run is told what became of it: signed, under one id, until they say yes.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::http::{HeaderMap, StatusCode};
use common::bootstrap::Foundation;
use common::clock::Clock;
use common::http::{HttpClient, HttpSettings};
use mcp_orchestrator::callbacks::{Callbacks, Message, RunEnded, SECRET_NAME};
use mcp_orchestrator::signature::{Request, Scheme, StandardKeys};
use serde_json::json;
use tests::database::on_each_database;

use crate::inbox::stage::{NOW_MS, Stage};

const SECRET: &str = "whsec_c2VjcmV0IG9mIGNhbGxiYWNrcw==";

type Heard = Arc<Mutex<Vec<(HeaderMap, String)>>>;

/// Whoever wants to be told: busy the first time. Returns its address.
async fn listener(heard: &Heard) -> String {
    let socket = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap();
    let heard = Arc::clone(heard);
    let hear = move |headers: HeaderMap, body: String| async move {
        let mut heard = heard.lock().unwrap();
        heard.push((headers, body));
        if heard.len() == 1 { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::NO_CONTENT }
    };
    let router = axum::Router::new().route("/done", axum::routing::post(hear));
    #[expect(clippy::disallowed_methods, reason = "the far side is nobody's task")]
    tokio::spawn(async move { axum::serve(socket, router).await });
    address.to_string()
}

async fn keep(foundation: &Foundation, callbacks: &Callbacks, url: &str) {
    let outcome = json!({"booked": true});
    let message = Message {
        kind: "run.completed",
        timestamp: "2026-11-20T00:00:00Z".to_owned(),
        data: RunEnded { run_id: "run_1", workflow: "welcome", outcome: &outcome },
    };
    let mut tx = foundation.db.begin().await.unwrap();
    callbacks.keep(&mut tx, &"local".parse().unwrap(), url, &message).await.unwrap();
    tx.commit().await.unwrap();
}

async fn state(stage: &Stage) -> (String, i64) {
    sqlx::query_as("select state, attempts from orchestrator_callbacks").fetch_one(&stage.bypass().await).await.unwrap()
}

#[tokio::test]
async fn an_outcome_is_told_until_it_is_heard_under_one_id_and_signed() {
    on_each_database(async |database| {
        let stage = Stage::open(database, Clock::manual(NOW_MS), "").await;
        stage.keep_secret(SECRET_NAME, SECRET).await;
        let heard = Heard::default();
        let address = listener(&heard).await;
        let Foundation { db, clock, secrets, .. } = stage.foundation.clone();
        let settings = HttpSettings { egress_allow: vec![address.clone()], ..HttpSettings::default() };
        let callbacks = Callbacks::new(db, clock.clone(), HttpClient::new(settings, clock.clone()), secrets);
        keep(&stage.foundation, &callbacks, &format!("http://{address}/done")).await;
        assert_eq!(callbacks.round().await.unwrap(), 1);
        assert_eq!(state(&stage).await, ("due".to_owned(), 1));
        clock.advance(Duration::from_secs(4));
        assert_eq!(callbacks.round().await.unwrap(), 0, "not before five seconds");
        clock.advance(Duration::from_secs(3));
        assert_eq!(callbacks.round().await.unwrap(), 1);
        assert_eq!(state(&stage).await, ("told".to_owned(), 2));
        assert_eq!(callbacks.round().await.unwrap(), 0, "once is enough");

        let heard = heard.lock().unwrap();
        assert_eq!(heard.len(), 2);
        assert_eq!(heard[0].0["webhook-id"], heard[1].0["webhook-id"], "a repetition is known as one");
        let (headers, body) = &heard[1];
        let scheme = Scheme::StandardWebhooks(StandardKeys::parse(SECRET).unwrap());
        let request = Request { headers, body: body.as_bytes(), now_ms: clock.now_ms(), tolerance_ms: Some(1_000) };
        assert_eq!(scheme.verify(&request), Ok(()), "signed when it was sent");
        let said: serde_json::Value = serde_json::from_str(body).unwrap();
        assert_eq!((&said["type"], &said["data"]["outcome"]), (&json!("run.completed"), &json!({"booked": true})));
    })
    .await;
}

#[tokio::test]
async fn what_may_not_be_reached_is_not_and_is_given_up_in_the_end() {
    let stage = Stage::open(tests::database::TestDatabase::sqlite(), Clock::manual(NOW_MS), "").await;
    stage.keep_secret(SECRET_NAME, SECRET).await;
    let heard = Heard::default();
    let address = listener(&heard).await;
    let Foundation { db, clock, http, secrets, .. } = stage.foundation.clone();
    let callbacks = Callbacks::new(db, clock.clone(), http, secrets);
    keep(&stage.foundation, &callbacks, &format!("http://{address}/done")).await;
    for _ in 0..8 {
        assert_eq!(callbacks.round().await.unwrap(), 1);
        clock.advance(Duration::from_hours(13));
    }
    assert_eq!(callbacks.round().await.unwrap(), 0);
    assert_eq!(state(&stage).await, ("failed".to_owned(), 8), "Svix's schedule has seven pauses");
    assert!(heard.lock().unwrap().is_empty(), "the guard let nothing out");
}
