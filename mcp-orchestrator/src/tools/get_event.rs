//! Shows one event: its content, and what it led to.

use common::error::{Error, ErrorCode, Result};
use common::tool::{Access, Call, Tool, Untrusted, UntrustedData};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::deps::Deps;
use crate::event::{EventState, StartedRun};
use crate::store::events;
use crate::tools::{instant, toolset};

pub(crate) struct GetEvent;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Its id.
    event: String,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    /// Its own.
    id: String,
    /// RFC 3339.
    at: String,
    /// Name of the source.
    source: String,
    #[serde(rename = "type")]
    kind: Untrusted,
    /// The sender's own id, or a digest of the content: a second one of it is not stored.
    key: Untrusted,
    state: EventState,
    /// The runs that it started.
    started: Vec<StartedRun>,
    /// How many waiting runs took it.
    delivered: usize,
    /// RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    routed_at: Option<String>,
    /// Why it could not be routed, and when it is tried again.
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<Problem>,
    data: UntrustedData,
}

/// What kept an event from the workflows.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Problem {
    /// What went wrong.
    reason: String,
    /// How often it was tried.
    attempts: i64,
    /// RFC 3339; absent: `send_event` replays it.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_attempt_at: Option<String>,
}

impl Tool for GetEvent {
    type Deps = Deps;
    type Args = Args;
    type Output = Output;

    const NAME: &'static str = "get_event";
    const TITLE: &'static str = "Get event";
    const DESCRIPTION: &'static str =
        "One event with its content, the runs that it started (get_run has their trace), and what went wrong.";
    const ACCESS: Access = Access::Read;
    const TOOLSET: &'static str = toolset::EVENTS;
    const IS_OPEN_WORLD: bool = false;

    async fn call(deps: &Deps, call: &Call, args: Args) -> Result<Output> {
        let stored = events::find(deps.inbox.db(), call.tenant(), &args.event).await?;
        let stored = stored.ok_or_else(|| {
            Error::new(ErrorCode::NotFound, "there is no event of that id").with_hint("list_events has the ids")
        })?;
        let event = stored.event();
        let outcome = stored.outcome.unwrap_or_default();
        let next_attempt_at = (stored.state == EventState::New).then(|| instant(stored.due_ms));
        let problem = stored.reason.map(|reason| Problem { reason, attempts: stored.attempts, next_attempt_at });
        Ok(Output {
            id: event.event_id,
            at: instant(event.received_ms),
            source: event.source,
            kind: Untrusted::new(event.kind, "event"),
            key: Untrusted::new(event.dedupe_key, "event"),
            state: stored.state,
            started: outcome.started,
            delivered: outcome.delivered,
            routed_at: stored.routed_ms.map(instant),
            problem,
            data: UntrustedData::new(event.data, "event"),
        })
    }
}
