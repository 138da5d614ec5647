//! A tool's output, or its failure, as the result that a client gets.

use rmcp::model::{CallToolResult, ContentBlock};
use serde::Serialize;
use serde_json::Value;

use crate::error::{Error, ErrorBody, ErrorCode, Result};
use crate::tool::approval;
use crate::tool::untrusted::{fenced, fenced_text};

/// Refuses an answer that is larger than clients take, rather than have them cut it.
///
/// # Errors
/// `failed_precondition`.
pub(super) fn within(bytes_max: usize, structured: Value) -> Result<Value> {
    let bytes = approximate_bytes(&structured);
    if bytes <= bytes_max {
        return Ok(structured);
    }
    let message = format!("the answer has about {bytes} bytes, more than {bytes_max}");
    Err(Error::new(ErrorCode::FailedPrecondition, message)
        .with_hint("ask for fewer records with `limit` and go on with `cursor`"))
}

fn approximate_bytes(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) => 5,
        Value::Number(_) => 8,
        Value::String(text) => text.len() + 3,
        Value::Array(items) => items.iter().map(approximate_bytes).sum::<usize>() + 2,
        Value::Object(object) => {
            object.iter().map(|(key, value)| key.len() + 4 + approximate_bytes(value)).sum::<usize>() + 2
        }
    }
}

/// The result that a client gets for what a tool answered.
#[must_use]
pub fn result_of(outcome: Result<Value>) -> CallToolResult {
    match outcome {
        Ok(structured) => success(structured),
        Err(error) => failure(&error),
    }
}

/// Structured content, and the same as text for clients that show only that.
fn success(structured: Value) -> CallToolResult {
    let mut result = CallToolResult::success(vec![ContentBlock::text(fenced_text(&structured))]);
    result.structured_content = Some(structured);
    result
}

#[derive(Serialize)]
struct FailureBody<'a> {
    error: ErrorBody<'a>,
}

/// What went wrong and what to do next, for the model and for programs.
fn failure(error: &Error) -> CallToolResult {
    let mut lines = vec![format!("{}: {}", error.code(), error.message())];
    lines.extend(error.hint().map(|hint| format!("next: {hint}")));
    lines.extend(error.details().faults.iter().map(|fault| {
        let example = fault.example.as_ref().map_or_else(String::new, |example| format!(", for example {example}"));
        format!("- {} {}, expected {}{example}", fault.field, fault.problem, fault.expected)
    }));
    lines.extend(error.details().candidates.iter().map(|candidate| format!("- {} ({})", candidate.name, candidate.id)));
    lines.extend(error.details().said.as_ref().map(|said| fenced(&said.untrusted, &said.source)));
    lines.extend(error.details().plan.as_ref().map(|proposed| format!("plan: {}", approval::in_words(&proposed.plan))));
    let mut result = CallToolResult::error(vec![ContentBlock::text(lines.join("\n"))]);
    result.structured_content = serde_json::to_value(FailureBody { error: error.body() }).ok();
    result
}
