//! An appointment in answers: made, shown, and in the list of its contact.

use common::clock::UnixMillis;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;

use crate::sandbox::blocked::Blocked;
use crate::sandbox::instants::iso;
use crate::sandbox::store::appointments::{Appointment, AppointmentNote};
use crate::sandbox::store::documents::Record;
use crate::sandbox::version::Generation;

/// What `POST /calendars/events/appointments` answers.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Made {
    id: String,
    calendar_id: String,
    location_id: String,
    contact_id: String,
    start_time: String,
    end_time: String,
    title: String,
    appointment_status: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    assigned_user_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<String>,
    is_recurring: bool,
    /// Only v3 shows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    date_added: Option<String>,
    /// Only v3 shows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    date_updated: Option<String>,
}

impl Made {
    pub(crate) fn new(appointment: Appointment, zone: &TimeZone, generation: Generation) -> Self {
        let added = match generation {
            Generation::V2 => None,
            Generation::V3 => Some(iso(appointment.added_at_ms)),
        };
        Self {
            start_time: with_offset(appointment.starts_at_ms, zone),
            end_time: with_offset(appointment.ends_at_ms, zone),
            id: appointment.id,
            calendar_id: appointment.calendar_id,
            location_id: appointment.location_id,
            contact_id: appointment.contact_id,
            title: appointment.title,
            appointment_status: appointment.status,
            assigned_user_id: appointment.user_id,
            address: appointment.address,
            is_recurring: false,
            date_added: added.clone(),
            date_updated: added,
        }
    }
}

/// An appointment as it is shown by itself and in a list.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EventAnswer {
    id: String,
    title: String,
    calendar_id: String,
    location_id: String,
    contact_id: String,
    group_id: String,
    appointment_status: String,
    assigned_user_id: String,
    users: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    notes: Option<String>,
    start_time: String,
    end_time: String,
    date_added: String,
    date_updated: String,
}

impl EventAnswer {
    /// By itself: instants with their offset.
    pub(crate) fn shown(appointment: Appointment, zone: &TimeZone) -> Self {
        let times = [appointment.starts_at_ms, appointment.ends_at_ms].map(|at_ms| with_offset(at_ms, zone));
        Self::new(appointment, times, None)
    }

    /// A blocked time, which has neither contact nor status: the specification requires both, so that they are empty.
    pub(crate) fn blocked(record: &Record, blocked: Blocked, zone: &TimeZone) -> Self {
        let [added, updated] = [record.added_at_ms, record.updated_at_ms].map(iso);
        Self {
            id: record.id.clone(),
            title: blocked.title,
            calendar_id: blocked.calendar_id.unwrap_or_default(),
            location_id: record.location_id.clone(),
            contact_id: String::new(),
            group_id: String::new(),
            appointment_status: String::new(),
            assigned_user_id: blocked.user_id.unwrap_or_default(),
            users: Vec::new(),
            address: None,
            notes: None,
            start_time: with_offset(blocked.starts_at_ms, zone),
            end_time: with_offset(blocked.ends_at_ms, zone),
            date_added: added,
            date_updated: updated,
        }
    }

    /// In its contact's list, where times are the location's wall clock without an offset: `2021-07-16 11:00:00` is the
    /// specification's own example.
    pub(crate) fn listed(appointment: Appointment, zone: &TimeZone, note: Option<String>) -> Self {
        let times = [appointment.starts_at_ms, appointment.ends_at_ms].map(|at_ms| wall_clock(at_ms, zone));
        Self::new(appointment, times, note)
    }

    fn new(appointment: Appointment, [start_time, end_time]: [String; 2], notes: Option<String>) -> Self {
        let added = iso(appointment.added_at_ms);
        Self {
            id: appointment.id,
            title: appointment.title,
            calendar_id: appointment.calendar_id,
            location_id: appointment.location_id,
            contact_id: appointment.contact_id,
            group_id: String::new(),
            appointment_status: appointment.status,
            assigned_user_id: appointment.user_id.unwrap_or_default(),
            users: Vec::new(),
            address: appointment.address,
            notes,
            start_time,
            end_time,
            date_added: added.clone(),
            date_updated: added,
        }
    }
}

/// What blocking a time answers.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BlockedAnswer {
    id: String,
    location_id: String,
    title: String,
    start_time: String,
    end_time: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    calendar_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    assigned_user_id: Option<String>,
}

impl BlockedAnswer {
    pub(crate) fn new(record: Record, blocked: Blocked, zone: &TimeZone) -> Self {
        Self {
            id: record.id,
            location_id: record.location_id,
            title: blocked.title,
            start_time: with_offset(blocked.starts_at_ms, zone),
            end_time: with_offset(blocked.ends_at_ms, zone),
            calendar_id: blocked.calendar_id,
            assigned_user_id: blocked.user_id,
        }
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NoteAnswer {
    id: String,
    body: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<String>,
    date_added: String,
    contact_id: String,
}

impl NoteAnswer {
    pub(crate) fn new(note: AppointmentNote, contact_id: String) -> Self {
        Self { id: note.id, body: note.body, user_id: note.user_id, date_added: iso(note.added_at_ms), contact_id }
    }
}

/// `2026-11-23T09:00:00-08:00`
pub(crate) fn with_offset(instant_ms: UnixMillis, zone: &TimeZone) -> String {
    written(instant_ms, zone, "%Y-%m-%dT%H:%M:%S%:z")
}

fn wall_clock(instant_ms: UnixMillis, zone: &TimeZone) -> String {
    written(instant_ms, zone, "%Y-%m-%d %H:%M:%S")
}

fn written(instant_ms: UnixMillis, zone: &TimeZone, form: &str) -> String {
    let instant = Timestamp::from_millisecond(instant_ms).unwrap_or_default();
    instant.to_zoned(zone.clone()).strftime(form).to_string()
}
