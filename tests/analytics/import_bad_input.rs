//! `import_dataset` on what is wrong with tables: a clear error or a stated degradation each, and nothing half-imported.

use std::fmt::Write as _;

use serde_json::{Value, json};
use tests::database::on_each_database;

use crate::stage::{ORDERS, Stage};

const HEADER: &str = "transaction_id,customer_id,at,amount,currency\n";

async fn attempt(stage: &Stage, text: &str) -> Value {
    let arguments = json!({"dataset": "shop", "kind": "transactions", "text": text, "apply": true, "refused_max": 60});
    stage.call("import_dataset", arguments).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bad_rows_are_named_by_line_and_reason_and_the_others_are_kept() {
    on_each_database(async |database| {
        let stage = Stage::open(database);
        let text = format!(
            "{HEADER}1,ann,2026-01-01,1,EUR\n2,,2026-01-01,1,EUR\n3,ann,2027-01-01,1,EUR\n4,ann,2026-01-01,NaN,EUR\n\
            5,ann,2026-01-01,inf,EUR\n1,bob,2026-01-01,1,EUR\n7,ann,2026-01-01\n8,ann,2026-01-01,2,EUR\n\
            9,bob,2026-01-02,3,EUR\n10,bob,2026-01-03,4.005,EUR\n11,bob,2026-01-03,4,EUR\n12,cy,2026-01-03,4,EUR\n"
        );
        let done = attempt(&stage, &text).await;
        assert_eq!((&done["rows"], &done["refused"]), (&json!(6), &json!(6)), "{done:#}");
        let rows = &done["refused_rows"];
        assert_eq!(Stage::column(rows, "line"), [3, 4, 5, 6, 7, 8]);
        let reasons = Stage::column(rows, "reason");
        for (at, part) in ["customer_id", "future", "finite", "finite", "earlier row", "columns"].iter().enumerate() {
            assert!(reasons[at].as_str().unwrap().contains(part), "{reasons:?}");
        }
        assert!(done["remarks"][0].as_str().unwrap().contains("rounded"), "{done:#}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_too_many_bad_rows_nothing_is_imported() {
    on_each_database(async |database| {
        let stage = Stage::open(database);
        stage.import("shop", "transactions", ORDERS).await;
        let mut text = HEADER.to_owned();
        for row in 0..40_000 {
            let at = if row % 10 == 0 { "soon" } else { "2026-01-01" };
            writeln!(text, "{row},c{},{at},1,EUR", row % 500).unwrap();
        }
        let arguments = json!({"dataset": "shop", "kind": "transactions", "text": text, "apply": true});
        let refused = stage.call("import_dataset", arguments).await;
        assert_eq!(refused["error"]["code"], "failed_precondition", "{refused:#}");
        assert!(refused["error"]["hint"].as_str().unwrap().starts_with("line 2: at:"), "{refused:#}");
        let still = stage.call("describe_dataset", json!({"dataset": "shop"})).await;
        assert_eq!((&still["version"], &still["consent"]["people"]), (&json!(1), &json!(2)), "{still:#}");
        // What was staged is swept, and the data set can be loaded again at once.
        let pool = stage.database.bypass().await;
        let staged: i64 =
            sqlx::query_scalar("select count(*) from analytics_transactions").fetch_one(&pool).await.unwrap();
        assert!(staged > 3, "some of it had been written");
        stage.foundation.sweeps.once().await.unwrap();
        let left: i64 =
            sqlx::query_scalar("select count(*) from analytics_transactions").fetch_one(&pool).await.unwrap();
        assert_eq!(left, 3);
        stage.import("shop", "transactions", ORDERS).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_table_is_said_clearly() {
    on_each_database(async |database| {
        let stage = Stage::open(database);
        let million = (0..1_000_000).map(|column| format!("c{column}")).collect::<Vec<_>>().join(",");
        let one_cell = format!("{HEADER}\"{}", "x".repeat(3_000_000));
        for (name, text, part) in [
            ("nothing", "", "nothing in it"),
            ("blank lines", "\n\n", "nothing in it"),
            ("a header alone", HEADER, "no row"),
            ("a million columns", &million, "more than 1000 columns"),
            ("a quotation mark that never ends", &one_cell, "longer than"),
            ("an object that never ends", &format!("{{\"a\":\"{}", "x".repeat(3_000_000)), "longer than"),
        ] {
            let refused = attempt(&stage, text).await;
            let message = refused["error"]["message"].as_str().unwrap_or_default();
            assert!(message.contains(part), "{name}: {refused:#}");
            assert_eq!(refused["error"]["code"], "failed_precondition", "{name}");
        }
        stage.file("utf16.csv", b"\xff\xfea\0,\0b\0");
        stage.file("broken.parquet", b"PAR1 nothing of it is true PAR1");
        for (file, part) in [("utf16.csv", "UTF-16"), ("broken.parquet", "Parquet")] {
            let refused =
                stage.call("import_dataset", json!({"dataset": "x", "kind": "transactions", "file": file})).await;
            assert!(refused["error"]["message"].as_str().unwrap().contains(part), "{file}: {refused:#}");
        }
        assert_eq!(stage.call("list_datasets", json!({})).await["rows"], json!([]));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mixed_currencies_are_kept_apart_and_said() {
    on_each_database(async |database| {
        let stage = Stage::open(database);
        let text = format!("{HEADER}1,ann,2026-01-01,1.50,EUR\n2,ann,2026-01-02,150,JPY\n");
        let done = attempt(&stage, &text).await;
        assert!(done["remarks"][0].as_str().unwrap().contains("EUR, JPY"), "{done:#}");
        let described = stage.call("describe_dataset", json!({"dataset": "shop"})).await;
        assert_eq!(Stage::column(&described["currencies"], "currency"), ["EUR", "JPY"]);
        let kinds = Stage::column(&described["fields"], "field");
        let max = Stage::column(&described["fields"], "max");
        let at = kinds.iter().position(|field| field == "amount_minor").unwrap();
        assert_eq!(max[at], 150, "a yen has no cents");
        assert!(described["remarks"][0].as_str().unwrap().contains("2 currencies"));
    })
    .await;
}
