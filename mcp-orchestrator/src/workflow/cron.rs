//! Cron: five fields, in the local time of a zone. No crate: those that know zones bring a second calendar beside ours.

use std::str::FromStr;

use common::clock::UnixMillis;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

/// Days that are looked at for the next time: leap days come every eight years at the longest (1896 to 1904).
const DAYS_MAX: usize = 366 * 8;
const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/// When something is done again and again: minute, hour, day of the month, month, day of the week (0 and 7 are Sunday).
///
/// Where both days are given, either is enough, as in cron. A local time that a change of clocks leaves out counts as
/// the instant right after the change; one that comes twice counts once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cron {
    minutes: u64,
    hours: u64,
    days: u64,
    months: u64,
    weekdays: u64,
    /// Whether the day of the month, and the day of the week, begin with `*`.
    is_any_day: (bool, bool),
}

impl Cron {
    /// The first time after an instant; none if there is none for eight years (`0 0 30 2 *`).
    #[must_use]
    pub fn next_after(&self, after_ms: UnixMillis, zone: &TimeZone) -> Option<UnixMillis> {
        let after = Timestamp::from_millisecond(after_ms).ok()?;
        let mut date = after.to_zoned(zone.clone()).date();
        for _ in 0..DAYS_MAX {
            if self.has_day(date)
                && let Some(found) = self.first_of_day(date, after, zone)
            {
                return Some(found.as_millisecond());
            }
            date = date.checked_add(1.day()).ok()?;
        }
        None
    }

    fn has_day(&self, date: Date) -> bool {
        let is_month_day = holds(self.days, date.day());
        let is_weekday = holds(self.weekdays, date.weekday().to_sunday_zero_offset());
        let is_day = match self.is_any_day {
            (false, false) => is_month_day || is_weekday,
            _ => is_month_day && is_weekday,
        };
        is_day && holds(self.months, date.month())
    }

    fn first_of_day(&self, date: Date, after: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        for hour in (0..24).filter(|hour| holds(self.hours, *hour)) {
            for minute in (0..60).filter(|minute| holds(self.minutes, *minute)) {
                let time = Time::new(hour, minute, 0, 0).ok()?;
                let instant = zone.to_ambiguous_zoned(date.to_datetime(time)).compatible().ok()?.timestamp();
                if instant > after {
                    return Some(instant);
                }
            }
        }
        None
    }
}

fn holds(set: u64, number: i8) -> bool {
    u32::try_from(number).is_ok_and(|number| set.checked_shr(number).unwrap_or(0) & 1 == 1)
}

impl FromStr for Cron {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = match text.trim() {
            "@hourly" => "0 * * * *",
            "@daily" | "@midnight" => "0 0 * * *",
            "@weekly" => "0 0 * * 0",
            "@monthly" => "0 0 1 * *",
            "@yearly" | "@annually" => "0 0 1 1 *",
            other => other,
        };
        let fields: Vec<&str> = text.split_whitespace().collect();
        let [minutes, hours, days, months, weekdays] = fields.as_slice() else {
            return Err(format!("the cron expression has {} fields", fields.len()));
        };
        let weekday_set = set(weekdays, 0, 7, &WEEKDAYS)?;
        let cron = Self {
            minutes: set(minutes, 0, 59, &[])?,
            hours: set(hours, 0, 23, &[])?,
            days: set(days, 1, 31, &[])?,
            months: set(months, 1, 12, &MONTHS)?,
            // 7 is Sunday too.
            weekdays: (weekday_set | (weekday_set >> 7)) & 0x7f,
            is_any_day: (days.starts_with('*'), weekdays.starts_with('*')),
        };
        if cron.next_after(0, &TimeZone::UTC).is_none() {
            return Err("the cron expression means a day that never comes".to_owned());
        }
        Ok(cron)
    }
}

