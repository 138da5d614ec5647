//! What a data set calls people, and their numbers.

use std::collections::HashMap;

use common::db::{AnyQuery, Db, Dialect, InsertMany, Tx};
use common::error::Result;
use common::tenant::TenantId;
use futures_util::TryStreamExt;
use sqlx::Row as _;

static INSERT: InsertMany =
    InsertMany::new("insert into analytics_people (tenant_id, dataset_id, customer_no, customer_id)", 4);

/// Their numbers by what they are called.
pub(crate) async fn all(db: &Db, tenant: &TenantId, dataset_id: &str) -> Result<HashMap<String, i64>> {
    let mut rows = sqlx::query(
        "select customer_no, customer_id
        from analytics_people
        where tenant_id = $1 and dataset_id = $2",
    )
    .bind(tenant.as_str())
    .bind(dataset_id)
    .fetch(db.read().await?);
    let mut people = HashMap::new();
    while let Some(row) = rows.try_next().await? {
        people.insert(row.try_get("customer_id")?, row.try_get("customer_no")?);
    }
    Ok(people)
}

/// Writes new ones down.
pub(super) async fn put(
    at: (Dialect, &mut Tx),
    (tenant, dataset_id): (&TenantId, &str),
    people: &[(i64, String)],
) -> Result<()> {
    let bind = |query: AnyQuery, (number, id): &(i64, String)| {
        query.bind(tenant.as_str().to_owned()).bind(dataset_id.to_owned()).bind(*number).bind(id.clone())
    };
    INSERT.execute(at, people, bind).await?;
    Ok(())
}
