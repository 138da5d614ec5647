//! Appointments by time, calendar, owner, contact and status.

use std::sync::Arc;

use common::error::{Error, Fault, Result};
use common::page::Page;
use common::tool::{Access, Call, Tool};
use futures_util::future::try_join_all;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::answer::appointment::{AppointmentRow, BlockedRow, CalendarNames};
use crate::answer::{LocationAnswer, calendars_link};
use crate::calendar::{Appointment, AppointmentStatus, BlockedTime, Calendar, Whose};
use crate::client::Site;
use crate::cursor::{Position, Question, not_ours};
use crate::deps::Deps;
use crate::names::undecided;
use crate::record_id::RecordId;
use crate::references;
use crate::tools::toolset;

pub(crate) struct ListAppointments;

/// How far it looks if no end is given: so many days, the first one included.
const RANGE_DAYS: i64 = 7;

/// Longest range of one call, in days.
const RANGE_DAYS_MAX: i64 = 93;

/// Most calendars of a location that are asked one by one.
const CALENDARS_MAX: usize = 30;

/// Most blocked times shown.
const BLOCKED_MAX: usize = 50;

#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Name or id.
    location: Option<String>,
    /// Name or id.
    calendar: Option<String>,
    /// User name, email or id.
    owner: Option<String>,
    /// Id, email, phone or name.
    contact: Option<String>,
    /// Day or time; default today.
    from: Option<String>,
    /// Default a week; with `contact`, no limits.
    to: Option<String>,
    /// Only these.
    status: Option<AppointmentStatus>,
    /// Blocked times too.
    #[serde(default)]
    blocked: bool,
    /// Rows per page.
    #[serde(default = "default_limit")]
    #[schemars(range(min = 1, max = 100))]
    limit: u32,
    /// From `next_cursor`.
    cursor: Option<String>,
}

const fn default_limit() -> u32 {
    25
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    /// Where it is.
    location: LocationAnswer,
    #[serde(flatten)]
    page: Page<AppointmentRow>,
    /// How many match in all.
    total: usize,
    /// When nobody, or one person, can be booked; at most 50.
    #[serde(skip_serializing_if = "Option::is_none")]
    blocked: Option<Vec<BlockedRow>>,
    /// Where a person sees the calendars.
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<String>,
}

impl Tool for ListAppointments {
    type Deps = Deps;
    type Args = Args;
    type Output = Output;

    const NAME: &'static str = "list_appointments";
    const TITLE: &'static str = "List appointments";
    const DESCRIPTION: &'static str = "Appointments by day, calendar, owner, contact or status, in order of time.";
    const ACCESS: Access = Access::Read;
    const TOOLSET: &'static str = toolset::CALENDAR;

    async fn call(deps: &Deps, call: &Call, mut args: Args) -> Result<Output> {
        let cursor = args.cursor.take();
        let site = deps.directory.site(call, args.location.as_deref()).await?;
        let question = Question::of(&(Self::NAME, call.tenant(), &site.location.id, &args))?;
        let skip = match cursor.map(|cursor| question.position(&cursor)).transpose()? {
            None => 0,
            Some(Position::Skip(skip)) => skip,
            Some(Position::Page(_) | Position::After(_)) => return Err(not_ours()),
        };
        let search = Search::of(deps, site, &args).await?;
        let found = search.appointments(deps).await?;
        let blocked = if args.blocked { Some(search.blocked(deps).await?) } else { None };
        let users = deps.directory.users(&search.site).await?;
        let names =
            CalendarNames { zone: search.zone.as_ref(), calendars: &search.calendars, users: (*users).as_deref() };
        let limit = usize::try_from(args.limit).unwrap_or(usize::MAX);
        let items: Vec<AppointmentRow> =
            found.iter().skip(skip).take(limit).map(|appointment| AppointmentRow::of(appointment, names)).collect();
        let seen = skip.saturating_add(items.len());
        let next_cursor = (seen < found.len()).then(|| question.cursor(Position::Skip(seen))).transpose()?;
        Ok(Output {
            location: LocationAnswer::of(&search.site),
            page: Page { items, next_cursor },
            total: found.len(),
            blocked: blocked.map(|blocked| blocked.iter().map(|time| BlockedRow::of(time, names)).collect()),
            link: calendars_link(&search.site),
        })
    }
}

/// What the arguments mean.
struct Search {
    site: Site,
    zone: Option<TimeZone>,
    calendars: Arc<Vec<Calendar>>,
    calendar_id: Option<RecordId>,
    owner_id: Option<RecordId>,
    contact_id: Option<RecordId>,
    status: Option<AppointmentStatus>,
    /// Both ends included.
    span: (Timestamp, Timestamp),
}

