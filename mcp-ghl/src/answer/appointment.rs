//! What is shown of an appointment and of a blocked time.

use common::tool::one_line;
use jiff::tz::TimeZone;
use schemars::JsonSchema;
use serde::Serialize;

use super::{line, owner};
use crate::calendar::{Appointment, BlockedTime, Calendar};
use crate::local_time::written;
use crate::user::User;

/// Longest title shown, in characters.
const TITLE_LENGTH_MAX: usize = 120;

/// An appointment, by itself and in a list.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct AppointmentRow {
    /// Opaque id.
    pub(crate) id: String,
    /// RFC 3339, on the location's clock.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) starts_at: Option<String>,
    /// RFC 3339, on the location's clock.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ends_at: Option<String>,
    /// What it is called, often with the contact's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) title: Option<String>,
    /// GoHighLevel's word, such as confirmed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) status: Option<String>,
    /// Name of the calendar.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) calendar: String,
    /// Who meets the contact.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) owner: Option<String>,
    /// Id of the contact.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) contact_id: Option<String>,
}

/// What the ids in calendars mean, and whose clock they are shown on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CalendarNames<'a> {
    pub(crate) zone: Option<&'a TimeZone>,
    pub(crate) calendars: &'a [Calendar],
    /// `None` where they cannot be read.
    pub(crate) users: Option<&'a [User]>,
}

impl CalendarNames<'_> {
    /// A calendar's name; its id where the location does not use it any more.
    pub(crate) fn calendar(&self, id: &str) -> String {
        let known = self.calendars.iter().find(|calendar| calendar.id.as_str() == id);
        line(known.map_or(id, |calendar| &calendar.name))
    }
}

impl AppointmentRow {
    pub(crate) fn of(appointment: &Appointment, names: CalendarNames<'_>) -> Self {
        Self {
            id: appointment.id.to_string(),
            starts_at: appointment.starts_at.map(|at| written(at, names.zone)),
            ends_at: appointment.ends_at.map(|at| written(at, names.zone)),
            title: appointment.title.as_deref().map(title),
            status: appointment.status.as_deref().map(line),
            calendar: names.calendar(&appointment.calendar_id),
            owner: appointment.owner_id.as_deref().map(|id| owner(names.users, id)),
            contact_id: appointment.contact_id.as_deref().map(line),
        }
    }
}

/// A time in which nobody, or one person, can be booked.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct BlockedRow {
    /// RFC 3339, on the location's clock.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) starts_at: Option<String>,
    /// RFC 3339, on the location's clock.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ends_at: Option<String>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) title: Option<String>,
    /// The calendar that cannot be booked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) calendar: Option<String>,
    /// Who cannot be booked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) owner: Option<String>,
}

impl BlockedRow {
    pub(crate) fn of(blocked: &BlockedTime, names: CalendarNames<'_>) -> Self {
        Self {
            starts_at: blocked.starts_at.map(|at| written(at, names.zone)),
            ends_at: blocked.ends_at.map(|at| written(at, names.zone)),
            title: blocked.title.as_deref().map(title),
            calendar: blocked.calendar_id.as_deref().map(|id| names.calendar(id)),
            owner: blocked.owner_id.as_deref().map(|id| owner(names.users, id)),
        }
    }
}

/// A title of an appointment on one plain line.
pub(crate) fn title(text: &str) -> String {
    one_line(text, TITLE_LENGTH_MAX)
}
