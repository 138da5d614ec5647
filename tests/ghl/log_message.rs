use serde_json::{Value, json};

use crate::bench::{Bench, COURSES, RIVAL};

const HUGO: &str = "7bz1vxurOfxGGeMCIas9";
const PROVIDER: &str = "61d6d1f9cdac7612faf80753";

async fn log(bench: &Bench, arguments: Value) -> Value {
    let mut all = json!({"contact": HUGO, "provider": PROVIDER});
    all.as_object_mut().unwrap().extend(arguments.as_object().unwrap().clone());
    bench.call("log_message", all).await
}

async fn shown(bench: &Bench) -> Vec<Value> {
    bench.call("get_conversation", json!({"contact": HUGO})).await["items"].as_array().unwrap().clone()
}

async fn writes(bench: &Bench) -> Vec<String> {
    let is_write = |request: &String| request.starts_with("POST /conversations/");
    bench.requests().await.into_iter().filter(is_write).collect()
}

#[tokio::test]
async fn what_took_place_elsewhere_stands_in_the_conversation() {
    let bench = Bench::new().await;
    let first = json!({"channel": "sms", "direction": "inbound", "text": "I am late", "at": "2026-11-19T09:00"});
    let logged = log(&bench, first).await;
    assert_eq!(logged["contact"], json!({"id": HUGO, "name": "Hugo Laurent"}));
    assert!(logged["change_id"].is_string());
    log(&bench, json!({"channel": "email", "direction": "outbound", "subject": "Re", "text": "No problem"})).await;
    let items = shown(&bench).await;
    let [sms, email] = items.as_slice() else { panic!("{items:?}") };
    assert_eq!((&sms["id"], &sms["text"]["untrusted"]), (&logged["message_id"], &json!("I am late")));
    assert_eq!((&sms["direction"], &sms["at"]), (&json!("inbound"), &json!("2026-11-19T17:00:00Z")));
    assert_eq!((&email["direction"], &email["text"]["untrusted"]), (&json!("outbound"), &json!("No problem")));
    // A conversation is begun where there is none, and only there.
    let begun: Vec<String> =
        writes(&bench).await.into_iter().filter(|request| request.ends_with("/conversations/")).collect();
    assert_eq!(begun.len(), 1);
}

#[tokio::test]
async fn calls_of_both_directions_are_logged_with_their_end() {
    let bench = Bench::new().await;
    log(&bench, json!({"channel": "call", "direction": "inbound", "call_status": "completed"})).await;
    log(&bench, json!({"channel": "call", "direction": "outbound", "call_status": "no_answer"})).await;
    let directions: Vec<Value> = shown(&bench).await.iter().map(|item| item["direction"].clone()).collect();
    assert_eq!(directions, [json!("inbound"), json!("outbound")]);
    let call = bench.call("get_call_transcript", json!({"contact": HUGO})).await;
    assert_eq!((&call["call_status"], call.get("transcript")), (&json!("no-answer"), None));
    let requests = writes(&bench).await;
    assert!(requests.iter().any(|request| request.ends_with("/messages/outbound")), "{requests:?}");
}

#[tokio::test]
async fn all_faults_come_at_once() {
    let bench = Bench::new().await;
    let arguments = json!({
        "contact": HUGO, "channel": "call", "direction": "outbound", "provider": " ", "text": "Hi", "subject": "x",
        "at": "2090-01-01"
    });
    let refused = bench.refused("log_message", arguments).await;
    assert_eq!(refused.faulty_fields(), ["/provider", "/text", "/subject", "/at"]);
    let arguments =
        json!({"contact": HUGO, "channel": "sms", "direction": "inbound", "provider": "p", "call_status": "busy"});
    assert_eq!(bench.refused("log_message", arguments).await.faulty_fields(), ["/text", "/call_status"]);
    let refused = bench.refused("log_message", json!({"channel": "pigeon"})).await;
    assert_eq!(refused.faulty_fields().len(), 4, "{refused:?}");
    assert!(writes(&bench).await.is_empty());
}

#[tokio::test]
async fn other_tenants_contacts_are_left_alone() {
    let bench = Bench::new().await;
    let arguments =
        json!({"contact": HUGO, "channel": "sms", "direction": "inbound", "provider": PROVIDER, "text": "Hi"});
    assert_eq!(bench.refused_as(RIVAL, "log_message", arguments.clone()).await.code(), "not_found");
    let mut elsewhere = arguments;
    elsewhere["location"] = json!(COURSES);
    assert_eq!(bench.refused("log_message", elsewhere).await.code(), "not_found");
    assert!(writes(&bench).await.is_empty());
}

#[tokio::test]
async fn an_entry_whose_answer_was_lost_is_found_and_not_written_again() {
    let bench = Bench::in_one_time().await;
    let fault = json!({"kind": "done_but_server_error", "method": "POST", "path_prefix": "/conversations/messages/"});
    log(&bench, json!({"channel": "sms", "direction": "inbound", "text": "One"})).await;
    bench.order_fault(fault).await;
    let logged = log(&bench, json!({"channel": "sms", "direction": "inbound", "text": "Two"})).await;
    let items = shown(&bench).await;
    assert_eq!((items.len(), &items[1]["id"]), (2, &logged["message_id"]));
    bench
        .order_fault(json!({"kind": "server_error", "method": "POST", "path_prefix": "/conversations/messages/"}))
        .await;
    let arguments =
        json!({"contact": HUGO, "provider": PROVIDER, "channel": "sms", "direction": "inbound", "text": "Three"});
    let refused = bench.refused("log_message", arguments).await;
    assert_eq!(refused.error["details"]["lost_change"], "not_made", "{refused:?}");
}
