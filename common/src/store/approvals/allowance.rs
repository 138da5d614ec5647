//! What was let through on one day, counted against its cap.

use crate::db::{Db, Tx};
use crate::error::Result;
use crate::tenant::TenantId;

/// What a call takes from a day's allowance, and how large that is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Allowance {
    /// `people`, `spend_calls`, or `minor:` and a currency.
    pub(crate) unit: String,
    pub(crate) amount: i64,
    pub(crate) amount_max: i64,
}

/// Counts a use in a transaction; false if it would go over the cap, which counts nothing.
pub(crate) async fn count(tx: &mut Tx, tenant: &TenantId, day_number: i64, used: &Allowance) -> Result<bool> {
    if used.amount > used.amount_max {
        return Ok(false);
    }
    let counted = sqlx::query(
        "insert into approval_usage (tenant_id, day_number, unit, amount)
        values ($1, $2, $3, $4)
        on conflict (tenant_id, day_number, unit) do update set amount = approval_usage.amount + excluded.amount
            where approval_usage.amount + excluded.amount <= $5",
    )
    .bind(tenant.as_str())
    .bind(day_number)
    .bind(used.unit.as_str())
    .bind(used.amount)
    .bind(used.amount_max)
    .execute(&mut **tx)
    .await?;
    Ok(counted.rows_affected() == 1)
}

/// How much of a unit was let through on a day.
pub(crate) async fn used(db: &Db, tenant: &TenantId, day_number: i64, unit: &str) -> Result<i64> {
    let amount: Option<i64> = sqlx::query_scalar(
        "select amount
        from approval_usage
        where tenant_id = $1 and day_number = $2 and unit = $3",
    )
    .bind(tenant.as_str())
    .bind(day_number)
    .bind(unit)
    .fetch_optional(db.read().await?)
    .await?;
    Ok(amount.unwrap_or(0))
}
