//! Both protocol eras over one pipe.

use serde_json::{Value, json};
use tests::message;
use tests::stdio::Server;

use crate::products::PRODUCTS;

#[tokio::test]
async fn every_session_revision_is_negotiated_as_asked() {
    for product in PRODUCTS {
        for revision in ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"] {
            let data = tempfile::tempdir().unwrap();
            let mut server = Server::start(product.program, data.path(), &[]);
            let mut params = message::initialize_params();
            params["protocolVersion"] = json!(revision);
            let answer = server.call("initialize", params).await;
            assert_eq!(answer["result"]["protocolVersion"], revision);
            assert_eq!(answer["result"]["serverInfo"]["name"], product.server);
        }
    }
}

#[tokio::test]
async fn session_client_lists_and_calls() {
    for product in PRODUCTS {
        let data = tempfile::tempdir().unwrap();
        let mut server = Server::start(product.program, data.path(), &[]);
        server.initialize().await;
        assert!(server.call("tools/list", json!({})).await["result"]["tools"].is_array());
        let answer = server.call("tools/call", message::tool_call(product.tool, &json!({}))).await;
        assert_ne!(answer["result"]["isError"], json!(true), "{answer}");
        assert!(answer["result"]["structuredContent"].is_object(), "{answer}");
    }
}

#[tokio::test]
async fn stateless_client_discovers_lists_and_calls() {
    for product in PRODUCTS {
        let data = tempfile::tempdir().unwrap();
        let mut server = Server::start(product.program, data.path(), &[]);
        let discovered = server.call_stateless("server/discover", json!({})).await;
        let versions = discovered["result"]["supportedVersions"].as_array().cloned().unwrap_or_default();
        assert!(versions.contains(&json!(message::STATELESS_REVISION)), "{discovered}");
        let listed = server.call_stateless("tools/list", json!({})).await;
        assert!(listed["result"]["ttlMs"].is_u64(), "a list says how long it holds: {listed}");
        let called = server.call_stateless("tools/call", message::tool_call(product.tool, &json!({}))).await;
        assert_eq!(called["result"]["resultType"], "complete", "{called}");
    }
}

#[tokio::test]
async fn every_stateless_result_names_the_server() {
    for product in PRODUCTS {
        let data = tempfile::tempdir().unwrap();
        let mut server = Server::start(product.program, data.path(), &[]);
        for (method, params) in [
            ("server/discover", json!({})),
            ("tools/list", json!({})),
            ("resources/list", json!({})),
            ("prompts/list", json!({})),
            ("tools/call", message::tool_call(product.tool, &json!({}))),
        ] {
            let answer = server.call_stateless(method, params).await;
            let name = answer.pointer("/result/_meta/io.modelcontextprotocol~1serverInfo/name");
            assert_eq!(name, Some(&json!(product.server)), "{method}: {answer}");
        }
    }
}

#[tokio::test]
async fn tools_are_listed_in_the_same_order_every_time() {
    for product in PRODUCTS {
        let mut listed: Vec<Value> = Vec::new();
        for _ in 0..2 {
            let data = tempfile::tempdir().unwrap();
            let mut server = Server::start(product.program, data.path(), &[]);
            server.initialize().await;
            listed.push(server.call("tools/list", json!({})).await["result"]["tools"].clone());
        }
        assert_eq!(listed[0], listed[1]);
    }
}

#[tokio::test]
async fn unknown_method_is_refused_by_name() {
    for product in PRODUCTS {
        let data = tempfile::tempdir().unwrap();
        let mut server = Server::start(product.program, data.path(), &[]);
        server.initialize().await;
        assert_eq!(server.call("no/such/method", json!({})).await["error"]["code"], -32601);
    }
}
