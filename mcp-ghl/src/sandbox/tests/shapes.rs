//! Operations without a handler of their own.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{Bench, dental, gym};
use crate::sandbox::{AGENCY_TOKEN, company_id};

fn agent() -> Value {
    json!({"agentName": "Reception", "locationId": dental().id, "businessName": "Brightside"})
}

#[tokio::test]
async fn the_same_request_has_the_same_answer() {
    let bench = Bench::new().await;
    let path = format!("/voice-ai/agents?locationId={}", dental().id);
    let first = bench.call("GET", &path, Value::Null).await;
    assert_eq!(first, bench.call("GET", &path, Value::Null).await);
    assert!(first.as_object().is_some_and(|fields| !fields.is_empty()), "{first}");
}

#[tokio::test]
async fn what_is_made_is_shown_listed_changed_and_taken_away() {
    let bench = Bench::new().await;
    let made = bench.call("POST", "/voice-ai/agents", agent()).await;
    let id = made["id"].as_str().unwrap().to_owned();
    assert_eq!(made["agentName"], "Reception");

    let own = format!("/voice-ai/agents/{id}?locationId={}", dental().id);
    let shown = bench.call("GET", &own, Value::Null).await;
    assert_eq!((shown["id"].as_str(), shown["agentName"].as_str()), (Some(id.as_str()), Some("Reception")));

    bench.call("PATCH", &own, json!({"agentName": "Night desk"})).await;
    assert_eq!(bench.call("GET", &own, Value::Null).await["agentName"], "Night desk");

    let all = format!("/voice-ai/agents?locationId={}", dental().id);
    let listed = bench.call("GET", &all, Value::Null).await;
    assert_eq!((listed["agents"][0]["id"].as_str(), listed["total"].as_u64()), (Some(id.as_str()), Some(1)));

    let gone = bench.ask("v3", "DELETE", &own, Value::Null).await;
    assert!(gone.status.is_success(), "{}", gone.body);
    assert_eq!(bench.ask("v3", "GET", &own, Value::Null).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(bench.call("GET", &all, Value::Null).await["agents"], json!([]));
}

#[tokio::test]
async fn another_locations_record_and_location_are_out_of_reach() {
    let bench = Bench::new().await;
    let id = bench.call("POST", "/voice-ai/agents", agent()).await["id"].as_str().unwrap().to_owned();
    let as_gym = async |path: String| bench.ask_as(gym().token, "v3", "GET", &path, Value::Null).await.status;
    assert_eq!(as_gym(format!("/voice-ai/agents/{id}?locationId={}", gym().id)).await, StatusCode::FORBIDDEN);
    assert_eq!(as_gym(format!("/voice-ai/agents/{id}?locationId={}", dental().id)).await, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn query_and_body_are_refused_with_every_fault() {
    let bench = Bench::new().await;
    let body = json!({"agentName": 5, "surprise": 1, "maxCallDuration": 1});
    let answer = bench.ask("v3", "POST", "/voice-ai/agents", body).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    let faults = answer.body["message"].as_array().unwrap();
    for expected in ["agentName must be a string", "property surprise should not exist"] {
        assert!(faults.contains(&json!(expected)), "{faults:?}");
    }
    assert!(faults.iter().any(|fault| fault.as_str().unwrap().starts_with("maxCallDuration must not be less than")));
    let answer = bench.ask("v3", "GET", "/voice-ai/agents", Value::Null).await;
    assert_eq!(answer.body["message"], json!(["locationId must be a string", "locationId should not be empty"]));
}

#[tokio::test]
async fn the_kind_of_token_is_the_operations() {
    let bench = Bench::new().await;
    let snapshots = format!("/snapshots/?companyId={}", company_id());
    let answer = bench.ask("v3", "GET", &snapshots, Value::Null).await;
    assert_eq!((answer.status.as_u16(), answer.body["message"].as_str()), (401, Some("Token's user type mismatch!")));
    assert_eq!(bench.ask_as(AGENCY_TOKEN, "v3", "GET", &snapshots, Value::Null).await.status, StatusCode::OK);
    let agents = format!("/voice-ai/agents?locationId={}", dental().id);
    let answer = bench.ask_as(AGENCY_TOKEN, "v3", "GET", &agents, Value::Null).await;
    assert_eq!(
        (answer.status.as_u16(), answer.body["message"].as_str()),
        (401, Some("The token is not authorized for this scope."))
    );
}

#[tokio::test]
async fn generations_have_their_own_operations() {
    let bench = Bench::new().await;
    let old = format!("/conversations/preferences/custom-subtypes?locationId={}", dental().id);
    let gone = bench.ask("v3", "GET", &old, Value::Null).await;
    assert_eq!(gone.status, StatusCode::BAD_REQUEST);
    assert!(gone.body["message"].as_str().unwrap().contains("not available in API version v3"), "{}", gone.body);
    assert_ne!(bench.ask("2021-04-15", "GET", &old, Value::Null).await.status, StatusCode::NOT_FOUND);
    let new = format!("/emails/campaigns?locationId={}", dental().id);
    assert_eq!(bench.ask("2021-07-28", "GET", &new, Value::Null).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_handlers_gap_swallows_no_other_operation() {
    let bench = Bench::new().await;
    let path = format!("/conversations/messages/export?locationId={}", dental().id);
    let answer = bench.call("GET", &path, Value::Null).await;
    assert!(answer["messages"].is_array(), "{answer}");
}

#[tokio::test]
async fn behind_the_first_page_there_is_nothing() {
    let bench = Bench::new().await;
    let agents = |page: u32| format!("/voice-ai/agents?locationId={}&page={page}", dental().id);
    let files = |offset: u32| {
        let sorted = "altType=location&type=file&sortBy=name&sortOrder=asc";
        format!("/medias/files?altId={}&{sorted}&offset={offset}", dental().id)
    };
    for (list, first, second) in [("agents", agents(1), agents(2)), ("files", files(0), files(20))] {
        let counts = [first, second]
            .map(async |path| bench.call("GET", &path, Value::Null).await[list].as_array().unwrap().len());
        let [first, second] = counts;
        assert_eq!((first.await, second.await), (1, 0), "{list}");
    }
}
