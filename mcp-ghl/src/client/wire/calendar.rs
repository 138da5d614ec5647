//! Calendars, slots and appointments on the wire.

use std::collections::HashMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use super::{Instant, said, timestamp};
use crate::calendar::{Appointment, BlockedTime, Calendar};
use crate::record_id::RecordId;

#[derive(Debug, Deserialize)]
pub(in crate::client) struct Calendars {
    #[serde(default)]
    pub(in crate::client) calendars: Vec<ReadCalendar>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::client) struct ReadCalendar {
    id: Option<RecordId>,
    name: Option<String>,
    is_active: Option<bool>,
    slot_duration: Option<f64>,
    slot_duration_unit: Option<String>,
}

impl ReadCalendar {
    /// Our calendar; `None` without an id, and for one that is switched off.
    pub(in crate::client) fn into_calendar(self) -> Option<Calendar> {
        if self.is_active == Some(false) {
            return None;
        }
        let unit_minutes = if self.slot_duration_unit.as_deref() == Some("hours") { 60.0 } else { 1.0 };
        let slot_minutes = self.slot_duration.and_then(|duration| minutes(duration * unit_minutes));
        Some(Calendar { id: self.id?, name: said(self.name)?, slot_minutes })
    }
}

/// The vendor's durations are JSON numbers of any form.
#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "checked; the cast saturates"
)]
fn minutes(number: f64) -> Option<u32> {
    (number >= 1.0).then(|| number.round() as u32)
}

/// By date; among the dates stands a `traceId`, which the specification does not know.
pub(in crate::client) type Slots = HashMap<String, Day>;

#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(in crate::client) enum Day {
    Free { slots: Vec<String> },
    Other(IgnoredAny),
}

/// All starts, in order.
pub(in crate::client) fn starts(slots: Slots) -> Vec<Timestamp> {
    let of_day = |day: Day| match day {
        Day::Free { slots } => slots,
        Day::Other(_) => Vec::new(),
    };
    let mut starts: Vec<Timestamp> =
        slots.into_values().flat_map(of_day).filter_map(|start| start.parse().ok()).collect();
    starts.sort_unstable();
    starts.dedup();
    starts
}

#[derive(Debug, Deserialize)]
pub(in crate::client) struct Events {
    #[serde(default)]
    pub(in crate::client) events: Vec<ReadAppointment>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::client) struct ReadAppointment {
    id: Option<RecordId>,
    location_id: Option<RecordId>,
    calendar_id: Option<String>,
    contact_id: Option<String>,
    title: Option<String>,
    appointment_status: Option<String>,
    assigned_user_id: Option<String>,
    start_time: Option<Instant>,
    end_time: Option<Instant>,
}

impl ReadAppointment {
    /// Our appointment; `None` without an id. Times without an offset are those of `zone`.
    pub(in crate::client) fn into_appointment(self, zone: Option<&TimeZone>) -> Option<Appointment> {
        Some(Appointment {
            id: self.id?,
            location_id: self.location_id,
            calendar_id: self.calendar_id.unwrap_or_default(),
            contact_id: said(self.contact_id),
            title: said(self.title),
            status: said(self.appointment_status),
            owner_id: said(self.assigned_user_id),
            starts_at: timestamp(self.start_time, zone),
            ends_at: timestamp(self.end_time, zone),
        })
    }

    /// The same read as a blocked time, which comes in the shape of an appointment.
    pub(in crate::client) fn into_blocked(self, zone: Option<&TimeZone>) -> Option<BlockedTime> {
        Some(BlockedTime {
            id: self.id?,
            location_id: self.location_id,
            title: said(self.title),
            calendar_id: said(self.calendar_id),
            owner_id: said(self.assigned_user_id),
            starts_at: timestamp(self.start_time, zone),
            ends_at: timestamp(self.end_time, zone),
        })
    }
}

/// One event by itself.
#[derive(Debug, Deserialize)]
pub(in crate::client) struct OneEvent {
    pub(in crate::client) event: Option<ReadAppointment>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::client) struct Book<'a> {
    pub(in crate::client) calendar_id: &'a RecordId,
    pub(in crate::client) location_id: &'a RecordId,
    pub(in crate::client) contact_id: &'a RecordId,
    pub(in crate::client) start_time: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::client) assigned_user_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::client) title: Option<&'a str>,
}

/// A change of an appointment: what is absent stays.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::client) struct Rebook<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::client) start_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::client) end_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::client) appointment_status: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::client) assigned_user_id: Option<&'a str>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(in crate::client) ignore_free_slot_validation: bool,
}

/// A time to be blocked. The specification requires `calendarId` and says beside it that either it or `assignedUserId`
/// is set, not both: the words are followed, as users have found them true (highlevel-api-docs issue 23).
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::client) struct Block<'a> {
    pub(in crate::client) location_id: &'a RecordId,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::client) calendar_id: Option<&'a RecordId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::client) assigned_user_id: Option<&'a RecordId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::client) title: Option<&'a str>,
    pub(in crate::client) start_time: String,
    pub(in crate::client) end_time: String,
}

/// The body that says nothing, where the specification requires one.
#[derive(Debug, Serialize)]
pub(in crate::client) struct Nothing {}

#[derive(Debug, Serialize)]
pub(in crate::client) struct NewNote<'a> {
    pub(in crate::client) body: &'a str,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_are_read_from_among_other_things() {
        let text = r#"{"2026-11-24":{"slots":["2026-11-24T10:00:00-08:00"]},"traceId":"t-1",
            "2026-11-23":{"slots":["2026-11-23T10:00:00-08:00","2026-11-23T09:00:00-08:00","?"]},"x":{"slots":7}}"#;
        let starts = starts(serde_json::from_str(text).unwrap());
        let texts: Vec<String> = starts.iter().map(ToString::to_string).collect();
        assert_eq!(texts, ["2026-11-23T17:00:00Z", "2026-11-23T18:00:00Z", "2026-11-24T18:00:00Z"]);
    }

    #[test]
    fn wall_clock_times_of_appointments_are_the_locations() {
        let zone = crate::local_time::zone("America/Los_Angeles");
        let start = |text: &str| {
            let read: ReadAppointment = serde_json::from_str(text).unwrap();
            read.into_appointment(zone.as_ref()).unwrap().starts_at.unwrap().to_string()
        };
        assert_eq!(start(r#"{"id":"a1","startTime":"2026-11-23 09:00:00"}"#), "2026-11-23T17:00:00Z");
        assert_eq!(start(r#"{"id":"a1","startTime":"2026-11-23T09:00:00+05:30"}"#), "2026-11-23T03:30:00Z");
        assert_eq!(start(r#"{"id":"a1","startTime":1795453200000}"#), "2026-11-23T17:00:00Z");
    }

    #[test]
    fn calendars_that_are_off_are_left_out_and_durations_are_minutes() {
        let read = |text: &str| serde_json::from_str::<ReadCalendar>(text).unwrap().into_calendar();
        assert_eq!(read(r#"{"id":"c1","name":"Call","isActive":false}"#), None);
        let hours = read(r#"{"id":"c1","name":"Call","slotDuration":1.5,"slotDurationUnit":"hours"}"#).unwrap();
        assert_eq!(hours.slot_minutes, Some(90));
        assert_eq!(read(r#"{"id":"c1","name":"Call","slotDuration":30}"#).unwrap().slot_minutes, Some(30));
        assert_eq!(read(r#"{"id":"c1","name":"Call"}"#).unwrap().slot_minutes, None);
    }
}