impl Search {
    async fn of(deps: &Deps, site: Site, args: &Args) -> Result<Self> {
        let zone = site.zone();
        let now = Timestamp::from_millisecond(deps.clock.now_ms())
            .map_err(|source| Error::internal("the clock is out of range", source))?;
        let span = span(args, zone.as_ref(), now)?;
        let calendars = deps.directory.calendars(&site).await?;
        let calendar_id = match &args.calendar {
            Some(text) => Some(references::calendar(&calendars, Some(text))?.id.clone()),
            None => None,
        };
        let owner_id = match &args.owner {
            Some(text) => Some(deps.directory.owner(&site, text).await?),
            None => None,
        };
        let contact_id = match &args.contact {
            Some(text) => Some(references::contact(deps, &site, text).await?.id),
            None => None,
        };
        let search = Self { site, zone, calendars, calendar_id, owner_id, contact_id, status: args.status, span };
        let asks_all = search.calendar_id.is_none() && search.owner_id.is_none();
        let is_too_many = asks_all && search.calendars.len() > CALENDARS_MAX;
        if is_too_many && (args.blocked || search.contact_id.is_none()) {
            return Err(undecided("calendar", &search.calendars));
        }
        Ok(search)
    }

    /// Whom to ask about: the vendor lists nobody's events without one.
    fn whose(&self) -> Vec<Whose> {
        match (&self.calendar_id, &self.owner_id) {
            (Some(id), _) => vec![Whose::Calendar(id.clone())],
            (None, Some(id)) => vec![Whose::Owner(id.clone())],
            (None, None) => self.calendars.iter().map(|calendar| Whose::Calendar(calendar.id.clone())).collect(),
        }
    }

    /// What is meant, by start.
    async fn appointments(&self, deps: &Deps) -> Result<Vec<Appointment>> {
        let mut found = if let Some(id) = &self.contact_id {
            deps.client.appointments(&self.site, id).await?
        } else {
            let whose = self.whose();
            let asked = whose.iter().map(|whose| deps.client.events(&self.site, whose, self.span));
            try_join_all(asked).await?.into_iter().flatten().collect()
        };
        found.retain(|appointment| self.means(appointment));
        found.sort_by(|one, other| (one.starts_at, &one.id).cmp(&(other.starts_at, &other.id)));
        Ok(found)
    }

    fn means(&self, appointment: &Appointment) -> bool {
        let is = |wanted: &Option<RecordId>, held: Option<&str>| {
            wanted.as_ref().is_none_or(|wanted| held == Some(wanted.as_str()))
        };
        is(&self.calendar_id, Some(&appointment.calendar_id))
            && is(&self.owner_id, appointment.owner_id.as_deref())
            && self.status.is_none_or(|status| appointment.status.as_deref() == Some(status.as_str()))
            && appointment.starts_at.is_none_or(|start| (self.span.0..=self.span.1).contains(&start))
    }

    /// What is blocked, by start. A calendar's team has blocked times of its own, which only asking for the owner shows.
    async fn blocked(&self, deps: &Deps) -> Result<Vec<BlockedTime>> {
        let whose = match &self.owner_id {
            Some(id) => vec![Whose::Owner(id.clone())],
            None => self.whose(),
        };
        let asked = whose.iter().map(|whose| deps.client.blocked_times(&self.site, whose, self.span));
        let mut found: Vec<BlockedTime> = try_join_all(asked).await?.into_iter().flatten().collect();
        found.sort_by(|one, other| (one.starts_at, &one.id).cmp(&(other.starts_at, &other.id)));
        found.dedup_by(|one, other| one.id == other.id);
        found.truncate(BLOCKED_MAX);
        Ok(found)
    }
}

/// Both ends, included. A contact's appointments are few: without a word about time, all of them are meant.
fn span(args: &Args, zone: Option<&TimeZone>, now: Timestamp) -> Result<(Timestamp, Timestamp)> {
    let mut faults = Vec::new();
    let mut read = |field: &str, text: Option<&str>| {
        references::moment(field, text?, zone).map_err(|fault| faults.push(fault)).ok()
    };
    let (from, to) = (read("from", args.from.as_deref()), read("to", args.to.as_deref()));
    if !faults.is_empty() {
        return Err(Error::invalid_arguments(faults));
    }
    let zone = zone.cloned().unwrap_or(TimeZone::UTC);
    let (from, to) = (from.and_then(|from| from.first(&zone)), to.and_then(|to| to.last(&zone)));
    if args.contact.is_some() && !args.blocked {
        return in_order(from.unwrap_or(Timestamp::MIN), to.unwrap_or(Timestamp::MAX));
    }
    let days_later = |days: i64, start: Timestamp| {
        let later = start.to_zoned(zone.clone()).checked_add(days.days());
        later.map_or(Timestamp::MAX, |later| later.timestamp())
    };
    let today = now.to_zoned(zone.clone()).start_of_day().map_or(now, |today| today.timestamp());
    let from = from.unwrap_or(today);
    let usual = days_later(RANGE_DAYS, from).checked_sub(1.second()).unwrap_or(from);
    let span = in_order(from, to.unwrap_or(usual))?;
    if span.1 > days_later(RANGE_DAYS_MAX, from) {
        return Err(Error::invalid_arguments(vec![fault("is too far from `from`", "at most 93 days later")]));
    }
    Ok(span)
}

fn in_order(from: Timestamp, to: Timestamp) -> Result<(Timestamp, Timestamp)> {
    if to < from {
        return Err(Error::invalid_arguments(vec![fault("is before `from`", "a later day or time")]));
    }
    Ok((from, to))
}

fn fault(problem: &str, expected: &str) -> Fault {
    Fault { field: "/to".to_owned(), problem: problem.to_owned(), expected: expected.to_owned(), example: None }
}
