//! Several processes over one vault.

use std::time::Duration;

use serde_json::{Value, json};
use tests::database::on_each_database;
use tests::stdio::Server;

use super::stage::Stage;
use crate::bench::DENTAL;

#[tokio::test]
async fn two_processes_that_meet_401_at_once_make_one_refresh() {
    on_each_database(|database| async move {
        let stage = Stage::on(database.settings.clone()).await;
        stage.log_in(DENTAL).await;
        let start = || Server::spawn(&mut stage.command(&["stdio"]), stage.data.path(), &[]);
        let (mut one, mut other) = (start(), start());
        for server in [&mut one, &mut other] {
            server.initialize().await;
            assert_success(&call(server, "search_contacts", json!({"limit": 1})).await);
        }
        for round in 1..=3 {
            stage.end_access();
            let arguments = json!({"limit": 1});
            let (first, second) = tokio::join!(
                call(&mut one, "search_contacts", arguments.clone()),
                call(&mut other, "search_contacts", arguments.clone())
            );
            assert_success(&first);
            assert_success(&second);
            let requests = stage.requests().await;
            assert_eq!(
                stage.count("POST /oauth/token").await,
                1 + round,
                "one login, a refresh each round: {requests:?}"
            );
            // Beyond the grace, in which a second refresh would have gone unnoticed.
            stage.clock.advance(Duration::from_secs(31));
        }
    })
    .await;
}

async fn call(server: &mut Server, tool: &str, arguments: Value) -> Value {
    server.call("tools/call", json!({"name": tool, "arguments": arguments})).await
}

fn assert_success(answer: &Value) {
    assert_ne!(answer["result"]["isError"], json!(true), "{answer:#}");
    assert!(answer.get("error").is_none(), "{answer:#}");
}
