//! Lists what came in, newest first.

use common::error::Result;
use common::page::Page;
use common::tool::{Access, Call, Tool, one_line};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::cursor::{behind, cursor};
use crate::deps::Deps;
use crate::event::EventState;
use crate::store::events::{self, Filter, Stored};
use crate::tools::{instant, toolset};

pub(crate) struct ListEvents;

/// Longest name shown, in characters.
const NAME_LENGTH_MAX: usize = 80;

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Name of the source.
    source: Option<String>,
    /// What happened.
    #[serde(rename = "type")]
    kind: Option<String>,
    /// How far it has come.
    state: Option<EventState>,
    /// From `next_cursor`.
    #[serde(skip_serializing)]
    cursor: Option<String>,
    /// Most rows.
    #[serde(default = "limit")]
    #[schemars(range(min = 1, max = 100))]
    limit: u32,
}

fn limit() -> u32 {
    20
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    #[serde(flatten)]
    page: Page<EventRow>,
}

/// An event without its content.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct EventRow {
    /// For `get_event`.
    id: String,
    /// RFC 3339.
    at: String,
    /// Name of the source.
    source: String,
    /// What happened.
    #[serde(rename = "type")]
    kind: String,
    state: EventState,
    /// How many runs it has started.
    started: usize,
    /// How many waiting runs took it.
    delivered: usize,
}

impl EventRow {
    fn of(stored: &Stored) -> Self {
        let outcome = stored.outcome.clone().unwrap_or_default();
        Self {
            id: stored.event_id.clone(),
            at: instant(stored.received_ms),
            source: stored.source.clone(),
            kind: one_line(&stored.kind, NAME_LENGTH_MAX),
            state: stored.state,
            started: outcome.started.len(),
            delivered: outcome.delivered,
        }
    }
}

impl Tool for ListEvents {
    type Deps = Deps;
    type Args = Args;
    type Output = Output;

    const NAME: &'static str = "list_events";
    const TITLE: &'static str = "List events";
    const DESCRIPTION: &'static str =
        "Events that came in, newest first: from where, what, and whether workflows took them. get_event shows one.";
    const ACCESS: Access = Access::Read;
    const TOOLSET: &'static str = toolset::EVENTS;
    const IS_OPEN_WORLD: bool = false;

    async fn call(deps: &Deps, call: &Call, mut args: Args) -> Result<Output> {
        let given = args.cursor.take();
        let asked = (Self::NAME, call.tenant(), &args);
        let before = given.map(|given| behind(&asked, &given)).transpose()?;
        let filter = Filter { source: args.source.clone(), kind: args.kind.clone(), state: args.state, before };
        // One more than is shown says whether there is another page.
        let limit = i64::from(args.limit).saturating_add(1);
        let mut found = events::list(deps.inbox.db(), call.tenant(), &filter, limit).await?;
        let shown = usize::try_from(args.limit).unwrap_or(usize::MAX);
        let has_more = found.len() > shown;
        found.truncate(shown);
        let last = found.last().filter(|_| has_more);
        let next_cursor = last.map(|last| cursor(&asked, &last.event_id)).transpose()?;
        Ok(Output { page: Page { items: found.iter().map(EventRow::of).collect(), next_cursor } })
    }
}
