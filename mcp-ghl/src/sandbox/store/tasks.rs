//! Tasks on contacts.

use common::clock::UnixMillis;
use common::error::Result;
use sqlx::FromRow;

use crate::sandbox::store::{Connection, Document, failed};

#[derive(Debug, Clone, FromRow)]
pub(crate) struct Task {
    pub(crate) location_id: String,
    pub(crate) id: String,
    pub(crate) contact_id: String,
    pub(crate) title: String,
    pub(crate) body: Option<String>,
    pub(crate) due_at_ms: UnixMillis,
    pub(crate) assigned_to: Option<String>,
    /// 0 or 1.
    pub(crate) is_completed: i64,
    pub(crate) added_at_ms: UnixMillis,
}

/// Which tasks of a location are wanted; everything given must hold.
#[derive(Debug, Default)]
pub(crate) struct Wanted {
    pub(crate) contact_ids: Option<Vec<String>>,
    pub(crate) owner_ids: Option<Vec<String>>,
    pub(crate) is_completed: Option<bool>,
    /// In the title.
    pub(crate) text: Option<String>,
    pub(crate) limit: u32,
    pub(crate) skip: u64,
}

/// A location's tasks, those that are due first.
pub(crate) async fn search(connection: &mut Connection, location_id: &str, wanted: &Wanted) -> Result<Vec<Task>> {
    let list = |ids: &Option<Vec<String>>| ids.clone().map(|ids| Document(ids).text()).transpose();
    sqlx::query_as(
        "select location_id, id, contact_id, title, body, due_at_ms, assigned_to, is_completed, added_at_ms
        from tasks
        where location_id = ?1
        and (?2 is null or contact_id in (select value from json_each(?2)))
        and (?3 is null or assigned_to in (select value from json_each(?3)))
        and (?4 is null or is_completed = ?4)
        and (?5 is null or instr(lower(title), lower(?5)) > 0)
        order by due_at_ms, id
        limit ?6 offset ?7",
    )
    .bind(location_id)
    .bind(list(&wanted.contact_ids)?)
    .bind(list(&wanted.owner_ids)?)
    .bind(wanted.is_completed.map(i64::from))
    .bind(wanted.text.as_deref())
    .bind(i64::from(wanted.limit))
    .bind(i64::try_from(wanted.skip).unwrap_or(i64::MAX))
    .fetch_all(connection)
    .await
    .map_err(failed)
}

/// A contact's tasks, newest first.
pub(crate) async fn list(connection: &mut Connection, location_id: &str, contact_id: &str) -> Result<Vec<Task>> {
    sqlx::query_as(
        "select location_id, id, contact_id, title, body, due_at_ms, assigned_to, is_completed, added_at_ms
        from tasks
        where location_id = ? and contact_id = ?
        order by added_at_ms desc, id",
    )
    .bind(location_id)
    .bind(contact_id)
    .fetch_all(connection)
    .await
    .map_err(failed)
}

pub(crate) async fn find(connection: &mut Connection, contact_id: &str, id: &str) -> Result<Option<Task>> {
    sqlx::query_as(
        "select location_id, id, contact_id, title, body, due_at_ms, assigned_to, is_completed, added_at_ms
        from tasks
        where contact_id = ? and id = ?",
    )
    .bind(contact_id)
    .bind(id)
    .fetch_optional(connection)
    .await
    .map_err(failed)
}

/// Writes a task whole, a new one or over the old one.
pub(crate) async fn save(connection: &mut Connection, task: &Task) -> Result<()> {
    sqlx::query(
        "insert into tasks (
            location_id, id, contact_id, title, body, due_at_ms, assigned_to, is_completed, added_at_ms
        )
        values (?, ?, ?, ?, ?, ?, ?, ?, ?)
        on conflict (location_id, id) do update set
            title = excluded.title,
            body = excluded.body,
            due_at_ms = excluded.due_at_ms,
            assigned_to = excluded.assigned_to,
            is_completed = excluded.is_completed",
    )
    .bind(&task.location_id)
    .bind(&task.id)
    .bind(&task.contact_id)
    .bind(&task.title)
    .bind(&task.body)
    .bind(task.due_at_ms)
    .bind(&task.assigned_to)
    .bind(task.is_completed)
    .bind(task.added_at_ms)
    .execute(connection)
    .await
    .map_err(failed)?;
    Ok(())
}

pub(crate) async fn delete(connection: &mut Connection, location_id: &str, id: &str) -> Result<()> {
    sqlx::query("delete from tasks where location_id = ? and id = ?")
        .bind(location_id)
        .bind(id)
        .execute(connection)
        .await
        .map_err(failed)?;
    Ok(())
}
