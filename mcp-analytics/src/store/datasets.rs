//! Data sets, their versions, and what these are made of.

use common::clock::UnixMillis;
use common::db::Db;
use common::error::{Candidate, Error, ErrorCode, Result};
use common::tenant::TenantId;
use sqlx::Row as _;
use sqlx::any::AnyRow;

use crate::profile::Profile;
use crate::record::RecordKind;

/// Names that an error shows.
const CANDIDATES_MAX: i64 = 20;

/// One version of a data set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct VersionOf {
    pub(crate) tenant: TenantId,
    pub(crate) dataset_id: String,
    pub(crate) name: String,
    pub(crate) version: i64,
    pub(crate) made_ms: UnixMillis,
}

/// A load of a version.
#[derive(Debug, Clone)]
pub(crate) struct LoadOf {
    pub(crate) kind: RecordKind,
    pub(crate) origin: String,
    pub(crate) rows_kept: i64,
    pub(crate) rows_refused: i64,
    pub(crate) started_ms: UnixMillis,
    pub(crate) read_until_ms: Option<UnixMillis>,
    pub(crate) profile: Profile,
}

/// A data set in a list.
#[derive(Debug, Clone)]
pub(crate) struct Listed {
    pub(crate) name: String,
    pub(crate) version: i64,
    pub(crate) updated_ms: UnixMillis,
    /// Rows of each kind.
    pub(crate) rows: Vec<(RecordKind, i64)>,
}

impl VersionOf {
    fn read(tenant: &TenantId, row: &AnyRow) -> Result<Self> {
        Ok(Self {
            tenant: tenant.clone(),
            dataset_id: row.try_get("dataset_id")?,
            name: row.try_get("name")?,
            version: row.try_get("version")?,
            made_ms: row.try_get("made_ms")?,
        })
    }
}

/// The version that counts; none before the first import.
pub(crate) async fn current(db: &Db, tenant: &TenantId, dataset_id: &str) -> Result<Option<VersionOf>> {
    let row = sqlx::query(
        "select d.dataset_id, d.name, d.version, v.made_ms
        from analytics_datasets d
        join analytics_versions v
            on v.tenant_id = d.tenant_id and v.dataset_id = d.dataset_id and v.version = d.version
        where d.tenant_id = $1 and d.dataset_id = $2",
    )
    .bind(tenant.as_str())
    .bind(dataset_id)
    .fetch_optional(db.read().await?)
    .await?;
    row.map(|row| VersionOf::read(tenant, &row)).transpose()
}

/// A data set by its name: the version that counts, or another that is kept.
///
/// # Errors
/// `not_found` with the names there are, or if the version is not kept.
pub(crate) async fn find(db: &Db, tenant: &TenantId, name: &str, version: Option<i64>) -> Result<VersionOf> {
    let row = sqlx::query(
        "select d.dataset_id, d.name, v.version, v.made_ms
        from analytics_datasets d
        join analytics_versions v on v.tenant_id = d.tenant_id and v.dataset_id = d.dataset_id
        where d.tenant_id = $1 and d.name = $2 and ((v.version = d.version and $3 = 0) or v.version = $3)",
    )
    .bind(tenant.as_str())
    .bind(name)
    .bind(version.unwrap_or(0))
    .fetch_optional(db.read().await?)
    .await?;
    if let Some(row) = row {
        return VersionOf::read(tenant, &row);
    }
    let known = list(db, tenant, ("", ""), CANDIDATES_MAX).await?;
    let candidates = known.into_iter().map(|known| Candidate { id: known.name.clone(), name: known.name }).collect();
    let what = if version.is_some() { "there is no such version of it" } else { "there is no data set of this name" };
    Err(Error::new(ErrorCode::NotFound, what)
        .with_hint("list_datasets names them; import_dataset makes one")
        .with_candidates(candidates))
}

/// The version that counts of a data set of this name, if there is one.
pub(crate) async fn named(db: &Db, tenant: &TenantId, name: &str) -> Result<Option<VersionOf>> {
    let dataset_id: Option<String> =
        sqlx::query_scalar("select dataset_id from analytics_datasets where tenant_id = $1 and name = $2")
            .bind(tenant.as_str())
            .bind(name)
            .fetch_optional(db.read().await?)
            .await?;
    match dataset_id {
        Some(dataset_id) => current(db, tenant, &dataset_id).await,
        None => Ok(None),
    }
}

