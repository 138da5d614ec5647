//! Calendars: what can be booked, and the appointments that were.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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
    pub location_id: Option<RecordId>,
    pub calendar_id: String,
    pub contact_id: Option<String>,
    pub title: Option<String>,
    /// The vendor's word: `confirmed`, `new`, `cancelled`, …
    pub status: Option<String>,
    pub owner_id: Option<String>,
    pub starts_at: Option<Timestamp>,
    pub ends_at: Option<Timestamp>,
}

/// What an appointment can be set to: what is agreed, and what became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum AppointmentStatus {
    New,
    Confirmed,
    Showed,
    Noshow,
    Cancelled,
}

/// What is written to an appointment; what is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AppointmentChange {
    /// Its length stays.
    pub start: Option<Timestamp>,
    pub status: Option<AppointmentStatus>,
    pub owner_id: Option<RecordId>,
}

/// A time in which a calendar, or a person in all calendars, cannot be booked. Its title was written by somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlockedTime {
    pub id: RecordId,
    pub location_id: Option<RecordId>,
    pub title: Option<String>,
    pub calendar_id: Option<String>,
    pub owner_id: Option<String>,
    pub starts_at: Option<Timestamp>,
    pub ends_at: Option<Timestamp>,
}

/// Whose time it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whose {
    /// Of a calendar with its whole team.
    Calendar(RecordId),
    /// Of one person, in all calendars.
    Owner(RecordId),
}

impl Appointment {
    /// Whether it takes place in this calendar at this time.
    #[must_use]
    pub fn is_at(&self, calendar: &Calendar, start: Timestamp) -> bool {
        let starts_then = self.starts_at.map(Timestamp::as_second) == Some(start.as_second());
        !self.is_off() && starts_then && self.calendar_id == calendar.id.as_str()
    }

    /// Whether it does not take place.
    #[must_use]
    pub fn is_off(&self) -> bool {
        matches!(self.status.as_deref(), Some("cancelled" | "invalid"))
    }
}

impl AppointmentStatus {
    /// The vendor's word, the same as ours.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Confirmed => "confirmed",
            Self::Showed => "showed",
            Self::Noshow => "noshow",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether it says what became of an appointment, which is then past.
    #[must_use]
    pub const fn is_of_past(self) -> bool {
        match self {
            Self::Showed | Self::Noshow => true,
            Self::New | Self::Confirmed | Self::Cancelled => false,
        }
    }
}

impl AppointmentChange {
    /// What of it differs from the appointment there is.
    #[must_use]
    pub fn against(&self, appointment: &Appointment) -> Self {
        let seconds = |start: &Timestamp| Some(start.as_second());
        let old_start = appointment.starts_at.map(Timestamp::as_second);
        Self {
            start: self.start.filter(|start| seconds(start) != old_start),
            status: self.status.filter(|status| appointment.status.as_deref() != Some(status.as_str())),
            owner_id: self.owner_id.clone().filter(|id| appointment.owner_id.as_deref() != Some(id.as_str())),
        }
    }

    /// The arguments that it changes.
    #[must_use]
    pub fn fields(&self) -> Vec<&'static str> {
        let fields =
            [("start", self.start.is_some()), ("status", self.status.is_some()), ("owner", self.owner_id.is_some())];
        fields.into_iter().filter(|(_, is_there)| *is_there).map(|(field, _)| field).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn appointment() -> Appointment {
        Appointment {
            id: "a1".parse().unwrap(),
            location_id: None,
            calendar_id: "c1".to_owned(),
            contact_id: None,
            title: None,
            status: Some("confirmed".to_owned()),
            owner_id: Some("u1".to_owned()),
            starts_at: Some("2027-01-04T17:00:00Z".parse().unwrap()),
            ends_at: None,
        }
    }

    #[test]
    fn only_what_differs_is_written() {
        let same = AppointmentChange {
            start: appointment().starts_at,
            status: Some(AppointmentStatus::Confirmed),
            owner_id: Some("u1".parse().unwrap()),
        };
        assert_eq!(same.against(&appointment()), AppointmentChange::default());
        let other = AppointmentChange { owner_id: Some("u2".parse().unwrap()), ..same };
        assert_eq!(other.against(&appointment()).fields(), ["owner"]);
    }

    #[test]
    fn what_is_cancelled_takes_no_place() {
        let calendar = Calendar { id: "c1".parse().unwrap(), name: "Call".to_owned(), slot_minutes: None };
        let start = "2027-01-04T17:00:00Z".parse().unwrap();
        assert!(appointment().is_at(&calendar, start));
        let off = Appointment { status: Some("cancelled".to_owned()), ..appointment() };
        assert!(!off.is_at(&calendar, start));
    }
}
