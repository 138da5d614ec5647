//! What the demo's people and the business have written to each other: a dozen conversations in every location.

use common::clock::UnixMillis;
use common::error::Result;

use crate::html;
use crate::sandbox::seed::businesses::Business;
use crate::sandbox::seed::contacts::contact_id;
use crate::sandbox::seed::scripts::{Line, SCRIPTS, Script};
use crate::sandbox::store::contacts::Contact;
use crate::sandbox::store::conversations::Conversation;
use crate::sandbox::store::locations::Location;
use crate::sandbox::store::messages::{Email, Message};
use crate::sandbox::store::{self, Connection, Document};
use crate::sandbox::wire::message::EMAIL;

const MINUTE_MS: i64 = 60_000;

/// Between two messages of a conversation.
const PAUSE_MS: i64 = 35 * MINUTE_MS;

pub(crate) async fn seed(
    connection: &mut Connection,
    business: &Business,
    location: &Location,
    now_ms: UnixMillis,
) -> Result<()> {
    let (mut open, mut closed) = (Vec::new(), Vec::new());
    for number in 0..business.contacts {
        let contact = store::contacts::find(&mut *connection, &contact_id(business, number)).await?;
        let Some(contact) = contact.filter(|contact| contact.phone.is_some() && contact.email.is_some()) else {
            continue;
        };
        if contact.is_dnd != 0 {
            closed.push(contact);
        } else if contact.dnd_settings.0.is_empty() {
            open.push(contact);
        }
    }
    let (mut open, mut closed) = (open.into_iter(), closed.into_iter());
    for (number, script) in (0..).zip(&SCRIPTS) {
        let contact = if script.is_dnd { closed.next() } else { open.next() };
        if let Some(contact) = contact {
            Play { business, location, contact: &contact, number, now_ms }.save(&mut *connection, script).await?;
        }
    }
    Ok(())
}

/// One script with one contact.
struct Play<'a> {
    business: &'a Business,
    location: &'a Location,
    contact: &'a Contact,
    /// Of the script, counted from 0.
    number: i64,
    now_ms: UnixMillis,
}

impl Play<'_> {
    async fn save(&self, connection: &mut Connection, script: &Script) -> Result<()> {
        let Some(last) = script.lines.last() else { return Ok(()) };
        let ended_ms = self.now_ms - script.hours_ago * 60 * MINUTE_MS;
        let began_ms = ended_ms - PAUSE_MS * i64::try_from(script.lines.len().saturating_sub(1)).unwrap_or(0);
        let conversation = Conversation {
            location_id: self.location.id.clone(),
            id: self.id("conversation", 0),
            contact_id: self.contact.id.clone(),
            assigned_to: self.contact.assigned_to.clone(),
            is_starred: i64::from(script.is_starred),
            unread_count: script.unread,
            last_kind: last.kind.to_owned(),
            last_direction: direction(last).to_owned(),
            last_body: last.text.to_owned(),
            last_at_ms: ended_ms,
            added_at_ms: began_ms,
        };
        store::conversations::save(&mut *connection, &conversation).await?;
        let mut thread: Option<(String, i64)> = None;
        for (position, line) in (1..).zip(script.lines) {
            let at_ms = began_ms + (position - 1) * PAUSE_MS;
            let is_email = line.kind == EMAIL;
            let message = self.message(line, position, at_ms);
            if !is_email || thread.is_none() {
                store::messages::insert(&mut *connection, &message).await?;
            }
            if is_email {
                let (message_id, emails) = thread.take().unwrap_or((message.id, 0));
                let email = self.email(line, position, at_ms);
                let email = Email { message_id: message_id.clone(), position: emails + 1, ..email };
                store::messages::insert_email(&mut *connection, &email).await?;
                thread = Some((message_id, emails + 1));
            }
        }
        Ok(())
    }

    fn message(&self, line: &Line, position: i64, at_ms: UnixMillis) -> Message {
        Message {
            location_id: self.location.id.clone(),
            id: self.id("message", position),
            conversation_id: self.id("conversation", 0),
            position,
            kind: line.kind.to_owned(),
            direction: direction(line).to_owned(),
            status: "delivered".to_owned(),
            body: Some(line.text.to_owned()).filter(|_| line.kind != EMAIL),
            source: if line.is_inbound { "app" } else { "workflow" }.to_owned(),
            user_id: self.contact.assigned_to.clone().filter(|_| !line.is_inbound),
            attachments: Document(line.attachment.iter().map(|&address| address.to_owned()).collect()),
            added_at_ms: at_ms,
            scheduled_at_ms: None,
        }
    }

    /// Of no thread yet.
    fn email(&self, line: &Line, position: i64, at_ms: UnixMillis) -> Email {
        let ours = format!("{} <{}>", self.location.name, self.location.email);
        let address = self.contact.email.clone().unwrap_or_default();
        let theirs = format!("{} <{address}>", self.contact.name());
        let (sender, recipient) = if line.is_inbound { (theirs, self.location.email.clone()) } else { (ours, address) };
        let message = self.message(line, position, at_ms);
        Email {
            location_id: message.location_id,
            id: self.id("email", position),
            message_id: String::new(),
            position: 0,
            direction: message.direction,
            status: message.status,
            subject: line.subject.to_owned(),
            body: html::of_text(line.text),
            sender,
            recipients: Document(vec![recipient]),
            source: message.source,
            attachments: message.attachments,
            added_at_ms: at_ms,
        }
    }

    fn id(&self, what: &str, position: i64) -> String {
        self.business.id(&format!("{what}/{}/{position}", self.number))
    }
}

/// The conversation of a script, counted from 0.
pub(crate) fn conversation_id(business: &Business, number: i64) -> String {
    business.id(&format!("conversation/{number}/0"))
}

fn direction(line: &Line) -> &'static str {
    if line.is_inbound { "inbound" } else { "outbound" }
}
