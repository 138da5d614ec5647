//! `get_segment_members`: page by page, and one's own alone.

use std::collections::BTreeSet;

use common::auth::Role;
use serde_json::json;
use tests::database::on_each_database;

use crate::people::{customers, orders};
use crate::stage::Stage;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_pages_of_all_segments_hold_everybody_once() {
    on_each_database(async |database| {
        let stage = Stage::open(database);
        stage.import("shop", "customers", &customers()).await;
        stage.import("shop", "transactions", &orders()).await;
        let segmented = stage.call("segment_customers", json!({"dataset": "shop"})).await;
        let mut seen = BTreeSet::new();
        for segment in ["0", "1", "2", "none"] {
            let mut arguments = json!({"result": segmented["result"], "segment": segment, "limit": 40});
            let mut groups = BTreeSet::new();
            loop {
                let page = stage.call("get_segment_members", arguments.clone()).await;
                for id in Stage::column(&page, "customer_id") {
                    let id = id.as_str().unwrap().to_owned();
                    groups.insert(id.trim_end_matches(|sign: char| sign.is_ascii_digit()).to_owned());
                    assert!(seen.insert(id), "twice");
                }
                assert_eq!(page["truncated"], page.get("next_cursor").is_some());
                let Some(next) = page.get("next_cursor") else { break };
                arguments["cursor"] = next.clone();
            }
            assert!(groups.len() <= 1, "{segment}: {groups:?}");
        }
        assert_eq!(seen.len(), 294);
        let arguments = json!({"result": segmented["result"], "segment": "best"});
        let unknown = stage.call("get_segment_members", arguments.clone()).await;
        assert_eq!(unknown["error"]["details"]["candidates"].as_array().unwrap().len(), 3, "{unknown:#}");
        let theirs = Stage::caller("globex", Role::Admin);
        assert_eq!(stage.call_as(&theirs, "get_segment_members", arguments).await["error"]["code"], "not_found");
    })
    .await;
}
