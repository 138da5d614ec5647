//! Requests that last, and how a client takes them back: `notifications/cancelled` (MCP 2026-07-28, stdio).

use std::time::Duration;

use serde_json::{Value, json};
use tests::message;
use tests::stdio::Server;

use crate::products::PRODUCTS;

/// The longest that a server may take to end once nothing holds it.
const EXIT_LIMIT: Duration = Duration::from_secs(4);

/// Opens a subscription, which lasts until it is cancelled, and returns its id.
async fn listen(server: &mut Server) -> u64 {
    let filter = json!({"notifications": {"resourcesListChanged": true}});
    let id = server.ask("subscriptions/listen", message::with_stateless_meta(filter)).await;
    let acknowledged = server.next().await;
    assert_eq!(acknowledged["method"], "notifications/subscriptions/acknowledged", "{acknowledged}");
    id
}

#[tokio::test]
async fn cancelled_request_is_not_answered_with_a_result() {
    for product in PRODUCTS {
        let data = tempfile::tempdir().unwrap();
        let mut server = Server::start(product.program, data.path(), &[]);
        let id = listen(&mut server).await;
        let cancelled = json!({"requestId": id, "reason": "changed its mind"});
        server.send(&json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": cancelled})).await;
        server.call_stateless("tools/list", json!({})).await;
        server.close_input();
        while let Some(line) = server.next_line().await {
            let frame: Value = serde_json::from_str(&line).unwrap();
            assert!(frame["id"] != json!(id) || frame["result"].is_null(), "a cancelled request was answered: {frame}");
        }
        assert!(server.exit_within(EXIT_LIMIT).await.is_some_and(|status| status.success()));
    }
}

#[tokio::test]
async fn cancelling_what_is_not_there_changes_nothing() {
    for product in PRODUCTS {
        let data = tempfile::tempdir().unwrap();
        let mut server = Server::start(product.program, data.path(), &[]);
        server.initialize().await;
        for id in [json!(999), json!("no-such-request")] {
            let params = json!({"requestId": id});
            server.send(&json!({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": params})).await;
        }
        assert!(server.call("tools/list", json!({})).await["result"]["tools"].is_array());
    }
}

#[tokio::test]
async fn open_subscription_does_not_keep_the_server_alive() {
    for product in PRODUCTS {
        let data = tempfile::tempdir().unwrap();
        let mut server = Server::start(product.program, data.path(), &[]);
        listen(&mut server).await;
        server.close_input();
        assert!(server.exit_within(EXIT_LIMIT).await.is_some_and(|status| status.success()));
    }
}
