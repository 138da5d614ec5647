//! The rows of tasks. States only move forward: what has ended stays as it ended.

use sqlx::Row;
use sqlx::any::AnyRow;

use crate::clock::UnixMillis;
use crate::db::Db;
use crate::error::Result;
use crate::tenant::TenantId;

/// A task as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TaskRow {
    pub(crate) task_id: String,
    pub(crate) tool: String,
    pub(crate) is_change: bool,
    pub(crate) state: String,
    pub(crate) status_message: Option<String>,
    pub(crate) created_at_ms: UnixMillis,
    pub(crate) updated_at_ms: UnixMillis,
    pub(crate) expires_at_ms: UnixMillis,
    pub(crate) poll_interval_ms: i64,
    pub(crate) owner_id: String,
    pub(crate) heartbeat_at_ms: UnixMillis,
    pub(crate) dialogue: Dialogue,
    /// JSON object.
    pub(crate) outcome: Option<String>,
}

/// What a task asks and was answered, both JSON objects by key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Dialogue {
    pub(crate) questions: String,
    pub(crate) answers: String,
    /// Moves with every change.
    pub(crate) revision: i64,
}

/// How a task ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ending {
    pub(crate) state: &'static str,
    pub(crate) status_message: Option<String>,
    /// JSON object.
    pub(crate) outcome: Option<String>,
}

/// What others left for the process that works on a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Errand {
    pub(crate) task_id: String,
    pub(crate) is_cancel_requested: bool,
    /// JSON object.
    pub(crate) answers: String,
}

/// A task whose owner gives no sign of life.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LostTask {
    pub(crate) tenant: TenantId,
    pub(crate) task_id: String,
    pub(crate) is_change: bool,
}

/// Stores a task unless its caller already keeps `kept_max`; returns whether it was stored.
pub(crate) async fn insert(db: &Db, tenant: &TenantId, subject: &str, task: &TaskRow, kept_max: i64) -> Result<bool> {
    let mut tx = db.begin().await?;
    let kept: i64 = sqlx::query_scalar(
        "select count(*)
        from call_tasks
        where tenant_id = $1 and subject = $2 and expires_at_ms > $3",
    )
    .bind(tenant.as_str())
    .bind(subject)
    .bind(task.created_at_ms)
    .fetch_one(&mut *tx)
    .await?;
    if kept >= kept_max {
        return Ok(false);
    }
    sqlx::query(
        "insert into call_tasks (tenant_id, task_id, subject, tool, is_change, state, status_message, created_at_ms,
            updated_at_ms, expires_at_ms, poll_interval_ms, owner_id, heartbeat_at_ms, questions, answers, revision)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
    )
    .bind(tenant.as_str())
    .bind(task.task_id.as_str())
    .bind(subject)
    .bind(task.tool.as_str())
    .bind(i64::from(task.is_change))
    .bind(task.state.as_str())
    .bind(task.status_message.as_deref())
    .bind(task.created_at_ms)
    .bind(task.updated_at_ms)
    .bind(task.expires_at_ms)
    .bind(task.poll_interval_ms)
    .bind(task.owner_id.as_str())
    .bind(task.heartbeat_at_ms)
    .bind(task.dialogue.questions.as_str())
    .bind(task.dialogue.answers.as_str())
    .bind(task.dialogue.revision)
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(true)
}

/// A caller's own task that has not expired.
pub(crate) async fn find(
    db: &Db,
    tenant: &TenantId,
    subject: &str,
    task_id: &str,
    now_ms: UnixMillis,
) -> Result<Option<TaskRow>> {
    let row = sqlx::query(
        "select task_id, tool, is_change, state, status_message, created_at_ms, updated_at_ms, expires_at_ms,
            poll_interval_ms, owner_id, heartbeat_at_ms, questions, answers, revision, outcome
        from call_tasks
        where tenant_id = $1 and task_id = $2 and subject = $3 and expires_at_ms > $4",
    )
    .bind(tenant.as_str())
    .bind(task_id)
    .bind(subject)
    .bind(now_ms)
    .fetch_optional(db.read().await?)
    .await?;
    row.as_ref().map(task).transpose()
}

fn task(row: &AnyRow) -> Result<TaskRow> {
    Ok(TaskRow {
        task_id: row.try_get("task_id")?,
        tool: row.try_get("tool")?,
        is_change: row.try_get::<i64, _>("is_change")? != 0,
        state: row.try_get("state")?,
        status_message: row.try_get("status_message")?,
        created_at_ms: row.try_get("created_at_ms")?,
        updated_at_ms: row.try_get("updated_at_ms")?,
        expires_at_ms: row.try_get("expires_at_ms")?,
        poll_interval_ms: row.try_get("poll_interval_ms")?,
        owner_id: row.try_get("owner_id")?,
        heartbeat_at_ms: row.try_get("heartbeat_at_ms")?,
        dialogue: Dialogue {
            questions: row.try_get("questions")?,
            answers: row.try_get("answers")?,
            revision: row.try_get("revision")?,
        },
        outcome: row.try_get("outcome")?,
    })
}

