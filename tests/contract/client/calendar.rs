//! Appointments that are listed, changed and cancelled, and blocked times.

use serde_json::{Value, json};

use super::{Asked, Session};

pub(super) const OPERATIONS: &[Asked] = &[
    ("v3", "calendars.get-calendar-events"),
    ("v3", "calendars.get-appointment"),
    ("v3", "calendars.edit-appointment"),
    ("v3", "calendars.get-blocked-slots"),
    ("v3", "calendars.create-block-slot"),
    ("v3", "calendars.delete-event"),
];

/// A time is blocked for a calendar only: for a person the specification asks for two things that exclude each other
/// (`deviations::is_by_the_words`).
pub(super) async fn drive(session: &Session) {
    let contact = "contract+lead@example.com";
    let mut week = json!({"location": "brightside", "blocked": true, "limit": 2});
    week["cursor"] = session.call("list_appointments", week.clone()).await["next_cursor"].clone();
    session.call("list_appointments", week).await;
    session.call("list_appointments", json!({"owner": "Tom", "status": "confirmed", "blocked": true})).await;
    session.call("list_appointments", json!({"calendar": "Consultation", "contact": contact})).await;
    let slots = json!({"calendar": "Consultation", "owner": "Tom", "limit": 40});
    let slots = session.call("find_free_slots", slots).await;
    let day = slots["days"].as_array().unwrap().last().unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let date = text(&day["date"]);
    let start = format!("{date}T{}{}", text(&day["times"][0]), text(&day["offset"]));
    let moved = session.call("update_appointment", json!({"appointment": contact, "start": start})).await;
    let id = moved["appointment"]["id"].clone();
    let all = json!({
        "appointment": id, "start": format!("{date}T03:00"), "status": "showed", "owner": "Priya",
        "ignore_availability": true
    });
    session.call("update_appointment", all).await;
    session.call("cancel_appointment", json!({"appointment": id})).await;
    let holiday = json!({"calendar": "Consultation", "from": "2038-01-06", "to": "2038-01-07", "title": "Holiday"});
    assert_eq!(session.call("block_time", holiday).await["created"], true);
    let hours = json!({"calendar": "Recall", "from": "2038-01-06T09:00", "to": "2038-01-06T12:30"});
    session.call("block_time", hours).await;
    session.call("unblock_time", json!({"calendar": "Consultation", "start": "2038-01-06"})).await;
    session.call("unblock_time", json!({"calendar": "Recall", "start": "2038-01-06T09:00"})).await;
}
