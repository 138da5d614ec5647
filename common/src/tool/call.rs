//! What a tool is told about the call it serves.

use std::time::Duration;

use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::auth::Caller;
use crate::plan::PlanId;
use crate::tenant::TenantId;
use crate::tool::IdempotencyKey;
use crate::tool::approval::Answer;
use crate::tool::task::TaskLine;

/// Who calls, and how the call can be followed and stopped.
#[derive(Debug, Clone)]
pub struct Call {
    pub caller: Caller,
    /// Fires when the client has cancelled or gone, or the deadline has passed.
    pub cancel: CancellationToken,
    /// The whole time this call may take.
    pub deadline: Duration,
    pub progress: Progress,
    /// The W3C trace the call belongs to, as the client sent it (SEP-414).
    pub trace_id: Option<String>,
    /// By which the caller can repeat a change without making it twice; for vendors that know such keys too.
    pub idempotency_key: Option<IdempotencyKey>,
    /// The plan that the request names outside its arguments: a header, or `_meta`.
    pub approval: Option<PlanId>,
    /// What the person in front of the client said to a plan.
    pub answer: Option<Answer>,
    /// To the desk that carries it, where the call may become a task.
    pub(super) task: Option<TaskLine>,
}

impl Call {
    /// A call without progress reports.
    #[must_use]
    pub fn new(caller: Caller, cancel: CancellationToken, deadline: Duration) -> Self {
        Self {
            caller,
            cancel,
            deadline,
            progress: Progress::default(),
            trace_id: None,
            idempotency_key: None,
            approval: None,
            answer: None,
            task: None,
        }
    }

    /// The same call with its steps sent to `steps`.
    #[must_use]
    pub fn with_progress(mut self, steps: mpsc::Sender<ProgressStep>) -> Self {
        self.progress = Progress { steps: Some(steps) };
        self
    }

    /// The same call as part of a trace, if that is what the text names: it is written down, and comes from outside.
    #[must_use]
    pub fn with_trace(mut self, trace_id: Option<String>) -> Self {
        self.trace_id = trace_id.filter(|text| is_traceparent(text));
        self
    }

    /// The same call under a key.
    #[must_use]
    pub fn with_idempotency_key(mut self, key: Option<IdempotencyKey>) -> Self {
        self.idempotency_key = key;
        self
    }

    /// The same call as the one that a plan was made for.
    #[must_use]
    pub fn with_approval(mut self, approval: Option<PlanId>) -> Self {
        self.approval = approval;
        self
    }

    /// The same call with a person's answer.
    #[must_use]
    pub fn with_answer(mut self, answer: Option<Answer>) -> Self {
        self.answer = answer;
        self
    }

    /// Whether its client has been given a task, and does not wait for the answer itself.
    #[must_use]
    pub const fn is_task(&self) -> bool {
        self.task.is_some()
    }

    #[must_use]
    pub fn tenant(&self) -> &TenantId {
        self.caller.tenant()
    }
}

/// One report of how far a call has come.
#[derive(Debug, Clone, PartialEq)]
pub struct ProgressStep {
    pub done: u32,
    pub total: Option<u32>,
    /// One line for a person, in our words.
    pub message: String,
}

/// Where a tool reports its progress; silent unless the client asked for it.
#[derive(Debug, Clone, Default)]
pub struct Progress {
    steps: Option<mpsc::Sender<ProgressStep>>,
}

impl Progress {
    /// Whether anybody listens: what is costly to find out need not be told to nobody.
    #[must_use]
    pub const fn is_followed(&self) -> bool {
        self.steps.is_some()
    }

    /// Reports a step. Never waits: a step that a slow client has no room for is skipped.
    pub fn report(&self, done: u32, total: Option<u32>, message: impl Into<String>) {
        if let Some(steps) = &self.steps {
            drop(steps.try_send(ProgressStep { done, total, message: message.into() }));
        }
    }
}

/// Version, trace, span and flags in hexadecimal digits (W3C Trace Context, 3.2.2).
fn is_traceparent(text: &str) -> bool {
    let lengths: Vec<usize> = text.split('-').map(str::len).collect();
    lengths == [2, 32, 16, 2] && text.bytes().all(|byte| matches!(byte, b'-' | b'0'..=b'9' | b'a'..=b'f'))
}
