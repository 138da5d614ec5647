//! What integrations with the vendor stumble over, one test for each (sources beside the code that does it).

use std::time::Duration;

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{Bench, dental, gym};
use crate::sandbox::{DemoLocation, SandboxSettings};

async fn create(bench: &Bench, location: DemoLocation, fields: Value) -> String {
    let mut body = json!({"locationId": location.id});
    body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    let answer = bench.ask_as(location.token, "v3", "POST", "/contacts/", body).await;
    answer.body["contact"]["id"].as_str().unwrap_or_else(|| panic!("{}", answer.body)).to_owned()
}

async fn found(bench: &Bench, text: &str) -> Vec<Value> {
    let search = json!({"locationId": dental().id, "pageLimit": 20, "query": text});
    bench.call("POST", "/contacts/search", search).await["contacts"].as_array().unwrap().clone()
}

#[tokio::test]
async fn updating_a_contact_overwrites_its_tags() {
    let bench = Bench::new().await;
    let id = create(&bench, dental(), json!({"email": "ada@example.com", "tags": ["vip", "spring"]})).await;
    let updated = bench.call("PUT", &format!("/contacts/{id}"), json!({"tags": ["new"]})).await;
    assert_eq!(updated["contact"]["tags"], json!(["new"]));
    let untouched = bench.call("PUT", &format!("/contacts/{id}"), json!({"city": "London"})).await;
    assert_eq!(untouched["contact"]["tags"], json!(["new"]));
}

#[tokio::test]
async fn upsert_updates_the_email_match_and_ignores_the_phone_of_another() {
    let bench = Bench::new().await;
    let by_email = create(&bench, dental(), json!({"email": "ada@example.com"})).await;
    let by_phone = create(&bench, dental(), json!({"phone": "+12025550142"})).await;
    let body =
        json!({"locationId": dental().id, "email": "ada@example.com", "phone": "+12025550142", "city": "London"});
    let upserted = bench.call("POST", "/contacts/upsert", body).await;
    assert_eq!((upserted["new"].as_bool(), upserted["contact"]["id"].as_str()), (Some(false), Some(by_email.as_str())));
    assert_eq!(upserted["contact"].get("phone"), None);
    let other = bench.call("GET", &format!("/contacts/{by_phone}"), Value::Null).await;
    assert_eq!((other["contact"]["phone"].as_str(), other["contact"].get("email")), (Some("+12025550142"), None));
}

#[tokio::test]
async fn the_locations_duplicate_rule_decides_whether_a_twin_is_made() {
    let bench = Bench::new().await;
    for (location, status) in [(dental(), StatusCode::BAD_REQUEST), (gym(), StatusCode::CREATED)] {
        create(&bench, location, json!({"email": "ada@example.com"})).await;
        let twin = json!({"locationId": location.id, "email": "ada@example.com"});
        let answer = bench.ask_as(location.token, "v3", "POST", "/contacts/", twin).await;
        assert_eq!(answer.status, status, "{}", location.slug);
    }
}

#[tokio::test]
async fn search_lags_when_asked_and_a_read_does_not() {
    let bench = Bench::new().await;
    let kept = create(&bench, dental(), json!({"firstName": "Quillon", "email": "quillon.one@example.com"})).await;
    bench.call("POST", "/__sandbox/search-lag", json!({"lag_ms": 5_000})).await;
    assert_eq!(found(&bench, "quillon").await.len(), 1, "what was there is found at once");

    let new = create(&bench, dental(), json!({"firstName": "Quillon", "email": "quillon.two@example.com"})).await;
    bench.call("PUT", &format!("/contacts/{kept}"), json!({"city": "Oslo"})).await;
    assert_eq!(bench.call("GET", &format!("/contacts/{kept}"), Value::Null).await["contact"]["city"], "Oslo");
    assert_eq!(bench.call("GET", &format!("/contacts/{new}"), Value::Null).await["contact"]["id"], new.as_str());
    let stale = found(&bench, "quillon").await;
    assert_eq!(stale.len(), 1);
    assert_ne!(stale[0]["city"], "Oslo");

    bench.wait(Duration::from_secs(5));
    let fresh = found(&bench, "quillon").await;
    assert_eq!(fresh.len(), 2);
    assert!(fresh.iter().any(|contact| contact["id"] == kept.as_str() && contact["city"] == "Oslo"));

    bench.call("DELETE", &format!("/contacts/{new}"), Value::Null).await;
    assert_eq!(found(&bench, "quillon").await.len(), 2, "a deleted contact is found for a while");
    bench.wait(Duration::from_secs(5));
    assert_eq!(found(&bench, "quillon").await.len(), 1);
}

