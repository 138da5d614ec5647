//! One event: what the caller hands over, and the row it becomes.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde::Serialize;
use uuid::Uuid;

use super::ArgumentsDigest;
use crate::auth::Caller;
use crate::clock::{UnixMillis, time_ordered_uuid};
use crate::error::{Error, ErrorCode};
use crate::plan::PlanId;
use crate::tenant::TenantId;

/// What a tool may do to the world.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Access {
    /// Changes nothing.
    Read,
    /// Changes records.
    Write,
    /// Reaches a person.
    Send,
    /// Removes what cannot be brought back.
    Destroy,
    /// Costs money.
    Spend,
}

impl Access {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Send => "send",
            Self::Destroy => "destroy",
            Self::Spend => "spend",
        }
    }

    /// The class of that spelling.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Read, Self::Write, Self::Send, Self::Destroy, Self::Spend]
            .into_iter()
            .find(|access| access.as_str() == text)
    }

    /// Whether the world is as before after the call.
    #[must_use]
    pub const fn is_read(self) -> bool {
        matches!(self, Self::Read)
    }
}

/// What was called. Holds no argument, only their digest.
#[derive(Debug, Clone)]
pub struct Call {
    pub tool: Cow<'static, str>,
    pub access: Access,
    pub arguments: ArgumentsDigest,
    /// The GoHighLevel sub-account or other place the call is about.
    pub location: Option<String>,
    /// The request's trace or request id.
    pub trace_id: Option<String>,
    /// The plan that it asks for, or was approved by.
    pub plan: Option<PlanId>,
}

/// What a person said to a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    Approved,
    Refused,
}

impl Decision {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::Refused => "refused",
        }
    }
}

impl Call {
    /// A call about no place, in no trace and by no plan.
    #[must_use]
    pub fn new(tool: impl Into<Cow<'static, str>>, access: Access, arguments: ArgumentsDigest) -> Self {
        Self { tool: tool.into(), access, arguments, location: None, trace_id: None, plan: None }
    }
}

/// How a call ended.
#[derive(Debug, Clone, Default)]
pub struct Ending {
    /// Absent means that it succeeded.
    pub code: Option<ErrorCode>,
    pub duration_ms: u64,
    /// The vendor's own handle for its support.
    pub vendor_trace_id: Option<String>,
}

/// How an intent ended.
#[derive(Debug, Clone)]
pub struct Outcome {
    pub intent: EventId,
    pub ending: Ending,
}

/// The id of an event, `evt_` and a UUIDv7.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EventId(Uuid);

impl EventId {
    pub(super) fn at(at_ms: UnixMillis) -> Self {
        Self(time_ordered_uuid(at_ms))
    }

    /// When it was made.
    pub(super) fn at_ms(self) -> UnixMillis {
        let (seconds, nanos) = self.0.get_timestamp().map_or((0, 0), |instant| instant.to_unix());
        i64::try_from(seconds).unwrap_or(i64::MAX).saturating_mul(1_000).saturating_add(i64::from(nanos / 1_000_000))
    }
}

impl fmt::Display for EventId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "evt_{}", self.0)
    }
}

impl FromStr for EventId {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        text.strip_prefix("evt_").and_then(|id| Uuid::parse_str(id).ok()).map(Self).ok_or_else(|| {
            Error::invalid_argument(
                "event_id",
                "is not an event id",
                "`evt_` and a UUID",
                Some("\"evt_01999999-9999-7999-8999-999999999999\""),
            )
        })
    }
}

impl Serialize for EventId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// An event on its way to the writer. Small and without text of its own where possible: it costs the calling task.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) caller: Caller,
    pub(super) event_id: EventId,
    pub(super) at_ms: UnixMillis,
    pub(super) kind: Kind,
}

#[derive(Debug)]
pub(super) enum Kind {
    Intent { call: Call },
    Outcome { intent: EventId, ending: Ending },
    Read { call: Call, ending: Ending },
    Refusal { call: Call, ending: Ending },
    Decision { call: Call, decision: Decision },
}

/// The spelling of a checkpoint in [`Record::kind`].
pub(super) const CHECKPOINT: &str = "checkpoint";
/// The spelling of an intent in [`Record::kind`].
pub(super) const INTENT: &str = "intent";
/// The spelling of an outcome in [`Record::kind`].
pub(super) const OUTCOME: &str = "outcome";
/// The spelling of reads in [`Record::kind`].
pub(super) const READ: &str = "read";

