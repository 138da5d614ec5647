//! A task belongs to who made the call: nobody else can tell it from one that never was.

use common::clock::Clock;
use serde_json::{Value, json};

use crate::client::Client;
use crate::stage::Stage;

const METHODS: [&str; 3] = ["tasks/get", "tasks/update", "tasks/cancel"];

async fn errors(client: Client, id: &str) -> Vec<Value> {
    let mut errors = Vec::new();
    for method in METHODS {
        let answer = client.request(method, json!({"taskId": id, "inputResponses": {}})).await;
        assert_eq!(answer["error"]["code"], -32_602, "{method}: {answer}");
        errors.push(answer["error"].clone());
    }
    errors
}

#[tokio::test]
async fn another_caller_and_another_tenant_find_nothing_and_change_nothing() {
    let stage = Stage::set(Clock::system(), |_| {}).await;
    let id = stage.anna.begin("slow_compute", json!({"seconds": 60, "label": "ownership"})).await;
    let unknown = errors(stage.anna, "tsk_00000000000000000000000000000000").await;
    assert_eq!(errors(stage.bert, &id).await, unknown);
    assert_eq!(errors(stage.carl, &id).await, unknown);
    assert_eq!(stage.anna.task(&id).await["status"], "working");
}

#[tokio::test]
async fn answers_of_others_reach_nobody() {
    let stage = Stage::set(Clock::system(), |_| {}).await;
    let id = stage.anna.begin("confirm_delete", json!({"filename": "a.txt"})).await;
    let asked = stage.anna.task_once(&id, "input_required").await;
    let key = asked["inputRequests"].as_object().unwrap().keys().next().unwrap().clone();
    let update = |action: &str| json!({"taskId": id, "inputResponses": {key.as_str(): {"action": action, "content": {"confirm": true}}}});
    stage.bert.request("tasks/update", update("accept")).await;
    assert_eq!(stage.anna.task(&id).await["status"], "input_required");
    stage.anna.request("tasks/update", update("decline")).await;
    let ended = stage.anna.task_once(&id, "completed").await;
    assert_eq!(ended["result"]["structuredContent"]["done"], "a.txt stays");
}

#[tokio::test]
async fn ids_do_not_repeat_and_cannot_be_counted_up() {
    let stage = Stage::set(Clock::system(), |_| {}).await;
    let mut ids = std::collections::HashSet::new();
    for _ in 0..8 {
        let id = stage.anna.begin("slow_compute", json!({"seconds": 0})).await;
        assert!(id.strip_prefix("tsk_").is_some_and(|digits| digits.len() == 32), "{id}");
        ids.insert(id);
    }
    assert_eq!(ids.len(), 8);
}