/// The numbers of one field: lists of `*`, `n`, `n-m`, each with `/step`.
fn set(field: &str, least: u32, most: u32, names: &[&str]) -> Result<u64, String> {
    let mut set = 0;
    for part in field.split(',') {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => (range, step.parse().ok().filter(|step| (1..=most).contains(step))),
            None => (part, Some(1)),
        };
        let number = |text: &str| {
            let word = names
                .iter()
                .position(|name| text.eq_ignore_ascii_case(name))
                .and_then(|place| u32::try_from(place).ok());
            // Months are counted from 1, days of the week from 0, as their fields are.
            let number = word.map(|place| place + least).or_else(|| text.parse().ok());
            number.filter(|number| (least..=most).contains(number))
        };
        let bounds = match range.split_once('-') {
            _ if range == "*" => Some((least, most)),
            Some((from, to)) => number(from).zip(number(to)).filter(|(from, to)| from <= to),
            None if part.contains('/') => number(range).map(|from| (from, most)),
            None => number(range).map(|only| (only, only)),
        };
        let (Some((from, to)), Some(step)) = (bounds, step) else {
            return Err(format!("`{part}` is none of {least} to {most} in the cron expression"));
        };
        let mut at = from;
        while at <= to {
            set |= 1_u64 << at;
            at += step;
        }
    }
    Ok(set)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(cron: &str, after: &str, zone: &str) -> String {
        let after: Timestamp = after.parse().expect("instant");
        let zone = TimeZone::get(zone).expect("zone");
        let next = cron.parse::<Cron>().expect(cron).next_after(after.as_millisecond(), &zone).expect("next");
        Timestamp::from_millisecond(next).expect("instant").to_string()
    }

    #[test]
    fn the_next_time_is_the_one_of_cron() {
        for (cron, after, zone, expected) in [
            ("* * * * *", "2026-11-20T10:00:00Z", "UTC", "2026-11-20T10:01:00Z"),
            ("0 9 * * 1-5", "2026-11-20T10:00:00Z", "UTC", "2026-11-23T09:00:00Z"),
            ("0 9 * * mon-fri", "2026-11-20T10:00:00Z", "Europe/Berlin", "2026-11-23T08:00:00Z"),
            ("*/15 8-10 * * *", "2026-11-20T10:46:00Z", "UTC", "2026-11-21T08:00:00Z"),
            ("0 0 29 2 *", "2026-01-01T00:00:00Z", "UTC", "2028-02-29T00:00:00Z"),
            ("0 0 1 * 0", "2026-11-20T00:00:00Z", "UTC", "2026-11-22T00:00:00Z"),
            ("0 0 * * 7", "2026-11-20T00:00:00Z", "UTC", "2026-11-22T00:00:00Z"),
            ("5/20 * * * *", "2026-11-20T10:26:00Z", "UTC", "2026-11-20T10:45:00Z"),
            ("@monthly", "2026-11-20T00:00:00Z", "America/New_York", "2026-12-01T05:00:00Z"),
            // 02:30 does not exist in Berlin on 29 March 2026, and comes twice on 25 October 2026.
            ("30 2 * * *", "2026-03-28T12:00:00Z", "Europe/Berlin", "2026-03-29T01:30:00Z"),
            ("30 2 * * *", "2026-10-24T12:00:00Z", "Europe/Berlin", "2026-10-25T00:30:00Z"),
            ("30 2 * * *", "2026-10-25T00:30:00Z", "Europe/Berlin", "2026-10-26T01:30:00Z"),
        ] {
            assert_eq!(next(cron, after, zone), expected, "{cron} after {after} in {zone}");
        }
    }

    #[test]
    fn what_is_no_cron_is_refused() {
        for (cron, said) in [
            ("* * * *", "4 fields"),
            ("0 0 0 * * *", "6 fields"),
            ("60 * * * *", "`60`"),
            ("* 9-5 * * *", "`9-5`"),
            ("*/0 * * * *", "`*/0`"),
            ("* * * foo *", "`foo`"),
            ("0 0 30 2 *", "never comes"),
        ] {
            let error = cron.parse::<Cron>().expect_err(cron);
            assert!(error.contains(said), "{cron}: {error}");
        }
    }
}
