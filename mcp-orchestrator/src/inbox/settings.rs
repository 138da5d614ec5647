//! `[orchestrator.inbox]` and `[orchestrator.retention]`.

use std::time::Duration;

use common::error::{Error, ErrorCode, Result};
use schemars::JsonSchema;
use serde::Deserialize;

/// `[orchestrator.inbox]`: how much is taken in at once.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct InboxSettings {
    /// Largest event, in bytes.
    pub body_bytes_max: usize,
    /// Most webhooks in hand at once; more are told to come again (429). Times the largest event, this bounds memory.
    pub concurrency_max: usize,
    /// How long a sender may take to send an event's body, in milliseconds. Until it is there it takes none of the room.
    pub body_ms: u64,
    /// How long a sender waits for an answer at most, in milliseconds: then it is told to come again. Slack gives up after
    /// 3 seconds.
    pub answer_ms: u64,
    /// When a sender that was told to come again may do so, in seconds.
    pub retry_after_s: u64,
    /// Most events in one commit.
    pub batch_max: usize,
    /// Most events that wait for a commit; more are told to come again.
    pub queue_max: usize,
    /// How often events that other processes have stored are looked for, in milliseconds.
    pub poll_ms: u64,
    /// Most events on their way to workflows at once.
    pub routed_at_once_max: usize,
    /// How often routing an event is tried before it counts as failed.
    pub attempts_max: u32,
}

impl Default for InboxSettings {
    fn default() -> Self {
        Self {
            body_bytes_max: 1024 * 1024,
            concurrency_max: 256,
            body_ms: 5_000,
            answer_ms: 2_500,
            retry_after_s: 2,
            batch_max: 256,
            queue_max: 256,
            poll_ms: 1_000,
            routed_at_once_max: 64,
            attempts_max: 20,
        }
    }
}

impl InboxSettings {
    pub(crate) fn body_patience(&self) -> Duration {
        Duration::from_millis(self.body_ms.max(1))
    }
}

/// `[orchestrator.retention]`: how long events are kept, in days; 0 is for ever.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RetentionSettings {
    /// Those that started runs, or that runs took.
    pub routed_days: u32,
    /// Those that interested nobody.
    pub unrouted_days: u32,
    /// Those that could not be routed.
    pub failed_days: u32,
}

impl Default for RetentionSettings {
    fn default() -> Self {
        Self { routed_days: 30, unrouted_days: 14, failed_days: 90 }
    }
}

/// Senders repeat for three days at most (Stripe), and are known by what is kept.
const DAYS_MIN: u32 = 4;

impl RetentionSettings {
    /// How long every event is kept at least, in days; 0 is for ever.
    pub(crate) fn kept_days_min(&self) -> u32 {
        let all = [self.routed_days, self.unrouted_days, self.failed_days];
        all.into_iter().filter(|days| *days > 0).min().unwrap_or(0)
    }

    /// # Errors
    /// `failed_precondition` if something would be forgotten while its sender may still repeat it.
    pub(crate) fn check(&self) -> Result<()> {
        let all = [
            ("routed_days", self.routed_days),
            ("unrouted_days", self.unrouted_days),
            ("failed_days", self.failed_days),
        ];
        match all.into_iter().find(|(_, days)| (1..DAYS_MIN).contains(days)) {
            None => Ok(()),
            Some((name, _)) => {
                let message = format!("`orchestrator.retention.{name}` is shorter than senders repeat their events");
                Err(Error::new(ErrorCode::FailedPrecondition, message)
                    .with_hint(format!("keep them for at least {DAYS_MIN} days, or 0 for ever")))
            }
        }
    }
}

/// So many days; none if for ever.
pub(super) fn days(days: u32) -> Option<Duration> {
    (days > 0).then(|| Duration::from_hours(24) * days)
}
