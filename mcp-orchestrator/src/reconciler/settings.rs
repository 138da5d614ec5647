//! `[orchestrator.reconciliation]`.

use common::error::Result;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::schedule::Beat;

/// What is done about gaps that are found at night.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RepairMode {
    /// They are reported; `reconcile` repairs them after a yes.
    #[default]
    Propose,
    /// They are repaired at once.
    Make,
}

/// `[orchestrator.reconciliation]`: the CRM compared with our events and runs.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ReconciliationSettings {
    /// Whether it happens by itself, for tenants with a source of the kind `gohighlevel` and a workflow that events start:
    /// it acts for whoever published that. By itself it only reads.
    pub nightly: bool,
    /// When, as five fields of cron.
    pub cron: String,
    /// The zone that this is in, an IANA name.
    pub zone: String,
    /// The CRM's locations that are compared, names or ids; none: the one that it has by default.
    pub locations: Vec<String>,
    /// `propose` or `make`.
    pub repair: RepairMode,
    /// What is younger than this many minutes is not looked at: it may be on its way.
    pub settled_min: u32,
    /// The server that shows contacts, by its tool `search_contacts`.
    pub server: String,
    /// Most gaps that a report lists; more are remarked upon.
    pub gaps_max: usize,
}

impl Default for ReconciliationSettings {
    fn default() -> Self {
        Self {
            nightly: true,
            cron: "0 3 * * *".to_owned(),
            zone: "UTC".to_owned(),
            locations: Vec::new(),
            repair: RepairMode::Propose,
            settled_min: 120,
            server: "ghl".to_owned(),
            gaps_max: 10_000,
        }
    }
}

impl ReconciliationSettings {
    /// # Errors
    /// `failed_precondition` if its times are none.
    pub(crate) fn check(&self) -> Result<()> {
        Beat::cron(&self.cron, Some(&self.zone)).map(drop)
    }

    pub(super) fn settled_ms(&self) -> i64 {
        i64::from(self.settled_min) * 60_000
    }
}
