//! What is caught, and what is tried again.

use super::*;
use crate::workflow::task::Backoff;

const NOTHING: [&str; 0] = [];

fn retrying(policy: RetryPolicy) -> Catch {
    Catch { retry: Some(policy), ..catch() }
}

fn half_hourly() -> RetryPolicy {
    policy(Backoff::Constant(30 * MINUTE), Some(3))
}

#[test]
fn a_call_is_tried_again_under_the_same_key_until_it_works() {
    let tasks = vec![tried("careful", vec![call_with("send", json!({"to": "Ada"}))], retrying(half_hourly()))];
    let (mut run, wants) = Drive::start(tasks, json!(null));
    assert_eq!(wants, ["call s1.1 #1 ghl.send {\"to\":\"Ada\"}"]);
    assert_eq!(run.outcome("s1.1", 1, Err(failure("the vendor did not answer"))), ["timer w1 +1800s"]);
    let note = run.note("s1");
    assert_eq!(note.status, StepStatus::Retrying);
    assert_eq!(note.summary, "tried again in 30 min (1 of 3): the vendor did not answer");
    // The same outcome once more, while it rests, and after it has begun again.
    assert_eq!(run.outcome("s1.1", 1, Err(failure("the vendor did not answer"))), NOTHING);
    run.later(30 * MINUTE);
    assert_eq!(run.due("w1"), ["forget w1", "call s1.1 #2 ghl.send {\"to\":\"Ada\"}"]);
    assert_eq!(run.outcome("s1.1", 1, Err(failure("the vendor did not answer"))), NOTHING);
    assert_eq!(run.outcome("s1.1", 2, Ok(json!("sent"))), ["completed \"sent\""]);
    assert_eq!(run.note("s1").summary, "it worked at attempt 2");
    let keys = run.keys();
    assert_eq!(keys.len(), 2);
    assert_eq!(keys[0], keys[1]);
}

#[test]
fn after_the_last_attempt_the_failure_goes_on() {
    let (mut run, _) = Drive::start(vec![tried("careful", vec![call("send")], retrying(half_hourly()))], json!(null));
    for attempt in 1..=3 {
        let wait = format!("w{attempt}");
        assert_eq!(run.outcome("s1.1", attempt, Err(failure("no"))), [format!("timer {wait} +1800s")]);
        run.later(30 * MINUTE);
        run.due(&wait);
    }
    assert_eq!(run.outcome("s1.1", 4, Err(failure("no"))), ["failed no"]);
    assert_eq!(run.note("s1").status, StepStatus::Failed);
}

#[test]
fn after_the_last_attempt_what_catches_is_done() {
    let catch = Catch { tasks: Some(vec![call("alert")]), ..retrying(policy(Backoff::Constant(MINUTE), Some(1))) };
    let (mut run, _) = Drive::start(vec![tried("careful", vec![call("send")], catch), call("after")], json!(null));
    run.outcome("s1.1", 1, Err(failure("no")));
    run.later(MINUTE);
    run.due("w1");
    assert_eq!(run.outcome("s1.1", 2, Err(failure("no"))), ["call s1.c1 #2 ghl.alert {}"]);
    assert_eq!(run.outcome("s1.c1", 2, Ok(json!(1))), ["call s2 #1 ghl.after {}"]);
    assert_eq!(run.note("s1").summary, "caught a failure and dealt with it");
}

#[test]
fn a_schedule_of_its_own_is_followed_to_its_end() {
    let schedule = policy(Backoff::Schedule(vec![5 * SECOND, 5 * MINUTE]), None);
    let (mut run, _) = Drive::start(vec![tried("careful", vec![call("send")], retrying(schedule))], json!(null));
    assert_eq!(run.outcome("s1.1", 1, Err(failure("no"))), ["timer w1 +5s"]);
    run.due("w1");
    assert_eq!(run.outcome("s1.1", 2, Err(failure("no"))), ["timer w2 +300s"]);
    assert_eq!(run.note("s1").summary, "tried again in 5 min (2 of 2): no");
    run.due("w2");
    assert_eq!(run.outcome("s1.1", 3, Err(failure("no"))), ["failed no"]);
}

#[test]
fn the_other_sides_wish_beats_a_shorter_delay() {
    let short = policy(Backoff::Constant(SECOND), None);
    let (mut run, _) = Drive::start(vec![tried("careful", vec![call("send")], retrying(short))], json!(null));
    let busy = Failure { retry_after_ms: Some(90_000), ..failure("too many requests") };
    assert_eq!(run.outcome("s1.1", 1, Err(busy)), ["timer w1 +90s"]);
}