/// Data sets by name, behind one, whose name holds a text.
pub(crate) async fn list(db: &Db, tenant: &TenantId, (behind, query): (&str, &str), limit: i64) -> Result<Vec<Listed>> {
    let rows = sqlx::query(
        "select dataset_id, name, version, updated_ms
        from analytics_datasets
        where tenant_id = $1 and version > 0 and name > $2 and ($3 = '' or name like $4)
        order by name
        limit $5",
    )
    .bind(tenant.as_str())
    .bind(behind)
    .bind(query)
    .bind(format!("%{query}%"))
    .bind(limit)
    .fetch_all(db.read().await?)
    .await?;
    let mut listed = Vec::with_capacity(rows.len());
    for row in rows {
        let (dataset_id, version): (String, i64) = (row.try_get("dataset_id")?, row.try_get("version")?);
        let rows = rows_by_kind(db, tenant, &dataset_id, version).await?;
        let (name, updated_ms) = (row.try_get("name")?, row.try_get("updated_ms")?);
        listed.push(Listed { name, version, updated_ms, rows });
    }
    Ok(listed)
}

async fn rows_by_kind(db: &Db, tenant: &TenantId, dataset_id: &str, version: i64) -> Result<Vec<(RecordKind, i64)>> {
    let rows = sqlx::query(
        "select l.kind, cast(sum(l.rows_kept) as bigint) as records
        from analytics_version_loads v
        join analytics_loads l on l.tenant_id = v.tenant_id and l.load_no = v.load_no
        where v.tenant_id = $1 and v.dataset_id = $2 and v.version = $3
        group by l.kind
        order by l.kind",
    )
    .bind(tenant.as_str())
    .bind(dataset_id)
    .bind(version)
    .fetch_all(db.read().await?)
    .await?;
    rows.iter().map(|row| Ok((kind_of(row)?, row.try_get("records")?))).collect()
}

fn kind_of(row: &AnyRow) -> Result<RecordKind> {
    let text: String = row.try_get("kind")?;
    RecordKind::parse(&text).ok_or_else(|| Error::internal("a stored load is damaged", "an unknown kind"))
}

/// What a version is made of, oldest first.
pub(crate) async fn loads(db: &Db, version: &VersionOf) -> Result<Vec<LoadOf>> {
    let rows = sqlx::query(
        "select l.kind, l.origin, l.rows_kept, l.rows_refused, l.started_ms, l.read_until_ms, l.profile
        from analytics_version_loads v
        join analytics_loads l on l.tenant_id = v.tenant_id and l.load_no = v.load_no
        where v.tenant_id = $1 and v.dataset_id = $2 and v.version = $3
        order by l.load_no",
    )
    .bind(version.tenant.as_str())
    .bind(version.dataset_id.as_str())
    .bind(version.version)
    .fetch_all(db.read().await?)
    .await?;
    let read = |row: &AnyRow| -> Result<LoadOf> {
        let profile: String = row.try_get("profile")?;
        let profile = serde_json::from_str(&profile)
            .map_err(|source| Error::internal("the profile of a load is damaged", source))?;
        Ok(LoadOf {
            kind: kind_of(row)?,
            origin: row.try_get("origin")?,
            rows_kept: row.try_get("rows_kept")?,
            rows_refused: row.try_get("rows_refused")?,
            started_ms: row.try_get("started_ms")?,
            read_until_ms: row.try_get("read_until_ms")?,
            profile,
        })
    };
    rows.iter().map(read).collect()
}

/// The versions that are kept, newest first: number and when each was made.
pub(crate) async fn versions(db: &Db, version: &VersionOf) -> Result<Vec<(i64, UnixMillis)>> {
    let rows = sqlx::query(
        "select version, made_ms
        from analytics_versions
        where tenant_id = $1 and dataset_id = $2
        order by version desc",
    )
    .bind(version.tenant.as_str())
    .bind(version.dataset_id.as_str())
    .fetch_all(db.read().await?)
    .await?;
    rows.iter().map(|row| Ok((row.try_get("version")?, row.try_get("made_ms")?))).collect()
}

/// Takes a data set out of sight, in one commit; the sweep removes its rows. Returns whether it was there.
pub(crate) async fn remove(db: &Db, tenant: &TenantId, dataset_id: &str) -> Result<bool> {
    let mut tx = db.begin().await?;
    // Its name is free again at once.
    let hidden = sqlx::query(
        "update analytics_datasets
        set version = -1, name = dataset_id
        where tenant_id = $1 and dataset_id = $2 and version >= 0",
    )
    .bind(tenant.as_str())
    .bind(dataset_id)
    .execute(&mut *tx)
    .await?;
    sqlx::query("delete from analytics_version_loads where tenant_id = $1 and dataset_id = $2")
        .bind(tenant.as_str())
        .bind(dataset_id)
        .execute(&mut *tx)
        .await?;
    sqlx::query("delete from analytics_versions where tenant_id = $1 and dataset_id = $2")
        .bind(tenant.as_str())
        .bind(dataset_id)
        .execute(&mut *tx)
        .await?;
    sqlx::query("update analytics_loads set state = 'discarded' where tenant_id = $1 and dataset_id = $2")
        .bind(tenant.as_str())
        .bind(dataset_id)
        .execute(&mut *tx)
        .await?;
    tx.commit().await?;
    Ok(hidden.rows_affected() == 1)
}
