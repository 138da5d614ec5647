//! What a new revision changes against the one before, in words for whoever has to say yes to it.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::span;
use crate::workflow::survey::{self, Step};
use crate::workflow::task::{Block, Call, Span, Task, TaskKind};
use crate::workflow::{EventFilter, Pointer, Trigger, Workflow};

/// Steps named one by one; the rest is counted.
const NAMED_MAX: usize = 20;

/// What changes: steps, what starts it, what it may call. Empty: nothing that counts.
#[must_use]
pub fn changes(before: Option<&Workflow>, after: &Workflow) -> Vec<String> {
    let mut words = Vec::new();
    let (old, new) = (before.map(survey::steps).unwrap_or_default(), survey::steps(after));
    match before {
        None => words.push(format!("a workflow that is not there yet, with {}", count(new.len(), "step"))),
        Some(_) => step_changes(&old, &new, &mut words),
    }
    let triggers = |workflow: Option<&Workflow>| -> Vec<String> {
        workflow.map(|workflow| workflow.triggers.iter().map(trigger).collect()).unwrap_or_default()
    };
    let (old, new) = (triggers(before), triggers(Some(after)));
    words.extend(new.iter().filter(|trigger| !old.contains(trigger)).map(|trigger| format!("starts {trigger}")));
    words.extend(
        old.iter().filter(|trigger| !new.contains(trigger)).map(|trigger| format!("no longer starts {trigger}")),
    );
    let (old, new) = (before.map(survey::outside).unwrap_or_default(), survey::outside(after));
    words.extend(new.difference(&old).map(|call| format!("may call {call}")));
    words.extend(old.difference(&new).map(|call| format!("no longer calls {call}")));
    if let Some(before) = before {
        words.extend(other_changes(before, after).into_iter().map(|what| format!("changes {what}")));
    }
    words
}

fn step_changes(old: &[Step<'_>], new: &[Step<'_>], words: &mut Vec<String>) {
    let by_path = |steps: &[Step<'_>]| -> BTreeMap<String, Task> {
        steps.iter().map(|step| (step.path.clone(), alone(step.task))).collect()
    };
    let (old_by_path, new_by_path) = (by_path(old), by_path(new));
    let added = new.iter().filter(|step| !old_by_path.contains_key(&step.path));
    let removed = old.iter().filter(|step| !new_by_path.contains_key(&step.path));
    let is_changed = |step: &&Step<'_>| {
        old_by_path.get(&step.path).is_some_and(|before| new_by_path.get(&step.path) != Some(before))
    };
    for (verb, paths) in [
        ("adds", added.map(|step| step.path.as_str()).collect::<Vec<_>>()),
        ("removes", removed.map(|step| step.path.as_str()).collect()),
        ("changes", new.iter().filter(is_changed).map(|step| step.path.as_str()).collect()),
    ] {
        if !paths.is_empty() {
            words.push(format!("{verb} {}", named(&paths)));
        }
    }
    let order = |steps: &[Step<'_>], others: &BTreeMap<String, Task>| -> Vec<String> {
        steps.iter().map(|step| step.path.clone()).filter(|path| others.contains_key(path)).collect()
    };
    if order(old, &new_by_path) != order(new, &old_by_path) {
        words.push("changes the order of steps".to_owned());
    }
}

fn named(paths: &[&str]) -> String {
    let shown: Vec<String> = paths.iter().take(NAMED_MAX).map(|path| format!("`{path}`")).collect();
    let rest = paths.len().saturating_sub(NAMED_MAX);
    let more = if rest > 0 { format!(" and {rest} more") } else { String::new() };
    let noun = if paths.len() == 1 { "the step" } else { "the steps" };
    format!("{noun} {}{more}", shown.join(", "))
}

/// A task without what is within it and without its place, so that it is the same wherever it stands.
fn alone(task: &Task) -> Task {
    let mut task = task.clone();
    task.pointer = Pointer(String::new());
    task.compensate = task.compensate.map(|_| Block::new());
    match &mut task.kind {
        TaskKind::Do(block) => block.clear(),
        TaskKind::For(each) => each.tasks.clear(),
        TaskKind::Fork(fork) => fork.branches.clear(),
        TaskKind::Try(attempt) => {
            attempt.tasks.clear();
            attempt.catch.tasks = attempt.catch.tasks.take().map(|_| Block::new());
        }
        TaskKind::Call(Call::Tool { .. } | Call::Http(_) | Call::Approval(_) | Call::Connector { .. })
        | TaskKind::Set(_)
        | TaskKind::Switch(_)
        | TaskKind::Listen(_)
        | TaskKind::Wait(_)
        | TaskKind::Raise(_)
        | TaskKind::Run(_)
        | TaskKind::Emit(_) => {}
    }
    task
}

