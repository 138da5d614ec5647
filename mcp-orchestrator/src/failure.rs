//! Failures: what went wrong, where, and what somebody can do about it. Pure.
//!
//! A failure is known by what failed, so that failing again is the same one; and by its cause, so that five hundred of
//! them are one line.

use common::clock::UnixMillis;
use common::tool::one_line;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::event::Unclear;
use crate::interpreter::command::StepStatus;
use crate::interpreter::{Failure, Note};
use crate::run::RunId;
use crate::workflow::Pointer;

/// What a failed run tells workflows.
pub const ALERT_KIND: &str = "luminar.run.failed";

/// Longest reason kept, in characters.
const REASON_LENGTH_MAX: usize = 300;

/// What failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FailureKind {
    /// A run.
    Run,
    /// A step, for good; its run went on without it.
    Retry,
    /// An event that could not be routed.
    Event,
    /// An outcome that could not be told.
    Callback,
    /// A run that was due and could not be started.
    Schedule,
    /// A success tag that could not be set.
    Tag,
}

impl FailureKind {
    pub(crate) const ALL: [Self; 6] = [Self::Run, Self::Retry, Self::Event, Self::Callback, Self::Schedule, Self::Tag];

    /// The spelling in rows.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Run => "run",
            Self::Retry => "retry",
            Self::Event => "event",
            Self::Callback => "callback",
            Self::Schedule => "schedule",
            Self::Tag => "tag",
        }
    }
}

/// What has become of a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FailureState {
    /// Nobody has done anything about it.
    Open,
    /// It is being tried again.
    Retried,
    /// It went on without it.
    Skipped,
    /// It has worked since.
    Resolved,
}

impl FailureState {
    pub(crate) const ALL: [Self; 4] = [Self::Open, Self::Retried, Self::Skipped, Self::Resolved];

    /// The spelling in rows.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Retried => "retried",
            Self::Skipped => "skipped",
            Self::Resolved => "resolved",
        }
    }
}

/// A failure as it is written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failed {
    pub kind: FailureKind,
    /// The id of what failed.
    pub subject: String,
    pub workflow: Option<String>,
    pub run: Option<RunId>,
    pub step: Option<Pointer>,
    /// One of our error codes where it has one, else the DSL's word: `timeout`, `communication` …
    pub code: String,
    /// In one line; may hold what others have written.
    pub reason: String,
    /// What a person or an agent can do, in one line and in our words.
    pub next_step: String,
    /// How often it was tried since it was last written down.
    pub attempts: i64,
    pub state: FailureState,
    pub at_ms: UnixMillis,
}

impl Failed {
    /// A run that has failed.
    #[must_use]
    pub fn of_run(run: &RunId, workflow: &str, failure: &Failure, at_ms: UnixMillis) -> Self {
        Self {
            kind: FailureKind::Run,
            subject: run.0.clone(),
            workflow: Some(workflow.to_owned()),
            run: Some(run.clone()),
            step: failure.instance.clone(),
            code: code(failure),
            reason: reason(failure),
            next_step: next_step(failure, run),
            attempts: failure.attempts.map_or(1, i64::from),
            state: FailureState::Open,
            at_ms,
        }
    }

    /// A step that was tried as often as it may be, in a run that went on all the same; none for a step that has not
    /// failed.
    #[must_use]
    pub fn of_step(run: &RunId, workflow: &str, note: &Note) -> Option<Self> {
        let failure = note.failure.as_ref()?;
        Some(Self {
            kind: FailureKind::Retry,
            subject: format!("{}/{}", run.0, note.step.0),
            step: Some(note.pointer.clone()),
            next_step: format!("the run went on; get_run {} shows what it did instead", run.0),
            attempts: i64::from(note.attempt),
            state: FailureState::Skipped,
            ..Self::of_run(run, workflow, failure, note.ended_ms.unwrap_or(note.began_ms))
        })
    }

    /// The step that was tried as often as it may be, among the notes of one advance of a run that goes on.
    #[must_use]
    pub fn exhausted(notes: &[Note]) -> Option<&Note> {
        if notes.iter().any(|note| note.status == StepStatus::Retrying) {
            return None;
        }
        notes.iter().find(|note| note.attempt > 1 && note.status == StepStatus::Failed && note.failure.is_some())
    }

