//! Servers of this process: everything that holds at other doors holds at this one.

use std::sync::atomic::Ordering;
use std::time::Duration;

use common::audit::Decision;
use common::auth::Role;
use common::clock::Clock;
use common::error::ErrorCode;
use common::peer::{PeerState, PeersSettings};
use common::tool::Voice;
use serde_json::json;

use crate::stage::{Stage, ann, call, caller, eventually};

fn stage() -> Stage {
    Stage::with(PeersSettings::default(), Vec::new(), Clock::system())
}

#[tokio::test]
async fn each_call_is_made_as_its_caller() {
    let stage = stage();
    let eve = caller("eve", "evil", Role::Admin);
    assert_eq!(stage.foundation.peers.servers(ann().tenant())[0].state, PeerState::Idle, "nothing is connected yet");
    stage.call(&ann(), call("notes", "add_note", json!({ "text": "ours" }))).await.unwrap();
    let theirs = stage.call(&eve, call("notes", "list_notes", json!({}))).await.unwrap();
    assert_eq!(theirs, json!({ "notes": [], "subject": "eve" }), "another tenant sees nothing of it");
    let ours = stage.call(&ann(), call("notes", "list_notes", json!({}))).await.unwrap();
    assert_eq!(ours, json!({ "notes": ["ours"], "subject": "ann" }));
    assert_eq!(stage.foundation.peers.servers(ann().tenant())[0].state, PeerState::Connected);
}

#[tokio::test]
async fn many_callers_at_once_are_not_mixed_up() {
    let stage = stage();
    let calls = (0..200).map(|number| {
        let stage = &stage;
        async move {
            let caller = caller(&format!("caller-{number}"), &format!("tenant-{}", number % 7), Role::Member);
            let answer = stage.call(&caller, call("notes", "list_notes", json!({}))).await.unwrap();
            assert_eq!(answer["subject"], caller.subject());
        }
    });
    futures_util::future::join_all(calls).await;
}

#[tokio::test]
async fn a_viewer_may_read_and_nothing_else() {
    let stage = stage();
    let viewer = caller("val", "acme", Role::Viewer);
    stage.call(&viewer, call("notes", "list_notes", json!({}))).await.unwrap();
    let refused = stage.call(&viewer, call("notes", "add_note", json!({ "text": "x" }))).await.unwrap_err();
    assert!(matches!(refused.code(), ErrorCode::PermissionDenied | ErrorCode::NotFound), "{refused}");
    let shown = stage.foundation.peers.tools(&ann(), "notes").await.unwrap();
    assert!(shown.iter().any(|tool| tool.name == "send_note" && tool.is_destructive), "{shown:?}");
}

#[tokio::test]
async fn what_cannot_be_taken_back_waits_for_a_yes_to_its_plan() {
    let stage = stage();
    let send = || call("notes", "send_note", json!({ "text": "hello" }));
    let proposed = stage.call(&ann(), send()).await.unwrap_err();
    assert_eq!(proposed.code(), ErrorCode::ApprovalRequired, "{proposed}");
    let plan = proposed.details().plan.as_ref().expect("its plan").clone();
    assert!(plan.plan.summary.contains("hello"), "{plan:?}");
    let mut named = send();
    named.approval = Some(plan.plan_id);
    let waiting = stage.call(&ann(), named.clone()).await.unwrap_err();
    assert_eq!(waiting.code(), ErrorCode::ApprovalRequired, "nobody has said yes: {waiting}");
    let boss = caller("boss", "acme", Role::Admin);
    let decided = stage.foundation.approvals.decide(&boss, Voice::Request, plan.plan_id, Decision::Approved).await;
    decided.unwrap();
    stage.call(&ann(), named).await.unwrap();
    assert_eq!(stage.world.sent.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn the_same_key_does_it_once() {
    let stage = stage();
    let mut add = call("notes", "add_note", json!({ "text": "once" }));
    add.idempotency_key = Some("run-1.step-1".parse().unwrap());
    let first = stage.call(&ann(), add.clone()).await.unwrap();
    assert_eq!(stage.call(&ann(), add.clone()).await.unwrap(), first);
    let ours = stage.call(&ann(), call("notes", "list_notes", json!({}))).await.unwrap();
    assert_eq!(ours["notes"], json!(["once"]));
    add.arguments.insert("text".to_owned(), json!("twice"));
    assert_eq!(stage.call(&ann(), add).await.unwrap_err().code(), ErrorCode::Conflict);
    // With a call that only reads it says nothing, and is no unknown argument.
    let mut list = call("notes", "list_notes", json!({}));
    list.idempotency_key = Some("run-1.step-2".parse().unwrap());
    stage.call(&ann(), list).await.unwrap();
}

#[tokio::test]
async fn errors_come_back_as_they_were_made() {
    let stage = stage();
    let error = stage.call(&ann(), call("notes", "find_note", json!({ "text": "x" }))).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::NotFound);
    assert_eq!((error.message(), error.hint()), ("no such note", Some("take one of the candidates")));
    assert_eq!(error.retry_after(), Some(Duration::from_secs(3)));
    assert_eq!(error.details().candidates[0].id, "note_1");
    let error = stage.call(&ann(), call("notes", "add_note", json!({ "txt": 1 }))).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::InvalidArgument);
    assert!(error.details().faults.len() >= 2, "{error:?}");
    let error = stage.call(&ann(), call("notes", "no_such_tool", json!({}))).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::NotFound);
    let error = stage.call(&ann(), call("nobody", "list_notes", json!({}))).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::NotFound);
    assert_eq!(error.details().candidates[0].name, "notes");
}

#[tokio::test]
async fn a_call_that_is_given_up_is_called_off_and_its_trace_is_passed_on() {
    let stage = stage();
    let mut wait = call("notes", "wait_for_note", json!({}));
    wait.deadline = Duration::from_millis(50);
    let error = stage.call(&ann(), wait).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::DeadlineExceeded);
    let mut list = call("notes", "list_notes", json!({}));
    let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    list.trace_id = Some(trace.to_owned());
    // The cancellation is on its way before this call.
    stage.call(&ann(), list).await.unwrap();
    assert_eq!(stage.world.traces.lock().unwrap().last().unwrap().as_deref(), Some(trace));
    eventually(|| stage.world.was_cancelled.load(Ordering::SeqCst)).await;
}
