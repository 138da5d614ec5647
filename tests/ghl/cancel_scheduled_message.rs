use serde_json::{Value, json};

use crate::bench::{Bench, COURSES, DENTAL, DENTAL_NAME, RIVAL};

const HUGO: &str = "7bz1vxurOfxGGeMCIas9";

/// The emulator's time stands still at the end of 2026, the client's runs: this is to come for both.
const LATER: &str = "2027-01-04T09:00";

async fn scheduled(bench: &Bench, channel: &str) -> Value {
    let mut order = json!({"contact": HUGO, "channel": channel, "text": "See you", "send_at": LATER});
    if channel == "email" {
        order["subject"] = json!("Visit");
    }
    bench.call("send_message", order).await
}

async fn cancellations(bench: &Bench) -> Vec<String> {
    bench.requests().await.into_iter().filter(|request| request.ends_with("/schedule")).collect()
}

async fn shown(bench: &Bench) -> Vec<Value> {
    bench.call("get_conversation", json!({"contact": HUGO})).await["items"].as_array().unwrap().clone()
}

#[tokio::test]
async fn what_waits_is_taken_back_and_will_not_go_out() {
    let bench = Bench::new().await;
    let kept = scheduled(&bench, "sms").await;
    for channel in ["sms", "email"] {
        let sent = scheduled(&bench, channel).await;
        let before = shown(&bench).await.len();
        let mut done = bench.call("cancel_scheduled_message", json!({"message": sent["message_id"]})).await;
        assert!(done["change_id"].take().is_string());
        let expected = json!({
            "location": {"id": DENTAL, "name": DENTAL_NAME}, "cancelled": sent["message_id"], "channel": channel,
            "conversation_id": sent["conversation_id"], "change_id": null, "link": sent["link"]
        });
        assert_eq!(done, expected);
        assert_eq!(shown(&bench).await.len(), before - 1);
    }
    let left = shown(&bench).await;
    assert_eq!(left.last().unwrap()["id"], kept["message_id"]);
    let requests = cancellations(&bench).await;
    assert!(requests[0].starts_with("DELETE /conversations/messages/") && !requests[0].contains("/email/"));
    assert!(requests[1].starts_with("DELETE /conversations/messages/email/"), "{requests:?}");
}

#[tokio::test]
async fn what_has_gone_out_cannot_be_taken_back() {
    let bench = Bench::new().await;
    let sent = bench.call("send_message", json!({"contact": HUGO, "channel": "sms", "text": "Hi"})).await;
    let refused = bench.refused("cancel_scheduled_message", json!({"message": sent["message_id"]})).await;
    assert_eq!(refused.code(), "failed_precondition");
    assert!(refused.text.contains("gone out"), "{}", refused.text);
    assert!(cancellations(&bench).await.is_empty());
}

#[tokio::test]
async fn unknown_messages_and_those_of_others_are_not_found() {
    let bench = Bench::new().await;
    let sent = scheduled(&bench, "sms").await;
    let message = json!({"message": sent["message_id"]});
    assert_eq!(bench.refused_as(RIVAL, "cancel_scheduled_message", message).await.code(), "not_found");
    let elsewhere = json!({"message": sent["message_id"], "location": COURSES});
    assert_eq!(bench.refused("cancel_scheduled_message", elsewhere).await.code(), "not_found");
    let unknown = json!({"message": "nobody00000000000000"});
    assert_eq!(bench.refused("cancel_scheduled_message", unknown).await.code(), "not_found");
    let wrong = bench.refused("cancel_scheduled_message", json!({"message": "the one to Hugo"})).await;
    assert_eq!(wrong.faulty_fields(), ["/message"]);
    assert!(cancellations(&bench).await.is_empty());
}

#[tokio::test]
async fn a_lost_answer_is_looked_for_and_nothing_is_taken_back_twice() {
    let bench = Bench::new().await;
    let sent = scheduled(&bench, "sms").await;
    let fault = json!({"kind": "done_but_server_error", "method": "DELETE", "path_prefix": "/conversations/"});
    bench.order_fault(fault).await;
    let done = bench.call("cancel_scheduled_message", json!({"message": sent["message_id"]})).await;
    assert_eq!(done["cancelled"], sent["message_id"]);
    assert_eq!(cancellations(&bench).await.len(), 1);
    let other = scheduled(&bench, "sms").await;
    let fault = json!({"kind": "server_error", "method": "DELETE", "path_prefix": "/conversations/"});
    bench.order_fault(fault).await;
    let refused = bench.refused("cancel_scheduled_message", json!({"message": other["message_id"]})).await;
    assert_eq!(refused.error["details"]["lost_change"], "not_made", "{refused:?}");
}
