//! Times as the people of a location read them from the wall, with the instants they mean.

use jiff::civil::{Date, DateTime};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{Timestamp, ToSpan};

/// A text that says when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// A day as a whole.
    Day(Date),
    /// One instant.
    Instant(Timestamp),
}

/// Why a text does not say when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unclear {
    /// It is neither a date nor a time.
    NoTime,
    /// It has no offset, and whose clock is meant is not known.
    NoZone,
    /// The clocks go forward over it.
    Skipped,
    /// The clocks go back, so that they show it twice.
    Twice,
}

/// The zone of an IANA name; `None` if there is none of that name.
#[must_use]
pub fn zone(name: &str) -> Option<TimeZone> {
    TimeZone::get(name).ok()
}

impl Moment {
    /// Reads a date, a wall-clock time, or an instant with its offset (RFC 3339).
    ///
    /// # Errors
    /// What is unclear about it.
    pub fn read(text: &str, zone: Option<&TimeZone>) -> Result<Self, Unclear> {
        /// `2026-11-24`
        const DATE_LENGTH: usize = 10;
        let text = text.trim();
        if let Ok(instant) = text.parse::<Timestamp>() {
            return Ok(Self::Instant(instant));
        }
        if text.len() == DATE_LENGTH {
            let date = text.parse().map_err(|_| Unclear::NoTime)?;
            return if zone.is_some() { Ok(Self::Day(date)) } else { Err(Unclear::NoZone) };
        }
        let wall: DateTime = text.parse().map_err(|_| Unclear::NoTime)?;
        let ambiguous = zone.ok_or(Unclear::NoZone)?.to_ambiguous_timestamp(wall);
        match ambiguous.offset() {
            AmbiguousOffset::Gap { .. } => Err(Unclear::Skipped),
            AmbiguousOffset::Fold { .. } => Err(Unclear::Twice),
            AmbiguousOffset::Unambiguous { .. } => {
                ambiguous.compatible().map(Self::Instant).map_err(|_| Unclear::NoTime)
            }
        }
    }

    /// The instant, or the first of the day.
    #[must_use]
    pub fn first(self, zone: &TimeZone) -> Option<Timestamp> {
        match self {
            Self::Instant(instant) => Some(instant),
            Self::Day(date) => date.to_zoned(zone.clone()).ok().map(|zoned| zoned.timestamp()),
        }
    }

    /// The instant, or the end of the day: the first instant of the next.
    #[must_use]
    pub fn end(self, zone: &TimeZone) -> Option<Timestamp> {
        match self {
            Self::Instant(instant) => Some(instant),
            Self::Day(date) => Self::Day(date.checked_add(1.day()).ok()?).first(zone),
        }
    }

    /// The instant, or the last minute of the day.
    #[must_use]
    pub fn last(self, zone: &TimeZone) -> Option<Timestamp> {
        match self {
            Self::Instant(instant) => Some(instant),
            Self::Day(date) => {
                let next = Self::Day(date.checked_add(1.day()).ok()?).first(zone)?;
                next.checked_sub(1.minute()).ok()
            }
        }
    }
}

/// `2026-11-23T09:00:00-08:00`; in UTC where no zone is known.
#[must_use]
pub fn written(instant: Timestamp, zone: Option<&TimeZone>) -> String {
    match zone {
        Some(zone) => instant.to_zoned(zone.clone()).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string(),
        None => instant.to_string(),
    }
}

/// `Mon 23 Nov 2026, 09:00 (America/Los_Angeles)`
#[must_use]
pub fn spoken(instant: Timestamp, zone: &TimeZone) -> String {
    let name = zone.iana_name().unwrap_or("UTC");
    let zoned = instant.to_zoned(zone.clone());
    format!("{} ({name}, UTC{})", zoned.strftime("%a %-d %b %Y, %H:%M"), zoned.strftime("%:z"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new_york() -> TimeZone {
        zone("America/New_York").unwrap()
    }

    fn read(text: &str) -> Result<String, Unclear> {
        let zone = new_york();
        Moment::read(text, Some(&zone)).map(|moment| written(moment.first(&zone).unwrap(), Some(&zone)))
    }

    #[test]
    fn times_without_an_offset_are_the_locations() {
        for (text, instant) in [
            ("2026-11-24T15:00", "2026-11-24T15:00:00-05:00"),
            ("2026-07-01 15:00:00", "2026-07-01T15:00:00-04:00"),
            ("2026-11-24T15:00:00Z", "2026-11-24T10:00:00-05:00"),
            ("2026-11-24T15:00:00+01:00", "2026-11-24T09:00:00-05:00"),
            ("2026-11-24", "2026-11-24T00:00:00-05:00"),
        ] {
            assert_eq!(read(text).as_deref(), Ok(instant), "{text}");
        }
    }

    #[test]
    fn what_the_clocks_skip_or_show_twice_is_unclear() {
        assert_eq!(read("2027-03-14T02:30"), Err(Unclear::Skipped));
        assert_eq!(read("2026-11-01T01:30"), Err(Unclear::Twice));
        assert_eq!(read("2026-11-01T01:30:00-05:00").as_deref(), Ok("2026-11-01T01:30:00-05:00"));
        for text in ["tomorrow", "", "2026-13-01", "15:00", "2026-1-1"] {
            assert_eq!(read(text), Err(Unclear::NoTime), "{text}");
        }
        assert_eq!(Moment::read("2026-11-24T15:00", None), Err(Unclear::NoZone));
    }

    #[test]
    fn a_day_ends_before_the_next_one_even_if_it_is_short() {
        let zone = new_york();
        let last = |text: &str| written(Moment::read(text, Some(&zone)).unwrap().last(&zone).unwrap(), Some(&zone));
        assert_eq!(last("2027-03-14"), "2027-03-14T23:59:00-04:00");
        assert_eq!(last("2026-11-01"), "2026-11-01T23:59:00-05:00");
    }

    #[test]
    fn people_read_the_zone_too() {
        let instant: Timestamp = "2026-11-23T17:00:00Z".parse().unwrap();
        let zone = zone("America/Los_Angeles").unwrap();
        assert_eq!(spoken(instant, &zone), "Mon 23 Nov 2026, 09:00 (America/Los_Angeles, UTC-08:00)");
    }
}
