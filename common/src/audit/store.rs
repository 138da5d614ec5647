//! The rows of chains, events and checkpoints.

pub(super) mod prunings;

use std::collections::HashMap;

use sqlx::Row;
use sqlx::any::AnyRow;

use super::chain::{Chain, Head, Link};
use super::event::{CHECKPOINT, Record};
use crate::db::{AnyQuery, Db, InsertMany, Tx};
use crate::error::Result;
use crate::tenant::TenantId;

static INSERT_EVENTS: InsertMany = InsertMany::new(
    "insert into audit_events (tenant_id, chain_id, sequence, event_id, at_ms, kind, subject, tool, access,
        arguments_digest, location_id, trace_id, intent_id, code, duration_ms, vendor_trace_id, calls, details,
        hash)",
    19,
);

static INSERT_CHECKPOINT_HEADS: InsertMany = InsertMany::new(
    "insert into audit_checkpoint_heads (tenant_id, chain_id, sequence, head_chain_id, head_sequence, head_hash)",
    6,
);

pub(super) async fn insert_events(db: &Db, tx: &mut Tx, links: &[Link]) -> Result<()> {
    INSERT_EVENTS.execute((db.dialect(), tx), links, bind_event).await?;
    Ok(())
}

fn bind_event(query: AnyQuery, link: &Link) -> AnyQuery {
    let Link { tenant, chain_id, sequence, record, hash } = link;
    query
        .bind(tenant.as_str())
        .bind(chain_id.as_str())
        .bind(*sequence)
        .bind(record.event_id.as_str())
        .bind(record.at_ms)
        .bind(record.kind.as_ref())
        .bind(record.subject.as_str())
        .bind(record.tool.as_ref())
        .bind(record.access.as_ref())
        .bind(record.arguments_digest.as_deref())
        .bind(record.location_id.as_deref())
        .bind(record.trace_id.as_deref())
        .bind(record.intent_id.as_deref())
        .bind(record.code.as_deref())
        .bind(record.duration_ms)
        .bind(record.vendor_trace_id.as_deref())
        .bind(record.calls)
        .bind(record.details.as_deref())
        .bind(hex::encode(hash))
}

/// Moves the heads of chains to where their events end.
pub(super) async fn save_heads(tx: &mut Tx, chains: &HashMap<TenantId, Chain>) -> Result<()> {
    for (tenant, chain) in chains {
        sqlx::query(
            "insert into audit_chains (tenant_id, chain_id, sequence, hash)
            values ($1, $2, $3, $4)
            on conflict (tenant_id, chain_id) do update set sequence = excluded.sequence, hash = excluded.hash",
        )
        .bind(tenant.as_str())
        .bind(chain.id.as_str())
        .bind(chain.sequence)
        .bind(hex::encode(chain.hash))
        .execute(&mut **tx)
        .await?;
    }
    Ok(())
}

/// The heads of the tenant's other chains that no checkpoint names yet, at most 1,000; the next checkpoint
/// takes the rest.
pub(super) async fn unnamed_heads(tx: &mut Tx, tenant: &TenantId, own_chain_id: &str) -> Result<Vec<Head>> {
    let rows = sqlx::query(
        "select c.chain_id, c.sequence, c.hash
        from audit_chains c
        where c.tenant_id = $1 and c.chain_id <> $2
            and not exists (
                select 1 from audit_checkpoint_heads h
                where h.tenant_id = c.tenant_id and h.head_chain_id = c.chain_id and h.head_sequence = c.sequence
            )
        order by c.chain_id
        limit 1000",
    )
    .bind(tenant.as_str())
    .bind(own_chain_id)
    .fetch_all(&mut **tx)
    .await?;
    rows.iter().map(head).collect()
}

/// Saves what a checkpoint names.
pub(super) async fn insert_checkpoint_heads(db: &Db, tx: &mut Tx, checkpoint: &Link, heads: &[Head]) -> Result<()> {
    let bind = |query: AnyQuery, head: &Head| {
        query
            .bind(checkpoint.tenant.as_str())
            .bind(checkpoint.chain_id.as_str())
            .bind(checkpoint.sequence)
            .bind(head.chain_id.as_str())
            .bind(head.sequence)
            .bind(head.hash.as_str())
    };
    INSERT_CHECKPOINT_HEADS.execute((db.dialect(), tx), heads, bind).await?;
    Ok(())
}

/// An event as its row says, unverified.
#[derive(Debug)]
pub(super) struct StoredEvent {
    pub(super) sequence: i64,
    /// Absent if a column holds what this program never writes there; SQLite stores anything anywhere.
    pub(super) record: Option<Record>,
    pub(super) hash: String,
}

/// The tenant's first chain with events whose id sorts after `chain_id`.
pub(super) async fn next_chain(tx: &mut Tx, tenant: &TenantId, chain_id: &str) -> Result<Option<String>> {
    let row = sqlx::query("select min(chain_id) as chain_id from audit_events where tenant_id = $1 and chain_id > $2")
        .bind(tenant.as_str())
        .bind(chain_id)
        .fetch_one(&mut **tx)
        .await?;
    Ok(row.try_get("chain_id")?)
}

/// The next rows of a chain after a sequence number, at most 200: some 2 MB if all are full of reads.
pub(super) async fn events_after(
    tx: &mut Tx,
    tenant: &TenantId,
    (chain_id, sequence): (&str, i64),
) -> Result<Vec<StoredEvent>> {
    // One chain at a time: PostgreSQL does not always answer `(chain_id, sequence) > ($2, $3)` from the index, and
    // then reads all events for every page.
    let rows = sqlx::query(
        "select sequence, event_id, at_ms, kind, subject, tool, access, arguments_digest, location_id,
            trace_id, intent_id, code, duration_ms, vendor_trace_id, calls, details, hash
        from audit_events
        where tenant_id = $1 and chain_id = $2 and sequence > $3
        order by sequence
        limit 200",
    )
    .bind(tenant.as_str())
    .bind(chain_id)
    .bind(sequence)
    .fetch_all(&mut **tx)
    .await?;
    rows.iter().map(stored_event).collect()
}

