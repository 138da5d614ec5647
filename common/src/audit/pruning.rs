//! What is left of a chain's beginning that was removed.

use serde_json::json;

use super::ArgumentsDigest;
use crate::clock::UnixMillis;

/// What an attesting intent is of.
pub(super) const PRUNE: &str = "prune_audit";

/// Where a chain begins since its beginning was removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pruning {
    pub(super) chain_id: String,
    pub(super) sequence: i64,
    pub(super) hash: String,
    pub(super) before_ms: UnixMillis,
    pub(super) attested_at_ms: UnixMillis,
}

impl Pruning {
    /// The arguments of the intent that attests it.
    pub(super) fn digest(&self) -> ArgumentsDigest {
        ArgumentsDigest::of(&json!({ "chain_id": self.chain_id, "sequence": self.sequence, "hash": self.hash }))
    }
}
