use serde_json::{Value, json};

use crate::bench::{Bench, DENTAL, DENTAL_NAME, RIVAL};

const TOOL: &str = "list_payments";

/// Every book is read in the same way.
const KINDS: [&str; 3] = ["transactions", "orders", "subscriptions"];

/// Arguments about one book.
fn of(kind: &str, mut arguments: Value) -> Value {
    arguments["kind"] = json!(kind);
    arguments
}

/// All rows, however many pages they are on.
async fn all(bench: &Bench, arguments: Value) -> Vec<Value> {
    bench.all_pages(TOOL, arguments).await
}

/// What the rows of a status come to, tests left out.
fn sum(rows: &[Value], status: &str) -> (u64, i64) {
    let counted = |row: &&Value| row["status"] == status && row.get("test").is_none();
    let amounts: Vec<i64> =
        rows.iter().filter(counted).map(|row| row["money"]["amount_minor"].as_i64().unwrap()).collect();
    (u64::try_from(amounts.len()).unwrap(), amounts.iter().sum())
}

#[tokio::test]
async fn totals_are_those_of_all_that_match_and_not_of_the_page() {
    let bench = Bench::new().await;
    for kind in KINDS {
        let page = bench.call(TOOL, of(kind, json!({"limit": 2}))).await;
        assert_eq!(page["location"], json!({"id": DENTAL, "name": DENTAL_NAME}));
        assert_eq!(page["items"].as_array().unwrap().len(), 2);
        let rows = all(&bench, of(kind, json!({"limit": 2}))).await;
        assert_eq!(page["total"], rows.len());
        assert!(!page["totals"].as_array().unwrap().is_empty());
        for total in page["totals"].as_array().unwrap() {
            let (count, amount) = sum(&rows, total["status"].as_str().unwrap());
            assert_eq!((&total["count"], &total["amount_minor"]), (&json!(count), &json!(amount)), "{total}");
            assert_eq!(total["currency"], "USD");
        }
        let instants: Vec<&str> = rows.iter().map(|row| row["at"].as_str().unwrap()).collect();
        assert!(instants.is_sorted_by(|one, next| one >= next), "newest first: {instants:?}");
    }
}

#[tokio::test]
async fn days_are_the_locations_with_both_ends_included() {
    let bench = Bench::new().await;
    for kind in KINDS {
        let rows = all(&bench, of(kind, json!({}))).await;
        let day = |row: &Value| row["at"].as_str().unwrap().split('T').next().unwrap().to_owned();
        // Midnight UTC is the evening before in Portland.
        assert!(rows[0]["at"].as_str().unwrap().ends_with("T00:00:00Z"), "{}", rows[0]);
        assert!(all(&bench, of(kind, json!({"since": day(&rows[0])}))).await.is_empty());
        assert_eq!(all(&bench, of(kind, json!({"until": day(&rows[0])}))).await, rows);
        assert_eq!(all(&bench, of(kind, json!({"until": day(&rows[1])}))).await, rows[1..]);
        let between = of(kind, json!({"since": day(&rows[2]), "until": day(&rows[1])}));
        assert_eq!(all(&bench, between).await, rows[1..2]);
    }
}

#[tokio::test]
async fn contacts_and_states_are_filtered_by_name() {
    let bench = Bench::new().await;
    for kind in KINDS {
        let rows = all(&bench, of(kind, json!({}))).await;
        let who = rows[0]["contact"].clone();
        let found = all(
            &bench,
            of(kind, json!({"contact": who["id"], "status": rows[0]["status"].as_str().unwrap().to_uppercase()})),
        )
        .await;
        assert!(!found.is_empty());
        assert!(found.iter().all(|row| row["contact"] == who && row["status"] == rows[0]["status"]));
        assert_eq!(bench.call(TOOL, of(kind, json!({"status": "imaginary"}))).await["total"], 0);
    }
}

#[tokio::test]
async fn all_faults_come_at_once() {
    let bench = Bench::new().await;
    for kind in KINDS {
        let refused = bench.refused(TOOL, of(kind, json!({"since": "yesterday", "until": "2026-13-01"}))).await;
        assert_eq!(refused.faulty_fields(), ["/since", "/until"]);
        assert_eq!(bench.refused(TOOL, of(kind, json!({"limit": 0, "day": "x"}))).await.faulty_fields().len(), 2);
        let cursor = bench.call(TOOL, of(kind, json!({"limit": 1}))).await["next_cursor"].clone();
        let other = of(kind, json!({"limit": 1, "status": "paid", "cursor": cursor}));
        assert_eq!(bench.refused(TOOL, other).await.faulty_fields(), ["/cursor"]);
    }
}

#[tokio::test]
async fn another_tenants_books_stay_closed() {
    let bench = Bench::new().await;
    for kind in KINDS {
        assert_eq!(bench.refused_as(RIVAL, TOOL, of(kind, json!({"location": DENTAL}))).await.code(), "not_found");
        let contact = all(&bench, of(kind, json!({}))).await[0]["contact"]["id"].clone();
        assert_eq!(bench.refused_as(RIVAL, TOOL, of(kind, json!({"contact": contact}))).await.code(), "not_found");
    }
}

#[tokio::test]
async fn orders_are_found_by_how_they_are_paid() {
    let bench = Bench::new().await;
    let every = bench.call(TOOL, of("orders", json!({}))).await["total"].as_u64().unwrap();
    let mut found = 0;
    for payment in ["paid", "unpaid", "refunded", "partially_paid"] {
        found += bench.call(TOOL, of("orders", json!({"payment": payment}))).await["total"].as_u64().unwrap();
    }
    assert_eq!(found, every);
    assert_eq!(bench.refused(TOOL, of("orders", json!({"payment": "maybe"}))).await.faulty_fields(), ["/payment"]);
    assert_eq!(bench.refused(TOOL, json!({"payment": "paid"})).await.faulty_fields(), ["/payment"], "of transactions");
}

#[tokio::test]
async fn one_day_is_asked_for_by_naming_it_twice() {
    let bench = Bench::new().await;
    let on = |day: &str| of("orders", json!({"since": day, "until": day}));
    let found = all(&bench, on("2026-11-18")).await;
    assert_eq!((found.len(), &found[0]["at"]), (1, &json!("2026-11-19T00:00:00Z")));
    assert!(all(&bench, on("2026-11-19")).await.is_empty());
}

#[tokio::test]
async fn what_was_given_back_is_shown_beside_what_was_paid_and_tests_are_told_apart() {
    let bench = Bench::new().await;
    let found = bench.call(TOOL, json!({"status": "refunded", "limit": 100})).await;
    let total = &found["totals"][0];
    assert_eq!(total["refunded_minor"], total["amount_minor"]);
    assert!(found["items"].as_array().unwrap().iter().all(|row| row["refunded"] == row["money"]));
    let rows = all(&bench, json!({"limit": 100})).await;
    assert_eq!(rows.iter().filter(|row| row["test"] == json!(true)).count(), 1);
}
