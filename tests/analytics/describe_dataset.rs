//! `describe_dataset`: what is in it, and what is not known.

use serde_json::json;
use tests::database::on_each_database;

use crate::stage::{CUSTOMERS, ORDERS, Stage};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ranges_gaps_consent_and_freshness_are_told() {
    on_each_database(async |database| {
        let stage = Stage::open(database);
        stage.import("shop", "customers", CUSTOMERS).await;
        stage.import("shop", "transactions", ORDERS).await;
        let told = stage.call("describe_dataset", json!({"dataset": "shop"})).await;
        assert_eq!(told["consent"], json!({"people": 3, "given": 1, "refused": 1, "unknown": 1}), "{told:#}");
        let time = &told["time"];
        assert_eq!(Stage::column(time, "gap_days")[1], 53, "from 2026-01-07 to 2026-02-28");
        assert_eq!(Stage::column(time, "gap_from")[1], "2026-01-07T00:00:00Z");
        assert_eq!(Stage::column(time, "last_days_ago")[1], 263);
        let filled = Stage::column(&told["fields"], "filled_percent");
        let fields = Stage::column(&told["fields"], "field");
        let email = fields.iter().position(|field| field == "email").unwrap();
        assert_eq!(filled[email], 66.6);
        let amount = fields.iter().position(|field| field == "amount_minor").unwrap();
        assert_eq!(Stage::column(&told["fields"], "max")[amount], 100_005);
        assert!(told["remarks"].to_string().contains("1 of 3 people"), "{told:#}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_person_the_latest_word_counts() {
    on_each_database(async |database| {
        let stage = Stage::open(database);
        stage.import("shop", "customers", CUSTOMERS).await;
        let later = "customer_id,consent\nann,no\ncy,yes\n";
        stage.import_with("shop", "customers", json!({"text": later, "append": true})).await;
        let told = stage.call("describe_dataset", json!({"dataset": "shop"})).await;
        assert_eq!(told["consent"], json!({"people": 3, "given": 1, "refused": 2, "unknown": 0}), "{told:#}");
        let missing = stage.call("describe_dataset", json!({"dataset": "shup"})).await;
        assert_eq!(missing["error"]["details"]["candidates"][0]["name"], "shop", "{missing:#}");
    })
    .await;
}
