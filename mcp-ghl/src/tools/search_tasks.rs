//! Tasks of all contacts of a location, by whose they are, when they are due and whether they are done.

use std::collections::HashMap;

use common::error::{Error, ErrorCode, Result};
use common::page::Page;
use common::tool::{Access, Call, Tool};
use futures_util::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::answer::task::TaskAnswer;
use crate::answer::{LocationAnswer, RecordRef};
use crate::client::{Site, TaskQuery};
use crate::cursor::{Position, Question, not_ours};
use crate::deps::Deps;
use crate::record_id::RecordId;
use crate::references;
use crate::task::FoundTask;
use crate::tools::toolset;

pub(crate) struct SearchTasks;

/// Tasks asked for at once.
const PAGE: u32 = 100;

/// Most tasks looked at in one call: the vendor knows no due dates here, so that they are held against them afterwards.
const LOOKED_AT_MAX: usize = 500;

/// Contacts read at once, for their names.
const NAMES_AT_ONCE: usize = 6;

#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Name or id.
    location: Option<String>,
    /// Words in the title.
    #[schemars(length(min = 1, max = 75))]
    query: Option<String>,
    /// User name, email or id.
    owner: Option<String>,
    /// Id, email, phone or name.
    contact: Option<String>,
    /// Which ones; default open.
    #[serde(default)]
    status: Status,
    /// Local date or time, or RFC 3339.
    due_after: Option<String>,
    /// The same.
    due_before: Option<String>,
    /// Rows per page.
    #[serde(default = "default_limit")]
    #[schemars(range(min = 1, max = 100))]
    limit: u32,
    /// From `next_cursor`.
    cursor: Option<String>,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    #[default]
    Open,
    Overdue,
    Completed,
    All,
}

