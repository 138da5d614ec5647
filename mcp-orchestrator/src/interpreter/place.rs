//! Which block of the definition a level of a thread goes through, and what the step there is called.

use std::fmt::Write as _;
use std::slice;

use common::error::{Error, ErrorCode, Result};

use super::doing::{Doing, Stage};
use super::state::{Level, Origin, State, Thread};
use crate::workflow::Workflow;
use crate::workflow::task::{Task, TaskKind};

/// The block of a thread's innermost level.
///
/// # Errors
/// `internal` if the definition has no such place.
pub(super) fn block<'w>(workflow: &'w Workflow, state: &State, thread: &Thread) -> Result<&'w [Task]> {
    block_at(workflow, state, thread, thread.levels.len().saturating_sub(1))
}

/// The block of one of a thread's levels.
///
/// # Errors
/// As [`block`].
pub(super) fn block_at<'w>(workflow: &'w Workflow, state: &State, thread: &Thread, depth: usize) -> Result<&'w [Task]> {
    let mut block = origin(workflow, state, thread)?;
    for level in thread.levels.iter().take(depth) {
        let task = block.get(level.at).ok_or_else(stranger)?;
        block = inner(task, level).ok_or_else(stranger)?;
    }
    Ok(block)
}

/// The task that a level stands at, if not at the block's end.
///
/// # Errors
/// As [`block`].
pub(super) fn task_at<'w>(
    workflow: &'w Workflow,
    state: &State,
    thread: &Thread,
    depth: usize,
) -> Result<Option<&'w Task>> {
    let block = block_at(workflow, state, thread, depth)?;
    Ok(thread.levels.get(depth).and_then(|level| block.get(level.at)))
}

fn origin<'w>(workflow: &'w Workflow, state: &State, thread: &Thread) -> Result<&'w [Task]> {
    match &thread.origin {
        Origin::Main => Ok(&workflow.tasks),
        Origin::Branch(parent, branch) => {
            let parent = state.thread(*parent).ok_or_else(stranger)?;
            let depth = parent.levels.len().saturating_sub(1);
            let task = task_at(workflow, state, parent, depth)?.ok_or_else(stranger)?;
            let TaskKind::Fork(fork) = &task.kind else { return Err(stranger()) };
            fork.branches.get(*branch).map(slice::from_ref).ok_or_else(stranger)
        }
        Origin::Undo(undoable) => {
            let task = workflow.task_at(&undoable.pointer).ok_or_else(stranger)?;
            task.compensate.as_deref().ok_or_else(stranger)
        }
    }
}

/// The block within a task under way.
fn inner<'w>(task: &'w Task, level: &Level) -> Option<&'w [Task]> {
    let doing = &level.task.as_deref()?.doing;
    match (&task.kind, doing) {
        (TaskKind::Do(block), Doing::Block) => Some(block),
        (TaskKind::For(looping), Doing::Loop(_)) => Some(&looping.tasks),
        (TaskKind::Try(attempt), Doing::Try(trying)) => match trying.stage {
            Stage::Trying => Some(&attempt.tasks),
            Stage::Catching(_) => attempt.catch.tasks.as_deref(),
            Stage::Resting(_) => None,
        },
        _ => None,
    }
}

/// What the step at one of a thread's levels is called.
pub(super) fn step(state: &State, thread: &Thread, depth: usize) -> String {
    let mut name = String::with_capacity(16);
    write_step(state, thread, depth, &mut name);
    name
}

fn write_step(state: &State, thread: &Thread, depth: usize, name: &mut String) {
    let mut levels = thread.levels.iter().take(depth.saturating_add(1));
    match &thread.origin {
        Origin::Main => name.push('s'),
        Origin::Branch(parent, branch) => {
            if let Some(parent) = state.thread(*parent) {
                write_step(state, parent, parent.levels.len().saturating_sub(1), name);
            }
            push(name, format_args!(".{}", branch.saturating_add(1)));
            // The one place of a branch's outermost level is the branch itself.
            let Some(outermost) = levels.next() else { return };
            push_backward(name, outermost);
            if depth == 0 {
                return;
            }
            push_within(name, outermost);
        }
        Origin::Undo(undoable) => {
            name.push_str(&undoable.step.0);
            push(name, format_args!(".u{}.", state.generation));
        }
    }
    let mut levels = levels.peekable();
    while let Some(level) = levels.next() {
        push(name, format_args!("{}", level.at.saturating_add(1)));
        push_backward(name, level);
        if levels.peek().is_some() {
            push_within(name, level);
        }
    }
}

/// Tells the passages of a circle apart.
fn push_backward(name: &mut String, level: &Level) {
    if level.backward > 0 {
        push(name, format_args!("b{}", level.backward));
    }
}

/// What stands between a container and what is within it.
fn push_within(name: &mut String, level: &Level) {
    name.push('.');
    match level.task.as_deref().map(|task| &task.doing) {
        Some(Doing::Loop(looping)) => push(name, format_args!("{}.", looping.index.saturating_add(1))),
        Some(Doing::Try(trying)) if matches!(trying.stage, Stage::Catching(_)) => name.push('c'),
        _ => {}
    }
}

fn push(name: &mut String, part: std::fmt::Arguments<'_>) {
    // Writing to a text cannot fail.
    let _ = name.write_fmt(part);
}

/// A state that was not made by this definition.
pub(super) fn stranger() -> Error {
    Error::new(ErrorCode::Internal, "the run's state does not belong to this definition")
        .with_hint("a run goes on with the revision of the definition that it began with")
}
