use serde_json::json;

use crate::bench::{Bench, DENTAL, DENTAL_NAME, RIVAL, noted};

fn writes(requests: &[String]) -> Vec<&String> {
    requests.iter().filter(|request| request.contains("/tags") && !request.starts_with("GET")).collect()
}

#[tokio::test]
async fn a_tag_is_made_once() {
    let bench = Bench::new().await;
    let mut made = bench.call("save_tag", json!({"name": "  Event  Spring "})).await;
    let id = made["tag"]["id"].take();
    let expected = json!({
        "location": {"id": DENTAL, "name": DENTAL_NAME}, "tag": {"id": null, "name": "event spring"}, "created": true
    });
    assert_eq!(noted(&made), expected);
    let again = bench.call("save_tag", json!({"name": "event spring"})).await;
    assert_eq!((&again["created"], &again["tag"]["id"]), (&json!(false), &id));
    assert_eq!(writes(&bench.requests().await).len(), 1);
}

#[tokio::test]
async fn a_tag_is_renamed_on_every_contact() {
    let bench = Bench::new().await;
    let before = bench.call("search_contacts", json!({"tags": ["src_paid"], "limit": 1})).await;
    let renamed = bench.call("save_tag", json!({"name": "SRC_PAID", "rename_to": "src_ads"})).await;
    assert_eq!((&renamed["tag"]["name"], &renamed["renamed_from"]), (&json!("src_ads"), &json!("src_paid")));
    let after = bench.call("search_contacts", json!({"tags": ["src_ads"], "limit": 1})).await;
    assert_eq!(after["total"], before["total"]);
    let same = bench.call("save_tag", json!({"name": "src_ads", "rename_to": "Src_Ads"})).await;
    assert_eq!(same.get("renamed_from"), None);
}

#[tokio::test]
async fn renaming_what_is_not_there_or_onto_another_is_refused() {
    let bench = Bench::new().await;
    let unknown = bench.refused("save_tag", json!({"name": "src_payd", "rename_to": "src_ads"})).await;
    assert_eq!((unknown.code(), unknown.candidates()[0]), ("not_found", "src_paid"));
    let part = bench.refused("save_tag", json!({"name": "src_pai", "rename_to": "src_ads"})).await;
    assert_eq!((part.code(), part.candidates()[0]), ("not_found", "src_paid"));
    let taken = bench.refused("save_tag", json!({"name": "src_paid", "rename_to": "src_organic"})).await;
    assert_eq!(taken.code(), "conflict");
    assert!(writes(&bench.requests().await).is_empty());
}

#[tokio::test]
async fn all_faults_come_at_once() {
    let bench = Bench::new().await;
    let refused = bench.refused("save_tag", json!({"name": " ", "rename_to": ""})).await;
    assert_eq!(refused.faulty_fields(), ["/name", "/rename_to"]);
    assert_eq!(bench.refused("save_tag", json!({"tag": "x"})).await.faulty_fields().len(), 2);
}

#[tokio::test]
async fn another_tenants_tags_stay_apart() {
    let bench = Bench::new().await;
    let arguments = json!({"location": DENTAL, "name": "src_paid", "rename_to": "mine"});
    assert_eq!(bench.refused_as(RIVAL, "save_tag", arguments).await.code(), "not_found");
}

#[tokio::test]
async fn a_lost_answer_is_said_to_be_lost_and_nothing_is_repeated() {
    let bench = Bench::new().await;
    bench.order_fault(json!({"kind": "server_error", "method": "POST"})).await;
    let refused = bench.refused("save_tag", json!({"name": "event spring"})).await;
    assert_eq!((refused.code(), writes(&bench.requests().await).len()), ("upstream_unavailable", 1));
}
