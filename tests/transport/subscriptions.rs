//! Following a record: whoever asked is told when a tool changes it, in both eras.

use serde_json::{Value, json};
use tests::message;
use tests::stdio::Server;

/// The emulator's gym, whose ids are the same in every run.
const GYM: &str = "XTfrnnXMW0JsMYckhMRY";

/// A tool call that makes a new tag in the gym.
fn new_tag() -> Value {
    let arguments = json!({"location": GYM, "email": "fresh.lead@example.com", "first_name": "Fresh"});
    message::tool_call("upsert_contact", &arguments)
}

fn tag_it() -> Value {
    let arguments = json!({"location": GYM, "contact": "fresh.lead@example.com", "add": ["never_seen_before"]});
    message::tool_call("set_contact_tags", &arguments)
}

/// Reads frames until the answer to `id`; returns the notifications before it and the answer.
async fn until_answered(server: &mut Server, id: u64) -> (Vec<Value>, Value) {
    let mut notifications = Vec::new();
    loop {
        let frame = server.next().await;
        if frame["id"] == json!(id) && frame.get("method").is_none() {
            return (notifications, frame);
        }
        notifications.push(frame);
    }
}

fn updates(frames: &[Value]) -> Vec<&str> {
    let updated = frames.iter().filter(|frame| frame["method"] == "notifications/resources/updated");
    updated.filter_map(|frame| frame["params"]["uri"].as_str()).collect()
}

#[tokio::test]
async fn a_session_is_told_of_what_it_follows_and_of_nothing_else() {
    let data = tempfile::tempdir().unwrap();
    let mut server = Server::start("mcp-ghl", data.path(), &[]);
    server.initialize().await;
    let tags = format!("ghl://{GYM}/tags");
    server.call("resources/subscribe", json!({"uri": tags})).await;
    let refused = server.call("resources/subscribe", json!({"uri": "ghl://nothing"})).await;
    assert!(refused["error"].is_object(), "{refused}");
    let created = server.ask("tools/call", new_tag()).await;
    let (before, answer) = until_answered(&mut server, created).await;
    assert_eq!(answer["result"]["isError"], false, "{answer}");
    assert_eq!(updates(&before), [""; 0], "no tag was made yet");
    let tagged = server.ask("tools/call", tag_it()).await;
    let (mut frames, answer) = until_answered(&mut server, tagged).await;
    assert_eq!(answer["result"]["isError"], false, "{answer}");
    while updates(&frames).is_empty() {
        frames.push(server.next().await);
    }
    assert_eq!(updates(&frames), [tags.as_str()]);
}

#[tokio::test]
async fn a_stateless_subscription_is_told_until_it_is_cancelled() {
    let data = tempfile::tempdir().unwrap();
    let mut server = Server::start("mcp-ghl", data.path(), &[]);
    let tags = format!("ghl://{GYM}/tags");
    let filter = json!({"notifications": {"resourceSubscriptions": [tags, "ghl://nothing"]}});
    let subscription = server.ask("subscriptions/listen", message::with_stateless_meta(filter)).await;
    let acknowledged = server.next().await;
    assert_eq!(acknowledged["params"]["notifications"]["resourceSubscriptions"], json!([tags]), "{acknowledged}");
    for call in [new_tag(), tag_it()] {
        let id = server.ask("tools/call", message::with_stateless_meta(call)).await;
        let (mut frames, answer) = until_answered(&mut server, id).await;
        assert_eq!(answer["result"]["isError"], false, "{answer}");
        if answer["result"]["structuredContent"]["added"].is_array() {
            while updates(&frames).is_empty() {
                frames.push(server.next().await);
            }
            let update = frames.iter().find(|frame| frame["method"] == "notifications/resources/updated").unwrap();
            assert_eq!(
                update["params"]["_meta"]["io.modelcontextprotocol/subscriptionId"],
                json!(subscription),
                "{update}"
            );
        }
    }
}
