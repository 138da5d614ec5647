//! Where a server speaks MCP. What is said there is MCP's to describe, not OpenAPI's.

use serde_json::{Value, json};

use crate::tool::ALL_TOOLSETS;
use crate::transport::openapi::operation::{Operation, Parameter, slug};
use crate::transport::openapi::{Layout, Paths, Place};

/// Server-sent events.
const STREAM: &str = "text/event-stream";

pub(super) fn describe(paths: &mut Paths, place: &Place, layout: &Layout) {
    for base in &place.bases {
        for path in with_narrower(&format!("{base}/mcp"), place) {
            streamable(paths, &path, place.name, layout.has_sessions);
        }
        if layout.has_sse {
            for path in with_narrower(&format!("{base}/sse"), place) {
                let summary = "Open a session of MCP 2024-11-05; the first event names the address for messages";
                let open = Operation::new(format!("open_{}", slug(&path)), place.name, summary);
                paths.add(&path, "get", &open.answering_with("200", "What the server says", Some(stream())));
            }
            messages(paths, &format!("{base}/messages"), place.name);
        }
    }
}

/// The endpoint itself, the one that changes nothing, the one of all toolsets, and one for each.
fn with_narrower(path: &str, place: &Place) -> Vec<String> {
    let narrower = ["readonly", ALL_TOOLSETS].into_iter().chain(place.toolsets.iter().copied());
    std::iter::once(path.to_owned()).chain(narrower.map(|part| format!("{path}/{part}"))).collect()
}

fn streamable(paths: &mut Paths, path: &str, tag: &str, has_sessions: bool) {
    let send = Operation::new(format!("send_{}", slug(path)), tag, "Send a message of MCP")
        .reading(&rpc(), true)
        .answering_with("200", "The answer; an event stream where something streams", Some(("application/json", rpc())))
        .answering_with("202", "Accepted; nothing to answer", None);
    paths.add(path, "post", &send);
    if has_sessions {
        let listen =
            Operation::new(format!("listen_{}", slug(path)), tag, "Listen to a session of MCP 2025-11-25 or earlier");
        paths.add(path, "get", &listen.answering_with("200", "What the server says", Some(stream())));
        let end = Operation::new(format!("end_{}", slug(path)), tag, "End such a session");
        paths.add(path, "delete", &end.answering_with("202", "It ends", None));
    }
}

fn messages(paths: &mut Paths, path: &str, tag: &str) {
    let send = Operation::new(format!("send_{}", slug(path)), tag, "Send a message to a session of MCP 2024-11-05")
        .with(Parameter::in_query("session_id", true, json!({"type": "string"})))
        .reading(&rpc(), true)
        .answering_with("202", "Accepted; the answer comes over the stream", None);
    paths.add(path, "post", &send);
}

fn stream() -> (&'static str, Value) {
    (STREAM, json!({"type": "string"}))
}

fn rpc() -> Value {
    json!({"type": "object", "description": "JSON-RPC 2.0 as in MCP"})
}
