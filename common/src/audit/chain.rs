//! The hash chain of one tenant in one process, and what its hashes cover.

use sha2::{Digest, Sha256};

use super::event::Record;
use crate::clock::{UnixMillis, time_ordered_uuid};
use crate::tenant::TenantId;

/// Bytes of a SHA-256 hash.
pub(super) type Hash = [u8; 32];

/// A chain and its last event.
#[derive(Debug, Clone)]
pub(super) struct Chain {
    pub(super) id: String,
    /// Of the last event; 0 before the first.
    pub(super) sequence: i64,
    pub(super) hash: Hash,
    /// Events since the last checkpoint.
    pub(super) unchecked_events: u64,
}

/// A record in its place in a chain.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) tenant: TenantId,
    pub(super) chain_id: String,
    pub(super) sequence: i64,
    pub(super) record: Record,
    pub(super) hash: Hash,
}

/// The last event of a chain, as a checkpoint names it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Head {
    pub(super) chain_id: String,
    pub(super) sequence: i64,
    pub(super) hash: String,
}

impl Chain {
    /// An empty chain with an id of its own.
    pub(super) fn begin(tenant: &TenantId, at_ms: UnixMillis) -> Self {
        Self::empty(tenant, format!("chn_{}", time_ordered_uuid(at_ms)))
    }

    /// The state before the first event of a chain. Its hash binds the chain to its tenant.
    pub(super) fn empty(tenant: &TenantId, id: String) -> Self {
        let mut hasher = Sha256::new();
        hasher.update(b"luminar audit chain 1");
        text(&mut hasher, tenant.as_str());
        text(&mut hasher, &id);
        Self { id, sequence: 0, hash: hasher.finalize().into(), unchecked_events: 0 }
    }

    /// Appends a record.
    pub(super) fn link(&mut self, tenant: &TenantId, record: Record) -> Link {
        self.sequence = self.sequence.saturating_add(1);
        self.unchecked_events = self.unchecked_events.saturating_add(u64::try_from(record.calls).unwrap_or(0));
        self.hash = hash_after(&self.hash, self.sequence, &record);
        Link { tenant: tenant.clone(), chain_id: self.id.clone(), sequence: self.sequence, record, hash: self.hash }
    }
}

/// SHA-256 over the hash before and every field, each tagged by its type and texts by their length, so that no two
/// records have the same bytes.
pub(super) fn hash_after(previous: &Hash, sequence: i64, record: &Record) -> Hash {
    let Record { event_id, at_ms, kind, subject, tool, access, .. } = record;
    let Record { arguments_digest, location_id, trace_id, intent_id, code, duration_ms, vendor_trace_id, .. } = record;
    let Record { calls, details, .. } = record;
    let mut hasher = Sha256::new();
    hasher.update(previous);
    number(&mut hasher, sequence);
    text(&mut hasher, event_id);
    number(&mut hasher, *at_ms);
    text(&mut hasher, kind);
    text(&mut hasher, subject);
    text(&mut hasher, tool);
    text(&mut hasher, access);
    optional_text(&mut hasher, arguments_digest.as_deref());
    optional_text(&mut hasher, location_id.as_deref());
    optional_text(&mut hasher, trace_id.as_deref());
    optional_text(&mut hasher, intent_id.as_deref());
    optional_text(&mut hasher, code.as_deref());
    match duration_ms {
        Some(duration_ms) => number(&mut hasher, *duration_ms),
        None => hasher.update([0]),
    }
    optional_text(&mut hasher, vendor_trace_id.as_deref());
    number(&mut hasher, *calls);
    optional_text(&mut hasher, details.as_deref());
    hasher.finalize().into()
}

/// SHA-256 hex over the heads that a checkpoint names, in any order.
pub(super) fn heads_digest(heads: &mut [Head]) -> String {
    heads.sort_unstable();
    let mut hasher = Sha256::new();
    for head in heads {
        text(&mut hasher, &head.chain_id);
        number(&mut hasher, head.sequence);
        text(&mut hasher, &head.hash);
    }
    hex::encode(hasher.finalize())
}

fn number(hasher: &mut Sha256, number: i64) {
    hasher.update([1]);
    hasher.update(number.to_be_bytes());
}

fn text(hasher: &mut Sha256, text: &str) {
    hasher.update([2]);
    hasher.update(u64::try_from(text.len()).unwrap_or(u64::MAX).to_be_bytes());
    hasher.update(text);
}

fn optional_text(hasher: &mut Sha256, value: Option<&str>) {
    match value {
        Some(value) => text(hasher, value),
        None => hasher.update([0]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> Record {
        Record { event_id: "evt_1".into(), at_ms: 7, kind: "read".into(), tool: "get_x".into(), ..Record::default() }
    }

    #[test]
    fn every_field_changes_the_hash() {
        let previous = [9; 32];
        let base = hash_after(&previous, 1, &record());
        let changed = [
            Record { event_id: "evt_2".into(), ..record() },
            Record { at_ms: 8, ..record() },
            Record { kind: "intent".into(), ..record() },
            Record { subject: "s".into(), ..record() },
            Record { tool: "get_y".into(), ..record() },
            Record { access: "read".into(), ..record() },
            Record { arguments_digest: Some(String::new()), ..record() },
            Record { location_id: Some(String::new()), ..record() },
            Record { trace_id: Some(String::new()), ..record() },
            Record { intent_id: Some(String::new()), ..record() },
            Record { code: Some("ok".into()), ..record() },
            Record { duration_ms: Some(0), ..record() },
            Record { vendor_trace_id: Some(String::new()), ..record() },
            Record { calls: 2, ..record() },
            Record { details: Some(String::new()), ..record() },
        ];
        let mut hashes: Vec<_> = changed.iter().map(|record| hash_after(&previous, 1, record)).collect();
        hashes.extend([base, hash_after(&previous, 2, &record()), hash_after(&[8; 32], 1, &record())]);
        hashes.sort_unstable();
        hashes.dedup();
        assert_eq!(hashes.len(), 18);
    }

    #[test]
    fn text_cannot_move_between_fields() {
        let left = Record { subject: "ab".into(), tool: "c".into(), ..Record::default() };
        let right = Record { subject: "a".into(), tool: "bc".into(), ..Record::default() };
        assert_ne!(hash_after(&[0; 32], 1, &left), hash_after(&[0; 32], 1, &right));
    }

    #[test]
    fn a_chain_belongs_to_its_tenant() {
        let of = |tenant: &str| Chain::empty(&tenant.parse().unwrap(), "chn_1".into()).hash;
        assert_ne!(of("acme"), of("other"));
    }
}
