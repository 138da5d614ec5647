//! The one error of the workspace. Layers above translate into it at their face; it knows nobody above it.

mod wire;

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::plan::ProposedPlan;

pub(crate) use wire::WireError;

/// Result of every fallible function that can reach a caller.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why something could not be done, chosen by who must act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// The arguments are wrong: the caller corrects them.
    InvalidArgument,
    /// No valid identity: the caller authenticates.
    Unauthenticated,
    /// The identity may not do this: an administrator grants it.
    PermissionDenied,
    /// The tenant's licence does not cover this.
    EntitlementRequired,
    /// A person or policy has to say yes first.
    ApprovalRequired,
    /// Nothing of that name or id is visible to the caller.
    NotFound,
    /// The current state contradicts the request: read again, then retry.
    Conflict,
    /// Something has to be set up or changed before this can work.
    FailedPrecondition,
    /// Too many requests: wait.
    RateLimited,
    /// The vendor did not answer: try later.
    UpstreamUnavailable,
    /// The vendor understood and said no.
    UpstreamRejected,
    /// The time allowed ran out.
    DeadlineExceeded,
    /// Our fault: someone must look.
    Internal,
}

impl ErrorCode {
    /// The spelling on the wire, lower case with underscores.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidArgument => "invalid_argument",
            Self::Unauthenticated => "unauthenticated",
            Self::PermissionDenied => "permission_denied",
            Self::EntitlementRequired => "entitlement_required",
            Self::ApprovalRequired => "approval_required",
            Self::NotFound => "not_found",
            Self::Conflict => "conflict",
            Self::FailedPrecondition => "failed_precondition",
            Self::RateLimited => "rate_limited",
            Self::UpstreamUnavailable => "upstream_unavailable",
            Self::UpstreamRejected => "upstream_rejected",
            Self::DeadlineExceeded => "deadline_exceeded",
            Self::Internal => "internal",
        }
    }

    /// The HTTP status of the same failure (RFC 9110).
    #[must_use]
    pub const fn http_status(self) -> u16 {
        match self {
            Self::InvalidArgument => 400,
            Self::Unauthenticated => 401,
            Self::EntitlementRequired => 402,
            Self::PermissionDenied | Self::ApprovalRequired => 403,
            Self::NotFound => 404,
            Self::Conflict => 409,
            Self::FailedPrecondition => 412,
            Self::RateLimited => 429,
            Self::Internal => 500,
            Self::UpstreamRejected => 502,
            Self::UpstreamUnavailable => 503,
            Self::DeadlineExceeded => 504,
        }
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// One fault in the arguments: where, what is wrong, what would be right.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// JSON Pointer (RFC 6901) into the arguments; empty for the whole.
    pub field: String,
    /// What is wrong. Never repeats the value, which may be secret.
    pub problem: String,
    /// The form that is accepted.
    pub expected: String,
    /// A value that would be accepted, as JSON.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub example: Option<String>,
}

impl Fault {
    /// What is wrong with an argument that stands at the top, by its name; the example is JSON.
    pub fn of_argument(
        field: &str,
        problem: impl Into<String>,
        expected: impl Into<String>,
        example: Option<&str>,
    ) -> Self {
        Self {
            field: format!("/{field}"),
            problem: problem.into(),
            expected: expected.into(),
            example: example.map(str::to_owned),
        }
    }
}

/// One of several things that a name could mean.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    pub id: String,
    pub name: String,
}

/// Whether a change whose answer was lost has been made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LostChange {
    /// Nobody can tell.
    OutcomeUnknown,
    /// It was looked for, and is not there.
    NotMade,
}

/// What the other side of a call said, in its own words: data, never instructions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutsideWords {
    /// One line, bounded.
    pub untrusted: String,
    /// Whose words they are.
    pub source: String,
}

/// The machine-readable part of an error; empty parts are left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ErrorDetails {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<Fault>,
    /// What an ambiguous or unknown name could have meant.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub candidates: Vec<Candidate>,
    /// The vendor's own handle for its support, as it sent it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vendor_trace_id: Option<String>,
    /// What became of a change whose answer was lost.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lost_change: Option<LostChange>,
    /// What the other side said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub said: Option<OutsideWords>,
    /// The plan that somebody has to say yes to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plan: Option<Box<ProposedPlan>>,
}

impl ErrorDetails {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// What happened, in our words, and what to do next.
///
/// `message` and `hint` reach the caller: lower case, no full stop, no secret, no vendor text. The source stays in the log.
pub struct Error {
    inner: Box<Inner>,
}

struct Inner {
    code: ErrorCode,
    message: String,
    hint: Option<String>,
    retry_after: Option<Duration>,
    details: ErrorDetails,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Error {
    /// An error with a code and a sentence for the caller.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        let inner = Inner {
            code,
            message: message.into(),
            hint: None,
            retry_after: None,
            details: ErrorDetails::default(),
            source: None,
        };
        Self { inner: Box::new(inner) }
    }

