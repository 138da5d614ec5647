//! Changes that are not yet told, and what was told to whom.

use common::clock::UnixMillis;
use common::error::Result;
use serde_json::{Map, Value};
use sqlx::FromRow;

use crate::sandbox::store::{Connection, Document, failed};

/// Something that has happened.
#[derive(Debug, Clone, FromRow)]
pub(crate) struct Change {
    /// The payload's `type`.
    pub(crate) event: String,
    /// Empty for what concerns the agency.
    pub(crate) location_id: String,
    /// The payload without what all have.
    #[sqlx(try_from = "String")]
    pub(crate) facts: Document<Map<String, Value>>,
}

/// One webhook to one listener.
#[derive(Debug, Clone, FromRow)]
pub(crate) struct Delivery {
    pub(crate) position: i64,
    pub(crate) webhook_id: String,
    pub(crate) event: String,
    pub(crate) location_id: String,
    /// Empty where nobody listens.
    pub(crate) url: String,
    /// To the byte what is signed and sent.
    pub(crate) body: String,
    pub(crate) happened_at_ms: UnixMillis,
    pub(crate) attempts: i64,
    /// `waiting`, `delivered`, `refused`, `unreachable` or `unheard`.
    pub(crate) outcome: String,
    /// HTTP, of the last answer.
    pub(crate) status: Option<i64>,
    pub(crate) due_at_ms: Option<UnixMillis>,
}

/// Whether changes are kept.
pub(crate) async fn is_watching(connection: &mut Connection) -> Result<bool> {
    let is_watching: i64 =
        sqlx::query_scalar("select is_watching from emulator").fetch_one(connection).await.map_err(failed)?;
    Ok(is_watching != 0)
}

/// Keeps changes from here on, or no longer.
pub(crate) async fn watch(connection: &mut Connection, is_watching: bool) -> Result<()> {
    sqlx::query("update emulator set is_watching = ?")
        .bind(i64::from(is_watching))
        .execute(connection)
        .await
        .map_err(failed)?;
    Ok(())
}

/// The seed of the key that signs, in base64.
pub(crate) async fn seed(connection: &mut Connection) -> Result<Option<String>> {
    sqlx::query_scalar("select webhook_seed from emulator").fetch_one(connection).await.map_err(failed)
}

pub(crate) async fn save_seed(connection: &mut Connection, seed: &str) -> Result<()> {
    sqlx::query("update emulator set webhook_seed = ?").bind(seed).execute(connection).await.map_err(failed)?;
    Ok(())
}

pub(crate) async fn has_changes(connection: &mut Connection) -> Result<bool> {
    let first: Option<i64> =
        sqlx::query_scalar("select position from changes limit 1").fetch_optional(connection).await.map_err(failed)?;
    Ok(first.is_some())
}

/// Something that no record shows.
pub(crate) async fn insert_change(connection: &mut Connection, change: &Change) -> Result<()> {
    sqlx::query("insert into changes (event, location_id, facts) values (?, ?, ?)")
        .bind(&change.event)
        .bind(&change.location_id)
        .bind(change.facts.text()?)
        .execute(connection)
        .await
        .map_err(failed)?;
    Ok(())
}

/// Takes all changes out, oldest first.
pub(crate) async fn take_changes(connection: &mut Connection) -> Result<Vec<Change>> {
    let changes = sqlx::query_as("select event, location_id, facts from changes order by position")
        .fetch_all(&mut *connection)
        .await
        .map_err(failed)?;
    sqlx::query("delete from changes").execute(connection).await.map_err(failed)?;
    Ok(changes)
}

/// Its `position` is given by the table.
pub(crate) async fn insert(connection: &mut Connection, delivery: &Delivery) -> Result<()> {
    sqlx::query(
        "insert into deliveries (
            webhook_id, event, location_id, url, body, happened_at_ms, attempts, outcome, status, due_at_ms
        )
        values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(&delivery.webhook_id)
    .bind(&delivery.event)
    .bind(&delivery.location_id)
    .bind(&delivery.url)
    .bind(&delivery.body)
    .bind(delivery.happened_at_ms)
    .bind(delivery.attempts)
    .bind(&delivery.outcome)
    .bind(delivery.status)
    .bind(delivery.due_at_ms)
    .execute(connection)
    .await
    .map_err(failed)?;
    Ok(())
}

/// What is to be sent by now, in the order in which it happened.
pub(crate) async fn due(connection: &mut Connection, now_ms: UnixMillis, limit: u32) -> Result<Vec<Delivery>> {
    sqlx::query_as(
        "select position, webhook_id, event, location_id, url, body, happened_at_ms, attempts, outcome, status, due_at_ms
        from deliveries
        where due_at_ms <= ?
        order by position
        limit ?",
    )
    .bind(now_ms)
    .bind(i64::from(limit))
    .fetch_all(connection)
    .await
    .map_err(failed)
}

/// When the next one is to be sent.
pub(crate) async fn next_due(connection: &mut Connection) -> Result<Option<UnixMillis>> {
    sqlx::query_scalar("select min(due_at_ms) from deliveries").fetch_one(connection).await.map_err(failed)
}

/// Takes a delivery for this process until an instant; false if another has it.
pub(crate) async fn claim(connection: &mut Connection, delivery: &Delivery, until_ms: UnixMillis) -> Result<bool> {
    let done = sqlx::query("update deliveries set due_at_ms = ? where position = ? and due_at_ms = ?")
        .bind(until_ms)
        .bind(delivery.position)
        .bind(delivery.due_at_ms)
        .execute(connection)
        .await
        .map_err(failed)?;
    Ok(done.rows_affected() == 1)
}

/// Keeps what became of an attempt.
pub(crate) async fn update(connection: &mut Connection, delivery: &Delivery) -> Result<()> {
    sqlx::query("update deliveries set attempts = ?, outcome = ?, status = ?, due_at_ms = ? where position = ?")
        .bind(delivery.attempts)
        .bind(&delivery.outcome)
        .bind(delivery.status)
        .bind(delivery.due_at_ms)
        .bind(delivery.position)
        .execute(connection)
        .await
        .map_err(failed)?;
    Ok(())
}

/// The last ones, oldest first.
pub(crate) async fn last(connection: &mut Connection, limit: u32) -> Result<Vec<Delivery>> {
    sqlx::query_as(
        "select position, webhook_id, event, location_id, url, body, happened_at_ms, attempts, outcome, status, due_at_ms
        from (select * from deliveries order by position desc limit ?)
        order by position",
    )
    .bind(i64::from(limit))
    .fetch_all(connection)
    .await
    .map_err(failed)
}

/// Forgets all but the last ones and those that wait.
pub(crate) async fn forget_older(connection: &mut Connection, kept: u32) -> Result<()> {
    sqlx::query(
        "delete from deliveries
        where due_at_ms is null
        and position <= (select max(position) from deliveries) - ?",
    )
    .bind(i64::from(kept))
    .execute(connection)
    .await
    .map_err(failed)?;
    Ok(())
}

pub(crate) async fn delete_all(connection: &mut Connection) -> Result<()> {
    sqlx::query("delete from changes").execute(&mut *connection).await.map_err(failed)?;
    sqlx::query("delete from deliveries").execute(connection).await.map_err(failed)?;
    Ok(())
}
