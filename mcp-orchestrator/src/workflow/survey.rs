//! What a workflow is made of, seen from above: its steps, and everything outside that it may call.

use std::collections::BTreeSet;

use crate::workflow::Workflow;
use crate::workflow::expression::Template;
use crate::workflow::lookup::blocks_within;
use crate::workflow::task::{Block, Call, HttpCall, Task, TaskKind};

/// A step with the names of those that it is within: `charge/refund`.
#[derive(Debug, Clone)]
pub struct Step<'a> {
    pub path: String,
    pub task: &'a Task,
}

/// Every step, in the order of the text.
#[must_use]
pub fn steps(workflow: &Workflow) -> Vec<Step<'_>> {
    let mut found = Vec::new();
    walk(&workflow.tasks, "", &mut found);
    found
}

fn walk<'a>(block: &'a Block, within: &str, found: &mut Vec<Step<'a>>) {
    for task in block {
        let path = if within.is_empty() { task.name.clone() } else { format!("{within}/{}", task.name) };
        found.push(Step { path: path.clone(), task });
        for inner in blocks_within(task) {
            walk(inner, &path, found);
        }
    }
}

/// A step that calls a tool of a connected server.
#[derive(Debug, Clone, Copy)]
pub struct ToolCall<'a> {
    pub task: &'a Task,
    pub server: &'a str,
    pub tool: &'a str,
    pub arguments: &'a Template,
}

/// The steps that call tools.
#[must_use]
pub fn tool_calls(workflow: &Workflow) -> Vec<ToolCall<'_>> {
    let mut calls = Vec::new();
    for Step { task, .. } in steps(workflow) {
        if let Some(Call::Tool { server, tool, arguments }) = task_call(task) {
            calls.push(ToolCall { task, server, tool, arguments });
        }
    }
    calls
}

/// What calls go out by HTTP.
#[must_use]
pub fn http_calls(workflow: &Workflow) -> Vec<&HttpCall> {
    let mut calls = Vec::new();
    for Step { task, .. } in steps(workflow) {
        if let Some(Call::Http(http)) = task_call(task) {
            calls.push(&**http);
        }
    }
    calls
}

/// The workflows that it starts, each once.
#[must_use]
pub fn children(workflow: &Workflow) -> BTreeSet<&str> {
    let mut names = BTreeSet::new();
    for Step { task, .. } in steps(workflow) {
        if let TaskKind::Run(run) = &task.kind {
            names.insert(run.name.as_str());
        }
    }
    names
}

/// Everything outside that it may call, in words, each once: `ghl.send_message`, `POST https://a.example/x`.
#[must_use]
pub fn outside(workflow: &Workflow) -> BTreeSet<String> {
    let tools = tool_calls(workflow).into_iter().map(|call| format!("{}.{}", call.server, call.tool));
    let https = http_calls(workflow).into_iter().map(|http| {
        let endpoint = http.endpoint.source();
        format!("{} {}", http.method, endpoint.as_str().map_or_else(|| endpoint.to_string(), str::to_owned))
    });
    let children = children(workflow).into_iter().map(|name| format!("workflow {name}"));
    tools.chain(https).chain(children).collect()
}

fn task_call(task: &Task) -> Option<&Call> {
    match &task.kind {
        TaskKind::Call(call) => Some(call),
        _ => None,
    }
}
