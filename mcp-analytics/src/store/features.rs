//! What is read from records by SQL: consent, and aggregates of people.

use common::db::Db;
use common::error::Result;
use sqlx::Row as _;

use super::datasets::VersionOf;

/// How many people a version names, and what is known of their consent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Consents {
    pub(crate) people: i64,
    pub(crate) given: i64,
    pub(crate) refused: i64,
}

/// Of each person the latest row counts.
pub(crate) async fn consents(db: &Db, version: &VersionOf) -> Result<Consents> {
    let counted = sqlx::query(
        "select cast(coalesce(sum(case when consent = 1 then 1 else 0 end), 0) as bigint) as given,
            cast(coalesce(sum(case when consent = 0 then 1 else 0 end), 0) as bigint) as refused
        from (
            select consent, row_number() over (partition by customer_no order by load_no desc, row_no desc) as place
            from analytics_customers
            where tenant_id = $1 and load_no in (
                select load_no from analytics_version_loads
                where tenant_id = $1 and dataset_id = $2 and version = $3 and kind = 'customers')
        ) as ranked
        where place = 1",
    )
    .bind(version.tenant.as_str())
    .bind(version.dataset_id.as_str())
    .bind(version.version)
    .fetch_one(db.read().await?)
    .await?;
    let people: i64 = sqlx::query_scalar(
        "select count(*) from (
            select customer_no from analytics_customers where tenant_id = $1 and load_no in (
                select load_no from analytics_version_loads where tenant_id = $1 and dataset_id = $2 and version = $3)
            union
            select customer_no from analytics_transactions where tenant_id = $1 and load_no in (
                select load_no from analytics_version_loads where tenant_id = $1 and dataset_id = $2 and version = $3)
            union
            select customer_no from analytics_touches where tenant_id = $1 and load_no in (
                select load_no from analytics_version_loads where tenant_id = $1 and dataset_id = $2 and version = $3)
            union
            select customer_no from analytics_experiments where tenant_id = $1 and load_no in (
                select load_no from analytics_version_loads where tenant_id = $1 and dataset_id = $2 and version = $3)
            union
            select customer_no from analytics_funnel_steps where tenant_id = $1 and load_no in (
                select load_no from analytics_version_loads where tenant_id = $1 and dataset_id = $2 and version = $3)
        ) as named",
    )
    .bind(version.tenant.as_str())
    .bind(version.dataset_id.as_str())
    .bind(version.version)
    .fetch_one(db.read().await?)
    .await?;
    Ok(Consents { people, given: counted.try_get("given")?, refused: counted.try_get("refused")? })
}