fn other_changes(before: &Workflow, after: &Workflow) -> Vec<&'static str> {
    let changes = [
        ("its title or summary", (&before.title, &before.summary) != (&after.title, &after.summary)),
        ("its version", before.version != after.version),
        ("what its input must be", before.input_schema != after.input_schema || before.input != after.input),
        ("its output", before.output != after.output),
        ("how long it may take", before.timeout != after.timeout),
        ("its retry policies", before.retries != after.retries),
        ("what is done about failed calls", before.call_retry != after.call_retry),
        ("whether it is a tool of its own", before.is_tool != after.is_tool),
    ];
    changes.into_iter().filter(|(_, is_changed)| *is_changed).map(|(what, _)| what).collect()
}

/// What starts a workflow, in words: ``on the event `ContactCreate` from `ghl` ``, `by cron 0 9 * * 1-5 (UTC)`.
#[must_use]
pub fn trigger(trigger: &Trigger) -> String {
    match trigger {
        Trigger::Event(EventFilter { kind, source, condition, .. }) => {
            let kind = kind.as_deref().map_or_else(|| "any event".to_owned(), |kind| format!("the event `{kind}`"));
            let source = source.as_deref().map(|source| format!(" from `{source}`")).unwrap_or_default();
            let condition = if condition.is_some() { " under a condition" } else { "" };
            format!("on {kind}{source}{condition}")
        }
        Trigger::Cron { expression, zone } => format!("by cron {expression} ({})", zone.as_deref().unwrap_or("UTC")),
        Trigger::Every(Span::Fixed(every)) => format!("every {}", span::in_words(*every)),
        Trigger::Every(Span::Computed(every)) => format!("every {}", text(every.source())),
    }
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn workflow(schedule: &str, tasks: &str) -> Workflow {
        let text = format!(
            "document: {{dsl: '1.0.0', namespace: default, name: intake, version: '1.0.0'}}\n{schedule}\ndo:\n{tasks}"
        );
        Workflow::read(&text).unwrap()
    }

    const GREET: &str = "  - greet: {call: mcp, with: {server: ghl, tool: add_note, arguments: {contact: c1}}}\n";

    #[test]
    fn a_new_workflow_says_what_starts_it_and_what_it_may_call() {
        let made = workflow("schedule: {on: {one: {with: {type: ContactCreate, source: ghl}}}}", GREET);
        assert_eq!(
            changes(None, &made),
            [
                "a workflow that is not there yet, with 1 step",
                "starts on the event `ContactCreate` from `ghl`",
                "may call ghl.add_note"
            ]
        );
    }

    #[test]
    fn a_revision_says_what_differs_and_nothing_else() {
        let before = workflow("", GREET);
        assert_eq!(changes(Some(&before), &before), [""; 0]);
        let tasks = "  - pause: {wait: {minutes: 5}}\n  - greet: {call: mcp, with: {server: ghl, tool: send_message, \
            arguments: {contact: c1}}}\n";
        let after = workflow("schedule: {cron: '0 9 * * 1-5'}", tasks);
        assert_eq!(
            changes(Some(&before), &after),
            [
                "adds the step `pause`",
                "changes the step `greet`",
                "starts by cron 0 9 * * 1-5 (UTC)",
                "may call ghl.send_message",
                "no longer calls ghl.add_note"
            ]
        );
        let back = changes(Some(&after), &before);
        assert!(back.contains(&"removes the step `pause`".to_owned()), "{back:?}");
    }

    #[test]
    fn what_is_moved_is_said_to_be_in_another_order() {
        let (one, other) = ("  - a: {set: {x: 1}}\n", "  - b: {set: {x: 2}}\n");
        let (before, after) = (workflow("", &format!("{one}{other}")), workflow("", &format!("{other}{one}")));
        assert_eq!(changes(Some(&before), &after), ["changes the order of steps"]);
    }
}