    /// An event that no attempt could route.
    #[must_use]
    pub fn of_event(event_id: &str, (code, reason): (&str, &str), attempts: i64, at_ms: UnixMillis) -> Self {
        let next_step = format!("send_event with replay: {event_id}, once its cause is gone");
        Self::plain(FailureKind::Event, event_id, (code, reason, next_step), at_ms).tried(attempts)
    }

    /// An event of which nobody knows whether it was to start a workflow.
    #[must_use]
    pub fn of_filter(event_id: &str, unclear: &Unclear, at_ms: UnixMillis) -> Self {
        let next_step = format!("correct the filter with save_workflow, then send_event with replay: {event_id}");
        let failed = Self::plain(FailureKind::Event, event_id, ("expression", &unclear.reason, next_step), at_ms);
        Self { workflow: Some(unclear.workflow.clone()), ..failed }
    }

    /// An outcome that nobody took.
    #[must_use]
    pub fn of_callback(callback_id: &str, run: &RunId, reason: &str, (attempts, at_ms): (i64, UnixMillis)) -> Self {
        let next_step = format!("the outcome is in get_run {run}; have the receiver's address looked at");
        let failed = Self::plain(FailureKind::Callback, callback_id, ("upstream_rejected", reason, next_step), at_ms);
        Self { run: Some(run.clone()), ..failed.tried(attempts) }
    }

    /// A run that was due and could not be started; it is tried again by itself.
    #[must_use]
    pub fn of_schedule(workflow: &str, number: i64, (code, reason): (&str, &str), at_ms: UnixMillis) -> Self {
        let next_step = format!("it is tried again by itself; start_run {workflow} starts one now");
        let failed =
            Self::plain(FailureKind::Schedule, &schedule_subject(workflow, number), (code, reason, next_step), at_ms);
        Self { workflow: Some(workflow.to_owned()), ..failed }
    }

    /// A success tag that could not be set. The run has completed all the same.
    #[must_use]
    pub fn of_tag(
        run: &RunId,
        workflow: &str,
        (code, reason): (&str, &str),
        (attempts, at_ms): (i64, UnixMillis),
    ) -> Self {
        let next_step = "the run itself succeeded; reconcile sets the tag once the CRM answers".to_owned();
        let failed = Self::plain(FailureKind::Tag, &run.0, (code, reason, next_step), at_ms);
        Self { workflow: Some(workflow.to_owned()), run: Some(run.clone()), ..failed.tried(attempts) }
    }

    fn plain(kind: FailureKind, subject: &str, words: (&str, &str, String), at_ms: UnixMillis) -> Self {
        let (code, reason, next_step) = words;
        Self {
            kind,
            subject: subject.to_owned(),
            workflow: None,
            run: None,
            step: None,
            code: code.to_owned(),
            reason: one_line(reason, REASON_LENGTH_MAX),
            next_step,
            attempts: 1,
            state: FailureState::Open,
            at_ms,
        }
    }

    fn tried(self, attempts: i64) -> Self {
        Self { attempts, ..self }
    }

    /// The id of its row.
    #[must_use]
    pub fn id(&self) -> String {
        failure_id(self.kind, &self.subject)
    }

    /// What it has in common with others of the same cause: kind, workflow, step, code, and the reason without the
    /// numbers and ids that differ from one to the next. 16 hexadecimal digits.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let step = self.step.as_ref().map_or("", |step| step.0.as_str());
        let workflow = self.workflow.as_deref().unwrap_or_default();
        digest(&[self.kind.as_str(), workflow, step, &self.code, &without_particulars(&self.reason)], 16)
    }
}

/// What a schedule's failures are known by.
#[must_use]
pub fn schedule_subject(workflow: &str, number: i64) -> String {
    format!("{workflow}/{number}")
}

/// The id of the row of what failed: `fail_` and 32 hexadecimal digits.
#[must_use]
pub fn failure_id(kind: FailureKind, subject: &str) -> String {
    format!("fail_{}", digest(&[kind.as_str(), subject], 32))
}

/// What the event of an alert is the same by: one for each cause and span.
#[must_use]
pub fn alert_key(fingerprint: &str, window: i64) -> String {
    format!("{ALERT_KIND}/{fingerprint}/{window}")
}

