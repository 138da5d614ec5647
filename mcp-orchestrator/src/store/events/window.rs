//! Events of a span of time, as they are compared with the CRM: each page behind the last one's end.

use common::clock::UnixMillis;
use common::db::Db;
use common::error::Result;
use common::tenant::TenantId;
use serde::Deserialize;
use sqlx::Row as _;

use super::Stored;
use super::row::columns;
use crate::crm::CONTACT_CREATED;

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
