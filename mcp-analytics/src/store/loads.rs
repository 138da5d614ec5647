//! Loads: staged in parts, then part of a version or nothing.

use std::collections::HashSet;
use std::time::Duration;

use common::clock::{UnixMillis, after, time_ordered_uuid};
use common::db::{Db, Tx};
use common::error::{Error, ErrorCode, Result};
use common::tenant::TenantId;
use futures_util::TryStreamExt;
use sqlx::Row as _;

use super::datasets::VersionOf;
use super::{people, records};
use crate::draft::Value;
use crate::profile::Profile;
use crate::record::RecordKind;

/// How long a load that nobody writes to counts as alive.
const ALIVE: Duration = Duration::from_mins(2);

/// A load that is being filled.
#[derive(Debug, Clone)]
pub(crate) struct Staging {
    pub(crate) tenant: TenantId,
    pub(crate) dataset_id: String,
    pub(crate) load_no: i64,
    pub(crate) kind: RecordKind,
}

/// What is said of a load when it is published.
#[derive(Debug)]
pub(crate) struct Ending<'a> {
    pub(crate) profile: &'a Profile,
    pub(crate) refused: u64,
    /// Whether earlier loads of the kind stay.
    pub(crate) appends: bool,
    pub(crate) read_until_ms: Option<UnixMillis>,
}

/// Begins a load into a data set of this name, which is made if it is not there.
///
/// # Errors
/// `conflict` while another one is alive.
pub(crate) async fn begin(
    db: &Db,
    tenant: &TenantId,
    (dataset, kind, origin): (&str, RecordKind, &str),
    now_ms: UnixMillis,
) -> Result<Staging> {
    let mut tx = db.begin().await?;
    // Also locks the row, so that two loads cannot begin at once.
    let dataset_id: String = sqlx::query_scalar(
        "insert into analytics_datasets (tenant_id, dataset_id, name, version, created_ms, updated_ms)
        values ($1, $2, $3, 0, $4, $4)
        on conflict (tenant_id, name) do update set updated_ms = analytics_datasets.updated_ms
        returning dataset_id",
    )
    .bind(tenant.as_str())
    .bind(format!("dst_{}", time_ordered_uuid(now_ms).simple()))
    .bind(dataset)
    .bind(now_ms)
    .fetch_one(&mut *tx)
    .await?;
    let alive: i64 = sqlx::query_scalar(
        "select count(*)
        from analytics_loads
        where tenant_id = $1 and dataset_id = $2 and state = 'staging' and alive_until_ms >= $3",
    )
    .bind(tenant.as_str())
    .bind(dataset_id.as_str())
    .bind(now_ms)
    .fetch_one(&mut *tx)
    .await?;
    if alive > 0 {
        return Err(Error::new(ErrorCode::Conflict, "another import into this data set is under way")
            .with_hint("try again when it is done"));
    }
    // Beginning with the second, so that no number is ever used again: who writes late must not write into another's load.
    let load_no: i64 = sqlx::query_scalar("select coalesce(max(load_no), 0) from analytics_loads where tenant_id = $1")
        .bind(tenant.as_str())
        .fetch_one(&mut *tx)
        .await?;
    let load_no = load_no.saturating_add(1).max(now_ms / 1_000);
    sqlx::query(
        "insert into analytics_loads (tenant_id, load_no, dataset_id, kind, state, origin, rows_kept, rows_refused, profile,
            started_ms, alive_until_ms)
        values ($1, $2, $3, $4, 'staging', $5, 0, 0, '', $6, $7)",
    )
    .bind(tenant.as_str())
    .bind(load_no)
    .bind(dataset_id.as_str())
    .bind(kind.as_str())
    .bind(origin)
    .bind(now_ms)
    .bind(after(now_ms, ALIVE))
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(Staging { tenant: tenant.clone(), dataset_id, load_no, kind })
}

/// Writes a part of a load: people that are new, and records.
///
/// # Errors
/// `conflict` if the load has been given up.
pub(crate) async fn put(
    db: &Db,
    staging: &Staging,
    (new_people, rows): (&[(i64, String)], &[Vec<Value>]),
    (first_no, now_ms): (i64, UnixMillis),
) -> Result<()> {
    let mut tx = db.begin().await?;
    let alive = sqlx::query(
        "update analytics_loads
        set alive_until_ms = $3
        where tenant_id = $1 and load_no = $2 and state = 'staging'",
    )
    .bind(staging.tenant.as_str())
    .bind(staging.load_no)
    .bind(after(now_ms, ALIVE))
    .execute(&mut *tx)
    .await?;
    if alive.rows_affected() != 1 {
        return Err(given_up());
    }
    let dialect = db.dialect();
    people::put((dialect, &mut tx), (&staging.tenant, &staging.dataset_id), new_people).await?;
    records::put((dialect, &mut tx), (&staging.tenant, staging.load_no, staging.kind), rows, first_no).await?;
    tx.commit().await?;
    Ok(())
}

fn given_up() -> Error {
    Error::new(ErrorCode::Conflict, "the import has been given up, because it stood still for minutes")
        .with_hint("import again; nothing of it is left")
}

