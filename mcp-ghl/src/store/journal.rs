//! The rows of changes. Taking one back is claimed by one conditional statement, so that among any number of processes
//! one does it.

use common::clock::UnixMillis;
use common::db::Db;
use common::error::{Error, Result};
use common::tenant::TenantId;
use sqlx::Row as _;
use sqlx::any::AnyRow;

/// Where a change stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Done,
    /// Some of its reversals are made.
    Partly,
    Undone,
}

impl State {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Partly => "partly",
            Self::Undone => "undone",
        }
    }

    fn parse(text: &str) -> Result<Self> {
        let known = [Self::Done, Self::Partly, Self::Undone].into_iter().find(|state| state.as_str() == text);
        known.ok_or_else(|| Error::internal("the journal of changes is damaged", text))
    }
}

/// A change as it is kept. Everything but `sealed` is readable by whoever reads the database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) change_id: String,
    pub(crate) at_ms: UnixMillis,
    pub(crate) subject: String,
    pub(crate) tool: String,
    pub(crate) location_id: String,
    pub(crate) location_name: Option<String>,
    pub(crate) record_kind: String,
    pub(crate) record_id: String,
    pub(crate) contact_id: Option<String>,
    pub(crate) summary: String,
    pub(crate) state: State,
    pub(crate) steps: i64,
    pub(crate) steps_made: i64,
    pub(crate) sealed: String,
    pub(crate) undone_by: Option<String>,
    pub(crate) undone_at_ms: Option<UnixMillis>,
    pub(crate) undoes: Option<String>,
}

impl Row {
    fn read(row: &AnyRow) -> Result<Self> {
        Ok(Self {
            change_id: row.try_get("change_id")?,
            at_ms: row.try_get("at_ms")?,
            subject: row.try_get("subject")?,
            tool: row.try_get("tool")?,
            location_id: row.try_get("location_id")?,
            location_name: row.try_get("location_name")?,
            record_kind: row.try_get("record_kind")?,
            record_id: row.try_get("record_id")?,
            contact_id: row.try_get("contact_id")?,
            summary: row.try_get("summary")?,
            state: State::parse(row.try_get("state")?)?,
            steps: row.try_get("steps")?,
            steps_made: row.try_get("steps_made")?,
            sealed: row.try_get("sealed")?,
            undone_by: row.try_get("undone_by")?,
            undone_at_ms: row.try_get("undone_at_ms")?,
            undoes: row.try_get("undoes")?,
        })
    }
}

/// Keeps a new change.
pub(crate) async fn insert(db: &Db, tenant: &TenantId, row: &Row) -> Result<()> {
    let mut tx = db.begin().await?;
    sqlx::query(
        "insert into ghl_changes (tenant_id, change_id, at_ms, subject, tool, location_id, location_name, record_kind,
            record_id, contact_id, summary, state, steps, steps_made, sealed, busy_until_ms, undoes)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'done', $12, 0, $13, 0, $14)",
    )
    .bind(tenant.as_str())
    .bind(row.change_id.as_str())
    .bind(row.at_ms)
    .bind(row.subject.as_str())
    .bind(row.tool.as_str())
    .bind(row.location_id.as_str())
    .bind(row.location_name.as_deref())
    .bind(row.record_kind.as_str())
    .bind(row.record_id.as_str())
    .bind(row.contact_id.as_deref())
    .bind(row.summary.as_str())
    .bind(row.steps)
    .bind(row.sealed.as_str())
    .bind(row.undoes.as_deref())
    .execute(&mut *tx)
    .await?;
    Ok(tx.commit().await?)
}

/// A change of the tenant that is not older than `since_ms`.
pub(crate) async fn find(db: &Db, tenant: &TenantId, change_id: &str, since_ms: UnixMillis) -> Result<Option<Row>> {
    let row = sqlx::query(
        "select change_id, at_ms, subject, tool, location_id, location_name, record_kind, record_id, contact_id,
            summary, state, steps, steps_made, sealed, undone_by, undone_at_ms, undoes
        from ghl_changes
        where tenant_id = $1 and change_id = $2 and at_ms >= $3",
    )
    .bind(tenant.as_str())
    .bind(change_id)
    .bind(since_ms)
    .fetch_optional(db.read().await?)
    .await?;
    row.as_ref().map(Row::read).transpose()
}

