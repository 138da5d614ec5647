//! Appointments: made, shown, noted, and listed by contact.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Extension, Path, State};
use axum::routing::{get, post};
use common::clock::UnixMillis;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::Serialize;

use crate::sandbox::Sandbox;
use crate::sandbox::blocked;
use crate::sandbox::body::Body;
use crate::sandbox::door::Call;
use crate::sandbox::errors::Refusal;
use crate::sandbox::ids;
use crate::sandbox::routes::calendars::{calendar_of, zone_of};
use crate::sandbox::routes::{Answer, CallOf, contact_of, created, json};
use crate::sandbox::slots::{Wanted, free, who_is_free};
use crate::sandbox::store::appointments::{Appointment, AppointmentNote};
use crate::sandbox::store::calendars::Calendar;
use crate::sandbox::store::{self, Connection};
use crate::sandbox::version::Generation;
use crate::sandbox::wire::appointment::{EventAnswer, Made, NoteAnswer};

pub(crate) const MINUTE_MS: i64 = 60_000;

/// Longest note, in characters (specification of `POST /calendars/appointments/{appointmentId}/notes`).
const NOTE_LENGTH_MAX: usize = 5_000;

pub(crate) const MEETING_KINDS: [&str; 7] = ["custom", "zoom", "gmeet", "phone", "address", "ms_teams", "google"];

pub(crate) fn routes() -> Router<Sandbox> {
    Router::new()
        .route("/calendars/events/appointments", post(create))
        .route("/calendars/events/appointments/{id}", get(show))
        .route("/calendars/appointments/{id}/notes", post(create_note))
        .route("/contacts/{contact_id}/appointments", get(list))
}

#[derive(Debug, Serialize)]
struct One {
    event: EventAnswer,
}

#[derive(Debug, Serialize)]
struct Many {
    events: Vec<EventAnswer>,
}

#[derive(Debug, Serialize)]
struct OneNote {
    note: NoteAnswer,
}

/// What a body asks for.
struct Booking {
    location_id: String,
    calendar_id: String,
    contact_id: String,
    start: String,
    end: Option<String>,
    title: Option<String>,
    status: Option<String>,
    user_id: Option<String>,
    address: Option<String>,
    /// The vendor's `ignoreFreeSlotValidation`.
    takes_any_slot: bool,
}

impl Booking {
    fn read(body: &mut Body, generation: Generation) -> Self {
        let statuses = statuses(generation);
        // Checked and then dropped: the emulator holds no meetings, runs no automations and repeats nothing.
        body.choice("meetingLocationType", &MEETING_KINDS);
        body.text("meetingLocationId");
        body.flag("overrideLocationConfig");
        body.flag("ignoreDateRange");
        body.flag("toNotify");
        body.text("rrule");
        Self {
            location_id: body.required_text("locationId"),
            calendar_id: body.required_text("calendarId"),
            contact_id: body.required_text("contactId"),
            start: body.required_text("startTime"),
            end: body.text("endTime"),
            title: body.text("title"),
            status: body.choice("appointmentStatus", &statuses),
            user_id: body.text("assignedUserId"),
            address: body.text("address"),
            takes_any_slot: body.flag("ignoreFreeSlotValidation") == Some(true),
        }
    }
}

/// What an appointment can be set to.
pub(crate) fn statuses(generation: Generation) -> Vec<&'static str> {
    let mut statuses = vec!["new", "confirmed", "cancelled", "showed", "noshow", "invalid"];
    match generation {
        Generation::V2 => {}
        Generation::V3 => statuses.extend(["completed", "active"]),
    }
    statuses
}

async fn create(State(sandbox): State<Sandbox>, Extension(call): CallOf, bytes: Bytes) -> Answer {
    let mut body = Body::parse(&bytes)?;
    let booking = Booking::read(&mut body, call.generation);
    body.finish()?;
    call.grant.require_location(&booking.location_id)?;

    let mut tx = sandbox.begin().await?;
    let (calendar, zone) = calendar_of(&mut tx, &call, &booking.calendar_id).await?;
    let contact = contact_of(&mut tx, &call, &booking.contact_id).await?;
    let starts_at_ms = instant(&booking.start, &zone, "startTime")?;
    let usual_end_ms = starts_at_ms + calendar.slot_minutes * MINUTE_MS;
    let ends_at_ms = booking.end.as_deref().map_or(Ok(usual_end_ms), |end| instant(end, &zone, "endTime"))?;
    let slot = Slot {
        start_ms: starts_at_ms,
        now_ms: sandbox.now_ms(),
        user_id: booking.user_id.as_deref(),
        takes_any: booking.takes_any_slot,
        besides: None,
    };
    let user_id = user_for(&mut tx, &calendar, &zone, slot).await?;
    let appointment = Appointment {
        location_id: calendar.location_id,
        id: ids::fresh(),
        calendar_id: calendar.id,
        title: booking.title.unwrap_or_else(|| contact.name()),
        contact_id: contact.id,
        user_id,
        status: booking.status.unwrap_or_else(|| "confirmed".to_owned()),
        address: booking.address,
        starts_at_ms,
        ends_at_ms,
        added_at_ms: sandbox.now_ms(),
    };
    store::appointments::insert(&mut tx, &appointment).await?;
    store::commit(tx).await?;
    // The specification lists 200 for this operation, not 201.
    Ok(json(Made::new(appointment, &zone, call.generation)))
}

