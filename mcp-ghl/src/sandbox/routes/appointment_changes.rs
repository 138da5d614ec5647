//! Changes to an appointment: moved, handed over, renamed, or set to another status.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Extension, Path, State};
use axum::routing::put;

use crate::sandbox::Sandbox;
use crate::sandbox::body::Body;
use crate::sandbox::routes::appointments::{
    MEETING_KINDS, MINUTE_MS, Slot, appointment_of, instant, statuses, user_for,
};
use crate::sandbox::routes::calendars::calendar_of;
use crate::sandbox::routes::{Answer, CallOf, json};
use crate::sandbox::store;
use crate::sandbox::store::appointments::Appointment;
use crate::sandbox::version::Generation;
use crate::sandbox::wire::appointment::Made;

pub(crate) fn routes() -> Router<Sandbox> {
    Router::new().route("/calendars/events/appointments/{id}", put(update))
}

/// What a body changes; what is absent stays.
struct Change {
    calendar_id: Option<String>,
    start: Option<String>,
    end: Option<String>,
    title: Option<String>,
    status: Option<String>,
    user_id: Option<String>,
    address: Option<String>,
    takes_any_slot: bool,
}

impl Change {
    fn read(body: &mut Body, generation: Generation) -> Self {
        // Checked and then dropped: the emulator holds no meetings, runs no automations and repeats nothing.
        body.choice("meetingLocationType", &MEETING_KINDS);
        body.text("meetingLocationId");
        body.flag("overrideLocationConfig");
        body.text("description");
        body.flag("ignoreDateRange");
        body.flag("toNotify");
        body.text("rrule");
        Self {
            calendar_id: body.text("calendarId"),
            start: body.text("startTime"),
            end: body.text("endTime"),
            title: body.text("title"),
            status: body.choice("appointmentStatus", &statuses(generation)),
            user_id: body.text("assignedUserId"),
            address: body.text("address"),
            takes_any_slot: body.flag("ignoreFreeSlotValidation") == Some(true),
        }
    }

    /// Whether it needs a slot: words and statuses do not.
    fn needs_slot(&self) -> bool {
        self.calendar_id.is_some() || self.start.is_some() || self.user_id.is_some()
    }
}

async fn update(
    State(sandbox): State<Sandbox>,
    Extension(call): CallOf,
    Path(id): Path<String>,
    bytes: Bytes,
) -> Answer {
    let mut body = Body::parse(&bytes)?;
    let change = Change::read(&mut body, call.generation);
    body.finish()?;
    let mut tx = sandbox.begin().await?;
    let before = appointment_of(&mut tx, &call, &id).await?;
    let calendar_id = change.calendar_id.as_deref().unwrap_or(&before.calendar_id);
    let (calendar, zone) = calendar_of(&mut tx, &call, calendar_id).await?;
    let start = change.start.as_deref().map(|start| instant(start, &zone, "startTime")).transpose()?;
    let starts_at_ms = start.unwrap_or(before.starts_at_ms);
    let lasts_ms = start.map_or(before.ends_at_ms - before.starts_at_ms, |_| calendar.slot_minutes * MINUTE_MS);
    let end = change.end.as_deref().map(|end| instant(end, &zone, "endTime")).transpose()?;
    let user_id = if change.needs_slot() {
        let slot = Slot {
            start_ms: starts_at_ms,
            now_ms: sandbox.now_ms(),
            user_id: change.user_id.as_deref().or(before.user_id.as_deref()),
            takes_any: change.takes_any_slot,
            besides: Some(&before.id),
        };
        user_for(&mut tx, &calendar, &zone, slot).await?
    } else {
        before.user_id
    };
    let appointment = Appointment {
        calendar_id: calendar.id,
        user_id,
        title: change.title.unwrap_or(before.title),
        status: change.status.unwrap_or(before.status),
        address: change.address.or(before.address),
        starts_at_ms,
        ends_at_ms: end.unwrap_or(starts_at_ms + lasts_ms),
        ..before
    };
    store::appointments::update(&mut tx, &appointment).await?;
    store::commit(tx).await?;
    Ok(json(Made::new(appointment, &zone, call.generation)))
}