fn stored_event(row: &AnyRow) -> Result<StoredEvent> {
    Ok(StoredEvent { sequence: row.try_get("sequence")?, record: record(row).ok(), hash: row.try_get("hash")? })
}

fn record(row: &AnyRow) -> Result<Record, sqlx::Error> {
    let text = |column: &str| row.try_get::<String, _>(column);
    let optional_text = |column: &str| row.try_get::<Option<String>, _>(column);
    Ok(Record {
        event_id: text("event_id")?,
        at_ms: row.try_get("at_ms")?,
        kind: text("kind")?.into(),
        subject: text("subject")?,
        tool: text("tool")?.into(),
        access: text("access")?.into(),
        arguments_digest: optional_text("arguments_digest")?,
        location_id: optional_text("location_id")?,
        trace_id: optional_text("trace_id")?,
        intent_id: optional_text("intent_id")?,
        code: optional_text("code")?.map(Into::into),
        duration_ms: row.try_get("duration_ms")?,
        vendor_trace_id: optional_text("vendor_trace_id")?,
        calls: row.try_get("calls")?,
        details: optional_text("details")?,
    })
}

/// Where a chain says that it ends.
pub(super) async fn chain_head(tx: &mut Tx, tenant: &TenantId, chain_id: &str) -> Result<Option<Head>> {
    let row = sqlx::query("select chain_id, sequence, hash from audit_chains where tenant_id = $1 and chain_id = $2")
        .bind(tenant.as_str())
        .bind(chain_id)
        .fetch_optional(&mut **tx)
        .await?;
    row.as_ref().map(head).transpose()
}

/// What the checkpoint at a place names.
pub(super) async fn checkpoint_heads(
    tx: &mut Tx,
    tenant: &TenantId,
    (chain_id, sequence): (&str, i64),
) -> Result<Vec<Head>> {
    let rows = sqlx::query(
        "select head_chain_id as chain_id, head_sequence as sequence, head_hash as hash
        from audit_checkpoint_heads
        where tenant_id = $1 and chain_id = $2 and sequence = $3
        order by head_chain_id
        limit 1001",
    )
    .bind(tenant.as_str())
    .bind(chain_id)
    .bind(sequence)
    .fetch_all(&mut **tx)
    .await?;
    rows.iter().map(head).collect()
}

/// Chains that have a head but no event, at most 1,000.
pub(super) async fn chains_without_events(tx: &mut Tx, tenant: &TenantId) -> Result<Vec<Head>> {
    let rows = sqlx::query(
        "select c.chain_id, c.sequence, c.hash
        from audit_chains c
        where c.tenant_id = $1
            and not exists (
                select 1 from audit_events e where e.tenant_id = c.tenant_id and e.chain_id = c.chain_id
            )
            and not exists (
                select 1 from audit_prunings p
                where p.tenant_id = c.tenant_id and p.chain_id = c.chain_id and p.sequence = c.sequence
                    and p.hash = c.hash
            )
        order by c.chain_id
        limit 1000",
    )
    .bind(tenant.as_str())
    .fetch_all(&mut **tx)
    .await?;
    rows.iter().map(head).collect()
}

/// Heads named by checkpoints to which no event corresponds, at most 1,000.
pub(super) async fn contradicted_heads(tx: &mut Tx, tenant: &TenantId) -> Result<Vec<Head>> {
    let rows = sqlx::query(
        "select h.head_chain_id as chain_id, h.head_sequence as sequence, h.head_hash as hash
        from audit_checkpoint_heads h
        left join audit_events e
            on e.tenant_id = h.tenant_id and e.chain_id = h.head_chain_id and e.sequence = h.head_sequence
        where h.tenant_id = $1 and (e.hash is null or e.hash <> h.head_hash)
            and not exists (
                select 1 from audit_prunings p
                where p.tenant_id = h.tenant_id and p.chain_id = h.head_chain_id and p.sequence >= h.head_sequence
            )
        order by h.head_chain_id, h.head_sequence
        limit 1000",
    )
    .bind(tenant.as_str())
    .fetch_all(&mut **tx)
    .await?;
    rows.iter().map(head).collect()
}

/// Places that name heads although no checkpoint stands there, at most 1,000.
pub(super) async fn heads_without_checkpoint(tx: &mut Tx, tenant: &TenantId) -> Result<Vec<(String, i64)>> {
    let rows = sqlx::query(
        "select distinct h.chain_id, h.sequence
        from audit_checkpoint_heads h
        left join audit_events e
            on e.tenant_id = h.tenant_id and e.chain_id = h.chain_id and e.sequence = h.sequence and e.kind = $2
        where h.tenant_id = $1 and e.hash is null
        order by h.chain_id, h.sequence
        limit 1000",
    )
    .bind(tenant.as_str())
    .bind(CHECKPOINT)
    .fetch_all(&mut **tx)
    .await?;
    rows.iter().map(|row| Ok((row.try_get("chain_id")?, row.try_get("sequence")?))).collect()
}

fn head(row: &AnyRow) -> Result<Head> {
    Ok(Head { chain_id: row.try_get("chain_id")?, sequence: row.try_get("sequence")?, hash: row.try_get("hash")? })
}
