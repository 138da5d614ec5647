use serde_json::json;

use crate::bench::{Bench, DENTAL, DENTAL_NAME, RIVAL};

#[tokio::test]
async fn accounts_and_groups_are_listed_and_expired_ones_marked() {
    let found = Bench::new().await.call("list_social_accounts", json!({})).await;
    assert_eq!(found["location"], json!({"id": DENTAL, "name": DENTAL_NAME}));
    let rows = found["items"].as_array().unwrap();
    let platforms: Vec<&str> = rows.iter().map(|row| row["platform"].as_str().unwrap()).collect();
    assert_eq!(platforms.len(), 5);
    let expired: Vec<&str> = rows
        .iter()
        .filter(|row| row.get("expired") == Some(&json!(true)))
        .map(|row| row["platform"].as_str().unwrap())
        .collect();
    assert_eq!(expired, ["linkedin"]);
    let group = json!({
        "name": "Everywhere",
        "accounts": ["Brightside Dental Group", "Brightside Dental Group on Instagram"],
    });
    assert_eq!(found["groups"], json!([group]));
}

#[tokio::test]
async fn another_tenants_accounts_do_not_exist() {
    let bench = Bench::new().await;
    assert_eq!(bench.refused_as(RIVAL, "list_social_accounts", json!({"location": DENTAL})).await.code(), "not_found");
    let own = bench.call_as(RIVAL, "list_social_accounts", json!({})).await;
    assert!(!own.to_string().contains("Brightside"), "{own}");
}

#[tokio::test]
async fn unknown_arguments_are_told() {
    let refused = Bench::new().await.refused("list_social_accounts", json!({"platform": "facebook"})).await;
    assert_eq!(refused.faulty_fields(), ["/platform"]);
}
