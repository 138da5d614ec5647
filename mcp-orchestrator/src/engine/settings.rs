//! What an operator may change about how runs are kept going.

use std::time::Duration;

use schemars::JsonSchema;
use serde::Deserialize;

/// `[orchestrator.engine]`: how runs are kept going.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct EngineSettings {
    /// Most runs that one process works on at a time; the others wait in the database. Parked runs do not count.
    pub runs_in_memory_max: usize,
    /// Most calls of steps under way in one process.
    pub calls_max: usize,
    /// How long one call may take where its step says nothing, in milliseconds.
    pub call_deadline_ms: u64,
    /// How long a process that is not heard of keeps its runs, in milliseconds; it is heard of four times as often. The
    /// clocks of all processes have to agree far better than this.
    pub worker_lease_ms: u64,
    /// How often is looked for what other processes have left, in milliseconds.
    pub poll_ms: u64,
    /// How long runs are kept after their end, in days; 0 is for ever.
    pub kept_days: u32,
}

impl Default for EngineSettings {
    fn default() -> Self {
        Self {
            runs_in_memory_max: 10_000,
            calls_max: 256,
            call_deadline_ms: 60_000,
            worker_lease_ms: 8_000,
            poll_ms: 500,
            kept_days: 90,
        }
    }
}

impl EngineSettings {
    pub(super) fn lease(&self) -> Duration {
        Duration::from_millis(self.worker_lease_ms.max(4))
    }

    pub(super) fn kept(&self) -> Option<Duration> {
        (self.kept_days > 0).then(|| Duration::from_hours(24) * self.kept_days)
    }

    pub(super) fn poll(&self) -> Duration {
        Duration::from_millis(self.poll_ms.max(1))
    }
}
