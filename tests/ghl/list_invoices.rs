use serde_json::{Value, json};

use crate::bench::{Bench, DENTAL, DENTAL_NAME, RIVAL};

async fn all(bench: &Bench, arguments: Value) -> Vec<Value> {
    bench.all_pages("list_invoices", arguments).await
}

fn minor(money: &Value) -> i64 {
    money["amount_minor"].as_i64().unwrap()
}

#[tokio::test]
async fn totals_are_those_of_all_that_match_and_not_of_the_page() {
    let bench = Bench::new().await;
    let page = bench.call("list_invoices", json!({"limit": 3})).await;
    assert_eq!(page["location"], json!({"id": DENTAL, "name": DENTAL_NAME}));
    let rows = all(&bench, json!({"limit": 3})).await;
    assert_eq!((&page["total"], rows.len()), (&json!(15), 15));
    for total in page["totals"].as_array().unwrap() {
        let of_status: Vec<&Value> = rows.iter().filter(|row| row["status"] == total["status"]).collect();
        let sum: i64 = of_status.iter().map(|row| minor(&row["sum"])).sum();
        let due: i64 = of_status.iter().map(|row| minor(&row["due"])).sum();
        let expected = (&json!(of_status.len()), &json!(sum), &json!(due));
        assert_eq!((&total["count"], &total["sum_minor"], &total["due_minor"]), expected, "{total}");
    }
    assert_eq!(page["totals"].as_array().unwrap().len(), 5);
}

#[tokio::test]
async fn overdue_are_those_sent_unpaid_and_past_their_day() {
    let bench = Bench::new().await;
    let is_out = |row: &Value| ["sent", "partially_paid"].contains(&row["status"].as_str().unwrap());
    // The client's clock runs: on the day of the seeds or later.
    let is_past = |row: &Value| row["due_on"].as_str().unwrap() < "2026-11-20";
    let rows = all(&bench, json!({})).await;
    let overdue = all(&bench, json!({"overdue": true})).await;
    assert!(overdue.iter().all(|row| is_out(row) && row["overdue"] == json!(true)));
    let expected: Vec<&Value> = rows.iter().filter(|row| is_out(row) && is_past(row)).collect();
    assert!(expected.len() >= 4, "{expected:?}");
    assert!(expected.iter().all(|row| overdue.contains(row)));
}

#[tokio::test]
async fn one_invoice_comes_with_its_lines() {
    let bench = Bench::new().await;
    let one = bench.call("list_invoices", json!({"invoice": "#1003"})).await;
    let row = &one["items"][0];
    assert_eq!((&row["number"], &row["status"]), (&json!("1003"), &json!("partially_paid")));
    let line = &row["items"][0];
    let quantity = line["quantity"].as_f64().unwrap();
    let price = line["price"]["amount_minor"].as_f64().unwrap();
    let sum = row["sum"]["amount_minor"].as_f64().unwrap();
    assert!((quantity * price - sum).abs() < 0.5, "less than half a minor unit apart: {row}");
    let same = bench.call("list_invoices", json!({"invoice": row["id"]})).await;
    assert_eq!(same["items"], one["items"]);
    assert_eq!(bench.refused("list_invoices", json!({"invoice": "9999"})).await.code(), "not_found");
}

#[tokio::test]
async fn contacts_and_states_are_filtered() {
    let bench = Bench::new().await;
    let sent = all(&bench, json!({"status": "sent"})).await;
    assert_eq!(sent.len(), 3);
    let who = &sent[0]["contact"];
    let found = all(&bench, json!({"contact": who["id"], "query": who["name"]})).await;
    assert!(found.iter().any(|row| row["id"] == sent[0]["id"]));
    assert!(found.iter().all(|row| row["contact"] == *who));
}

#[tokio::test]
async fn faults_are_answered() {
    let bench = Bench::new().await;
    let refused = bench.refused("list_invoices", json!({"status": "late", "overdue": "yes"})).await;
    assert_eq!(refused.faulty_fields().len(), 2);
}

#[tokio::test]
async fn another_tenants_invoices_do_not_exist() {
    let bench = Bench::new().await;
    let id = bench.call("list_invoices", json!({"limit": 1})).await["items"][0]["id"].clone();
    assert_eq!(bench.refused_as(RIVAL, "list_invoices", json!({"invoice": id})).await.code(), "not_found");
    assert_eq!(bench.refused_as(RIVAL, "list_invoices", json!({"location": DENTAL})).await.code(), "not_found");
}
