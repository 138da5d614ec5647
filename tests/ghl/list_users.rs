use serde_json::{Value, json};

use crate::bench::{Bench, COURSES, DENTAL, DENTAL_NAME, GYM, RIVAL};

fn names(list: &Value) -> Vec<&str> {
    list["items"].as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn the_team_is_listed_with_roles_and_ids() {
    let bench = Bench::new().await;
    let mut list = bench.call("list_users", json!({"query": "priya"})).await;
    assert!(list["items"][0]["id"].take().is_string());
    let priya = json!({
        "id": null, "name": "Priya Raman", "email": "priya@dental.example.com", "phone": "+13605550190", "role": "admin"
    });
    let expected = json!({"location": {"id": DENTAL, "name": DENTAL_NAME}, "items": [priya], "total": 1});
    assert_eq!(list, expected);
    assert_eq!(bench.call("list_users", json!({})).await["total"], 4);
    let gym = bench.call("list_users", json!({"location": GYM, "query": "gym.example.com"})).await;
    assert_eq!(names(&gym), ["Dana Whitlock", "Marcus Bell"]);
}

#[tokio::test]
async fn pages_lead_to_the_end_and_no_further() {
    let bench = Bench::new().await;
    let whole = bench.call("list_users", json!({})).await;
    assert_eq!(json!(bench.all_pages("list_users", json!({"limit": 1})).await), whole["items"]);
    let page = bench.call("list_users", json!({"limit": 1})).await;
    let other = json!({"limit": 2, "cursor": page["next_cursor"]});
    assert_eq!(bench.refused("list_users", other).await.faulty_fields(), ["/cursor"]);
}

#[tokio::test]
async fn bad_arguments_and_other_tenants_people_are_refused() {
    let bench = Bench::new().await;
    let refused = bench.refused("list_users", json!({"limit": 0, "role": "admin"})).await;
    let mut fields = refused.faulty_fields();
    fields.sort_unstable();
    assert_eq!(fields, ["/limit", "/role"]);
    assert_eq!(bench.refused("list_users", json!({"location": COURSES})).await.code(), "not_found");
    let rivals = bench.call_as(RIVAL, "list_users", json!({})).await;
    assert!(!names(&rivals).contains(&"Tom Okafor"), "{rivals}");
}