#[tokio::test]
async fn a_board_lags_too_where_the_settings_say_so() {
    let bench =
        Bench::of(SandboxSettings { test_levers: true, search_lag_ms: 2_000, ..SandboxSettings::default() }).await;
    let search = json!({"locationId": dental().id, "limit": 1, "filters": [{"field": "status", "operator": "eq", "value": "open"}]});
    let open = async || bench.call("POST", "/opportunities/search", search.clone()).await;
    let before = open().await;
    let id = before["opportunities"][0]["id"].as_str().unwrap().to_owned();
    bench.call("PUT", &format!("/opportunities/{id}/status"), json!({"status": "won"})).await;
    assert_eq!(open().await["total"], before["total"]);
    bench.wait(Duration::from_secs(2));
    assert_eq!(open().await["total"].as_i64(), before["total"].as_i64().map(|total| total - 1));
}

#[tokio::test]
async fn a_422_may_have_created_the_contact() {
    let bench = Bench::new().await;
    bench.call("POST", "/__sandbox/faults", json!({"kind": "done_but_unprocessable"})).await;
    let body = json!({"locationId": dental().id, "email": "ghost@example.com"});
    assert_eq!(bench.ask("v3", "POST", "/contacts/", body).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let path = format!("/contacts/search/duplicate?locationId={}&email=ghost%40example.com", dental().id);
    assert_eq!(bench.call("GET", &path, Value::Null).await["contact"]["email"], "ghost@example.com");
}

#[tokio::test]
async fn custom_fields_come_back_as_id_and_value_only() {
    let bench = Bench::new().await;
    let fields = json!({"email": "ada@example.com", "customFields": [{"key": "lead_score", "fieldValue": 12}]});
    let id = create(&bench, dental(), fields).await;
    let contact = bench.call("GET", &format!("/contacts/{id}"), Value::Null).await;
    let field = contact["contact"]["customFields"][0].as_object().unwrap();
    assert_eq!(field.keys().collect::<Vec<_>>(), ["id", "value"]);
}

#[tokio::test]
async fn search_keeps_consent_to_itself() {
    let bench = Bench::new().await;
    let fields =
        json!({"firstName": "Quillon", "email": "q@example.com", "dndSettings": {"sms": {"status": "active"}}});
    let id = create(&bench, dental(), fields).await;
    assert_eq!(found(&bench, "quillon").await[0].get("dndSettings"), None);
    let contact = bench.call("GET", &format!("/contacts/{id}"), Value::Null).await;
    assert_eq!(contact["contact"]["dndSettings"]["sms"]["status"], "active");
}

#[tokio::test]
async fn emails_are_listed_without_body_and_messages_lie_in_messages() {
    let bench = Bench::new().await;
    let id = create(&bench, dental(), json!({"email": "ada@example.com"})).await;
    let email = json!({"type": "Email", "contactId": id, "html": "<p>Hello</p>", "subject": "Hi"});
    let sent = bench.call("POST", "/conversations/messages", email).await;
    let path = format!("/conversations/{}/messages", sent["conversationId"].as_str().unwrap());
    let page = bench.call("GET", &path, Value::Null).await;
    let listed = &page["messages"]["messages"][0];
    assert_eq!((listed["messageType"].as_str(), listed.get("body")), (Some("TYPE_EMAIL"), None));
    let path = format!("/conversations/messages/email/{}", sent["emailMessageId"].as_str().unwrap());
    assert!(bench.call("GET", &path, Value::Null).await.to_string().contains("<p>Hello</p>"));
}

#[tokio::test]
async fn free_slots_reach_31_days_and_come_by_date() {
    let bench = Bench::new().await;
    let calendars = bench.call("GET", &format!("/calendars/?locationId={}", dental().id), Value::Null).await;
    let calendar = calendars["calendars"][0]["id"].as_str().unwrap();
    let day_ms = 86_400_000;
    let path = |days: i64| {
        let (start, end) = (super::NOW_MS, super::NOW_MS + days * day_ms);
        format!("/calendars/{calendar}/free-slots?startDate={start}&endDate={end}")
    };
    let slots = bench.call("GET", &path(31), Value::Null).await;
    assert!(slots.as_object().unwrap().keys().any(|date| date.starts_with("2026-11-")), "{slots}");
    let refused = bench.ask("v3", "GET", &path(32), Value::Null).await;
    assert!(refused.status.is_client_error(), "{}", refused.status);
}

#[tokio::test]
async fn a_missing_or_added_trailing_slash_is_another_path() {
    let bench = Bench::new().await;
    for (method, path) in [("POST", "/contacts"), ("POST", "/contacts/search/"), ("GET", "/calendars")] {
        assert_eq!(bench.ask("v3", method, path, Value::Null).await.status, StatusCode::NOT_FOUND, "{method} {path}");
    }
}
