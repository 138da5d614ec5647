//! `[orchestrator.failures]` and `[orchestrator.success_tag]`.

use common::clock::UnixMillis;
use schemars::JsonSchema;
use serde::Deserialize;

/// `[orchestrator.failures]`: what is kept of failures, and who hears of them.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct FailureSettings {
    /// How long a failure is kept after it has last happened, in days; 0 is for ever.
    pub kept_days: u32,
    /// Whether failed runs are events of the type `luminar.run.failed`, which workflows can start with.
    pub alerts: bool,
    /// One such event for each cause in this many minutes, at least 1; the others are counted.
    pub alert_every_min: u32,
}

impl Default for FailureSettings {
    fn default() -> Self {
        Self { kept_days: 90, alerts: true, alert_every_min: 60 }
    }
}

impl FailureSettings {
    pub(super) fn before_ms(&self, now_ms: UnixMillis) -> Option<UnixMillis> {
        super::days_before(now_ms, self.kept_days)
    }

    pub(super) fn alert_span_ms(&self) -> Option<i64> {
        self.alerts.then(|| i64::from(self.alert_every_min.max(1)) * 60_000)
    }
}

/// `[orchestrator.success_tag]`: a tag in the CRM for each completed run about a contact.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SuccessTagSettings {
    /// Whether it is set. Only runs that a source of the kind `gohighlevel` has started are about contacts.
    pub enabled: bool,
    /// Text with `{event_type}`, `{workflow}` and `{YYYYMMDD}`; the CRM keeps tags in lower case.
    pub template: String,
    /// The zone that the day is of, an IANA name.
    pub zone: String,
    /// The server that sets it, by its tool `set_contact_tags`.
    pub server: String,
}

impl Default for SuccessTagSettings {
    fn default() -> Self {
        Self {
            enabled: true,
            template: "n8n_success_{event_type}_{YYYYMMDD}".to_owned(),
            zone: "UTC".to_owned(),
            server: "ghl".to_owned(),
        }
    }
}
