//! What no run may go beyond, and how much of something there is.

use serde_json::Value;

use super::doing::{Doing, Stage};
use super::input::Failure;
use super::state::{Level, State, Thread};

/// Tasks that may begin in one advance: a loop that waits for nothing does not hang its process.
pub(super) const TASKS_PER_ADVANCE_MAX: u32 = 10_000;
/// How deep tasks may lie in tasks, forks included.
pub(super) const DEPTH_MAX: usize = 64;
/// Branches under way at once.
pub(super) const THREADS_MAX: usize = 256;
/// About the bytes of a state.
pub(super) const STATE_BYTES_MAX: usize = 1024 * 1024;
/// How deep a value may be nested: as deep as expressions read, and such that a state is read again, which stops at 128
/// (`serde_json`, recursion limit).
pub(super) const VALUE_DEPTH_MAX: usize = crate::workflow::expression::DEPTH_MAX;
/// About the bytes of a value that is kept so that a failed run can go on from an earlier step.
pub(super) const KEPT_BYTES_MAX: usize = 8 * 1024;

/// Whether a value takes no more than about so many bytes as JSON. Stops counting there.
pub(super) fn fits(value: &Value, bytes_max: usize) -> bool {
    let mut left = bytes_max;
    spend(value, &mut left)
}

/// Whether a value may become part of a run.
///
/// # Errors
/// A failure that says which limit it goes beyond.
pub(super) fn check(what: &str, value: &Value) -> Result<(), Box<Failure>> {
    if !is_shallow(value, VALUE_DEPTH_MAX) {
        let title = format!("{what} is nested more than {VALUE_DEPTH_MAX} deep");
        return Err(Box::new(Failure::limit(title, "keep what is needed of it with `output.as`, as text if need be")));
    }
    if !fits(value, STATE_BYTES_MAX) {
        let title = format!("{what} has more than {STATE_BYTES_MAX} bytes");
        return Err(Box::new(Failure::limit(title, "ask for less at once, and pass on ids in place of records")));
    }
    Ok(())
}

fn is_shallow(value: &Value, depth_max: usize) -> bool {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => true,
        Value::Array(items) => {
            depth_max.checked_sub(1).is_some_and(|rest| items.iter().all(|item| is_shallow(item, rest)))
        }
        Value::Object(fields) => {
            depth_max.checked_sub(1).is_some_and(|rest| fields.values().all(|field| is_shallow(field, rest)))
        }
    }
}

/// Whether a state takes no more than about [`STATE_BYTES_MAX`] as JSON.
pub(super) fn state_fits(state: &State) -> bool {
    let mut left = STATE_BYTES_MAX;
    let undoable = state.undoable.iter().all(|step| spend(&step.output, &mut left) && take(64, &mut left));
    undoable
        && spend(&state.input, &mut left)
        && state.context.as_ref().is_none_or(|context| spend(context, &mut left))
        && state.threads.iter().chain(&state.frozen).all(|thread| thread_fits(thread, &mut left))
}

fn thread_fits(thread: &Thread, left: &mut usize) -> bool {
    thread.levels.iter().all(|level| level_fits(level, left))
}

fn level_fits(level: &Level, left: &mut usize) -> bool {
    let before = level.before.iter().all(|(_, value)| take(8, left) && spend(value, left));
    if !(before && take(32, left) && spend(&level.data, left)) {
        return false;
    }
    let Some(running) = level.task.as_deref() else { return true };
    if !running.input.as_ref().is_none_or(|input| spend(input, left)) {
        return false;
    }
    match &running.doing {
        Doing::Loop(looping) => spend(&looping.item, left) && looping.rest.iter().all(|item| spend(item, left)),
        Doing::Fork(results) => results.values().all(|result| spend(result, left)),
        Doing::Listen(hearing) => hearing.heard.iter().all(|event| spend(event, left)),
        Doing::Try(trying) => match &trying.stage {
            Stage::Catching(error) => spend(error, left),
            Stage::Trying | Stage::Resting(_) => true,
        },
        Doing::Now
        | Doing::Block
        | Doing::Call(_)
        | Doing::Rest(_)
        | Doing::Approval(_)
        | Doing::Wait(_)
        | Doing::Child(_) => true,
    }
}

/// Takes a value's bytes from what is left; false: there were not that many.
fn spend(value: &Value, left: &mut usize) -> bool {
    match value {
        Value::Null | Value::Bool(_) => take(5, left),
        Value::Number(_) => take(8, left),
        Value::String(text) => take(text.len().saturating_add(3), left),
        Value::Array(items) => take(2, left) && items.iter().all(|item| spend(item, left)),
        Value::Object(fields) => {
            take(2, left)
                && fields.iter().all(|(name, field)| take(name.len().saturating_add(4), left) && spend(field, left))
        }
    }
}

fn take(bytes: usize, left: &mut usize) -> bool {
    match left.checked_sub(bytes) {
        Some(rest) => {
            *left = rest;
            true
        }
        None => false,
    }
}
