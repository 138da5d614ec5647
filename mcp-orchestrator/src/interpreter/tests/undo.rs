//! Steps that say how they are undone.

use super::*;
use crate::workflow::task::{Backoff, Fork};

const NOTHING: [&str; 0] = [];

fn journey() -> Block {
    vec![
        call("book").undone_by(vec![call("unbook")]),
        call("charge").undone_by(vec![call("refund")]),
        call("tell"),
        call("close"),
    ]
}

fn failed_at_close() -> Drive {
    let (mut run, _) = Drive::start(journey(), json!(null));
    run.answer("s1", json!({"booking": 7}));
    run.answer("s2", json!({"charge": 8}));
    run.answer("s3", json!(null));
    run
}

#[test]
fn what_was_done_is_undone_in_reverse_when_the_run_fails() {
    let mut run = failed_at_close();
    assert_eq!(run.outcome("s4", 1, Err(failure("closed for ever"))), ["call s2.u1.1 #1 ghl.refund {}"]);
    assert_eq!(run.answer("s2.u1.1", json!(1)), ["call s1.u1.1 #1 ghl.unbook {}"]);
    assert_eq!(run.answer("s1.u1.1", json!(1)), ["failed closed for ever"]);
    assert_eq!(run.note("s2.u1").status, StepStatus::Compensated);
    assert_eq!(run.note("s2.u1").summary, "undid `charge`");
}

#[test]
fn a_cancelled_run_undoes_what_it_did() {
    let (mut run, _) = Drive::start(journey(), json!(null));
    run.answer("s1", json!({"booking": 7}));
    let cancel = Input::Cancel { reason: "wrong day".to_owned() };
    assert_eq!(run.feed(cancel.clone()), ["abandon s2 #1", "call s1.u1.1 #1 ghl.unbook {}"]);
    assert_eq!(run.feed(cancel), NOTHING);
    assert_eq!(run.answer("s2", json!("late")), NOTHING);
    assert_eq!(run.answer("s1.u1.1", json!(1)), ["cancelled wrong day"]);
}

#[test]
fn a_run_that_succeeds_undoes_nothing() {
    let mut run = failed_at_close();
    assert_eq!(run.answer("s4", json!("closed")), ["completed \"closed\""]);
}

#[test]
fn what_cannot_be_undone_is_told_and_the_rest_is_undone() {
    let mut run = failed_at_close();
    run.outcome("s4", 1, Err(failure("closed for ever")));
    assert_eq!(run.outcome("s2.u1.1", 1, Err(failure("no refunds"))), ["call s1.u1.1 #1 ghl.unbook {}"]);
    run.answer("s1.u1.1", json!(1));
    let Some(Command::End(Ending::Failed { failure })) = run.commands.last() else { panic!() };
    assert_eq!(failure.title, "closed for ever");
    assert_eq!(failure.detail.as_deref(), Some("`charge` could not be undone: no refunds"));
}

#[test]
fn undoing_may_try_again_and_run_side_by_side() {
    let catch = Catch { retry: Some(policy(Backoff::Constant(MINUTE), Some(2))), ..catch() };
    let both = task("both", TaskKind::Fork(Fork { branches: vec![call("unbook"), call("unlock")], competes: false }));
    let tasks = vec![call("book").undone_by(vec![tried("careful", vec![both], catch)]), call("close")];
    let (mut run, _) = Drive::start(tasks, json!(null));
    run.answer("s1", json!(1));
    let wants = run.outcome("s2", 1, Err(failure("no")));
    assert_eq!(wants, ["call s1.u1.1.1.1 #1 ghl.unbook {}", "call s1.u1.1.1.2 #1 ghl.unlock {}"]);
    let wants = run.outcome("s1.u1.1.1.2", 1, Err(failure("busy")));
    assert_eq!(wants, ["abandon s1.u1.1.1.1 #1", "timer w1 +60s"]);
    let wants = run.due("w1");
    assert_eq!(wants, ["forget w1", "call s1.u1.1.1.1 #2 ghl.unbook {}", "call s1.u1.1.1.2 #2 ghl.unlock {}"]);
    run.outcome("s1.u1.1.1.1", 2, Ok(json!(1)));
    assert_eq!(run.outcome("s1.u1.1.1.2", 2, Ok(json!(1))), ["failed no"]);
}

#[test]
fn a_step_that_was_tried_again_is_undone_once() {
    let catch = Catch { retry: Some(policy(Backoff::Constant(MINUTE), Some(2))), ..catch() };
    let inner = vec![call("book").undone_by(vec![call("unbook")]), call("tell")];
    let (mut run, _) = Drive::start(vec![tried("careful", inner, catch), call("close")], json!(null));
    run.answer("s1.1", json!(1));
    run.outcome("s1.2", 1, Err(failure("busy")));
    run.due("w1");
    run.outcome("s1.1", 2, Ok(json!(2)));
    run.outcome("s1.2", 2, Ok(json!(2)));
    assert_eq!(run.outcome("s2", 1, Err(failure("no"))), ["call s1.1.u1.1 #1 ghl.unbook {}"]);
    assert_eq!(run.answer("s1.1.u1.1", json!(1)), ["failed no"]);
}

#[test]
fn a_retry_begins_at_what_was_undone_and_asks_for_it_under_another_key() {
    let mut run = failed_at_close();
    run.outcome("s4", 1, Err(failure("no")));
    run.answer("s2.u1.1", json!(1));
    run.answer("s1.u1.1", json!(1));
    let wants = run.feed(Input::Retry { from: None, input: None });
    assert_eq!(wants, ["call s1 #2 ghl.book {}"]);
    let keys = run.keys();
    assert_ne!(keys.first(), keys.last());
    run.outcome("s1", 2, Ok(json!(1)));
    run.outcome("s2", 2, Ok(json!(1)));
    assert_eq!(keys[2], *run.keys().last().unwrap(), "what was not undone keeps its key");
    run.outcome("s3", 2, Ok(json!(1)));
    assert_eq!(run.outcome("s4", 2, Ok(json!("closed"))), ["completed \"closed\""]);
}

#[test]
fn a_run_whose_steps_were_undone_cannot_skip() {
    let mut run = failed_at_close();
    run.outcome("s4", 1, Err(failure("no")));
    run.answer("s2.u1.1", json!(1));
    run.answer("s1.u1.1", json!(1));
    let error = run.try_feed(Input::Skip { output: json!(1) }).unwrap_err();
    assert_eq!(error.code(), common::error::ErrorCode::FailedPrecondition);
}
