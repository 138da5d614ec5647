use serde_json::json;

use crate::bench::{Bench, COURSES, RIVAL};

#[tokio::test]
async fn values_come_with_their_merge_tags_page_by_page() {
    let bench = Bench::new().await;
    let first = bench.call("list_custom_values", json!({"limit": 1})).await;
    assert_eq!((&first["total"], &first["items"][0]["name"]), (&json!(4), &json!("Opening hours")));
    assert_eq!(first["items"][0]["merge_tag"], "{{custom_values.opening_hours}}");
    let all = bench.all_pages("list_custom_values", json!({"limit": 1})).await;
    assert_eq!(all.len(), 4);
}

#[tokio::test]
async fn words_are_looked_for_in_name_and_value() {
    let bench = Bench::new().await;
    let found = bench.call("list_custom_values", json!({"query": "X-RAYS"})).await;
    assert_eq!((&found["total"], &found["items"][0]["name"]), (&json!(1), &json!("New patient offer")));
}

#[tokio::test]
async fn faults_and_other_questions_cursors_are_refused() {
    let bench = Bench::new().await;
    assert_eq!(bench.refused("list_custom_values", json!({"limit": 0})).await.faulty_fields(), ["/limit"]);
    let cursor = bench.call("list_custom_values", json!({"limit": 1})).await["next_cursor"].clone();
    let other = json!({"limit": 2, "cursor": cursor});
    assert_eq!(bench.refused("list_custom_values", other).await.faulty_fields(), ["/cursor"]);
}

#[tokio::test]
async fn another_tenant_sees_its_own() {
    let bench = Bench::new().await;
    assert_eq!(bench.refused("list_custom_values", json!({"location": COURSES})).await.code(), "not_found");
    assert_eq!(bench.call_as(RIVAL, "list_custom_values", json!({})).await["items"][0]["name"], "Webinar date");
}
