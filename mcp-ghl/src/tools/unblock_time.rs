//! Takes a blocked time away, so that people can be booked into it again. Looked for among blocked times only: the
//! vendor would take an appointment away as well.

use common::error::{Candidate, Error, ErrorCode, Result};
use common::tool::{Access, Call, Tool};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::answer::LocationAnswer;
use crate::answer::appointment::{BlockedRow, CalendarNames, title};
use crate::calendar::BlockedTime;
use crate::client::{may_have_happened, reversals};
use crate::deps::Deps;
use crate::journal::ChangeId;
use crate::local_time::{spoken, written};
use crate::references;
use crate::references::blocking::Blocking;
use crate::tools::toolset;

pub(crate) struct UnblockTime;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Name or id.
    location: Option<String>,
    /// Name or id; or `owner`.
    calendar: Option<String>,
    /// User name, email or id.
    owner: Option<String>,
    /// Local day or time when it begins.
    start: String,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    /// Where it is.
    location: LocationAnswer,
    /// What can be booked again.
    unblocked: BlockedRow,
    /// For `undo_change`.
    #[serde(skip_serializing_if = "Option::is_none")]
    change_id: Option<ChangeId>,
}

impl Tool for UnblockTime {
    type Deps = Deps;
    type Args = Args;
    type Output = Output;

    const NAME: &'static str = "unblock_time";
    const TITLE: &'static str = "Unblock time";
    const DESCRIPTION: &'static str = "Remove the blocked time of a person or a calendar that begins on a day.";
    const ACCESS: Access = Access::Write;
    const TOOLSET: &'static str = toolset::CALENDAR;
    const IS_IDEMPOTENT: bool = true;

    async fn call(deps: &Deps, call: &Call, args: Args) -> Result<Output> {
        let owner_or_calendar = (args.calendar.as_deref(), args.owner.as_deref());
        let blocking = Blocking::of(deps, call, args.location.as_deref(), owner_or_calendar).await?;
        let zone = blocking.site.zone().unwrap_or(TimeZone::UTC);
        let span = span(&args, &blocking, &zone)?;
        let blocked = only(blocking.found(deps, span).await?, &zone)?;
        if let Err(error) = deps.client.remove_blocked(&blocking.site, &blocked.id).await {
            let is_gone = may_have_happened(&error)
                && blocking.found(deps, span).await?.iter().all(|there| there.id != blocked.id);
            if !is_gone {
                return Err(error);
            }
        }
        let users = deps.directory.users(&blocking.site).await?;
        let names = CalendarNames { zone: Some(&zone), calendars: &blocking.calendars, users: (*users).as_deref() };
        let undo = reversals::unblocking(&blocking.site, &blocked);
        let change_id = blocking.note(deps, call, (Self::NAME, "unblocked"), (&blocked, undo)).await;
        let (location, unblocked) = (LocationAnswer::of(&blocking.site), BlockedRow::of(&blocked, names));
        Ok(Output { location, unblocked, change_id })
    }
}

/// The day, or the minute from the instant on.
fn span(args: &Args, blocking: &Blocking, zone: &TimeZone) -> Result<(Timestamp, Timestamp)> {
    let moment = references::moment("start", &args.start, blocking.site.zone().as_ref());
    let moment = moment.map_err(|fault| Error::invalid_arguments(vec![fault]))?;
    let unreal = || Error::invalid_argument("start", "is out of range", "a day or time of this century", None);
    let (from, end) = moment.first(zone).zip(moment.end(zone)).ok_or_else(unreal)?;
    let last = if end == from { from.checked_add(59.seconds()) } else { end.checked_sub(1.millisecond()) };
    Ok((from, last.map_err(|_| unreal())?))
}

fn only(mut found: Vec<BlockedTime>, zone: &TimeZone) -> Result<BlockedTime> {
    if found.len() > 1 {
        let candidate = |blocked: &BlockedTime| {
            let at = blocked.starts_at?;
            let what = blocked.title.as_deref().map_or_else(|| "blocked".to_owned(), title);
            Some(Candidate { id: written(at, Some(zone)), name: format!("{what}, {}", spoken(at, zone)) })
        };
        return Err(Error::new(ErrorCode::InvalidArgument, format!("{} blocked times begin then", found.len()))
            .with_hint("give the id of one of the candidates as `start`")
            .with_candidates(found.iter().filter_map(candidate).collect()));
    }
    found.pop().ok_or_else(|| {
        Error::new(ErrorCode::NotFound, "no blocked time of theirs begins then")
            .with_hint("call `list_appointments` with `blocked`, and with `owner` or `calendar`")
    })
}
