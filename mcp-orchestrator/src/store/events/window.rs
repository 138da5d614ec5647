//! Events of a span of time, as they are compared with the CRM: each page behind the last one's end.

use common::clock::UnixMillis;
use common::db::Db;
use common::error::Result;
use common::tenant::TenantId;
use serde::Deserialize;
use sqlx::Row as _;

use super::Stored;
use super::row::{columns, damaged};
use crate::crm::CONTACT_CREATED;
use crate::event::Outcome;

/// Where the events of an instant begin: their ids begin with its milliseconds.
pub(crate) fn beginning(at_ms: UnixMillis) -> String {
    format!("evt_{:012x}", at_ms.max(0))
}

/// Events of a tenant that were looked at, behind an id and before an instant, in the order of their arrival.
pub(crate) async fn settled(
    db: &Db,
    tenant: &TenantId,
    (behind, until_ms): (&str, UnixMillis),
    limit: i64,
) -> Result<Vec<Stored>> {
    let rows = sqlx::query(concat!(
        "select ",
        columns!(),
        "
        from orchestrator_events
        where tenant_id = $1 and event_id > $2 and received_ms < $3 and state <> 'new'
        order by event_id
        limit $4"
    ))
    .bind(tenant.as_str())
    .bind(behind)
    .bind(until_ms)
    .bind(limit)
    .fetch_all(db.read().await?)
    .await?;
    rows.iter().map(Stored::read).collect()
}

/// The contact of each event that tells of one's creation, with the event's id, as [`settled`]; whatever was not looked
/// at yet is among them.
pub(crate) async fn contacts_created(
    db: &Db,
    tenant: &TenantId,
    (behind, until_ms): (&str, UnixMillis),
    limit: i64,
) -> Result<Vec<(String, Option<String>)>> {
    /// All that is read of an event here.
    #[derive(Deserialize)]
    struct Created {
        id: Option<String>,
        #[serde(rename = "contactId")]
        contact_id: Option<String>,
    }

    let rows = sqlx::query(
        "select event_id, body
        from orchestrator_events
        where tenant_id = $1 and event_id > $2 and event_id < $3 and kind = $4
        order by event_id
        limit $5",
    )
    .bind(tenant.as_str())
    .bind(behind)
    .bind(beginning(until_ms))
    .bind(CONTACT_CREATED)
    .bind(limit)
    .fetch_all(db.read().await?)
    .await?;
    let mut contacts = Vec::with_capacity(rows.len());
    for row in &rows {
        // A body in another encoding is no JSON of the CRM.
        let created = serde_json::from_str::<Created>(row.try_get("body")?).ok();
        contacts.push((row.try_get("event_id")?, created.and_then(|created| created.contact_id.or(created.id))));
    }
    Ok(contacts)
}

/// When the first event of a source came that is still kept.
pub(crate) async fn first_of_source(db: &Db, tenant: &TenantId, source: &str) -> Result<Option<UnixMillis>> {
    let first = sqlx::query_scalar(
        "select min(received_ms)
        from orchestrator_events
        where tenant_id = $1 and source = $2",
    )
    .bind(tenant.as_str())
    .bind(source)
    .fetch_one(db.read().await?)
    .await?;
    Ok(first)
}

/// The place behind which the last `limit` events of a tenant stand, and none from before an instant.
pub(crate) async fn behind_last(db: &Db, tenant: &TenantId, (since_ms, limit): (UnixMillis, i64)) -> Result<String> {
    let since = beginning(since_ms);
    let first: Option<String> = sqlx::query_scalar(
        "select event_id
        from orchestrator_events
        where tenant_id = $1 and event_id > $2
        order by event_id desc
        limit 1 offset $3",
    )
    .bind(tenant.as_str())
    .bind(since.as_str())
    .bind(limit)
    .fetch_optional(db.read().await?)
    .await?;
    Ok(first.unwrap_or(since))
}

/// Events behind an id, of a kind or of any, whatever has become of them, in the order of their arrival.
pub(crate) async fn of_kind(
    db: &Db,
    tenant: &TenantId,
    (behind, kind): (&str, Option<&str>),
    limit: i64,
) -> Result<Vec<Stored>> {
    let rows = sqlx::query(concat!(
        "select ",
        columns!(),
        "
        from orchestrator_events
        where tenant_id = $1 and event_id > $2 and ($3 = '' or kind = $3)
        order by event_id
        limit $4"
    ))
    .bind(tenant.as_str())
    .bind(behind)
    .bind(kind.unwrap_or_default())
    .bind(limit)
    .fetch_all(db.read().await?)
    .await?;
    rows.iter().map(Stored::read).collect()
}

/// Notes that a run has taken an event after it was routed. What is still to be routed is noted then.
pub(crate) async fn taken(db: &Db, tenant: &TenantId, event_id: &str) -> Result<()> {
    let Some(stored) = super::find(db, tenant, event_id).await? else { return Ok(()) };
    let outcome = stored.outcome.unwrap_or_default().and(Outcome { delivered: 1, ..Outcome::default() });
    let outcome = serde_json::to_string(&outcome).map_err(damaged)?;
    let mut tx = db.begin().await?;
    sqlx::query(
        "update orchestrator_events
        set state = 'routed', outcome = $3
        where tenant_id = $1 and event_id = $2 and state in ('routed', 'unrouted')",
    )
    .bind(tenant.as_str())
    .bind(event_id)
    .bind(outcome)
    .execute(&mut *tx)
    .await?;
    Ok(tx.commit().await?)
}
