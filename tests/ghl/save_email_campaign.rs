use serde_json::json;

use crate::bench::{Bench, DENTAL, DENTAL_NAME, RIVAL};

#[tokio::test]
async fn a_draft_is_made_once_and_changed_from_then_on() {
    let bench = Bench::new().await;
    let arguments = json!({"name": "December", "html": "<p>Hello</p>", "user": "priya"});
    let made = bench.call("save_email_campaign", arguments).await;
    assert_eq!((&made["created"], &made["location"]), (&json!(true), &json!({"id": DENTAL, "name": DENTAL_NAME})));
    assert_eq!((&made["campaign"]["status"], &made["campaign"]["kind"]), (&json!("draft"), &json!("email")));
    let arguments = json!({"name": "december", "text": "Hello", "rename_to": "December 2"});
    let changed = bench.call("save_email_campaign", arguments).await;
    assert_eq!((&changed["created"], &changed["campaign"]["name"]), (&json!(false), &json!("December 2")));
    assert_eq!(changed["campaign"]["id"], made["campaign"]["id"]);
    assert!(bench.requests().await.iter().all(|request| !request.contains("/schedule")), "nothing is sent");
}

#[tokio::test]
async fn a_template_is_named_and_not_numbered() {
    let bench = Bench::new().await;
    let arguments = json!({"name": "Recall in January", "template": "recall", "user": "Tom"});
    assert_eq!(bench.call("save_email_campaign", arguments).await["created"], true);
    let arguments = json!({"name": "Another", "template": "Recoll reminder", "user": "Tom"});
    let refused = bench.refused("save_email_campaign", arguments).await;
    assert_eq!((refused.code(), refused.candidates().len()), ("not_found", 0));
}

#[tokio::test]
async fn somebody_has_to_make_it() {
    let bench = Bench::new().await;
    let refused = bench.refused("save_email_campaign", json!({"name": "Whose", "text": "Hi"})).await;
    assert!(refused.candidates().contains(&"Priya Raman"), "{refused:?}");
}

#[tokio::test]
async fn what_has_left_the_desk_is_not_changed() {
    let bench = Bench::new().await;
    for name in ["Holiday hours", "October newsletter"] {
        let refused = bench.refused("save_email_campaign", json!({"name": name, "text": "Hi"})).await;
        assert_eq!(refused.code(), "failed_precondition", "{name}");
    }
}

#[tokio::test]
async fn a_draft_whose_answer_was_lost_is_found_and_answered_with() {
    let bench = Bench::in_one_time().await;
    bench.order_fault(json!({"kind": "done_but_server_error", "method": "POST", "path_prefix": "/emails/"})).await;
    let made = bench.call("save_email_campaign", json!({"name": "Once", "text": "Hi", "user": "Tom"})).await;
    let found = bench.call("list_email_campaigns", json!({"query": "Once"})).await;
    assert_eq!((&found["total"], &found["items"][0]["id"]), (&json!(1), &made["campaign"]["id"]));
}

#[tokio::test]
async fn what_cannot_be_written_is_refused() {
    let bench = Bench::new().await;
    for (arguments, field) in [
        (json!({"name": "X", "user": "Tom"}), "/html"),
        (json!({"name": " ", "text": "x"}), "/name"),
        (json!({"name": "X", "html": "x", "text": "x"}), "/html"),
        (json!({"name": "X", "html": "x", "template": "Recall"}), "/template"),
        (json!({"name": "Whitening spring offer", "template": "Recall"}), "/template"),
        (json!({"name": "Whitening spring offer"}), "/html"),
    ] {
        let refused = bench.refused("save_email_campaign", arguments.clone()).await;
        assert_eq!(refused.faulty_fields(), [field], "{arguments}");
    }
}

#[tokio::test]
async fn another_tenant_changes_nothing() {
    let bench = Bench::new().await;
    let arguments = json!({"location": DENTAL, "name": "Whitening spring offer", "text": "Mine"});
    assert_eq!(bench.refused_as(RIVAL, "save_email_campaign", arguments).await.code(), "not_found");
}
