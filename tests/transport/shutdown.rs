//! How a server ends: in order, drained, and never left behind by a client that has gone.

use std::time::Duration;

use serde_json::json;
use tests::message;
use tests::stdio::Server;
use tokio::process::Command;

use crate::products::PRODUCTS;

/// The longest that an idle server may take to end.
const EXIT_LIMIT: Duration = Duration::from_secs(4);

#[tokio::test]
async fn end_of_input_ends_the_server_with_success() {
    for product in PRODUCTS {
        let data = tempfile::tempdir().unwrap();
        let mut server = Server::start(product.program, data.path(), &[]);
        server.initialize().await;
        server.close_input();
        let status = server.exit_within(EXIT_LIMIT).await.expect("the server ends by itself");
        assert!(status.success(), "{status}");
    }
}

#[tokio::test]
async fn end_of_input_before_any_message_ends_the_server() {
    for product in PRODUCTS {
        let data = tempfile::tempdir().unwrap();
        let mut server = Server::start(product.program, data.path(), &[]);
        server.close_input();
        assert!(server.exit_within(EXIT_LIMIT).await.is_some());
    }
}

#[tokio::test]
async fn calls_in_flight_are_answered_after_the_end_of_input() {
    for product in PRODUCTS {
        let data = tempfile::tempdir().unwrap();
        let mut server = Server::start(product.program, data.path(), &[]);
        server.initialize().await;
        let mut waiting = Vec::new();
        for _ in 0..20 {
            waiting.push(server.ask("tools/call", message::tool_call(product.tool, &json!({}))).await);
        }
        server.close_input();
        while !waiting.is_empty() {
            let answer = server.next().await;
            waiting.retain(|id| answer["id"] != json!(id));
        }
        assert!(server.exit_within(EXIT_LIMIT).await.is_some_and(|status| status.success()));
    }
}

#[cfg(unix)]
#[tokio::test]
async fn terminate_signal_ends_the_server_with_success() {
    for product in PRODUCTS {
        let data = tempfile::tempdir().unwrap();
        let mut server = Server::start(product.program, data.path(), &[]);
        server.initialize().await;
        let killed = Command::new("kill").args(["-TERM", &server.id().to_string()]).status().await.unwrap();
        assert!(killed.success());
        let status = server.exit_within(EXIT_LIMIT).await.expect("the server ends when it is told to");
        assert!(status.success(), "{status}");
    }
}

#[tokio::test]
async fn client_that_vanishes_ends_the_server() {
    for product in PRODUCTS {
        let data = tempfile::tempdir().unwrap();
        let mut server = Server::start(product.program, data.path(), &[]);
        server.initialize().await;
        server.close_output();
        server.ask("tools/list", json!({})).await;
        server.ask("tools/list", json!({})).await;
        assert!(server.exit_within(EXIT_LIMIT).await.is_some(), "nobody reads its answers, and yet it runs on");
    }
}
