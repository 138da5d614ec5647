//! `compare_segments`: who moved, who came, who went.

use std::fmt::Write as _;

use serde_json::json;
use tests::database::on_each_database;

use crate::people::{customers, orders};
use crate::stage::Stage;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_who_come_back_are_seen_to_move() {
    on_each_database(async |database| {
        let stage = Stage::open(database);
        stage.import("shop", "customers", &customers()).await;
        stage.import("shop", "transactions", &orders()).await;
        let before = stage.call("segment_customers", json!({"dataset": "shop"})).await;
        let same = stage.call("compare_segments", json!({"result": before["result"], "other": before["result"]})).await;
        assert_eq!((&same["agreement"], &same["people"]), (&json!(1.0), &json!(294)), "{same:#}");
        // Ten of the new ones turn loyal.
        let mut more = "transaction_id,customer_id,at,amount,currency\n".to_owned();
        for person in 10..20 {
            for week in 0..32 {
                let at = jiff::Timestamp::from_millisecond(crate::stage::NOW_MS - (1 + week * 7) * 86_400_000).unwrap();
                writeln!(more, "more{person}-{week},new{person:03},{at},95,EUR").unwrap();
            }
        }
        stage.import_with("shop", "transactions", json!({"text": more, "append": true})).await;
        let after = stage.call("segment_customers", json!({"dataset": "shop"})).await;
        assert_ne!(after["result"], before["result"]);
        let compared =
            stage.call("compare_segments", json!({"result": before["result"], "other": after["result"]})).await;
        let people = Stage::column(&compared["moves"], "people");
        assert!(people.contains(&json!(10)) && people.contains(&json!(88)), "{compared:#}");
        assert_eq!((&compared["left"], &compared["joined"]), (&json!(0), &json!(0)));
        assert!(compared["remarks"].to_string().contains("versions 2 and 3"), "{compared:#}");
    })
    .await;
}
