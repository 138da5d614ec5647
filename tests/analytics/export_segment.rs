//! `export_segment`: plans for others, of those alone who may be in them.

use serde_json::json;
use sha2::{Digest, Sha256};
use tests::database::on_each_database;

use crate::people::{customers, orders};
use crate::stage::Stage;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_audience_is_hashed_and_holds_nobody_who_has_not_said_yes() {
    on_each_database(async |database| {
        let stage = Stage::open(database);
        stage.import("shop", "customers", &customers()).await;
        stage.import("shop", "transactions", &orders()).await;
        let all = json!({"dataset": "shop", "missing_consent": "include"});
        let segmented = stage.call("segment_customers", all).await;
        let names = Stage::column(&segmented["segments"], "name");
        let loyal = names.iter().find(|name| name.as_str().unwrap().contains("many orders")).unwrap();
        let base = json!({"result": segmented["result"], "segment": loyal, "purpose": "audience"});
        let audience = stage.call("export_segment", base.clone()).await;
        let hashes = Stage::column(&audience["audience"], "email_sha256");
        assert_eq!((hashes.len(), &audience["left_out"]), (98, &json!(1)), "one said nothing: {audience:#}");
        assert!(hashes.contains(&json!(hex::encode(Sha256::digest("loyal002@x.test")))));
        // Somebody changes their mind afterwards.
        stage
            .import_with("shop", "customers", json!({"text": "customer_id,consent\nloyal002,no\n", "append": true}))
            .await;
        let later = stage.call("export_segment", base.clone()).await;
        assert_eq!(later["left_out"], 2);
        let mut tags = base;
        tags["purpose"] = json!("tags");
        let plan = stage.call("export_segment", tags).await;
        assert_eq!(plan["tag_plan"]["contacts"].as_array().unwrap().len(), 99, "{plan:#}");
        assert!(plan["tag_plan"]["add_tags"][0].as_str().unwrap().starts_with("segment-"), "{plan:#}");
    })
    .await;
}
