//! Events: appointments that are changed, blocked times, and taking both away.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{Bench, NOW_MS, dental, gym};
use crate::sandbox::ids;

const DAY_MS: i64 = 86_400_000;

/// A Tuesday on which nothing is booked.
const START: &str = "2026-12-15T09:00:00-08:00";

fn consultation() -> String {
    ids::named("dental/calendar/Consultation")
}

/// Tom, of the calendar's team.
fn tom() -> String {
    ids::named("dental/user/1")
}

async fn booked(bench: &Bench) -> String {
    let body = json!({
        "calendarId": consultation(), "locationId": dental().id, "contactId": ids::named("dental/contact/7"),
        "startTime": START, "assignedUserId": tom()
    });
    bench.call("POST", "/calendars/events/appointments", body).await["id"].as_str().unwrap().to_owned()
}

/// What is free on the Tuesday, for Tom or for anybody.
async fn free(bench: &Bench, user: &str) -> Vec<String> {
    let (from_ms, to_ms) = (NOW_MS + 24 * DAY_MS, NOW_MS + 26 * DAY_MS);
    let path = format!("/calendars/{}/free-slots?startDate={from_ms}&endDate={to_ms}{user}", consultation());
    let days = bench.call("GET", &path, Value::Null).await;
    let slots = days["2026-12-15"]["slots"].as_array().cloned().unwrap_or_default();
    slots.iter().map(|slot| slot.as_str().unwrap()[11..16].to_owned()).collect()
}

async fn events(bench: &Bench, kind: &str, whose: &str) -> Value {
    let to_ms = NOW_MS + 60 * DAY_MS;
    let path = format!("/calendars/{kind}?locationId={}&startTime={NOW_MS}&endTime={to_ms}&{whose}", dental().id);
    bench.call("GET", &path, Value::Null).await["events"].clone()
}

#[tokio::test]
async fn a_moved_appointment_frees_its_old_slot_and_takes_the_new_one() {
    let bench = Bench::new().await;
    let appointment = format!("/calendars/events/appointments/{}", booked(&bench).await);
    let toms = format!("&userId={}", tom());
    assert_eq!(free(&bench, &toms).await[0], "09:30");
    let moved = bench.call("PUT", &appointment, json!({"startTime": "2026-12-15T09:30:00-08:00"})).await;
    assert_eq!((&moved["endTime"], &moved["assignedUserId"]), (&json!("2026-12-15T10:00:00-08:00"), &json!(tom())));
    assert_eq!(free(&bench, &toms).await[..2], ["09:00", "10:00"]);
    // It is not in its own way.
    bench.call("PUT", &appointment, json!({"startTime": "2026-12-15T09:30:00-08:00"})).await;
    let refused = bench.ask("v3", "PUT", &appointment, json!({"startTime": "2026-12-15T03:00:00-08:00"})).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    let forced = json!({"startTime": "2026-12-15T03:00:00-08:00", "ignoreFreeSlotValidation": true});
    bench.call("PUT", &appointment, forced).await;
    bench.call("PUT", &appointment, json!({"appointmentStatus": "cancelled", "title": "Off"})).await;
    let shown = bench.call("GET", &appointment, Value::Null).await["event"].clone();
    assert_eq!((&shown["appointmentStatus"], &shown["title"]), (&json!("cancelled"), &json!("Off")));
    assert_eq!(shown["startTime"], "2026-12-15T03:00:00-08:00");
}

#[tokio::test]
async fn only_v3_knows_completed_appointments() {
    let bench = Bench::new().await;
    let appointment = format!("/calendars/events/appointments/{}", booked(&bench).await);
    let completed = json!({"appointmentStatus": "completed"});
    let dated = bench.ask("2021-04-15", "PUT", &appointment, completed.clone()).await;
    assert_eq!(dated.status, StatusCode::UNPROCESSABLE_ENTITY);
    bench.call("PUT", &appointment, completed).await;
}

