use serde_json::json;

use crate::bench::{Bench, DENTAL, DENTAL_NAME, RIVAL};

#[tokio::test]
async fn links_say_where_they_lead_and_what_stands_for_them() {
    let found = Bench::new().await.call("list_trigger_links", json!({"query": "whitening"})).await;
    assert_eq!(found["location"], json!({"id": DENTAL, "name": DENTAL_NAME}));
    let row = &found["items"][0];
    assert_eq!(
        (&row["name"], &row["url"]),
        (&json!("Whitening offer"), &json!("https://dental.example.com/whitening"))
    );
    let merge_field = format!("{{{{trigger_link.{}}}}}", row["id"].as_str().unwrap());
    assert_eq!((&row["merge_field"], found.get("next_cursor")), (&json!(merge_field), None));
}

#[tokio::test]
async fn pages_lead_to_the_end() {
    let bench = Bench::new().await;
    let all = bench.all_pages("list_trigger_links", json!({"limit": 2})).await;
    let names: Vec<&str> = all.iter().map(|row| row["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["Book a check-up", "Whitening offer", "Leave a review"]);
}

#[tokio::test]
async fn another_tenants_links_do_not_exist() {
    let bench = Bench::new().await;
    assert_eq!(bench.refused_as(RIVAL, "list_trigger_links", json!({"location": DENTAL})).await.code(), "not_found");
    let own = bench.call_as(RIVAL, "list_trigger_links", json!({})).await;
    assert_eq!(own["items"][0]["name"], "Webinar room");
}

#[tokio::test]
async fn a_cursor_belongs_to_its_question() {
    let bench = Bench::new().await;
    let cursor = bench.call("list_trigger_links", json!({"limit": 2})).await["next_cursor"].clone();
    let refused = bench.refused("list_trigger_links", json!({"limit": 2, "query": "a", "cursor": cursor})).await;
    assert_eq!(refused.faulty_fields(), ["/cursor"]);
    let refused = bench.refused("list_trigger_links", json!({"limit": 0, "query": ""})).await;
    assert_eq!(refused.faulty_fields().len(), 2);
}
