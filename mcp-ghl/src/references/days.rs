//! Ranges of days on a location's calendar, which arguments give as `from` and `to`.

use common::error::{Error, Fault, Result};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use crate::client::Site;
use crate::deps::Deps;
use crate::local_time::Moment;

/// From one day to another, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Days {
    pub(crate) from: Date,
    pub(crate) to: Date,
}

/// Which days are meant where none are named, counted from today.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Usual {
    /// The last day: so many days to come, or before today if negative.
    pub(crate) ahead: i64,
    /// The first: so many days before today or before the last, whichever is earlier.
    pub(crate) back: i64,
}

impl Days {
    /// Reads the arguments `from` and `to`.
    ///
    /// # Errors
    /// `invalid_argument` with every fault.
    pub(crate) fn of(deps: &Deps, site: &Site, given: (Option<&str>, Option<&str>), usual: Usual) -> Result<Self> {
        let now = Timestamp::from_millisecond(deps.clock.now_ms())
            .map_err(|source| Error::internal("the clock is out of range", source))?;
        Self::read(now.to_zoned(site.zone().unwrap_or(TimeZone::UTC)).date(), given, usual)
    }

    fn read(today: Date, (from, to): (Option<&str>, Option<&str>), usual: Usual) -> Result<Self> {
        let mut faults = Vec::new();
        let mut day = |field: &str, text: Option<&str>| {
            let read = text?.trim().parse::<Date>();
            read.map_err(|_| faults.push(fault(field, "is not a day", "a date"))).ok()
        };
        let (from, to) = (day("from", from), day("to", to));
        let to = to.unwrap_or_else(|| today.saturating_add(usual.ahead.days()));
        let from = from.unwrap_or_else(|| today.min(to).saturating_sub(usual.back.days()));
        if faults.is_empty() && from > to {
            faults.push(fault("from", "is after `to`", "a day before it"));
        }
        if faults.is_empty() { Ok(Self { from, to }) } else { Err(Error::invalid_arguments(faults)) }
    }

    /// The first and the last instant (RFC 3339, in UTC) by the clocks of the location.
    pub(crate) fn instants(self, site: &Site) -> (String, String) {
        let zone = site.zone().unwrap_or(TimeZone::UTC);
        let text = |instant: Option<Timestamp>| instant.unwrap_or_default().to_string();
        (text(Moment::Day(self.from).first(&zone)), text(Moment::Day(self.to).last(&zone)))
    }
}

fn fault(field: &str, problem: &str, expected: &str) -> Fault {
    Fault {
        field: format!("/{field}"),
        problem: problem.to_owned(),
        expected: expected.to_owned(),
        example: Some("\"2026-11-01\"".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(from: Option<&str>, to: Option<&str>, ahead: i64, back: i64) -> Result<(String, String)> {
        let today = "2026-11-20".parse().unwrap();
        let days = Days::read(today, (from, to), Usual { ahead, back })?;
        Ok((days.from.to_string(), days.to.to_string()))
    }

    #[test]
    fn what_is_not_named_is_counted_from_today() {
        let cases = [
            (None, None, 0, 30, ("2026-10-21", "2026-11-20")),
            (None, None, 90, 30, ("2026-10-21", "2027-02-18")),
            (None, None, -1, 6, ("2026-11-13", "2026-11-19")),
            (None, Some("2026-06-30"), 0, 30, ("2026-05-31", "2026-06-30")),
            (Some("2026-11-01"), None, 0, 30, ("2026-11-01", "2026-11-20")),
        ];
        for (from, to, ahead, back, (first, last)) in cases {
            assert_eq!(read(from, to, ahead, back).unwrap(), (first.to_owned(), last.to_owned()));
        }
    }

    #[test]
    fn every_fault_is_told() {
        let error = read(Some("Monday"), Some("2026-13-01"), 0, 30).unwrap_err();
        assert_eq!(error.details().faults.len(), 2);
        assert!(read(Some("2026-11-02"), Some("2026-11-01"), 0, 30).is_err());
    }
}
