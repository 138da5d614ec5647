use serde_json::json;

use crate::bench::{Bench, DENTAL, DENTAL_NAME, RIVAL};

#[tokio::test]
async fn templates_are_listed_latest_change_first() {
    let found = Bench::new().await.call("list_email_templates", json!({})).await;
    assert_eq!((&found["location"], &found["total"]), (&json!({"id": DENTAL, "name": DENTAL_NAME}), &json!(4)));
    let names: Vec<&str> = found["items"].as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["Plain note", "Whitening offer", "Recall reminder", "New patient welcome"]);
    let row = &found["items"][0];
    assert_eq!((&row["editor"], &row["updated_at"]), (&json!("text"), &json!("2026-09-24T00:00:00Z")));
    assert!(row["preview_url"].as_str().unwrap().contains("/email-templates/"), "{row}");
}

#[tokio::test]
async fn pages_and_words_lead_to_the_same_rows() {
    let bench = Bench::new().await;
    let all = bench.all_pages("list_email_templates", json!({"limit": 3})).await;
    assert_eq!(all.len(), 4);
    let found = bench.call("list_email_templates", json!({"query": "WHITEN"})).await;
    assert_eq!(found["items"], json!([all[1]]));
    assert_eq!(found.get("next_cursor"), None);
}

#[tokio::test]
async fn another_tenants_templates_do_not_exist() {
    let bench = Bench::new().await;
    assert_eq!(bench.refused_as(RIVAL, "list_email_templates", json!({"location": DENTAL})).await.code(), "not_found");
    let own = bench.call_as(RIVAL, "list_email_templates", json!({"query": "welcome"})).await;
    assert_eq!(own["items"][0]["name"], "Cohort welcome");
}

#[tokio::test]
async fn a_cursor_belongs_to_its_question() {
    let bench = Bench::new().await;
    let cursor = bench.call("list_email_templates", json!({"limit": 1})).await["next_cursor"].clone();
    let refused = bench.refused("list_email_templates", json!({"limit": 2, "cursor": cursor})).await;
    assert_eq!(refused.faulty_fields(), ["/cursor"]);
    let refused = bench.refused("list_email_templates", json!({"limit": 21, "query": ""})).await;
    assert_eq!(refused.faulty_fields().len(), 2);
}
