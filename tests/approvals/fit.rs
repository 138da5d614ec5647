//! A plan is good for exactly the call that it was made for, once, in time. On both databases.

use std::sync::atomic::Ordering;
use std::time::Duration;

use common::audit::Decision;
use common::error::{ErrorCode, Result};
use common::plan::ApprovalMode;
use common::tool::{ApprovalSettings, PlanId, Voice};
use serde_json::{Value, json};
use tests::database::{TestDatabase, on_each_database};

use crate::stage::{Stage, all_in, caller, plan_of, roomy};

fn note(note: &str) -> Value {
    json!({ "note": note })
}

async fn approve(stage: &Stage, plan: PlanId) {
    let decided = stage.approvals.decide(&caller("bob"), Voice::Request, plan, Decision::Approved).await;
    assert_eq!(decided.expect("an administrator may").state, "approved");
}

fn refusal(called: Result<Value>) -> ErrorCode {
    called.expect_err("it is refused").code()
}

/// A stage in which `ann` has an approved plan to send a note to Anna.
async fn approved(database: &TestDatabase) -> (Stage, PlanId) {
    let stage = Stage::on(database, roomy());
    let plan = stage.propose("ann", "send_note", note("hello")).await;
    approve(&stage, plan).await;
    (stage, plan)
}

#[tokio::test]
async fn an_approved_plan_is_executed_once() {
    on_each_database(async |database| {
        let (stage, plan) = approved(&database).await;
        assert_eq!(stage.world.effects("hello"), 0);
        stage.call("ann", Some(plan), ("send_note", note("hello"))).await.expect("it is approved");
        let again = stage.call("ann", Some(plan), ("send_note", note("hello"))).await;
        assert_eq!(refusal(again), ErrorCode::Conflict);
        assert_eq!(stage.world.effects("hello"), 1);
    })
    .await;
}

#[tokio::test]
async fn what_differs_from_the_plan_is_refused_and_leaves_it_as_it_was() {
    on_each_database(async |database| {
        let (stage, plan) = approved(&database).await;
        for (name, caller, tool, arguments, code) in [
            ("a changed argument", "ann", "send_note", note("hello!"), ErrorCode::Conflict),
            ("one more argument", "ann", "send_note", json!({ "note": "hello", "people": 1 }), ErrorCode::Conflict),
            ("another tool", "ann", "delete_note", note("hello"), ErrorCode::Conflict),
            ("another caller", "bob", "send_note", note("hello"), ErrorCode::NotFound),
            ("another tenant", "eve", "send_note", note("hello"), ErrorCode::NotFound),
        ] {
            assert_eq!(refusal(stage.call(caller, Some(plan), (tool, arguments)).await), code, "{name}");
        }
        let unknown = PlanId::at(1);
        assert_eq!(refusal(stage.call("ann", Some(unknown), ("send_note", note("hello"))).await), ErrorCode::NotFound);
        assert_eq!(stage.world.effects("hello") + stage.world.effects("hello!"), 0);
        stage.call("ann", Some(plan), ("send_note", note("hello"))).await.expect("the plan is as it was");
        assert_eq!(stage.world.effects("hello"), 1);
    })
    .await;
}

#[tokio::test]
async fn of_many_calls_at_once_in_two_processes_one_executes() {
    on_each_database(async |database| {
        let (stage, plan) = approved(&database).await;
        let other = Stage::on(&database, roomy());
        let calls = (0..8).map(|number| {
            let stage = if number % 2 == 0 { &stage } else { &other };
            stage.call("ann", Some(plan), ("send_note", note("hello")))
        });
        let outcomes = futures_util::future::join_all(calls).await;
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1, "{outcomes:?}");
        let codes = outcomes.into_iter().filter_map(|outcome| outcome.err().map(|error| error.code()));
        assert!(codes.into_iter().all(|code| code == ErrorCode::Conflict));
        assert_eq!(stage.world.effects("hello") + other.world.effects("hello"), 1);
    })
    .await;
}

