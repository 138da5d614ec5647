//! How each kind of change is taken back: pure, from what stood in the record before and what was written.

mod consent;
mod contact;
mod conversation;
mod email;
mod event;
mod location;
mod opportunity;
mod setup;
mod social;
mod task;

use super::Sent;
use crate::note::Note;
use crate::record_id::RecordId;
use crate::reversal::{Check, Request, Reversal};

pub(crate) use consent::consent;
pub(crate) use contact::{bulk_tags, contact_creation, contact_update, tags};
pub(crate) use conversation::conversation_update;
pub(crate) use email::{FORMER_BODY, campaign_creation, campaign_renaming, template_creation, template_update};
pub(crate) use event::{appointment_update, blocking, booking, unblocking};
pub(crate) use location::{
    enrolment, link_creation, link_update, tag_creation, tag_renaming, value_creation, value_update,
};
pub(crate) use opportunity::{lost_reason, opportunity_creation, opportunity_deletion, opportunity_update};
pub(crate) use setup::{
    business_creation, business_update, field_creation, field_update, membership, record_creation, record_update,
};
pub(crate) use social::{FORMER_COMMENT, FORMER_STATUS, GONE_OUT, post, post_creation, post_update};
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
