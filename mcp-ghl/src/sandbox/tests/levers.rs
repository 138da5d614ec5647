//! The clock and the list of levers.

use std::time::Duration;

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{Bench, NOW_MS, dental};
use crate::sandbox::SandboxSettings;

#[tokio::test]
async fn the_clock_is_moved_forward_and_goes_on_from_there() {
    let bench = Bench::new().await;
    let moved = bench.call("POST", "/__sandbox/clock", json!({"advance_ms": 90_000})).await;
    assert_eq!((moved["now_ms"].as_i64(), moved["offset_ms"].as_i64()), (Some(NOW_MS + 90_000), Some(90_000)));
    bench.wait(Duration::from_secs(1));
    let shown = bench.call("GET", "/__sandbox/clock", Value::Null).await;
    assert_eq!((shown["now"].as_str(), shown["offset_ms"].as_i64()), (Some("2026-11-20T00:01:31.000Z"), Some(90_000)));
}

#[tokio::test]
async fn the_clock_is_set_and_records_carry_its_time() {
    let bench = Bench::new().await;
    bench.call("POST", "/__sandbox/clock", json!({"set": "2031-05-01T09:30:00Z"})).await;
    let body = json!({"locationId": dental().id, "email": "later@example.com"});
    let contact = bench.call("POST", "/contacts/", body).await["contact"].clone();
    assert_eq!(contact["dateAdded"], "2031-05-01T09:30:00.000Z");
    assert_eq!(bench.call("DELETE", "/__sandbox/clock", Value::Null).await["now_ms"], NOW_MS);
}

#[tokio::test]
async fn a_clock_is_not_set_to_nonsense() {
    let bench = Bench::new().await;
    for body in [json!({"set": "tomorrow"}), json!({"set": "-1"}), json!({"set": "253402300800000"})] {
        let answer = bench.ask("v3", "POST", "/__sandbox/clock", body.clone()).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{body}");
    }
}

#[tokio::test]
async fn every_listed_lever_is_there_and_its_example_works() {
    let bench = Bench::new().await;
    let search = json!({"locationId": dental().id, "pageLimit": 1});
    let found = bench.call("POST", "/contacts/search", search).await;
    let contact_id = found["contacts"][0]["id"].as_str().unwrap().to_owned();
    let levers = bench.call("GET", "/__sandbox", Value::Null).await;
    for lever in levers.as_array().unwrap() {
        let (method, path) = (lever["method"].as_str().unwrap(), lever["path"].as_str().unwrap());
        let example = lever.get("example").map_or("null", |example| example.as_str().unwrap());
        let body = serde_json::from_str(&example.replace("CONTACT_ID", &contact_id)).unwrap();
        let answer = bench.ask("v3", method, path, body).await;
        assert!(answer.status.is_success(), "{method} {path}: {} {}", answer.status, answer.body);
    }
}

#[tokio::test]
async fn levers_need_the_setting() {
    let bench = Bench::of(SandboxSettings::default()).await;
    for path in ["/__sandbox", "/__sandbox/clock"] {
        assert_eq!(bench.ask("v3", "GET", path, Value::Null).await.status, StatusCode::NOT_FOUND, "{path}");
    }
}