#[tokio::test]
async fn a_plan_ends_with_its_time() {
    on_each_database(async |database| {
        for is_approved in [false, true] {
            let stage = Stage::on(&database, ApprovalSettings { send: ApprovalMode::Plan, ..roomy() });
            let text = format!("in time: {is_approved}");
            let plan = stage.propose("ann", "send_note", note(&text)).await;
            if is_approved {
                approve(&stage, plan).await;
            }
            stage.clock.advance(Duration::from_mins(15));
            let late = stage.call("ann", Some(plan), ("send_note", note(&text))).await;
            assert_eq!(refusal(late), ErrorCode::Conflict);
            let decided = stage.approvals.decide(&caller("bob"), Voice::CommandLine, plan, Decision::Approved).await;
            assert_eq!(decided.expect_err("it is over").code(), ErrorCode::Conflict);
            assert_eq!(stage.world.effects(&text), 0);
            assert_ne!(
                stage.propose("ann", "send_note", note(&text)).await,
                plan,
                "the next call gets a plan of its own"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn a_refused_plan_is_never_executed() {
    on_each_database(async |database| {
        let stage = Stage::on(&database, roomy());
        let plan = stage.propose("ann", "send_note", note("hello")).await;
        let decided = stage.approvals.decide(&caller("bob"), Voice::Request, plan, Decision::Refused).await;
        assert_eq!(decided.expect("an administrator may").state, "refused");
        let called = stage.call("ann", Some(plan), ("send_note", note("hello"))).await;
        let error = called.expect_err("it is refused");
        assert_eq!(error.code(), ErrorCode::PermissionDenied);
        assert!(error.message().contains("said no"), "{error}");
        let changed = stage.approvals.decide(&caller("bob"), Voice::Request, plan, Decision::Approved).await;
        assert_eq!(changed.expect_err("a no stays a no").code(), ErrorCode::Conflict);
        let auto = Stage::on(&database, all_in(ApprovalMode::Auto));
        let called = auto.call("ann", Some(plan), ("send_note", note("hello"))).await;
        assert_eq!(refusal(called), ErrorCode::PermissionDenied, "not even where no yes would be needed");
        assert_eq!(stage.world.effects("hello") + auto.world.effects("hello"), 0);
    })
    .await;
}

#[tokio::test]
async fn a_call_that_would_do_something_else_by_now_is_asked_for_again() {
    on_each_database(async |database| {
        let (stage, plan) = approved(&database).await;
        stage.world.revision.fetch_add(1, Ordering::SeqCst);
        let called = stage.call("ann", Some(plan), ("send_note", note("hello"))).await;
        assert_eq!(refusal(called), ErrorCode::Conflict);
        stage.world.revision.fetch_sub(1, Ordering::SeqCst);
        let called = stage.call("ann", Some(plan), ("send_note", note("hello"))).await;
        assert_eq!(refusal(called), ErrorCode::Conflict, "a plan that was wrong once is over");
        assert_eq!(stage.world.effects("hello"), 0);
    })
    .await;
}

#[tokio::test]
async fn the_same_call_gets_the_same_plan_and_open_plans_are_few() {
    on_each_database(async |database| {
        let stage = Stage::on(&database, ApprovalSettings { open_plans_max: 2, ..roomy() });
        let plan = stage.propose("ann", "send_note", note("one")).await;
        assert_eq!(stage.propose("ann", "send_note", note("one")).await, plan);
        assert_ne!(stage.propose("bob", "send_note", note("one")).await, plan, "not another caller's");
        stage.propose("ann", "send_note", note("two")).await;
        let third = stage.call("ann", None, ("send_note", note("three"))).await;
        assert_eq!(refusal(third), ErrorCode::RateLimited);
        stage.clock.advance(Duration::from_mins(15));
        stage.propose("ann", "send_note", note("three")).await;
    })
    .await;
}

#[tokio::test]
async fn a_plan_says_what_for_whom_how_many_and_how_to_go_on() {
    let stage = Stage::on(&TestDatabase::sqlite(), roomy());
    let called = stage.call("ann", None, ("send_note", json!({ "note": "hello", "people": 3 }))).await;
    let error = called.expect_err("it needs a yes");
    let body = serde_json::to_value(error.body()).expect("JSON");
    let plan_id = plan_of(&error).to_string();
    assert_eq!(
        body["details"]["plan"],
        json!({
            "plan_id": plan_id,
            "tool": "send_note",
            "plan": {
                "summary": "send_note `hello` as it was in revision 0",
                "targets": ["Anna Weber"],
                "count": 3,
                "is_reversible": false,
            },
            "expires_at_ms": crate::stage::NOON_MS + 900_000,
            "mode": "ask",
        })
    );
    assert!(body["hint"].as_str().is_some_and(|hint| hint.contains(&plan_id)), "{body}");
}

#[tokio::test]
async fn reads_and_automatic_writes_leave_no_plan() {
    let stage = Stage::on(&TestDatabase::sqlite(), ApprovalSettings::default());
    for tool in ["get_note", "update_note"] {
        stage.call("ann", None, (tool, note("hello"))).await.expect("nobody is asked");
        let named = stage.call("ann", None, (tool, json!({ "note": "hello", "approval_plan_id": "x" }))).await;
        assert_eq!(refusal(named), ErrorCode::InvalidArgument, "{tool} takes no plan");
    }
    assert_eq!(stage.world.plans.load(Ordering::SeqCst), 0);
    let pool = stage.db.read().await.expect("the database opens");
    let plans: i64 = sqlx::query_scalar("select count(*) from approval_plans").fetch_one(pool).await.expect("a count");
    assert_eq!(plans, 0);
}

#[tokio::test]
async fn reading_needs_no_database_and_changing_does() {
    let mut database = TestDatabase::sqlite();
    database.settings.url = Some("postgres://nobody@127.0.0.1:1/none".into());
    database.settings.timeout_ms = 100;
    for mode in [ApprovalMode::Ask, ApprovalMode::Plan, ApprovalMode::Auto] {
        let stage = Stage::on(&database, all_in(mode));
        stage.call("ann", None, ("get_note", note("hello"))).await.expect("nothing is looked up");
        for tool in ["update_note", "send_note", "delete_note", "buy_note"] {
            stage.call("ann", None, (tool, note("hello"))).await.expect_err("nobody can tell whether it is stopped");
        }
        assert_eq!(stage.world.effects("hello"), 1, "the read alone");
    }
}
