//! Branches side by side.

use super::*;
use crate::workflow::task::Fork;

const NOTHING: [&str; 0] = [];

fn fork(branches: Block, competes: bool) -> Task {
    task("fork", TaskKind::Fork(Fork { branches, competes }))
}

fn block(name: &str, tasks: Block) -> Task {
    task(name, TaskKind::Do(tasks))
}

#[test]
fn branches_run_side_by_side_and_their_outputs_stand_in_their_order() {
    let branches = vec![call("a"), block("b", vec![call("b1"), call("b2")]), set("c", json!("c"))];
    let (mut run, wants) = Drive::start(vec![fork(branches, false), call("after")], json!(null));
    assert_eq!(wants, ["call s1.1 #1 ghl.a {}", "call s1.2.1 #1 ghl.b1 {}"]);
    assert_eq!(run.answer("s1.2.1", json!(1)), ["call s1.2.2 #1 ghl.b2 {}"]);
    assert_eq!(run.answer("s1.2.2", json!("b")), NOTHING);
    assert_eq!(run.answer("s1.1", json!("a")), ["call s2 #1 ghl.after {}"]);
    assert_eq!(run.note("s1").output, Some(json!(["a", "b", "c"])));
}

#[test]
fn the_order_of_outcomes_does_not_change_the_output() {
    let branches = || vec![call("a"), call("b"), call("c")];
    for order in [[1, 2, 3], [3, 2, 1], [2, 3, 1]] {
        let (mut run, _) = Drive::start(vec![fork(branches(), false)], json!(null));
        let mut last = Vec::new();
        for branch in order {
            last = run.answer(&format!("s1.{branch}"), json!(branch));
        }
        assert_eq!(last, ["completed [1,2,3]"]);
    }
}

// The journey of the design: whoever books within three days is left alone, the others are written to again.
#[test]
fn the_first_branch_wins_and_the_others_are_given_up() {
    let tasks = || {
        let booked = block("booked", vec![listen("hear", ListenTo::One(event("Booked"))), set("tag", json!("booked"))]);
        let silent = block("silent", vec![wait("rest", 3 * DAY), set("tag", json!("retarget"))]);
        vec![fork(vec![booked, silent], true)]
    };
    let (mut run, wants) = Drive::start(tasks(), json!(null));
    assert_eq!(wants, ["listen w1 Booked", "timer w2 +259200s"]);
    let wants = run.hear("w1", json!({"type": "Booked", "data": {}}));
    assert_eq!(wants, ["forget w1", "forget w2", "completed \"booked\""]);
    assert_eq!(run.due("w2"), NOTHING);
    assert_eq!(run.note("s1").summary, "`booked` came first");
    assert_eq!(run.note("s1.2.1").status, StepStatus::Cancelled);

    let (mut run, _) = Drive::start(tasks(), json!(null));
    run.later(3 * DAY);
    assert_eq!(run.due("w2"), ["forget w2", "forget w1", "completed \"retarget\""]);
    assert_eq!(run.hear("w1", json!({"type": "Booked"})), NOTHING);
}

#[test]
fn a_branch_that_wins_at_once_leaves_no_trace_of_calls_never_made() {
    let (run, wants) = Drive::start(vec![fork(vec![call("slow"), set("fast", json!(1))], true)], json!(null));
    assert_eq!(wants, ["completed 1"]);
    assert_eq!(run.keys(), NOTHING);
}

#[test]
fn a_branch_that_fails_ends_the_others() {
    let (mut run, _) = Drive::start(vec![fork(vec![call("a"), wait("b", DAY), call("c")], false)], json!(null));
    let wants = run.outcome("s1.1", 1, Err(failure("no")));
    assert_eq!(wants, ["forget w1", "abandon s1.3 #1", "failed no"]);
}

#[test]
fn a_try_around_a_fork_catches_what_fails_in_a_branch() {
    let inner = fork(vec![call("a"), fork(vec![call("b"), call("c")], false)], false);
    let (mut run, _) = Drive::start(vec![tried("try", vec![inner], catch()), call("after")], json!({"x": 1}));
    let wants = run.outcome("s1.1.2.2", 1, Err(failure("no")));
    assert_eq!(wants, ["abandon s1.1.1 #1", "abandon s1.1.2.1 #1", "call s2 #1 ghl.after {}"]);
    assert_eq!(run.answer("s1.1.1", json!(1)), NOTHING);
    assert_eq!(run.note("s1").summary, "went on in spite of: no");
}

#[test]
fn end_in_a_branch_ends_the_run() {
    let branches = vec![call("a"), block("b", vec![call("b"), set("stop", json!("stopped")).then(Flow::End)])];
    let (mut run, _) = Drive::start(vec![fork(branches, false), call("never")], json!(null));
    assert_eq!(run.answer("s1.2.1", json!(1)), ["abandon s1.1 #1", "completed \"stopped\""]);
}

#[test]
fn a_forks_time_runs_out_for_all_its_branches() {
    let slow = fork(vec![call("a"), wait("b", DAY)], false).within(MINUTE);
    let (mut run, wants) = Drive::start(vec![tried("try", vec![slow], catch())], json!("in"));
    assert_eq!(wants, ["timer w1 +60s", "call s1.1.1 #1 ghl.a {}", "timer w2 +86400s"]);
    run.later(MINUTE);
    assert_eq!(run.due("w1"), ["abandon s1.1.1 #1", "forget w2", "forget w1", "completed \"in\""]);
}

#[test]
fn more_branches_than_the_limit_fail() {
    let branches = (0..300).map(|index| call(&format!("b{index}"))).collect();
    let (_, wants) = Drive::start(vec![fork(branches, false)], json!(null));
    assert_eq!(wants, ["failed more than 256 branches at once"]);
}
