use serde_json::{Value, json};

use crate::bench::{Bench, DENTAL, DENTAL_NAME, RIVAL};

fn in_october(mut arguments: Value) -> Value {
    arguments["from"] = json!("2026-10-01");
    arguments["to"] = json!("2026-10-31");
    arguments
}

#[tokio::test]
async fn figures_come_in_all_and_by_platform() {
    let found = Bench::new().await.call("get_social_stats", in_october(json!({}))).await;
    assert_eq!(found["location"], json!({"id": DENTAL, "name": DENTAL_NAME}));
    assert_eq!((&found["from"], &found["to"]), (&json!("2026-10-01"), &json!("2026-10-31")));
    let rows = found["platforms"].as_array().unwrap();
    let names: Vec<&str> = rows.iter().map(|row| row["platform"].as_str().unwrap()).collect();
    assert_eq!(names, ["facebook", "google", "instagram", "linkedin"], "a personal TikTok profile is not measured");
    for figure in ["posts", "impressions", "reach"] {
        let sum: f64 = rows.iter().map(|row| row[figure]["value"].as_f64().unwrap()).sum();
        assert_eq!(found[figure]["value"].as_f64(), Some(sum), "{figure}");
    }
    let followers: f64 = rows.iter().map(|row| row["followers"].as_f64().unwrap()).sum();
    assert_eq!(found["followers"].as_f64(), Some(followers));
}

#[tokio::test]
async fn some_accounts_are_asked_by_name() {
    let bench = Bench::new().await;
    let all = bench.call("get_social_stats", in_october(json!({}))).await;
    let one = bench.call("get_social_stats", in_october(json!({"accounts": ["instagram"]}))).await;
    assert_eq!(one["platforms"], json!([all["platforms"][2]]));
    let week = bench.call("get_social_stats", json!({"to": "2026-11-19"})).await;
    assert_eq!(week["from"], "2026-11-13");
}

#[tokio::test]
async fn what_is_not_measured_is_said() {
    let refused = Bench::new().await.refused("get_social_stats", json!({"accounts": ["tiktok"]})).await;
    assert_eq!(refused.code(), "failed_precondition");
}

#[tokio::test]
async fn another_tenants_figures_do_not_exist() {
    let bench = Bench::new().await;
    assert_eq!(bench.refused_as(RIVAL, "get_social_stats", json!({"location": DENTAL})).await.code(), "not_found");
    let refused = bench.refused_as(RIVAL, "get_social_stats", json!({"accounts": ["Brightside Dental Group"]})).await;
    assert_eq!(refused.code(), "not_found");
}

#[tokio::test]
async fn wrong_days_are_told() {
    let refused =
        Bench::new().await.refused("get_social_stats", json!({"from": "2026-11-02", "to": "2026-11-01"})).await;
    assert_eq!(refused.faulty_fields(), ["/from"]);
}
