//! Programs without MCP: where they name a plan and a key, what they are told, and everybody who tries to get round it.

use std::net::SocketAddr;
use std::time::Duration;

use common::plan::ApprovalMode;
use common::tool::{ApprovalSettings, PlanId};
use serde_json::{Value, json};
use tests::database::{TestDatabase, on_each_database};
use tests::http::{Answer, exchange};

use crate::stage::{Stage, roomy};

/// One that calls over HTTP as somebody.
pub(crate) struct Program {
    address: SocketAddr,
    authorization: String,
}

impl Program {
    pub(crate) fn new(address: SocketAddr, caller: &str) -> Self {
        Self { address, authorization: format!("Bearer {caller}-token") }
    }

    /// The same as somebody else.
    pub(crate) fn as_caller(&self, caller: &str) -> Self {
        Self::new(self.address, caller)
    }

    async fn post(&self, path: &str, body: &str, more: &[(&str, &str)]) -> Answer {
        let mut headers = vec![("Content-Type", "application/json"), ("Authorization", &self.authorization)];
        headers.extend_from_slice(more);
        exchange(self.address, "POST", path, &headers, body).await
    }

    pub(crate) async fn call(&self, tool: &str, arguments: Value, headers: &[(&str, &str)]) -> Answer {
        self.post(&format!("/api/tools/{tool}"), &arguments.to_string(), headers).await
    }

    pub(crate) async fn approve(&self, plan_id: &str) -> Answer {
        self.post(&format!("/api/approvals/{plan_id}/approve"), "", &[]).await
    }

    async fn code(&self, tool: &str, arguments: Value, headers: &[(&str, &str)]) -> String {
        outcome(&self.call(tool, arguments, headers).await).0
    }

    /// Calls a tool that needs a yes; the plan with which it is answered.
    async fn propose(&self, tool: &str, arguments: Value, headers: &[(&str, &str)]) -> String {
        let answer = self.call(tool, arguments, headers).await;
        let (code, error) = outcome(&answer);
        assert_eq!((answer.status, code.as_str()), (403, "approval_required"));
        error["details"]["plan"]["plan_id"].as_str().expect("a plan").to_owned()
    }
}

/// What an answer says: `ok` or the error's code, and the error. The status has to say the same.
pub(crate) fn outcome(answer: &Answer) -> (String, Value) {
    let error = answer.json()["error"].clone();
    let code = error["code"].as_str().unwrap_or("ok").to_owned();
    let status = match code.as_str() {
        "ok" => 200,
        "invalid_argument" => 400,
        "approval_required" | "permission_denied" => 403,
        "not_found" => 404,
        "conflict" => 409,
        other => panic!("{other}: {answer:?}"),
    };
    assert_eq!(answer.status, status, "{answer:?}");
    (code, error)
}

fn note(note: &str) -> Value {
    json!({ "note": note })
}

fn plan(plan_id: &str) -> [(&str, &str); 1] {
    [("Luminar-Plan-Id", plan_id)]
}

