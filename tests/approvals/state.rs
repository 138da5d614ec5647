//! The request state that a client carries, in the hands of somebody who wants more than was asked for; and the question
//! that a person gets to see.

use std::time::Duration;

use common::secrets::KeySource;
use common::tool::{ApprovalSettings, DispatchSettings};
use rmcp::model::{CallToolResponse, CallToolResult};
use serde_json::{Value, json};
use tests::database::{TestDatabase, on_each_database};

use crate::person::{Client, Era, Mood, code};
use crate::stage::{NOON_MS, Stage, caller, roomy};

fn note(note: &str) -> Value {
    json!({ "note": note })
}

fn yes() -> Value {
    json!({ "action": "accept", "content": { "approve": true } })
}

/// The state with which a call is answered.
async fn asked(client: &Client, arguments: Value) -> String {
    match client.once("send_note", arguments, None).await {
        CallToolResponse::InputRequired(question) => question.request_state.expect("a state"),
        other => panic!("not asked: {other:?}"),
    }
}

async fn answered(client: &Client, arguments: Value, state: &str, response: Value) -> CallToolResult {
    match client.once("send_note", arguments, Some((state, response))).await {
        CallToolResponse::Complete(result) => result,
        other => panic!("asked again: {other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_state_is_good_for_its_caller_arguments_and_server_alone_and_once() {
    let (database, elsewhere) = (TestDatabase::sqlite(), TestDatabase::sqlite());
    let (mut stage, mut foreign) = (Stage::on(&database, roomy()), Stage::on(&elsewhere, roomy()));
    let (address, foreign_address) = (stage.serve().await, foreign.serve().await);
    let ann = Client::open(address, "ann", Era::Modern, true).await;
    let bob = Client::open(address, "bob", Era::Modern, true).await;
    let eve = Client::open(address, "eve", Era::Modern, true).await;
    let foreign_ann = Client::open(foreign_address, "ann", Era::Modern, true).await;

    let sealed = asked(&ann, note("hello")).await;
    let foreign_state = asked(&foreign_ann, note("hello")).await;
    let mut tampered = sealed.clone().into_bytes();
    tampered[40] = if tampered[40] == b'A' { b'B' } else { b'A' };
    let tampered = String::from_utf8(tampered).expect("ASCII");
    for (name, client, arguments, state) in [
        ("tampered with", &ann, note("hello"), tampered.as_str()),
        ("made up", &ann, note("hello"), "bm90IG91cnM"),
        ("empty", &ann, note("hello"), ""),
        ("of another server", &ann, note("hello"), foreign_state.as_str()),
        ("with other arguments", &ann, note("hello!"), sealed.as_str()),
        ("with a changed number", &ann, json!({ "note": "hello", "people": 2 }), sealed.as_str()),
        ("by another caller", &bob, note("hello"), sealed.as_str()),
        ("by another tenant", &eve, note("hello"), sealed.as_str()),
    ] {
        let result = answered(client, arguments, state, yes()).await;
        assert_eq!(code(&result), "permission_denied", "{name}");
    }
    assert_eq!(stage.world.effects("hello") + stage.world.effects("hello!"), 0);

    assert_eq!(code(&answered(&ann, note("hello"), &sealed, yes()).await), "ok", "and as it was meant");
    assert_eq!(code(&answered(&ann, note("hello"), &sealed, yes()).await), "conflict", "a second time");
    assert_eq!(stage.world.effects("hello"), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn processes_with_one_vault_take_each_others_states_and_a_restart_is_no_end() {
    on_each_database(async |database| {
        let key = |name: &str, byte: u8| {
            let file = database.folder().join(name);
            std::fs::write(&file, [byte; 32]).expect("the key is written");
            std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).expect("it is ours");
            KeySource::File(file)
        };
        let process = |key: KeySource| Stage::keyed(&database, roomy(), DispatchSettings::default(), NOON_MS, key);
        let (mut first, mut second) = (process(key("key", 7)), process(key("key", 7)));
        let vault = first.secrets.put(caller("ann").tenant(), &"a".parse().expect("a name"), &"value".into()).await;
        vault.expect("the vault is made");
        let ann = Client::open(first.serve().await, "ann", Era::Modern, true).await;
        let states =
            [asked(&ann, note("there")).await, asked(&ann, note("later")).await, asked(&ann, note("never")).await];
        let there = Client::open(second.serve().await, "ann", Era::Modern, true).await;
        assert_eq!(code(&answered(&there, note("there"), &states[0], yes()).await), "ok");
        assert_eq!(code(&answered(&ann, note("there"), &states[0], yes()).await), "conflict", "once in all processes");
        drop((ann, there, first));
        let mut again = process(key("key", 7));
        let ann = Client::open(again.serve().await, "ann", Era::Modern, true).await;
        assert_eq!(code(&answered(&ann, note("later"), &states[1], yes()).await), "ok", "after a restart");
        let mut stranger = process(key("another", 8));
        let ann = Client::open(stranger.serve().await, "ann", Era::Modern, true).await;
        assert_ne!(code(&answered(&ann, note("never"), &states[2], yes()).await), "ok", "with another key");
        assert_eq!(stranger.world.effects("never") + again.world.effects("never"), 0);
        assert_eq!((second.world.effects("there"), again.world.effects("later")), (1, 1));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_state_ends_with_its_plan() {
    let database = TestDatabase::sqlite();
    let mut stage = Stage::on(&database, roomy());
    let ann = Client::open(stage.serve().await, "ann", Era::Modern, true).await;
    let sealed = asked(&ann, note("hello")).await;
    stage.clock.advance(Duration::from_mins(15));
    assert_eq!(code(&answered(&ann, note("hello"), &sealed, yes()).await), "permission_denied");
    assert_eq!(stage.world.effects("hello"), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_an_accepted_yes_is_a_yes() {
    let database = TestDatabase::sqlite();
    let mut stage = Stage::on(&database, roomy());
    let ann = Client::open(stage.serve().await, "ann", Era::Modern, true).await;
    for (number, (response, wanted)) in [
        (json!({ "action": "accept", "content": { "approve": false } }), "permission_denied"),
        (json!({ "action": "decline" }), "permission_denied"),
        (json!({ "action": "decline", "content": { "approve": true } }), "permission_denied"),
        (json!({ "action": "cancel" }), "approval_required"),
        (json!({ "action": "accept" }), "approval_required"),
        (json!({ "action": "accept", "content": { "approve": "yes" } }), "approval_required"),
        (json!({ "action": "maybe", "content": { "approve": true } }), "approval_required"),
        (json!("yes"), "approval_required"),
    ]
    .into_iter()
    .enumerate()
    {
        let text = format!("note {number}");
        let sealed = asked(&ann, note(&text)).await;
        assert_eq!(code(&answered(&ann, note(&text), &sealed, response.clone()).await), wanted, "{response}");
        assert_eq!(stage.world.effects(&text), 0, "{response}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_no_at_the_client_is_final_for_that_plan_and_is_said_to_be_one() {
    for (era, mood) in [(Era::Modern, Mood::SaysNo), (Era::Legacy, Mood::SaysNo), (Era::Legacy, Mood::Declines)] {
        let database = TestDatabase::sqlite();
        let mut stage = Stage::on(&database, roomy());
        let ann = Client::open(stage.serve().await, "ann", era, true).await;
        ann.mood(mood);
        let result = ann.call("send_note", note("hello")).await;
        assert_eq!(code(&result), "permission_denied");
        let text = crate::person::error(&result)["message"].as_str().unwrap_or_default().to_owned();
        assert!(text.contains("said no"), "{text}");
        assert!(stage.approvals.inbox(&crate::stage::caller("bob")).await.expect("a list").is_empty());
        assert_eq!(stage.world.effects("hello"), 0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_closes_the_question_is_not_asked_again_in_that_call_and_the_plan_waits() {
    for era in [Era::Modern, Era::Legacy] {
        let database = TestDatabase::sqlite();
        let mut stage = Stage::on(&database, roomy());
        let ann = Client::open(stage.serve().await, "ann", era, true).await;
        ann.mood(Mood::Closes);
        assert_eq!(code(&ann.call("send_note", note("hello")).await), "approval_required");
        assert_eq!(ann.asked(), 1, "{era:?}");
        assert_eq!(stage.approvals.inbox(&crate::stage::caller("bob")).await.expect("a list").len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_question_is_the_plan_in_words() {
    for era in [Era::Modern, Era::Legacy] {
        let database = TestDatabase::sqlite();
        let mut stage = Stage::on(&database, roomy());
        let ann = Client::open(stage.serve().await, "ann", era, true).await;
        ann.call("buy_note", json!({ "note": "one\u{202e}\n", "people": 2, "amount_minor": 120 })).await;
        assert_eq!(
            ann.last_question(),
            "`buy_note` asks for your approval: buy_note `one ` as it was in revision 0; touches 2 records or people: Anna \
             Weber; cannot be taken back; costs 120 minor units of USD."
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_clients_are_not_trusted_to_ask_only_the_inbox_counts() {
    let database = TestDatabase::sqlite();
    let mut trusting = Stage::on(&database, roomy());
    let ann = Client::open(trusting.serve().await, "ann", Era::Modern, true).await;
    let sealed = asked(&ann, note("hello")).await;
    let mut strict = Stage::on(&database, ApprovalSettings { ask_at_client: false, ..roomy() });
    let address = strict.serve().await;
    for era in [Era::Modern, Era::Legacy] {
        let ann = Client::open(address, "ann", era, true).await;
        ann.mood(Mood::SaysYes);
        assert_eq!(code(&ann.call("send_note", note("hello")).await), "approval_required");
        assert_eq!(ann.asked(), 0);
    }
    let ann = Client::open(address, "ann", Era::Modern, true).await;
    assert_eq!(code(&answered(&ann, note("hello"), &sealed, yes()).await), "permission_denied");
    assert_eq!(strict.world.effects("hello"), 0);
}
