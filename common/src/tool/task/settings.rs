//! `[tasks]`: bounds of long work.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[tasks]`: calls of long tools that outlive their request.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TaskSettings {
    /// Longest time a task may work, in milliseconds.
    pub deadline_ms: u64,
    /// How long a task can be asked for after it was created, in milliseconds. At least the deadline.
    pub ttl_ms: u64,
    /// How often clients should ask, in milliseconds. At least 1.
    pub poll_interval_ms: u64,
    /// Most tasks of one caller that work at once in this process.
    pub running_per_caller_max: usize,
    /// Most tasks that work at once in this process.
    pub running_max: usize,
    /// Most tasks of one caller that are kept, ended ones included.
    pub kept_per_caller_max: u32,
    /// How often this process says that it still works, and looks for what others want of it, in milliseconds. At least 50.
    pub heartbeat_ms: u64,
    /// After how long without such a sign a task counts as interrupted, in milliseconds. At least three heartbeats.
    pub lost_after_ms: u64,
}

impl Default for TaskSettings {
    fn default() -> Self {
        Self {
            deadline_ms: 3_600_000,
            ttl_ms: 86_400_000,
            poll_interval_ms: 1_000,
            running_per_caller_max: 16,
            running_max: 256,
            kept_per_caller_max: 1_000,
            heartbeat_ms: 5_000,
            lost_after_ms: 20_000,
        }
    }
}

impl TaskSettings {
    pub(super) fn deadline(&self) -> Duration {
        Duration::from_millis(self.deadline_ms)
    }

    pub(super) fn heartbeat(&self) -> Duration {
        Duration::from_millis(self.heartbeat_ms.max(50))
    }

    /// A task never expires while it may still work.
    pub(super) fn ttl_ms(&self) -> i64 {
        i64::try_from(self.ttl_ms.max(self.deadline_ms)).unwrap_or(i64::MAX / 2)
    }

    pub(super) fn poll_interval_ms(&self) -> i64 {
        i64::try_from(self.poll_interval_ms.max(1)).unwrap_or(i64::MAX)
    }

    pub(super) fn lost_after_ms(&self) -> i64 {
        let three_heartbeats = self.heartbeat().as_millis().saturating_mul(3);
        i64::try_from(three_heartbeats.max(self.lost_after_ms.into())).unwrap_or(i64::MAX / 2)
    }
}
