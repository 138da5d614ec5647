//! Conversations, read together with their contact.

use common::clock::UnixMillis;
use common::error::Result;
use sqlx::FromRow;

use crate::sandbox::filter::Column;
use crate::sandbox::store::search::Source;
use crate::sandbox::store::{Connection, Document, failed};

#[derive(Debug, Clone, Default, FromRow)]
pub(crate) struct Conversation {
    pub(crate) location_id: String,
    pub(crate) id: String,
    pub(crate) contact_id: String,
    pub(crate) assigned_to: Option<String>,
    /// 0 or 1.
    pub(crate) is_starred: i64,
    pub(crate) unread_count: i64,
    /// `TYPE_SMS` and its like.
    pub(crate) last_kind: String,
    /// `inbound` or `outbound`.
    pub(crate) last_direction: String,
    pub(crate) last_body: String,
    pub(crate) last_at_ms: UnixMillis,
    pub(crate) added_at_ms: UnixMillis,
}

/// A conversation with what the search shows of its contact.
#[derive(Debug, Clone, FromRow)]
pub(crate) struct Card {
    #[sqlx(flatten)]
    pub(crate) conversation: Conversation,
    pub(crate) contact_first_name: Option<String>,
    pub(crate) contact_last_name: Option<String>,
    pub(crate) contact_company: Option<String>,
    pub(crate) contact_email: Option<String>,
    pub(crate) contact_phone: Option<String>,
    #[sqlx(try_from = "String")]
    pub(crate) contact_tags: Document<Vec<String>>,
}

const COLUMNS: &str = "select v.location_id, v.id, v.contact_id, v.assigned_to, v.is_starred, v.unread_count, \
    v.last_kind, v.last_direction, v.last_body, v.last_at_ms, v.added_at_ms, \
    c.first_name as contact_first_name, c.last_name as contact_last_name, c.company_name as contact_company, \
    c.email as contact_email, c.phone as contact_phone, c.tags as contact_tags";

/// What the vendor's free text looks at is not documented: names and addresses here, no messages.
pub(crate) const SOURCE: Source = Source {
    columns: COLUMNS,
    from: "from conversations v join contacts c on c.location_id = v.location_id and c.id = v.contact_id",
    location_id: "v.location_id",
    id: "v.id",
    haystack: "(c.full_name_lower || ' ' || coalesce(c.email_lower, '') || ' ' || coalesce(c.phone, ''))",
};

pub(crate) const ID: Column = Column::Exact("v.id");
pub(crate) const CONTACT: Column = Column::Exact("v.contact_id");
pub(crate) const ASSIGNED: Column = Column::Exact("v.assigned_to");
pub(crate) const STARRED: Column = Column::Flag("v.is_starred");
pub(crate) const UNREAD: Column = Column::Number("v.unread_count");
pub(crate) const LAST_KIND: Column = Column::Exact("v.last_kind");
pub(crate) const LAST_DIRECTION: Column = Column::Exact("v.last_direction");
pub(crate) const LAST_AT: Column = Column::Instant("v.last_at_ms");
pub(crate) const ADDED_AT: Column = Column::Instant("v.added_at_ms");

pub(crate) async fn find(connection: &mut Connection, id: &str) -> Result<Option<Conversation>> {
    sqlx::query_as(
        "select location_id, id, contact_id, assigned_to, is_starred, unread_count, last_kind, last_direction,
            last_body, last_at_ms, added_at_ms
        from conversations
        where id = ?",
    )
    .bind(id)
    .fetch_optional(connection)
    .await
    .map_err(failed)
}

/// The conversation with a contact; there is at most one.
pub(crate) async fn find_by_contact(
    connection: &mut Connection,
    location_id: &str,
    contact_id: &str,
) -> Result<Option<Conversation>> {
    sqlx::query_as(
        "select location_id, id, contact_id, assigned_to, is_starred, unread_count, last_kind, last_direction,
            last_body, last_at_ms, added_at_ms
        from conversations
        where location_id = ? and contact_id = ?",
    )
    .bind(location_id)
    .bind(contact_id)
    .fetch_optional(connection)
    .await
    .map_err(failed)
}

/// Writes a conversation whole, a new one or over the old one.
pub(crate) async fn save(connection: &mut Connection, conversation: &Conversation) -> Result<()> {
    sqlx::query(
        "insert into conversations (
            location_id, id, contact_id, assigned_to, is_starred, unread_count, last_kind, last_direction, last_body,
            last_at_ms, added_at_ms
        )
        values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        on conflict (location_id, id) do update set
            assigned_to = excluded.assigned_to,
            is_starred = excluded.is_starred,
            unread_count = excluded.unread_count,
            last_kind = excluded.last_kind,
            last_direction = excluded.last_direction,
            last_body = excluded.last_body,
            last_at_ms = excluded.last_at_ms",
    )
    .bind(&conversation.location_id)
    .bind(&conversation.id)
    .bind(&conversation.contact_id)
    .bind(&conversation.assigned_to)
    .bind(conversation.is_starred)
    .bind(conversation.unread_count)
    .bind(&conversation.last_kind)
    .bind(&conversation.last_direction)
    .bind(&conversation.last_body)
    .bind(conversation.last_at_ms)
    .bind(conversation.added_at_ms)
    .execute(connection)
    .await
    .map_err(failed)?;
    Ok(())
}
