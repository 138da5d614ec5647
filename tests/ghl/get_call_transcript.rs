use serde_json::{Value, json};

use crate::bench::{Bench, COURSES, DENTAL, DENTAL_NAME, RIVAL};

/// The contact with whom the demo has a recorded call, and the call's id.
async fn called(bench: &Bench) -> (String, String) {
    let rows = bench.all_pages("search_conversations", json!({})).await;
    for row in rows {
        let talk = bench.call("get_conversation", json!({"conversation": row["id"], "limit": 50})).await;
        let items = talk["items"].as_array().unwrap();
        if let Some(call) = items.iter().find(|item| item["channel"] == "call") {
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            return (text(&talk["contact"]["id"]), text(&call["id"]));
        }
    }
    panic!("the demo has no call")
}

#[tokio::test]
async fn a_call_is_shown_with_what_was_said_when_and_where_to_listen() {
    let bench = Bench::new().await;
    let (contact, message) = called(&bench).await;
    let by_id = bench.call("get_call_transcript", json!({"message": message})).await;
    let latest = bench.call("get_call_transcript", json!({"contact": contact})).await;
    assert_eq!(by_id, latest);
    assert_eq!(by_id["location"], json!({"id": DENTAL, "name": DENTAL_NAME}));
    assert_eq!((&by_id["message_id"], &by_id["contact"]["id"]), (&json!(message), &json!(contact)));
    assert_eq!((&by_id["duration_seconds"], &by_id["call_status"]), (&json!(20), &json!("completed")));
    assert_eq!(by_id["direction"], "inbound");
    assert_eq!(by_id["transcript"]["source"], "call");
    let text = by_id["transcript"]["untrusted"].as_str().unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 4, "{text}");
    assert!(lines[0].starts_with("[0:00] 1: Hello") && lines[1].starts_with("[0:04] 2: "), "{text}");
    assert!(by_id["recording"].as_str().unwrap().starts_with("https://recordings.example.com/"));
}

#[tokio::test]
async fn what_is_no_call_and_who_has_none_is_said() {
    let bench = Bench::new().await;
    let sent = bench.call("send_message", json!({"contact": "Hugo Laurent", "channel": "sms", "text": "Hi"})).await;
    let refused = bench.refused("get_call_transcript", json!({"message": sent["message_id"]})).await;
    assert_eq!(refused.code(), "failed_precondition");
    let refused = bench.refused("get_call_transcript", json!({"contact": "Hugo Laurent"})).await;
    assert_eq!(refused.code(), "not_found");
    let neither = bench.refused("get_call_transcript", json!({})).await;
    assert_eq!(neither.faulty_fields(), ["/message", "/contact"]);
    let both = bench.refused("get_call_transcript", json!({"message": "x1", "contact": "Hugo Laurent"})).await;
    assert_eq!(both.faulty_fields(), ["/contact"]);
}

#[tokio::test]
async fn other_tenants_calls_are_not_found() {
    let bench = Bench::new().await;
    let (contact, message) = called(&bench).await;
    for arguments in [json!({"message": message}), json!({"contact": contact})] {
        assert_eq!(bench.refused_as(RIVAL, "get_call_transcript", arguments).await.code(), "not_found");
    }
    let elsewhere = json!({"message": message, "location": COURSES});
    assert_eq!(bench.refused("get_call_transcript", elsewhere).await.code(), "not_found");
}
