//! `list_datasets`: what there is, page by page, one's own.

use common::auth::Role;
use serde_json::json;
use tests::database::on_each_database;

use crate::stage::{CUSTOMERS, ORDERS, Stage};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn data_sets_are_listed_by_name_with_their_records() {
    on_each_database(async |database| {
        let stage = Stage::open(database);
        assert_eq!(stage.call("list_datasets", json!({})).await["rows"], json!([]));
        stage.import("web", "transactions", ORDERS).await;
        stage.import("shop", "customers", CUSTOMERS).await;
        stage.import("shop", "transactions", ORDERS).await;
        let first = stage.call("list_datasets", json!({"limit": 1})).await;
        assert_eq!(Stage::column(&first, "dataset"), ["shop"]);
        assert_eq!(Stage::column(&first, "version"), [2]);
        assert_eq!(Stage::column(&first, "customers"), [3]);
        assert_eq!(Stage::column(&first, "transactions"), [3]);
        let second = stage.call("list_datasets", json!({"limit": 1, "cursor": first["next_cursor"]})).await;
        assert_eq!((Stage::column(&second, "dataset"), second.get("next_cursor")), (vec![json!("web")], None));
        let found = stage.call("list_datasets", json!({"query": "we"})).await;
        assert_eq!(Stage::column(&found, "dataset"), ["web"]);
        let theirs = Stage::caller("globex", Role::Viewer);
        assert_eq!(stage.call_as(&theirs, "list_datasets", json!({})).await["rows"], json!([]));
    })
    .await;
}
