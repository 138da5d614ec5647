//! Results, and the people in them.

use std::collections::BTreeMap;

use common::clock::{UnixMillis, time_ordered_uuid};
use common::db::{AnyQuery, Db, InsertMany};
use common::error::{Error, ErrorCode, Result};
use common::tenant::TenantId;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::Row as _;
use sqlx::any::AnyRow;

static MEMBERS: InsertMany = InsertMany::new(
    "insert into analytics_members (tenant_id, result_id, customer_no, segment, orders, spent_minor, last_ms)",
    7,
);

/// A person in a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Member {
    pub(crate) customer_no: i64,
    /// From 0; −1: in none.
    pub(crate) segment: i64,
    pub(crate) orders: i64,
    pub(crate) spent_minor: i64,
    pub(crate) last_ms: UnixMillis,
}

/// A person in a list.
#[derive(Debug, Clone)]
pub(crate) struct NamedMember {
    pub(crate) member: Member,
    pub(crate) customer_id: String,
}

/// A result as it is kept.
#[derive(Debug, Clone)]
pub(crate) struct Kept<T> {
    pub(crate) result_id: String,
    pub(crate) dataset_id: String,
    pub(crate) version: i64,
    pub(crate) made_ms: UnixMillis,
    pub(crate) body: T,
}

/// What is to be kept.
#[derive(Debug)]
pub(crate) struct NewResult<'a, T> {
    pub(crate) dataset_id: &'a str,
    pub(crate) version: i64,
    pub(crate) kind: &'static str,
    /// Digest of everything that the answer depends on.
    pub(crate) question: &'a str,
    pub(crate) body: &'a T,
    pub(crate) members: &'a [Member],
}

