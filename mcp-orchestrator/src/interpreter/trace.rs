//! The words of the trace: what happened, in one line that an agent can read.

use serde_json::{Value, json};

use super::input::Failure;
use super::limits::fits;
use crate::workflow::task::{Call, TaskKind};

/// About the bytes of an input or output in the trace.
const SHOWN_BYTES_MAX: usize = 8 * 1024;
/// Characters of what is shown of a value that is larger.
const PREVIEW_CHARS: usize = 1_000;
/// Characters of a summary.
const SUMMARY_CHARS_MAX: usize = 240;

/// What a task is called in the trace.
pub(super) const fn kind(task: &TaskKind) -> &'static str {
    match task {
        TaskKind::Call(Call::Approval(_)) => "approval",
        TaskKind::Call(_) => "call",
        TaskKind::Do(_) => "do",
        TaskKind::Set(_) => "set",
        TaskKind::Switch(_) => "switch",
        TaskKind::For(_) => "for",
        TaskKind::Fork(_) => "fork",
        TaskKind::Listen(_) => "listen",
        TaskKind::Wait(_) => "wait",
        TaskKind::Try(_) => "try",
        TaskKind::Raise(_) => "raise",
        TaskKind::Run(_) => "run",
        TaskKind::Emit(_) => "emit",
    }
}

/// A value as it is shown in the trace: whole if it is small, else `{truncated: true, preview}` with its beginning.
#[must_use]
pub fn bounded(value: &Value) -> Value {
    if fits(value, SHOWN_BYTES_MAX) {
        return value.clone();
    }
    let whole = value.to_string();
    let preview: String = whole.chars().take(PREVIEW_CHARS).collect();
    json!({ "truncated": true, "bytes": whole.len(), "preview": preview })
}

/// One line of at most [`SUMMARY_CHARS_MAX`] characters.
pub(super) fn line(text: &str) -> String {
    let mut words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some((cut, _)) = words.char_indices().nth(SUMMARY_CHARS_MAX) {
        words.truncate(cut);
        words.push('…');
    }
    words
}

/// What a value says of itself, if it says something.
pub(super) fn saying(value: &Value) -> Option<&str> {
    match value {
        Value::String(text) => Some(text),
        Value::Object(fields) => {
            ["summary", "note", "message", "title"].into_iter().find_map(|name| fields.get(name)?.as_str())
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => None,
    }
}

/// What went wrong, shortly.
pub(super) fn failure(failure: &Failure) -> String {
    match &failure.detail {
        Some(detail) => format!("{}: {detail}", failure.title),
        None => failure.title.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_values_are_cut_short_and_small_ones_are_not() {
        let small = json!({ "name": "Ada" });
        assert_eq!(bounded(&small), small);
        let large = bounded(&json!({ "text": "ö".repeat(20_000) }));
        assert_eq!(large["truncated"], true);
        assert!(large.to_string().len() < SHOWN_BYTES_MAX);
    }

    #[test]
    fn a_summary_is_one_short_line() {
        assert_eq!(line("a\n  b"), "a b");
        assert_eq!(line(&"ö".repeat(1_000)).chars().count(), SUMMARY_CHARS_MAX + 1);
    }
}
