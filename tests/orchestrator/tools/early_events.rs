//! Events that come before a run listens for them: kept, given when the wait begins, each once.

use std::time::Duration;

use serde_json::{Value, json};
use tests::database::on_each_database;

use super::stage::Stage;

/// Thinks for an hour, then wants two replies of its contact.
const TWO_REPLIES: &str = "\
do:
  - think: {wait: {hours: 1}}
  - first:
      listen: {to: {one: {with: {type: Reply}, correlate: {contact: {from: .data.contact, expect: '${ $workflow.input.contact }'}}}}}
  - second:
      listen: {to: {one: {with: {type: Reply}, correlate: {contact: {from: .data.contact, expect: '${ $workflow.input.contact }'}}}}}
";

async fn reply(stage: &Stage, contact: &str, number: u32) -> Value {
    let data = json!({"contact": contact, "number": number});
    let sent = stage.call("send_event", json!({"type": "Reply", "data": data})).await;
    let id = sent["event_id"].clone();
    loop {
        let event = stage.call("get_event", json!({"event": id})).await;
        if event["state"] != "new" {
            return event;
        }
        tokio::task::yield_now().await;
    }
}

/// Which reply a step has heard.
async fn heard(stage: &Stage, run: &Value, step: &str) -> Value {
    let shown = stage.call("get_run", json!({"run": run, "step": step})).await;
    shown["attempts"][0]["output"]["untrusted"][0]["number"].clone()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replies_that_come_before_a_run_listens_are_given_to_it_in_their_order_and_once() {
    on_each_database(async |database| {
        let stage = Stage::open(database);
        stage.save("rescue", TWO_REPLIES).await;
        reply(&stage, "c1", 0).await;
        stage.clock.advance(Duration::from_secs(1));
        let started = json!({"workflow": "rescue", "input": {"contact": "c1"}, "wait_ms": 0});
        let run = stage.call("start_run", started).await["run"].clone();
        stage.run_that_is(&run, "waiting").await;
        stage.clock.advance(Duration::from_secs(1));
        let early = reply(&stage, "c1", 1).await;
        assert_eq!((&early["state"], &early["delivered"]), (&json!("unrouted"), &json!(0)), "{early:#}");
        reply(&stage, "c2", 2).await;
        reply(&stage, "c1", 3).await;
        stage.clock.advance(Duration::from_hours(1));
        stage.run_that_is(&run, "completed").await;
        assert_eq!(heard(&stage, &run, "first").await, 1, "none from before it began, and the first");
        assert_eq!(heard(&stage, &run, "second").await, 3, "of its contact, and another one");
        let early = stage.call("get_event", json!({"event": early["id"]})).await;
        assert_eq!((&early["state"], &early["delivered"]), (&json!("routed"), &json!(1)), "{early:#}");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_comes_late_is_still_waited_for() {
    on_each_database(async |database| {
        let stage = Stage::open(database);
        stage.save("rescue", TWO_REPLIES).await;
        let started = json!({"workflow": "rescue", "input": {"contact": "c1"}, "wait_ms": 0});
        let run = stage.call("start_run", started).await["run"].clone();
        stage.run_that_is(&run, "waiting").await;
        stage.clock.advance(Duration::from_secs(1));
        reply(&stage, "c1", 1).await;
        stage.clock.advance(Duration::from_hours(1));
        while heard(&stage, &run, "first").await.is_null() {
            tokio::task::yield_now().await;
        }
        stage.run_that_is(&run, "waiting").await;
        reply(&stage, "c1", 2).await;
        stage.run_that_is(&run, "completed").await;
        assert_eq!(heard(&stage, &run, "second").await, 2, "the first one is not taken again");
    })
    .await;
}
