//! Messages that did not go out from here: told of afterwards, or taken back before they went.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Extension, Path, State};
use axum::routing::{delete, post};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::html;
use crate::sandbox::body::Body;
use crate::sandbox::door::Call;
use crate::sandbox::errors::Refusal;
use crate::sandbox::routes::calls::of_call;
use crate::sandbox::routes::conversations::conversation_of;
use crate::sandbox::routes::messages::LAST_BODY_LENGTH_MAX;
use crate::sandbox::routes::{Answer, CallOf, json};
use crate::sandbox::store::conversations::Conversation;
use crate::sandbox::store::messages::{Email, Message};
use crate::sandbox::store::{self, Connection, Document};
use crate::sandbox::wire::message::{CALL, EMAIL, kind_of};
use crate::sandbox::{Sandbox, ids, instants};

const CALL_STATUSES: &[&str] =
    &["pending", "completed", "answered", "busy", "no-answer", "failed", "canceled", "voicemail"];

pub(crate) fn routes() -> Router<Sandbox> {
    Router::new()
        .route("/conversations/messages/inbound", post(inbound))
        .route("/conversations/messages/outbound", post(outbound))
        .route("/conversations/messages/{id}/schedule", delete(cancel))
        .route("/conversations/messages/email/{id}/schedule", delete(cancel_email))
}

/// What a request tells of.
struct Told {
    kind: &'static str,
    direction: String,
    conversation_id: String,
    message: Option<String>,
    html: Option<String>,
    subject: Option<String>,
    attachments: Vec<String>,
    at_ms: i64,
    call_status: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Receipt {
    success: bool,
    conversation_id: String,
    message_id: String,
    message: &'static str,
    contact_id: String,
    date_added: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    email_message_id: Option<String>,
}

async fn inbound(State(sandbox): State<Sandbox>, Extension(call): CallOf, bytes: Bytes) -> Answer {
    let mut body = Body::parse(&bytes)?;
    let contact_id = body.required_text("contactId");
    let direction = body.choice("direction", &["outbound", "inbound"]);
    for ignored in ["emailFrom", "emailTo", "emailMessageId"] {
        body.text(ignored);
    }
    for ignored in ["emailCc", "emailBcc"] {
        body.texts(ignored);
    }
    let (message, html, subject) = (body.text("message"), body.text("html"), body.text("subject"));
    let told = Told::read(&mut body, sandbox.now_ms());
    body.finish()?;
    // The specification says of the direction that it is `outbound` where none is given; the path's name says otherwise.
    let direction = direction.unwrap_or_else(|| "inbound".to_owned());
    let told = Told { direction, message, html, subject, ..told };
    told.save(&sandbox, &call, Some(&contact_id)).await
}

/// Calls only.
async fn outbound(State(sandbox): State<Sandbox>, Extension(call): CallOf, bytes: Bytes) -> Answer {
    let mut body = Body::parse(&bytes)?;
    let told = Told::read(&mut body, sandbox.now_ms());
    if !told.kind.is_empty() && told.kind != CALL {
        body.fault("type", "must be one of the following values: Call");
    }
    body.finish()?;
    told.save(&sandbox, &call, None).await
}

impl Told {
    /// What both paths take.
    fn read(body: &mut Body, now_ms: i64) -> Self {
        let word = body.required_text("type");
        let kind = kind_of(&word);
        if kind.is_none() && !word.is_empty() {
            body.fault("type", "must be a known type of message");
        }
        // Which app it comes from. The emulator knows no apps and takes any.
        body.required_text("conversationProviderId");
        body.text("altId");
        let date = body.text("date");
        let at_ms = date.as_deref().map_or(Some(now_ms), instants::parse);
        if at_ms.is_none() {
            body.fault("date", "must be a valid ISO 8601 date string");
        }
        let call_status = body.object("call", |spoken| {
            spoken.text("to");
            spoken.text("from");
            spoken.choice("status", CALL_STATUSES)
        });
        Self {
            kind: kind.unwrap_or_default(),
            direction: "outbound".to_owned(),
            conversation_id: body.required_text("conversationId"),
            message: None,
            html: None,
            subject: None,
            attachments: body.texts("attachments").unwrap_or_default(),
            at_ms: at_ms.unwrap_or(now_ms),
            call_status: call_status.flatten(),
        }
    }