/// Which of a tenant's changes are meant; everything given must hold.
#[derive(Debug, Clone, Default)]
pub(crate) struct Filter {
    pub(crate) location_id: Option<String>,
    /// A record, or the contact that a record belongs to.
    pub(crate) record_id: Option<String>,
    pub(crate) tool: Option<String>,
    pub(crate) subject: Option<String>,
    /// Only what is not undone, and is not itself the undoing of something.
    pub(crate) is_standing: bool,
    /// Only older ones than this id.
    pub(crate) before: Option<String>,
    pub(crate) since_ms: UnixMillis,
}

/// Changes, newest first.
pub(crate) async fn list(db: &Db, tenant: &TenantId, filter: &Filter, limit: i64) -> Result<Vec<Row>> {
    // A parameter that is absent is given as empty text, of which no id, tool or subject consists.
    let given = |text: &Option<String>| text.clone().unwrap_or_default();
    let rows = sqlx::query(
        "select change_id, at_ms, subject, tool, location_id, location_name, record_kind, record_id, contact_id,
            summary, state, steps, steps_made, sealed, undone_by, undone_at_ms, undoes
        from ghl_changes
        where tenant_id = $1 and at_ms >= $2
            and ($3 = '' or location_id = $3)
            and ($4 = '' or record_id = $4 or contact_id = $4)
            and ($5 = '' or tool = $5)
            and ($6 = '' or subject = $6)
            and ($7 = '' or change_id < $7)
            and ($8 = 0 or (state <> 'undone' and undoes is null))
        order by change_id desc
        limit $9",
    )
    .bind(tenant.as_str())
    .bind(filter.since_ms)
    .bind(given(&filter.location_id))
    .bind(given(&filter.record_id))
    .bind(given(&filter.tool))
    .bind(given(&filter.subject))
    .bind(given(&filter.before))
    .bind(i64::from(filter.is_standing))
    .bind(limit)
    .fetch_all(db.read().await?)
    .await?;
    rows.iter().map(Row::read).collect()
}

/// Takes a change to be taken back, until an instant. `false` if somebody else has it, or it is undone.
pub(crate) async fn claim(
    db: &Db,
    tenant: &TenantId,
    change_id: &str,
    (now_ms, until_ms): (UnixMillis, UnixMillis),
) -> Result<bool> {
    let mut tx = db.begin().await?;
    let claimed = sqlx::query(
        "update ghl_changes
        set busy_until_ms = $1
        where tenant_id = $2 and change_id = $3 and state <> 'undone' and busy_until_ms <= $4",
    )
    .bind(until_ms)
    .bind(tenant.as_str())
    .bind(change_id)
    .bind(now_ms)
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(claimed.rows_affected() == 1)
}

/// How far the taking back has come.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Progress<'a> {
    pub(crate) state: State,
    pub(crate) steps_made: i64,
    /// Who has taken back what is taken back, and when.
    pub(crate) undone: Option<(&'a str, UnixMillis)>,
    /// 0 gives the change back.
    pub(crate) busy_until_ms: UnixMillis,
}

/// Writes down how far the taking back of a claimed change has come.
pub(crate) async fn settle(db: &Db, tenant: &TenantId, change_id: &str, progress: Progress<'_>) -> Result<()> {
    let (undone_by, undone_at_ms) = progress.undone.unzip();
    let mut tx = db.begin().await?;
    sqlx::query(
        "update ghl_changes
        set state = $1, steps_made = $2, undone_by = $3, undone_at_ms = $4, busy_until_ms = $5
        where tenant_id = $6 and change_id = $7",
    )
    .bind(progress.state.as_str())
    .bind(progress.steps_made)
    .bind(undone_by)
    .bind(undone_at_ms)
    .bind(progress.busy_until_ms)
    .bind(tenant.as_str())
    .bind(change_id)
    .execute(&mut *tx)
    .await?;
    Ok(tx.commit().await?)
}

/// Forgets changes before an instant, of all tenants, at most 10,000 at once. Returns how many.
pub(crate) async fn forget(db: &Db, before_ms: UnixMillis) -> Result<u64> {
    let mut tx = db.begin().await?;
    // Few enough that nobody waits long for the lock.
    let forgotten = sqlx::query(
        "delete from ghl_changes
        where at_ms < $1 and at_ms <= (
            select coalesce(max(at_ms), 0) from (
                select at_ms from ghl_changes where at_ms < $1 order by at_ms limit 10000
            ) as oldest
        )",
    )
    .bind(before_ms)
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(forgotten.rows_affected())
}
