//! Removes what no version names: loads that failed, were replaced or belong to data sets that are gone.

use common::clock::UnixMillis;
use common::db::Db;
use common::error::{Error, Result};
use sqlx::Row as _;

use super::{records, results};
use crate::record::RecordKind;

/// Loads that one sweep removes.
const LOADS_MAX: i64 = 100;

/// Removes discarded loads, those that nobody fills any more, and the people of data sets that are gone; of all tenants, in
/// small commits. Returns how many rows.
pub(crate) async fn sweep(db: &Db, now_ms: UnixMillis) -> Result<u64> {
    let mut tx = db.begin().await?;
    sqlx::query("update analytics_loads set state = 'discarded' where state = 'staging' and alive_until_ms < $1")
        .bind(now_ms)
        .execute(&mut *tx)
        .await?;
    tx.commit().await?;
    let discarded = sqlx::query(
        "select tenant_id, load_no, kind from analytics_loads where state = 'discarded' order by load_no limit $1",
    )
    .bind(LOADS_MAX)
    .fetch_all(db.read().await?)
    .await?;
    let mut removed = 0;
    for row in discarded {
        let (tenant, load_no): (String, i64) = (row.try_get("tenant_id")?, row.try_get("load_no")?);
        let kind: String = row.try_get("kind")?;
        let kind =
            RecordKind::parse(&kind).ok_or_else(|| Error::internal("a stored load is damaged", "an unknown kind"))?;
        removed += remove_load(db, &tenant, load_no, kind).await?;
    }
    removed += results::forget_orphans(db).await?;
    Ok(removed + forget_people(db).await?)
}

async fn remove_load(db: &Db, tenant: &str, load_no: i64, kind: RecordKind) -> Result<u64> {
    let mut removed = 0;
    loop {
        let mut tx = db.begin().await?;
        let rows = records::remove(&mut tx, tenant, load_no, kind).await?;
        if rows == 0 {
            sqlx::query("delete from analytics_loads where tenant_id = $1 and load_no = $2 and state = 'discarded'")
                .bind(tenant)
                .bind(load_no)
                .execute(&mut *tx)
                .await?;
        }
        tx.commit().await?;
        removed += rows;
        if rows == 0 {
            return Ok(removed);
        }
    }
}

/// Data sets that are gone, once their loads are.
async fn forget_people(db: &Db) -> Result<u64> {
    let gone = sqlx::query(
        "select d.tenant_id, d.dataset_id
        from analytics_datasets d
        where d.version = -1 and not exists (
            select 1 from analytics_loads l where l.tenant_id = d.tenant_id and l.dataset_id = d.dataset_id)",
    )
    .fetch_all(db.read().await?)
    .await?;
    let mut removed = 0;
    for row in gone {
        let (tenant, dataset_id): (String, String) = (row.try_get("tenant_id")?, row.try_get("dataset_id")?);
        loop {
            let mut tx = db.begin().await?;
            let rows = sqlx::query(
                "delete from analytics_people
                where tenant_id = $1 and dataset_id = $2 and customer_no <= (
                    select coalesce(max(customer_no), -1) from (select customer_no from analytics_people
                        where tenant_id = $1 and dataset_id = $2 order by customer_no limit 20000) as first)",
            )
            .bind(tenant.as_str())
            .bind(dataset_id.as_str())
            .execute(&mut *tx)
            .await?
            .rows_affected();
            if rows == 0 {
                sqlx::query("delete from analytics_datasets where tenant_id = $1 and dataset_id = $2 and version = -1")
                    .bind(tenant.as_str())
                    .bind(dataset_id.as_str())
                    .execute(&mut *tx)
                    .await?;
            }
            tx.commit().await?;
            removed += rows;
            if rows == 0 {
                break;
            }
        }
    }
    Ok(removed)
}