    async fn save(&self, sandbox: &Sandbox, call: &Call, contact_id: Option<&str>) -> Answer {
        let mut tx = sandbox.begin().await?;
        let mut conversation = conversation_of(&mut tx, call, &self.conversation_id).await?;
        if contact_id.is_some_and(|id| id != conversation.contact_id) {
            return Err(Refusal::bad_request("The conversation belongs to another contact."));
        }
        let text = self.message.clone().or_else(|| self.html.as_deref().map(html::to_text)).unwrap_or_default();
        if self.at_ms >= conversation.last_at_ms {
            self.kind.clone_into(&mut conversation.last_kind);
            conversation.last_direction.clone_from(&self.direction);
            conversation.last_body = text.chars().take(LAST_BODY_LENGTH_MAX).collect();
            conversation.last_at_ms = self.at_ms;
        }
        conversation.unread_count += i64::from(self.direction == "inbound");
        store::conversations::save(&mut tx, &conversation).await?;
        let message = self.message(&mut tx, &conversation).await?;
        store::messages::insert(&mut tx, &message).await?;
        if let Some(status) = &self.call_status {
            let fields = Map::from_iter([("status".to_owned(), Value::String(status.clone()))]);
            store::documents::save(&mut tx, &of_call(&message, fields)).await?;
        }
        let email_message_id = if self.kind == EMAIL { Some(self.email(&mut tx, &message).await?) } else { None };
        store::commit(tx).await?;
        Ok(json(Receipt {
            success: true,
            conversation_id: conversation.id,
            message_id: message.id,
            message: "Message added.",
            contact_id: conversation.contact_id,
            date_added: instants::iso(message.added_at_ms),
            email_message_id,
        }))
    }

    async fn message(&self, connection: &mut Connection, conversation: &Conversation) -> Result<Message, Refusal> {
        let (location_id, conversation_id) = (conversation.location_id.clone(), conversation.id.clone());
        Ok(Message {
            position: store::messages::next_position(connection, &location_id, &conversation_id).await?,
            location_id,
            id: ids::fresh(),
            conversation_id,
            kind: self.kind.to_owned(),
            direction: self.direction.clone(),
            status: "delivered".to_owned(),
            body: self.message.clone().filter(|_| self.kind != EMAIL),
            source: "api".to_owned(),
            user_id: None,
            attachments: Document(self.attachments.clone()),
            added_at_ms: self.at_ms,
            scheduled_at_ms: None,
        })
    }

    /// Returns the email's id.
    async fn email(&self, connection: &mut Connection, message: &Message) -> Result<String, Refusal> {
        let email = Email {
            location_id: message.location_id.clone(),
            id: ids::fresh(),
            message_id: message.id.clone(),
            position: 1,
            direction: message.direction.clone(),
            status: message.status.clone(),
            subject: self.subject.clone().unwrap_or_default(),
            body: self.html.clone().or_else(|| self.message.as_deref().map(html::of_text)).unwrap_or_default(),
            source: message.source.clone(),
            attachments: message.attachments.clone(),
            added_at_ms: message.added_at_ms,
            ..Email::default()
        };
        store::messages::insert_email(connection, &email).await?;
        Ok(email.id)
    }
}

#[derive(Debug, Serialize)]
struct Cancelled {
    status: u16,
    message: &'static str,
}

async fn cancel(State(sandbox): State<Sandbox>, Extension(call): CallOf, Path(id): Path<String>) -> Answer {
    let mut tx = sandbox.begin().await?;
    let message = store::messages::find(&mut tx, &id).await?.ok_or_else(|| Refusal::no_such("Message", &id))?;
    take_back(&mut tx, &call, &message).await?;
    store::commit(tx).await?;
    Ok(json(Cancelled { status: 200, message: "The scheduled message was cancelled successfully" }))
}

async fn cancel_email(State(sandbox): State<Sandbox>, Extension(call): CallOf, Path(id): Path<String>) -> Answer {
    let mut tx = sandbox.begin().await?;
    let unknown = || Refusal::no_such("Email message", &id);
    let email = store::messages::find_email(&mut tx, &id).await?.ok_or_else(unknown)?;
    let message = store::messages::find(&mut tx, &email.message_id).await?.ok_or_else(unknown)?;
    take_back(&mut tx, &call, &message).await?;
    store::commit(tx).await?;
    Ok(json(Cancelled { status: 200, message: "The scheduled email message was cancelled successfully" }))
}

/// Deletes a message that waits; the one before it is the conversation's last again.
async fn take_back(connection: &mut Connection, call: &Call, message: &Message) -> Result<(), Refusal> {
    let mut conversation = conversation_of(&mut *connection, call, &message.conversation_id).await?;
    if message.status != "scheduled" {
        return Err(Refusal::bad_request("Failed cancel the scheduled message"));
    }
    store::messages::delete(&mut *connection, &message.location_id, &message.id).await?;
    let page = store::messages::Page { conversation_id: &conversation.id, before: i64::MAX, kind: None, limit: 1 };
    let left = store::messages::list(&mut *connection, &conversation.location_id, &page).await?;
    if let Some(last) = left.into_iter().next() {
        conversation.last_kind = last.kind;
        conversation.last_direction = last.direction;
        conversation.last_body = last.body.unwrap_or_default().chars().take(LAST_BODY_LENGTH_MAX).collect();
        conversation.last_at_ms = last.added_at_ms;
        store::conversations::save(connection, &conversation).await?;
    }
    Ok(())
}
