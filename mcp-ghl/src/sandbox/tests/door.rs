//! Tokens, versions, limits and levers.

use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use serde_json::{Value, json};

use super::{Bench, dental, gym};
use crate::sandbox::{AGENCY_TOKEN, LimitSettings, SandboxSettings};

#[tokio::test]
async fn without_a_valid_token_nothing_is_said() {
    let bench = Bench::new().await;
    let path = format!("/locations/{}", dental().id);
    let naked = Request::builder().uri(&path).header("version", "v3").body(Body::empty()).unwrap();
    for answer in [bench.send(naked).await, bench.ask_as("pit-wrong", "v3", "GET", &path, Value::Null).await] {
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        assert_eq!(answer.body["message"], "Invalid token: access token is invalid");
        assert_eq!(answer.body["error"], "Unauthorized");
    }
}

#[tokio::test]
async fn the_version_must_be_a_published_one() {
    let bench = Bench::new().await;
    let path = format!("/locations/{}", dental().id);
    for version in ["2021-04-15", "2021-07-28", "2023-02-21", "v3"] {
        assert_eq!(bench.ask(version, "GET", &path, Value::Null).await.status, StatusCode::OK, "{version}");
    }
    let unknown = bench.ask("2020-01-01", "GET", &path, Value::Null).await;
    assert_eq!((unknown.status.as_u16(), unknown.body["message"].as_str()), (401, Some("version header is invalid")));
    let token = format!("Bearer {}", dental().token);
    let absent = Request::builder().uri(&path).header("authorization", token).body(Body::empty()).unwrap();
    let absent = bench.send(absent).await;
    assert_eq!((absent.status.as_u16(), absent.body["message"].as_str()), (401, Some("version header was not found.")));
}

#[tokio::test]
async fn a_token_reaches_its_own_location_only() {
    let bench = Bench::new().await;
    let search = json!({"locationId": dental().id, "pageLimit": 1});
    let found = bench.call("POST", "/contacts/search", search.clone()).await;
    let contact = format!("/contacts/{}", found["contacts"][0]["id"].as_str().unwrap());
    let foreign = [
        ("POST", "/contacts/search", search),
        ("GET", contact.as_str(), Value::Null),
        ("DELETE", contact.as_str(), Value::Null),
        ("POST", "/contacts/", json!({"locationId": dental().id, "email": "new@example.com"})),
    ];
    for (method, path, body) in foreign {
        let answer = bench.ask_as(gym().token, "v3", method, path, body).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{method} {path}");
        assert_eq!(answer.body["message"], "The token does not have access to this location.");
    }
    bench.call("GET", &contact, Value::Null).await;
}

#[tokio::test]
async fn agency_and_location_tokens_are_different_kinds() {
    let bench = Bench::new().await;
    let pipelines = format!("/opportunities/pipelines?locationId={}", dental().id);
    let answer = bench.ask_as(AGENCY_TOKEN, "v3", "GET", &pipelines, Value::Null).await;
    assert_eq!(
        (answer.status.as_u16(), answer.body["message"].as_str()),
        (401, Some("The token is not authorized for this scope."))
    );
    let answer = bench.ask("v3", "GET", "/locations/search", Value::Null).await;
    assert_eq!((answer.status.as_u16(), answer.body["message"].as_str()), (401, Some("Token's user type mismatch!")));
}

#[tokio::test]
async fn removed_endpoints_say_so_in_v3() {
    let bench = Bench::new().await;
    for family in ["contacts", "users"] {
        let path = format!("/{family}/?locationId={}", dental().id);
        assert_eq!(bench.ask("2021-07-28", "GET", &path, Value::Null).await.status, StatusCode::OK);
        let gone = bench.ask("v3", "GET", &path, Value::Null).await;
        assert_eq!(gone.status, StatusCode::BAD_REQUEST);
        assert!(gone.body["message"].as_str().unwrap().contains("not available in API version v3"));
    }
}

#[tokio::test]
async fn paths_are_exact() {
    let bench = Bench::new().await;
    for (method, path) in [("POST", "/contacts"), ("POST", "/opportunities"), ("PATCH", "/contacts/"), ("GET", "/nope")]
    {
        let answer = bench.ask("v3", method, path, Value::Null).await;
        assert_eq!(
            (answer.status.as_u16(), answer.body["message"].as_str()),
            (404, Some(format!("Cannot {method} {path}").as_str()))
        );
    }
}

