//! Calls, waits, events, persons, other runs, timeouts.

use super::*;
use crate::workflow::task::{Approval, Emit, HttpCall, HttpOutput, RunWorkflow};

const NOTHING: [&str; 0] = [];

#[test]
fn a_call_is_placed_once_and_its_outcome_goes_on() {
    let (mut run, wants) = Drive::start(vec![call_with("send", json!({"to": "Ada"})), call("tag")], json!({"id": 1}));
    assert_eq!(wants, ["call s1 #1 ghl.send {\"to\":\"Ada\"}"]);
    assert_eq!(run.answer("s1", json!({"message": "sent to Ada Byron"})), ["call s2 #1 ghl.tag {}"]);
    assert_eq!(run.note("s1").summary, "called ghl.send: sent to Ada Byron");
    assert_eq!(run.answer("s1", json!({"message": "sent twice"})), NOTHING);
    assert_eq!(run.answer("s2", json!("ok")), ["completed \"ok\""]);
    assert_eq!(run.answer("s2", json!("ok")), NOTHING);
}

#[test]
fn starting_twice_starts_once() {
    let (mut run, _) = Drive::start(vec![call("send")], json!(null));
    assert_eq!(run.begin(json!("other")), NOTHING);
}

#[test]
fn a_failed_call_fails_the_run_and_says_where() {
    let (mut run, _) = Drive::start(vec![call("send")], json!(null));
    assert_eq!(run.outcome("s1", 1, Err(failure("the vendor did not answer"))), ["failed the vendor did not answer"]);
    let note = run.note("s1");
    assert_eq!((note.status, note.summary.as_str()), (StepStatus::Failed, "failed: the vendor did not answer"));
    assert_eq!(run.outcome("s1", 1, Ok(json!(1))), NOTHING);
}

#[test]
fn an_http_call_says_what_it_sends() {
    let http = HttpCall {
        method: "POST".to_owned(),
        endpoint: template(json!("https://api.example/pets?key=secret")),
        headers: Some(template(json!({"authorization": "Bearer secret"}))),
        query: None,
        body: Some(template(json!({"name": "Milou"}))),
        output: HttpOutput::Content,
    };
    let (run, wants) = Drive::start(vec![task("add", TaskKind::Call(Call::Http(Box::new(http))))], json!(null));
    assert_eq!(wants, ["call s1 #1 POST https://api.example/pets POST https://api.example/pets"]);
    let note = run.note("s1");
    assert!(!note.input.as_ref().unwrap().to_string().contains("Bearer"), "{note:?}");
}

#[test]
fn a_wait_is_a_timer_and_a_late_timer_is_nothing() {
    let (mut run, wants) = Drive::start(vec![wait("rest", 3 * DAY), wait("more", SECOND)], json!({"a": 1}));
    assert_eq!(wants, ["timer w1 +259200s"]);
    assert_eq!(run.due("w9"), NOTHING);
    run.later(3 * DAY);
    assert_eq!(run.due("w1"), ["forget w1", "timer w2 +1s"]);
    assert_eq!(run.note("s1").summary, "waited 3 days");
    assert_eq!(run.due("w1"), NOTHING);
    assert_eq!(run.due("w2"), ["forget w2", "completed {\"a\":1}"]);
}

#[test]
fn listening_to_one_of_several_forgets_the_others() {
    let to = ListenTo::Any(vec![event("Booked"), event("Cancelled")]);
    let (mut run, wants) = Drive::start(vec![listen("hear", to)], json!(null));
    assert_eq!(wants, ["listen w1 Booked", "listen w2 Cancelled"]);
    let wants = run.hear("w2", json!({"type": "Cancelled", "data": {"why": "ill"}}));
    assert_eq!(wants, ["forget w2", "forget w1", "completed [{\"why\":\"ill\"}]"]);
    assert_eq!(run.note("s1").summary, "heard Cancelled");
    assert_eq!(run.hear("w1", json!({"type": "Booked"})), NOTHING);
}

#[test]
fn listening_to_all_needs_each_once_in_any_order() {
    let to = ListenTo::All(vec![event("Paid"), event("Signed")]);
    let (mut run, _) = Drive::start(vec![listen("hear", to)], json!(null));
    assert_eq!(run.hear("w2", json!({"type": "Signed", "data": 2})), ["forget w2"]);
    assert_eq!(run.hear("w2", json!({"type": "Signed", "data": 3})), NOTHING);
    assert_eq!(run.hear("w1", json!({"type": "Paid", "data": 1})), ["forget w1", "completed [2,1]"]);
}

#[test]
fn filters_of_waits_are_found_in_the_definition() {
    let to = ListenTo::Any(vec![event("Booked"), event("Cancelled")]);
    let (run, _) = Drive::start(vec![task("in", TaskKind::Do(vec![listen("hear", to)]))], json!(null));
    let filters = run.commands.iter().filter_map(|command| match command {
        Command::Listen { filter, .. } => run.workflow.filter_at(&filter.filter),
        _ => None,
    });
    let kinds: Vec<_> = filters.map(|filter| filter.kind.as_deref().unwrap()).collect();
    assert_eq!(kinds, ["Booked", "Cancelled"]);
}