/// An event, or several reads, as a row holds them, apart from their place in the chain and their hash.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) event_id: String,
    pub(super) at_ms: UnixMillis,
    pub(super) kind: Cow<'static, str>,
    pub(super) subject: String,
    pub(super) tool: Cow<'static, str>,
    pub(super) access: Cow<'static, str>,
    pub(super) arguments_digest: Option<String>,
    pub(super) location_id: Option<String>,
    pub(super) trace_id: Option<String>,
    pub(super) intent_id: Option<String>,
    pub(super) code: Option<Cow<'static, str>>,
    pub(super) duration_ms: Option<i64>,
    pub(super) vendor_trace_id: Option<String>,
    /// How many calls the row stands for.
    pub(super) calls: i64,
    /// Of reads: the calls one by one, as JSON. Of others that are about a plan: an object with its `plan_id`.
    pub(super) details: Option<String>,
}

impl Entry {
    pub(super) fn tenant(&self) -> &TenantId {
        self.caller.tenant()
    }

    /// The event as a row of its own; of a read, only what it shares with the other reads of its row.
    pub(super) fn record(&self) -> Record {
        let record = Record {
            event_id: self.event_id.to_string(),
            at_ms: self.at_ms,
            subject: bounded(self.caller.subject()).into_owned(),
            calls: 1,
            ..Record::default()
        };
        match &self.kind {
            Kind::Intent { call } => record.with_call(INTENT, call),
            Kind::Outcome { intent, ending } => {
                Record { kind: OUTCOME.into(), intent_id: Some(intent.to_string()), ..record }.with_ending(ending)
            }
            Kind::Read { call, ending } => Record { code: Some(code(ending)), ..record.of_tool(READ, call) },
            Kind::Refusal { call, ending } => record.with_call("refusal", call).with_ending(ending),
            // The kind is the decision: who said yes can be found without knowing what else is in a row.
            Kind::Decision { call, decision } => record.with_call(decision.as_str(), call),
        }
    }
}

impl Record {
    /// The event that names the last events of other chains; `digest` covers them.
    pub(super) fn checkpoint(at_ms: UnixMillis, digest: String) -> Self {
        Self {
            event_id: EventId::at(at_ms).to_string(),
            at_ms,
            kind: CHECKPOINT.into(),
            arguments_digest: Some(digest),
            calls: 1,
            ..Self::default()
        }
    }

    fn of_tool(self, kind: &'static str, call: &Call) -> Self {
        let tool = match &call.tool {
            Cow::Borrowed(ours) => Cow::Borrowed(*ours),
            Cow::Owned(from_outside) => Cow::Owned(bounded(from_outside).into_owned()),
        };
        Self { kind: kind.into(), tool, access: call.access.as_str().into(), ..self }
    }

    fn with_call(self, kind: &'static str, call: &Call) -> Self {
        Self {
            arguments_digest: Some(call.arguments.to_string()),
            location_id: bounded_id(call.location.as_deref()),
            trace_id: bounded_id(call.trace_id.as_deref()),
            details: call.plan.map(|plan| format!("{{\"plan_id\":\"{plan}\"}}")),
            ..self.of_tool(kind, call)
        }
    }

    fn with_ending(self, ending: &Ending) -> Self {
        Self {
            code: Some(code(ending)),
            duration_ms: Some(i64::try_from(ending.duration_ms).unwrap_or(i64::MAX)),
            vendor_trace_id: bounded_id(ending.vendor_trace_id.as_deref()),
            ..self
        }
    }
}

fn code(ending: &Ending) -> Cow<'static, str> {
    ending.code.map_or("ok", ErrorCode::as_str).into()
}

fn bounded_id(id: Option<&str>) -> Option<String> {
    id.map(|id| bounded(id).into_owned())
}

/// Longest id kept, in bytes.
const ID_LENGTH_MAX: usize = 256;

/// An id from outside, shortened, and without the control characters among which PostgreSQL refuses NUL: one such
/// event would hold up all others.
pub(super) fn bounded(id: &str) -> Cow<'_, str> {
    if id.len() <= ID_LENGTH_MAX && !id.contains(char::is_control) {
        return Cow::Borrowed(id);
    }
    let mut id = id.replace(char::is_control, "");
    id.truncate(id.floor_char_boundary(ID_LENGTH_MAX));
    Cow::Owned(id)
}