/// Whether a run's key says that an alert has started it.
#[must_use]
pub fn is_started_by_alert(started_by: &str) -> bool {
    let rest = started_by.strip_prefix(crate::event::OWN_SOURCE).and_then(|rest| rest.strip_prefix('/'));
    rest.and_then(|rest| rest.strip_prefix(ALERT_KIND)).is_some_and(|rest| rest.starts_with('/'))
}

/// Calls give their error code as the detail; everything else has the DSL's type.
fn code(failure: &Failure) -> String {
    let is_code = |text: &&str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    let of_call = failure.detail.as_deref().filter(is_code);
    let of_type = failure.kind.rsplit('/').next().filter(|word| !word.is_empty());
    one_line(of_call.or(of_type).unwrap_or("unknown"), 40)
}

fn reason(failure: &Failure) -> String {
    let detail = failure.detail.as_deref().filter(|detail| *detail != code(failure));
    let text = match detail {
        Some(detail) => format!("{}: {detail}", failure.title),
        None => failure.title.clone(),
    };
    one_line(&text, REASON_LENGTH_MAX)
}

/// What to do, by what went wrong. Hints of others are no advice of ours: they stay in the trace.
fn next_step(failure: &Failure, run: &RunId) -> String {
    let again = match &failure.instance {
        Some(step) => format!("retry_run {run} from {}", step.0),
        None => format!("retry_run {run}"),
    };
    let missing = (code(failure) == "not_found").then(|| named(&failure.title, "server called ")).flatten();
    let kind = failure.kind.rsplit('/').next().unwrap_or_default();
    match (missing, kind, failure.status) {
        (Some(server), _, _) => format!("connect the server `{server}`, then {again}"),
        (None, "authentication", _) | (None, _, 401) => {
            format!("renew the credentials of what it called, then {again}")
        }
        (None, "authorization", _) if code(failure) == "approval_required" => {
            format!("approve the plan that it asked for, then {again}")
        }
        (None, "authorization", _) => {
            format!("somebody said no or the right is missing; with a yes or the right, {again}")
        }
        // Before its first step: nothing is there that could go on.
        (None, "validation", _) if failure.instance.is_none() => {
            "start it anew with an input that fits, or change `input.schema` with save_workflow".to_owned()
        }
        (None, "expression" | "validation" | "configuration", _) => {
            format!("correct the workflow with save_workflow and start_run anew, or {again} with another input")
        }
        (None, _, _) if failure.attempts.is_some_and(|_| failure.is_transient) => {
            format!("it was tried {} times; once its cause is over, {again}", failure.attempts.unwrap_or_default())
        }
        (None, "timeout", _) => format!("{again}; it took longer than it may"),
        (None, _, 429) => format!("wait until the limit is over, then {again}"),
        (None, _, 404) => format!("create what it looked for or change its input, then {again}"),
        (None, "communication", _) if failure.is_transient => format!("{again}; its cause may be over"),
        (None, _, _) => format!("get_run {run} shows what it was given; {again}, or skip the step"),
    }
}

/// The word in backticks behind some words.
fn named<'a>(text: &'a str, before: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(before)?;
    let name = rest.strip_prefix('`')?.split('`').next()?;
    (!name.is_empty() && name.len() <= 64 && name.bytes().all(|byte| byte.is_ascii_graphic())).then_some(name)
}

/// A reason with `#` in place of whatever has a digit in it, and of long words: numbers, instants, addresses, ids.
fn without_particulars(reason: &str) -> String {
    let mut plain = String::with_capacity(reason.len());
    for word in reason.split(|sign: char| sign.is_whitespace() || "\"'`()[]{},;:=".contains(sign)) {
        if word.is_empty() {
            continue;
        }
        let is_particular = word.len() > 24 || word.contains('@') || word.bytes().any(|byte| byte.is_ascii_digit());
        plain.push_str(if is_particular { "#" } else { word });
        plain.push(' ');
    }
    plain
}

fn digest(parts: &[&str], length: usize) -> String {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update(part.as_bytes());
        digest.update([0]);
    }
    let digest = hex::encode(digest.finalize());
    digest.get(..length).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests;
