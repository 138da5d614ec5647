//! Appointments that were changed, and times that were blocked.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};

use super::listed;
use crate::calendar::{Appointment, AppointmentChange, BlockedTime, Whose};
use crate::client::Site;
use crate::local_time::written;
use crate::reversal::{Check, Effect, Request, Reversal};

const CANCELLED: &str = "cancelled";

/// Cancels an appointment that was booked. It stays in the calendar as cancelled, and the vendor may tell the contact.
/// `start` is as it was booked, on the location's clock.
pub(crate) fn booking(appointment: &Appointment, start: &str) -> Reversal {
    let path = format!("/calendars/events/appointments/{}", appointment.id);
    let cancelled = json!({ "appointmentStatus": CANCELLED });
    // The specification of 2026-06-19 spells it both ways.
    let status = "/event|appointment/appointmentStatus|appoinmentStatus";
    let check = Check::of(Request::get(path.clone()))
        .field("status", status, CANCELLED, appointment.status.as_deref())
        .field("start", "/event|appointment/startTime", start, start);
    Reversal::new("cancel the appointment; GoHighLevel may notify them", Request::put(path, cancelled))
        .with_effect(Effect::Reaches)
        .with_check(check)
}

/// Gives an appointment back what it had in the fields that were written; the vendor may tell the contact. Its old slot
/// must still be free.
pub(crate) fn appointment_update(
    change: &AppointmentChange,
    before: &Appointment,
    after: &Appointment,
    zone: &TimeZone,
) -> Reversal {
    let path = format!("/calendars/events/appointments/{}", after.id);
    let changed = change.fields();
    let mut check = Check::of(Request::get(path.clone()));
    let (mut back, mut again) = (Map::new(), Map::new());
    for name in &changed {
        let (key, at) = place(name);
        let (old, new) = (value(before, name, zone), value(after, name, zone));
        check = check.field(name, at, old.clone(), new.clone());
        back.insert(key.to_owned(), old);
        again.insert(key.to_owned(), new);
        if *name == "start" {
            back.insert("endTime".to_owned(), instant(before.ends_at, zone));
            again.insert("endTime".to_owned(), instant(after.ends_at, zone));
        }
    }
    let says = |how: &str| format!("set {} of the appointment {how}; GoHighLevel may notify them", listed(&changed));
    Reversal::new(says("back to what was there"), Request::put(path.clone(), json!(back)))
        .with_effect(Effect::Reaches)
        .with_check(check)
        .with_again(says("once more"), Effect::Reaches, Request::put(path, json!(again)))
}

/// The vendor's name of a field, and where it is in the answer: the specification of 2026-06-19 spells some in two ways.
fn place(name: &str) -> (&'static str, &'static str) {
    match name {
        "start" => ("startTime", "/event|appointment/startTime"),
        "status" => ("appointmentStatus", "/event|appointment/appointmentStatus|appoinmentStatus"),
        _ => ("assignedUserId", "/event|appointment/assignedUserId"),
    }
}

fn value(appointment: &Appointment, name: &str, zone: &TimeZone) -> Value {
    match name {
        "start" => instant(appointment.starts_at, zone),
        "status" => json!(appointment.status),
        _ => json!(appointment.owner_id),
    }
}

fn instant(at: Option<Timestamp>, zone: &TimeZone) -> Value {
    json!(at.map(|at| written(at, Some(zone))))
}

/// Takes away a time that was blocked. The vendor takes an appointment away by the same request: whatever is forced, it
/// must be among the blocked times.
pub(crate) fn blocking(site: &Site, whose: &Whose, blocked: &BlockedTime) -> Reversal {
    let millis = |at: Option<Timestamp>| at.map(|at| at.as_millisecond().to_string()).unwrap_or_default();
    let (key, id) = match whose {
        Whose::Calendar(id) => ("calendarId", id),
        Whose::Owner(id) => ("userId", id),
    };
    let read = Request::get("/calendars/blocked-slots".to_owned())
        .with_query("locationId", site.location.id.as_str())
        .with_query(key, id.as_str())
        .with_query("startTime", &millis(blocked.starts_at))
        .with_query("endTime", &millis(blocked.ends_at));
    let id = blocked.id.as_str();
    let check = Check::of(read).bound("blocked time", &format!("/events/id={id}/id"), id);
    let request = Request::delete(format!("/calendars/events/{id}")).with_body(json!({}));
    let reversal = Reversal::new("take the blocked time away", request).with_effect(Effect::Deletes);
    reversal.with_check(check)
}

/// Blocks a time once more that was unblocked.
pub(crate) fn unblocking(site: &Site, blocked: &BlockedTime) -> Reversal {
    let zone = site.zone().unwrap_or(TimeZone::UTC);
    let mut body = Map::new();
    let mut set = |key: &str, text: Option<&str>| {
        text.map(|text| body.insert(key.to_owned(), json!(text)));
    };
    set("locationId", Some(site.location.id.as_str()));
    set("calendarId", blocked.calendar_id.as_deref());
    set("assignedUserId", blocked.owner_id.as_deref());
    set("title", blocked.title.as_deref());
    body.insert("startTime".to_owned(), instant(blocked.starts_at, &zone));
    body.insert("endTime".to_owned(), instant(blocked.ends_at, &zone));
    Reversal::new("block the time again", Request::post("/calendars/events/block-slots".to_owned(), json!(body)))
}
