//! Tasks, calendars and appointments.

use common::clock::Clock;
use serde_json::{Value, json};

use super::{LOCATION, expect, text};
use crate::plain_http::Client;

const DAY_MS: i64 = 86_400_000;

pub(super) async fn drive_tasks(client: &Client, contact_id: &str) {
    let tasks = format!("/contacts/{contact_id}/tasks");
    let body = json!({"title": "Call", "body": "About it", "dueDate": "2038-01-04T15:00:00.000Z", "completed": false});
    let task = expect(client, 201, "POST", &tasks, body).await;
    let task = format!("{tasks}/{}", text(&task, "/task/id"));
    expect(client, 200, "GET", &tasks, Value::Null).await;
    expect(client, 200, "GET", &task, Value::Null).await;
    expect(client, 200, "PUT", &task, json!({"title": "Call again"})).await;
    expect(client, 200, "PUT", &format!("{task}/completed"), json!({"completed": true})).await;
    expect(client, 200, "DELETE", &task, Value::Null).await;
}

/// `dated` asks in the version of the calendar family; what hangs on a contact is of the contacts' family.
pub(super) async fn drive(client: &Client, dated: &Client, contact_id: &str) {
    let location = LOCATION.id;
    let calendars = expect(dated, 200, "GET", &format!("/calendars/?locationId={location}"), Value::Null).await;
    let calendar_id = text(&calendars, "/calendars/0/id");
    let from_ms = Clock::system().now_ms() + DAY_MS;
    let slots = |days: i64| {
        let to_ms = from_ms + days * DAY_MS;
        format!("/calendars/{calendar_id}/free-slots?startDate={from_ms}&endDate={to_ms}&timezone=America%2FNew_York")
    };
    let free = expect(dated, 200, "GET", &slots(7), Value::Null).await;
    expect(dated, 400, "GET", &slots(32), Value::Null).await;
    let first = free.as_object().unwrap().values().next().unwrap();
    let body = json!({
        "calendarId": calendar_id, "locationId": location, "contactId": contact_id, "title": "Visit",
        "startTime": text(first, "/slots/0"),
    });
    let made = expect(dated, 200, "POST", "/calendars/events/appointments", body.clone()).await;
    let mut same = body;
    same["assignedUserId"] = made["assignedUserId"].clone();
    expect(dated, 400, "POST", "/calendars/events/appointments", same).await;
    let id = text(&made, "/id");
    expect(dated, 200, "GET", &format!("/calendars/events/appointments/{id}"), Value::Null).await;
    let notes = format!("/calendars/appointments/{id}/notes");
    expect(dated, 201, "POST", &notes, json!({"body": "Bring X-rays"})).await;
    expect(client, 200, "GET", &format!("/contacts/{contact_id}/appointments"), Value::Null).await;
    let last_day = free.as_object().unwrap().values().rfind(|day| day["slots"].is_array()).unwrap();
    drive_events(dated, id, (calendar_id, from_ms), &last_day["slots"]).await;
}

/// What stands in the calendar: the appointment is changed, a time blocked, and both are taken away.
async fn drive_events(dated: &Client, id: &str, (calendar_id, from_ms): (&str, i64), free: &Value) {
    let location = LOCATION.id;
    let (start, end) = (text(free, "/0"), text(free, "/1"));
    let appointment = format!("/calendars/events/appointments/{id}");
    let body = json!({
        "title": "Visit moved", "appointmentStatus": "showed", "startTime": start, "endTime": end,
        "ignoreFreeSlotValidation": true, "ignoreDateRange": true,
        "toNotify": true,
    });
    expect(dated, 200, "PUT", &appointment, body).await;
    expect(dated, 400, "PUT", &appointment, json!({"startTime": "2020-01-06T09:10:00-08:00"})).await;
    let window = format!("locationId={location}&startTime={from_ms}&endTime=1900000000000&calendarId={calendar_id}");
    let events = expect(dated, 200, "GET", &format!("/calendars/events?{window}"), Value::Null).await;
    let is_ours = |event: &&Value| event["id"] == *id;
    assert_eq!(events["events"].as_array().unwrap().iter().find(is_ours).unwrap()["title"], "Visit moved");
    let mut body = json!({
        "calendarId": calendar_id, "locationId": location, "title": "Holiday", "startTime": start, "endTime": end,
    });
    let made = expect(dated, 201, "POST", "/calendars/events/block-slots", body.clone()).await;
    let blocked = text(&made, "/id");
    body["title"] = json!("Bank holiday");
    expect(dated, 201, "PUT", &format!("/calendars/events/block-slots/{blocked}"), body).await;
    let events = expect(dated, 200, "GET", &format!("/calendars/blocked-slots?{window}"), Value::Null).await;
    assert_eq!(text(&events, "/events/0/title"), "Bank holiday");
    for id in [blocked, id] {
        expect(dated, 201, "DELETE", &format!("/calendars/events/{id}"), json!({})).await;
    }
}
