//! Beginning a conversation, and changing one: starred, read or unread.

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Extension, Path, State};
use axum::routing::{post, put};
use serde::Serialize;

use crate::sandbox::Sandbox;
use crate::sandbox::body::Body;
use crate::sandbox::errors::Refusal;
use crate::sandbox::ids;
use crate::sandbox::routes::conversations::conversation_of;
use crate::sandbox::routes::{Answer, CallOf, contact_of, created, json};
use crate::sandbox::store;
use crate::sandbox::store::conversations::Conversation;
use crate::sandbox::version::Generation;
use crate::sandbox::wire::conversation::{BegunAnswer, ChangedAnswer};

/// Most unread messages that a conversation can be set to. Ours: the vendor names none.
const UNREAD_MAX: u64 = 10_000;

pub(crate) fn routes() -> Router<Sandbox> {
    Router::new().route("/conversations/", post(begin)).route("/conversations/{conversation_id}", put(update))
}

#[derive(Debug, Serialize)]
struct One<T> {
    success: bool,
    conversation: T,
}

/// A contact has at most one conversation.
async fn begin(State(sandbox): State<Sandbox>, Extension(call): CallOf, bytes: Bytes) -> Answer {
    let mut body = Body::parse(&bytes)?;
    let location_id = body.required_text("locationId");
    let contact_id = body.required_text("contactId");
    body.finish()?;
    call.grant.require_location(&location_id)?;
    let mut tx = sandbox.begin().await?;
    let contact = contact_of(&mut tx, &call, &contact_id).await?;
    if store::conversations::find_by_contact(&mut tx, &contact.location_id, &contact.id).await?.is_some() {
        return Err(Refusal::bad_request("Conversation already exists."));
    }
    let now_ms = sandbox.now_ms();
    let conversation = Conversation {
        location_id: contact.location_id,
        id: ids::fresh(),
        contact_id: contact.id,
        assigned_to: contact.assigned_to,
        last_at_ms: now_ms,
        added_at_ms: now_ms,
        ..Conversation::default()
    };
    store::conversations::save(&mut tx, &conversation).await?;
    store::commit(tx).await?;
    Ok(created(One { success: true, conversation: BegunAnswer::from(conversation) }))
}

async fn update(
    State(sandbox): State<Sandbox>,
    Extension(call): CallOf,
    Path(id): Path<String>,
    bytes: Bytes,
) -> Answer {
    let mut body = Body::parse(&bytes)?;
    let location_id = body.required_text("locationId");
    let is_starred = body.flag("starred");
    let unread = match body.raw("unreadCount").map(|count| count.as_u64()) {
        None => None,
        Some(Some(count)) if count <= UNREAD_MAX => i64::try_from(count).ok(),
        Some(_) => {
            body.fault("unreadCount", "must not be less than 0");
            None
        }
    };
    match call.generation {
        Generation::V2 => drop(body.raw("feedback")),
        Generation::V3 => drop(body.choice("feedback", &["positive", "negative"])),
    }
    body.finish()?;
    call.grant.require_location(&location_id)?;
    let mut tx = sandbox.begin().await?;
    let mut conversation = conversation_of(&mut tx, &call, &id).await?;
    conversation.is_starred = is_starred.map_or(conversation.is_starred, i64::from);
    conversation.unread_count = unread.unwrap_or(conversation.unread_count);
    store::conversations::save(&mut tx, &conversation).await?;
    store::commit(tx).await?;
    Ok(json(One { success: true, conversation: ChangedAnswer::from(conversation) }))
}
