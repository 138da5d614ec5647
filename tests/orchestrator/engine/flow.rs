//! Definitions for tests, put together by hand.

use std::collections::BTreeMap;
use std::time::Duration;

use mcp_orchestrator::workflow::expression::Template;
use mcp_orchestrator::workflow::task::{
    Approval, Call, CallRetry, Catch, Flow, Fork, Listen, ListenTo, Named, Read, RunWorkflow, Span, Task, TaskKind, Try,
};
use mcp_orchestrator::workflow::{Correlation, EventFilter, Pointer, Workflow};
use serde_json::{Value, json};

/// What expressions may name anywhere.
const KNOWN: &[&str] = &["context", "input", "output", "workflow", "runtime", "task", "error", "item", "index"];

pub(crate) fn template(source: Value) -> Template {
    Template::compile(source, KNOWN).unwrap()
}

/// A workflow of these steps, each with its name.
pub(crate) fn workflow(name: &str, steps: Vec<(&str, TaskKind)>) -> Workflow {
    Workflow {
        name: name.to_owned(),
        version: "1.0.0".to_owned(),
        title: name.to_owned(),
        summary: None,
        input_schema: None,
        input: None,
        output: None,
        triggers: Vec::new(),
        timeout: None,
        call_retry: CallRetry::AsSet,
        retries: BTreeMap::new(),
        tasks: block("", steps),
        is_tool: false,
    }
}

fn block(at: &str, steps: Vec<(&str, TaskKind)>) -> Vec<Task> {
    let steps = steps.into_iter().enumerate();
    steps.map(|(index, (name, kind))| task(&format!("{at}/do/{index}/{name}"), name, kind)).collect()
}

fn task(at: &str, name: &str, kind: TaskKind) -> Task {
    Task {
        name: name.to_owned(),
        pointer: Pointer(at.to_owned()),
        when: None,
        input: None,
        output: None,
        export: None,
        timeout: None,
        then: Flow::Continue,
        note: None,
        compensate: None,
        kind: placed(at, kind),
    }
}

/// The same with the places of the steps within it.
fn placed(at: &str, kind: TaskKind) -> TaskKind {
    let again = |part: &str, tasks: Vec<Task>| {
        let steps = tasks.into_iter().enumerate();
        steps
            .map(|(index, inner)| task(&format!("{at}/{part}/{index}/{}", inner.name), &inner.name, inner.kind))
            .collect()
    };
    match kind {
        TaskKind::Fork(fork) => {
            TaskKind::Fork(Fork { branches: again("fork/branches", fork.branches), competes: fork.competes })
        }
        TaskKind::Try(attempt) => {
            let Catch { tasks, .. } = attempt.catch.clone();
            let catch = Catch { tasks: tasks.map(|tasks| again("catch/do", tasks)), ..attempt.catch };
            TaskKind::Try(Try { tasks: again("try", attempt.tasks), catch })
        }
        other => other,
    }
}

/// A call of the far side.
pub(crate) fn call(tool: &str) -> TaskKind {
    let arguments = template(json!({ "given": "${ . }" }));
    TaskKind::Call(Call::Tool { server: "far".to_owned(), tool: tool.to_owned(), arguments })
}

pub(crate) fn set(value: Value) -> TaskKind {
    TaskKind::Set(template(value))
}

pub(crate) fn wait(span: Duration) -> TaskKind {
    TaskKind::Wait(Span::Fixed(span))
}

/// One event of a kind, whatever it says.
pub(crate) fn listen(kind: &str) -> TaskKind {
    listen_to(EventFilter { kind: Some(kind.to_owned()), ..EventFilter::default() })
}

/// One event of a kind about the contact that the run is about.
pub(crate) fn listen_for_contact(kind: &str) -> TaskKind {
    let from = template(json!("${ .data.contact }"));
    let expect = template(json!("${ $workflow.input.contact }"));
    let correlate = vec![Named { name: "contact".to_owned(), value: Correlation { from, expect } }];
    listen_to(EventFilter { kind: Some(kind.to_owned()), correlate, ..EventFilter::default() })
}

fn listen_to(filter: EventFilter) -> TaskKind {
    TaskKind::Listen(Listen { to: ListenTo::One(filter), read: Read::Data })
}

/// Branches of which the first to end wins.
pub(crate) fn race(branches: Vec<(&str, TaskKind)>) -> TaskKind {
    let branches = branches.into_iter().map(|(name, kind)| task("", name, kind)).collect();
    TaskKind::Fork(Fork { branches, competes: true })
}

/// Branches that all end.
pub(crate) fn side_by_side(branches: Vec<(&str, TaskKind)>) -> TaskKind {
    let branches = branches.into_iter().map(|(name, kind)| task("", name, kind)).collect();
    TaskKind::Fork(Fork { branches, competes: false })
}

pub(crate) fn child(name: &str) -> TaskKind {
    let input = Some(template(json!({ "from": "parent" })));
    TaskKind::Run(RunWorkflow { name: name.to_owned(), version: None, input, awaits: true })
}

pub(crate) fn approval(summary: &str, expires: Option<Duration>) -> TaskKind {
    let (summary, expires) = (template(json!(summary)), expires.map(Span::Fixed));
    TaskKind::Call(Call::Approval(Approval { summary, details: None, expires }))
}
