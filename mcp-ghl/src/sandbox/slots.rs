//! Which starts a calendar offers, by the wall clock of its location and by who is busy.

use common::clock::UnixMillis;
use jiff::civil::{Date, DateTime, Weekday};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, Timestamp, ToSpan};

use crate::sandbox::store::appointments::Appointment;
use crate::sandbox::store::calendars::Calendar;

const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 86_400_000;

/// What is asked: the first and last start, the present, and whose time it is about if somebody's.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted<'a> {
    pub(crate) from_ms: UnixMillis,
    pub(crate) to_ms: UnixMillis,
    pub(crate) now_ms: UnixMillis,
    pub(crate) user_id: Option<&'a str>,
}

/// When somebody has no time, because of an appointment or because it is blocked.
#[derive(Debug, Clone)]
pub(crate) struct Busy {
    /// Nobody's if absent: it keeps nobody busy.
    pub(crate) user_id: Option<String>,
    pub(crate) starts_at_ms: UnixMillis,
    pub(crate) ends_at_ms: UnixMillis,
}

impl From<&Appointment> for Busy {
    fn from(appointment: &Appointment) -> Self {
        Self {
            user_id: appointment.user_id.clone(),
            starts_at_ms: appointment.starts_at_ms,
            ends_at_ms: appointment.ends_at_ms,
        }
    }
}

/// The free starts of a calendar, in order. `busy` holds what keeps the location's people busy around them.
pub(crate) fn free(calendar: &Calendar, zone: &TimeZone, wanted: Wanted<'_>, busy: &[Busy]) -> Vec<UnixMillis> {
    let last_ms = wanted.to_ms.min(wanted.now_ms.saturating_add(calendar.booking_days.saturating_mul(DAY_MS)));
    let first_ms = wanted.from_ms.max(wanted.now_ms);
    let (Some(mut date), Some(last)) = (date_of(first_ms, zone), date_of(last_ms, zone)) else { return Vec::new() };
    let mut starts = Vec::new();
    while date <= last {
        starts.extend(starts_on(calendar, date, zone));
        let Ok(next) = date.checked_add(1.day()) else { break };
        date = next;
    }
    starts.retain(|start_ms| (first_ms..=last_ms).contains(start_ms));
    starts.retain(|start_ms| who_is_free(calendar, *start_ms, wanted.user_id, busy).is_some());
    starts.sort_unstable();
    starts.dedup();
    starts
}

/// The first of the team who has nothing else then; only the one wanted, if one is.
pub(crate) fn who_is_free<'a>(
    calendar: &'a Calendar,
    start_ms: UnixMillis,
    user_id: Option<&str>,
    busy: &[Busy],
) -> Option<&'a str> {
    let end_ms = start_ms.saturating_add(calendar.slot_minutes.saturating_mul(MINUTE_MS));
    let is_free = |user: &str| {
        !busy.iter().any(|other| {
            other.user_id.as_deref() == Some(user) && other.starts_at_ms < end_ms && other.ends_at_ms > start_ms
        })
    };
    let team = calendar.team.0.iter().map(String::as_str);
    team.filter(|user| user_id.is_none_or(|wanted| wanted == *user)).find(|user| is_free(user))
}

/// A start that the clocks skip that day is not offered; of one that they show twice, the first is.
fn starts_on(calendar: &Calendar, date: Date, zone: &TimeZone) -> Vec<UnixMillis> {
    let weekday = date.weekday().to_sunday_zero_offset();
    let mut starts = Vec::new();
    for hours in calendar.open_hours.0.iter().filter(|hours| hours.days.contains(&weekday)) {
        let mut minute = hours.opens;
        while calendar.interval_minutes > 0 && minute + calendar.slot_minutes <= hours.closes {
            starts.extend(at(date, minute, zone));
            minute += calendar.interval_minutes;
        }
    }
    starts
}

fn at(date: Date, minute: i64, zone: &TimeZone) -> Option<UnixMillis> {
    let wall: DateTime = date.at(0, 0, 0, 0).checked_add(SignedDuration::from_mins(minute)).ok()?;
    let ambiguous = zone.to_ambiguous_timestamp(wall);
    match ambiguous.offset() {
        AmbiguousOffset::Gap { .. } => None,
        AmbiguousOffset::Unambiguous { .. } | AmbiguousOffset::Fold { .. } => {
            ambiguous.compatible().ok().map(Timestamp::as_millisecond)
        }
    }
}

fn date_of(instant_ms: UnixMillis, zone: &TimeZone) -> Option<Date> {
    Timestamp::from_millisecond(instant_ms).ok().map(|instant| zone.to_datetime(instant).date())
}

/// The days from Monday to Friday, as open hours count them.
pub(crate) fn working_days() -> Vec<i8> {
    [Weekday::Monday, Weekday::Tuesday, Weekday::Wednesday, Weekday::Thursday, Weekday::Friday]
        .map(Weekday::to_sunday_zero_offset)
        .to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::store::Document;
    use crate::sandbox::store::calendars::OpenHours;

    /// Open every day from midnight to 4, an hour each: over the hours that the clocks are changed in.
    fn night_shift() -> Calendar {
        let hours = OpenHours { days: (0..7).collect(), opens: 0, closes: 240 };
        Calendar {
            location_id: String::new(),
            id: "c".to_owned(),
            name: String::new(),
            slug: String::new(),
            description: String::new(),
            position: 0,
            slot_minutes: 60,
            interval_minutes: 60,
            booking_days: 400,
            open_hours: Document(vec![hours]),
            team: Document(vec!["ann".to_owned(), "bob".to_owned()]),
        }
    }

    fn starts(date: &str) -> Vec<String> {
        let zone = TimeZone::get("America/New_York").unwrap();
        let day: Date = date.parse().unwrap();
        let from_ms = day.to_zoned(zone.clone()).unwrap().timestamp().as_millisecond();
        let wanted = Wanted { from_ms, to_ms: from_ms + 6 * 3_600_000, now_ms: from_ms, user_id: None };
        let free = free(&night_shift(), &zone, wanted, &[]);
        let text = |start_ms: &i64| {
            Timestamp::from_millisecond(*start_ms).unwrap().to_zoned(zone.clone()).strftime("%H:%M%:z").to_string()
        };
        free.iter().map(text).collect()
    }

    #[test]
    fn the_hour_that_is_skipped_is_not_offered() {
        assert_eq!(starts("2027-03-14"), ["00:00-05:00", "01:00-05:00", "03:00-04:00"]);
    }

    #[test]
    fn the_hour_that_comes_twice_is_offered_once() {
        assert_eq!(starts("2026-11-01"), ["00:00-04:00", "01:00-04:00", "02:00-05:00", "03:00-05:00"]);
    }

    #[test]
    fn somebody_else_of_the_team_takes_over() {
        let calendar = night_shift();
        let of = |user: &str| Busy {
            user_id: Some(user.to_owned()),
            starts_at_ms: 30 * MINUTE_MS,
            ends_at_ms: 90 * MINUTE_MS,
        };
        let one = [of("ann")];
        assert_eq!(who_is_free(&calendar, 0, None, &one), Some("bob"));
        assert_eq!(who_is_free(&calendar, 0, Some("ann"), &one), None);
        assert_eq!(who_is_free(&calendar, 90 * MINUTE_MS, Some("ann"), &one), Some("ann"));
        assert_eq!(who_is_free(&calendar, 0, None, &[of("ann"), of("bob")]), None);
    }
}
