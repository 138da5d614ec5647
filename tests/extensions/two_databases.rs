//! The life of tasks that two processes share, on SQLite and on PostgreSQL.

use std::time::Duration;

use common::clock::Clock;
use serde_json::{Value, json};
use tests::database::{TestDatabase, on_each_database};

use crate::client::Client;
use crate::stage::Stage;

const HEARTBEAT: Duration = Duration::from_secs(5);

async fn stage(database: &TestDatabase, clock: &Clock) -> Stage {
    Stage::over(database.folder(), clock.clone(), |settings| settings.database = database.settings.clone()).await
}

/// Lets heartbeats pass until the task has this status.
async fn wait(clock: &Clock, client: Client, id: &str, status: &str) -> Value {
    for turn in 0..4_000 {
        let task = client.task(id).await;
        if task["status"] == status {
            return task;
        }
        // Between two beats there is time for the database of a busy machine.
        if turn % 20 == 0 {
            clock.advance(HEARTBEAT);
        }
        tokio::task::yield_now().await;
    }
    panic!("{id} does not become {status}: {}", client.task(id).await)
}

#[tokio::test]
async fn two_processes_agree_on_every_task() {
    on_each_database(async |database| {
        let clock = Clock::manual(1_800_000_000_000);
        let (here, there) = (stage(&database, &clock).await, stage(&database, &clock).await);
        answered_elsewhere(&clock, here.anna, there.anna).await;
        cancelled_elsewhere(&clock, here.anna, there.anna).await;
        given_up_and_forgotten(&database, &clock, here.anna).await;
    })
    .await;
}

async fn answered_elsewhere(clock: &Clock, here: Client, there: Client) {
    let id = here.begin("multi_input", json!({})).await;
    let mut asked = Value::Null;
    while asked.as_object().is_none_or(|questions| questions.len() < 2) {
        asked = there.task(&id).await["inputRequests"].take();
    }
    for (key, name) in [("question_1", "Ann"), ("question_2", "Bea")] {
        let answer = json!({key: {"action": "accept", "content": {"name": name}}});
        there.request("tasks/update", json!({"taskId": id, "inputResponses": answer})).await;
    }
    let task = wait(clock, here, &id, "completed").await;
    assert_eq!(task["result"]["structuredContent"]["done"], "Some(\"Ann\"), Some(\"Bea\")");
}

async fn cancelled_elsewhere(clock: &Clock, here: Client, there: Client) {
    let id = here.begin("slow_change", json!({"seconds": 600, "label": "shared"})).await;
    there.request("tasks/cancel", json!({"taskId": id})).await;
    wait(clock, here, &id, "cancelled").await;
    there.request("tasks/cancel", json!({"taskId": id})).await;
    assert_eq!(there.task(&id).await["status"], "cancelled");
}

/// A process whose clock is an hour ahead has heard nothing from the owner for as long.
async fn given_up_and_forgotten(database: &TestDatabase, clock: &Clock, here: Client) {
    let id = here.begin("slow_change", json!({"seconds": 600, "label": "given up"})).await;
    let later = Clock::manual(clock.now_ms() + 3_600_000);
    let survivor = stage(database, &later).await;
    let task = survivor.anna.task(&id).await;
    assert_eq!(task["status"], "failed", "{task}");
    assert!(task["error"]["message"].as_str().unwrap().contains("outcome unknown"), "{task}");
    here.request("tasks/cancel", json!({"taskId": id})).await;
    assert_eq!(here.task(&id).await["status"], "failed", "what has ended stays as it ended");
    later.advance(Duration::from_hours(48));
    let db = &survivor.foundation.db;
    let forgotten = async {
        loop {
            let kept: i64 = sqlx::query_scalar("select count(*) from call_tasks")
                .fetch_one(db.read().await.unwrap())
                .await
                .unwrap();
            if kept == 0 {
                return;
            }
            later.advance(Duration::from_mins(1));
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), forgotten).await.expect("all have expired and are swept");
}
