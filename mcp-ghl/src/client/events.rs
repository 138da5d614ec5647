//! What stands in calendars: appointments by time, changes to one, and blocked times.

use common::error::{Error, ErrorCode, Result};
use common::http::Repeat;
use http::Method;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::de::IgnoredAny;

use super::operation::Operation;
use super::request::Request;
use super::wire::calendar::{Block, Events, Nothing, OneEvent, ReadAppointment, Rebook};
use super::{Client, Site};
use crate::calendar::{Appointment, AppointmentChange, BlockedTime, Whose};
use crate::local_time::written;
use crate::record_id::RecordId;

/// The dated version of the calendar family.
const V2: &str = "2021-04-15";

pub(super) static LIST: Operation =
    Operation::read(Method::GET, "/calendars/events", "calendars/events.readonly").or_dated(V2);
pub(super) static GET: Operation =
    Operation::read(Method::GET, "/calendars/events/appointments/{}", "calendars/events.readonly")
        .or_dated(V2)
        .on("appointment");
// Never repeated blindly: people may be told of every change.
pub(super) static UPDATE: Operation =
    Operation::write(Method::PUT, "/calendars/events/appointments/{}", "calendars/events.write", Repeat::Never)
        .or_dated(V2)
        .on("appointment");
pub(super) static BLOCKED: Operation =
    Operation::read(Method::GET, "/calendars/blocked-slots", "calendars/events.readonly").or_dated(V2);
pub(super) static BLOCK: Operation =
    Operation::write(Method::POST, "/calendars/events/block-slots", "calendars/events.write", Repeat::Never)
        .or_dated(V2);
// Never repeated blindly: the second one would say that there is none.
pub(super) static REMOVE: Operation =
    Operation::write(Method::DELETE, "/calendars/events/{}", "calendars/events.write", Repeat::Never)
        .or_dated(V2)
        .on("blocked time");

/// From one instant to another, both included.
pub(crate) type Span = (Timestamp, Timestamp);

impl Client {
    /// Somebody's appointments that begin in a time, cancelled ones too, in no order.
    pub(crate) async fn events(&self, site: &Site, whose: &Whose, span: Span) -> Result<Vec<Appointment>> {
        let (read, zone) = (self.events_of(site, &LIST, whose, span).await?, site.zone());
        let appointments = read.events.into_iter().filter_map(|event| event.into_appointment(zone.as_ref()));
        Ok(appointments.filter(|appointment| site.holds(appointment.location_id.as_ref())).collect())
    }

    /// Somebody's blocked times that begin in a time, in no order.
    pub(crate) async fn blocked_times(&self, site: &Site, whose: &Whose, span: Span) -> Result<Vec<BlockedTime>> {
        let (read, zone) = (self.events_of(site, &BLOCKED, whose, span).await?, site.zone());
        let blocked = read.events.into_iter().filter_map(|event| event.into_blocked(zone.as_ref()));
        Ok(blocked.filter(|blocked| site.holds(blocked.location_id.as_ref())).collect())
    }

    async fn events_of(&self, site: &Site, operation: &Operation, whose: &Whose, (from, to): Span) -> Result<Events> {
        let (from_ms, to_ms) = (from.as_millisecond().to_string(), to.as_millisecond().to_string());
        let whose = match whose {
            Whose::Calendar(id) => ("calendarId", id.as_str()),
            Whose::Owner(id) => ("userId", id.as_str()),
        };
        let query = [("locationId", site.location.id.as_str()), whose, ("startTime", &*from_ms), ("endTime", &*to_ms)];
        self.send(&site.session, operation, &Request::default().with_query(&query)).await
    }

    /// One appointment.
    pub(crate) async fn appointment(&self, site: &Site, id: &RecordId) -> Result<Appointment> {
        let one: OneEvent = self.send(&site.session, &GET, &Request::of(&[id])).await?;
        let appointment = one.event.and_then(|event| event.into_appointment(site.zone().as_ref()));
        appointment.filter(|appointment| site.holds(appointment.location_id.as_ref())).ok_or_else(|| {
            Error::new(ErrorCode::NotFound, "no appointment of this id in this location")
                .with_hint("call `list_appointments`, or name another `location`")
        })
    }

    /// Changes an appointment; moved, it lasts as long as before. The vendor refuses a slot that is not free, unless
    /// `takes_any_slot`.
    pub(crate) async fn change_appointment(
        &self,
        site: &Site,
        before: &Appointment,
        change: &AppointmentChange,
        takes_any_slot: bool,
    ) -> Result<Appointment> {
        let zone = site.zone().unwrap_or(TimeZone::UTC);
        let lasts = before.ends_at.zip(before.starts_at).map(|(end, start)| end.duration_since(start));
        let end = change.start.zip(lasts).and_then(|(start, lasts)| start.checked_add(lasts).ok());
        let body = Rebook {
            start_time: change.start.map(|start| written(start, Some(&zone))),
            end_time: end.map(|end| written(end, Some(&zone))),
            appointment_status: change.status.map(crate::calendar::AppointmentStatus::as_str),
            assigned_user_id: change.owner_id.as_ref().map(RecordId::as_str),
            ignore_free_slot_validation: takes_any_slot,
        };
        let ids = [&before.id];
        let read: ReadAppointment = self.send(&site.session, &UPDATE, &Request::of(&ids).with_body(&body)?).await?;
        read.into_appointment(Some(&zone)).ok_or_else(|| unreadable("appointment"))
    }

    /// Blocks somebody's time.
    pub(crate) async fn block_time(
        &self,
        site: &Site,
        whose: &Whose,
        (from, to): Span,
        title: Option<&str>,
    ) -> Result<BlockedTime> {
        let zone = site.zone();
        let (calendar_id, assigned_user_id) = match whose {
            Whose::Calendar(id) => (Some(id), None),
            Whose::Owner(id) => (None, Some(id)),
        };
        let body = Block {
            location_id: &site.location.id,
            calendar_id,
            assigned_user_id,
            title,
            start_time: written(from, zone.as_ref()),
            end_time: written(to, zone.as_ref()),
        };
        let read: ReadAppointment = self.send(&site.session, &BLOCK, &Request::default().with_body(&body)?).await?;
        read.into_blocked(zone.as_ref()).ok_or_else(|| unreadable("blocked time"))
    }

    /// Takes a blocked time away. The vendor takes an appointment away as well: whoever calls knows what it is.
    pub(crate) async fn remove_blocked(&self, site: &Site, id: &RecordId) -> Result<()> {
        let ids = [id];
        let _: IgnoredAny = self.send(&site.session, &REMOVE, &Request::of(&ids).with_body(&Nothing {})?).await?;
        Ok(())
    }
}

fn unreadable(noun: &str) -> Error {
    Error::new(ErrorCode::UpstreamUnavailable, format!("GoHighLevel's answer lacks the {noun}"))
        .with_hint("read it back before repeating: it may have been written")
}
