//! Tasks, calendars and appointments.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{Bench, NOW_MS, dental, gym};
use crate::sandbox::ids;

const DAY_MS: i64 = 86_400_000;

fn consultation() -> String {
    ids::named("dental/calendar/Consultation")
}

fn contact() -> String {
    ids::named("dental/contact/7")
}

async fn free(bench: &Bench, from_ms: i64, to_ms: i64) -> Value {
    let path = format!("/calendars/{}/free-slots?startDate={from_ms}&endDate={to_ms}", consultation());
    bench.call("GET", &path, Value::Null).await
}

#[tokio::test]
async fn slots_come_by_date_on_the_locations_clock() {
    let bench = Bench::new().await;
    // NOW_MS is Thursday afternoon in Portland.
    let days = free(&bench, NOW_MS, NOW_MS + 5 * DAY_MS).await;
    let dates: Vec<&String> = days.as_object().unwrap().keys().collect();
    assert_eq!(dates, ["2026-11-19", "2026-11-20", "2026-11-23", "2026-11-24"]);
    assert_eq!(days["2026-11-19"]["slots"], json!(["2026-11-19T16:00:00-08:00", "2026-11-19T16:30:00-08:00"]));
    let slots = days["2026-11-23"]["slots"].as_array().unwrap();
    assert!(slots.len() > 10 && slots[0] == "2026-11-23T09:00:00-08:00", "{slots:?}");
}

#[tokio::test]
async fn another_zone_shows_the_same_instants() {
    let bench = Bench::new().await;
    let zone = "timezone=Asia%2FTokyo";
    let path =
        format!("/calendars/{}/free-slots?startDate={NOW_MS}&endDate={}&{zone}", consultation(), NOW_MS + DAY_MS);
    let days = bench.call("GET", &path, Value::Null).await;
    assert_eq!(days["2026-11-20"]["slots"][0], "2026-11-20T09:00:00+09:00");
}

#[tokio::test]
async fn more_than_31_days_are_refused() {
    let bench = Bench::new().await;
    for (days, status) in [(31, StatusCode::OK), (32, StatusCode::BAD_REQUEST), (-1, StatusCode::BAD_REQUEST)] {
        let to_ms = NOW_MS + days * DAY_MS;
        let path = format!("/calendars/{}/free-slots?startDate={NOW_MS}&endDate={to_ms}", consultation());
        assert_eq!(bench.ask("v3", "GET", &path, Value::Null).await.status, status, "{days}");
    }
}

#[tokio::test]
async fn a_slot_is_gone_when_the_whole_team_is_booked() {
    let bench = Bench::new().await;
    let start = "2026-12-01T09:00:00-08:00";
    let body = json!({
        "calendarId": consultation(), "locationId": dental().id, "contactId": contact(), "startTime": start
    });
    let mut users = Vec::new();
    for _ in 0..2 {
        let made = bench.call("POST", "/calendars/events/appointments", body.clone()).await;
        assert_eq!((&made["startTime"], &made["endTime"]), (&json!(start), &json!("2026-12-01T09:30:00-08:00")));
        users.push(made["assignedUserId"].clone());
    }
    assert_ne!(users[0], users[1]);
    let refused = bench.ask("v3", "POST", "/calendars/events/appointments", body.clone()).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    assert_eq!(refused.body["message"], "The slot you have selected is no longer available.");
    let days = free(&bench, NOW_MS, NOW_MS + 14 * DAY_MS).await;
    assert_eq!(days["2026-12-01"]["slots"][0], "2026-12-01T09:30:00-08:00");

    let mut forced = body;
    forced["ignoreFreeSlotValidation"] = json!(true);
    bench.call("POST", "/calendars/events/appointments", forced).await;
    let list = bench.call("GET", &format!("/contacts/{}/appointments", contact()), Value::Null).await;
    let starts: Vec<&Value> = list["events"].as_array().unwrap().iter().map(|event| &event["startTime"]).collect();
    assert_eq!(starts.iter().filter(|start| **start == "2026-12-01 09:00:00").count(), 3, "{starts:?}");
}

