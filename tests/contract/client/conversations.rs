//! Conversations as they change: stars, what is logged, what is taken back, and calls.

use serde_json::json;

use super::{Asked, Session};

pub(super) const OPERATIONS: &[Asked] = &[
    ("v3", "conversations.update-conversation"),
    ("v3", "conversations.create-conversation"),
    ("v3", "conversations.get-message"),
    ("v3", "conversations.cancel-scheduled-message"),
    ("v3", "conversations.cancel-scheduled-email-message"),
    ("v3", "conversations.add-an-inbound-message"),
    ("v3", "conversations.add-an-outbound-message"),
    ("v3", "conversations.get-message-transcription"),
];

pub(super) async fn drive(session: &Session) {
    let contact = "contract+talk@example.com";
    session.call("upsert_contact", json!({"email": contact, "phone": "+15035550778"})).await;
    for (channel, direction) in [("sms", "inbound"), ("live_chat", "outbound")] {
        let entry = json!({
            "contact": contact, "channel": channel, "direction": direction, "provider": "61d6d1f9cdac7612faf80753",
            "text": "Hi", "at": "2026-01-05T09:00"
        });
        session.call("log_message", entry).await;
    }
    let email = json!({
        "contact": contact, "channel": "email", "direction": "inbound", "provider": "61d6d1f9cdac7612faf80753",
        "text": "Hi", "subject": "Visit"
    });
    session.call("log_message", email).await;
    for direction in ["inbound", "outbound"] {
        let call = json!({
            "contact": contact, "channel": "call", "direction": direction, "provider": "61d6d1f9cdac7612faf80753",
            "call_status": "no_answer"
        });
        session.call("log_message", call).await;
    }
    session.call("update_conversation", json!({"contact": contact, "starred": true, "unread": false})).await;
    session.call("check_sendability", json!({"contact": contact, "channels": ["sms", "email", "live_chat"]})).await;
    for channel in ["sms", "email"] {
        let mut order = json!({"contact": contact, "channel": channel, "text": "See you", "send_at": format!("{}T09:00", super::day_ahead(30))});
        if channel == "email" {
            order["subject"] = json!("Visit");
        }
        let sent = session.call("send_message", order).await;
        session.call("cancel_scheduled_message", json!({"message": sent["message_id"]})).await;
    }
    session.call("get_call_transcript", json!({"contact": contact})).await;
    drive_transcript(session).await;
}

/// The demo has one call that was written down.
async fn drive_transcript(session: &Session) {
    let rows = session.call("search_conversations", json!({"limit": 50})).await;
    for row in rows["items"].as_array().unwrap() {
        let talk = session.call("get_conversation", json!({"conversation": row["id"], "limit": 10})).await;
        let calls = talk["items"].as_array().unwrap().iter().filter(|item| item["channel"] == "call");
        for call in calls {
            let spoken = session.call("get_call_transcript", json!({"message": call["id"]})).await;
            if spoken["transcript"].is_object() {
                return;
            }
        }
    }
    panic!("the demo has no call that was written down")
}