/// Says how far a task has come, while it runs.
pub(crate) async fn say(db: &Db, tenant: &TenantId, task_id: &str, message: &str, now_ms: UnixMillis) -> Result<()> {
    let mut tx = db.begin().await?;
    sqlx::query(
        "update call_tasks
        set status_message = $3, updated_at_ms = $4
        where tenant_id = $1 and task_id = $2 and state in ('working', 'input_required')",
    )
    .bind(tenant.as_str())
    .bind(task_id)
    .bind(message)
    .bind(now_ms)
    .execute(&mut *tx)
    .await?;
    Ok(tx.commit().await?)
}

/// Replaces what a running task asks and was answered, unless somebody was faster: then nothing happens, and false
/// comes back.
pub(crate) async fn save_dialogue(
    db: &Db,
    tenant: &TenantId,
    task_id: &str,
    (state, dialogue): (&str, &Dialogue),
    now_ms: UnixMillis,
) -> Result<bool> {
    let mut tx = db.begin().await?;
    let saved = sqlx::query(
        "update call_tasks
        set state = $4, questions = $5, answers = $6, revision = revision + 1, updated_at_ms = $7
        where tenant_id = $1 and task_id = $2 and revision = $3 and state in ('working', 'input_required')",
    )
    .bind(tenant.as_str())
    .bind(task_id)
    .bind(dialogue.revision)
    .bind(state)
    .bind(dialogue.questions.as_str())
    .bind(dialogue.answers.as_str())
    .bind(now_ms)
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(saved.rows_affected() == 1)
}

/// Ends a task that has not ended.
pub(crate) async fn end(db: &Db, tenant: &TenantId, task_id: &str, ending: &Ending, now_ms: UnixMillis) -> Result<()> {
    let mut tx = db.begin().await?;
    sqlx::query(
        "update call_tasks
        set state = $3, status_message = coalesce($4, status_message), outcome = $5, updated_at_ms = $6,
            questions = '{}', answers = '{}', revision = revision + 1
        where tenant_id = $1 and task_id = $2 and state in ('working', 'input_required')",
    )
    .bind(tenant.as_str())
    .bind(task_id)
    .bind(ending.state)
    .bind(ending.status_message.as_deref())
    .bind(ending.outcome.as_deref())
    .bind(now_ms)
    .execute(&mut *tx)
    .await?;
    Ok(tx.commit().await?)
}

/// Leaves word that the caller wants a task to end.
pub(crate) async fn request_cancel(db: &Db, tenant: &TenantId, task_id: &str, now_ms: UnixMillis) -> Result<()> {
    let mut tx = db.begin().await?;
    sqlx::query(
        "update call_tasks
        set cancel_requested_at_ms = $3
        where tenant_id = $1 and task_id = $2 and cancel_requested_at_ms is null",
    )
    .bind(tenant.as_str())
    .bind(task_id)
    .bind(now_ms)
    .execute(&mut *tx)
    .await?;
    Ok(tx.commit().await?)
}

/// A sign of life for all running tasks of one process, of whatever tenant; what others left for them comes back.
pub(crate) async fn beat(db: &Db, owner_id: &str, now_ms: UnixMillis) -> Result<Vec<Errand>> {
    let mut tx = db.begin().await?;
    sqlx::query(
        "update call_tasks
        set heartbeat_at_ms = $2
        where owner_id = $1 and state in ('working', 'input_required')",
    )
    .bind(owner_id)
    .bind(now_ms)
    .execute(&mut *tx)
    .await?;
    let rows = sqlx::query(
        "select task_id, cancel_requested_at_ms, answers
        from call_tasks
        where owner_id = $1 and state in ('working', 'input_required')
            and (cancel_requested_at_ms is not null or answers <> '{}')
        order by task_id
        limit 10000",
    )
    .bind(owner_id)
    .fetch_all(&mut *tx)
    .await?;
    tx.commit().await?;
    let errand = |row: &AnyRow| {
        Ok(Errand {
            task_id: row.try_get("task_id")?,
            is_cancel_requested: row.try_get::<Option<i64>, _>("cancel_requested_at_ms")?.is_some(),
            answers: row.try_get("answers")?,
        })
    };
    rows.iter().map(errand).collect()
}

/// Running tasks without a sign of life since `before_ms`, of whatever tenant, at most 1,000.
pub(crate) async fn lost(db: &Db, before_ms: UnixMillis) -> Result<Vec<LostTask>> {
    let rows = sqlx::query(
        "select tenant_id, task_id, is_change
        from call_tasks
        where state in ('working', 'input_required') and heartbeat_at_ms < $1
        order by tenant_id, task_id
        limit 1000",
    )
    .bind(before_ms)
    .fetch_all(db.read().await?)
    .await?;
    let lost = |row: &AnyRow| {
        Ok(LostTask {
            tenant: row.try_get::<String, _>("tenant_id")?.parse()?,
            task_id: row.try_get("task_id")?,
            is_change: row.try_get::<i64, _>("is_change")? != 0,
        })
    };
    rows.iter().map(lost).collect()
}

/// Forgets what has expired, of whatever tenant.
pub(crate) async fn remove_expired(db: &Db, now_ms: UnixMillis) -> Result<u64> {
    let mut tx = db.begin().await?;
    let removed = sqlx::query("delete from call_tasks where expires_at_ms <= $1")
        .bind(now_ms)
        .execute(&mut *tx)
        .await?
        .rows_affected();
    tx.commit().await?;
    Ok(removed)
}
