//! How many tasks there may be, how long they are kept, and how they are stopped.

use std::time::Duration;

use common::clock::Clock;
use common::db::Db;
use serde_json::{Value, json};
use tests::long_tools;

use crate::stage::Stage;

fn span(seconds: u64, label: &str) -> Value {
    json!({"seconds": seconds, "label": label})
}

async fn stored(db: &Db) -> i64 {
    let pool = db.read().await.unwrap();
    sqlx::query_scalar("select count(*) from call_tasks").fetch_one(pool).await.unwrap()
}

#[tokio::test]
async fn cancelling_ends_the_work_and_gives_the_seat_back() {
    let stage = Stage::set(Clock::system(), |settings| settings.tasks.running_per_caller_max = 1).await;
    let id = stage.anna.begin("slow_compute", span(60, "cancelled-one")).await;
    assert!(long_tools::is_at_work("cancelled-one"));
    let refused = stage.anna.call("slow_compute", span(60, "one-too-many")).await;
    assert_eq!(refused["structuredContent"]["error"]["code"], "rate_limited", "{refused}");
    assert_eq!(stage.anna.request("tasks/cancel", json!({"taskId": id})).await["result"]["resultType"], "complete");
    stage.anna.task_once(&id, "cancelled").await;
    assert!(!long_tools::is_at_work("cancelled-one"));
    let next = stage.anna.begin("slow_compute", span(60, "the-next")).await;
    assert_eq!(stage.anna.task(&next).await["status"], "working");
}

#[tokio::test]
async fn a_cancelled_change_says_that_it_may_have_been_made() {
    let stage = Stage::set(Clock::system(), |_| {}).await;
    let id = stage.anna.begin("slow_change", span(60, "change")).await;
    stage.anna.request("tasks/cancel", json!({"taskId": id})).await;
    let task = stage.anna.task_once(&id, "cancelled").await;
    assert!(task["statusMessage"].as_str().unwrap().contains("may have been made"), "{task}");
}

#[tokio::test]
async fn there_are_no_more_tasks_than_seats_for_all_callers_together() {
    let stage = Stage::set(Clock::system(), |settings| settings.tasks.running_max = 2).await;
    stage.anna.begin("slow_compute", span(60, "first")).await;
    stage.bert.begin("slow_compute", span(60, "second")).await;
    let refused = stage.carl.call("slow_compute", span(60, "third")).await;
    assert_eq!(refused["structuredContent"]["error"]["code"], "rate_limited", "{refused}");
}

#[tokio::test]
async fn a_caller_keeps_no_more_tasks_than_it_may() {
    let stage = Stage::set(Clock::system(), |settings| settings.tasks.kept_per_caller_max = 1).await;
    let id = stage.anna.begin("slow_compute", span(0, "kept")).await;
    stage.anna.task_once(&id, "completed").await;
    let refused = stage.anna.call("slow_compute", span(0, "not-kept")).await;
    assert_eq!(refused["structuredContent"]["error"]["code"], "rate_limited", "{refused}");
    stage.bert.begin("slow_compute", span(0, "of-another")).await;
}

#[tokio::test]
async fn what_is_refused_is_answered_in_the_call_and_not_stored() {
    let stage = Stage::set(Clock::system(), |_| {}).await;
    let refused = stage.anna.call("slow_compute", json!({"seconds": "soon"})).await;
    assert_eq!((&refused["resultType"], &refused["isError"]), (&json!("complete"), &json!(true)), "{refused}");
    assert_eq!(stored(&stage.foundation.db).await, 0);
}

#[tokio::test]
async fn a_task_that_takes_too_long_ends_with_that() {
    let stage = Stage::set(Clock::system(), |settings| settings.tasks.deadline_ms = 50).await;
    let id = stage.anna.begin("slow_compute", span(60, "too-long")).await;
    let task = stage.anna.task_once(&id, "completed").await;
    assert_eq!(task["result"]["structuredContent"]["error"]["code"], "deadline_exceeded", "{task}");
    assert!(!long_tools::is_at_work("too-long"));
}

#[tokio::test]
async fn progress_becomes_the_status_message() {
    let stage = Stage::set(Clock::system(), |_| {}).await;
    let id = stage.anna.begin("slow_compute", span(60, "tell")).await;
    let mut message = Value::Null;
    for _ in 0..100 {
        message = stage.anna.task(&id).await["statusMessage"].take();
        if !message.is_null() {
            break;
        }
    }
    assert_eq!(message, "waiting: tell");
}

#[tokio::test]
async fn an_expired_task_is_unknown_and_forgotten() {
    let clock = Clock::manual(1_800_000_000_000);
    let stage = Stage::set(clock.clone(), |_| {}).await;
    let id = stage.anna.begin("slow_compute", span(0, "expiring")).await;
    let task = stage.anna.task_once(&id, "completed").await;
    let ttl_ms = task["ttlMs"].as_u64().unwrap();
    clock.advance(Duration::from_millis(ttl_ms - 1));
    assert_eq!(stage.anna.task(&id).await["status"], "completed");
    clock.advance(Duration::from_millis(1));
    let answer = stage.anna.request("tasks/get", json!({"taskId": id})).await;
    assert_eq!(answer["error"]["code"], -32_602, "{answer}");
    let swept = async {
        while stored(&stage.foundation.db).await > 0 {
            clock.advance(Duration::from_mins(1));
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), swept).await.expect("the expired task is swept");
}
