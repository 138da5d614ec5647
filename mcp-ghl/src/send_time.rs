//! When a message is to go out: an instant, or a local time in a time zone.

use common::clock::UnixMillis;
use common::error::{Error, Result};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

/// How far ahead a message may be scheduled, in days. Ours: the vendor names no limit, and a year is surely a mistake.
const DAYS_AHEAD_MAX: i64 = 365;

const EXAMPLE: &str = "\"2026-11-21T09:00\"";

/// An instant in the future, to the second.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SendTime {
    seconds: i64,
    /// With the offset of its time zone, RFC 3339.
    shown: String,
}

impl SendTime {
    /// Reads the arguments `send_at` and `timezone`: an RFC 3339 instant stands by itself, a local time in `timezone`, or
    /// where none is named in the location's.
    ///
    /// # Errors
    /// `invalid_argument` if it is no time, its time zone is unknown or missing, the time does not exist there (a clock
    /// that was put forward), or it is not within the next 365 days.
    pub fn parse(
        text: &str,
        timezone: Option<&str>,
        location_timezone: Option<&str>,
        now_ms: UnixMillis,
    ) -> Result<Self> {
        Self::parse_argument("send_at", text, timezone, location_timezone, now_ms)
    }

    /// The same of an argument of another name than `send_at`.
    ///
    /// # Errors
    /// As [`SendTime::parse`].
    pub fn parse_argument(
        field: &str,
        text: &str,
        timezone: Option<&str>,
        location_timezone: Option<&str>,
        now_ms: UnixMillis,
    ) -> Result<Self> {
        let wrong = |problem, expected| Error::invalid_argument(field, problem, expected, Some(EXAMPLE));
        let named = timezone.map(|name| zone("timezone", name)).transpose()?;
        let zoned = if let Ok(instant) = text.trim().parse::<Timestamp>() {
            instant.to_zoned(named.unwrap_or(TimeZone::UTC))
        } else {
            let local: DateTime = text
                .trim()
                .parse()
                .map_err(|source| wrong("is not a time", "a local time, or an RFC 3339 instant").with_source(source))?;
            let zone = match (named, location_timezone) {
                (Some(zone), _) => zone,
                (None, Some(name)) => zone("timezone", name)?,
                (None, None) => {
                    let expected = "an IANA name, as the location has none";
                    let example = Some("\"Europe/Berlin\"");
                    return Err(Error::invalid_argument("timezone", "is missing", expected, example));
                }
            };
            let ambiguous = zone.to_ambiguous_zoned(local);
            ambiguous.unambiguous().map_err(|source| {
                wrong("happens never or twice there, as clocks are changed", "an RFC 3339 instant").with_source(source)
            })?
        };
        let seconds = zoned.timestamp().as_second();
        let now = Timestamp::from_millisecond(now_ms)
            .map_err(|source| Error::internal("the clock is out of range", source))?;
        let last = now.checked_add((24 * DAYS_AHEAD_MAX).hours()).unwrap_or(Timestamp::MAX);
        if zoned.timestamp() <= now {
            return Err(wrong("is in the past", "a time in the future, or none to send at once"));
        }
        if zoned.timestamp() > last {
            return Err(wrong("is too far ahead", "a time within 365 days"));
        }
        Ok(Self { seconds, shown: zoned.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string() })
    }

    /// Seconds since 1970 in UTC: what the vendor's `scheduledTimestamp` counts.
    #[must_use]
    pub const fn seconds(&self) -> i64 {
        self.seconds
    }

    /// The instant itself.
    #[must_use]
    pub fn instant(&self) -> Timestamp {
        Timestamp::from_second(self.seconds).unwrap_or(Timestamp::MAX)
    }

    /// `2026-11-21 09:00 AM`, by the clocks of a zone: what the vendor's email campaigns take. To the minute.
    ///
    /// # Errors
    /// `invalid_argument` for a zone that is none.
    pub fn on_the_wall(&self, timezone: &str) -> Result<String> {
        let zoned = self.instant().to_zoned(zone("timezone", timezone)?);
        Ok(zoned.strftime("%Y-%m-%d %I:%M %p").to_string())
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.shown
    }
}

fn zone(field: &str, name: &str) -> Result<TimeZone> {
    TimeZone::get(name.trim()).map_err(|source| {
        let example = Some("\"Europe/Berlin\"");
        Error::invalid_argument(field, "is not a time zone", "an IANA name", example).with_source(source)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-20T00:00:00Z.
    const NOW_MS: UnixMillis = 1_795_132_800_000;

    fn read(text: &str, timezone: Option<&str>, location: Option<&str>) -> Result<SendTime> {
        SendTime::parse(text, timezone, location, NOW_MS)
    }

    #[test]
    fn local_times_are_taken_in_the_named_zone_else_the_locations() {
        let portland = Some("America/Los_Angeles");
        let cases = [
            ("2026-11-21T09:00", None, portland, 1_795_280_400, "2026-11-21T09:00:00-08:00"),
            ("2026-11-21 09:00", Some("Europe/Berlin"), portland, 1_795_248_000, "2026-11-21T09:00:00+01:00"),
            ("2026-11-21T08:00:00Z", None, portland, 1_795_248_000, "2026-11-21T08:00:00+00:00"),
            ("2026-11-21T09:00:00+01:00", Some("Europe/Berlin"), None, 1_795_248_000, "2026-11-21T09:00:00+01:00"),
        ];
        for (text, timezone, location, seconds, shown) in cases {
            let time = read(text, timezone, location).unwrap();
            assert_eq!((time.seconds(), time.as_str()), (seconds, shown), "{text}");
        }
    }

    #[test]
    fn the_wall_shows_halves_of_days() {
        let wall = |text| read(text, None, None).unwrap().on_the_wall("America/New_York").unwrap();
        assert_eq!(wall("2026-11-21T18:05:00Z"), "2026-11-21 01:05 PM");
        assert_eq!(wall("2026-11-21T05:00:00Z"), "2026-11-21 12:00 AM");
    }

    #[test]
    fn what_is_no_time_to_come_is_refused() {
        let berlin = Some("Europe/Berlin");
        let cases = [
            ("tomorrow", berlin, "/send_at"),
            ("2026-11-19T09:00", berlin, "/send_at"),
            ("2026-11-20T00:00:00Z", None, "/send_at"),
            ("2027-12-01T09:00", berlin, "/send_at"),
            ("2027-03-28T02:30", berlin, "/send_at"),
            ("2026-11-21T09:00", Some("Europe/Bärlin"), "/timezone"),
            ("2026-11-21T09:00", None, "/timezone"),
        ];
        for (text, timezone, field) in cases {
            let error = read(text, timezone, None).unwrap_err();
            assert_eq!(error.details().faults.first().unwrap().field, field, "{text}");
        }
    }
}
