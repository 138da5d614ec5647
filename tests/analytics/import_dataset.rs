//! `import_dataset`: shown first, then all or nothing, as a version.

use serde_json::json;
use tests::database::on_each_database;

use crate::stage::{CUSTOMERS, ORDERS, Stage};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_apply_it_shows_how_it_would_be_read_and_changes_nothing() {
    on_each_database(async |database| {
        let stage = Stage::open(database);
        let shown =
            stage.call("import_dataset", json!({"dataset": "shop", "kind": "transactions", "text": ORDERS})).await;
        assert_eq!(shown["applied"], false, "{shown:#}");
        assert_eq!(shown["mapping"]["customer_id"]["untrusted"], "Customer ID");
        assert_eq!(shown["mapping"]["amount"]["untrusted"], "Total");
        assert_eq!(shown["dates"]["at"], "iso");
        assert_eq!((&shown["rows"], shown.get("questions")), (&json!(3), None));
        assert_eq!(shown["sample"]["untrusted"][0][1], "ann");
        assert_eq!(stage.call("list_datasets", json!({})).await["rows"], json!([]));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_import_makes_a_version_and_old_ones_stay_for_a_while() {
    on_each_database(async |database| {
        let stage = Stage::open(database);
        assert_eq!(stage.import("shop", "customers", CUSTOMERS).await["version"], 1);
        assert_eq!(stage.import("shop", "transactions", ORDERS).await["version"], 2);
        let more =
            "Order ID,Customer ID,Created at,Total,Currency\no-3,ann,2026-03-01,5,EUR\no-4,dee,2026-04-01,7,EUR\n";
        let appended = stage.import_with("shop", "transactions", json!({"text": more, "append": true})).await;
        assert_eq!((&appended["version"], &appended["rows"], &appended["known"]), (&json!(3), &json!(1), &json!(1)));
        let now = stage.call("describe_dataset", json!({"dataset": "shop"})).await;
        assert_eq!(now["consent"]["people"], 4, "{now:#}");
        let before = stage.call("describe_dataset", json!({"dataset": "shop", "version": 2})).await;
        assert_eq!(before["consent"]["people"], 3);
        stage.import("shop", "transactions", ORDERS).await;
        let replaced = stage.call("describe_dataset", json!({"dataset": "shop"})).await;
        assert_eq!(replaced["versions"], json!([4, 3, 2]));
        assert_eq!(replaced["consent"]["people"], 3);
        let gone = stage.call("describe_dataset", json!({"dataset": "shop", "version": 1})).await;
        assert_eq!(gone["error"]["code"], "not_found");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_nobody_can_know_is_asked_before_anything_is_written() {
    on_each_database(async |database| {
        let stage = Stage::open(database);
        let text = "who,when,how much\nann,01/02/2026,5\nbob,03/04/2026,6\n";
        let base = json!({"dataset": "shop", "kind": "transactions", "text": text});
        let shown = stage.call("import_dataset", base.clone()).await;
        assert_eq!(shown["questions"].as_array().unwrap().len(), 4, "{shown:#}");
        let mut apply = base.clone();
        apply["apply"] = json!(true);
        let refused = stage.call("import_dataset", apply.clone()).await;
        assert_eq!(refused["error"]["code"], "invalid_argument", "{refused:#}");
        apply["columns"] = json!({"customer_id": "who", "at": "when", "amount": "how much"});
        apply["currency"] = json!("EUR");
        let refused = stage.call("import_dataset", apply.clone()).await;
        assert!(refused["error"]["message"].as_str().unwrap().contains("day and month"), "{refused:#}");
        apply["dates"] = json!("day_first");
        assert_eq!(stage.call("import_dataset", apply).await["rows"], 2);
        let described = stage.call("describe_dataset", json!({"dataset": "shop"})).await;
        assert!(Stage::column(&described["fields"], "min").contains(&json!("2026-02-01T00:00:00Z")), "{described:#}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_are_read_from_the_tenants_own_folder_alone() {
    on_each_database(async |database| {
        let stage = Stage::open(database);
        stage.file("orders.csv", ORDERS.as_bytes());
        assert_eq!(stage.import_with("shop", "transactions", json!({"file": "orders.csv"})).await["rows"], 3);
        let other = stage.database.folder().join("imports/globex");
        std::fs::create_dir_all(&other).unwrap();
        std::fs::write(other.join("secret.csv"), ORDERS).unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink(other.join("secret.csv"), stage.database.folder().join("imports/acme/link.csv"))
            .unwrap();
        for file in ["../globex/secret.csv", "link.csv", "/etc/passwd", "../../vault.key", "nothing.csv", ""] {
            let refused =
                stage.call("import_dataset", json!({"dataset": "x", "kind": "transactions", "file": file})).await;
            assert_eq!(refused["error"]["code"], "not_found", "{file}: {refused:#}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_inside_is_not_reached() {
    on_each_database(async |database| {
        let stage = Stage::open(database);
        for url in
            ["http://127.0.0.1:1/x.csv", "https://127.0.0.1/x.csv", "https://169.254.169.254/x", "file:///etc/passwd"]
        {
            let refused =
                stage.call("import_dataset", json!({"dataset": "x", "kind": "transactions", "url": url})).await;
            assert_eq!(refused["error"]["code"], "failed_precondition", "{url}: {refused:#}");
        }
    })
    .await;
}
