//! Instants from text in the forms that exports use. Without a zone they are UTC.

use common::clock::UnixMillis;
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How a column writes instants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DateForm {
    /// `2026-11-20`, with a time, an offset or none.
    Iso,
    /// `20261120`.
    Compact,
    /// `20/11/2026`, also with `.` or `-`, and a time.
    DayFirst,
    /// `11/20/2026`, also with `.` or `-`, and a time.
    MonthFirst,
    /// Since 1970.
    EpochSeconds,
    /// Since 1970.
    EpochMillis,
}

/// Most useful first: of forms that read a whole sample the first one is taken.
const FORMS: [DateForm; 6] = [
    // A special case of the next.
    DateForm::Compact,
    DateForm::Iso,
    DateForm::DayFirst,
    DateForm::MonthFirst,
    // Seconds of our days read as milliseconds lie in January 1970; the other way round they lie beyond 2200.
    DateForm::EpochSeconds,
    DateForm::EpochMillis,
];

/// 1970-01-02 to 2200: what lies outside is no instant of a customer's life.
const EARLIEST_MS: UnixMillis = 86_400_000;
const LATEST_MS: UnixMillis = 7_258_118_400_000;

impl DateForm {
    /// The instant that a text spells.
    #[must_use]
    pub fn parse(self, text: &str) -> Option<UnixMillis> {
        let text = text.trim();
        let at_ms = match self {
            Self::Iso => iso(text),
            Self::Compact => compact(text),
            Self::DayFirst => slashed(text, true),
            Self::MonthFirst => slashed(text, false),
            Self::EpochSeconds => text.parse::<i64>().ok().and_then(|seconds| seconds.checked_mul(1_000)),
            Self::EpochMillis => text.parse::<i64>().ok(),
        }?;
        (EARLIEST_MS..LATEST_MS).contains(&at_ms).then_some(at_ms)
    }

    /// The forms in which nine of ten texts of a sample can be read; none for an empty sample. Two mean that nobody can tell
    /// day from month.
    #[must_use]
    pub fn of_sample(sample: &[&str]) -> Vec<Self> {
        if sample.is_empty() {
            return Vec::new();
        }
        let reads = |form: Self| sample.iter().filter(|text| form.parse(text).is_some()).count();
        let wanted = sample.len().saturating_mul(9).div_ceil(10);
        let counts = FORMS.map(|form| (form, reads(form)));
        let best = counts.iter().map(|(_, count)| *count).max().unwrap_or_default();
        if best < wanted.max(1) {
            return Vec::new();
        }
        let found = counts.into_iter().filter(|(_, count)| *count == best).map(|(form, _)| form);
        let found: Vec<Self> = found.collect();
        let is_slashed = |form: &Self| matches!(form, Self::DayFirst | Self::MonthFirst);
        match found.first() {
            Some(first) if !is_slashed(first) => vec![*first],
            _ => found.into_iter().filter(is_slashed).collect(),
        }
    }
}

fn iso(text: &str) -> Option<UnixMillis> {
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(at.as_millisecond());
    }
    // Stripe and Shopify write `2026-11-20 08:00:00 +0100` and ` UTC`.
    let bare = text.strip_suffix(" UTC").unwrap_or(text);
    if let Some((local, offset)) = bare.rsplit_once(' ').filter(|(_, offset)| offset.starts_with(['+', '-'])) {
        return format!("{local}{offset}").parse::<Timestamp>().ok().map(Timestamp::as_millisecond);
    }
    utc(bare.parse::<DateTime>().ok()?)
}

fn utc(civil: DateTime) -> Option<UnixMillis> {
    civil.to_zoned(TimeZone::UTC).ok().map(|at| at.timestamp().as_millisecond())
}

fn compact(text: &str) -> Option<UnixMillis> {
    if text.len() != 8 {
        return None;
    }
    let number: i32 = text.parse().ok()?;
    let date = Date::new(
        i16::try_from(number / 10_000).ok()?,
        i8::try_from(number / 100 % 100).ok()?,
        i8::try_from(number % 100).ok()?,
    );
    utc(date.ok()?.at(0, 0, 0, 0))
}

