//! The straight path of a call: find, authorise, check, decode, approve, call, encode, record. Written once.

use std::panic::AssertUnwindSafe;
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use rmcp::model::{CallToolResult, ContentBlock, JsonObject};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::audit::{self, ArgumentsDigest, AuditLog, Ending, Outcome};
use crate::clock::Clock;
use crate::error::{Error, ErrorBody, ErrorCode, Result};
use crate::telemetry::Metrics;
use crate::tool::registry::Entry;
use crate::tool::untrusted::fenced_text;
use crate::tool::{Call, Registry, Surface, access, schema};

/// `[tools]`: bounds of every call.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DispatchSettings {
    /// Longest time a call may take, in milliseconds.
    pub deadline_ms: u64,
    /// Largest answer, in bytes of JSON. Claude Code cuts at 25,000 tokens, about 100,000 bytes.
    pub result_bytes_max: usize,
    /// Refuse every tool that changes anything.
    pub read_only: bool,
    /// The toolsets shown; empty means all.
    pub toolsets: Vec<String>,
}

impl Default for DispatchSettings {
    fn default() -> Self {
        Self { deadline_ms: 120_000, result_bytes_max: 100_000, read_only: false, toolsets: Vec::new() }
    }
}

/// No visible tool has that name: a protocol error, not a failed tool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownTool;

/// What the path needs besides the registry.
#[derive(Debug, Clone)]
pub struct Dispatch {
    audit: AuditLog,
    clock: Clock,
    metrics: Metrics,
    settings: DispatchSettings,
}

impl Dispatch {
    #[must_use]
    pub fn new(audit: AuditLog, clock: Clock, metrics: Metrics, settings: DispatchSettings) -> Self {
        Self { audit, clock, metrics, settings }
    }

    /// How long a call may take.
    #[must_use]
    pub fn deadline(&self) -> Duration {
        Duration::from_millis(self.settings.deadline_ms)
    }

    /// Serves one call. A failed tool is a result with `isError`.
    ///
    /// # Errors
    /// [`UnknownTool`] if the caller can see no tool of that name.
    pub async fn run(
        &self,
        registry: &Registry,
        surface: &Surface,
        call: &Call,
        name: &str,
        arguments: JsonObject,
    ) -> Result<CallToolResult, UnknownTool> {
        let entry = registry.find(surface, &call.caller, name).ok_or(UnknownTool)?;
        let began = Instant::now();
        let arguments = Value::Object(schema::without_nulls(arguments));
        let record = audit::Call {
            tool: entry.name.into(),
            access: entry.access,
            arguments: ArgumentsDigest::of(&arguments),
            location: None,
            trace_id: call.trace_id.clone(),
        };
        let outcome = match self.admit(entry, call, &arguments) {
            Ok(()) => self.perform(entry, call, arguments, record, began).await,
            Err(error) => {
                self.audit.refusal(&call.caller, record, error.code()).await;
                Err(error)
            }
        };
        self.metrics.tool_called(entry.name, outcome.as_ref().err().map(Error::code), began.elapsed());
        Ok(outcome.map_or_else(|error| failure(entry, call, &error), success))
    }

    /// Whether the call may happen at all.
    fn admit(&self, entry: &Entry, call: &Call, arguments: &Value) -> Result<()> {
        authorise(entry, call, self.settings.read_only)?;
        entry.check(arguments)?;
        approve(entry)
    }

    /// Lets it happen, between the two audit events of a change or before the one of a read.
    async fn perform(
        &self,
        entry: &Entry,
        call: &Call,
        arguments: Value,
        record: audit::Call,
        began: Instant,
    ) -> Result<Value> {
        if entry.access.is_read() {
            let outcome = self.answer(entry, call, arguments).await;
            self.audit.read(&call.caller, record, ending(&outcome, began)).await;
            return outcome;
        }
        // Committed before the effect: what changed the world is never without a trace.
        let intent = self.bounded(call, self.audit.intent(&call.caller, record)).await?;
        let outcome = self.answer(entry, call, arguments).await.map_err(|error| match error.code() {
            // The handler was stopped on its way: the vendor may have been faster.
            ErrorCode::DeadlineExceeded => {
                error.with_hint("the change may have been made: read the record before you try again")
            }
            _ => error,
        });
        self.audit.outcome(&call.caller, Outcome { intent, ending: ending(&outcome, began) }).await;
        outcome
    }