/// Keeps a result with its people, in one commit. Returns its id.
pub(crate) async fn keep<T: Serialize>(
    db: &Db,
    tenant: &TenantId,
    new: &NewResult<'_, T>,
    now_ms: UnixMillis,
) -> Result<String> {
    let result_id = format!("seg_{}", time_ordered_uuid(now_ms).simple());
    let body =
        serde_json::to_string(new.body).map_err(|source| Error::internal("a result could not be encoded", source))?;
    let mut tx = db.begin().await?;
    sqlx::query(
        "insert into analytics_results (tenant_id, result_id, dataset_id, version, kind, question, made_ms, body)
        values ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(tenant.as_str())
    .bind(result_id.as_str())
    .bind(new.dataset_id)
    .bind(new.version)
    .bind(new.kind)
    .bind(new.question)
    .bind(now_ms)
    .bind(body)
    .execute(&mut *tx)
    .await?;
    let bind = |query: AnyQuery, member: &Member| {
        query
            .bind(tenant.as_str().to_owned())
            .bind(result_id.clone())
            .bind(member.customer_no)
            .bind(member.segment)
            .bind(member.orders)
            .bind(member.spent_minor)
            .bind(member.last_ms)
    };
    MEMBERS.execute((db.dialect(), &mut tx), new.members, bind).await?;
    tx.commit().await?;
    Ok(result_id)
}

fn kept<T: DeserializeOwned>(row: &AnyRow) -> Result<Kept<T>> {
    let body: String = row.try_get("body")?;
    Ok(Kept {
        result_id: row.try_get("result_id")?,
        dataset_id: row.try_get("dataset_id")?,
        version: row.try_get("version")?,
        made_ms: row.try_get("made_ms")?,
        body: serde_json::from_str(&body).map_err(|source| Error::internal("a stored result is damaged", source))?,
    })
}

/// The answer that a question has already.
pub(crate) async fn answered<T: DeserializeOwned>(
    db: &Db,
    tenant: &TenantId,
    question: &str,
) -> Result<Option<Kept<T>>> {
    let row = sqlx::query(
        "select result_id, dataset_id, version, made_ms, body
        from analytics_results
        where tenant_id = $1 and question = $2
        order by made_ms desc
        limit 1",
    )
    .bind(tenant.as_str())
    .bind(question)
    .fetch_optional(db.read().await?)
    .await?;
    row.as_ref().map(kept).transpose()
}

/// A result by its id.
///
/// # Errors
/// `not_found`.
pub(crate) async fn find<T: DeserializeOwned>(db: &Db, tenant: &TenantId, result_id: &str) -> Result<Kept<T>> {
    let row = sqlx::query(
        "select result_id, dataset_id, version, made_ms, body
        from analytics_results
        where tenant_id = $1 and result_id = $2",
    )
    .bind(tenant.as_str())
    .bind(result_id)
    .fetch_optional(db.read().await?)
    .await?;
    let row = row.ok_or_else(|| {
        Error::new(ErrorCode::NotFound, "there is no such result")
            .with_hint("segment_customers answers with `result`; results go with their data set")
    })?;
    kept(&row)
}

/// The people of a segment, those who spent most first, behind one: what they spent and their number.
pub(crate) async fn members(
    db: &Db,
    tenant: &TenantId,
    (result_id, dataset_id, segment): (&str, &str, i64),
    (behind_spent, behind_no): (i64, i64),
    limit: i64,
) -> Result<Vec<NamedMember>> {
    let rows = sqlx::query(
        "select m.customer_no, m.segment, m.orders, m.spent_minor, m.last_ms, p.customer_id
        from analytics_members m
        join analytics_people p
            on p.tenant_id = m.tenant_id and p.dataset_id = $3 and p.customer_no = m.customer_no
        where m.tenant_id = $1 and m.result_id = $2 and m.segment = $4
            and (m.spent_minor < $5 or (m.spent_minor = $5 and m.customer_no > $6))
        order by m.spent_minor desc, m.customer_no
        limit $7",
    )
    .bind(tenant.as_str())
    .bind(result_id)
    .bind(dataset_id)
    .bind(segment)
    .bind(behind_spent)
    .bind(behind_no)
    .bind(limit)
    .fetch_all(db.read().await?)
    .await?;
    let read = |row: &AnyRow| -> Result<NamedMember> {
        let member = Member {
            customer_no: row.try_get("customer_no")?,
            segment: row.try_get("segment")?,
            orders: row.try_get("orders")?,
            spent_minor: row.try_get("spent_minor")?,
            last_ms: row.try_get("last_ms")?,
        };
        Ok(NamedMember { member, customer_id: row.try_get("customer_id")? })
    };
    rows.iter().map(read).collect()
}

/// How many people are in which segment of one result and of another.
pub(crate) async fn crossed(
    db: &Db,
    tenant: &TenantId,
    (one, other): (&str, &str),
) -> Result<BTreeMap<(i64, i64), i64>> {
    let rows = sqlx::query(
        "select a.segment as one, b.segment as other, count(*) as people
        from analytics_members a
        join analytics_members b
            on b.tenant_id = a.tenant_id and b.result_id = $3 and b.customer_no = a.customer_no
        where a.tenant_id = $1 and a.result_id = $2
        group by a.segment, b.segment",
    )
    .bind(tenant.as_str())
    .bind(one)
    .bind(other)
    .fetch_all(db.read().await?)
    .await?;
    let read = |row: &AnyRow| Ok(((row.try_get("one")?, row.try_get("other")?), row.try_get("people")?));
    rows.iter().map(read).collect()
}

/// Removes the results of data sets that are gone. Returns how many rows.
pub(crate) async fn forget_orphans(db: &Db) -> Result<u64> {
    let mut removed = 0;
    loop {
        let mut tx = db.begin().await?;
        let members = sqlx::query(
            "delete from analytics_members
            where (tenant_id, result_id) in (
                select r.tenant_id, r.result_id
                from analytics_results r
                join analytics_datasets d on d.tenant_id = r.tenant_id and d.dataset_id = r.dataset_id
                where d.version = -1
                limit 1)",
        )
        .execute(&mut *tx)
        .await?
        .rows_affected();
        let results = sqlx::query(
            "delete from analytics_results
            where (tenant_id, result_id) in (
                select r.tenant_id, r.result_id
                from analytics_results r
                join analytics_datasets d on d.tenant_id = r.tenant_id and d.dataset_id = r.dataset_id
                where d.version = -1
                    and not exists (
                        select 1 from analytics_members m where m.tenant_id = r.tenant_id and m.result_id = r.result_id))",
        )
        .execute(&mut *tx)
        .await?
        .rows_affected();
        tx.commit().await?;
        removed += members + results;
        if members + results == 0 {
            return Ok(removed);
        }
    }
}

/// A person as others can be told of them.
#[derive(Debug, Clone)]
pub(crate) struct Reachable {
    pub(crate) customer_no: i64,
    pub(crate) customer_id: String,
    pub(crate) email: Option<String>,
    pub(crate) has_consented: bool,
}

/// The people of a segment with their latest email and consent, by their numbers, behind one.
pub(crate) async fn reachable(
    db: &Db,
    tenant: &TenantId,
    (result_id, dataset_id, version, segment): (&str, &str, i64, i64),
    behind_no: i64,
    limit: i64,
) -> Result<Vec<Reachable>> {
    let rows = sqlx::query(
        "select m.customer_no, p.customer_id,
            (select c.email from analytics_customers c
                where c.tenant_id = m.tenant_id and c.customer_no = m.customer_no and c.email is not null
                    and c.load_no in (
                        select load_no from analytics_version_loads
                        where tenant_id = $1 and dataset_id = $3 and version = $5)
                order by c.load_no desc, c.row_no desc limit 1) as email,
            (select c.consent from analytics_customers c
                where c.tenant_id = m.tenant_id and c.customer_no = m.customer_no and c.consent is not null
                    and c.load_no in (
                        select load_no from analytics_version_loads
                        where tenant_id = $1 and dataset_id = $3 and version = $5)
                order by c.load_no desc, c.row_no desc limit 1) as consent
        from analytics_members m
        join analytics_people p
            on p.tenant_id = m.tenant_id and p.dataset_id = $3 and p.customer_no = m.customer_no
        where m.tenant_id = $1 and m.result_id = $2 and m.segment = $4 and m.customer_no > $6
        order by m.customer_no
        limit $7",
    )
    .bind(tenant.as_str())
    .bind(result_id)
    .bind(dataset_id)
    .bind(segment)
    .bind(version)
    .bind(behind_no)
    .bind(limit)
    .fetch_all(db.read().await?)
    .await?;
    let read = |row: &AnyRow| -> Result<Reachable> {
        Ok(Reachable {
            customer_no: row.try_get("customer_no")?,
            customer_id: row.try_get("customer_id")?,
            email: row.try_get("email")?,
            has_consented: row.try_get::<Option<i64>, _>("consent")? == Some(1),
        })
    };
    rows.iter().map(read).collect()
}
