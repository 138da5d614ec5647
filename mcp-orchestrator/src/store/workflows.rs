//! Definitions: immutable revisions, and which one counts.

use common::auth::Acting;
use common::clock::UnixMillis;
use common::db::{Db, Tx};
use common::error::{Error, ErrorCode, Result};
use common::tenant::TenantId;
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::workflow::state::WorkflowState;

/// Most workflows of one tenant: all of them are looked at for every event.
const WORKFLOWS_MAX: i64 = 1_000;

/// A definition that is to be saved.
#[derive(Debug)]
pub(crate) struct NewDefinition<'a> {
    pub(crate) name: &'a str,
    pub(crate) version: &'a str,
    pub(crate) text: &'a str,
    pub(crate) digest: &'a str,
    pub(crate) acting: &'a Acting,
    pub(crate) now_ms: UnixMillis,
}

/// What became of saving.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Saved {
    pub(crate) revision: i64,
    /// False: it was there already, word for word.
    pub(crate) is_new: bool,
    pub(crate) state: WorkflowState,
}

/// A workflow as it counts.
#[derive(Debug)]
pub(crate) struct WorkflowRow {
    pub(crate) name: String,
    pub(crate) revision: i64,
    pub(crate) state: WorkflowState,
    pub(crate) text: String,
    pub(crate) acting: Acting,
    pub(crate) published_ms: UnixMillis,
}

/// Saves a revision and makes it the one that counts. What is paused stays paused.
pub(crate) async fn save(tx: &mut Tx, tenant: &TenantId, new: &NewDefinition<'_>) -> Result<Saved> {
    let current = sqlx::query(
        "select workflows.revision, workflows.state, definitions.digest
        from orchestrator_workflows workflows
        join orchestrator_definitions definitions on definitions.tenant_id = workflows.tenant_id
            and definitions.name = workflows.name and definitions.revision = workflows.revision
        where workflows.tenant_id = $1 and workflows.name = $2",
    )
    .bind(tenant.as_str())
    .bind(new.name)
    .fetch_optional(&mut **tx)
    .await?;
    let Some(current) = current else {
        refuse_too_many(tx, tenant).await?;
        insert(tx, tenant, (new, 1)).await?;
        point(tx, tenant, (new, 1, WorkflowState::Published)).await?;
        return Ok(Saved { revision: 1, is_new: true, state: WorkflowState::Published });
    };
    let (revision, state): (i64, String) = (current.try_get("revision")?, current.try_get("state")?);
    let digest: String = current.try_get("digest")?;
    let state = match state_of(&state)? {
        WorkflowState::Paused => WorkflowState::Paused,
        WorkflowState::Published | WorkflowState::Removed => WorkflowState::Published,
    };
    if digest == new.digest {
        point(tx, tenant, (new, revision, state)).await?;
        return Ok(Saved { revision, is_new: false, state });
    }
    let next = latest(tx, tenant, new.name).await?.saturating_add(1);
    insert(tx, tenant, (new, next)).await?;
    point(tx, tenant, (new, next, state)).await?;
    Ok(Saved { revision: next, is_new: true, state })
}

async fn refuse_too_many(tx: &mut Tx, tenant: &TenantId) -> Result<()> {
    let count: i64 = sqlx::query_scalar(
        "select count(*)
        from orchestrator_workflows
        where tenant_id = $1 and state <> 'removed'",
    )
    .bind(tenant.as_str())
    .fetch_one(&mut **tx)
    .await?;
    if count < WORKFLOWS_MAX {
        return Ok(());
    }
    Err(Error::new(ErrorCode::FailedPrecondition, format!("there are {count} workflows already"))
        .with_hint("remove some that nobody needs with set_workflow_state"))
}

async fn latest(tx: &mut Tx, tenant: &TenantId, name: &str) -> Result<i64> {
    let latest = sqlx::query_scalar(
        "select max(revision)
        from orchestrator_definitions
        where tenant_id = $1 and name = $2",
    )
    .bind(tenant.as_str())
    .bind(name)
    .fetch_one(&mut **tx)
    .await?;
    Ok(latest)
}

