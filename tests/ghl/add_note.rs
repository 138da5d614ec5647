use serde_json::json;

use crate::bench::{Bench, DENTAL, DENTAL_NAME, RIVAL, noted};

const HUGO: &str = "7bz1vxurOfxGGeMCIas9";

#[tokio::test]
async fn a_note_is_written_and_can_be_read() {
    let bench = Bench::new().await;
    let mut written =
        bench.call("add_note", json!({"contact": "Hugo Laurent", "text": "Called back", "title": "Call"})).await;
    let note_id = written["note_id"].take();
    let expected = json!({
        "location": {"id": DENTAL, "name": DENTAL_NAME},
        "contact": {"id": HUGO, "name": "Hugo Laurent"},
        "note_id": null,
        "written_at": "2026-11-20T00:00:00Z",
        "link": format!("https://app.gohighlevel.com/v2/location/{DENTAL}/contacts/detail/{HUGO}")
    });
    assert_eq!(noted(&written), expected);
    let read = bench.call("get_contact", json!({"contact": HUGO})).await;
    let notes = read["notes"].as_array().unwrap();
    let note = notes.iter().find(|note| note["id"] == note_id).expect("the note is there");
    assert_eq!((&note["title"], &note["text"]["untrusted"]), (&json!("Call"), &json!("Called back")));
}

#[tokio::test]
async fn a_lost_answer_is_not_repeated() {
    let bench = Bench::new().await;
    bench.order_fault(json!({"kind": "server_error", "method": "POST", "path_prefix": "/contacts/"})).await;
    let refused = bench.refused("add_note", json!({"contact": HUGO, "text": "once"})).await;
    assert_eq!(refused.code(), "upstream_unavailable");
    let posts = bench.requests().await.into_iter().filter(|request| request.starts_with("POST")).count();
    assert_eq!(posts, 1);
}

#[tokio::test]
async fn a_note_whose_answer_was_lost_is_found_and_answered_with() {
    let bench = Bench::in_one_time().await;
    bench.order_fault(json!({"kind": "done_but_server_error", "method": "POST", "path_prefix": "/contacts/"})).await;
    let written = bench.call("add_note", json!({"contact": HUGO, "text": "once"})).await;
    let notes = bench.call("get_contact", json!({"contact": HUGO})).await["notes"].clone();
    let same = notes.as_array().unwrap().iter().filter(|note| note["text"]["untrusted"] == "once");
    assert_eq!(same.map(|note| &note["id"]).collect::<Vec<_>>(), [&written["note_id"]]);
}

#[tokio::test]
async fn a_note_that_was_not_written_is_said_not_to_be() {
    let bench = Bench::in_one_time().await;
    bench.call("add_note", json!({"contact": HUGO, "text": "another"})).await;
    bench.order_fault(json!({"kind": "server_error", "method": "POST", "path_prefix": "/contacts/"})).await;
    let refused = bench.refused("add_note", json!({"contact": HUGO, "text": "once"})).await;
    assert_eq!(refused.error["details"]["lost_change"], "not_made", "{refused:?}");
}

#[tokio::test]
async fn the_same_key_writes_one_note() {
    let bench = Bench::in_one_time().await;
    let note = json!({"contact": HUGO, "text": "once", "idempotency_key": "lead-7"});
    let first = bench.call("add_note", note.clone()).await;
    assert_eq!(bench.call("add_note", note).await, first);
    let posts = bench.requests().await.into_iter().filter(|request| request.starts_with("POST")).count();
    assert_eq!(posts, 1);
}

#[tokio::test]
async fn all_faults_come_at_once() {
    let bench = Bench::new().await;
    let refused = bench.refused("add_note", json!({"text": "", "title": 5, "body": "x"})).await;
    let mut fields = refused.faulty_fields();
    fields.sort_unstable();
    assert_eq!(fields, ["/body", "/contact", "/text", "/title"]);
    assert_eq!(bench.refused("add_note", json!({"contact": HUGO, "text": "  "})).await.faulty_fields(), ["/text"]);
}

#[tokio::test]
async fn ambiguous_names_and_other_tenants_contacts_are_left_alone() {
    let bench = Bench::new().await;
    let refused = bench.refused("add_note", json!({"contact": "Weber", "text": "x"})).await;
    assert!(refused.candidates().len() > 1, "{refused:?}");
    let refused = bench.refused_as(RIVAL, "add_note", json!({"contact": HUGO, "text": "x"})).await;
    assert_eq!(refused.code(), "not_found");
}
