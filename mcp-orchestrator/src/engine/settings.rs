//! What an operator may change about how runs are kept going.

mod restate;

use std::time::Duration;

use schemars::JsonSchema;
use serde::Deserialize;

pub use restate::RestateSettings;

/// What keeps runs going.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EngineKind {
    /// This server's own database, by any number of its processes.
    #[default]
    Embedded,
    /// A Restate server or cluster; this server's processes do what it says.
    Restate,
}

/// `[orchestrator.engine]`: how runs are kept going.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct EngineSettings {
    /// What keeps runs going: `embedded` or `restate`. Runs stay with what they began with.
    pub kind: EngineKind,
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
    /// Where Restate is, if it keeps runs going.
    pub restate: RestateSettings,
}

impl Default for EngineSettings {
    fn default() -> Self {
        Self {
            kind: EngineKind::default(),
            runs_in_memory_max: 10_000,
            calls_max: 256,
            call_deadline_ms: 60_000,
            worker_lease_ms: 8_000,
            poll_ms: 500,
            kept_days: 90,
            restate: RestateSettings::default(),
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