#[tokio::test]
async fn the_hundred_and_first_call_waits_for_the_window() {
    let bench = Bench::with(LimitSettings::default()).await;
    let path = format!("/locations/{}", dental().id);
    for left in (0..100).rev() {
        let answer = bench.ask("v3", "GET", &path, Value::Null).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(answer.headers["x-ratelimit-remaining"], left.to_string().as_str());
    }
    let refused = bench.ask("v3", "GET", &path, Value::Null).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    for (name, value) in [
        ("x-ratelimit-max", "100"),
        ("x-ratelimit-remaining", "0"),
        ("x-ratelimit-interval-milliseconds", "10000"),
        ("x-ratelimit-limit-daily", "200000"),
        ("x-ratelimit-daily-remaining", "199900"),
        ("x-ratelimit-daily-reset", "86400"),
    ] {
        assert_eq!(refused.headers[name], value, "{name}");
    }
    let neighbour = format!("/locations/{}", gym().id);
    assert_eq!(bench.ask_as(gym().token, "v3", "GET", &neighbour, Value::Null).await.status, StatusCode::OK);
    bench.wait(Duration::from_secs(10));
    assert_eq!(bench.ask("v3", "GET", &path, Value::Null).await.status, StatusCode::OK);
}

#[tokio::test]
async fn ordered_faults_come_once_and_where_they_were_ordered() {
    let bench = Bench::new().await;
    let path = format!("/locations/{}", dental().id);
    for (kind, status) in [("rate_limited", 429), ("server_error", 500)] {
        bench.call("POST", "/__sandbox/faults", json!({"kind": kind, "count": 2, "path_prefix": "/locations"})).await;
        let other = format!("/opportunities/pipelines?locationId={}", dental().id);
        bench.call("GET", &other, Value::Null).await;
        for _ in 0..2 {
            assert_eq!(bench.ask("v3", "GET", &path, Value::Null).await.status.as_u16(), status, "{kind}");
        }
        bench.call("GET", &path, Value::Null).await;
    }
}

#[tokio::test]
async fn an_ordered_timeout_keeps_the_client_waiting() {
    let bench = Bench::new().await;
    bench.call("POST", "/__sandbox/faults", json!({"kind": "timeout"})).await;
    let path = format!("/locations/{}", dental().id);
    let time_passes = async {
        loop {
            tokio::task::yield_now().await;
            bench.wait(Duration::from_secs(1));
        }
    };
    let answer = tokio::select! {
        answer = bench.ask("v3", "GET", &path, Value::Null) => answer,
        () = time_passes => unreachable!(),
    };
    assert_eq!(answer.status, StatusCode::GATEWAY_TIMEOUT);
}

#[tokio::test]
async fn a_write_can_be_done_and_refused() {
    let bench = Bench::new().await;
    bench.call("POST", "/__sandbox/faults", json!({"kind": "done_but_unprocessable"})).await;
    let body = json!({"locationId": dental().id, "email": "ghost@example.com"});
    assert_eq!(bench.ask("v3", "POST", "/contacts/", body).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let path = format!("/contacts/search/duplicate?locationId={}&email=ghost%40example.com", dental().id);
    assert_eq!(bench.call("GET", &path, Value::Null).await["contact"]["email"], "ghost@example.com");
}

#[tokio::test]
async fn the_log_and_reset_are_levers_too() {
    let bench = Bench::new().await;
    let body = json!({"locationId": dental().id, "email": "gone@example.com"});
    let id = bench.call("POST", "/contacts/", body).await["contact"]["id"].as_str().unwrap().to_owned();
    let log = bench.call("GET", "/__sandbox/requests", Value::Null).await;
    assert_eq!((log[0]["method"].as_str(), log[0]["target"].as_str()), (Some("POST"), Some("/contacts/")));
    assert_eq!((log[0]["version"].as_str(), log[0]["status"].as_u64()), (Some("v3"), Some(201)));

    bench.call("POST", "/__sandbox/reset", Value::Null).await;
    assert_eq!(bench.ask("v3", "GET", &format!("/contacts/{id}"), Value::Null).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(bench.call("GET", "/__sandbox/requests", Value::Null).await.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn levers_are_off_unless_asked_for() {
    let bench = Bench::of(SandboxSettings::default()).await;
    for (method, path) in [("POST", "/__sandbox/reset"), ("GET", "/__sandbox/requests"), ("POST", "/__sandbox/faults")]
    {
        assert_eq!(bench.ask("v3", method, path, Value::Null).await.status, StatusCode::NOT_FOUND, "{path}");
    }
}
