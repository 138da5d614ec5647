use serde_json::{Value, json};

use crate::bench::{Bench, DENTAL, DENTAL_NAME, RIVAL};

/// Around the seed's today: the client's clock is not the emulator's.
fn around(mut arguments: Value) -> Value {
    arguments["from"] = json!("2026-10-20");
    arguments["to"] = json!("2026-12-20");
    arguments
}

#[tokio::test]
async fn posts_come_latest_first_with_their_accounts_by_name() {
    let bench = Bench::new().await;
    let found = bench.call("list_social_posts", around(json!({}))).await;
    assert_eq!((&found["location"], &found["total"]), (&json!({"id": DENTAL, "name": DENTAL_NAME}), &json!(7)));
    let rows = found["items"].as_array().unwrap();
    let instants: Vec<&str> = rows.iter().map(|row| row["at"].as_str().unwrap()).collect();
    assert!(instants.is_sorted_by(|one, other| one >= other), "{instants:?}");
    let row = &rows[0];
    assert_eq!((&row["status"], &row["at"]), (&json!("scheduled"), &json!("2026-11-25T00:00:00Z")));
    assert_eq!(row["accounts"][0]["name"], "Brightside Dental Group on Instagram");
    assert_eq!(row["text"], json!({"untrusted": "Holiday hours at a glance.", "source": "social post"}));
}

#[tokio::test]
async fn status_accounts_and_days_narrow_the_list() {
    let bench = Bench::new().await;
    let failed = bench.call("list_social_posts", around(json!({"status": "failed"}))).await;
    assert_eq!(failed["items"][0]["error"]["untrusted"], "Failed due to auth token");
    for accounts in [json!(["instagram"]), json!(["on Instagram"])] {
        let found = bench.call("list_social_posts", around(json!({"accounts": accounts, "status": "published"}))).await;
        assert_eq!((&found["total"], &found["items"][0]["likes"]), (&json!(1), &json!(19.0)), "{accounts}");
    }
    let group = bench.call("list_social_posts", around(json!({"accounts": ["everywhere"]}))).await;
    assert_eq!(group["total"], 6);
    let few = bench.call("list_social_posts", json!({"from": "2026-11-13", "to": "2026-11-14"})).await;
    assert_eq!(few["total"], 1, "{few}");
}

#[tokio::test]
async fn pages_lead_to_the_end_without_gap_or_repetition() {
    let bench = Bench::new().await;
    let all = bench.all_pages("list_social_posts", around(json!({"limit": 3}))).await;
    let ids: std::collections::HashSet<&str> = all.iter().map(|row| row["id"].as_str().unwrap()).collect();
    assert_eq!((all.len(), ids.len()), (7, 7));
    let cursor = bench.call("list_social_posts", around(json!({"limit": 3}))).await["next_cursor"].clone();
    let other = around(json!({"limit": 3, "status": "draft", "cursor": cursor}));
    assert_eq!(bench.refused("list_social_posts", other).await.faulty_fields(), ["/cursor"]);
}

#[tokio::test]
async fn another_tenants_posts_do_not_exist() {
    let bench = Bench::new().await;
    let refused = bench.refused_as(RIVAL, "list_social_posts", around(json!({"location": DENTAL}))).await;
    assert_eq!(refused.code(), "not_found");
}

#[tokio::test]
async fn wrong_days_and_unknown_accounts_are_told() {
    let bench = Bench::new().await;
    let refused = bench.refused("list_social_posts", json!({"from": "soon", "to": "later"})).await;
    assert_eq!(refused.faulty_fields(), ["/from", "/to"]);
    let refused = bench.refused("list_social_posts", around(json!({"accounts": ["Careeers"]}))).await;
    assert_eq!((refused.code(), refused.candidates().len()), ("not_found", 5));
}
