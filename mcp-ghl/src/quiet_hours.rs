//! Hours in which nobody's telephone should ring or buzz for a business.
//!
//! The default is what the United States allow telemarketers: from 8 in the morning to 9 in the evening where the called
//! person is (47 CFR 64.1200(c)(1)).

use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use crate::contact::Contact;
use crate::local_time::zone;
use crate::message::Channel;

/// Every day from one time to another, which may be past midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuietHours {
    pub from: Time,
    pub to: Time,
    /// Whether messages are refused then, or only said to be untimely.
    pub refuses: bool,
}

/// It is quiet where the person is.
#[derive(Debug, Clone, PartialEq)]
pub struct Quiet {
    pub zone: TimeZone,
    pub ends_at: Timestamp,
}

impl QuietHours {
    /// Whether it is quiet at an instant in a zone, and until when. With equal ends it never is.
    #[must_use]
    pub fn at(&self, instant: Timestamp, zone: &TimeZone) -> Option<Quiet> {
        let local = instant.to_zoned(zone.clone()).datetime();
        let (time, from, to) = (local.time(), self.from, self.to);
        let (is_quiet, ends_tomorrow) =
            if from <= to { (from <= time && time < to, false) } else { (time >= from || time < to, time >= from) };
        let day = if ends_tomorrow { local.date().checked_add(1.day()).ok()? } else { local.date() };
        let ends_at = day.to_datetime(to).to_zoned(zone.clone()).ok()?.timestamp();
        is_quiet.then(|| Quiet { zone: zone.clone(), ends_at })
    }

    /// The same for a message to a contact: by its own clock, else by `location_zone`'s. Only what makes a telephone buzz
    /// is untimely.
    #[must_use]
    pub fn disturb(
        &self,
        contact: &Contact,
        channel: Channel,
        instant: Timestamp,
        location_zone: Option<&TimeZone>,
    ) -> Option<Quiet> {
        let buzzes = match channel {
            Channel::Sms | Channel::Rcs | Channel::Whatsapp => true,
            Channel::Email | Channel::Facebook | Channel::Instagram | Channel::LiveChat | Channel::Tiktok => false,
        };
        let own = contact.timezone.as_deref().and_then(zone);
        let zone = own.as_ref().or(location_zone).filter(|_| buzzes)?;
        self.at(instant, zone)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::time;

    use super::*;

    fn end(from: Time, to: Time, local: &str) -> Option<String> {
        let zone = zone("America/Los_Angeles").unwrap();
        let instant = local.parse::<jiff::civil::DateTime>().unwrap().to_zoned(zone.clone()).unwrap().timestamp();
        let quiet = QuietHours { from, to, refuses: false }.at(instant, &zone)?;
        Some(quiet.ends_at.to_zoned(zone).datetime().to_string())
    }

    #[test]
    fn nights_end_in_the_morning() {
        let night = |local| end(time(21, 0, 0, 0), time(8, 0, 0, 0), local);
        assert_eq!(night("2026-11-20T20:59:59"), None);
        assert_eq!(night("2026-11-20T21:00:00").as_deref(), Some("2026-11-21T08:00:00"));
        assert_eq!(night("2026-11-20T07:59:59").as_deref(), Some("2026-11-20T08:00:00"));
        assert_eq!(night("2026-11-20T08:00:00"), None);
        // The clocks go forward in that night.
        assert_eq!(night("2027-03-13T23:00:00").as_deref(), Some("2027-03-14T08:00:00"));
    }

    #[test]
    fn a_siesta_ends_the_same_day_and_equal_ends_are_none() {
        let siesta = |local| end(time(13, 0, 0, 0), time(15, 30, 0, 0), local);
        assert_eq!(siesta("2026-11-20T13:00:00").as_deref(), Some("2026-11-20T15:30:00"));
        assert_eq!(siesta("2026-11-20T15:30:00"), None);
        assert_eq!(end(time(8, 0, 0, 0), time(8, 0, 0, 0), "2026-11-20T08:00:00"), None);
    }
}
