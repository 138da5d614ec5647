//! Records kept as the vendor writes them: links, templates, campaigns, posts, products and their like.

use common::clock::UnixMillis;
use common::error::Result;
use serde_json::{Map, Value};
use sqlx::FromRow;

use crate::sandbox::store::{Connection, Document, failed};

/// One record of one kind.
#[derive(Debug, Clone, FromRow)]
pub(crate) struct Record {
    pub(crate) location_id: String,
    /// What it is: `link`, `email_template`. Ids are unique within a kind.
    pub(crate) kind: String,
    pub(crate) id: String,
    /// The record that it hangs on; empty where it stands alone.
    pub(crate) parent_id: String,
    /// Its fields but for the id, in the vendor's form.
    #[sqlx(try_from = "String")]
    pub(crate) body: Document<Map<String, Value>>,
    pub(crate) added_at_ms: UnixMillis,
    pub(crate) updated_at_ms: UnixMillis,
}

/// A location's records of a kind, oldest first.
pub(crate) async fn list(connection: &mut Connection, location_id: &str, kind: &str) -> Result<Vec<Record>> {
    sqlx::query_as(
        "select location_id, kind, id, parent_id, body, added_at_ms, updated_at_ms
        from documents
        where location_id = ? and kind = ?
        order by added_at_ms, id",
    )
    .bind(location_id)
    .bind(kind)
    .fetch_all(connection)
    .await
    .map_err(failed)
}

/// The records of a kind that hang on another, oldest first.
pub(crate) async fn list_under(
    connection: &mut Connection,
    location_id: &str,
    kind: &str,
    parent_id: &str,
) -> Result<Vec<Record>> {
    sqlx::query_as(
        "select location_id, kind, id, parent_id, body, added_at_ms, updated_at_ms
        from documents
        where location_id = ? and kind = ? and parent_id = ?
        order by added_at_ms, id",
    )
    .bind(location_id)
    .bind(kind)
    .bind(parent_id)
    .fetch_all(connection)
    .await
    .map_err(failed)
}

/// The record of an id, whichever location it is in.
pub(crate) async fn find(connection: &mut Connection, kind: &str, id: &str) -> Result<Option<Record>> {
    sqlx::query_as(
        "select location_id, kind, id, parent_id, body, added_at_ms, updated_at_ms
        from documents
        where kind = ? and id = ?",
    )
    .bind(kind)
    .bind(id)
    .fetch_optional(connection)
    .await
    .map_err(failed)
}

/// Writes a record whole, a new one or over the old one.
pub(crate) async fn save(connection: &mut Connection, record: &Record) -> Result<()> {
    sqlx::query(
        "insert into documents (location_id, kind, id, parent_id, body, added_at_ms, updated_at_ms)
        values (?, ?, ?, ?, ?, ?, ?)
        on conflict (location_id, kind, id) do update set
            parent_id = excluded.parent_id,
            body = excluded.body,
            updated_at_ms = excluded.updated_at_ms",
    )
    .bind(&record.location_id)
    .bind(&record.kind)
    .bind(&record.id)
    .bind(&record.parent_id)
    .bind(record.body.text()?)
    .bind(record.added_at_ms)
    .bind(record.updated_at_ms)
    .execute(connection)
    .await
    .map_err(failed)?;
    Ok(())
}

/// Takes a record away. What hangs on it stays; that is the caller's to decide.
pub(crate) async fn delete(connection: &mut Connection, location_id: &str, kind: &str, id: &str) -> Result<()> {
    sqlx::query("delete from documents where location_id = ? and kind = ? and id = ?")
        .bind(location_id)
        .bind(kind)
        .bind(id)
        .execute(connection)
        .await
        .map_err(failed)?;
    Ok(())
}
