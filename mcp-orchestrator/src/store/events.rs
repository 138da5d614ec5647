//! The rows of events. A key is stored once, whoever sends it how often, through however many processes.

mod claim;
mod insert;
mod row;
pub(crate) mod window;

use common::clock::UnixMillis;
use common::db::Db;
use common::error::Result;
use common::tenant::TenantId;

use super::failures;
use crate::event::EventState;
use crate::failure::{FailureKind, FailureState, failure_id};
use row::columns;

pub(crate) use claim::{Settled, claim, settle};
pub(crate) use insert::{Receipt, insert};
pub(crate) use row::Stored;

/// An event of the tenant.
pub(crate) async fn find(db: &Db, tenant: &TenantId, event_id: &str) -> Result<Option<Stored>> {
    let row = sqlx::query(concat!(
        "select ",
        columns!(),
        "
        from orchestrator_events
        where tenant_id = $1 and event_id = $2"
    ))
    .bind(tenant.as_str())
    .bind(event_id)
    .fetch_optional(db.read().await?)
    .await?;
    row.as_ref().map(Stored::read).transpose()
}

/// Which events are meant; everything given must hold.
#[derive(Debug, Clone, Default)]
pub(crate) struct Filter {
    pub(crate) source: Option<String>,
    pub(crate) kind: Option<String>,
    pub(crate) state: Option<EventState>,
    /// Only older ones than this id.
    pub(crate) before: Option<String>,
}

/// Events of the tenant, newest first.
pub(crate) async fn list(db: &Db, tenant: &TenantId, filter: &Filter, limit: i64) -> Result<Vec<Stored>> {
    // A parameter that is absent is given as empty text, of which no name or id consists.
    let given = |text: &Option<String>| text.clone().unwrap_or_default();
    let rows = sqlx::query(concat!(
        "select ",
        columns!(),
        "
        from orchestrator_events
        where tenant_id = $1
            and ($2 = '' or source = $2)
            and ($3 = '' or kind = $3)
            and ($4 = '' or state = $4)
            and ($5 = '' or event_id < $5)
        order by event_id desc
        limit $6"
    ))
    .bind(tenant.as_str())
    .bind(given(&filter.source))
    .bind(given(&filter.kind))
    .bind(filter.state.map_or("", EventState::as_str))
    .bind(given(&filter.before))
    .bind(limit)
    .fetch_all(db.read().await?)
    .await?;
    rows.iter().map(Stored::read).collect()
}

/// Lets an event be routed once more. `false` if there is none.
pub(crate) async fn requeue(db: &Db, tenant: &TenantId, event_id: &str) -> Result<bool> {
    let mut tx = db.begin().await?;
    let changed = sqlx::query(
        "update orchestrator_events
        set state = 'new', attempts = 0, due_ms = 0
        where tenant_id = $1 and event_id = $2",
    )
    .bind(tenant.as_str())
    .bind(event_id)
    .execute(&mut *tx)
    .await?;
    let ids = [failure_id(FailureKind::Event, event_id)];
    failures::close((db.dialect(), &mut tx), tenant, &ids, FailureState::Retried).await?;
    tx.commit().await?;
    Ok(changed.rows_affected() == 1)
}

/// Forgets events in a state that came before an instant, of all tenants, at most 10,000 at once. Returns how many.
pub(crate) async fn forget(db: &Db, state: EventState, before_ms: UnixMillis) -> Result<u64> {
    let mut tx = db.begin().await?;
    // Few enough that nobody waits long for the lock.
    let forgotten = sqlx::query(
        "delete from orchestrator_events
        where state = $1 and received_ms < $2 and received_ms <= (
            select coalesce(max(received_ms), 0) from (
                select received_ms
                from orchestrator_events
                where state = $1 and received_ms < $2
                order by received_ms
                limit 10000
            ) as oldest
        )",
    )
    .bind(state.as_str())
    .bind(before_ms)
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(forgotten.rows_affected())
}