const fn default_limit() -> u32 {
    20
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    /// Where it is.
    location: LocationAnswer,
    #[serde(flatten)]
    page: Page<Row>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Row {
    #[serde(flatten)]
    task: TaskAnswer,
    /// Whom it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    contact: Option<RecordRef>,
    /// Present and true if it should have been done.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    overdue: bool,
}

impl Tool for SearchTasks {
    type Deps = Deps;
    type Args = Args;
    type Output = Output;

    const NAME: &'static str = "search_tasks";
    const TITLE: &'static str = "Search tasks";
    const DESCRIPTION: &'static str = "Tasks of all contacts by owner, due date and status.";
    const ACCESS: Access = Access::Read;
    const TOOLSET: &'static str = toolset::CONTACTS;

    async fn call(deps: &Deps, call: &Call, mut args: Args) -> Result<Output> {
        let cursor = args.cursor.take();
        let site = deps.directory.site(call, args.location.as_deref()).await?;
        let zone = site.zone();
        let now = Timestamp::from_millisecond(deps.clock.now_ms())
            .map_err(|source| Error::internal("the clock is out of range", source))?;
        let due = Due::read(&args, now, zone.as_ref())?;
        let question = Question::of(&(Self::NAME, call.tenant(), &site.location.id, &args))?;
        let position = cursor.map(|cursor| question.position(&cursor)).transpose()?;
        let query = TaskQuery {
            contact_id: match &args.contact {
                Some(text) => Some(references::contact(deps, &site, text).await?.id),
                None => None,
            },
            owner_id: match &args.owner {
                Some(text) => Some(deps.directory.owner(&site, text).await?),
                None => None,
            },
            is_completed: match args.status {
                Status::Open | Status::Overdue => Some(false),
                Status::Completed => Some(true),
                Status::All => None,
            },
            text: args.query,
        };
        let wanted = usize::try_from(args.limit).unwrap_or(usize::MAX);
        let (mut found, next) = look_through(deps, &site, &query, due, (position, wanted)).await?;
        found.sort_by_key(|found| found.task.due_at.unwrap_or(Timestamp::MAX));
        let names = names(deps, &site, &found).await?;
        let users = deps.directory.users_naming(&site, found.iter().map(|found| found.task.owner_id.as_ref())).await?;
        let row = |found: &FoundTask| Row {
            task: TaskAnswer::of(&found.task, zone.as_ref(), (*users).as_deref()),
            contact: found
                .contact_id
                .as_ref()
                .map(|id| RecordRef::new(id, names.get(id).map_or(id.as_str(), String::as_str))),
            overdue: !found.task.is_completed && found.task.due_at.is_some_and(|due_at| due_at < now),
        };
        let items = found.iter().map(row).collect();
        let next_cursor = next.map(|position| question.cursor(position)).transpose()?;
        Ok(Output { location: LocationAnswer::of(&site), page: Page { items, next_cursor } })
    }
}

/// When tasks have to be due; a task without a date is due at no time.
#[derive(Debug, Clone, Copy, Default)]
struct Due {
    after: Option<Timestamp>,
    before: Option<Timestamp>,
}

impl Due {
    fn read(args: &Args, now: Timestamp, zone: Option<&TimeZone>) -> Result<Self> {
        let mut faults = Vec::new();
        let mut moment = |field, text: &Option<String>| {
            let moment = references::moment(field, text.as_deref()?, zone);
            moment.map_err(|fault| faults.push(fault)).ok()
        };
        let (after, before) = (moment("due_after", &args.due_after), moment("due_before", &args.due_before));
        if !faults.is_empty() {
            return Err(Error::invalid_arguments(faults));
        }
        let zone = zone.cloned().unwrap_or(TimeZone::UTC);
        let before = before.and_then(|moment| moment.last(&zone));
        let now_at_latest = before.map_or(now, |before| before.min(now));
        Ok(Self {
            after: after.and_then(|moment| moment.first(&zone)),
            before: if args.status == Status::Overdue { Some(now_at_latest) } else { before },
        })
    }

    fn holds(self, found: &FoundTask) -> bool {
        let Some(due_at) = found.task.due_at else { return self.after.is_none() && self.before.is_none() };
        self.after.is_none_or(|after| due_at >= after) && self.before.is_none_or(|before| due_at <= before)
    }
}

/// Tasks that are due so, and where the list goes on. A page may hold fewer than asked for, or none, and still go on.
async fn look_through(
    deps: &Deps,
    site: &Site,
    query: &TaskQuery,
    due: Due,
    (position, wanted): (Option<Position>, usize),
) -> Result<(Vec<FoundTask>, Option<Position>)> {
    let mut skipped = match position {
        None => 0,
        Some(Position::Skip(skipped)) => skipped,
        Some(Position::After(_) | Position::Page(_)) => return Err(not_ours()),
    };
    let mut found = Vec::new();
    let mut looked_at = 0;
    loop {
        let slice = deps.client.search_tasks(site, query, Some(&Position::Skip(skipped)), PAGE).await?;
        for (number, task) in slice.records.iter().enumerate() {
            if found.len() >= wanted {
                return Ok((found, Some(Position::Skip(skipped.saturating_add(number)))));
            }
            if due.holds(task) {
                found.push(task.clone());
            }
        }
        looked_at += slice.records.len();
        let Some(Position::Skip(next)) = slice.next else { return Ok((found, None)) };
        skipped = next;
        if looked_at >= LOOKED_AT_MAX {
            return Ok((found, Some(Position::Skip(skipped))));
        }
    }
}

/// What the contacts are called; those that are gone have no name.
async fn names(deps: &Deps, site: &Site, found: &[FoundTask]) -> Result<HashMap<RecordId, String>> {
    let mut ids: Vec<RecordId> = found.iter().filter_map(|found| found.contact_id.clone()).collect();
    ids.sort_unstable();
    ids.dedup();
    let name = async |id: RecordId| match deps.client.contact(site, &id).await {
        Err(error) if matches!(error.code(), ErrorCode::NotFound | ErrorCode::PermissionDenied) => Ok(None),
        read => read.map(|contact| Some((id, contact.label().to_owned()))),
    };
    let named: Vec<Option<(RecordId, String)>> =
        stream::iter(ids).map(name).buffered(NAMES_AT_ONCE).try_collect().await?;
    Ok(named.into_iter().flatten().collect())
}