    async fn answer(&self, entry: &Entry, call: &Call, arguments: Value) -> Result<Value> {
        // A tool that panics has failed; its caller still gets an answer, and everybody else is served on.
        let handled = AssertUnwindSafe(entry.call(call, arguments)).catch_unwind();
        let handled =
            handled.map(|ended| ended.unwrap_or_else(|_| Err(Error::new(ErrorCode::Internal, "the tool broke down"))));
        self.sized(self.bounded(call, handled).await?)
    }

    /// Lets work run until it ends, the client goes or the time is up, whichever comes first.
    async fn bounded<T>(&self, call: &Call, work: impl Future<Output = Result<T>>) -> Result<T> {
        tokio::select! {
            biased;
            outcome = work => outcome,
            () = call.cancel.cancelled() => Err(Error::new(ErrorCode::DeadlineExceeded, "the call was cancelled")),
            () = self.clock.sleep(call.deadline) => {
                call.cancel.cancel();
                let message = format!("the call took longer than {} ms", call.deadline.as_millis());
                Err(Error::new(ErrorCode::DeadlineExceeded, message).with_hint("ask for less at once, or raise `tools.deadline_ms`"))
            }
        }
    }

    fn sized(&self, structured: Value) -> Result<Value> {
        // Counting costs a pass over the answer; an array of records is the only way to become large.
        let bytes = approximate_bytes(&structured);
        if bytes <= self.settings.result_bytes_max {
            return Ok(structured);
        }
        let message = format!("the answer has about {bytes} bytes, more than {}", self.settings.result_bytes_max);
        Err(Error::new(ErrorCode::FailedPrecondition, message)
            .with_hint("ask for fewer records with `limit` and go on with `cursor`"))
    }
}

fn authorise(entry: &Entry, call: &Call, is_read_only: bool) -> Result<()> {
    if is_read_only && !entry.access.is_read() {
        let message = format!("`{}` changes things, and this server is read-only", entry.name);
        return Err(
            Error::new(ErrorCode::PermissionDenied, message).with_hint("ask the operator to lift `tools.read_only`")
        );
    }
    if call.caller.role() < access::least_role(entry.access) {
        let message = format!("your role may not call `{}`", entry.name);
        return Err(Error::new(ErrorCode::PermissionDenied, message).with_hint("ask an administrator of your tenant"));
    }
    Ok(())
}

/// Send, Destroy and Spend happen only after somebody's yes; nobody can give one here yet, so they do not happen.
fn approve(entry: &Entry) -> Result<()> {
    if access::is_irreversible(entry.access) {
        let message = format!("`{}` needs an approval", entry.name);
        return Err(Error::new(ErrorCode::ApprovalRequired, message));
    }
    Ok(())
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

fn success(structured: Value) -> CallToolResult {
    let mut result = CallToolResult::success(vec![ContentBlock::text(fenced_text(&structured))]);
    result.structured_content = Some(structured);
    result
}

#[derive(Serialize)]
struct FailureBody<'a> {
    error: ErrorBody<'a>,
}

fn ending(outcome: &Result<Value>, began: Instant) -> Ending {
    let error = outcome.as_ref().err();
    Ending {
        code: error.map(Error::code),
        duration_ms: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
        vendor_trace_id: error.and_then(|error| error.details().vendor_trace_id.clone()),
    }
}

fn failure(entry: &Entry, call: &Call, error: &Error) -> CallToolResult {
    report(entry, call, error);
    let mut lines = vec![format!("{}: {}", error.code(), error.message())];
    lines.extend(error.hint().map(|hint| format!("next: {hint}")));
    lines.extend(error.details().faults.iter().map(|fault| {
        let example = fault.example.as_ref().map_or_else(String::new, |example| format!(", for example {example}"));
        format!("- {} {}, expected {}{example}", fault.field, fault.problem, fault.expected)
    }));
    lines.extend(error.details().candidates.iter().map(|candidate| format!("- {} ({})", candidate.name, candidate.id)));
    let mut result = CallToolResult::error(vec![ContentBlock::text(lines.join("\n"))]);
    result.structured_content = serde_json::to_value(FailureBody { error: error.body() }).ok();
    result
}

/// The one place where a failure is logged, with its cause.
fn report(entry: &Entry, call: &Call, error: &Error) {
    let cause = std::error::Error::source(error).map(ToString::to_string);
    let (tool, tenant, subject) = (entry.name, call.tenant().as_str(), call.caller.subject());
    let code = error.code();
    if code == ErrorCode::Internal {
        tracing::error!(tool.name = tool, tenant.id = tenant, caller.subject = subject, error.code = %code, error.cause = cause, "`{tool}` broke");
    } else {
        tracing::info!(tool.name = tool, tenant.id = tenant, caller.subject = subject, error.code = %code, error.cause = cause, "`{tool}` was refused");
    }
}
