use serde_json::json;

use crate::bench::{Bench, DENTAL, DENTAL_NAME, RIVAL};

#[tokio::test]
async fn a_link_is_made_once_and_changed_from_then_on() {
    let bench = Bench::new().await;
    let arguments = json!({"name": "Spring", "url": "https://dental.example.com/spring"});
    let made = bench.call("save_trigger_link", arguments).await;
    assert_eq!((&made["created"], &made["location"]), (&json!(true), &json!({"id": DENTAL, "name": DENTAL_NAME})));
    assert_eq!(made.get("before"), None);
    let arguments = json!({"name": "spring", "url": "https://dental.example.com/spring-2"});
    let changed = bench.call("save_trigger_link", arguments).await;
    assert_eq!((&changed["created"], &changed["before"]), (&json!(false), &made["trigger_link"]));
    assert_eq!(changed["trigger_link"]["url"], "https://dental.example.com/spring-2");
    let found = bench.call("list_trigger_links", json!({"query": "spring"})).await;
    assert_eq!(found["items"], json!([changed["trigger_link"]]));
}

#[tokio::test]
async fn a_link_is_renamed_and_keeps_its_address() {
    let bench = Bench::new().await;
    let arguments = json!({"name": "whitening", "rename_to": "Whitening, spring"});
    let changed = bench.call("save_trigger_link", arguments).await;
    assert_eq!(changed["trigger_link"]["name"], "Whitening, spring");
    assert_eq!(changed["trigger_link"]["url"], changed["before"]["url"]);
}

/// "Whitening" is not "Whitening offer": a new link must not overwrite another one.
#[tokio::test]
async fn a_beginning_of_a_name_is_another_name() {
    let bench = Bench::new().await;
    let made = bench.call("save_trigger_link", json!({"name": "Whitening", "url": "https://example.com/w"})).await;
    assert_eq!(made["created"], true);
}

#[tokio::test]
async fn a_link_whose_answer_was_lost_is_found_and_answered_with() {
    let bench = Bench::in_one_time().await;
    bench.order_fault(json!({"kind": "done_but_server_error", "method": "POST", "path_prefix": "/links/"})).await;
    let arguments = json!({"name": "Once", "url": "https://example.com/once"});
    let made = bench.call("save_trigger_link", arguments).await;
    let found = bench.call("list_trigger_links", json!({"query": "once"})).await;
    assert_eq!(found["items"], json!([made["trigger_link"]]));
}

#[tokio::test]
async fn what_is_no_link_is_refused_before_anything_is_asked() {
    let bench = Bench::new().await;
    for (arguments, field) in [
        (json!({"name": "X"}), "/url"),
        (json!({"name": " ", "url": "https://example.com"}), "/name"),
        (json!({"name": "X", "url": "javascript:alert(1)"}), "/url"),
        (json!({"name": "X", "rename_to": " "}), "/rename_to"),
    ] {
        assert_eq!(bench.refused("save_trigger_link", arguments.clone()).await.faulty_fields(), [field], "{arguments}");
    }
    assert!(bench.requests().await.iter().all(|request| !request.contains("/links/")));
    let refused = bench.refused("save_trigger_link", json!({"name": "Nowhere", "rename_to": "Y"})).await;
    assert_eq!(refused.code(), "not_found");
}

#[tokio::test]
async fn another_tenant_changes_nothing() {
    let bench = Bench::new().await;
    let arguments = json!({"location": DENTAL, "name": "Book a check-up", "url": "https://example.com/evil"});
    assert_eq!(bench.refused_as(RIVAL, "save_trigger_link", arguments).await.code(), "not_found");
}
