//! The rows of records, by kind.

use common::db::{AnyQuery, Dialect, InsertMany, Tx};
use common::error::Result;
use common::tenant::TenantId;

use crate::draft::Value;
use crate::record::RecordKind;

static CUSTOMERS: InsertMany = InsertMany::new(
    "insert into analytics_customers (tenant_id, load_no, row_no, customer_no, email, phone, name, consent, consent_at_ms,
        since_ms, country, channel, stage, source)",
    14,
);
static TRANSACTIONS: InsertMany = InsertMany::new(
    "insert into analytics_transactions (tenant_id, load_no, row_no, customer_no, at_ms, amount_minor, currency,
        transaction_id, product, channel)",
    10,
);
static TOUCHES: InsertMany = InsertMany::new(
    "insert into analytics_touches (tenant_id, load_no, row_no, customer_no, at_ms, channel, action, campaign)",
    8,
);
static SPEND: InsertMany = InsertMany::new(
    "insert into analytics_spend (tenant_id, load_no, row_no, at_ms, channel, amount_minor, currency, campaign, impressions,
        clicks)",
    10,
);
static EXPERIMENTS: InsertMany = InsertMany::new(
    "insert into analytics_experiments (tenant_id, load_no, row_no, customer_no, experiment, variant, at_ms, converted,
        amount_minor, currency)",
    10,
);
static FUNNEL_STEPS: InsertMany = InsertMany::new(
    "insert into analytics_funnel_steps (tenant_id, load_no, row_no, customer_no, step, at_ms, funnel)",
    7,
);

fn insert(kind: RecordKind) -> &'static InsertMany {
    match kind {
        RecordKind::Customers => &CUSTOMERS,
        RecordKind::Transactions => &TRANSACTIONS,
        RecordKind::Touches => &TOUCHES,
        RecordKind::Spend => &SPEND,
        RecordKind::Experiments => &EXPERIMENTS,
        RecordKind::FunnelSteps => &FUNNEL_STEPS,
    }
}

/// Writes records of one kind, numbered from `first_no`. Their values stand in the order of the kind's fields, which is that
/// of the table's columns, and name people by number.
pub(super) async fn put(
    at: (Dialect, &mut Tx),
    (tenant, load_no, kind): (&TenantId, i64, RecordKind),
    records: &[Vec<Value>],
    first_no: i64,
) -> Result<()> {
    let numbered: Vec<(i64, &Vec<Value>)> = (first_no..).zip(records).collect();
    let bind = |query: AnyQuery, (row_no, values): &(i64, &Vec<Value>)| {
        let query = query.bind(tenant.as_str().to_owned()).bind(load_no).bind(*row_no);
        values.iter().fold(query, |query, value| match value {
            Value::Integer(number) => query.bind(*number),
            Value::Text(text) => query.bind(text.clone()),
            Value::Customer(text) => query.bind(text.clone()),
        })
    };
    insert(kind).execute(at, &numbered, bind).await?;
    Ok(())
}

/// Removes the first records of a load, by a bound instead of a list: PostgreSQL compares a list row by row where it knows
/// nothing of the table. Returns how many; none are left when it returns 0.
pub(super) async fn remove(tx: &mut Tx, tenant: &str, load_no: i64, kind: RecordKind) -> Result<u64> {
    let statement = match kind {
        RecordKind::Customers => {
            "delete from analytics_customers where tenant_id = $1 and load_no = $2 and row_no <= (
                select coalesce(max(row_no), -1) from (select row_no from analytics_customers
                    where tenant_id = $1 and load_no = $2 order by row_no limit 20000) as first)"
        }
        RecordKind::Transactions => {
            "delete from analytics_transactions where tenant_id = $1 and load_no = $2 and row_no <= (
                select coalesce(max(row_no), -1) from (select row_no from analytics_transactions
                    where tenant_id = $1 and load_no = $2 order by row_no limit 20000) as first)"
        }
        RecordKind::Touches => {
            "delete from analytics_touches where tenant_id = $1 and load_no = $2 and row_no <= (
                select coalesce(max(row_no), -1) from (select row_no from analytics_touches
                    where tenant_id = $1 and load_no = $2 order by row_no limit 20000) as first)"
        }
        RecordKind::Spend => {
            "delete from analytics_spend where tenant_id = $1 and load_no = $2 and row_no <= (
                select coalesce(max(row_no), -1) from (select row_no from analytics_spend
                    where tenant_id = $1 and load_no = $2 order by row_no limit 20000) as first)"
        }
        RecordKind::Experiments => {
            "delete from analytics_experiments where tenant_id = $1 and load_no = $2 and row_no <= (
                select coalesce(max(row_no), -1) from (select row_no from analytics_experiments
                    where tenant_id = $1 and load_no = $2 order by row_no limit 20000) as first)"
        }
        RecordKind::FunnelSteps => {
            "delete from analytics_funnel_steps where tenant_id = $1 and load_no = $2 and row_no <= (
                select coalesce(max(row_no), -1) from (select row_no from analytics_funnel_steps
                    where tenant_id = $1 and load_no = $2 order by row_no limit 20000) as first)"
        }
    };
    let removed = sqlx::query(statement).bind(tenant.to_owned()).bind(load_no).execute(&mut **tx).await?;
    Ok(removed.rows_affected())
}
