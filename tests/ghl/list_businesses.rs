use serde_json::json;

use crate::bench::{Bench, DENTAL, DENTAL_NAME, RIVAL};

#[tokio::test]
async fn businesses_are_found_by_words_and_listed_by_name() {
    let bench = Bench::new().await;
    let found = bench.call("list_businesses", json!({"query": "ROSEWATER"})).await;
    assert_eq!(found["location"], json!({"id": DENTAL, "name": DENTAL_NAME}));
    assert_eq!((&found["total"], &found["items"][0]["name"]), (&json!(1), &json!("Rosewater Bakery")));
    assert_eq!(found["items"][0]["details"]["website"], "https://rosewater-bakery.example.com");
    let all = bench.all_pages("list_businesses", json!({"limit": 3})).await;
    let names: Vec<&str> = all.iter().map(|row| row["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["Cascade Outdoor", "Mt. Tabor Electric", "Pearl Street Studio", "Rosewater Bakery"]);
}

#[tokio::test]
async fn one_business_comes_with_its_people() {
    let bench = Bench::new().await;
    let one = bench.call("list_businesses", json!({"business": "rosewater"})).await;
    let people = one["contacts"].as_array().unwrap();
    assert!(!people.is_empty());
    assert_eq!(one["contacts_total"], people.len());
    let contact = bench.call("get_contact", json!({"contact": people[0]["id"]})).await;
    assert_eq!(contact["contact"]["company"], "Rosewater Bakery", "{contact}");
}

#[tokio::test]
async fn unknown_names_and_faults_are_answered() {
    let bench = Bench::new().await;
    let refused = bench.refused("list_businesses", json!({"business": "rosewatr bakry"})).await;
    assert_eq!((refused.code(), refused.candidates()[0]), ("not_found", "Rosewater Bakery"));
    assert_eq!(bench.refused("list_businesses", json!({"limit": 500})).await.faulty_fields(), ["/limit"]);
}

#[tokio::test]
async fn another_tenants_businesses_do_not_exist() {
    let bench = Bench::new().await;
    let refused = bench.refused_as(RIVAL, "list_businesses", json!({"business": "Rosewater Bakery"})).await;
    assert_eq!(refused.code(), "not_found");
    let id = bench.call("list_businesses", json!({"query": "Rosewater"})).await["items"][0]["id"].clone();
    assert_eq!(bench.refused_as(RIVAL, "list_businesses", json!({"business": id})).await.code(), "not_found");
}
