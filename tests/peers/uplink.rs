//! Servers over HTTP that refuse, break off or send too much, and what of ours they get to see.

use std::time::Duration;

use common::clock::Clock;
use common::error::ErrorCode;
use common::peer::{PeerSettings, PeersSettings};
use secrecy::SecretString;
use serde_json::{Value, json};
use tests::faults::{Answer, Arrival, Fault, FaultyServer};

use crate::stage::{Stage, ann, call};

fn settings(server: &FaultyServer) -> PeerSettings {
    PeerSettings {
        name: "far".to_owned(),
        url: Some(server.url("/mcp").to_string()),
        allow: vec!["*".to_owned()],
        ..PeerSettings::default()
    }
}

fn stage(server: &FaultyServer, peer: PeerSettings, clock: &Clock) -> Stage {
    let settings = PeersSettings { breaker_failures_max: 3, servers: vec![peer], ..PeersSettings::default() };
    Stage::with(settings, vec![server.authority()], clock.clone())
}

/// A server of the older era that answers `tools/call` as `called` says.
fn legacy(
    mut called: impl FnMut(&Arrival, &Value) -> Fault + Send + 'static,
) -> impl FnMut(&Arrival) -> Fault + Send + 'static {
    move |arrival| {
        let Ok(message) = serde_json::from_slice::<Value>(&arrival.body) else { return Answer::new(405).into() };
        let result = match message["method"].as_str().unwrap_or_default() {
            "initialize" => json!({
                "protocolVersion": "2025-06-18", "capabilities": { "tools": {} },
                "serverInfo": { "name": "far", "version": "1" },
            }),
            "tools/list" => json!({ "tools": [
                { "name": "read", "inputSchema": { "type": "object" }, "annotations": { "readOnlyHint": true } },
                { "name": "change", "inputSchema": { "type": "object" } },
            ] }),
            "tools/call" => return called(arrival, &message),
            "server/discover" => return Answer::new(400).body("no session").into(),
            _ => return Answer::new(202).body("").into(),
        };
        answer(&message, &result).into()
    }
}

fn answer(message: &Value, result: &Value) -> Answer {
    let body = json!({ "jsonrpc": "2.0", "id": message["id"], "result": result }).to_string();
    Answer::new(200).header("content-type", "application/json").body(body)
}

fn text(message: &Value, text: &str) -> Fault {
    answer(message, &json!({ "content": [{ "type": "text", "text": text }] })).into()
}

#[tokio::test]
async fn secrets_are_sent_to_the_server_and_shown_to_nobody() {
    let clock = Clock::system();
    let server = FaultyServer::start(&clock, legacy(|_, message| text(message, "ok"))).await.unwrap();
    let peer = PeerSettings {
        bearer_secret: Some("peers/far/token".to_owned()),
        header_secrets: vec!["X-Api-Key: peers/far/key".to_owned()],
        headers: vec!["X-Team: marketing".to_owned()],
        ..settings(&server)
    };
    let stage = stage(&server, peer, &clock);
    for (name, value) in [("peers/far/token", "the-token"), ("peers/far/key", "the-key")] {
        let secrets = &stage.foundation.secrets;
        secrets.put(ann().tenant(), &name.parse().unwrap(), &SecretString::from(value)).await.unwrap();
    }
    stage.call(&ann(), call("far", "read", json!({}))).await.unwrap();
    for arrival in server.arrivals() {
        assert_eq!(arrival.headers["authorization"], "Bearer the-token");
        assert_eq!(arrival.headers["x-api-key"], "the-key");
        assert_eq!(arrival.headers["x-team"], "marketing");
    }
    assert!(!format!("{:?}", stage.foundation.peers).contains("the-"), "not in what is logged");
}

#[tokio::test]
async fn an_address_that_nobody_has_listed_is_not_called() {
    let clock = Clock::system();
    let server = FaultyServer::start(&clock, legacy(|_, message| text(message, "ok"))).await.unwrap();
    let peers = PeersSettings { servers: vec![settings(&server)], ..PeersSettings::default() };
    let stage = Stage::with(peers, Vec::new(), clock);
    let refused = stage.call(&ann(), call("far", "read", json!({}))).await.unwrap_err();
    assert_eq!((refused.code(), server.count()), (ErrorCode::FailedPrecondition, 0), "{refused:?}");
}

