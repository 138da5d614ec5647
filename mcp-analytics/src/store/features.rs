//! What is read from records by SQL: consent, and aggregates of people.

use std::collections::HashMap;

use common::clock::UnixMillis;
use common::db::Db;
use common::error::Result;
use futures_util::TryStreamExt;
use sqlx::Row as _;

use super::datasets::VersionOf;
use crate::consent::Consent;
use crate::features::Activity;

/// The span of what happened lately.
const QUARTER_MS: UnixMillis = 90 * 86_400_000;

/// How many people a version names, and what is known of their consent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Consents {
    pub(crate) people: i64,
    pub(crate) given: i64,
    pub(crate) refused: i64,
}

/// Of each person the latest row counts that knows anything: a refusal stands until somebody says otherwise.
pub(crate) async fn consents(db: &Db, version: &VersionOf) -> Result<Consents> {
    let counted = sqlx::query(
        "select cast(coalesce(sum(case when consent = 1 then 1 else 0 end), 0) as bigint) as given,
            cast(coalesce(sum(case when consent = 0 then 1 else 0 end), 0) as bigint) as refused
        from (
            select consent, row_number() over (partition by customer_no order by load_no desc, row_no desc) as place
            from analytics_customers
            where tenant_id = $1 and consent is not null and load_no in (
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

/// What each person has said that said anything; the latest row counts that knows.
pub(crate) async fn consent_of_people(db: &Db, version: &VersionOf) -> Result<HashMap<i64, Consent>> {
    let mut rows = sqlx::query(
        "select customer_no, consent
        from (
            select customer_no, consent,
                row_number() over (partition by customer_no order by load_no desc, row_no desc) as place
            from analytics_customers
            where tenant_id = $1 and consent is not null and load_no in (
                select load_no from analytics_version_loads
                where tenant_id = $1 and dataset_id = $2 and version = $3 and kind = 'customers')
        ) as ranked
        where place = 1",
    )
    .bind(version.tenant.as_str())
    .bind(version.dataset_id.as_str())
    .bind(version.version)
    .fetch(db.read().await?);
    let mut said = HashMap::new();
    while let Some(row) = rows.try_next().await? {
        let consent = if row.try_get::<i64, _>("consent")? == 1 { Consent::Given } else { Consent::Refused };
        said.insert(row.try_get("customer_no")?, consent);
    }
    Ok(said)
}

/// Which records count.
#[derive(Debug, Clone)]
pub(crate) struct Window {
    /// From then on.
    pub(crate) since_ms: UnixMillis,
    /// Until then, itself included.
    pub(crate) as_of_ms: UnixMillis,
    pub(crate) currency: String,
}

/// What each person with a transaction did, in the order of their numbers; touches are added where the version has any.
pub(crate) async fn activity(db: &Db, version: &VersionOf, window: &Window) -> Result<Vec<Activity>> {
    let quarter_ms = window.as_of_ms.saturating_sub(QUARTER_MS);
    let mut rows = sqlx::query(
        "select customer_no, count(*) as orders, cast(sum(amount_minor) as bigint) as spent,
            max(amount_minor) as largest, min(at_ms) as first_ms, max(at_ms) as last_ms,
            cast(sum(case when at_ms > $7 then 1 else 0 end) as bigint) as orders_90d,
            cast(sum(case when at_ms > $7 then amount_minor else 0 end) as bigint) as spent_90d
        from analytics_transactions
        where tenant_id = $1 and load_no in (
                select load_no from analytics_version_loads
                where tenant_id = $1 and dataset_id = $2 and version = $3 and kind = 'transactions')
            and at_ms >= $4 and at_ms <= $5 and currency = $6
        group by customer_no
        order by customer_no",
    )
    .bind(version.tenant.as_str())
    .bind(version.dataset_id.as_str())
    .bind(version.version)
    .bind(window.since_ms)
    .bind(window.as_of_ms)
    .bind(window.currency.as_str())
    .bind(quarter_ms)
    .fetch(db.read().await?);
    let mut people = Vec::new();
    while let Some(row) = rows.try_next().await? {
        people.push(Activity {
            customer_no: row.try_get("customer_no")?,
            orders: row.try_get("orders")?,
            spent_minor: row.try_get("spent")?,
            largest_minor: row.try_get("largest")?,
            first_ms: row.try_get("first_ms")?,
            last_ms: row.try_get("last_ms")?,
            orders_90d: row.try_get("orders_90d")?,
            spent_90d_minor: row.try_get("spent_90d")?,
            touches: 0,
            last_touch_ms: None,
        });
    }
    drop(rows);
    add_touches(db, version, window, &mut people).await?;
    Ok(people)
}

async fn add_touches(db: &Db, version: &VersionOf, window: &Window, people: &mut [Activity]) -> Result<()> {
    let mut rows = sqlx::query(
        "select customer_no, count(*) as touches, max(at_ms) as last_ms
        from analytics_touches
        where tenant_id = $1 and load_no in (
                select load_no from analytics_version_loads
                where tenant_id = $1 and dataset_id = $2 and version = $3 and kind = 'touches')
            and at_ms >= $4 and at_ms <= $5
        group by customer_no",
    )
    .bind(version.tenant.as_str())
    .bind(version.dataset_id.as_str())
    .bind(version.version)
    .bind(window.since_ms)
    .bind(window.as_of_ms)
    .fetch(db.read().await?);
    while let Some(row) = rows.try_next().await? {
        let number: i64 = row.try_get("customer_no")?;
        let place = people.binary_search_by_key(&number, |person| person.customer_no).ok();
        if let Some(person) = place.and_then(|place| people.get_mut(place)) {
            person.touches = row.try_get("touches")?;
            person.last_touch_ms = Some(row.try_get("last_ms")?);
        }
    }
    Ok(())
}