    /// Our own fault, with its cause for the log.
    pub fn internal(message: impl Into<String>, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::new(ErrorCode::Internal, message).with_source(source)
    }

    /// One wrong argument.
    pub fn invalid_argument(
        field: &str,
        problem: impl Into<String>,
        expected: impl Into<String>,
        example: Option<&str>,
    ) -> Self {
        Self::invalid_arguments(vec![Fault::of_argument(field, problem, expected, example)])
    }

    /// All wrong arguments at once; the message names the first.
    pub fn invalid_arguments(faults: Vec<Fault>) -> Self {
        let message = match faults.as_slice() {
            [] => "the arguments are not valid".to_owned(),
            [fault] => format!("`{}`: {}, expected {}", fault.field, fault.problem, fault.expected),
            [first, rest @ ..] => {
                format!("`{}`: {}, expected {} (and {} more)", first.field, first.problem, first.expected, rest.len())
            }
        };
        let mut error = Self::new(ErrorCode::InvalidArgument, message);
        error.inner.details.faults = faults;
        error
    }

    /// What to do next, as a sentence without a full stop.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.inner.hint = Some(hint.into());
        self
    }

    /// How long to wait before the same request can succeed.
    #[must_use]
    pub fn with_retry_after(mut self, retry_after: Duration) -> Self {
        self.inner.retry_after = Some(retry_after);
        self
    }

    /// What an ambiguous or unknown name could have meant.
    #[must_use]
    pub fn with_candidates(mut self, candidates: Vec<Candidate>) -> Self {
        self.inner.details.candidates = candidates;
        self
    }

    /// The vendor's trace id.
    #[must_use]
    pub fn with_vendor_trace_id(mut self, trace_id: Option<String>) -> Self {
        self.inner.details.vendor_trace_id = trace_id;
        self
    }

    /// What became of the change whose answer was lost.
    #[must_use]
    pub fn with_lost_change(mut self, lost_change: LostChange) -> Self {
        self.inner.details.lost_change = Some(lost_change);
        self
    }

    /// What the other side said, made one bounded line by whoever passes it on.
    #[must_use]
    pub fn with_said(mut self, said: OutsideWords) -> Self {
        self.inner.details.said = Some(said);
        self
    }

    /// The plan that somebody has to say yes to.
    #[must_use]
    pub fn with_plan(mut self, plan: ProposedPlan) -> Self {
        self.inner.details.plan = Some(Box::new(plan));
        self
    }

    /// The cause, for the log only.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.inner.source = Some(source.into());
        self
    }

    #[must_use]
    pub fn code(&self) -> ErrorCode {
        self.inner.code
    }

    #[must_use]
    pub fn message(&self) -> &str {
        &self.inner.message
    }

    #[must_use]
    pub fn hint(&self) -> Option<&str> {
        self.inner.hint.as_deref()
    }

    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.inner.retry_after
    }

    /// Whether a change may have been made in spite of this error.
    #[must_use]
    pub fn is_outcome_unknown(&self) -> bool {
        self.inner.details.lost_change == Some(LostChange::OutcomeUnknown)
    }

    #[must_use]
    pub fn details(&self) -> &ErrorDetails {
        &self.inner.details
    }

    /// The cause in its own words, for the log only.
    #[must_use]
    pub fn cause(&self) -> Option<String> {
        self.inner.source.as_ref().map(ToString::to_string)
    }

    /// The body that every face (tool result, REST) shows: `{code, message, hint?, retry_after_ms?, details?}`.
    #[must_use]
    pub fn body(&self) -> ErrorBody<'_> {
        ErrorBody {
            code: self.inner.code,
            message: &self.inner.message,
            hint: self.hint(),
            retry_after_ms: self.retry_after().map(|wait| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX)),
            details: Some(&self.inner.details).filter(|details| !details.is_empty()),
        }
    }
}

/// The public half of an [`Error`].
#[derive(Debug, Serialize)]
pub struct ErrorBody<'a> {
    pub code: ErrorCode,
    pub message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub details: Option<&'a ErrorDetails>,
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.inner.code, self.inner.message)?;
        match &self.inner.hint {
            Some(hint) => write!(formatter, " ({hint})"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Error")
            .field("code", &self.inner.code)
            .field("message", &self.inner.message)
            .field("hint", &self.inner.hint)
            .field("details", &self.inner.details)
            .field("source", &self.inner.source)
            .finish_non_exhaustive()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match &self.inner.source {
            Some(source) => Some(source.as_ref()),
            None => None,
        }
    }
}