#[test]
fn a_yes_goes_on_and_a_no_does_not() {
    let ask = || {
        let (summary, expires) = (template(json!("send 40 letters")), Some(Span::Fixed(DAY)));
        let approval = Approval { summary, details: None, expires };
        Drive::start(vec![task("ask", TaskKind::Call(Call::Approval(approval)))], json!(null))
    };
    let (mut run, wants) = ask();
    assert_eq!(wants, ["ask w1 send 40 letters"]);
    let wants = run.answered("w1", Answer::Yes { by: "Ada".to_owned() });
    assert_eq!(wants, ["forget w1", "completed {\"approved\":true,\"by\":\"Ada\"}"]);
    let (mut run, _) = ask();
    assert_eq!(run.answered("w1", Answer::No { by: "Ada".to_owned() }), ["forget w1", "failed Ada said no"]);
    let (mut run, _) = ask();
    assert_eq!(run.answered("w1", Answer::Expired), ["forget w1", "failed nobody said yes or no in time"]);
}

#[test]
fn another_run_is_awaited_or_not() {
    let run_it = |awaits| {
        let run =
            RunWorkflow { name: "welcome".to_owned(), version: None, input: Some(template(json!({"a": 1}))), awaits };
        Drive::start(vec![task("start", TaskKind::Run(run))], json!("in"))
    };
    let (mut run, wants) = run_it(true);
    assert_eq!(wants, ["child w1 welcome {\"a\":1}"]);
    let ended = Input::ChildEnded { wait: WaitId("w1".to_owned()), outcome: Ok(json!("welcomed")) };
    assert_eq!(run.feed(ended.clone()), ["forget w1", "completed \"welcomed\""]);
    assert_eq!(run.feed(ended), NOTHING);
    let (_, wants) = run_it(false);
    assert_eq!(wants, ["child w1 welcome {\"a\":1}", "completed \"in\""]);
}

// specification, ctk/features/emit.feature.
#[test]
fn an_event_is_emitted_once_and_is_the_output() {
    let emit = Emit {
        kind: template(json!("com.fake-source.user.greeted.v1")),
        data: Some(template(json!({"greetings": "Hello John Doe!"}))),
        subject: None,
    };
    let (run, wants) = Drive::start(vec![task("emitEvent", TaskKind::Emit(emit))], json!(null));
    assert_eq!(wants[0], "emit com.fake-source.user.greeted.v1 {\"greetings\":\"Hello John Doe!\"}");
    let Some(Command::End(Ending::Completed { output })) = run.commands.last() else { panic!() };
    for name in ["id", "specversion", "time", "source", "type", "data"] {
        assert!(output.get(name).is_some(), "{name}");
    }
    assert_eq!(output["time"], "2027-01-15T08:00:00Z");
}

#[test]
fn a_task_that_takes_too_long_fails_and_its_call_is_given_up() {
    let slow = task("slow", TaskKind::Do(vec![call("send")])).within(MINUTE);
    let (mut run, wants) = Drive::start(vec![slow], json!(null));
    assert_eq!(wants, ["timer w1 +60s", "call s1.1 #1 ghl.send {}"]);
    let Some(Command::Call(call)) = run.commands.iter().find(|command| matches!(command, Command::Call(_))) else {
        panic!()
    };
    assert_eq!(call.deadline_ms, Some(BEGIN_MS + 60_000));
    run.later(MINUTE);
    assert_eq!(run.due("w1"), ["abandon s1.1 #1", "forget w1", "failed `slow` took longer than it may"]);
    assert_eq!(run.answer("s1.1", json!(1)), NOTHING);
}

#[test]
fn a_task_that_is_in_time_forgets_its_timer() {
    let (mut run, wants) = Drive::start(vec![call("send").within(MINUTE), wait("rest", SECOND)], json!(null));
    assert_eq!(wants, ["timer w1 +60s", "call s1 #1 ghl.send {}"]);
    assert_eq!(run.answer("s1", json!(1)), ["forget w1", "timer w2 +1s"]);
    assert_eq!(run.due("w1"), NOTHING);
}

#[test]
fn a_workflow_that_takes_too_long_fails() {
    let mut run = Drive::new(Workflow { timeout: Some(Span::Fixed(DAY)), ..workflow(vec![wait("rest", 3 * DAY)]) });
    assert_eq!(run.begin(json!(null)), ["timer w1 +86400s", "timer w2 +259200s"]);
    run.later(DAY);
    assert_eq!(run.due("w1"), ["forget w2", "forget w1", "failed the workflow took longer than it may"]);
    assert_eq!(run.due("w2"), NOTHING);
}

#[test]
fn a_run_that_ends_in_time_forgets_the_workflows_timer() {
    let mut run = Drive::new(Workflow { timeout: Some(Span::Fixed(DAY)), ..workflow(vec![call("send")]) });
    assert_eq!(run.begin(json!(null)), ["timer w1 +86400s", "call s1 #1 ghl.send {}"]);
    assert_eq!(run.answer("s1", json!(1)), ["forget w1", "completed 1"]);
}

#[test]
fn a_cancelled_run_gives_up_what_it_waits_for() {
    let (mut run, _) = Drive::start(vec![call("send").within(MINUTE)], json!(null));
    let cancel = Input::Cancel { reason: "wrong contact".to_owned() };
    assert_eq!(run.feed(cancel.clone()), ["abandon s1 #1", "forget w1", "cancelled wrong contact"]);
    assert_eq!(run.feed(cancel), NOTHING);
    assert_eq!(run.answer("s1", json!(1)), NOTHING);
}
