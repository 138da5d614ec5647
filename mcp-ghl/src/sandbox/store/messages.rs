//! Messages, and the emails that some of them stand for.

use common::clock::UnixMillis;
use common::error::Result;
use sqlx::FromRow;

use crate::sandbox::store::{Connection, Document, failed};

#[derive(Debug, Clone, Default, FromRow)]
pub(crate) struct Message {
    pub(crate) location_id: String,
    pub(crate) id: String,
    pub(crate) conversation_id: String,
    /// Counted from 1.
    pub(crate) position: i64,
    /// `TYPE_SMS` and its like.
    pub(crate) kind: String,
    /// `inbound` or `outbound`.
    pub(crate) direction: String,
    pub(crate) status: String,
    /// Absent for emails.
    pub(crate) body: Option<String>,
    pub(crate) source: String,
    pub(crate) user_id: Option<String>,
    #[sqlx(try_from = "String")]
    pub(crate) attachments: Document<Vec<String>>,
    pub(crate) added_at_ms: UnixMillis,
    pub(crate) scheduled_at_ms: Option<UnixMillis>,
}

#[derive(Debug, Clone, Default, FromRow)]
pub(crate) struct Email {
    pub(crate) location_id: String,
    pub(crate) id: String,
    pub(crate) message_id: String,
    /// Counted from 1.
    pub(crate) position: i64,
    /// `inbound` or `outbound`.
    pub(crate) direction: String,
    pub(crate) status: String,
    pub(crate) subject: String,
    /// HTML.
    pub(crate) body: String,
    pub(crate) sender: String,
    #[sqlx(try_from = "String")]
    pub(crate) recipients: Document<Vec<String>>,
    pub(crate) source: String,
    #[sqlx(try_from = "String")]
    pub(crate) attachments: Document<Vec<String>>,
    pub(crate) added_at_ms: UnixMillis,
}

/// Which messages of a conversation are wanted, newest first.
#[derive(Debug)]
pub(crate) struct Page<'a> {
    pub(crate) conversation_id: &'a str,
    /// Older than this position.
    pub(crate) before: i64,
    pub(crate) kind: Option<&'a str>,
    pub(crate) limit: u32,
}

pub(crate) async fn list(connection: &mut Connection, location_id: &str, page: &Page<'_>) -> Result<Vec<Message>> {
    sqlx::query_as(
        "select location_id, id, conversation_id, position, kind, direction, status, body, source, user_id, attachments,
            added_at_ms, scheduled_at_ms
        from messages
        where location_id = ?1 and conversation_id = ?2 and position < ?3 and (?4 is null or kind = ?4)
        order by position desc
        limit ?5",
    )
    .bind(location_id)
    .bind(page.conversation_id)
    .bind(page.before)
    .bind(page.kind)
    .bind(i64::from(page.limit))
    .fetch_all(connection)
    .await
    .map_err(failed)
}

pub(crate) async fn find(connection: &mut Connection, id: &str) -> Result<Option<Message>> {
    sqlx::query_as(
        "select location_id, id, conversation_id, position, kind, direction, status, body, source, user_id, attachments,
            added_at_ms, scheduled_at_ms
        from messages
        where id = ?",
    )
    .bind(id)
    .fetch_optional(connection)
    .await
    .map_err(failed)
}

/// The position of a conversation's next message.
pub(crate) async fn next_position(
    connection: &mut Connection,
    location_id: &str,
    conversation_id: &str,
) -> Result<i64> {
    sqlx::query_scalar(
        "select coalesce(max(position), 0) + 1
        from messages
        where location_id = ? and conversation_id = ?",
    )
    .bind(location_id)
    .bind(conversation_id)
    .fetch_one(connection)
    .await
    .map_err(failed)
}

pub(crate) async fn insert(connection: &mut Connection, message: &Message) -> Result<()> {
    sqlx::query(
        "insert into messages (
            location_id, id, conversation_id, position, kind, direction, status, body, source, user_id, attachments,
            added_at_ms, scheduled_at_ms
        )
        values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(&message.location_id)
    .bind(&message.id)
    .bind(&message.conversation_id)
    .bind(message.position)
    .bind(&message.kind)
    .bind(&message.direction)
    .bind(&message.status)
    .bind(&message.body)
    .bind(&message.source)
    .bind(&message.user_id)
    .bind(message.attachments.text()?)
    .bind(message.added_at_ms)
    .bind(message.scheduled_at_ms)
    .execute(connection)
    .await
    .map_err(failed)?;
    Ok(())
}

/// When the next message that waits is to go out.
pub(crate) async fn next_scheduled(connection: &mut Connection) -> Result<Option<UnixMillis>> {
    sqlx::query_scalar("select min(scheduled_at_ms) from messages where status = 'scheduled'")
        .fetch_one(connection)
        .await
        .map_err(failed)
}

/// Sends what was to go out by now.
pub(crate) async fn send_scheduled(connection: &mut Connection, now_ms: UnixMillis) -> Result<()> {
    sqlx::query(
        "update emails
        set status = 'sent'
        where status = 'scheduled'
        and exists (
            select 1
            from messages m
            where m.location_id = emails.location_id and m.id = emails.message_id and m.scheduled_at_ms <= ?
        )",
    )
    .bind(now_ms)
    .execute(&mut *connection)
    .await
    .map_err(failed)?;
    sqlx::query("update messages set status = 'sent' where status = 'scheduled' and scheduled_at_ms <= ?")
        .bind(now_ms)
        .execute(connection)
        .await
        .map_err(failed)?;
    Ok(())
}

/// Deletes a message with its emails.
pub(crate) async fn delete(connection: &mut Connection, location_id: &str, id: &str) -> Result<()> {
    sqlx::query("delete from messages where location_id = ? and id = ?")
        .bind(location_id)
        .bind(id)
        .execute(connection)
        .await
        .map_err(failed)?;
    Ok(())
}

/// A thread's email ids, oldest first.
pub(crate) async fn email_ids(connection: &mut Connection, location_id: &str, message_id: &str) -> Result<Vec<String>> {
    sqlx::query_scalar(
        "select id
        from emails
        where location_id = ? and message_id = ?
        order by position",
    )
    .bind(location_id)
    .bind(message_id)
    .fetch_all(connection)
    .await
    .map_err(failed)
}

pub(crate) async fn find_email(connection: &mut Connection, id: &str) -> Result<Option<Email>> {
    sqlx::query_as(
        "select location_id, id, message_id, position, direction, status, subject, body, sender, recipients, source,
            attachments, added_at_ms
        from emails
        where id = ?",
    )
    .bind(id)
    .fetch_optional(connection)
    .await
    .map_err(failed)
}

pub(crate) async fn insert_email(connection: &mut Connection, email: &Email) -> Result<()> {
    sqlx::query(
        "insert into emails (
            location_id, id, message_id, position, direction, status, subject, body, sender, recipients, source,
            attachments, added_at_ms
        )
        values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(&email.location_id)
    .bind(&email.id)
    .bind(&email.message_id)
    .bind(email.position)
    .bind(&email.direction)
    .bind(&email.status)
    .bind(&email.subject)
    .bind(&email.body)
    .bind(&email.sender)
    .bind(email.recipients.text()?)
    .bind(&email.source)
    .bind(email.attachments.text()?)
    .bind(email.added_at_ms)
    .execute(connection)
    .await
    .map_err(failed)?;
    Ok(())
}
