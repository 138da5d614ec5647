//! Real processes that end in every way, and what their tasks say afterwards.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use tests::http_server::HttpServer;

use crate::client::Client;

const PROGRAM: &str = "long-server";

/// How long a server may take to end once it is told to.
const EXIT_LIMIT: Duration = Duration::from_secs(10);

/// State that outlives the processes on it, with short heartbeats.
struct State {
    folder: TempDir,
    config: PathBuf,
}

impl State {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("luminar.toml");
        std::fs::write(&config, "[tasks]\nheartbeat_ms = 100\nlost_after_ms = 1000\n").unwrap();
        Self { folder, config }
    }

    async fn start(&self) -> (HttpServer, Client) {
        let data: &Path = self.folder.path();
        let server = HttpServer::start(PROGRAM, data, &["--config", &self.config.display().to_string()]).await;
        let client = Client { address: server.address, token: None };
        (server, client)
    }
}

async fn finish_one(client: Client) -> String {
    let id = client.begin("slow_compute", json!({"seconds": 0, "label": "finished"})).await;
    client.task_once(&id, "completed").await;
    id
}

fn check_finished(task: &Value) {
    assert_eq!(task["result"]["structuredContent"]["done"], "finished after 0 s", "{task}");
}

fn check_interrupted(task: &Value, is_change: bool) {
    assert_eq!(task["error"]["data"]["code"], "internal", "{task}");
    let message = task["error"]["message"].as_str().unwrap();
    assert!(message.contains("the server stopped while it worked"), "{task}");
    assert_eq!(message.contains("outcome unknown"), is_change, "{task}");
}

#[tokio::test]
async fn after_a_kill_a_finished_task_answers_and_an_interrupted_one_says_so() {
    let state = State::new();
    let (mut server, client) = state.start().await;
    let finished = finish_one(client).await;
    let reading = client.begin("slow_compute", json!({"seconds": 600})).await;
    let changing = client.begin("slow_change", json!({"seconds": 600})).await;
    server.kill().await;
    let (_server, client) = state.start().await;
    check_finished(&client.task(&finished).await);
    check_interrupted(&client.task_once(&reading, "failed").await, false);
    check_interrupted(&client.task_once(&changing, "failed").await, true);
}

#[tokio::test]
async fn after_an_orderly_end_an_interrupted_task_says_so_at_once() {
    let state = State::new();
    let (mut server, client) = state.start().await;
    let changing = client.begin("slow_change", json!({"seconds": 600})).await;
    server.terminate().await;
    assert!(server.ends_within(EXIT_LIMIT).await, "the server ends in spite of its tasks");
    let (_server, client) = state.start().await;
    check_interrupted(&client.task(&changing).await, true);
}

#[tokio::test]
async fn another_process_knows_stops_and_answers_the_tasks_of_this_one() {
    let state = State::new();
    let (_one, here) = state.start().await;
    let (_other, there) = state.start().await;
    let slow = here.begin("slow_compute", json!({"seconds": 600})).await;
    assert_eq!(there.task(&slow).await["status"], "working");
    there.request("tasks/cancel", json!({"taskId": slow})).await;
    here.task_once(&slow, "cancelled").await;
    let asking = here.begin("confirm_delete", json!({"filename": "a.txt"})).await;
    let asked = there.task_once(&asking, "input_required").await;
    let key = asked["inputRequests"].as_object().unwrap().keys().next().unwrap().clone();
    let yes = json!({key: {"action": "accept", "content": {"confirm": true}}});
    there.request("tasks/update", json!({"taskId": asking, "inputResponses": yes})).await;
    let ended = here.task_once(&asking, "completed").await;
    assert_eq!(ended["result"]["structuredContent"]["done"], "a.txt is deleted");
}

#[tokio::test]
async fn the_tasks_of_a_killed_process_are_given_up_by_one_that_lives() {
    let state = State::new();
    let (mut one, here) = state.start().await;
    let (_other, there) = state.start().await;
    let slow = here.begin("slow_change", json!({"seconds": 600})).await;
    one.kill().await;
    check_interrupted(&there.task_once(&slow, "failed").await, true);
}
