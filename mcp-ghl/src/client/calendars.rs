//! Calendars, their free slots, and appointments.

use common::error::{Error, ErrorCode, Result};
use common::http::Repeat;
use http::Method;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde::de::IgnoredAny;

use super::operation::Operation;
use super::request::Request;
use super::wire::calendar::{Book, Calendars, Events, NewNote, ReadAppointment, ReadCalendar, Slots, starts};
use super::{Client, Site};
use crate::calendar::{Appointment, Calendar};
use crate::local_time::written;
use crate::record_id::RecordId;

/// The dated version of the calendar family.
pub(super) const V2: &str = "2021-04-15";

pub(super) static CALENDARS: Operation = Operation::read(Method::GET, "/calendars/", "calendars.readonly").or_dated(V2);
pub(super) static FREE_SLOTS: Operation =
    Operation::read(Method::GET, "/calendars/{}/free-slots", "calendars.readonly").or_dated(V2).on("calendar");
pub(super) static OF_CONTACT: Operation =
    Operation::read(Method::GET, "/contacts/{}/appointments", "contacts.readonly").on("contact");
// Never repeated blindly: the second one would be another appointment.
pub(super) static BOOK: Operation =
    Operation::write(Method::POST, "/calendars/events/appointments", "calendars/events.write", Repeat::Never)
        .or_dated(V2);
pub(super) static ADD_NOTE: Operation =
    Operation::write(Method::POST, "/calendars/appointments/{}/notes", "calendars/events.write", Repeat::Never)
        .or_dated(V2)
        .on("appointment");

/// Longest range of one request, in hours: 31 days (specification of `GET /calendars/{calendarId}/free-slots`).
const RANGE_HOURS_MAX: i64 = 31 * 24;

/// Which slots are asked for: starts from one instant to another, both included.
#[derive(Debug, Clone)]
pub(crate) struct SlotQuery {
    pub(crate) from: Timestamp,
    pub(crate) to: Timestamp,
    /// Whose time it is about; anybody's of the calendar's team if absent.
    pub(crate) owner_id: Option<RecordId>,
    /// Enough of them; the rest of the range is not asked for any more.
    pub(crate) count_max: usize,
}

/// What is booked.
#[derive(Debug, Clone)]
pub(crate) struct Booking {
    pub(crate) calendar_id: RecordId,
    pub(crate) contact_id: RecordId,
    pub(crate) start: Timestamp,
    pub(crate) owner_id: Option<RecordId>,
    pub(crate) title: Option<String>,
}

impl Client {
    /// A location's calendars that are in use.
    pub(crate) async fn calendars(&self, site: &Site) -> Result<Vec<Calendar>> {
        let query = [("locationId", site.location.id.as_str())];
        let read: Calendars = self.send(&site.session, &CALENDARS, &Request::default().with_query(&query)).await?;
        Ok(read.calendars.into_iter().filter_map(ReadCalendar::into_calendar).collect())
    }

    /// Free starts in order, a piece of 31 days at a time until there are enough. More than `count_max` may come.
    pub(crate) async fn free_slots(
        &self,
        site: &Site,
        calendar_id: &RecordId,
        query: &SlotQuery,
    ) -> Result<Vec<Timestamp>> {
        let mut found = Vec::new();
        let mut from = query.from;
        while from <= query.to && found.len() < query.count_max {
            let end = from.checked_add(RANGE_HOURS_MAX.hours()).unwrap_or(query.to).min(query.to);
            let slots = self.free_slots_between(site, calendar_id, query.owner_id.as_ref(), (from, end)).await?;
            found.extend(slots.into_iter().filter(|start| (from..=end).contains(start)));
            if end >= query.to {
                break;
            }
            // Whether a range includes its end is not documented: the pieces touch, and what comes twice counts once.
            from = end;
        }
        found.dedup();
        Ok(found)
    }

    async fn free_slots_between(
        &self,
        site: &Site,
        calendar_id: &RecordId,
        owner_id: Option<&RecordId>,
        (from, to): (Timestamp, Timestamp),
    ) -> Result<Vec<Timestamp>> {
        let (from_ms, to_ms) = (from.as_millisecond().to_string(), to.as_millisecond().to_string());
        let mut query = vec![("startDate", from_ms.as_str()), ("endDate", to_ms.as_str())];
        query.extend(owner_id.map(|id| ("userId", id.as_str())));
        let ids = [calendar_id];
        let slots: Slots = self.send(&site.session, &FREE_SLOTS, &Request::of(&ids).with_query(&query)).await?;
        Ok(starts(slots))
    }

    /// A contact's appointments, past and future.
    pub(crate) async fn appointments(&self, site: &Site, contact_id: &RecordId) -> Result<Vec<Appointment>> {
        let read: Events = self.send(&site.session, &OF_CONTACT, &Request::of(&[contact_id])).await?;
        let zone = site.zone();
        Ok(read.events.into_iter().filter_map(|event| event.into_appointment(zone.as_ref())).collect())
    }

    /// Books an appointment. The vendor refuses a slot that is not free.
    pub(crate) async fn book(&self, site: &Site, booking: &Booking, zone: &TimeZone) -> Result<Appointment> {
        let body = Book {
            calendar_id: &booking.calendar_id,
            location_id: &site.location.id,
            contact_id: &booking.contact_id,
            start_time: written(booking.start, Some(zone)),
            assigned_user_id: booking.owner_id.as_ref().map(RecordId::as_str),
            title: booking.title.as_deref(),
        };
        let read: ReadAppointment = self.send(&site.session, &BOOK, &Request::default().with_body(&body)?).await?;
        read.into_appointment(Some(zone)).ok_or_else(|| {
            Error::new(ErrorCode::UpstreamUnavailable, "GoHighLevel's answer lacks the appointment")
                .with_hint("read it back before repeating: it may have been booked")
        })
    }

    /// Writes a note on an appointment.
    pub(crate) async fn add_appointment_note(&self, site: &Site, id: &RecordId, text: &str) -> Result<()> {
        let ids = [id];
        let request = Request::of(&ids).with_body(&NewNote { body: text })?;
        let _: IgnoredAny = self.send(&site.session, &ADD_NOTE, &request).await?;
        Ok(())
    }
}
