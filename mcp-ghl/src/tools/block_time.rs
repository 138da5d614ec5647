//! Blocks a time of a calendar or a person, so that nobody is booked into it.

use common::error::{Error, Fault, Result};
use common::tool::{Access, Call, Tool};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::answer::appointment::{AppointmentRow, BlockedRow, CalendarNames};
use crate::answer::{LocationAnswer, calendars_link};
use crate::calendar::BlockedTime;
use crate::client::{may_have_happened, reversals};
use crate::deps::Deps;
use crate::journal::ChangeId;
use crate::references;
use crate::references::blocking::Blocking;
use crate::tools::toolset;

pub(crate) struct BlockTime;

/// Longest blocked time, in hours.
const HOURS_MAX: i64 = 93 * 24;

/// Most appointments shown that stand in a blocked time.
const APPOINTMENTS_MAX: usize = 10;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Name or id.
    location: Option<String>,
    /// Name or id; or `owner`.
    calendar: Option<String>,
    /// User name, email or id.
    owner: Option<String>,
    /// Local day or time.
    from: String,
    /// A day counts whole.
    to: String,
    /// Why, for the team.
    #[schemars(length(min = 1, max = 200))]
    title: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    /// Where it is.
    location: LocationAnswer,
    /// What cannot be booked.
    blocked: BlockedRow,
    /// False if it was blocked already.
    created: bool,
    /// Appointments that begin in it, at most 10: they stay as they are.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    appointments: Vec<AppointmentRow>,
    /// Where a person sees the calendars.
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<String>,
    /// For `undo_change`.
    #[serde(skip_serializing_if = "Option::is_none")]
    change_id: Option<ChangeId>,
}

impl Tool for BlockTime {
    type Deps = Deps;
    type Args = Args;
    type Output = Output;

    const NAME: &'static str = "block_time";
    const TITLE: &'static str = "Block time";
    const DESCRIPTION: &'static str =
        "Keep a person or a calendar from being booked for some hours or days; names the appointments already in it.";
    const ACCESS: Access = Access::Write;
    const TOOLSET: &'static str = toolset::CALENDAR;
    const IS_IDEMPOTENT: bool = true;

    async fn call(deps: &Deps, call: &Call, args: Args) -> Result<Output> {
        let owner_or_calendar = (args.calendar.as_deref(), args.owner.as_deref());
        let blocking = Blocking::of(deps, call, args.location.as_deref(), owner_or_calendar).await?;
        let span = span(&args, &blocking)?;
        let there = blocking.found(deps, span).await?;
        let same = there.into_iter().find(|blocked| is_over(blocked, span));
        let created = same.is_none();
        let (blocked, change_id) = if let Some(blocked) = same {
            (blocked, None)
        } else {
            let blocked = block(deps, &blocking, span, args.title.as_deref()).await?;
            let undo = reversals::blocking(&blocking.site, &blocking.whose, &blocked);
            let change_id = blocking.note(deps, call, (Self::NAME, "blocked"), (&blocked, undo)).await;
            (blocked, change_id)
        };
        let mut inside = deps.client.events(&blocking.site, &blocking.whose, span).await?;
        inside.retain(|appointment| !appointment.is_off() && appointment.starts_at != Some(span.1));
        inside.sort_by_key(|appointment| appointment.starts_at);
        let users = deps.directory.users(&blocking.site).await?;
        let zone = blocking.site.zone();
        let names = CalendarNames { zone: zone.as_ref(), calendars: &blocking.calendars, users: (*users).as_deref() };
        let rows = inside.iter().take(APPOINTMENTS_MAX);
        Ok(Output {
            location: LocationAnswer::of(&blocking.site),
            blocked: BlockedRow::of(&blocked, names),
            created,
            appointments: rows.map(|appointment| AppointmentRow::of(appointment, names)).collect(),
            link: calendars_link(&blocking.site),
            change_id,
        })
    }
}

/// Blocks it once. Before it is reported as failed, the blocked time is looked for.
async fn block(
    deps: &Deps,
    blocking: &Blocking,
    span: (Timestamp, Timestamp),
    title: Option<&str>,
) -> Result<BlockedTime> {
    let error = match deps.client.block_time(&blocking.site, &blocking.whose, span, title).await {
        Ok(blocked) => return Ok(blocked),
        Err(error) => error,
    };
    if !may_have_happened(&error) {
        return Err(error);
    }
    let found = blocking.found(deps, span).await?;
    found.into_iter().find(|blocked| is_over(blocked, span)).ok_or(error)
}

fn is_over(blocked: &BlockedTime, (from, to): (Timestamp, Timestamp)) -> bool {
    let ends = [blocked.starts_at, blocked.ends_at].map(|end| end.map(Timestamp::as_second));
    ends == [Some(from.as_second()), Some(to.as_second())]
}

/// From the first instant to the first one after it.
fn span(args: &Args, blocking: &Blocking) -> Result<(Timestamp, Timestamp)> {
    let zone = blocking.site.zone();
    let mut faults = Vec::new();
    let mut read = |field: &str, text: &str| {
        references::moment(field, text, zone.as_ref()).map_err(|fault| faults.push(fault)).ok()
    };
    let (from, to) = (read("from", &args.from), read("to", &args.to));
    let (Some(from), Some(to)) = (from, to) else { return Err(Error::invalid_arguments(faults)) };
    let zone = zone.unwrap_or(jiff::tz::TimeZone::UTC);
    let unreal = || Error::invalid_argument("to", "is out of range", "a day or time of this century", None);
    let (from, to) = (from.first(&zone).ok_or_else(unreal)?, to.end(&zone).ok_or_else(unreal)?);
    let fault = |problem: &str, expected: &str| Fault {
        field: "/to".to_owned(),
        problem: problem.to_owned(),
        expected: expected.to_owned(),
        example: None,
    };
    if to <= from {
        return Err(Error::invalid_arguments(vec![fault("is not after `from`", "a later day or time")]));
    }
    if to.duration_since(from).as_hours() > HOURS_MAX {
        return Err(Error::invalid_arguments(vec![fault("is too far from `from`", "at most 93 days later")]));
    }
    Ok((from, to))
}
