//! A conversation in answers: words in the search, numbers by itself.

use common::clock::UnixMillis;
use serde::Serialize;

use crate::sandbox::instants::iso;
use crate::sandbox::store::conversations::{Card, Conversation};
use crate::sandbox::wire::message::EMAIL;

/// Fields beyond the specification's (the last message's date and direction, `sort`, tags) are in every recorded answer
/// of the vendor, and clients page and sort by them.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ConversationHit {
    id: String,
    location_id: String,
    contact_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    assigned_to: Option<String>,
    last_message_body: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    last_message_type: String,
    last_message_date: UnixMillis,
    last_message_direction: String,
    /// `TYPE_PHONE` or `TYPE_EMAIL`.
    #[serde(rename = "type")]
    kind: &'static str,
    unread_count: i64,
    starred: bool,
    inbox: bool,
    full_name: String,
    contact_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    company_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<String>,
    tags: Vec<String>,
    date_added: UnixMillis,
    date_updated: UnixMillis,
    sort: [UnixMillis; 1],
}

impl From<Card> for ConversationHit {
    fn from(card: Card) -> Self {
        let Card { conversation, .. } = card;
        let names: Vec<String> = [card.contact_first_name, card.contact_last_name].into_iter().flatten().collect();
        let name = names.join(" ");
        Self {
            kind: if conversation.last_kind == EMAIL { "TYPE_EMAIL" } else { "TYPE_PHONE" },
            id: conversation.id,
            location_id: conversation.location_id,
            contact_id: conversation.contact_id,
            assigned_to: conversation.assigned_to,
            last_message_body: conversation.last_body,
            last_message_type: conversation.last_kind,
            last_message_date: conversation.last_at_ms,
            last_message_direction: conversation.last_direction,
            unread_count: conversation.unread_count,
            starred: conversation.is_starred != 0,
            inbox: true,
            full_name: name.clone(),
            contact_name: name,
            company_name: card.contact_company,
            email: card.contact_email,
            phone: card.contact_phone,
            tags: card.contact_tags.0,
            date_added: conversation.added_at_ms,
            date_updated: conversation.last_at_ms,
            sort: [conversation.last_at_ms],
        }
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ConversationAnswer {
    id: String,
    location_id: String,
    contact_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    assigned_to: Option<String>,
    /// 1 is phone, 2 is email (specification).
    #[serde(rename = "type")]
    kind: u8,
    unread_count: i64,
    starred: bool,
    inbox: bool,
    deleted: bool,
}

impl From<Conversation> for ConversationAnswer {
    fn from(conversation: Conversation) -> Self {
        Self {
            kind: if conversation.last_kind == EMAIL { 2 } else { 1 },
            id: conversation.id,
            location_id: conversation.location_id,
            contact_id: conversation.contact_id,
            assigned_to: conversation.assigned_to,
            unread_count: conversation.unread_count,
            starred: conversation.is_starred != 0,
            inbox: true,
            deleted: false,
        }
    }
}

/// A conversation that has just begun.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BegunAnswer {
    id: String,
    location_id: String,
    contact_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    assigned_to: Option<String>,
    date_added: String,
    date_updated: String,
    last_message_date: String,
    deleted: bool,
}

impl From<Conversation> for BegunAnswer {
    fn from(conversation: Conversation) -> Self {
        let began = iso(conversation.added_at_ms);
        Self {
            id: conversation.id,
            location_id: conversation.location_id,
            contact_id: conversation.contact_id,
            assigned_to: conversation.assigned_to,
            date_updated: began.clone(),
            last_message_date: iso(conversation.last_at_ms),
            date_added: began,
            deleted: false,
        }
    }
}

/// A conversation after a change, with its last message.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ChangedAnswer {
    id: String,
    location_id: String,
    contact_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    assigned_to: Option<String>,
    last_message_body: String,
    last_message_date: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    last_message_type: String,
    unread_count: i64,
    inbox: bool,
    starred: bool,
    deleted: bool,
}

impl From<Conversation> for ChangedAnswer {
    fn from(conversation: Conversation) -> Self {
        Self {
            id: conversation.id,
            location_id: conversation.location_id,
            contact_id: conversation.contact_id,
            assigned_to: conversation.assigned_to,
            last_message_body: conversation.last_body,
            last_message_date: iso(conversation.last_at_ms),
            last_message_type: conversation.last_kind,
            unread_count: conversation.unread_count,
            inbox: true,
            starred: conversation.is_starred != 0,
            deleted: false,
        }
    }
}
