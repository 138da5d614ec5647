//! Workflows and campaigns on the wire.

use serde::{Deserialize, Serialize};

use super::{Instant, rfc3339, said};
use crate::automation::{Automation, AutomationKind};
use crate::record_id::RecordId;

#[derive(Debug, Deserialize)]
pub(in crate::client) struct Workflows {
    #[serde(default)]
    pub(in crate::client) workflows: Vec<Read>,
}

#[derive(Debug, Deserialize)]
pub(in crate::client) struct Campaigns {
    #[serde(default)]
    pub(in crate::client) campaigns: Vec<Read>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::client) struct Read {
    id: Option<RecordId>,
    name: Option<String>,
    status: Option<String>,
    updated_at: Option<Instant>,
}

impl Read {
    /// Our automation; `None` without an id or a name.
    pub(in crate::client) fn into_automation(self, kind: AutomationKind) -> Option<Automation> {
        Some(Automation {
            kind,
            id: self.id?,
            name: said(self.name)?,
            status: said(self.status),
            updated_at: rfc3339(self.updated_at),
        })
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::client) struct Enrol<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::client) event_start_time: Option<&'a str>,
}
