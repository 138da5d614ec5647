use serde_json::json;

use crate::bench::{Bench, DENTAL, DENTAL_NAME, RIVAL};

#[tokio::test]
async fn a_template_is_made_once_and_changed_from_then_on() {
    let bench = Bench::new().await;
    let arguments = json!({
        "name": "Spring", "html": "<p>Hello {{contact.first_name}}</p>", "subject": "Spring is here",
        "from_name": "Brightside", "from_email": "hello@example.com", "preview_text": "Twenty percent",
    });
    let made = bench.call("save_email_template", arguments).await;
    assert_eq!((&made["created"], &made["location"]), (&json!(true), &json!({"id": DENTAL, "name": DENTAL_NAME})));
    assert_eq!((&made["template"]["editor"], &made["template"]["subject"]), (&json!("html"), &json!("Spring is here")));
    let arguments = json!({"name": "spring", "text": "Hello", "rename_to": "Spring 2"});
    let changed = bench.call("save_email_template", arguments).await;
    assert_eq!((&changed["created"], &changed["template"]["id"]), (&json!(false), &made["template"]["id"]));
    assert_eq!((&changed["template"]["name"], &changed["template"]["editor"]), (&json!("Spring 2"), &json!("text")));
}

/// "Whitening" is not "Whitening offer": a new template must not overwrite another one.
#[tokio::test]
async fn a_beginning_of_a_name_is_another_name() {
    let bench = Bench::new().await;
    let made = bench.call("save_email_template", json!({"name": "Whitening", "text": "Hi"})).await;
    assert_eq!(made["created"], true);
    let found = bench.call("list_email_templates", json!({"query": "whitening"})).await;
    assert_eq!(found["total"], 2);
}

#[tokio::test]
async fn what_was_made_by_dragging_keeps_its_design() {
    let bench = Bench::new().await;
    let arguments = json!({"name": "New patient welcome", "html": "<p>x</p>"});
    assert_eq!(bench.refused("save_email_template", arguments).await.code(), "failed_precondition");
    let arguments = json!({"name": "New patient welcome", "subject": "Welcome!"});
    assert_eq!(bench.call("save_email_template", arguments).await["template"]["subject"], "Welcome!");
}

#[tokio::test]
async fn a_template_whose_answer_was_lost_is_found_and_answered_with() {
    let bench = Bench::in_one_time().await;
    bench.order_fault(json!({"kind": "done_but_server_error", "method": "POST", "path_prefix": "/emails/"})).await;
    let made = bench.call("save_email_template", json!({"name": "Once", "text": "Hi"})).await;
    let found = bench.call("list_email_templates", json!({"query": "Once"})).await;
    assert_eq!((&found["total"], &found["items"][0]["id"]), (&json!(1), &made["template"]["id"]));
}

#[tokio::test]
async fn what_cannot_be_written_is_refused() {
    let bench = Bench::new().await;
    for (arguments, field) in [
        (json!({"name": "X"}), "/html"),
        (json!({"name": " ", "html": "x"}), "/name"),
        (json!({"name": "X", "html": "x", "text": "x"}), "/html"),
        (json!({"name": "X", "html": "x", "from_email": "nobody"}), "/from_email"),
        (json!({"name": "Recall reminder"}), "/html"),
    ] {
        let refused = bench.refused("save_email_template", arguments.clone()).await;
        assert_eq!(refused.faulty_fields()[0], field, "{arguments}");
    }
    let refused = bench.refused("save_email_template", json!({"name": "Nothing", "rename_to": "Y", "text": "x"})).await;
    assert_eq!(refused.code(), "not_found");
    assert!(bench.requests().await.iter().all(|request| !request.starts_with("POST /emails")));
}

#[tokio::test]
async fn another_tenant_changes_nothing() {
    let bench = Bench::new().await;
    let id = bench.call("list_email_templates", json!({"limit": 1})).await["items"][0]["id"].clone();
    let refused = bench.refused_as(RIVAL, "save_email_template", json!({"name": id, "subject": "Mine"})).await;
    assert!(["not_found", "permission_denied"].contains(&refused.code()), "{refused:?}");
    let arguments = json!({"location": DENTAL, "name": "Recall reminder", "subject": "Mine"});
    assert_eq!(bench.refused_as(RIVAL, "save_email_template", arguments).await.code(), "not_found");
}
