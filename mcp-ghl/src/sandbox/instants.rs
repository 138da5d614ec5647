//! Instants as GoHighLevel writes and reads them.

use common::clock::UnixMillis;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// `2021-08-03T04:55:17.355Z`.
pub(crate) fn iso(instant_ms: UnixMillis) -> String {
    Timestamp::from_millisecond(instant_ms).map_or_else(|_| String::new(), |instant| format!("{instant:.3}"))
}

/// Reads milliseconds, an ISO instant or an ISO date (midnight UTC).
pub(crate) fn parse(text: &str) -> Option<UnixMillis> {
    if let Ok(instant_ms) = text.parse::<i64>() {
        return Some(instant_ms);
    }
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Some(instant.as_millisecond());
    }
    midnight(text.parse::<Date>().ok()?)
}

/// Reads `mm-dd-yyyy`, the form of `date` and `endDate` in the opportunity search, as midnight UTC.
pub(crate) fn parse_american_date(text: &str) -> Option<UnixMillis> {
    midnight(Date::strptime("%m-%d-%Y", text).ok()?)
}

fn midnight(date: Date) -> Option<UnixMillis> {
    date.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp().as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_milliseconds_always() {
        assert_eq!(iso(1_627_966_517_355), "2021-08-03T04:55:17.355Z");
        assert_eq!(iso(1_627_966_517_000), "2021-08-03T04:55:17.000Z");
    }

    #[test]
    fn reads_every_form_the_vendor_takes() {
        for text in ["1627948800000", "2021-08-03T00:00:00Z", "2021-08-03"] {
            assert_eq!(parse(text), Some(1_627_948_800_000), "{text}");
        }
        assert_eq!(parse_american_date("08-03-2021"), Some(1_627_948_800_000));
        assert_eq!(parse("yesterday"), None);
        assert_eq!(parse_american_date("2021-08-03"), None);
    }
}
