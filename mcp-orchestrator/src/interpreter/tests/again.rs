//! Calls that no `try` surrounds, by the policy of the workflow or the settings.

use super::*;
use crate::workflow::task::Backoff;

const NOTHING: [&str; 0] = [];

/// A run of these tasks, and what is done about its failed calls.
fn begun(call_retry: CallRetry, tasks: Block) -> (Drive, Vec<String>) {
    let mut run = Drive::new(Workflow { call_retry, ..workflow(tasks) });
    let wants = run.begin(json!(null));
    (run, wants)
}

fn twice() -> CallRetry {
    CallRetry::By(policy(Backoff::Schedule(vec![5 * SECOND, 5 * MINUTE]), None))
}

#[test]
fn a_transient_failure_is_tried_again_under_the_same_key_until_it_works() {
    let (mut run, wants) = begun(twice(), vec![call_with("send", json!({"to": "Ada"})), call("after")]);
    assert_eq!(wants, ["call s1 #1 ghl.send {\"to\":\"Ada\"}"]);
    assert_eq!(run.outcome("s1", 1, Err(failure("away"))), ["timer w1 +5s"]);
    let note = run.note("s1");
    assert_eq!((note.status, note.attempt, note.next_ms), (StepStatus::Retrying, 1, Some(BEGIN_MS + 5_000)));
    assert_eq!(note.summary, "tried again in 5 s (1 of 2): away");
    assert_eq!(run.outcome("s1", 1, Err(failure("away"))), NOTHING, "the same outcome once more");
    run.later(5 * SECOND);
    assert_eq!(run.due("w1"), ["forget w1", "call s1 #2 ghl.send {\"to\":\"Ada\"}"]);
    assert_eq!(run.due("w1"), NOTHING);
    assert_eq!(run.outcome("s1", 1, Ok(json!("late"))), NOTHING, "the outcome of an attempt that is over");
    assert_eq!(run.outcome("s1", 2, Ok(json!("sent"))), ["call s2 #1 ghl.after {}"]);
    let keys = run.keys();
    assert_eq!(keys[0], keys[1]);
}

#[test]
fn after_the_last_attempt_the_run_has_failed_and_goes_on_by_hand() {
    let (mut run, _) = begun(twice(), vec![call("send")]);
    for attempt in 1..=2 {
        run.outcome("s1", attempt, Err(failure("away")));
        run.due(&format!("w{attempt}"));
    }
    assert_eq!(run.outcome("s1", 3, Err(failure("away"))), ["failed away"]);
    assert_eq!(run.note("s1").failure.as_ref().unwrap().attempts, Some(3));
    assert_eq!(run.feed(Input::Retry { from: None, input: None }), ["call s1 #4 ghl.send {}"]);
    assert_eq!(run.outcome("s1", 4, Err(failure("away"))), ["timer w3 +5s"], "the schedule begins anew");
    run.due("w3");
    assert_eq!(run.outcome("s1", 5, Ok(json!("sent"))), ["completed \"sent\""]);
}

#[test]
fn what_is_not_transient_or_not_meant_fails_at_once() {
    let lasting = || Failure { is_transient: false, status: 404, ..failure("no such contact") };
    let (mut run, _) = begun(twice(), vec![call("send")]);
    assert_eq!(run.outcome("s1", 1, Err(lasting())), ["failed no such contact"]);
    let CallRetry::By(policy) = twice() else { panic!("a policy") };
    let except =
        CallRetry::By(RetryPolicy { except_when: Some(template(json!("${ $error.status == 503 }"))), ..policy });
    for call_retry in [except, CallRetry::Never, CallRetry::AsSet] {
        let (mut run, _) = begun(call_retry, vec![call("send")]);
        assert_eq!(run.outcome("s1", 1, Err(failure("away"))), ["failed away"]);
    }
}

#[test]
fn a_try_around_it_wins() {
    let caught = Catch { tasks: Some(vec![call("alert")]), ..catch() };
    let (mut run, _) = begun(twice(), vec![tried("careful", vec![call("send")], caught)]);
    assert_eq!(run.outcome("s1.1", 1, Err(failure("away"))), ["call s1.c1 #1 ghl.alert {}"]);
    // No `try` surrounds what catches.
    assert_eq!(run.outcome("s1.c1", 1, Err(failure("away"))), ["timer w1 +5s"]);
    assert_eq!(run.due("w1"), ["forget w1", "call s1.c1 #2 ghl.alert {}"]);
    let own = Catch { retry: Some(super::policy(Backoff::Constant(DAY), Some(1))), ..catch() };
    let (mut run, _) = begun(twice(), vec![tried("careful", vec![call("send")], own)]);
    assert_eq!(run.outcome("s1.1", 1, Err(failure("away"))), ["timer w1 +86400s"]);
    run.due("w1");
    assert_eq!(run.outcome("s1.1", 2, Err(failure("away"))), ["failed away"]);
}

#[test]
fn a_limit_or_an_end_does_not_wait_for_the_next_attempt() {
    let (mut run, wants) = begun(twice(), vec![call("send").within(2 * SECOND)]);
    assert_eq!(wants, ["timer w1 +2s", "call s1 #1 ghl.send {}"]);
    assert_eq!(run.outcome("s1", 1, Err(failure("away"))), ["timer w2 +5s"]);
    run.later(2 * SECOND);
    assert_eq!(run.due("w1"), ["forget w2", "forget w1", "failed `send` took longer than it may"]);
    let (mut run, _) = begun(twice(), vec![call("send")]);
    run.outcome("s1", 1, Err(failure("away")));
    let wants = run.feed(Input::Cancel { reason: "enough".to_owned() });
    assert_eq!(wants, ["forget w1", "cancelled enough"]);
}

#[test]
fn what_undoes_a_step_is_tried_again_too() {
    let tasks = vec![call("book").undone_by(vec![call("unbook")]), call("charge")];
    let (mut run, _) = begun(twice(), tasks);
    run.answer("s1", json!("booked"));
    let declined = Failure { is_transient: false, ..failure("declined") };
    let wants = run.outcome("s2", 1, Err(declined));
    assert_eq!(wants, ["call s1.u1.1 #1 ghl.unbook {}"]);
    assert_eq!(run.outcome("s1.u1.1", 1, Err(failure("away"))), ["timer w1 +5s"]);
    assert_eq!(run.due("w1"), ["forget w1", "call s1.u1.1 #2 ghl.unbook {}"]);
    assert_eq!(run.outcome("s1.u1.1", 2, Ok(json!(null))), ["failed declined"]);
}
