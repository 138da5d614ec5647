//! `[http]`: the limits of every call to a vendor.

use std::time::Duration;

use schemars::JsonSchema;
use serde::Deserialize;

/// `[http]`: the limits of every call to a vendor.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct HttpSettings {
    /// How long to wait for a connection, in milliseconds.
    pub connect_timeout_ms: u64,
    /// How long one attempt may take, body included, in milliseconds.
    pub request_timeout_ms: u64,
    /// How long a whole call may take, waiting and repeats included, in milliseconds, where the caller sets nothing shorter or longer.
    pub deadline_ms: u64,
    /// How often a request that may be repeated is sent at most, the first time included.
    pub attempts_max: u32,
    /// Upper bound of the pause before the second attempt, in milliseconds; it doubles with each further one.
    pub backoff_ms: u64,
    /// Upper bound of any pause that the server did not ask for, in milliseconds.
    pub backoff_ms_max: u64,
    /// Makes the pauses repeatable, for tests; absent means random.
    pub backoff_seed: Option<u64>,
    /// Largest answer accepted, in bytes; a larger one is dropped while it arrives.
    pub response_bytes_max: usize,
    /// Most requests under way to one host.
    pub concurrency_per_host_max: usize,
    /// Memory for cached answers, in bytes; 0 turns the cache off.
    pub cache_bytes_max: u64,
    /// Longest time an answer is kept, in milliseconds, whatever the request asks for.
    pub cache_for_ms_max: u64,
    /// Consecutive failures of one host for one tenant after which it is left alone.
    pub breaker_failures_max: u32,
    /// How long a failing host is left alone before one request tries it again, in milliseconds.
    pub breaker_pause_ms: u64,
    /// Hosts, as `host` or `host:port`, that may be private addresses, and on loopback may speak plain `http`.
    /// Everything else must be `https` on a public address. Link-local and metadata addresses are refused in any case.
    pub egress_allow: Vec<String>,
}

impl Default for HttpSettings {
    fn default() -> Self {
        Self {
            connect_timeout_ms: 5_000,
            request_timeout_ms: 30_000,
            deadline_ms: 60_000,
            attempts_max: 3,
            backoff_ms: 250,
            backoff_ms_max: 10_000,
            backoff_seed: None,
            response_bytes_max: 10 * 1024 * 1024,
            concurrency_per_host_max: 64,
            cache_bytes_max: 16 * 1024 * 1024,
            cache_for_ms_max: 3_600_000,
            breaker_failures_max: 5,
            breaker_pause_ms: 15_000,
            egress_allow: Vec::new(),
        }
    }
}

impl HttpSettings {
    pub(super) fn deadline(&self) -> Duration {
        Duration::from_millis(self.deadline_ms)
    }
}
