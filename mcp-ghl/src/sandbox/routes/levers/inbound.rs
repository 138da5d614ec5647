//! `POST /__sandbox/inbound-message`: a contact writes.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};

use crate::html;
use crate::sandbox::Sandbox;
use crate::sandbox::errors::Refusal;
use crate::sandbox::ids;
use crate::sandbox::routes::messages::{LAST_BODY_LENGTH_MAX, conversation_with};
use crate::sandbox::store::messages::{Email, Message};
use crate::sandbox::store::{self, Document};
use crate::sandbox::wire::message::{EMAIL, SENDABLE};

/// What the contact writes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Writing {
    contact_id: String,
    /// As in a request to send: `SMS`, `Email`, `WhatsApp`.
    #[serde(rename = "type")]
    channel: String,
    /// HTML for an email.
    message: String,
    /// Of an email.
    #[serde(default)]
    subject: String,
    #[serde(default)]
    attachments: Vec<String>,
}

#[derive(Debug, Serialize)]
#[expect(clippy::struct_field_names, reason = "they are the vendor's names for three kinds of id")]
pub(super) struct Written {
    conversation_id: String,
    message_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    email_message_id: Option<String>,
}

pub(super) async fn write(
    State(sandbox): State<Sandbox>,
    Json(writing): Json<Writing>,
) -> Result<(StatusCode, Json<Written>), Refusal> {
    sandbox.ready().await?;
    let channel = SENDABLE.into_iter().find(|channel| channel.word == writing.channel).ok_or_else(|| {
        Refusal::bad_request(format!("`type` must be one of {}", SENDABLE.map(|channel| channel.word).join(", ")))
    })?;
    let is_email = channel.kind == EMAIL;
    let now_ms = sandbox.now_ms();

    let mut tx = sandbox.begin().await?;
    let contact = store::contacts::find(&mut tx, &writing.contact_id)
        .await?
        .ok_or_else(|| Refusal::no_such("Contact", &writing.contact_id))?;
    let mut conversation = conversation_with(&mut tx, &contact, now_ms).await?;
    let text = if is_email { html::to_text(&writing.message) } else { writing.message.clone() };
    channel.kind.clone_into(&mut conversation.last_kind);
    "inbound".clone_into(&mut conversation.last_direction);
    conversation.last_body = text.chars().take(LAST_BODY_LENGTH_MAX).collect();
    conversation.last_at_ms = now_ms;
    conversation.unread_count += 1;
    store::conversations::save(&mut tx, &conversation).await?;
    let position = store::messages::next_position(&mut tx, &contact.location_id, &conversation.id).await?;
    let message = Message {
        location_id: contact.location_id.clone(),
        id: ids::fresh(),
        conversation_id: conversation.id.clone(),
        position,
        kind: channel.kind.to_owned(),
        direction: "inbound".to_owned(),
        status: "received".to_owned(),
        body: (!is_email).then_some(writing.message.clone()),
        source: "app".to_owned(),
        user_id: None,
        attachments: Document(writing.attachments),
        added_at_ms: now_ms,
        scheduled_at_ms: None,
    };
    store::messages::insert(&mut tx, &message).await?;
    let mut email_message_id = None;
    if is_email {
        let location = store::locations::find(&mut tx, &contact.location_id).await?;
        let sender = format!("{} <{}>", contact.name(), contact.email.as_deref().unwrap_or_default());
        let email = Email {
            location_id: contact.location_id,
            id: ids::fresh(),
            message_id: message.id.clone(),
            position: 1,
            direction: message.direction,
            status: message.status,
            subject: writing.subject,
            body: writing.message,
            sender,
            recipients: Document(location.map(|location| location.email).into_iter().collect()),
            source: message.source,
            attachments: message.attachments,
            added_at_ms: now_ms,
        };
        store::messages::insert_email(&mut tx, &email).await?;
        email_message_id = Some(email.id);
    }
    store::commit(tx).await?;
    sandbox.tell_changes().await?;
    let written = Written { conversation_id: conversation.id, message_id: message.id, email_message_id };
    Ok((StatusCode::CREATED, Json(written)))
}
