//! How each kind of change is taken back: pure, from what stood in the record before and what was written.

mod consent;
mod contact;
mod conversation;
mod event;
mod opportunity;
mod task;

use serde_json::json;

use super::Sent;
use crate::calendar::Appointment;
use crate::note::Note;
use crate::record_id::RecordId;
use crate::reversal::{Check, Effect, Request, Reversal};

pub(crate) use consent::consent;
pub(crate) use contact::{bulk_tags, contact_creation, contact_update, tags};
pub(crate) use conversation::conversation_update;
pub(crate) use event::{appointment_update, blocking, unblocking};
pub(crate) use opportunity::{lost_reason, opportunity_creation, opportunity_deletion, opportunity_update};
pub(crate) use task::{task_creation, task_update};

/// Deletes a note that was written.
pub(crate) fn note(contact_id: &RecordId, note: &Note) -> Reversal {
    let path = format!("/contacts/{contact_id}/notes/{}", note.id);
    let check = Check::of(Request::get(path.clone())).field("text", "/note/body", (), note.text.as_str()).field(
        "title",
        "/note/title",
        (),
        note.title.as_deref(),
    );
    Reversal::deleting("delete the note", path).with_check(check)
}

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

const CANCELLED: &str = "cancelled";

/// Cancels a message that waits for its time.
pub(crate) fn schedule(sent: &Sent) -> Reversal {
    let read = Request::get(format!("/conversations/messages/{}", sent.message_id));
    let path = match &sent.email_id {
        Some(email_id) => format!("/conversations/messages/email/{email_id}/schedule"),
        None => format!("/conversations/messages/{}/schedule", sent.message_id),
    };
    let check = Check::of(read).field("status", "/status", (), "scheduled");
    Reversal::new("cancel the message before it goes out", Request::delete(path)).with_check(check)
}

/// `first name, email and owner`
fn listed(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [only] => (*only).to_owned(),
        [all @ .., last] => format!("{} and {last}", all.join(", ")),
    }
}
