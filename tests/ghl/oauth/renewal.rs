//! Tokens end, and the calls go on.

use std::time::Duration;

use common::clock::Clock;
use common::tenant::TenantId;
use futures_util::future::join_all;
use mcp_ghl::sandbox::DEMO_APP;
use serde_json::{Value, json};
use tests::http::exchange;

use super::stage::Stage;
use crate::bench::{DENTAL, GYM};

const REFRESH: &str = "POST /oauth/token";

/// A login's own renewal, as another process would make it.
async fn refresh_elsewhere(stage: &Stage, login: &Value) -> Value {
    let body = format!(
        "client_id={}&client_secret={}&grant_type=refresh_token&refresh_token={}&user_type={}",
        DEMO_APP.client_id,
        DEMO_APP.client_secret,
        login["refresh_token"].as_str().unwrap(),
        login["user_type"].as_str().unwrap()
    );
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    let answer = exchange(stage.emulator, "POST", "/oauth/token", &headers, &body).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()
}

#[tokio::test]
async fn twenty_calls_that_meet_401_make_one_refresh() {
    let stage = Stage::new().await;
    stage.log_in(DENTAL).await;
    let session = stage.server();
    session.call("list_locations", json!({})).await;
    stage.end_access();
    join_all((0..20).map(|_| session.call("search_contacts", json!({"limit": 1})))).await;
    let requests = stage.requests().await;
    let refused = requests.iter().filter(|line| line.ends_with(" 401")).count();
    assert!(refused >= 20, "every call met 401: {requests:?}");
    assert_eq!(stage.count(REFRESH).await, 2, "one login, one refresh: {requests:?}");
}

#[tokio::test]
async fn a_location_of_an_agency_is_opened_anew_and_the_agency_refreshed_once() {
    let stage = Stage::new().await;
    stage.log_in("agency").await;
    let session = stage.server();
    for location in [GYM, DENTAL] {
        session.call("search_contacts", json!({"location": location, "limit": 1})).await;
    }
    stage.end_access();
    let locations = [GYM, DENTAL].into_iter().cycle().take(20);
    join_all(locations.map(|location| session.call("search_contacts", json!({"location": location, "limit": 1}))))
        .await;
    assert_eq!(stage.count(REFRESH).await, 2, "one login, one refresh");
    assert_eq!(stage.count("POST /oauth/locationToken 200").await, 4, "two locations, twice");
}

#[tokio::test]
async fn a_token_is_renewed_before_it_ends() {
    let stage = Stage::new().await;
    stage.log_in(DENTAL).await;
    let first = stage.server().stored(&format!("ghl/oauth/location/{DENTAL}")).await;
    let ends_at_ms = first["expires_at_ms"].as_i64().unwrap();
    let session = stage.server_at(Clock::manual(ends_at_ms - 61_000));
    session.call("list_locations", json!({})).await;
    assert_eq!(stage.count(REFRESH).await, 1);
    let session = stage.server_at(Clock::manual(ends_at_ms - 59_000));
    session.call("list_locations", json!({})).await;
    assert_eq!(stage.count(REFRESH).await, 2);
    assert!(stage.requests().await.iter().all(|line| !line.ends_with(" 401")));
    // Where it cannot be renewed ahead of time, it serves to its end.
    let name = format!("ghl/oauth/location/{DENTAL}");
    let ends_at_ms = session.stored(&name).await["expires_at_ms"].as_i64().unwrap();
    refresh_elsewhere(&stage, &session.stored(&name).await).await;
    stage.clock.advance(Duration::from_secs(31));
    stage.server_at(Clock::manual(ends_at_ms - 1_000)).call("list_locations", json!({})).await;
    assert_eq!(stage.count("POST /oauth/token 401").await, 1);
    let second = session.stored(&format!("ghl/oauth/location/{DENTAL}")).await;
    assert_ne!(first["refresh_token"], second["refresh_token"], "it rotates");
}

#[tokio::test]
async fn who_dies_between_the_vendors_answer_and_the_vault_costs_nobody_the_login() {
    let stage = Stage::new().await;
    stage.log_in(DENTAL).await;
    let session = stage.server();
    stage.end_access();
    let name = format!("ghl/oauth/location/{DENTAL}");
    // Another process has had the answer, and dies before it has stored it.
    let lost = refresh_elsewhere(&stage, &session.stored(&name).await).await;
    stage.clock.advance(Duration::from_secs(29));
    session.call("list_locations", json!({})).await;
    let stored = session.stored(&name).await;
    assert_eq!(stored["access_token"], lost["access_token"]);
    assert_eq!(stored["refresh_token"], lost["refresh_token"]);
}

#[tokio::test]
async fn a_lost_answer_is_asked_for_again() {
    let stage = Stage::new().await;
    stage.log_in(DENTAL).await;
    let session = stage.server();
    stage.end_access();
    stage.order_fault(json!({"kind": "done_but_server_error", "path_prefix": "/oauth/token"})).await;
    session.call("list_locations", json!({})).await;
    assert_eq!(stage.count("POST /oauth/token 500").await, 1);
    assert_eq!(stage.count("POST /oauth/token 200").await, 2, "the login, and the same answer again");
}

#[tokio::test]
async fn a_refused_refresh_asks_for_a_person_and_asks_the_vendor_once() {
    let stage = Stage::new().await;
    stage.log_in(DENTAL).await;
    let session = stage.server();
    session.call("list_locations", json!({})).await;
    stage.end_access();
    refresh_elsewhere(&stage, &session.stored(&format!("ghl/oauth/location/{DENTAL}")).await).await;
    stage.clock.advance(Duration::from_secs(31));
    let calls = (0..20).map(|_| session.refused("search_contacts", json!({"limit": 1})));
    for error in join_all(calls).await {
        assert_eq!(error["code"], "unauthenticated", "{error}");
        assert!(error["hint"].as_str().unwrap().contains("mcp-ghl login"), "{error}");
    }
    session.refused("search_contacts", json!({"limit": 1})).await;
    assert_eq!(stage.count("POST /oauth/token 401").await, 1);
    // A person logs in: nothing has to be started anew.
    stage.log_in(DENTAL).await;
    session.call("search_contacts", json!({"limit": 1})).await;
}

#[tokio::test]
async fn a_caller_who_leaves_does_not_take_the_new_token_along() {
    let stage = Stage::new().await;
    stage.log_in(DENTAL).await;
    let session = stage.server();
    stage.end_access();
    let name = format!("ghl/oauth/location/{DENTAL}");
    let secrets = &session.foundation.secrets;
    let lease =
        secrets.lease(&TenantId::local(), &name.parse().unwrap(), Duration::from_mins(1)).await.unwrap().unwrap();
    // The renewal waits for our lease, and the call for the renewal; then nobody waits for it any more.
    let call = tokio::time::timeout(Duration::from_secs(1), session.call("list_locations", json!({}))).await;
    assert!(call.is_err() && stage.count(REFRESH).await == 1, "the call ended before it was left");
    assert!(lease.release().await.unwrap());
    session.foundation.tasks.shutdown(Duration::from_secs(10)).await;
    let stored = session.stored(&name).await;
    assert_eq!(stage.count(REFRESH).await, 2, "it was renewed all the same");
    let next = stage.server();
    stage.clock.advance(Duration::from_secs(31));
    next.call("list_locations", json!({})).await;
    assert_eq!(next.stored(&name).await, stored, "it was stored, and is good");
    assert_eq!(stage.count(REFRESH).await, 2);
}
