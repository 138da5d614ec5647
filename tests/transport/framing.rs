//! One JSON object per line, nothing else on stdout, and lines that cannot be read.

use serde_json::{Value, json};
use tests::message;
use tests::stdio::Server;

use crate::products::PRODUCTS;

/// Longer than any line that the server may be configured to accept by default.
const LINE_OVER_THE_LIMIT_BYTES: usize = 20 * 1024 * 1024;

#[tokio::test]
async fn stdout_holds_frames_only_even_while_everything_is_traced() {
    for product in PRODUCTS {
        let data = tempfile::tempdir().unwrap();
        let mut command = tokio::process::Command::new(tests::binary::path(product.program));
        command.arg("stdio").arg("--data-dir").arg(data.path());
        let mut server = Server::spawn(&mut command, data.path(), &[("RUST_LOG", "trace")]);
        server.initialize().await;
        server.call("tools/list", json!({})).await;
        server.call("tools/call", message::tool_call(product.tool, &json!({}))).await;
        server.close_input();
        while let Some(line) = server.next_line().await {
            let frame: Value = serde_json::from_str(&line).unwrap_or_else(|_| panic!("not a frame: {line}"));
            assert_eq!(frame["jsonrpc"], "2.0");
        }
    }
}

#[tokio::test]
async fn answers_are_single_lines_without_carriage_returns() {
    for product in PRODUCTS {
        let data = tempfile::tempdir().unwrap();
        let mut server = Server::start(product.program, data.path(), &[]);
        server.initialize().await;
        server.ask("tools/list", json!({})).await;
        let line = server.next_line().await.unwrap();
        assert!(!line.contains('\r'));
        assert!(serde_json::from_str::<Value>(&line).unwrap().is_object());
    }
}

#[tokio::test]
async fn line_that_is_no_json_is_answered_and_the_connection_lives() {
    for product in PRODUCTS {
        let data = tempfile::tempdir().unwrap();
        let mut server = Server::start(product.program, data.path(), &[]);
        server.initialize().await;
        server.send_line("{this is no json").await;
        let answer = server.call("tools/list", json!({})).await;
        assert!(answer["result"]["tools"].is_array(), "{answer}");
    }
}

#[tokio::test]
async fn line_over_the_limit_is_refused_and_the_connection_lives() {
    for product in PRODUCTS {
        let data = tempfile::tempdir().unwrap();
        let mut server = Server::start(product.program, data.path(), &[]);
        server.initialize().await;
        let arguments = json!({"note": "x".repeat(LINE_OVER_THE_LIMIT_BYTES)});
        server.send(&message::request(1_000, "tools/call", message::tool_call(product.tool, &arguments))).await;
        let id = server.ask("tools/list", json!({})).await;
        let listed = loop {
            let next = server.next().await;
            assert!(next["id"] != json!(1_000) || next["error"].is_object(), "an oversized call was served: {next}");
            if next["id"] == json!(id) {
                break next;
            }
        };
        assert!(listed["result"]["tools"].is_array(), "{listed}");
    }
}

#[tokio::test]
async fn message_in_pieces_is_one_message() {
    for product in PRODUCTS {
        let data = tempfile::tempdir().unwrap();
        let mut server = Server::start(product.program, data.path(), &[]);
        server.initialize().await;
        let request = message::request(7, "tools/list", json!({})).to_string();
        let (head, tail) = request.split_at(request.len() / 2);
        server.send_raw(head.as_bytes()).await;
        server.send_raw(format!("{tail}\n").as_bytes()).await;
        assert!(server.answer_to(7).await["result"]["tools"].is_array());
    }
}
