//! A filter that cannot be worked out on an event: the event is kept, and both say so.

use serde_json::{Value, json};
use tests::database::on_each_database;

use super::stage::{NOTING, Stage};

/// Starts with leads whose source has a campaign; some senders give the source as a text.
const FILTERED: &str = "schedule: {on: {one: {with: {type: LeadIn, data: '${ .source.campaign == \"spring\" }'}}}}\n";

async fn settled(stage: &Stage, id: &Value) -> Value {
    loop {
        let event = stage.call("get_event", json!({"event": id})).await;
        if event["state"] != "new" {
            return event;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_event_stays_says_why_and_starts_its_run_once_the_filter_is_right() {
    on_each_database(async |database| {
        let stage = Stage::open(database);
        stage.save("intake", &format!("{FILTERED}{NOTING}")).await;
        stage.save("other", &format!("schedule: {{on: {{one: {{with: {{type: LeadIn}}}}}}}}\n{NOTING}")).await;
        let data = json!({"contact": "c1", "source": "spring, I think"});
        let sent = stage.call("send_event", json!({"type": "LeadIn", "data": data})).await;
        let event = settled(&stage, &sent["event_id"]).await;
        let started: Vec<_> = event["started"].as_array().unwrap().iter().map(|run| run["workflow"].clone()).collect();
        assert_eq!(started, ["other"], "whoever can tell is not kept from it: {event:#}");
        let reason = event["problem"]["reason"].as_str().unwrap_or_else(|| panic!("{event:#}"));
        assert!(reason.contains("filter of `intake`") && !reason.contains("I think"), "{reason}");
        let log = stage.call("list_failures", json!({"kind": "event"})).await;
        let row = &log["items"][0];
        assert_eq!((&row["workflow"], &row["code"]), (&json!("intake"), &json!("expression")), "{log:#}");
        assert_eq!(row["failed"], json!([sent["event_id"]]));
        assert!(row["next_step"].as_str().unwrap().contains("replay"), "{log:#}");

        let right = FILTERED.replace(".source.campaign ==", "(.source | tostring | .[0:6]) ==");
        stage.save("intake", &format!("{right}{NOTING}")).await;
        stage.call("send_event", json!({"replay": sent["event_id"]})).await;
        let event = settled(&stage, &sent["event_id"]).await;
        assert_eq!(event["started"].as_array().unwrap().len(), 2, "{event:#}");
        assert_eq!(event.get("problem"), None, "{event:#}");
        assert_eq!(stage.call("list_failures", json!({"kind": "event"})).await["items"], json!([]));
        for run in event["started"].as_array().unwrap() {
            stage.run_that_is(&run["run_id"], "completed").await;
        }
    })
    .await;
}