#[tokio::test]
async fn what_it_refuses_says_what_to_do_about_it() {
    let clock = Clock::system();
    for (status, code) in [
        (401, ErrorCode::FailedPrecondition),
        (403, ErrorCode::FailedPrecondition),
        (429, ErrorCode::RateLimited),
        (500, ErrorCode::UpstreamUnavailable),
    ] {
        let fault =
            Answer::new(status).header("retry-after", 7).header("www-authenticate", "Bearer error=\"secret-echo\"");
        let server = FaultyServer::play(&clock, [fault.into()]).await.unwrap();
        let stage = stage(&server, settings(&server), &clock);
        let refused = stage.call(&ann(), call("far", "read", json!({}))).await.unwrap_err();
        assert_eq!(refused.code(), code, "{status}: {refused:?}");
        assert!(refused.hint().is_some() || refused.retry_after().is_some() || status == 500, "{refused:?}");
        assert!(!format!("{refused:?}").contains("secret-echo"), "{refused:?}");
        assert!(!refused.is_outcome_unknown());
    }
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_asked_for_again_only_where_that_does_no_harm() {
    let clock = Clock::system();
    let mut calls = 0;
    let faults = legacy(move |_, message| {
        calls += 1;
        if calls == 1 { Fault::Reset } else { text(message, "second time") }
    });
    let server = FaultyServer::start(&clock, faults).await.unwrap();
    let stage = stage(&server, settings(&server), &clock);
    let lost = stage.call(&ann(), call("far", "change", json!({}))).await.unwrap_err();
    assert!(lost.is_outcome_unknown(), "{lost:?}");
    let mut calls = 0;
    let faults = legacy(move |_, message| {
        calls += 1;
        if calls == 1 { Fault::Reset } else { text(message, "second time") }
    });
    let server = FaultyServer::start(&clock, faults).await.unwrap();
    let stage = self::stage(&server, settings(&server), &clock);
    let read = stage.call(&ann(), call("far", "read", json!({}))).await.unwrap();
    assert_eq!(read, json!({ "text": "second time" }));
}

#[tokio::test]
async fn answers_and_events_that_are_too_large_are_broken_off() {
    let clock = Clock::system();
    let large = "z".repeat(3 * 1024 * 1024);
    let event = format!("data: {large}\n\n");
    let as_event = Answer::new(200).header("content-type", "text/event-stream").body(event);
    for fault in [None, Some(as_event)] {
        let large = large.clone();
        let faults = legacy(move |_, message| match &fault {
            None => text(message, &large),
            Some(event) => event.clone().into(),
        });
        let server = FaultyServer::start(&clock, faults).await.unwrap();
        let stage = stage(&server, settings(&server), &clock);
        let mut change = call("far", "change", json!({}));
        change.deadline = Duration::from_secs(20);
        let failed = stage.call(&ann(), change).await.unwrap_err();
        assert_eq!(failed.code(), ErrorCode::FailedPrecondition, "{failed:?}");
        assert!(failed.message().contains("answer_bytes_max"), "{failed:?}");
    }
}

#[tokio::test]
async fn a_server_that_hangs_is_left_alone_and_then_tried_again() {
    let clock = Clock::manual(1_800_000_000_000);
    let mut calls = 0;
    let faults = legacy(move |_, message| {
        calls += 1;
        if calls <= 3 { Fault::Hang } else { text(message, "back") }
    });
    let server = FaultyServer::start(&clock, faults).await.unwrap();
    let stage = stage(&server, settings(&server), &clock);
    stage.foundation.peers.tools(&ann(), "far").await.unwrap();
    let read = || {
        let mut read = call("far", "read", json!({}));
        read.deadline = Duration::from_secs(5);
        read
    };
    let step = Duration::from_millis(100);
    for _ in 0..3 {
        let late = tests::time::drive(&clock, step, stage.call(&ann(), read())).await.unwrap_err();
        assert_eq!(late.code(), ErrorCode::DeadlineExceeded, "{late:?}");
    }
    let before = server.count();
    let resting = stage.call(&ann(), read()).await.unwrap_err();
    assert_eq!((resting.code(), server.count()), (ErrorCode::UpstreamUnavailable, before), "{resting:?}");
    clock.advance(resting.retry_after().expect("how long"));
    let back = stage.call(&ann(), read()).await.unwrap();
    assert_eq!(back, json!({ "text": "back" }));
}
