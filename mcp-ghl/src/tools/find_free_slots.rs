//! When a calendar can be booked, by day.

use common::error::{Error, ErrorCode, Fault, Result};
use common::tool::{Access, Call, Tool};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::answer::{LocationAnswer, RecordRef};
use crate::client::{Site, SlotQuery};
use crate::deps::Deps;
use crate::local_time::{written, zone};
use crate::references;
use crate::tools::toolset;

pub(crate) struct FindFreeSlots;

/// How far it looks if no end is given, in hours.
const RANGE_HOURS: i64 = 7 * 24;

/// Longest range of one call, in hours: three requests of 31 days.
const RANGE_HOURS_MAX: i64 = 93 * 24;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Name or id.
    location: Option<String>,
    /// Name or id; may be left out if there is one.
    calendar: Option<String>,
    /// Date or time; default now.
    from: Option<String>,
    /// Date or time, at most 93 days later; default a week later.
    to: Option<String>,
    /// IANA name; default the location's.
    timezone: Option<String>,
    /// Only this user's: name, email or id.
    owner: Option<String>,
    /// Most slots shown.
    #[serde(default = "default_limit")]
    #[schemars(range(min = 1, max = 200))]
    limit: u32,
}

const fn default_limit() -> u32 {
    50
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    /// Where it is.
    location: LocationAnswer,
    /// The calendar.
    calendar: RecordRef,
    /// How long one takes.
    #[serde(skip_serializing_if = "Option::is_none")]
    slot_minutes: Option<u32>,
    /// Whose clock the times are on.
    timezone: String,
    /// Days with free slots.
    days: Vec<Day>,
    /// How many slots are shown.
    count: usize,
    /// Give it as `from` to see more.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_from: Option<String>,
}

/// A slot starts at `{date}T{time}{offset}`. A day on which the clocks change comes in two parts.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
struct Day {
    /// ISO date.
    date: String,
    /// Short English name.
    weekday: String,
    /// From UTC.
    offset: String,
    /// Starts, HH:MM.
    times: Vec<String>,
}

impl Tool for FindFreeSlots {
    type Deps = Deps;
    type Args = Args;
    type Output = Output;

    const NAME: &'static str = "find_free_slots";
    const TITLE: &'static str = "Find free slots";
    const DESCRIPTION: &'static str = "When a calendar can be booked: free starts by day, in the location's or a given time zone. Book one with book_appointment.";
    const ACCESS: Access = Access::Read;
    const TOOLSET: &'static str = toolset::CALENDAR;

    async fn call(deps: &Deps, call: &Call, args: Args) -> Result<Output> {
        let site = deps.directory.site(call, args.location.as_deref()).await?;
        let shown_in = clock(&site, args.timezone.as_deref())?;
        let now = Timestamp::from_millisecond(deps.clock.now_ms())
            .map_err(|source| Error::internal("the clock is out of range", source))?;
        let (from, to) = range(&args, &shown_in, now)?;
        let calendars = deps.directory.calendars(&site).await?;
        let calendar = references::calendar(&calendars, args.calendar.as_deref())?;
        let owner_id = match &args.owner {
            Some(text) => Some(deps.directory.owner(&site, text).await?),
            None => None,
        };
        let limit = usize::try_from(args.limit).unwrap_or(usize::MAX);
        let query = SlotQuery { from, to, owner_id, count_max: limit.saturating_add(1) };
        let slots = deps.client.free_slots(&site, &calendar.id, &query).await?;
        let shown = slots.get(..limit).unwrap_or(&slots);
        Ok(Output {
            location: LocationAnswer::of(&site),
            calendar: RecordRef::new(&calendar.id, &calendar.name),
            slot_minutes: calendar.slot_minutes,
            timezone: shown_in.iana_name().unwrap_or("UTC").to_owned(),
            days: by_day(shown, &shown_in),
            count: shown.len(),
            next_from: slots.get(limit).map(|next| written(*next, Some(&shown_in))),
        })
    }
}

