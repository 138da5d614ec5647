use serde_json::{Value, json};

use crate::bench::{Bench, COURSES, DENTAL, DENTAL_NAME, RIVAL};

async fn latest(bench: &Bench) -> Value {
    bench.call("search_conversations", json!({"limit": 1})).await["items"][0].clone()
}

async fn writes(bench: &Bench) -> usize {
    bench.requests().await.iter().filter(|request| request.starts_with("PUT /conversations/")).count()
}

#[tokio::test]
async fn a_conversation_is_read_and_starred_and_that_can_be_taken_back() {
    let bench = Bench::new().await;
    let row = latest(&bench).await;
    assert_eq!(row["unread"], 2);
    let arguments = json!({"contact": row["contact"]["id"], "starred": true, "unread": false});
    let mut changed = bench.call("update_conversation", arguments).await;
    let change_id = changed["change_id"].take();
    let expected = json!({
        "location": {"id": DENTAL, "name": DENTAL_NAME}, "id": row["id"], "contact": row["contact"],
        "starred": true, "unread": 0, "changed": ["starred", "unread"], "change_id": null,
        "link": format!(
            "https://app.gohighlevel.com/v2/location/{DENTAL}/conversations/conversations/{}",
            row["id"].as_str().unwrap()
        )
    });
    assert_eq!(changed, expected);
    assert_eq!(latest(&bench).await["unread"], 0);
    bench.call("undo_change", json!({"change": change_id})).await;
    assert_eq!(latest(&bench).await["unread"], 2);
}

#[tokio::test]
async fn what_is_so_already_is_not_written() {
    let bench = Bench::new().await;
    let row = latest(&bench).await;
    let same =
        bench.call("update_conversation", json!({"conversation": row["id"], "unread": true, "starred": false})).await;
    assert_eq!((&same["changed"], &same["unread"]), (&json!([]), &json!(2)));
    assert_eq!(writes(&bench).await, 0);
    let read = bench.call("update_conversation", json!({"conversation": row["id"], "unread": false})).await;
    let unread = bench.call("update_conversation", json!({"conversation": row["id"], "unread": true})).await;
    assert_eq!((&read["unread"], &unread["unread"]), (&json!(0), &json!(1)));
}

#[tokio::test]
async fn faults_come_at_once_and_others_conversations_are_left_alone() {
    let bench = Bench::new().await;
    let row = latest(&bench).await;
    let nothing = bench.refused("update_conversation", json!({"conversation": row["id"]})).await;
    assert_eq!(nothing.faulty_fields(), ["/starred", "/unread"]);
    let neither = bench.refused("update_conversation", json!({"starred": true})).await;
    assert_eq!(neither.faulty_fields(), ["/conversation", "/contact"]);
    let arguments = json!({"conversation": row["id"], "starred": true});
    assert_eq!(bench.refused_as(RIVAL, "update_conversation", arguments.clone()).await.code(), "not_found");
    let mut elsewhere = arguments;
    elsewhere["location"] = json!(COURSES);
    assert_eq!(bench.refused("update_conversation", elsewhere).await.code(), "not_found");
    assert_eq!(writes(&bench).await, 0);
}

#[tokio::test]
async fn a_vendor_that_stays_down_is_named() {
    let bench = Bench::new().await;
    let row = latest(&bench).await;
    let fault = json!({"kind": "server_error", "method": "PUT", "path_prefix": "/conversations/", "count": 20});
    bench.order_fault(fault).await;
    let refused = bench.refused("update_conversation", json!({"conversation": row["id"], "starred": true})).await;
    assert_eq!(refused.code(), "upstream_unavailable");
}
