//! Failed runs that are taken up again.

use super::*;
use crate::workflow::task::{Backoff, For, Fork};

const NOTHING: [&str; 0] = [];

fn retry() -> Input {
    Input::Retry { from: None, input: None }
}

fn from(pointer: &str, input: Option<Value>) -> Input {
    Input::Retry { from: Some(Pointer(pointer.to_owned())), input }
}

fn failed_at_third() -> Drive {
    let tasks = vec![call("a"), call("b"), call("c"), call("d")];
    let (mut run, _) = Drive::start(tasks, json!({"order": 1}));
    run.answer("s1", json!({"a": 1}));
    run.answer("s2", json!({"b": 2}));
    assert_eq!(run.outcome("s3", 1, Err(failure("no"))), ["failed no"]);
    run
}

#[test]
fn a_retry_goes_on_from_the_step_that_failed_under_the_same_key() {
    let mut run = failed_at_third();
    assert_eq!(run.feed(retry()), ["call s3 #2 ghl.c {}"]);
    assert_eq!(run.outcome("s3", 1, Ok(json!("late"))), NOTHING);
    assert_eq!(run.outcome("s3", 2, Ok(json!("c"))), ["call s4 #2 ghl.d {}"]);
    assert_eq!(run.outcome("s4", 2, Ok(json!("d"))), ["completed \"d\""]);
    let keys = run.keys();
    assert_eq!(keys[2], keys[3]);
}

#[test]
fn a_retry_of_a_run_that_has_not_failed_changes_nothing() {
    let mut run = failed_at_third();
    run.feed(retry());
    assert_eq!(run.feed(retry()), NOTHING);
    run.outcome("s3", 2, Ok(json!(1)));
    run.outcome("s4", 2, Ok(json!(1)));
    assert_eq!(run.feed(retry()), NOTHING);
    assert_eq!(run.feed(Input::Skip { output: json!(1) }), NOTHING);
}

#[test]
fn a_retry_may_go_back_to_a_step_with_the_input_that_it_had() {
    let mut run = failed_at_third();
    assert_eq!(run.feed(from("/do/1/b", None)), ["call s2 #2 ghl.b {}"]);
    assert_eq!(run.note("s2").attempt, 2);
    let mut run = failed_at_third();
    assert_eq!(run.feed(from("/do/0/a", None)), ["call s1 #2 ghl.a {}"]);
}

#[test]
fn a_retry_may_give_the_step_another_input() {
    let tasks =
        || vec![call("a"), tried("careful", vec![call("b")], Catch { tasks: Some(vec![]), ..catch() }), call("c")];
    let (mut run, _) = Drive::start(tasks(), json!({"order": 1}));
    run.answer("s1", json!(1));
    run.outcome("s2.1", 1, Err(failure("no")));
    assert_eq!(run.outcome("s3", 1, Err(failure("no"))), ["failed no"]);
    // What catches passes its input on, so the edited input is what the third step is given.
    run.feed(from("/do/1/careful", Some(json!({"edited": true}))));
    run.outcome("s2.1", 2, Err(failure("no")));
    run.outcome("s3", 2, Err(failure("no")));
    assert_eq!(run.feed(Input::Skip { output: json!("by hand") }), ["completed \"by hand\""]);
}

#[test]
fn a_step_that_the_run_has_not_been_at_is_refused() {
    let mut run = failed_at_third();
    let error = run.try_feed(from("/do/3/d", None)).unwrap_err();
    assert_eq!(error.code(), common::error::ErrorCode::FailedPrecondition);
    assert_eq!(run.feed(retry()), ["call s3 #2 ghl.c {}"]);
}

#[test]
fn a_skip_goes_on_behind_the_step_that_failed() {
    let mut run = failed_at_third();
    assert_eq!(run.feed(Input::Skip { output: json!("by hand") }), ["call s4 #2 ghl.d {}"]);
    let note = run.note("s3");
    assert_eq!((note.status, note.output.clone()), (StepStatus::Skipped, Some(json!("by hand"))));
}