/// The clock that times are read from and shown on.
fn clock(site: &Site, wanted: Option<&str>) -> Result<TimeZone> {
    match wanted {
        Some(name) => zone(name.trim()).ok_or_else(|| {
            let expected = "the IANA name of a time zone";
            Error::invalid_argument("timezone", "is not a time zone", expected, Some("\"America/New_York\""))
        }),
        None => site.zone().ok_or_else(|| {
            Error::new(ErrorCode::FailedPrecondition, "the location's time zone is not known")
                .with_hint("give `timezone`, or ask the operator to add the scope `locations.readonly`")
        }),
    }
}

/// Both ends, included.
fn range(args: &Args, zone: &TimeZone, now: Timestamp) -> Result<(Timestamp, Timestamp)> {
    let mut faults = Vec::new();
    let mut read = |field: &str, text: Option<&str>| {
        references::moment(field, text?, Some(zone)).map_err(|fault| faults.push(fault)).ok()
    };
    let (from, to) = (read("from", args.from.as_deref()), read("to", args.to.as_deref()));
    if !faults.is_empty() {
        return Err(Error::invalid_arguments(faults));
    }
    let later = |hours: i64, from: Timestamp| from.checked_add(hours.hours()).unwrap_or(Timestamp::MAX);
    let from = from.and_then(|from| from.first(zone)).unwrap_or(now);
    let to = to.and_then(|to| to.last(zone)).unwrap_or_else(|| later(RANGE_HOURS, from));
    let fault = |problem: &str, expected: &str| Fault {
        field: "/to".to_owned(),
        problem: problem.to_owned(),
        expected: expected.to_owned(),
        example: None,
    };
    if to < from {
        return Err(Error::invalid_arguments(vec![fault("is before `from`", "a later date or time")]));
    }
    // An hour of grace, since 93 days may hold a change of the clocks.
    if to > later(RANGE_HOURS_MAX.saturating_add(1), from) {
        return Err(Error::invalid_arguments(vec![fault("is too far from `from`", "at most 93 days later")]));
    }
    Ok((from, to))
}

fn by_day(slots: &[Timestamp], zone: &TimeZone) -> Vec<Day> {
    let mut days: Vec<Day> = Vec::new();
    for slot in slots {
        let zoned = slot.to_zoned(zone.clone());
        let [date, offset, time] = ["%Y-%m-%d", "%:z", "%H:%M"].map(|form| zoned.strftime(form).to_string());
        match days.last_mut() {
            Some(day) if day.date == date && day.offset == offset => day.times.push(time),
            Some(_) | None => {
                let weekday = zoned.strftime("%a").to_string();
                days.push(Day { date, weekday, offset, times: vec![time] });
            }
        }
    }
    days
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hour_that_comes_twice_is_told_apart_by_its_offset() {
        let zone = zone("America/New_York").unwrap();
        let slots = ["2026-11-01T05:30:00Z", "2026-11-01T06:30:00Z"].map(|text| text.parse().unwrap());
        let days = by_day(&slots, &zone);
        let parts: Vec<(&str, &str, &str)> =
            days.iter().map(|day| (&*day.date, &*day.offset, &*day.times[0])).collect();
        assert_eq!(parts, [("2026-11-01", "-04:00", "01:30"), ("2026-11-01", "-05:00", "01:30")]);
    }

    #[test]
    fn a_range_over_a_change_of_the_clocks_keeps_its_days() {
        let zone = zone("America/New_York").unwrap();
        let args = |from: &str, to: Option<&str>| Args {
            location: None,
            calendar: None,
            from: Some(from.to_owned()),
            to: to.map(str::to_owned),
            timezone: None,
            owner: None,
            limit: 50,
        };
        let now = Timestamp::UNIX_EPOCH;
        let (from, to) = range(&args("2026-10-31", Some("2026-11-01")), &zone, now).unwrap();
        assert_eq!(from.to_string(), "2026-10-31T04:00:00Z");
        assert_eq!(to.to_string(), "2026-11-02T04:59:00Z");
        assert!(range(&args("2026-09-01", Some("2026-12-02")), &zone, now).is_ok());
        assert!(range(&args("2026-09-01", Some("2026-12-05")), &zone, now).is_err());
        assert!(range(&args("2026-09-01", Some("2026-08-31")), &zone, now).is_err());
        let (from, to) = range(&args("2026-09-01T12:00", None), &zone, now).unwrap();
        assert_eq!(to.duration_since(from).as_hours(), RANGE_HOURS);
    }
}
