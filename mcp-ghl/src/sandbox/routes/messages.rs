//! `/conversations/messages/…`: one message or email, and sending one. Nothing leaves the emulator.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Extension, Path, State};
use axum::routing::{get, post};
use common::clock::UnixMillis;
use serde::Serialize;

use crate::html;
use crate::sandbox::Sandbox;
use crate::sandbox::body::Body;
use crate::sandbox::errors::Refusal;
use crate::sandbox::ids;
use crate::sandbox::routes::calls::CALLS;
use crate::sandbox::routes::conversations::conversation_of;
use crate::sandbox::routes::{Answer, CallOf, contact_of, json};
use crate::sandbox::store::contacts::Contact;
use crate::sandbox::store::conversations::Conversation;
use crate::sandbox::store::messages::{Email, Message};
use crate::sandbox::store::{self, Connection, Document};
use crate::sandbox::wire::message::{EMAIL, EmailAnswer, MessageAnswer, SENDABLE, Sendable};

/// Longest beginning of a message that a conversation keeps, in characters. Ours: the vendor names none.
pub(crate) const LAST_BODY_LENGTH_MAX: usize = 300;

pub(crate) fn routes() -> Router<Sandbox> {
    Router::new()
        .route("/conversations/messages", post(send))
        .route("/conversations/messages/{id}", get(show))
        .route("/conversations/messages/email/{id}", get(show_email))
}

async fn show(State(sandbox): State<Sandbox>, Extension(call): CallOf, Path(id): Path<String>) -> Answer {
    let mut connection = store::read(sandbox.db()).await?;
    let message = store::messages::find(&mut connection, &id).await?.ok_or_else(|| Refusal::no_such("Message", &id))?;
    let conversation = conversation_of(&mut connection, &call, &message.conversation_id).await?;
    let email_ids = store::messages::email_ids(&mut connection, &message.location_id, &message.id).await?;
    let spoken = store::documents::find(&mut connection, CALLS, &message.id).await?;
    Ok(json(MessageAnswer::new(message, &conversation, email_ids).with_call(spoken.as_ref())))
}