fn slashed(text: &str, is_day_first: bool) -> Option<UnixMillis> {
    let (date, time) = text.split_once([' ', 'T']).unwrap_or((text, ""));
    let mut parts = date.split(['/', '.', '-']);
    let (first, second, year) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || year.len() != 4 {
        return None;
    }
    let (day, month) = if is_day_first { (first, second) } else { (second, first) };
    let date = Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()?;
    let (mut hour, mut minute, mut second) = (0_i8, 0_i8, 0_i8);
    if !time.trim().is_empty() {
        let (clock, half) = time.trim().split_once(' ').unwrap_or((time.trim(), ""));
        let mut parts = clock.split(':');
        hour = parts.next()?.parse().ok()?;
        minute = parts.next()?.parse().ok()?;
        second = parts.next().map_or(Some(0), |text| text.parse().ok())?;
        match half.to_ascii_lowercase().as_str() {
            "" => {}
            "am" if (1..=12).contains(&hour) => hour %= 12,
            "pm" if (1..=12).contains(&hour) => hour = hour % 12 + 12,
            _ => return None,
        }
    }
    let time = jiff::civil::Time::new(hour, minute, second, 0).ok()?;
    utc(date.to_datetime(time))
}

/// RFC 3339 text of an instant; empty outside of what it can write.
#[must_use]
pub fn rfc3339(at_ms: UnixMillis) -> String {
    Timestamp::from_millisecond(at_ms).map(|at| at.to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-20T00:00:00Z.
    const DAY_MS: i64 = 1_795_132_800_000;

    #[test]
    fn the_forms_of_exports_are_read() {
        for (text, form, at_ms) in [
            ("2026-11-20", DateForm::Iso, DAY_MS),
            ("2026-11-20T08:30:00Z", DateForm::Iso, DAY_MS + 30_600_000),
            ("2026-11-20 08:30:00", DateForm::Iso, DAY_MS + 30_600_000),
            ("2026-11-20 08:30:00 UTC", DateForm::Iso, DAY_MS + 30_600_000),
            ("2026-11-20 08:30:00 +0100", DateForm::Iso, DAY_MS + 27_000_000),
            ("20261120", DateForm::Compact, DAY_MS),
            ("20/11/2026", DateForm::DayFirst, DAY_MS),
            ("11/20/2026 8:30 AM", DateForm::MonthFirst, DAY_MS + 30_600_000),
            ("20.11.2026 12:00:00", DateForm::DayFirst, DAY_MS + 43_200_000),
            ("1795132800", DateForm::EpochSeconds, DAY_MS),
            ("1795132800000", DateForm::EpochMillis, DAY_MS),
        ] {
            assert_eq!(form.parse(text), Some(at_ms), "{text}");
        }
        for text in ["", "soon", "2026-13-01", "31/02/2026", "0000-00-00", "99999999999999999"] {
            assert!(FORMS.iter().all(|form| form.parse(text).is_none()), "{text}");
        }
    }

    #[test]
    fn day_and_month_are_only_told_apart_where_the_sample_does() {
        assert_eq!(DateForm::of_sample(&["01/02/2026", "20/02/2026"]), [DateForm::DayFirst]);
        assert_eq!(DateForm::of_sample(&["01/02/2026", "03/04/2026"]), [DateForm::DayFirst, DateForm::MonthFirst]);
        assert_eq!(DateForm::of_sample(&["19970101"]), [DateForm::Compact]);
        assert_eq!(DateForm::of_sample(&["1795132800"]), [DateForm::EpochSeconds]);
        assert_eq!(DateForm::of_sample(&["1795132800000"]), [DateForm::EpochMillis]);
        assert_eq!(DateForm::of_sample(&["red", "blue"]), []);
    }
}
