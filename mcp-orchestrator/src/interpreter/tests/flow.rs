//! The order of tasks, and what never leaves the interpreter.

use super::*;
use crate::workflow::task::{Case, For, Raise};

fn case(name: &str, holds: bool, then: Flow) -> Case {
    Case { name: name.to_owned(), when: Some(template(json!(holds))), then }
}

fn steps(run: &Drive) -> Vec<String> {
    run.notes().map(|note| format!("{} {}", note.step.0, note.name)).collect()
}

#[test]
fn tasks_run_in_the_order_in_which_they_stand() {
    let inner = task("inner", TaskKind::Do(vec![set("b", json!(2)), set("c", json!(3))]));
    let (run, wants) = Drive::start(vec![set("a", json!(1)), inner, set("d", json!({"x": 4}))], json!(null));
    assert_eq!(wants, ["completed {\"x\":4}"]);
    assert_eq!(steps(&run), ["s1 a", "s2.1 b", "s2.2 c", "s2 inner", "s3 d"]);
}

// specification, ctk/features/flow.feature: "Explicit Sequence Flow".
#[test]
fn then_goes_to_a_task_of_the_same_block_and_end_ends_the_run() {
    let tasks = vec![
        set("setRed", json!("red")).then(Flow::Task("setGreen".to_owned())),
        set("setBlue", json!("blue")).then(Flow::End),
        set("setGreen", json!("green")).then(Flow::Task("setBlue".to_owned())),
    ];
    let (run, wants) = Drive::start(tasks, json!(null));
    assert_eq!(wants, ["completed \"blue\""]);
    assert_eq!(steps(&run), ["s1 setRed", "s3 setGreen", "s2b1 setBlue"]);
}

#[test]
fn exit_leaves_the_block_only() {
    let inner = vec![set("a", json!(1)).then(Flow::Exit), set("b", json!(2))];
    let (run, wants) = Drive::start(vec![task("inner", TaskKind::Do(inner)), set("c", json!(3))], json!(null));
    assert_eq!(wants, ["completed 3"]);
    assert_eq!(steps(&run), ["s1.1 a", "s1 inner", "s2 c"]);
}

// specification, ctk/features/switch.feature.
#[test]
fn switch_takes_the_first_way_that_fits() {
    let to = |name: &str| Flow::Task(name.to_owned());
    let default = Case { name: "other".to_owned(), when: None, then: to("setOther") };
    let ways = [
        (
            vec![case("red", true, to("setRed")), case("green", true, to("setGreen"))],
            Flow::Continue,
            "completed \"red\"",
        ),
        (
            vec![case("red", false, to("setRed")), case("green", true, to("setGreen"))],
            Flow::Continue,
            "completed \"green\"",
        ),
        (vec![case("red", false, to("setRed")), default], Flow::Continue, "completed \"other\""),
        (vec![case("red", false, to("setRed"))], Flow::End, "completed {\"color\":\"yellow\"}"),
    ];
    for (cases, then, expected) in ways {
        let tasks = vec![
            task("choose", TaskKind::Switch(cases)).then(then),
            set("setRed", json!("red")).then(Flow::End),
            set("setGreen", json!("green")).then(Flow::End),
            set("setOther", json!("other")).then(Flow::End),
        ];
        let (_, wants) = Drive::start(tasks, json!({"color": "yellow"}));
        assert_eq!(wants, [expected]);
    }
}

#[test]
fn a_task_whose_condition_does_not_hold_is_passed_by() {
    let mut skipped = set("a", json!(1)).then(Flow::End);
    skipped.when = Some(template(json!(false)));
    let mut taken = set("b", json!(2));
    taken.when = Some(template(json!("yes")));
    let (run, wants) = Drive::start(vec![skipped, taken], json!(0));
    assert_eq!(wants, ["completed 2"]);
    assert_eq!(run.note("s1").status, StepStatus::Skipped);
}

#[test]
fn a_loop_gives_each_passage_a_name_of_its_own() {
    let looping = For {
        each: "item".to_owned(),
        at: "index".to_owned(),
        items: template(json!(["a", "b"])),
        going_on: None,
        tasks: vec![call("send")],
    };
    let (mut run, wants) = Drive::start(vec![task("each", TaskKind::For(looping))], json!(null));
    assert_eq!(wants, ["call s1.1.1 #1 ghl.send {}"]);
    assert_eq!(run.answer("s1.1.1", json!("sent")), ["call s1.2.1 #1 ghl.send {}"]);
    assert_eq!(run.answer("s1.1.1", json!("late")), [""; 0]);
    assert_eq!(run.answer("s1.2.1", json!("sent too")), ["completed \"sent too\""]);
    assert_eq!(run.note("s1").summary, "went through 2 items");
    let keys = run.keys();
    assert_ne!(keys[0], keys[1]);
}

#[test]
fn an_empty_loop_passes_its_input_on() {
    let looping = For {
        each: "item".to_owned(),
        at: "index".to_owned(),
        items: template(json!([])),
        going_on: None,
        tasks: vec![call("send")],
    };
    let (_, wants) = Drive::start(vec![task("each", TaskKind::For(looping))], json!({"a": 1}));
    assert_eq!(wants, ["completed {\"a\":1}"]);
}

