use serde_json::json;

use crate::bench::{Bench, DENTAL, DENTAL_NAME, GYM, RIVAL};

#[tokio::test]
async fn products_come_with_their_prices_in_minor_units() {
    let bench = Bench::new().await;
    let mut found = bench.call("list_products", json!({"query": "smile"})).await;
    assert!(found["items"][0]["id"].take().is_string());
    assert!(found["items"][0]["prices"][0]["id"].take().is_string());
    let expected = json!({
        "location": {"id": DENTAL, "name": DENTAL_NAME},
        "items": [{
            "id": null, "name": "Smile club", "type": "service", "in_store": true,
            "prices": [{"id": null, "name": "Smile club", "amount_minor": 2_950, "currency": "USD", "every": "1 month"}]
        }],
        "total": 1
    });
    assert_eq!(found, expected);
}

#[tokio::test]
async fn all_pages_hold_all_products() {
    let bench = Bench::new().await;
    assert_eq!(bench.all_pages("list_products", json!({"location": GYM, "limit": 1})).await.len(), 3);
    assert_eq!(bench.call("list_products", json!({"query": "yacht"})).await["total"], 0);
}

#[tokio::test]
async fn faults_are_answered() {
    let bench = Bench::new().await;
    assert_eq!(bench.refused("list_products", json!({"limit": 26, "name": "x"})).await.faulty_fields().len(), 2);
}

#[tokio::test]
async fn another_tenant_sees_its_own() {
    let bench = Bench::new().await;
    assert_eq!(bench.refused_as(RIVAL, "list_products", json!({"location": DENTAL})).await.code(), "not_found");
    let theirs = bench.call_as(RIVAL, "list_products", json!({"query": "core"})).await;
    assert_eq!(theirs["items"][0]["prices"][0]["amount_minor"], 99_700);
}