/// When an appointment is to be, and with whom.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Slot<'a> {
    pub(crate) start_ms: UnixMillis,
    pub(crate) now_ms: UnixMillis,
    pub(crate) user_id: Option<&'a str>,
    /// The vendor's `ignoreFreeSlotValidation`.
    pub(crate) takes_any: bool,
    /// The appointment that is being moved, which is not in its own way.
    pub(crate) besides: Option<&'a str>,
}

/// Whose appointment it becomes.
pub(crate) async fn user_for(
    connection: &mut Connection,
    calendar: &Calendar,
    zone: &TimeZone,
    slot: Slot<'_>,
) -> Result<Option<String>, Refusal> {
    let Slot { start_ms, now_ms, user_id, takes_any, besides } = slot;
    if user_id.is_some_and(|id| !calendar.team.0.iter().any(|member| member == id)) {
        // The wording is ours: what the vendor says is not documented.
        return Err(Refusal::bad_request("The selected user is not part of the calendar's team."));
    }
    if takes_any {
        return Ok(user_id.or(calendar.team.0.first().map(String::as_str)).map(str::to_owned));
    }
    let end_ms = start_ms + calendar.slot_minutes * MINUTE_MS;
    let busy = blocked::busy(connection, calendar, (start_ms, end_ms), besides).await?;
    let wanted = Wanted { from_ms: start_ms, to_ms: start_ms, now_ms, user_id };
    let user = who_is_free(calendar, start_ms, user_id, &busy);
    match user.filter(|_| free(calendar, zone, wanted, &busy).contains(&start_ms)) {
        Some(user) => Ok(Some(user.to_owned())),
        // As users of the API quote it; the specification lists 400 without a text.
        None => Err(Refusal::bad_request("The slot you have selected is no longer available.")),
    }
}

/// A time without an offset is the location's wall clock.
pub(crate) fn instant(text: &str, zone: &TimeZone, field: &str) -> Result<UnixMillis, Refusal> {
    if let Ok(instant) = text.parse::<jiff::Timestamp>() {
        return Ok(instant.as_millisecond());
    }
    let wall = text.parse::<DateTime>().ok().and_then(|wall| wall.to_zoned(zone.clone()).ok());
    let bad = || Refusal::unprocessable(vec![format!("{field} must be a valid ISO 8601 date string")]);
    wall.map(|zoned| zoned.timestamp().as_millisecond()).ok_or_else(bad)
}

async fn show(State(sandbox): State<Sandbox>, Extension(call): CallOf, Path(id): Path<String>) -> Answer {
    let mut connection = store::read(sandbox.db()).await?;
    let appointment = appointment_of(&mut connection, &call, &id).await?;
    let zone = zone_of(&mut connection, &appointment.location_id).await?;
    Ok(json(One { event: EventAnswer::shown(appointment, &zone) }))
}

async fn list(State(sandbox): State<Sandbox>, Extension(call): CallOf, Path(contact_id): Path<String>) -> Answer {
    let mut connection = store::read(sandbox.db()).await?;
    let contact = contact_of(&mut connection, &call, &contact_id).await?;
    let zone = zone_of(&mut connection, &contact.location_id).await?;
    let mut events = Vec::new();
    for appointment in store::appointments::of_contact(&mut connection, &contact.location_id, &contact.id).await? {
        let note = store::appointments::latest_note(&mut connection, &contact.location_id, &appointment.id).await?;
        events.push(EventAnswer::listed(appointment, &zone, note));
    }
    Ok(json(Many { events }))
}

async fn create_note(
    State(sandbox): State<Sandbox>,
    Extension(call): CallOf,
    Path(id): Path<String>,
    bytes: Bytes,
) -> Answer {
    let mut body = Body::parse(&bytes)?;
    let text = body.required_text("body");
    if text.chars().count() > NOTE_LENGTH_MAX {
        body.fault("body", "must be shorter than or equal to 5000 characters");
    }
    let user_id = body.text("userId");
    body.finish()?;
    let mut tx = sandbox.begin().await?;
    let appointment = appointment_of(&mut tx, &call, &id).await?;
    let note = AppointmentNote {
        location_id: appointment.location_id,
        id: ids::fresh(),
        appointment_id: appointment.id,
        user_id,
        body: text,
        added_at_ms: sandbox.now_ms(),
    };
    store::appointments::insert_note(&mut tx, &note).await?;
    store::commit(tx).await?;
    Ok(created(OneNote { note: NoteAnswer::new(note, appointment.contact_id) }))
}

/// An appointment that the token reaches.
pub(crate) async fn appointment_of(connection: &mut Connection, call: &Call, id: &str) -> Result<Appointment, Refusal> {
    let appointment = store::appointments::find(connection, id).await?;
    let appointment = appointment.ok_or_else(|| Refusal::no_such("Appointment", id))?;
    call.grant.require_location(&appointment.location_id)?;
    Ok(appointment)
}