#[test]
fn a_loop_over_what_is_no_list_fails() {
    let looping = For {
        each: "item".to_owned(),
        at: "index".to_owned(),
        items: template(json!({"a": 1})),
        going_on: None,
        tasks: vec![call("send")],
    };
    let (_, wants) = Drive::start(vec![task("each", TaskKind::For(looping))], json!(null));
    assert_eq!(wants, ["failed `for.in` gave an object where a list is needed"]);
}

#[test]
fn a_circle_without_a_pause_fails_and_does_not_hang() {
    let tasks = vec![set("a", json!(1)), set("b", json!(2)).then(Flow::Task("a".to_owned()))];
    let (_, wants) = Drive::start(tasks, json!(null));
    assert_eq!(wants, ["failed more than 10000 steps without a pause"]);
}

#[test]
fn a_try_does_not_catch_a_circle_without_a_pause() {
    let circle = vec![set("a", json!(1)), set("b", json!(2)).then(Flow::Task("a".to_owned()))];
    let (_, wants) = Drive::start(vec![tried("try", circle, catch())], json!(null));
    assert_eq!(wants, ["failed more than 10000 steps without a pause"]);
}

#[test]
fn tasks_that_lie_too_deep_fail() {
    let deep = (0..70).fold(set("in", json!(1)), |inner, _| task("out", TaskKind::Do(vec![inner])));
    let (_, wants) = Drive::start(vec![deep], json!(null));
    assert_eq!(wants, ["failed tasks lie more than 64 deep in each other"]);
}

#[test]
fn data_that_grow_too_large_fail_and_are_not_kept() {
    let mut keeping = call("read");
    keeping.export = Some(template(json!("${ . }")));
    let (mut run, _) = Drive::start(vec![keeping, wait("rest", DAY)], json!(null));
    let wants = run.answer("s1", json!("x".repeat(600_000)));
    assert_eq!(wants, ["failed the run's data grew beyond 1048576 bytes"]);
    assert!(serde_json::to_string(&run.state).unwrap().len() < 1_000);
    let again = run.try_feed(Input::Retry { from: None, input: None }).unwrap_err();
    assert_eq!(again.code(), common::error::ErrorCode::FailedPrecondition);
}

#[test]
fn values_that_are_too_large_or_too_deep_fail_the_step_that_gave_them() {
    let deep = |depth| (0..depth).fold(json!(1), |inner, _| json!([inner]));
    let answer = |value| Drive::start(vec![call("read")], json!(null)).0.answer("s1", value);
    assert_eq!(answer(json!("x".repeat(2_000_000))), ["failed what the step gave has more than 1048576 bytes"]);
    assert_eq!(answer(deep(65)), ["failed what the step gave is nested more than 64 deep"]);
    assert!(answer(deep(64))[0].starts_with("completed"));
    let (_, wants) = Drive::start(vec![call("read")], deep(65));
    assert_eq!(wants, ["failed the run's input is nested more than 64 deep"]);
}

// Each passage doubles what the next is given: without a limit on values this takes all memory before the steps end.
#[test]
fn a_circle_that_doubles_its_data_fails() {
    let branches = vec![wait("a", Duration::ZERO), wait("b", Duration::ZERO)];
    let fork = task("double", TaskKind::Fork(crate::workflow::task::Fork { branches, competes: false }));
    let (_, wants) = Drive::start(vec![fork.then(Flow::Task("double".to_owned()))], json!("seed"));
    assert_eq!(wants, ["failed what the step gave has more than 1048576 bytes"]);
}

// specification, ctk/features/raise.feature.
#[test]
fn raise_fails_the_run_with_its_place() {
    let raise = Raise {
        kind: template(json!("https://serverlessworkflow.io/errors/types/compliance")),
        status: template(json!(400)),
        title: Some(template(json!("Compliance Error"))),
        detail: None,
    };
    let (run, wants) = Drive::start(vec![task("raiseError", TaskKind::Raise(raise))], json!(null));
    assert_eq!(wants, ["failed Compliance Error"]);
    let Some(Command::End(Ending::Failed { failure })) = run.commands.last() else { panic!() };
    assert_eq!(failure.status, 400);
    assert_eq!(failure.kind, "https://serverlessworkflow.io/errors/types/compliance");
    assert_eq!(failure.instance, Some(Pointer("/do/0/raiseError".to_owned())));
}

#[test]
fn a_state_of_another_version_is_refused_in_words() {
    let error = serde_json::from_str::<State>(r#"{"v":2,"p":"new"}"#).unwrap_err().to_string();
    assert!(error.contains("a run's state of version 2 cannot be read"), "{error}");
}

#[test]
fn a_state_of_another_definition_is_an_error_and_no_panic() {
    let (run, _) = Drive::start(vec![task("a", TaskKind::Do(vec![call("b")]))], json!(null));
    let other = workflow(vec![set("a", json!(1))]);
    let called = Input::Called { step: StepId("s1.1".to_owned()), attempt: 1, outcome: Ok(json!(1)) };
    let error = advance(&other, run.state, called, BEGIN_MS).unwrap_err();
    assert_eq!(error.code(), common::error::ErrorCode::Internal);
}
