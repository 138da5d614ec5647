//! The rows that say where chains begin, and the removal of what was before.

use std::collections::HashSet;

use sqlx::Row;
use sqlx::any::AnyRow;

use super::head;
use crate::audit::chain::Head;
use crate::audit::event::INTENT;
use crate::audit::pruning::{PRUNE, Pruning};
use crate::clock::UnixMillis;
use crate::db::{Db, Tx};
use crate::error::Result;
use crate::tenant::TenantId;

/// Where the tenant's chains begin whose beginning was removed.
pub(in crate::audit) async fn of(tx: &mut Tx, tenant: &TenantId) -> Result<Vec<Pruning>> {
    let rows = sqlx::query(
        "select chain_id, sequence, hash, before_ms, attested_at_ms
        from audit_prunings
        where tenant_id = $1
        order by chain_id",
    )
    .bind(tenant.as_str())
    .fetch_all(&mut **tx)
    .await?;
    rows.iter().map(pruning).collect()
}

/// The digests of what intents said would be removed.
pub(in crate::audit) async fn attested(tx: &mut Tx, tenant: &TenantId) -> Result<HashSet<String>> {
    let digests = sqlx::query_scalar(
        "select arguments_digest
        from audit_events
        where tenant_id = $1 and kind = $2 and tool = $3 and arguments_digest is not null",
    )
    .bind(tenant.as_str())
    .bind(INTENT)
    .bind(PRUNE)
    .fetch_all(&mut **tx)
    .await?;
    Ok(digests.into_iter().collect())
}

/// Prunings of all tenants whose attestation is older, at most 1,000.
pub(in crate::audit) async fn attested_before(db: &Db, before_ms: UnixMillis) -> Result<Vec<(TenantId, Pruning)>> {
    let rows = sqlx::query(
        "select tenant_id, chain_id, sequence, hash, before_ms, attested_at_ms
        from audit_prunings
        where attested_at_ms < $1
        order by tenant_id, chain_id
        limit 1000",
    )
    .bind(before_ms)
    .fetch_all(db.read().await?)
    .await?;
    rows.iter().map(|row| Ok((tenant(row)?, pruning(row)?))).collect()
}

/// Chains of all tenants that begin before an instant, at most 1,000.
pub(in crate::audit) async fn chains_beginning_before(
    db: &Db,
    before_ms: UnixMillis,
) -> Result<Vec<(TenantId, String)>> {
    let rows = sqlx::query(
        "select c.tenant_id, c.chain_id
        from audit_chains c
        where (
                select e.at_ms from audit_events e
                where e.tenant_id = c.tenant_id and e.chain_id = c.chain_id
                order by e.sequence
                limit 1
            ) < $1
        order by c.tenant_id, c.chain_id
        limit 1000",
    )
    .bind(before_ms)
    .fetch_all(db.read().await?)
    .await?;
    rows.iter().map(|row| Ok((tenant(row)?, row.try_get("chain_id")?))).collect()
}

/// The first events of a chain, each with its instant.
pub(in crate::audit) async fn first_events(
    db: &Db,
    tenant: &TenantId,
    chain_id: &str,
    events_max: i64,
) -> Result<Vec<(Head, UnixMillis)>> {
    let rows = sqlx::query(
        "select chain_id, sequence, hash, at_ms
        from audit_events
        where tenant_id = $1 and chain_id = $2
        order by sequence
        limit $3",
    )
    .bind(tenant.as_str())
    .bind(chain_id)
    .bind(events_max)
    .fetch_all(db.read().await?)
    .await?;
    rows.iter().map(|row| Ok((head(row)?, row.try_get("at_ms")?))).collect()
}

/// Writes down where a chain begins. Of two processes the one that removed more is right.
pub(in crate::audit) async fn save(tx: &mut Tx, tenant: &TenantId, pruning: &Pruning) -> Result<()> {
    sqlx::query(
        "insert into audit_prunings (tenant_id, chain_id, sequence, hash, before_ms, attested_at_ms)
        values ($1, $2, $3, $4, $5, $6)
        on conflict (tenant_id, chain_id) do update set
            sequence = excluded.sequence,
            hash = excluded.hash,
            before_ms = excluded.before_ms,
            attested_at_ms = excluded.attested_at_ms
        where audit_prunings.sequence <= excluded.sequence",
    )
    .bind(tenant.as_str())
    .bind(pruning.chain_id.as_str())
    .bind(pruning.sequence)
    .bind(pruning.hash.as_str())
    .bind(pruning.before_ms)
    .bind(pruning.attested_at_ms)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Removes a chain's beginning. Returns how many calls were recorded in it.
pub(in crate::audit) async fn remove(tx: &mut Tx, tenant: &TenantId, pruning: &Pruning) -> Result<u64> {
    sqlx::query("delete from audit_checkpoint_heads where tenant_id = $1 and chain_id = $2 and sequence <= $3")
        .bind(tenant.as_str())
        .bind(pruning.chain_id.as_str())
        .bind(pruning.sequence)
        .execute(&mut **tx)
        .await?;
    let row = sqlx::query(
        "select cast(coalesce(sum(calls), 0) as bigint) as calls
        from audit_events
        where tenant_id = $1 and chain_id = $2 and sequence <= $3",
    )
    .bind(tenant.as_str())
    .bind(pruning.chain_id.as_str())
    .bind(pruning.sequence)
    .fetch_one(&mut **tx)
    .await?;
    sqlx::query("delete from audit_events where tenant_id = $1 and chain_id = $2 and sequence <= $3")
        .bind(tenant.as_str())
        .bind(pruning.chain_id.as_str())
        .bind(pruning.sequence)
        .execute(&mut **tx)
        .await?;
    Ok(u64::try_from(row.try_get::<i64, _>("calls")?).unwrap_or(0))
}

fn tenant(row: &AnyRow) -> Result<TenantId> {
    row.try_get::<&str, _>("tenant_id")?.parse()
}

fn pruning(row: &AnyRow) -> Result<Pruning> {
    Ok(Pruning {
        chain_id: row.try_get("chain_id")?,
        sequence: row.try_get("sequence")?,
        hash: row.try_get("hash")?,
        before_ms: row.try_get("before_ms")?,
        attested_at_ms: row.try_get("attested_at_ms")?,
    })
}
