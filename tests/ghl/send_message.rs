//! What dispatch lets through of it. The tool itself, once somebody has said yes, is tested where it is written.

use serde_json::json;

use crate::bench::{Bench, RIVAL};

const HUGO: &str = "7bz1vxurOfxGGeMCIas9";

#[tokio::test]
async fn nothing_is_sent_without_an_approval() {
    let bench = Bench::new().await;
    let arguments = json!({"contact": HUGO, "channel": "sms", "text": "See you at 3"});
    let refused = bench.refused("send_message", arguments).await;
    assert_eq!(refused.code(), "approval_required");
    let requests = bench.requests().await;
    assert!(requests.iter().all(|request| !request.starts_with("POST /conversations")), "{requests:?}");
    let found = bench.call("search_conversations", json!({"contact": HUGO})).await;
    assert!(!found.to_string().contains("See you at 3"));
}

#[tokio::test]
async fn another_tenant_sends_nothing_either() {
    let bench = Bench::new().await;
    let arguments = json!({"contact": HUGO, "channel": "sms", "text": "Hi"});
    bench.refused_as(RIVAL, "send_message", arguments).await;
    let requests = bench.requests().await;
    assert!(requests.iter().all(|request| !request.starts_with("POST /conversations")), "{requests:?}");
}

/// Before anybody is asked to approve.
#[tokio::test]
async fn all_faults_come_at_once() {
    let bench = Bench::new().await;
    let arguments = json!({"channel": "pigeon", "text": "", "subject": 5, "to": "everybody"});
    let refused = bench.refused("send_message", arguments).await;
    let mut fields = refused.faulty_fields();
    fields.sort_unstable();
    assert_eq!(fields, ["/channel", "/contact", "/subject", "/text", "/to"]);
}

#[tokio::test]
async fn it_says_of_itself_that_it_reaches_people() {
    let bench = Bench::new().await;
    let definition = serde_json::to_value(bench.server.tools.definition("send_message").unwrap().annotations).unwrap();
    assert_eq!((&definition["readOnlyHint"], &definition["destructiveHint"]), (&json!(false), &json!(true)));
    assert_eq!((&definition["idempotentHint"], &definition["openWorldHint"]), (&json!(false), &json!(true)));
}