#[tokio::test]
async fn events_are_listed_by_calendar_and_user_whatever_became_of_them() {
    let bench = Bench::new().await;
    let id = booked(&bench).await;
    bench.call("PUT", &format!("/calendars/events/appointments/{id}"), json!({"appointmentStatus": "noshow"})).await;
    for whose in [format!("calendarId={}", consultation()), format!("userId={}", tom())] {
        let listed = events(&bench, "events", &whose).await;
        let ours = listed.as_array().unwrap().iter().find(|event| event["id"] == *id).unwrap();
        assert_eq!((&ours["startTime"], &ours["appointmentStatus"]), (&json!(START), &json!("noshow")));
    }
    let lena = events(&bench, "events", &format!("userId={}", ids::named("dental/user/2"))).await;
    assert_eq!(lena, json!([]));
    let path = format!("/calendars/events?locationId={}&startTime=1&endTime=2", dental().id);
    assert_eq!(bench.ask("v3", "GET", &path, Value::Null).await.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn blocked_times_are_not_offered() {
    let bench = Bench::new().await;
    let morning = |whose: &str, id: String| {
        json!({
            "locationId": dental().id, "title": "Dentists' day", whose: id,
            "startTime": "2026-12-15T09:00:00-08:00", "endTime": "2026-12-15T12:00:00-08:00"
        })
    };
    let made = bench.call("POST", "/calendars/events/block-slots", morning("assignedUserId", tom())).await;
    assert_eq!(free(&bench, &format!("&userId={}", tom())).await[0], "12:00");
    assert_eq!(free(&bench, "").await[0], "09:00", "Priya has time");
    assert_eq!(events(&bench, "blocked-slots", &format!("userId={}", tom())).await[0]["id"], made["id"]);
    let whole = bench.call("POST", "/calendars/events/block-slots", morning("calendarId", consultation())).await;
    assert_eq!(free(&bench, "").await[0], "12:00");
    let event = format!("/calendars/events/{}", whole["id"].as_str().unwrap());
    assert_eq!(bench.ask_as(gym().token, "v3", "DELETE", &event, json!({})).await.status, StatusCode::FORBIDDEN);
    let gone = bench.ask("v3", "DELETE", &event, json!({})).await;
    assert_eq!((gone.status, &gone.body["succeeded"]), (StatusCode::CREATED, &json!(true)));
    assert_eq!(free(&bench, "").await[0], "09:00");
    assert_eq!(bench.ask("v3", "DELETE", &event, json!({})).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_calendar_or_a_person_is_blocked_not_both_and_only_of_the_location() {
    let bench = Bench::new().await;
    let times = json!({
        "locationId": dental().id, "startTime": "2026-12-15T09:00:00-08:00", "endTime": "2026-12-15T12:00:00-08:00"
    });
    let with = |fields: Value| {
        let mut body = times.clone();
        body.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        body
    };
    for (fields, status) in [
        (json!({}), StatusCode::UNPROCESSABLE_ENTITY),
        (json!({"calendarId": consultation(), "assignedUserId": tom()}), StatusCode::UNPROCESSABLE_ENTITY),
        (json!({"assignedUserId": ids::named("gym/user/0")}), StatusCode::BAD_REQUEST),
        (json!({"calendarId": ids::named("gym/calendar/Free trial class")}), StatusCode::FORBIDDEN),
        (json!({"assignedUserId": tom(), "endTime": "2026-12-15T09:00:00-08:00"}), StatusCode::BAD_REQUEST),
    ] {
        let answer = bench.ask("v3", "POST", "/calendars/events/block-slots", with(fields.clone())).await;
        assert_eq!(answer.status, status, "{fields}: {}", answer.body);
    }
}

#[tokio::test]
async fn a_location_tells_who_carries_its_messages() {
    let bench = Bench::new().await;
    let channel = |kind: &str| format!("/locations/{}/conversationChannels/{kind}", dental().id);
    let sms = bench.call("GET", &channel("SMS"), Value::Null).await;
    assert_eq!(sms["conversationChannel"]["SMS"][0]["conversationProvider"]["default"], true);
    for (version, kind, status) in
        [("v3", "Fax", StatusCode::UNPROCESSABLE_ENTITY), ("2021-07-28", "SMS", StatusCode::NOT_FOUND)]
    {
        assert_eq!(bench.ask(version, "GET", &channel(kind), Value::Null).await.status, status, "{version} {kind}");
    }
}