async fn show_email(State(sandbox): State<Sandbox>, Extension(call): CallOf, Path(id): Path<String>) -> Answer {
    let mut connection = store::read(sandbox.db()).await?;
    let unknown = || Refusal::no_such("Email message", &id);
    let email = store::messages::find_email(&mut connection, &id).await?.ok_or_else(unknown)?;
    let message = store::messages::find(&mut connection, &email.message_id).await?.ok_or_else(unknown)?;
    let conversation = conversation_of(&mut connection, &call, &message.conversation_id).await?;
    Ok(json(EmailAnswer::new(email, &conversation)))
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Receipt {
    conversation_id: String,
    message_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    email_message_id: Option<String>,
    msg: &'static str,
    /// The answer knows fewer words than the message itself: `pending` until it is known.
    status: &'static str,
}

/// What a request wants sent.
struct Order {
    channel: Sendable,
    contact_id: String,
    message: Option<String>,
    html: Option<String>,
    subject: Option<String>,
    attachments: Vec<String>,
    scheduled_at_ms: Option<UnixMillis>,
}

async fn send(State(sandbox): State<Sandbox>, Extension(call): CallOf, bytes: Bytes) -> Answer {
    let now_ms = sandbox.now_ms();
    let mut body = Body::parse(&bytes)?;
    let order = Order::read(&mut body, now_ms);
    body.finish()?;
    let order = order.ok_or_else(|| Refusal::bad_request("type is not supported"))?;

    let mut tx = sandbox.begin().await?;
    let contact = contact_of(&mut tx, &call, &order.contact_id).await?;
    order.refuse_unwanted(&contact)?;
    let conversation = conversation_with(&mut tx, &contact, now_ms).await?;
    let (message_id, email_message_id) = order.save(&mut tx, conversation, &contact, now_ms).await?;
    let conversation_id = store::messages::find(&mut tx, &message_id).await?.map(|message| message.conversation_id);
    store::commit(tx).await?;
    if order.scheduled_at_ms.is_some() {
        sandbox.wait_for_scheduled();
    }
    let msg = if order.scheduled_at_ms.is_some() { "Message scheduled." } else { "Message queued successfully." };
    let conversation_id = conversation_id.unwrap_or_default();
    Ok(json(Receipt { conversation_id, message_id, email_message_id, msg, status: "pending" }))
}

impl Order {
    fn read(body: &mut Body, now_ms: UnixMillis) -> Option<Self> {
        let word = body.required_text("type");
        let channel = SENDABLE.into_iter().find(|channel| channel.word == word);
        if channel.is_none() && !word.is_empty() {
            let words = SENDABLE.map(|channel| channel.word).join(", ");
            body.fault("type", &format!("must be one of the following values: {words}"));
        }
        let contact_id = body.required_text("contactId");
        let message = body.text("message").filter(|text| !text.is_empty());
        let html = body.text("html").filter(|text| !text.is_empty());
        let subject = body.text("subject");
        let attachments = body.texts("attachments").unwrap_or_default();
        let scheduled_at_ms = scheduled_at_ms(body, now_ms);
        // Required by the specification since 2026-05-01, optional before; nothing here depends on them.
        body.text("subType");
        body.choice("status", &["delivered", "failed", "pending", "read"]);
        Some(Self { channel: channel?, contact_id, message, html, subject, attachments, scheduled_at_ms })
    }

    /// The vendor's own last look, in its words (highlevel-api-docs and the logs that integrations quote).
    fn refuse_unwanted(&self, contact: &Contact) -> Result<(), Refusal> {
        let is_blocking = |status: &str| matches!(status, "active" | "permanent");
        let setting = self.channel.dnd.and_then(|channel| contact.dnd_settings.0.get(&channel));
        let word = self.channel.word;
        if contact.is_dnd != 0 || setting.is_some_and(|setting| is_blocking(&setting.status)) {
            return Err(Refusal::bad_request(format!("Cannot send message as DND is active for {word}.")));
        }
        if matches!(word, "SMS" | "RCS" | "WhatsApp") && contact.phone.is_none() {
            return Err(Refusal::bad_request("Missing phone number"));
        }
        if self.channel.kind == EMAIL && contact.email.is_none() {
            return Err(Refusal::bad_request("Unable to send e-mail, contact's e-mail is invalid"));
        }
        let says_nothing = match self.channel.kind {
            // Emails are taken from `html` alone (mastanley13/GoHighLevel-MCP issue 6).
            EMAIL => self.html.is_none(),
            _ => self.message.is_none(),
        };
        if says_nothing && self.attachments.is_empty() {
            let text = "There is no message or attachments for this message. Skip sending.";
            return Err(Refusal::bad_request(text));
        }
        Ok(())
    }

    /// Records the message and moves the conversation's last one. Returns the ids of the message and its email.
    async fn save(
        &self,
        connection: &mut Connection,
        mut conversation: Conversation,
        contact: &Contact,
        now_ms: UnixMillis,
    ) -> Result<(String, Option<String>), Refusal> {
        let status = if self.scheduled_at_ms.is_some() { "scheduled" } else { "sent" };
        let is_email = self.channel.kind == EMAIL;
        let text = self.message.clone().or_else(|| self.html.as_deref().map(html::to_text)).unwrap_or_default();
        conversation.last_kind = self.channel.kind.to_owned();
        "outbound".clone_into(&mut conversation.last_direction);
        conversation.last_body = text.chars().take(LAST_BODY_LENGTH_MAX).collect();
        conversation.last_at_ms = now_ms;
        store::conversations::save(&mut *connection, &conversation).await?;
        let position =
            store::messages::next_position(&mut *connection, &conversation.location_id, &conversation.id).await?;
        let message = Message {
            location_id: conversation.location_id.clone(),
            id: ids::fresh(),
            conversation_id: conversation.id,
            position,
            kind: self.channel.kind.to_owned(),
            direction: "outbound".to_owned(),
            status: status.to_owned(),
            body: self.message.clone().filter(|_| !is_email),
            source: "api".to_owned(),
            user_id: None,
            attachments: Document(self.attachments.clone()),
            added_at_ms: now_ms,
            scheduled_at_ms: self.scheduled_at_ms,
        };
        store::messages::insert(&mut *connection, &message).await?;
        if !is_email {
            return Ok((message.id, None));
        }
        let location = store::locations::find(&mut *connection, &message.location_id).await?;
        let email = Email {
            location_id: message.location_id,
            id: ids::fresh(),
            message_id: message.id.clone(),
            position: 1,
            direction: message.direction,
            status: message.status,
            subject: self.subject.clone().unwrap_or_default(),
            body: self.html.clone().unwrap_or_default(),
            sender: location.map(|location| format!("{} <{}>", location.name, location.email)).unwrap_or_default(),
            recipients: Document(contact.email.iter().cloned().collect()),
            source: message.source,
            attachments: message.attachments,
            added_at_ms: now_ms,
        };
        store::messages::insert_email(connection, &email).await?;
        Ok((message.id, Some(email.id)))
    }
}

/// Seconds on the wire. The vendor's word for a past one is unknown; here it is refused, as it is surely a mistake.
fn scheduled_at_ms(body: &mut Body, now_ms: UnixMillis) -> Option<UnixMillis> {
    let instant_ms = body.raw("scheduledTimestamp")?.as_i64().and_then(|seconds| seconds.checked_mul(1_000));
    // Milliseconds taken for seconds would be thousands of years away.
    let is_soon = |instant_ms: &UnixMillis| *instant_ms > now_ms && instant_ms / 1_000 < now_ms;
    let instant_ms = instant_ms.filter(is_soon);
    if instant_ms.is_none() {
        body.fault("scheduledTimestamp", "must be a UTC timestamp in seconds, in the future");
    }
    instant_ms
}

/// The contact's conversation, or a new one.
pub(crate) async fn conversation_with(
    connection: &mut Connection,
    contact: &Contact,
    now_ms: UnixMillis,
) -> Result<Conversation, Refusal> {
    let found = store::conversations::find_by_contact(connection, &contact.location_id, &contact.id).await?;
    Ok(found.unwrap_or_else(|| Conversation {
        location_id: contact.location_id.clone(),
        id: ids::fresh(),
        contact_id: contact.id.clone(),
        assigned_to: contact.assigned_to.clone(),
        added_at_ms: now_ms,
        ..Conversation::default()
    }))
}
