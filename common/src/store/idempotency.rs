//! What became of calls that carried an idempotency key.

use sqlx::Row;

use crate::clock::UnixMillis;
use crate::db::Db;
use crate::error::Result;
use crate::tenant::TenantId;

/// Whose key of which tool.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Slot<'call> {
    pub(crate) tenant: &'call TenantId,
    pub(crate) subject: &'call str,
    pub(crate) tool: &'static str,
    pub(crate) key: &'call str,
}

/// The state of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Begun,
    Answered,
    Lost,
}

impl State {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Begun => "begun",
            Self::Answered => "answered",
            Self::Lost => "lost",
        }
    }

    /// What is spelt otherwise was cut off on its way.
    fn parse(text: &str) -> Self {
        match text {
            "begun" => Self::Begun,
            "answered" => Self::Answered,
            _ => Self::Lost,
        }
    }
}

/// What is known of a key.
#[derive(Debug)]
pub(crate) struct Known {
    pub(crate) arguments_digest: String,
    pub(crate) state: State,
    pub(crate) begun_at_ms: UnixMillis,
    pub(crate) busy_until_ms: UnixMillis,
    pub(crate) answer: Option<String>,
}

/// What is known of a key that has not expired.
pub(crate) async fn find(db: &Db, slot: &Slot<'_>, now_ms: UnixMillis) -> Result<Option<Known>> {
    let row = sqlx::query(
        "select arguments_digest, state, begun_at_ms, busy_until_ms, answer
        from idempotency_keys
        where tenant_id = $1 and subject = $2 and tool = $3 and idempotency_key = $4 and expires_at_ms > $5",
    )
    .bind(slot.tenant.as_str())
    .bind(slot.subject)
    .bind(slot.tool)
    .bind(slot.key)
    .bind(now_ms)
    .fetch_optional(db.read().await?)
    .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(Known {
        arguments_digest: row.try_get("arguments_digest")?,
        state: State::parse(row.try_get("state")?),
        begun_at_ms: row.try_get("begun_at_ms")?,
        busy_until_ms: row.try_get("busy_until_ms")?,
        answer: row.try_get("answer")?,
    }))
}

/// One attempt at a call.
#[derive(Debug)]
pub(crate) struct Attempt<'call> {
    pub(crate) slot: Slot<'call>,
    pub(crate) id: String,
    pub(crate) arguments_digest: String,
    pub(crate) busy_until_ms: UnixMillis,
    pub(crate) expires_at_ms: UnixMillis,
}

/// Takes the key for an attempt, if nobody else is at it and nobody has an answer. `false` if somebody was faster.
pub(crate) async fn claim(db: &Db, attempt: &Attempt<'_>, now_ms: UnixMillis) -> Result<bool> {
    let mut tx = db.begin().await?;
    let claimed = sqlx::query(
        "insert into idempotency_keys (tenant_id, subject, tool, idempotency_key, arguments_digest, attempt_id,
            state, begun_at_ms, busy_until_ms, expires_at_ms)
        values ($1, $2, $3, $4, $5, $6, 'begun', $7, $8, $9)
        on conflict (tenant_id, subject, tool, idempotency_key) do update set
            arguments_digest = excluded.arguments_digest,
            attempt_id = excluded.attempt_id,
            state = excluded.state,
            begun_at_ms = case
                when idempotency_keys.expires_at_ms <= excluded.begun_at_ms then excluded.begun_at_ms
                else idempotency_keys.begun_at_ms
            end,
            busy_until_ms = excluded.busy_until_ms,
            answer = null,
            expires_at_ms = excluded.expires_at_ms
        where idempotency_keys.expires_at_ms <= excluded.begun_at_ms
            or idempotency_keys.arguments_digest = excluded.arguments_digest
            and (idempotency_keys.state = 'lost'
                or idempotency_keys.state = 'begun' and idempotency_keys.busy_until_ms <= excluded.begun_at_ms)",
    )
    .bind(attempt.slot.tenant.as_str())
    .bind(attempt.slot.subject)
    .bind(attempt.slot.tool)
    .bind(attempt.slot.key)
    .bind(attempt.arguments_digest.as_str())
    .bind(attempt.id.as_str())
    .bind(now_ms)
    .bind(attempt.busy_until_ms)
    .bind(attempt.expires_at_ms)
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(claimed.rows_affected() == 1)
}

/// Says how an attempt ended. An attempt that was overtaken changes nothing.
pub(crate) async fn settle(db: &Db, attempt: &Attempt<'_>, state: State, answer: Option<&str>) -> Result<()> {
    let mut tx = db.begin().await?;
    sqlx::query(
        "update idempotency_keys
        set state = $1, answer = $2
        where tenant_id = $3 and subject = $4 and tool = $5 and idempotency_key = $6 and attempt_id = $7",
    )
    .bind(state.as_str())
    .bind(answer)
    .bind(attempt.slot.tenant.as_str())
    .bind(attempt.slot.subject)
    .bind(attempt.slot.tool)
    .bind(attempt.slot.key)
    .bind(attempt.id.as_str())
    .execute(&mut *tx)
    .await?;
    Ok(tx.commit().await?)
}

/// Gives a key back whose attempt changed nothing.
pub(crate) async fn release(db: &Db, attempt: &Attempt<'_>) -> Result<()> {
    let mut tx = db.begin().await?;
    sqlx::query(
        "delete from idempotency_keys
        where tenant_id = $1 and subject = $2 and tool = $3 and idempotency_key = $4 and attempt_id = $5",
    )
    .bind(attempt.slot.tenant.as_str())
    .bind(attempt.slot.subject)
    .bind(attempt.slot.tool)
    .bind(attempt.slot.key)
    .bind(attempt.id.as_str())
    .execute(&mut *tx)
    .await?;
    Ok(tx.commit().await?)
}

/// Forgets keys that have expired, of all tenants, at most 10,000 at once. Returns how many.
pub(crate) async fn forget_expired(db: &Db, now_ms: UnixMillis) -> Result<u64> {
    let mut tx = db.begin().await?;
    // Few enough that nobody waits long for the lock.
    let forgotten = sqlx::query(
        "delete from idempotency_keys
        where expires_at_ms <= (
            select coalesce(max(expires_at_ms), 0) from (
                select expires_at_ms from idempotency_keys where expires_at_ms <= $1 order by expires_at_ms limit 10000
            ) as oldest
        )",
    )
    .bind(now_ms)
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(forgotten.rows_affected())
}
