use serde_json::{Value, json};

use crate::bench::{ACME, Bench, GYM};

const HUGO: &str = "7bz1vxurOfxGGeMCIas9";

async fn ids(bench: &Bench, arguments: Value) -> Vec<Value> {
    let mut rows = Vec::new();
    for row in bench.all_pages("list_changes", arguments).await {
        rows.push(row["id"].clone());
    }
    rows
}

#[tokio::test]
async fn changes_come_newest_first_and_by_what_is_asked_for() {
    let bench = Bench::new().await;
    let tags = bench.call("set_contact_tags", json!({"contact": HUGO, "add": ["one"]})).await["change_id"].clone();
    let note = bench.call("add_note", json!({"contact": HUGO, "text": "Called"})).await;
    let lead = json!({"location": GYM, "email": "gym@example.com", "first_name": "Gym"});
    let lead = bench.call("upsert_contact", lead).await["change_id"].clone();
    let noted = note["change_id"].clone();
    let all = [lead.clone(), noted.clone(), tags.clone()];

    assert_eq!(ids(&bench, json!({})).await, all);
    assert_eq!(ids(&bench, json!({"limit": 1})).await, all, "page by page");
    assert_eq!(ids(&bench, json!({"location": GYM})).await, [lead]);
    assert_eq!(ids(&bench, json!({"record": HUGO})).await, [noted.clone(), tags.clone()]);
    assert_eq!(ids(&bench, json!({"record": note["note_id"]})).await, [noted]);
    assert_eq!(ids(&bench, json!({"tool": "set_contact_tags"})).await, [tags]);
    assert_eq!(ids(&bench, json!({"by": "tester"})).await, all);
    assert!(ids(&bench, json!({"by": "somebody"})).await.is_empty());
}

#[tokio::test]
async fn a_row_says_who_did_what_to_what_and_how_it_stands() {
    let bench = Bench::new().await;
    bench.call("set_contact_tags", json!({"contact": HUGO, "add": ["one"], "remove": ["two"]})).await;
    bench.call("send_message", json!({"contact": HUGO, "channel": "sms", "text": "a secret"})).await;
    let listed = bench.call("list_changes", json!({})).await;
    let (sent, tags) = (&listed["items"][0], &listed["items"][1]);
    assert_eq!((&sent["summary"], &sent["state"]), (&json!("sent an SMS to Hugo Laurent"), &json!("final")));
    assert!(!listed.to_string().contains("a secret"), "what was said is not shown");
    let shown = [&tags["by"], &tags["tool"], &tags["record"], &tags["record_id"], &tags["location"], &tags["state"]];
    assert_eq!(
        shown,
        [
            &json!("tester"),
            &json!("set_contact_tags"),
            &json!("contact"),
            &json!(HUGO),
            &json!("Brightside Dental Group"),
            &json!("done")
        ]
    );
    let id = tags["id"].clone();
    let undone = bench.call("undo_change", json!({"change": id})).await;
    let listed = bench.call("list_changes", json!({"limit": 3})).await;
    assert_eq!((&listed["items"][0]["id"], &listed["items"][0]["undoes"]), (&undone["change_id"], &id));
    assert_eq!((&listed["items"][2]["state"], &listed["items"][2]["undone_by"]), (&json!("undone"), &json!("tester")));
}

#[tokio::test]
async fn a_cursor_belongs_to_its_question_and_tenant() {
    let bench = Bench::new().await;
    for tag in ["one", "two"] {
        bench.call("set_contact_tags", json!({"contact": HUGO, "add": [tag]})).await;
    }
    let cursor = bench.call("list_changes", json!({"limit": 1})).await["next_cursor"].clone();
    let refused = bench.refused_as(ACME, "list_changes", json!({"limit": 2, "cursor": cursor})).await;
    assert_eq!(refused.faulty_fields(), ["/cursor"]);
    let refused = bench.refused_as("bold", "list_changes", json!({"limit": 1, "cursor": cursor})).await;
    assert_eq!(refused.faulty_fields(), ["/cursor"]);
}