#[tokio::test]
async fn what_is_no_slot_cannot_be_booked() {
    let bench = Bench::new().await;
    for start in
        ["2026-12-01T09:10:00-08:00", "2026-12-06T09:00:00-08:00", "2026-11-18T09:00:00-08:00", "2028-01-03 09:00"]
    {
        let body = json!({
            "calendarId": consultation(), "locationId": dental().id, "contactId": contact(), "startTime": start
        });
        let refused = bench.ask("v3", "POST", "/calendars/events/appointments", body).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{start}");
    }
}

#[tokio::test]
async fn an_appointment_is_shown_and_noted() {
    let bench = Bench::new().await;
    let body = json!({
        "calendarId": consultation(), "locationId": dental().id, "contactId": contact(),
        "startTime": "2026-12-01 09:00", "title": "First visit"
    });
    let id = bench.call("POST", "/calendars/events/appointments", body).await["id"].as_str().unwrap().to_owned();
    let path = format!("/calendars/events/appointments/{id}");
    let shown = bench.call("GET", &path, Value::Null).await;
    assert_eq!(shown["event"]["startTime"], "2026-12-01T09:00:00-08:00");
    bench.call("POST", &format!("/calendars/appointments/{id}/notes"), json!({"body": "Bring X-rays"})).await;
    let list = bench.call("GET", &format!("/contacts/{}/appointments", contact()), Value::Null).await;
    let listed = list["events"].as_array().unwrap().iter().find(|event| event["id"] == id.as_str()).unwrap();
    assert_eq!((&listed["notes"], &listed["title"]), (&json!("Bring X-rays"), &json!("First visit")));
    assert_eq!(bench.ask_as(gym().token, "v3", "GET", &path, Value::Null).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn every_demo_location_has_calendars_appointments_and_tasks() {
    let bench = Bench::new().await;
    for (location, count) in crate::sandbox::DEMO_LOCATIONS.into_iter().zip([2, 1, 3]) {
        let path = format!("/calendars/?locationId={}", location.id);
        let calendars = bench.ask_as(location.token, "v3", "GET", &path, Value::Null).await.body;
        assert_eq!(calendars["calendars"].as_array().unwrap().len(), count, "{}", location.slug);
        for (number, noun, key) in [(0, "appointments", "events"), (1, "tasks", "tasks")] {
            let contact_id = ids::named(&format!("{}/contact/{number}", location.slug));
            let path = format!("/contacts/{contact_id}/{noun}");
            let list = bench.ask_as(location.token, "v3", "GET", &path, Value::Null).await.body;
            assert_eq!(list[key].as_array().unwrap().len(), 1, "{} {noun}: {list}", location.slug);
        }
    }
}

#[tokio::test]
async fn tasks_are_written_changed_and_completed() {
    let bench = Bench::new().await;
    let tasks = format!("/contacts/{}/tasks", contact());
    let refused = bench.ask("v3", "POST", &tasks, json!({"body": "x"})).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(refused.body["message"].as_array().unwrap().len(), 4, "{}", refused.body);
    let body = json!({"title": "Call", "dueDate": "2026-11-24T12:00:00-08:00", "completed": false});
    let made = bench.call("POST", &tasks, body).await;
    assert_eq!(made["task"]["dueDate"], "2026-11-24T20:00:00.000Z");
    let task = format!("{tasks}/{}", made["task"]["id"].as_str().unwrap());
    bench.call("PUT", &task, json!({"title": "Call again"})).await;
    bench.call("PUT", &format!("{task}/completed"), json!({"completed": true})).await;
    let shown = bench.call("GET", &task, Value::Null).await;
    assert_eq!((&shown["task"]["title"], &shown["task"]["completed"]), (&json!("Call again"), &json!(true)));
    bench.call("DELETE", &task, Value::Null).await;
    assert_eq!(bench.ask("v3", "GET", &task, Value::Null).await.status, StatusCode::BAD_REQUEST);
}