/// Makes a load part of the data set's next version, in one commit. Returns the version.
///
/// # Errors
/// `conflict` if the load has been given up.
pub(crate) async fn publish(
    db: &Db,
    staging: &Staging,
    ending: &Ending<'_>,
    (versions_kept, now_ms): (u32, UnixMillis),
) -> Result<i64> {
    let profile = serde_json::to_string(ending.profile)
        .map_err(|source| Error::internal("the profile of a load could not be encoded", source))?;
    let mut tx = db.begin().await?;
    let version: Option<i64> = sqlx::query_scalar(
        "update analytics_datasets
        set version = version + 1, updated_ms = $3
        where tenant_id = $1 and dataset_id = $2 and version >= 0
        returning version",
    )
    .bind(staging.tenant.as_str())
    .bind(staging.dataset_id.as_str())
    .bind(now_ms)
    .fetch_optional(&mut *tx)
    .await?;
    let version = version.ok_or_else(given_up)?;
    let published = sqlx::query(
        "update analytics_loads
        set state = 'published', rows_kept = $3, rows_refused = $4, profile = $5, read_until_ms = $6
        where tenant_id = $1 and load_no = $2 and state = 'staging'",
    )
    .bind(staging.tenant.as_str())
    .bind(staging.load_no)
    .bind(i64::try_from(ending.profile.rows).unwrap_or(i64::MAX))
    .bind(i64::try_from(ending.refused).unwrap_or(i64::MAX))
    .bind(profile)
    .bind(ending.read_until_ms)
    .execute(&mut *tx)
    .await?;
    if published.rows_affected() != 1 {
        return Err(given_up());
    }
    name_loads(&mut tx, staging, ending.appends, (version, now_ms)).await?;
    forget_versions(&mut tx, staging, version.saturating_sub(i64::from(versions_kept.max(1)))).await?;
    tx.commit().await?;
    Ok(version)
}

/// The loads of a version: those of the one before that stay, and the new one.
async fn name_loads(tx: &mut Tx, staging: &Staging, appends: bool, (version, now_ms): (i64, UnixMillis)) -> Result<()> {
    sqlx::query("insert into analytics_versions (tenant_id, dataset_id, version, made_ms) values ($1, $2, $3, $4)")
        .bind(staging.tenant.as_str())
        .bind(staging.dataset_id.as_str())
        .bind(version)
        .bind(now_ms)
        .execute(&mut **tx)
        .await?;
    sqlx::query(
        "insert into analytics_version_loads (tenant_id, dataset_id, version, kind, load_no)
        select tenant_id, dataset_id, version + 1, kind, load_no
        from analytics_version_loads
        where tenant_id = $1 and dataset_id = $2 and version = $3 and kind <> $4",
    )
    .bind(staging.tenant.as_str())
    .bind(staging.dataset_id.as_str())
    .bind(version.saturating_sub(1))
    // No kind is called nothing.
    .bind(if appends { "" } else { staging.kind.as_str() })
    .execute(&mut **tx)
    .await?;
    sqlx::query(
        "insert into analytics_version_loads (tenant_id, dataset_id, version, kind, load_no) values ($1, $2, $3, $4, $5)",
    )
    .bind(staging.tenant.as_str())
    .bind(staging.dataset_id.as_str())
    .bind(version)
    .bind(staging.kind.as_str())
    .bind(staging.load_no)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Forgets versions up to one, and discards the loads that no version names any more.
async fn forget_versions(tx: &mut Tx, staging: &Staging, up_to: i64) -> Result<()> {
    let at = (staging.tenant.as_str(), staging.dataset_id.as_str());
    sqlx::query("delete from analytics_version_loads where tenant_id = $1 and dataset_id = $2 and version <= $3")
        .bind(at.0)
        .bind(at.1)
        .bind(up_to)
        .execute(&mut **tx)
        .await?;
    sqlx::query("delete from analytics_versions where tenant_id = $1 and dataset_id = $2 and version <= $3")
        .bind(at.0)
        .bind(at.1)
        .bind(up_to)
        .execute(&mut **tx)
        .await?;
    sqlx::query(
        "update analytics_loads
        set state = 'discarded'
        where tenant_id = $1 and dataset_id = $2 and state = 'published' and load_no not in (
            select load_no from analytics_version_loads where tenant_id = $1 and dataset_id = $2)",
    )
    .bind(at.0)
    .bind(at.1)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Gives a load up. Its rows are removed by the sweep.
pub(crate) async fn discard(db: &Db, staging: &Staging) -> Result<()> {
    let mut tx = db.begin().await?;
    sqlx::query(
        "update analytics_loads set state = 'discarded' where tenant_id = $1 and load_no = $2 and state = 'staging'",
    )
    .bind(staging.tenant.as_str())
    .bind(staging.load_no)
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(())
}

/// The digests of the transactions' ids of a version.
pub(crate) async fn transaction_ids(
    db: &Db,
    version: &VersionOf,
    digest: impl Fn(&str) -> u64,
) -> Result<HashSet<u64>> {
    let mut rows = sqlx::query(
        "select transaction_id
        from analytics_transactions
        where tenant_id = $1 and transaction_id is not null and load_no in (
            select load_no from analytics_version_loads
            where tenant_id = $1 and dataset_id = $2 and version = $3 and kind = 'transactions')",
    )
    .bind(version.tenant.as_str())
    .bind(version.dataset_id.as_str())
    .bind(version.version)
    .fetch(db.read().await?);
    let mut known = HashSet::new();
    while let Some(row) = rows.try_next().await? {
        let id: String = row.try_get("transaction_id")?;
        known.insert(digest(&id));
    }
    Ok(known)
}
