//! One event: what the caller hands over, and the row it becomes.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde::Serialize;
use uuid::Uuid;

use super::ArgumentsDigest;
use crate::auth::Caller;
use crate::clock::UnixMillis;
use crate::error::{Error, ErrorCode};
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
}

/// UUIDv7 (RFC 9562) from our clock. Its randomness has to make it unique, not unpredictable.
pub(super) fn time_ordered_uuid(at_ms: UnixMillis) -> Uuid {
    let mut random = [0; 10];
    fastrand::fill(&mut random);
    uuid::Builder::from_unix_timestamp_millis(u64::try_from(at_ms).unwrap_or(0), &random).into_uuid()
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
}

/// The spelling of a checkpoint in [`Record::kind`].
pub(super) const CHECKPOINT: &str = "checkpoint";
/// The spelling of an intent in [`Record::kind`].
pub(super) const INTENT: &str = "intent";
/// The spelling of an outcome in [`Record::kind`].
pub(super) const OUTCOME: &str = "outcome";

/// An event as its row holds it, apart from its place in the chain and its hash.
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
}

impl Entry {
    pub(super) fn tenant(&self) -> &TenantId {
        self.caller.tenant()
    }

    pub(super) fn into_record(self) -> Record {
        let Self { caller, event_id, at_ms, kind } = self;
        let record = Record {
            event_id: event_id.to_string(),
            at_ms,
            subject: bounded(caller.subject().to_owned()),
            ..Record::default()
        };
        match kind {
            Kind::Intent { call } => record.with_call(INTENT, call),
            Kind::Outcome { intent, ending } => {
                Record { kind: OUTCOME.into(), intent_id: Some(intent.to_string()), ..record }.with_ending(ending)
            }
            Kind::Read { call, ending } => record.with_call("read", call).with_ending(ending),
            Kind::Refusal { call, ending } => record.with_call("refusal", call).with_ending(ending),
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
            ..Self::default()
        }
    }

    fn with_call(self, kind: &'static str, call: Call) -> Self {
        Self {
            kind: kind.into(),
            tool: match call.tool {
                Cow::Borrowed(ours) => ours.into(),
                Cow::Owned(from_outside) => bounded(from_outside).into(),
            },
            access: call.access.as_str().into(),
            arguments_digest: Some(call.arguments.to_string()),
            location_id: call.location.map(bounded),
            trace_id: call.trace_id.map(bounded),
            ..self
        }
    }

    fn with_ending(self, ending: Ending) -> Self {
        Self {
            code: Some(ending.code.map_or("ok", ErrorCode::as_str).into()),
            duration_ms: Some(i64::try_from(ending.duration_ms).unwrap_or(i64::MAX)),
            vendor_trace_id: ending.vendor_trace_id.map(bounded),
            ..self
        }
    }
}

/// Longest id kept, in bytes.
const ID_LENGTH_MAX: usize = 256;

/// An id from outside, shortened, and without the control characters among which PostgreSQL refuses NUL: one such
/// event would hold up all others.
fn bounded(mut id: String) -> String {
    id.retain(|character| !character.is_control());
    id.truncate(id.floor_char_boundary(ID_LENGTH_MAX));
    id
}
