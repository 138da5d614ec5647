//! Notes on contacts.

use common::clock::UnixMillis;
use common::error::Result;
use sqlx::FromRow;

use crate::sandbox::store::{Connection, failed};

#[derive(Debug, Clone, FromRow)]
pub(crate) struct Note {
    pub(crate) location_id: String,
    pub(crate) id: String,
    pub(crate) contact_id: String,
    pub(crate) user_id: Option<String>,
    pub(crate) title: Option<String>,
    pub(crate) body: String,
    pub(crate) color: Option<String>,
    /// 0 or 1.
    pub(crate) is_pinned: i64,
    pub(crate) added_at_ms: UnixMillis,
}

/// A contact's notes, newest first.
pub(crate) async fn list(connection: &mut Connection, location_id: &str, contact_id: &str) -> Result<Vec<Note>> {
    sqlx::query_as(
        "select location_id, id, contact_id, user_id, title, body, color, is_pinned, added_at_ms
        from notes
        where location_id = ? and contact_id = ?
        order by added_at_ms desc, id",
    )
    .bind(location_id)
    .bind(contact_id)
    .fetch_all(connection)
    .await
    .map_err(failed)
}

pub(crate) async fn find(connection: &mut Connection, contact_id: &str, id: &str) -> Result<Option<Note>> {
    sqlx::query_as(
        "select location_id, id, contact_id, user_id, title, body, color, is_pinned, added_at_ms
        from notes
        where contact_id = ? and id = ?",
    )
    .bind(contact_id)
    .bind(id)
    .fetch_optional(connection)
    .await
    .map_err(failed)
}

/// Writes a note whole, a new one or over the old one.
pub(crate) async fn save(connection: &mut Connection, note: &Note) -> Result<()> {
    sqlx::query(
        "insert into notes (location_id, id, contact_id, user_id, title, body, color, is_pinned, added_at_ms)
        values (?, ?, ?, ?, ?, ?, ?, ?, ?)
        on conflict (location_id, id) do update set
            user_id = excluded.user_id,
            title = excluded.title,
            body = excluded.body,
            color = excluded.color,
            is_pinned = excluded.is_pinned",
    )
    .bind(&note.location_id)
    .bind(&note.id)
    .bind(&note.contact_id)
    .bind(&note.user_id)
    .bind(&note.title)
    .bind(&note.body)
    .bind(&note.color)
    .bind(note.is_pinned)
    .bind(note.added_at_ms)
    .execute(connection)
    .await
    .map_err(failed)?;
    Ok(())
}

pub(crate) async fn delete(connection: &mut Connection, location_id: &str, id: &str) -> Result<()> {
    sqlx::query("delete from notes where location_id = ? and id = ?")
        .bind(location_id)
        .bind(id)
        .execute(connection)
        .await
        .map_err(failed)?;
    Ok(())
}