/// The same arguments with the plan among them.
fn named(plan_id: &str, mut arguments: Value) -> Value {
    arguments["approval_plan_id"] = plan_id.into();
    arguments
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plan_comes_with_403_and_says_what_would_happen() {
    let mut stage = Stage::on(&TestDatabase::sqlite(), roomy());
    let ann = Program::new(stage.serve().await, "ann");
    let answer = ann.call("send_note", json!({ "note": "hello", "people": 3 }), &[]).await;
    let (code, error) = outcome(&answer);
    assert_eq!((answer.status, code.as_str()), (403, "approval_required"));
    let proposed = &error["details"]["plan"];
    assert_eq!((&proposed["tool"], &proposed["mode"]), (&json!("send_note"), &json!("ask")), "{error}");
    assert_eq!((&proposed["plan"]["count"], &proposed["plan"]["targets"]), (&json!(3), &json!(["Anna Weber"])));
    assert!(error["hint"].as_str().is_some_and(|hint| hint.contains(proposed["plan_id"].as_str().unwrap())), "{error}");
    assert_eq!(stage.world.effects("hello"), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_waits_with_its_plan_and_answers_with_the_first_result_after_it_is_spent() {
    on_each_database(async |database| {
        let mut stage = Stage::on(&database, roomy());
        let ann = Program::new(stage.serve().await, "ann");
        let key = ("Idempotency-Key", "note-4711");
        let plan_id = ann.propose("send_note", note("hello"), &[key]).await;
        assert_eq!(ann.propose("send_note", note("hello"), &[key]).await, plan_id, "the key is not held");
        assert_eq!(ann.propose("send_note", note("hello"), &[]).await, plan_id, "and is no part of the plan");
        assert_eq!(ann.as_caller("bob").approve(&plan_id).await.status, 200);
        let both = [key, ("Luminar-Plan-Id", plan_id.as_str())];
        let first = ann.call("send_note", note("hello"), &both).await;
        assert_eq!(outcome(&first).0, "ok");
        let body = first.json();
        let key_as_argument = json!({ "note": "hello", "idempotency_key": "note-4711" });
        for (name, arguments, headers) in [
            ("the same request", note("hello"), both.as_slice()),
            ("the plan as an argument", named(&plan_id, note("hello")), &[key]),
            ("the key alone", note("hello"), &[key]),
            ("the key as an argument", key_as_argument.clone(), &[]),
            ("the key twice", key_as_argument, &[key]),
        ] {
            let answer = ann.call("send_note", arguments, headers).await;
            assert_eq!((answer.status, answer.json()), (200, body.clone()), "{name}");
        }
        let other_key = json!({ "note": "hello", "idempotency_key": "another" });
        for (name, arguments, headers, code) in [
            ("without the key", note("hello"), &both[1..], "conflict"),
            ("another key", note("hello"), &[("Idempotency-Key", "note-4712"), both[1]], "conflict"),
            ("other arguments", note("hello!"), &both, "conflict"),
            ("two keys", other_key, &both, "invalid_argument"),
        ] {
            assert_eq!(ann.code("send_note", arguments, headers).await, code, "{name}");
        }
        assert_eq!(stage.world.effects("hello") + stage.world.effects("hello!"), 1);
        let of_bob = ann.as_caller("bob").propose("send_note", note("hello"), &[key]).await;
        assert_ne!(of_bob, plan_id, "a key is its caller's");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_differs_from_the_plan_is_refused_however_it_is_named() {
    on_each_database(async |database| {
        let mut stage = Stage::on(&database, roomy());
        let ann = Program::new(stage.serve().await, "ann");
        let plan_id = ann.propose("send_note", note("hello"), &[]).await;
        assert_eq!(ann.as_caller("bob").approve(&plan_id).await.status, 200);
        let unknown = PlanId::at(7).to_string();
        for (name, who, tool, plan_id, arguments, code) in [
            ("a changed argument", "ann", "send_note", &plan_id, note("hello!"), "conflict"),
            ("one more argument", "ann", "send_note", &plan_id, json!({"note": "hello", "people": 1}), "conflict"),
            ("another tool", "ann", "delete_note", &plan_id, note("hello"), "conflict"),
            ("another caller", "bob", "send_note", &plan_id, note("hello"), "not_found"),
            ("another tenant", "eve", "send_note", &plan_id, note("hello"), "not_found"),
            ("a made-up plan", "ann", "send_note", &unknown, note("hello"), "not_found"),
            ("no plan id", "ann", "send_note", &"pln_x".to_owned(), note("hello"), "invalid_argument"),
        ] {
            let program = ann.as_caller(who);
            assert_eq!(program.code(tool, arguments.clone(), &plan(plan_id)).await, code, "{name}, by header");
            assert_eq!(program.code(tool, named(plan_id, arguments), &[]).await, code, "{name}, by argument");
        }
        let two = ann.code("send_note", named(&unknown, note("hello")), &plan(&plan_id)).await;
        assert_eq!(two, "invalid_argument", "two plans at once");
        assert_eq!(stage.world.effects("hello") + stage.world.effects("hello!"), 0);
        assert_eq!(ann.code("send_note", note("hello"), &plan(&plan_id)).await, "ok", "the plan is as it was");
        for (arguments, headers) in [(note("hello"), plan(&plan_id).as_slice()), (named(&plan_id, note("hello")), &[])]
        {
            assert_eq!(ann.code("send_note", arguments, headers).await, "conflict", "a second use");
        }
        assert_eq!(stage.world.effects("hello"), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plan_that_has_expired_is_refused_and_can_no_longer_be_approved() {
    for mode in [ApprovalMode::Ask, ApprovalMode::Plan] {
        let mut stage = Stage::on(&TestDatabase::sqlite(), ApprovalSettings { send: mode, ..roomy() });
        let ann = Program::new(stage.serve().await, "ann");
        let plan_id = ann.propose("send_note", note("hello"), &[]).await;
        if mode == ApprovalMode::Ask {
            assert_eq!(ann.as_caller("bob").approve(&plan_id).await.status, 200);
        }
        stage.clock.advance(Duration::from_mins(15));
        assert_eq!(ann.code("send_note", note("hello"), &plan(&plan_id)).await, "conflict");
        assert_eq!(ann.code("send_note", named(&plan_id, note("hello")), &[]).await, "conflict");
        assert_eq!(ann.as_caller("bob").approve(&plan_id).await.status, 409);
        assert_eq!(stage.world.effects("hello"), 0);
    }
}