#[test]
fn a_skip_of_the_last_step_completes_the_run() {
    let (mut run, _) = Drive::start(vec![call("a")], json!(null));
    run.outcome("s1", 1, Err(failure("no")));
    assert_eq!(run.feed(Input::Skip { output: json!("by hand") }), ["completed \"by hand\""]);
}

#[test]
fn branches_that_were_given_up_begin_again_where_they_were() {
    let slow = task("slow", TaskKind::Do(vec![call("b1"), call("b2")]));
    let branches = vec![call("a"), slow, wait("c", DAY)];
    let fork = task("fork", TaskKind::Fork(Fork { branches, competes: false }));
    let (mut run, _) = Drive::start(vec![fork], json!(null));
    run.answer("s1.2.1", json!(1));
    let wants = run.outcome("s1.1", 1, Err(failure("no")));
    assert_eq!(wants, ["abandon s1.2.2 #1", "forget w1", "failed no"]);
    let wants = run.feed(retry());
    assert_eq!(wants, ["call s1.1 #2 ghl.a {}", "call s1.2.2 #2 ghl.b2 {}", "timer w2 +86400s"]);
    run.outcome("s1.1", 2, Ok(json!("a")));
    run.outcome("s1.2.2", 2, Ok(json!("b")));
    assert_eq!(run.due("w2"), ["forget w2", "completed [\"a\",\"b\",null]"]);
}

#[test]
fn a_retry_from_the_task_around_begins_that_anew() {
    let looping = For {
        each: "item".to_owned(),
        at: "index".to_owned(),
        items: template(json!([1, 2, 3])),
        going_on: None,
        tasks: vec![call("send")],
    };
    let (mut run, _) = Drive::start(vec![call("a"), task("each", TaskKind::For(looping))], json!(null));
    run.answer("s1", json!(1));
    run.answer("s2.1.1", json!(1));
    run.outcome("s2.2.1", 1, Err(failure("no")));
    let here = run.state.clone();
    assert_eq!(run.feed(retry()), ["call s2.2.1 #2 ghl.send {}"]);
    run.state = here;
    assert_eq!(run.feed(from("/do/1/each", None)), ["call s2.1.1 #2 ghl.send {}"]);
}

#[test]
fn a_retry_counts_the_time_of_what_is_around_anew() {
    let around = task("around", TaskKind::Do(vec![call("a")])).within(30 * MINUTE);
    let mut run = Drive::new(Workflow { timeout: Some(Span::Fixed(DAY)), ..workflow(vec![around]) });
    assert_eq!(run.begin(json!(null)), ["timer w1 +86400s", "timer w2 +1800s", "call s1.1 #1 ghl.a {}"]);
    assert_eq!(run.outcome("s1.1", 1, Err(failure("no"))), ["forget w2", "forget w1", "failed no"]);
    run.later(DAY);
    assert_eq!(run.feed(retry()), ["timer w3 +1800s", "timer w4 +86400s", "call s1.1 #2 ghl.a {}"]);
}

#[test]
fn a_try_that_has_given_up_begins_anew_as_a_whole() {
    let limited = RetryPolicy { attempt_duration: Some(MINUTE), ..policy(Backoff::Constant(SECOND), Some(0)) };
    let careful = tried("careful", vec![call("a"), call("b")], Catch { retry: Some(limited), ..catch() });
    let (mut run, wants) = Drive::start(vec![careful], json!(null));
    assert_eq!(wants, ["timer w1 +60s", "call s1.1 #1 ghl.a {}"]);
    run.answer("s1.1", json!(1));
    assert_eq!(run.outcome("s1.2", 1, Err(failure("no"))), ["forget w1", "failed no"]);
    assert_eq!(run.feed(retry()), ["timer w2 +60s", "call s1.1 #2 ghl.a {}"]);
}

#[test]
fn a_run_whose_time_was_up_is_taken_up_with_new_time() {
    let mut run = Drive::new(Workflow { timeout: Some(Span::Fixed(DAY)), ..workflow(vec![wait("rest", 3 * DAY)]) });
    run.begin(json!(null));
    run.later(DAY);
    run.due("w1");
    assert_eq!(run.feed(retry()), ["timer w3 +86400s", "timer w4 +259200s"]);
}
