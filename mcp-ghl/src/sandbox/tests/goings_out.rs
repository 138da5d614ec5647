//! What is told without anybody having asked for it: messages that waited, and what goes with a contact.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};

use super::{Bench, NOW_MS, dental};

async fn told(bench: &Bench) -> Vec<Value> {
    let log = bench.call("GET", "/__sandbox/webhooks", Value::Null).await;
    log.as_array().unwrap().iter().map(|line| line["payload"].clone()).collect()
}

async fn create_contact(bench: &Bench) -> String {
    let body = json!({"locationId": dental().id, "email": "ada@example.com", "phone": "+12025550142"});
    bench.call("POST", "/contacts/", body).await["contact"]["id"].as_str().unwrap().to_owned()
}

/// An order for in so many seconds.
fn order(contact_id: &str, channel: &str, seconds: i64) -> Value {
    json!({
        "type": channel, "contactId": contact_id, "message": "Hello", "html": "<p>Hello</p>", "subject": "Hi",
        "scheduledTimestamp": NOW_MS / 1_000 + seconds,
    })
}

#[tokio::test]
async fn messages_that_wait_go_out_at_their_time_and_are_told_then() {
    let bench = Bench::new().await;
    let id = create_contact(&bench).await;
    let sms = bench.call("POST", "/conversations/messages", order(&id, "SMS", 60)).await;
    let email = bench.call("POST", "/conversations/messages", order(&id, "Email", 120)).await;
    let sms_path = format!("/conversations/messages/{}", sms["messageId"].as_str().unwrap());
    bench.wait(Duration::from_secs(59));
    assert_eq!(told(&bench).await.len(), 1, "the contact alone");
    assert_eq!(bench.call("GET", &sms_path, Value::Null).await["status"], "scheduled");

    bench.wait(Duration::from_secs(1));
    let payloads = told(&bench).await;
    assert_eq!((payloads.len(), &payloads[1]["type"]), (2, &json!("OutboundMessage")));
    assert_eq!((&payloads[1]["messageId"], &payloads[1]["status"]), (&sms["messageId"], &json!("sent")));
    assert_eq!(bench.call("GET", &sms_path, Value::Null).await["status"], "sent");

    bench.wait(Duration::from_mins(1));
    let payloads = told(&bench).await;
    assert_eq!((payloads.len(), &payloads[2]["messageType"]), (3, &json!("Email")));
    assert_eq!(payloads[2]["emailMessageId"], email["emailMessageId"]);
    bench.wait(Duration::from_mins(10));
    assert_eq!(told(&bench).await.len(), 3, "once");
    let late = bench.ask("v3", "DELETE", &format!("{sms_path}/schedule"), Value::Null).await;
    assert_eq!(late.status, 400, "what has gone out is not called off");
}

#[tokio::test]
async fn a_message_that_was_called_off_is_not_told() {
    let bench = Bench::new().await;
    let id = create_contact(&bench).await;
    let sms = bench.call("POST", "/conversations/messages", order(&id, "SMS", 60)).await;
    let path = format!("/conversations/messages/{}/schedule", sms["messageId"].as_str().unwrap());
    bench.call("DELETE", &path, Value::Null).await;
    bench.wait(Duration::from_mins(2));
    assert_eq!(told(&bench).await.len(), 1, "the contact alone");
}

#[tokio::test]
async fn what_goes_with_a_contact_is_told_as_deleted() {
    let bench = Bench::new().await;
    let location_id = dental().id;
    let id = create_contact(&bench).await;
    let contact = format!("/contacts/{id}");
    bench.call("POST", &format!("{contact}/notes"), json!({"body": "called"})).await;
    let task = json!({"title": "Call", "dueDate": "2026-12-01T00:00:00Z", "completed": false});
    bench.call("POST", &format!("{contact}/tasks"), task).await;
    let pipelines = bench.call("GET", &format!("/opportunities/pipelines?locationId={location_id}"), Value::Null).await;
    let deal = json!({"locationId": location_id, "pipelineId": pipelines["pipelines"][0]["id"], "name": "Crown",
        "status": "open", "contactId": id});
    bench.call("POST", "/opportunities/", deal).await;
    let calendars = bench.call("GET", &format!("/calendars/?locationId={location_id}"), Value::Null).await;
    let booking = json!({"calendarId": calendars["calendars"][0]["id"], "locationId": location_id, "contactId": id,
        "startTime": "2026-12-01T15:00:00Z", "endTime": "2026-12-01T15:30:00Z", "ignoreFreeSlotValidation": true});
    bench.call("POST", "/calendars/events/appointments", booking).await;
    let before = told(&bench).await;
    bench.call("DELETE", &contact, Value::Null).await;
    let after = told(&bench).await;
    let gone = &after[before.len()..];
    let events: BTreeSet<&str> = gone.iter().map(|payload| payload["type"].as_str().unwrap()).collect();
    let expected = ["ContactDelete", "NoteDelete", "TaskDelete", "OpportunityDelete", "AppointmentDelete"];
    assert_eq!((gone.len(), events), (5, BTreeSet::from(expected)));
    let of = |payload: &Value| payload.pointer("/appointment/contactId").or(payload.get("contactId")).cloned();
    assert!(gone.iter().skip(1).all(|payload| of(payload) == Some(json!(id))), "{gone:#?}");
    assert_eq!((&gone[0]["type"], &gone[0]["id"]), (&json!("ContactDelete"), &json!(id)));
}
