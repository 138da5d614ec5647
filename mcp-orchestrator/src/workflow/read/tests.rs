mod flaws;
mod random;
mod specification;

use std::time::Duration;

use serde_json::json;

use super::read;
use crate::workflow::expression::Scope;
use crate::workflow::flaw::Flaw;
use crate::workflow::task::{Backoff, Call, CallRetry, Flow, ListenTo, RetryPolicy, Span, TaskKind};
use crate::workflow::{Trigger, Workflow};

const HEAD: &str = "document: {dsl: '1.0.3', namespace: test, name: sample, version: '0.1.0'}\n";

fn workflow(rest: &str) -> Workflow {
    let text = format!("{HEAD}{rest}");
    read(&text).unwrap_or_else(|flaws| panic!("{text}\n{flaws:#?}"))
}

fn flaws(rest: &str) -> Vec<Flaw> {
    let text = format!("{HEAD}{rest}");
    read(&text).expect_err(&text)
}

fn only_task(rest: &str) -> TaskKind {
    workflow(rest).tasks.remove(0).kind
}

#[test]
fn what_is_read_is_what_was_written() {
    let workflow = workflow(
        "
schedule:
  every: PT15M
  on: {any: [{with: {type: 'Contact*', data: '${ .id == \"c1\" }', subject: s1}}]}
do:
- try:
    try: [{tool: {call: mcp, with: {server: ghl, tool: get_contact, arguments: {contact: '${ .id }'}}}}]
    catch: {as: problem, when: $problem.status == 429, retry: 'every 30 min, 3 times'}
    then: exit
    metadata: {note: '${ \"read \\(.id)\" }'}
",
    );
    let [Trigger::Every(Span::Fixed(every)), Trigger::Event(filter)] = workflow.triggers.as_slice() else {
        panic!("{:?}", workflow.triggers)
    };
    assert_eq!(*every, Duration::from_mins(15));
    assert_eq!(filter.kind.as_deref(), Some("Contact*"));
    let condition = filter.condition.as_ref().expect("condition");
    for (event, holds) in [
        (json!({"data": {"id": "c1"}, "subject": "s1"}), true),
        (json!({"data": {"id": "c2"}, "subject": "s1"}), false),
        (json!({"data": {"id": "c1"}}), false),
    ] {
        assert_eq!(condition.holds(Scope { dot: &event, bound: &[] }).expect("holds"), holds, "{event}");
    }
    let task = &workflow.tasks[0];
    assert_eq!((task.name.as_str(), task.pointer.0.as_str(), &task.then), ("try", "/do/0/try", &Flow::Exit));
    let TaskKind::Try(tried) = &task.kind else { panic!("{task:?}") };
    assert_eq!(tried.tasks[0].pointer.0, "/do/0/try/try/0/tool");
    let retry = tried.catch.retry.as_ref().expect("retry");
    assert_eq!((&retry.backoff, retry.attempts_max), (&Backoff::Constant(Duration::from_mins(30)), Some(3)));
    let TaskKind::Call(Call::Tool { arguments, .. }) = &tried.tasks[0].kind else { panic!("{tried:?}") };
    let dot = json!({"id": 7});
    assert_eq!(arguments.render(Scope { dot: &dot, bound: &[] }).expect("arguments"), json!({"contact": 7}));
}

#[test]
fn uri_templates_are_filled_in_and_escaped() {
    let kind = only_task("do:\n- a: {call: http, with: {method: get, endpoint: 'https://x.example/{a.b}?q={q}'}}");
    let TaskKind::Call(Call::Http(call)) = kind else { panic!("{kind:?}") };
    let dot = json!({"a": {"b": "x/y"}, "q": 5});
    let uri = call.endpoint.render(Scope { dot: &dot, bound: &[] }).expect("uri");
    assert_eq!(uri, json!("https://x.example/x%2Fy?q=5"));
}

#[test]
fn correlations_keep_their_order_and_spans_may_be_computed() {
    let kind = only_task(
        "do:\n- a: {listen: {to: {one: {with: {type: t}, correlate: {z: {from: .data.z, expect: '${ .z }'}, a: {from: .data.a, expect: x}}}}}}",
    );
    let TaskKind::Listen(listen) = kind else { panic!("{kind:?}") };
    let ListenTo::One(filter) = listen.to else { panic!("{listen:?}") };
    let names: Vec<&str> = filter.correlate.iter().map(|correlation| correlation.name.as_str()).collect();
    assert_eq!(names, ["z", "a"]);
    assert!(matches!(only_task("do:\n- a: {wait: '${ .patience }'}"), TaskKind::Wait(Span::Computed(_))));
    assert!(matches!(only_task("do:\n- a: {wait: {days: '${ .days }'}}"), TaskKind::Wait(Span::Computed(_))));
}

#[test]
fn the_example_of_the_documentation_is_read() {
    let page = include_str!("../../../../docs/workflows.md");
    let example = page.split("```yaml\n").nth(1).and_then(|rest| rest.split("```").next()).expect("an example");
    let workflow = read(example).unwrap_or_else(|flaws| panic!("{flaws:#?}"));
    assert_eq!(workflow.name, "greet-lead");
}

#[test]
fn what_is_done_about_failed_calls_is_a_name_a_policy_or_none() {
    let of = |retry: &str, rest: &str| {
        let head = format!(
            "document: {{dsl: '1.0.0', namespace: test, name: sample, version: '0.1.0', metadata: {{retry: {retry}}}}}\n"
        );
        read(&format!("{head}{rest}do: [{{a: {{set: {{b: 1}}}}}}]\n"))
    };
    let by = |policy| CallRetry::By(policy);
    assert_eq!(workflow("do: [{a: {set: {b: 1}}}]").call_retry, CallRetry::AsSet);
    assert_eq!(of("none", "").unwrap().call_retry, CallRetry::Never);
    assert_eq!(of("patient", "").unwrap().call_retry, by(RetryPolicy::patient()));
    assert_eq!(of("'every 30 min, 3 times'", "").unwrap().call_retry, by(RetryPolicy::design()));
    let named = of("mine", "use: {retries: {mine: {delay: PT30M, limit: {attempt: {count: 3}}}}}\n").unwrap();
    assert_eq!(named.call_retry, by(RetryPolicy::design()));
    let written = of("{delay: PT30M, limit: {attempt: {count: 3}}}", "").unwrap();
    assert_eq!(written.call_retry, by(RetryPolicy::design()));
    let [flaw] = &of("often", "").unwrap_err()[..] else { panic!("one flaw") };
    assert_eq!(flaw.pointer, "/document/metadata/retry");
}
