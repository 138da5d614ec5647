use serde_json::{Value, json};

use crate::bench::{Bench, DENTAL, DENTAL_NAME, RIVAL};

fn names(found: &Value) -> Vec<&str> {
    found["items"].as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn campaigns_are_listed_newest_first_with_their_status() {
    let found = Bench::new().await.call("list_email_campaigns", json!({})).await;
    assert_eq!((&found["location"], &found["total"]), (&json!({"id": DENTAL, "name": DENTAL_NAME}), &json!(4)));
    assert_eq!(
        names(&found),
        ["Holiday hours", "Whitening spring offer", "October newsletter", "September newsletter"]
    );
    let row = &found["items"][0];
    assert_eq!((&row["kind"], &row["status"]), (&json!("email"), &json!("scheduled")));
    assert_eq!(row["created_at"], "2026-11-02T00:00:00Z");
}

#[tokio::test]
async fn workflows_and_bulk_emails_are_lists_of_their_own() {
    let bench = Bench::new().await;
    let found = bench.call("list_email_campaigns", json!({"kind": "workflow", "status": "published"})).await;
    assert_eq!(found["total"], 2);
    let found = bench.call("list_email_campaigns", json!({"kind": "bulk", "status": "sent"})).await;
    assert_eq!((names(&found), &found["items"][0]["status"]), (vec!["Patients of Dr. Raman"], &json!("complete")));
    let found = bench.call("list_email_campaigns", json!({"status": "draft", "query": "spring"})).await;
    assert_eq!(names(&found), ["Whitening spring offer"]);
}

#[tokio::test]
async fn pages_lead_to_the_end() {
    let bench = Bench::new().await;
    assert_eq!(bench.all_pages("list_email_campaigns", json!({"limit": 3})).await.len(), 4);
    let cursor = bench.call("list_email_campaigns", json!({"limit": 1})).await["next_cursor"].clone();
    let refused = bench.refused("list_email_campaigns", json!({"limit": 1, "kind": "bulk", "cursor": cursor})).await;
    assert_eq!(refused.faulty_fields(), ["/cursor"]);
}

#[tokio::test]
async fn a_status_that_the_kind_has_not_is_told() {
    let bench = Bench::new().await;
    for arguments in [
        json!({"kind": "workflow", "status": "sent"}),
        json!({"kind": "bulk", "status": "draft"}),
        json!({"status": "published"}),
        json!({"status": "lost"}),
    ] {
        let refused = bench.refused("list_email_campaigns", arguments.clone()).await;
        assert_eq!(refused.faulty_fields(), ["/status"], "{arguments}");
    }
}

#[tokio::test]
async fn another_tenants_campaigns_do_not_exist() {
    let bench = Bench::new().await;
    assert_eq!(bench.refused_as(RIVAL, "list_email_campaigns", json!({"location": DENTAL})).await.code(), "not_found");
    let own = bench.call_as(RIVAL, "list_email_campaigns", json!({})).await;
    assert_eq!(own["total"], 3);
}
