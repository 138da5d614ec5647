//! Conversations that begin and change, messages that are told of or taken back, and what was said in a call.

use serde_json::{Value, json};

use super::{LOCATION, SOON_SECONDS, expect, text};
use crate::plain_http::Client;

pub(super) const OPERATIONS: &[&str] = &[
    "conversations.create-conversation",
    "conversations.update-conversation",
    "conversations.add-an-inbound-message",
    "conversations.add-an-outbound-message",
    "conversations.cancel-scheduled-message",
    "conversations.cancel-scheduled-email-message",
    "conversations.get-message-transcription",
];

/// `talk` asks in the version of conversations.
pub(super) async fn drive(client: &Client, talk: &Client) {
    let location = LOCATION.id;
    let body = json!({
        "locationId": location, "firstName": "Mary", "lastName": "Somerville", "email": "mary@example.com",
        "phone": "+12025550145",
    });
    let made = expect(client, 201, "POST", "/contacts/", body).await;
    let contact_id = text(&made, "/contact/id");
    let body = json!({"locationId": location, "contactId": contact_id});
    let begun = expect(talk, 201, "POST", "/conversations/", body.clone()).await;
    expect(talk, 400, "POST", "/conversations/", body).await;
    let id = text(&begun, "/conversation/id");
    let body = json!({"locationId": location, "starred": true, "unreadCount": 3});
    expect(talk, 200, "PUT", &format!("/conversations/{id}"), body).await;
    drive_told(talk, id, contact_id).await;
    drive_schedule(client, talk, contact_id).await;
    drive_calls(talk).await;
    expect(client, 200, "DELETE", &format!("/contacts/{contact_id}"), Value::Null).await;
}

async fn drive_told(talk: &Client, id: &str, contact_id: &str) {
    let provider = "61d6d1f9cdac7612faf80753";
    let sms = json!({
        "type": "SMS", "conversationId": id, "contactId": contact_id, "conversationProviderId": provider,
        "message": "Hi", "direction": "inbound", "date": "2026-01-05T09:00:00.000Z",
    });
    expect(talk, 200, "POST", "/conversations/messages/inbound", sms).await;
    let email = json!({
        "type": "Email", "conversationId": id, "contactId": contact_id, "conversationProviderId": provider,
        "html": "<p>Hi</p>", "subject": "Visit", "emailFrom": "mary@example.com", "emailCc": ["a@example.com"],
    });
    expect(talk, 200, "POST", "/conversations/messages/inbound", email).await;
    let call = json!({
        "type": "Call", "conversationId": id, "conversationProviderId": provider,
        "call": {"to": "+12025550145", "from": "+15035550100", "status": "completed"},
    });
    let told = expect(talk, 200, "POST", "/conversations/messages/outbound", call).await;
    let path = format!("/conversations/messages/{}", text(&told, "/messageId"));
    let call = expect(talk, 200, "GET", &path, Value::Null).await;
    assert_eq!(call["meta"]["callStatus"], "completed");
}

async fn drive_schedule(client: &Client, talk: &Client, contact_id: &str) {
    let order = |kind: &str| {
        json!({
            "type": kind, "subType": kind, "contactId": contact_id, "status": "pending", "message": "Hi",
            "html": "<p>Hi</p>", "subject": "Visit", "scheduledTimestamp": SOON_SECONDS,
        })
    };
    let sms = expect(talk, 200, "POST", "/conversations/messages", order("SMS")).await;
    let sms = format!("/conversations/messages/{}/schedule", text(&sms, "/messageId"));
    expect(talk, 200, "DELETE", &sms, Value::Null).await;
    expect(talk, 400, "DELETE", &sms, Value::Null).await;
    let email = expect(talk, 200, "POST", "/conversations/messages", order("Email")).await;
    let email = format!("/conversations/messages/email/{}/schedule", text(&email, "/emailMessageId"));
    // The specification names no version for it.
    expect(client, 200, "DELETE", &email, Value::Null).await;
}

/// The demo's one call that was written down begins a conversation.
async fn drive_calls(talk: &Client) {
    let location = LOCATION.id;
    let search = format!("/conversations/search?locationId={location}&limit=20");
    let found = expect(talk, 200, "GET", &search, Value::Null).await;
    for conversation in found["conversations"].as_array().unwrap() {
        let path = format!("/conversations/{}/messages?limit=5&type=TYPE_CALL", text(conversation, "/id"));
        let page = expect(talk, 200, "GET", &path, Value::Null).await;
        if let Some(call) = page["messages"]["messages"].as_array().unwrap().first() {
            let path = format!("/conversations/locations/{location}/messages/{}/transcription", text(call, "/id"));
            if call["meta"]["callDuration"].is_string() {
                expect(talk, 200, "GET", &path, Value::Null).await;
                return;
            }
        }
    }
    panic!("the demo has no call")
}
