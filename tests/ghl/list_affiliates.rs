use serde_json::{Value, json};

use crate::bench::{Bench, DENTAL, DENTAL_NAME, RIVAL};

#[tokio::test]
async fn affiliates_come_with_what_they_bring_and_are_owed() {
    let bench = Bench::new().await;
    let found = bench.call("list_affiliates", json!({"limit": 2})).await;
    assert_eq!(found["location"], json!({"id": DENTAL, "name": DENTAL_NAME}));
    let rows = bench.all_pages("list_affiliates", json!({"limit": 2})).await;
    assert_eq!(found["total"], rows.len());
    let sum = |field: &str| -> i64 { rows.iter().map(|row| row[field]["amount_minor"].as_i64().unwrap()).sum() };
    let expected = json!([{
        "currency": "USD", "revenue_minor": sum("revenue"), "owed_minor": sum("owed"), "paid_minor": sum("paid")
    }]);
    assert_eq!(found["totals"], expected);
    let inactive = bench.call("list_affiliates", json!({"active": false})).await;
    assert_eq!(inactive["total"], rows.iter().filter(|row| row["active"] == json!(false)).count());
    let contact = bench.call("get_contact", json!({"contact": rows[0]["contact_id"]})).await;
    assert_eq!(contact["contact"]["name"], rows[0]["name"]);
}

#[tokio::test]
async fn one_affiliate_comes_with_commissions_and_payouts() {
    let bench = Bench::new().await;
    let rows = bench.all_pages("list_affiliates", json!({})).await;
    let who = &rows[0];
    let one = bench.call("list_affiliates", json!({"affiliate": who["email"]})).await;
    assert_eq!((&one["total"], &one["items"][0]), (&json!(1), who));
    let owed: i64 = one["payouts"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|payout| payout["status"] == "pending")
        .map(|payout| payout["money"]["amount_minor"].as_i64().unwrap())
        .sum();
    assert_eq!(owed, who["owed"]["amount_minor"].as_i64().unwrap());
    let commissions = one["commissions"].as_array().unwrap();
    assert_eq!(commissions.len(), usize::try_from(who["customers"].as_u64().unwrap()).unwrap());
    let first: &Value = &commissions[0];
    let expected = (&json!("Partners"), &json!("First purchase"), &json!({"amount_minor": 2_500, "currency": "USD"}));
    assert_eq!((&first["campaign"], &first["product"], &first["money"]), expected);
}

#[tokio::test]
async fn unknown_names_and_faults_are_answered() {
    let bench = Bench::new().await;
    let refused = bench.refused("list_affiliates", json!({"affiliate": "zzz"})).await;
    assert_eq!(refused.code(), "not_found");
    assert!(!refused.candidates().is_empty());
    assert_eq!(bench.refused("list_affiliates", json!({"active": "yes"})).await.faulty_fields(), ["/active"]);
}

#[tokio::test]
async fn another_tenants_affiliates_do_not_exist() {
    let bench = Bench::new().await;
    let id = bench.call("list_affiliates", json!({})).await["items"][0]["id"].clone();
    assert_eq!(bench.refused_as(RIVAL, "list_affiliates", json!({"affiliate": id})).await.code(), "not_found");
}
