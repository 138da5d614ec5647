//! The inbox: who sees which plans, and who may decide about them, over REST and as a resource.

use std::net::SocketAddr;

use common::tool::PlanId;
use serde_json::{Value, json};
use tests::database::TestDatabase;
use tests::http::{Answer, exchange};

use crate::person::{Client, Era, code};
use crate::stage::{Stage, roomy};

async fn rest(address: SocketAddr, caller: &str, method: &str, path: &str) -> Answer {
    let authorization = format!("Bearer {caller}-token");
    exchange(address, method, path, &[("Authorization", authorization.as_str())], "").await
}

async fn decide(address: SocketAddr, caller: &str, plan: PlanId, verb: &str) -> (u16, Value) {
    let answer = rest(address, caller, "POST", &format!("/api/approvals/{plan}/{verb}")).await;
    (answer.status, answer.json())
}

fn note(note: &str) -> Value {
    json!({ "note": note })
}

fn ids(inbox: &Value) -> Vec<String> {
    let plans = inbox["plans"].as_array().expect("a list").iter();
    plans.map(|plan| plan["plan_id"].as_str().expect("an id").to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_administrator_says_yes_and_nobody_else() {
    let mut stage = Stage::on(&TestDatabase::sqlite(), roomy());
    let address = stage.serve().await;
    let plan = stage.propose("ann", "send_note", note("hello")).await;
    for (who, status, error) in [
        ("ann", 403, "permission_denied"),
        ("mel", 403, "permission_denied"),
        ("eve", 404, "not_found"),
        ("nobody", 401, "unauthenticated"),
    ] {
        let (answered, body) = decide(address, who, plan, "approve").await;
        assert_eq!((answered, &body["error"]["code"]), (status, &json!(error)), "{who}");
    }
    let (status, body) = decide(address, "bob", plan, "approve").await;
    assert_eq!((status, &body["state"], &body["decided_by"]), (200, &json!("approved"), &json!("bob")), "{body}");
    assert_eq!(decide(address, "bob", plan, "refuse").await.0, 409, "a yes stays a yes");
    stage.call("ann", Some(plan), ("send_note", note("hello"))).await.expect("it is approved");
    assert_eq!(stage.world.effects("hello"), 1);
    assert_eq!(rest(address, "bob", "GET", "/api/approvals/nonsense").await.status, 400);
    assert_eq!(decide(address, "bob", PlanId::at(7), "approve").await.0, 404);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn administrators_see_their_tenant_and_others_their_own() {
    let mut stage = Stage::on(&TestDatabase::sqlite(), roomy());
    let address = stage.serve().await;
    let of_ann = stage.propose("ann", "send_note", note("hello")).await.to_string();
    stage.clock.advance(std::time::Duration::from_millis(1));
    let of_mel = stage.propose("mel", "send_note", note("hello")).await.to_string();
    for (who, seen) in
        [("ann", vec![&of_ann, &of_mel]), ("bob", vec![&of_ann, &of_mel]), ("mel", vec![&of_mel]), ("eve", Vec::new())]
    {
        let over_rest = rest(address, who, "GET", "/api/approvals").await.json();
        assert_eq!(ids(&over_rest).iter().collect::<Vec<_>>(), seen, "{who}");
        for era in [Era::Modern, Era::Legacy] {
            let client = Client::open(address, who, era, false).await;
            assert!(client.uris().await.contains(&"approvals://inbox".to_owned()));
            assert_eq!(client.read("approvals://inbox").await, over_rest, "{who}");
        }
    }
    assert_eq!(rest(address, "mel", "GET", &format!("/api/approvals/{of_ann}")).await.status, 404);
    assert_eq!(rest(address, "mel", "GET", &format!("/api/approvals/{of_mel}")).await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plan_is_named_by_argument_or_by_meta_and_only_one() {
    let mut stage = Stage::on(&TestDatabase::sqlite(), roomy());
    let address = stage.serve().await;
    let client = Client::open(address, "ann", Era::Modern, false).await;
    let (one, two) =
        (stage.propose("ann", "send_note", note("one")).await, stage.propose("ann", "send_note", note("two")).await);
    for plan in [one, two] {
        assert_eq!(decide(address, "bob", plan, "approve").await.0, 200);
    }
    let with_argument = |plan: Value| json!({ "note": "one", "approval_plan_id": plan });
    for (arguments, meta) in [
        (with_argument(json!(one.to_string())), json!(two.to_string())),
        (with_argument(json!("pln_x")), json!(one.to_string())),
        (with_argument(json!(7)), json!(one.to_string())),
        (note("one"), json!("pln_x")),
        (note("one"), json!(7)),
    ] {
        let result = client.call_with_meta("send_note", arguments.clone(), meta).await;
        assert_eq!(code(&result), "invalid_argument", "{arguments}");
    }
    let result = client.call_with_meta("send_note", note("one"), json!(one.to_string())).await;
    assert_eq!(code(&result), "ok");
    let named = json!({ "note": "two", "approval_plan_id": two.to_string() });
    assert_eq!(code(&client.call("send_note", named).await), "ok");
    assert_eq!((stage.world.effects("one"), stage.world.effects("two")), (1, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_what_cannot_be_taken_back_advertises_the_argument() {
    let mut stage = Stage::on(&TestDatabase::sqlite(), roomy());
    let client = Client::open(stage.serve().await, "ann", Era::Legacy, false).await;
    for (access, tool) in crate::tools::TOOLS {
        let is_advertised = client.properties(tool).await.get("approval_plan_id").is_some();
        assert_eq!(is_advertised, !matches!(access.as_str(), "read" | "write"), "{tool}");
    }
}