#[test]
fn only_errors_that_are_meant_are_caught() {
    let of_status = |status: u16| Catch { with: vec![("status".to_owned(), json!(status))], ..catch() };
    let run_with = |catch| {
        let (mut run, _) = Drive::start(vec![tried("try", vec![call("send")], catch)], json!("in"));
        run.outcome("s1.1", 1, Err(failure("no")))
    };
    assert_eq!(run_with(of_status(503)), ["completed \"in\""]);
    assert_eq!(run_with(of_status(404)), ["failed no"]);
    assert_eq!(run_with(Catch { when: Some(template(json!(false))), ..catch() }), ["failed no"]);
    assert_eq!(run_with(Catch { except_when: Some(template(json!(true))), ..catch() }), ["failed no"]);
    assert_eq!(run_with(Catch { except_when: Some(template(json!(false))), ..catch() }), ["completed \"in\""]);
}

#[test]
fn a_policy_that_does_not_mean_the_error_does_not_try_again() {
    let not_this = RetryPolicy { when: Some(template(json!(false))), ..half_hourly() };
    let (mut run, _) = Drive::start(vec![tried("careful", vec![call("send")], retrying(not_this))], json!(null));
    assert_eq!(run.outcome("s1.1", 1, Err(failure("no"))), ["failed no"]);
}

#[test]
fn an_inner_try_that_gives_up_is_caught_by_an_outer_one() {
    let inner = tried("inner", vec![call("send")], retrying(policy(Backoff::Constant(MINUTE), Some(1))));
    let outer = tried("outer", vec![inner], retrying(policy(Backoff::Constant(DAY), Some(1))));
    let (mut run, _) = Drive::start(vec![outer], json!(null));
    let name = "s1.1.1";
    assert_eq!(run.outcome(name, 1, Err(failure("no"))), ["timer w1 +60s"]);
    assert_eq!(run.due("w1"), ["forget w1", "call s1.1.1 #2 ghl.send {}"]);
    assert_eq!(run.outcome(name, 2, Err(failure("no"))), ["timer w2 +86400s"]);
    assert_eq!(run.due("w2"), ["forget w2", "call s1.1.1 #3 ghl.send {}"]);
    assert_eq!(run.outcome(name, 3, Err(failure("no"))), ["timer w3 +60s"]);
    assert_eq!(run.due("w3"), ["forget w3", "call s1.1.1 #4 ghl.send {}"]);
    assert_eq!(run.outcome(name, 4, Ok(json!("sent"))), ["completed \"sent\""]);
    assert_eq!(run.keys().iter().collect::<std::collections::BTreeSet<_>>().len(), 1);
}

#[test]
fn an_attempt_that_takes_too_long_is_given_up_and_made_again() {
    let limited = RetryPolicy { attempt_duration: Some(MINUTE), ..policy(Backoff::Constant(SECOND), Some(1)) };
    let (mut run, wants) = Drive::start(vec![tried("careful", vec![call("send")], retrying(limited))], json!(null));
    assert_eq!(wants, ["timer w1 +60s", "call s1.1 #1 ghl.send {}"]);
    run.later(MINUTE);
    assert_eq!(run.due("w1"), ["abandon s1.1 #1", "forget w1", "timer w2 +1s"]);
    run.later(SECOND);
    assert_eq!(run.due("w2"), ["forget w2", "timer w3 +60s", "call s1.1 #2 ghl.send {}"]);
    assert_eq!(run.outcome("s1.1", 1, Ok(json!("late"))), NOTHING);
    run.later(MINUTE);
    assert_eq!(
        run.due("w3"),
        ["abandon s1.1 #2", "forget w3", "failed the attempt at `careful` took longer than it may"]
    );
}

#[test]
fn what_catches_can_fail_too_and_is_not_caught_by_its_own_try() {
    let catch = Catch { tasks: Some(vec![call("alert")]), ..catch() };
    let (mut run, _) = Drive::start(vec![tried("careful", vec![call("send")], catch)], json!(null));
    assert_eq!(run.outcome("s1.1", 1, Err(failure("no"))), ["call s1.c1 #1 ghl.alert {}"]);
    assert_eq!(run.outcome("s1.c1", 1, Err(failure("not this either"))), ["failed not this either"]);
}
