//! The tasks of a workflow, as data.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::workflow::expression::Template;
use crate::workflow::{EventFilter, Pointer};

/// Tasks one after the other.
pub type Block = Vec<Task>;

/// Something with the name that its author gave it.
#[derive(Debug, Clone, PartialEq)]
pub struct Named<T> {
    pub name: String,
    pub value: T,
}

/// A span as ISO 8601 or the DSL's `{days, hours, minutes, seconds, milliseconds}` gives it; an expression may stand for it.
#[derive(Debug, Clone, PartialEq)]
pub enum Span {
    Fixed(Duration),
    Computed(Template),
}

/// One step.
#[derive(Debug, Clone, PartialEq)]
pub struct Task {
    pub name: String,
    /// Where it stands in the definition: stable, and in every trace.
    pub pointer: Pointer,
    /// `if`: skipped where it does not hold.
    pub when: Option<Template>,
    /// `input.from`.
    pub input: Option<Template>,
    /// `output.as`.
    pub output: Option<Template>,
    /// `export.as`: what the context becomes.
    pub export: Option<Template>,
    /// `timeout.after`.
    pub timeout: Option<Span>,
    /// `then`.
    pub then: Flow,
    /// `metadata.note`: one line about what happened, worked out when the step has ended.
    pub note: Option<Template>,
    /// `metadata.compensate`: done, in the reverse order of the steps, if the run fails after this one has ended.
    pub compensate: Option<Block>,
    pub kind: TaskKind,
}

/// Where it goes on.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Flow {
    /// With the next task, or the end of the block.
    #[default]
    Continue,
    /// Behind the block.
    Exit,
    /// The run ends.
    End,
    /// With a task of the same block.
    Task(String),
}

/// What is done.
#[derive(Debug, Clone, PartialEq)]
pub enum TaskKind {
    Call(Call),
    Do(Block),
    Set(Template),
    Switch(Vec<Case>),
    For(For),
    Fork(Fork),
    Listen(Listen),
    Wait(Span),
    Try(Try),
    Raise(Raise),
    Run(RunWorkflow),
    Emit(Emit),
}

/// Something outside the run is asked to do something.
#[derive(Debug, Clone, PartialEq)]
pub enum Call {
    /// `call: mcp`: a tool of a connected server.
    Tool { server: String, tool: String, arguments: Template },
    /// `call: http`.
    Http(Box<HttpCall>),
    /// `call: approval`: a person says yes or no.
    Approval(Approval),
    /// `call: <connector>.<operation>`: kept for connectors, refused until there are any.
    Connector { connector: String, operation: String, arguments: Template },
}

/// `call: http`
#[derive(Debug, Clone, PartialEq)]
pub struct HttpCall {
    /// Upper case.
    pub method: String,
    pub endpoint: Template,
    pub headers: Option<Template>,
    pub query: Option<Template>,
    pub body: Option<Template>,
    pub output: HttpOutput,
}

/// What of the answer the step's output is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HttpOutput {
    /// The body, parsed where it is JSON.
    #[default]
    Content,
    /// `{request, statusCode, headers, content}`.
    Response,
    /// The body in base64.
    Raw,
}

/// What a person is asked.
#[derive(Debug, Clone, PartialEq)]
pub struct Approval {
    /// One line: what a yes lets happen.
    pub summary: Template,
    /// Whom or what it concerns, more words for the person.
    pub details: Option<Template>,
    /// How long to wait for an answer; none means for ever.
    pub expires: Option<Span>,
}

/// One way of a `switch`; without a condition it is the default.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    pub name: String,
    pub when: Option<Template>,
    pub then: Flow,
}

/// `for`: the block once for each item, one after the other.
#[derive(Debug, Clone, PartialEq)]
pub struct For {
    /// `each`, `item` by default.
    pub each: String,
    /// `at`, `index` by default.
    pub at: String,
    pub items: Template,
    /// `while`
    pub going_on: Option<Template>,
    pub tasks: Block,
}

/// `fork`: branches side by side.
#[derive(Debug, Clone, PartialEq)]
pub struct Fork {
    pub branches: Block,
    /// The first branch that ends wins, and the others are ended.
    pub competes: bool,
}

/// `listen`
#[derive(Debug, Clone, PartialEq)]
pub struct Listen {
    pub to: ListenTo,
    /// What of each event the output holds.
    pub read: Read,
}

/// What is listened for.
#[derive(Debug, Clone, PartialEq)]
pub enum ListenTo {
    One(EventFilter),
    Any(Vec<EventFilter>),
    All(Vec<EventFilter>),
}

/// What of an event counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Read {
    #[default]
    Data,
    Envelope,
}

/// `try`
#[derive(Debug, Clone, PartialEq)]
pub struct Try {
    pub tasks: Block,
    pub catch: Catch,
}

/// `catch`
#[derive(Debug, Clone, PartialEq)]
pub struct Catch {
    /// `errors.with`: `type`, `status`, `instance`, `title`, `detail`; all that is given must be the same.
    pub with: Vec<(String, Value)>,
    /// `as`, `error` by default.
    pub bound_as: String,
    pub when: Option<Template>,
    pub except_when: Option<Template>,
    pub retry: Option<RetryPolicy>,
    pub tasks: Option<Block>,
}

/// When a try is tried again.
#[derive(Debug, Clone, PartialEq)]
pub struct RetryPolicy {
    pub when: Option<Template>,
    pub except_when: Option<Template>,
    pub backoff: Backoff,
    /// `limit.attempt.count`: how often it is tried again at most; without it, until the schedule or the limit ends.
    pub attempts_max: Option<u32>,
    /// `limit.duration`: no new attempt later than this after the first.
    pub duration_max: Option<Duration>,
    /// `limit.attempt.duration`: how long one attempt may take.
    pub attempt_duration: Option<Duration>,
    /// `jitter`: a random share between these is added.
    pub jitter: Option<(Duration, Duration)>,
}

/// What is done about a failed call that no `try` surrounds.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum CallRetry {
    /// As the settings say.
    #[default]
    AsSet,
    Never,
    /// Transient failures are retried so.
    By(RetryPolicy),
}

/// How long until the next attempt.
#[derive(Debug, Clone, PartialEq)]
pub enum Backoff {
    Constant(Duration),
    /// Times two each time.
    Exponential(Duration),
    /// Once more by the same each time.
    Linear(Duration),
    /// A schedule of its own, as webhook senders have it; ends with its last entry.
    Schedule(Vec<Duration>),
}

/// `raise`: RFC 7807, as the DSL has it.
#[derive(Debug, Clone, PartialEq)]
pub struct Raise {
    pub kind: Template,
    pub status: Template,
    pub title: Option<Template>,
    pub detail: Option<Template>,
}

/// `run: workflow`
#[derive(Debug, Clone, PartialEq)]
pub struct RunWorkflow {
    pub name: String,
    /// Absent: the one that is current then.
    pub version: Option<String>,
    pub input: Option<Template>,
    /// Whether the step ends with the other run (default), or as soon as that is started.
    pub awaits: bool,
}

/// `emit`
#[derive(Debug, Clone, PartialEq)]
pub struct Emit {
    /// `event.with.type`
    pub kind: Template,
    /// `event.with.data`
    pub data: Option<Template>,
    /// `event.with.subject`: with the kind, what a repetition is known by.
    pub subject: Option<Template>,
}
