//! What an operator may change.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::engine::EngineSettings;
use crate::follow_up::{FailureSettings, SuccessTagSettings};
use crate::inbox::{InboxSettings, RetentionSettings, SourceSettings};
use crate::library::RetrySettings;
use crate::reconciler::ReconciliationSettings;
use crate::scheduler::ScheduleSettings;

/// Every setting of this server with its default, and the manual.
pub(crate) const DEFAULT_CONFIG: &str = include_str!("../config.default.toml");

/// `[orchestrator]`: how events come in and workflows run.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    pub inbox: InboxSettings,
    /// The senders of webhooks.
    pub sources: Vec<SourceSettings>,
    pub retention: RetentionSettings,
    pub engine: EngineSettings,
    pub retry: RetrySettings,
    pub schedules: ScheduleSettings,
    pub failures: FailureSettings,
    pub success_tag: SuccessTagSettings,
    pub reconciliation: ReconciliationSettings,
}
