//! Waits for events, and the filters that they are found by.

use common::db::Db;
use common::error::Result;
use common::tenant::TenantId;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::Filter;
use crate::interpreter::command::Listening;
use crate::run::WaitId;
use crate::store::json::decoded;
use crate::store::run_key::{RunKey, run_key};
use crate::workflow::Pointer;

/// A wait that listens.
#[derive(Debug)]
pub(crate) struct Listener {
    pub(crate) run: RunKey,
    pub(crate) wait_id: WaitId,
    pub(crate) listening: Listening,
}

/// The filters that an event of this kind could fit.
pub(crate) async fn filters(db: &Db, tenant: &TenantId, event_kind: &str) -> Result<Vec<Filter>> {
    let rows = sqlx::query(
        "select event_kind, workflow, workflow_revision, pointer
        from orchestrator_filters
        where tenant_id = $1 and event_kind in ($2, '*')",
    )
    .bind(tenant.as_str())
    .bind(event_kind)
    .fetch_all(db.read().await?)
    .await?;
    let filter = |row: &AnyRow| {
        Ok(Filter {
            event_kind: row.try_get("event_kind")?,
            workflow: row.try_get("workflow")?,
            workflow_revision: row.try_get("workflow_revision")?,
            pointer: Pointer(row.try_get("pointer")?),
        })
    };
    rows.iter().map(filter).collect()
}

/// The waits that listen with a filter for a key, or for any, behind `after`; at most `limit`.
pub(crate) async fn listeners(
    db: &Db,
    tenant: &TenantId,
    (filter, key): (&Filter, Option<&str>),
    (after, limit): ((&str, &str), i64),
) -> Result<Vec<Listener>> {
    // Two arms, since an `or` would go through all that wait with the filter.
    let rows = sqlx::query(
        "select tenant_id, run_id, wait_id, detail
        from orchestrator_waits
        where tenant_id = $1 and subject = $2 and event_key = $3 and kind = 'event' and (run_id, wait_id) > ($4, $5)
        union all
        select tenant_id, run_id, wait_id, detail
        from orchestrator_waits
        where tenant_id = $1 and subject = $2 and event_key is null and kind = 'event' and (run_id, wait_id) > ($4, $5)
        order by run_id, wait_id
        limit $6",
    )
    .bind(tenant.as_str())
    .bind(filter.subject())
    .bind(key)
    .bind(after.0)
    .bind(after.1)
    .bind(limit)
    .fetch_all(db.read().await?)
    .await?;
    rows.iter().map(listener).collect()
}

/// What a run listens for.
pub(crate) async fn listeners_of(db: &Db, run: &RunKey) -> Result<Vec<Listener>> {
    let rows = sqlx::query(
        "select tenant_id, run_id, wait_id, detail
        from orchestrator_waits
        where tenant_id = $1 and run_id = $2 and kind = 'event'
        order by wait_id",
    )
    .bind(run.tenant.as_str())
    .bind(run.run_id.0.as_str())
    .fetch_all(db.read().await?)
    .await?;
    rows.iter().map(listener).collect()
}

fn listener(row: &AnyRow) -> Result<Listener> {
    Ok(Listener {
        run: run_key(row)?,
        wait_id: WaitId(row.try_get("wait_id")?),
        listening: decoded(row.try_get("detail")?)?,
    })
}