/// Two that save at the same time cannot have the same revision: the later one is told to look again.
async fn insert(tx: &mut Tx, tenant: &TenantId, (new, revision): (&NewDefinition<'_>, i64)) -> Result<()> {
    let acting = serde_json::to_string(new.acting)
        .map_err(|source| Error::internal("who publishes could not be written down", source))?;
    let inserted = sqlx::query(
        "insert into orchestrator_definitions (tenant_id, name, revision, version, definition, digest, published_by,
            published_ms)
        values ($1, $2, $3, $4, $5, $6, $7, $8)
        on conflict do nothing",
    )
    .bind(tenant.as_str())
    .bind(new.name)
    .bind(revision)
    .bind(new.version)
    .bind(new.text)
    .bind(new.digest)
    .bind(acting)
    .bind(new.now_ms)
    .execute(&mut **tx)
    .await?;
    if inserted.rows_affected() == 1 {
        return Ok(());
    }
    Err(Error::new(ErrorCode::Conflict, "somebody else saves the same workflow")
        .with_hint("look at it, and save again"))
}

async fn point(
    tx: &mut Tx,
    tenant: &TenantId,
    (new, revision, state): (&NewDefinition<'_>, i64, WorkflowState),
) -> Result<()> {
    sqlx::query(
        "insert into orchestrator_workflows (tenant_id, name, revision, state, changed_ms)
        values ($1, $2, $3, $4, $5)
        on conflict (tenant_id, name) do update
        set revision = excluded.revision, state = excluded.state, changed_ms = excluded.changed_ms",
    )
    .bind(tenant.as_str())
    .bind(new.name)
    .bind(revision)
    .bind(state.as_str())
    .bind(new.now_ms)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Publishes, pauses or removes.
pub(crate) async fn set_state(
    tx: &mut Tx,
    tenant: &TenantId,
    name: &str,
    (state, now_ms): (WorkflowState, UnixMillis),
) -> Result<()> {
    sqlx::query(
        "update orchestrator_workflows
        set state = $3, changed_ms = $4
        where tenant_id = $1 and name = $2",
    )
    .bind(tenant.as_str())
    .bind(name)
    .bind(state.as_str())
    .bind(now_ms)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// All of a tenant that are not removed, by name.
pub(crate) async fn all(db: &Db, tenant: &TenantId) -> Result<Vec<WorkflowRow>> {
    let rows = sqlx::query(
        "select workflows.name, workflows.revision, workflows.state, definitions.definition,
            definitions.published_by, definitions.published_ms
        from orchestrator_workflows workflows
        join orchestrator_definitions definitions on definitions.tenant_id = workflows.tenant_id
            and definitions.name = workflows.name and definitions.revision = workflows.revision
        where workflows.tenant_id = $1 and workflows.state <> 'removed'
        order by workflows.name",
    )
    .bind(tenant.as_str())
    .fetch_all(db.read().await?)
    .await?;
    rows.iter().map(read).collect()
}

/// The text of one revision.
pub(crate) async fn text(db: &Db, tenant: &TenantId, name: &str, revision: i64) -> Result<Option<String>> {
    let text = sqlx::query_scalar(
        "select definition
        from orchestrator_definitions
        where tenant_id = $1 and name = $2 and revision = $3",
    )
    .bind(tenant.as_str())
    .bind(name)
    .bind(revision)
    .fetch_optional(db.read().await?)
    .await?;
    Ok(text)
}

/// The last revision of a version.
pub(crate) async fn of_version(db: &Db, tenant: &TenantId, name: &str, version: &str) -> Result<Option<i64>> {
    let revision = sqlx::query_scalar(
        "select revision
        from orchestrator_definitions
        where tenant_id = $1 and name = $2 and version = $3
        order by revision desc
        limit 1",
    )
    .bind(tenant.as_str())
    .bind(name)
    .bind(version)
    .fetch_optional(db.read().await?)
    .await?;
    Ok(revision)
}

fn read(row: &AnyRow) -> Result<WorkflowRow> {
    let (state, acting): (String, String) = (row.try_get("state")?, row.try_get("published_by")?);
    Ok(WorkflowRow {
        name: row.try_get("name")?,
        revision: row.try_get("revision")?,
        state: state_of(&state)?,
        text: row.try_get("definition")?,
        acting: serde_json::from_str(&acting)
            .map_err(|source| Error::internal("who published a workflow cannot be read", source))?,
        published_ms: row.try_get("published_ms")?,
    })
}

fn state_of(text: &str) -> Result<WorkflowState> {
    let state = WorkflowState::ALL.into_iter().find(|state| state.as_str() == text);
    state.ok_or_else(|| Error::internal("a workflow is in a state that there is not", text.to_owned()))
}
