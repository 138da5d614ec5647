//! Calendars: what can be booked, and the appointments that were.

use jiff::Timestamp;

use crate::record_id::RecordId;

/// A calendar of a location.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    pub id: RecordId,
    pub name: String,
    /// How long an appointment takes, where the vendor says.
    pub slot_minutes: Option<u32>,
}

/// Somebody's time with a contact. Its title was written by somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appointment {
    pub id: RecordId,
    pub calendar_id: String,
    pub title: Option<String>,
    /// The vendor's word: `confirmed`, `new`, `cancelled`, …
    pub status: Option<String>,
    pub owner_id: Option<String>,
    pub starts_at: Option<Timestamp>,
    pub ends_at: Option<Timestamp>,
}

impl Appointment {
    /// Whether it takes place in this calendar at this time.
    #[must_use]
    pub fn is_at(&self, calendar: &Calendar, start: Timestamp) -> bool {
        let is_off = matches!(self.status.as_deref(), Some("cancelled" | "invalid"));
        let starts_then = self.starts_at.map(Timestamp::as_second) == Some(start.as_second());
        !is_off && starts_then && self.calendar_id == calendar.id.as_str()
    }
}
