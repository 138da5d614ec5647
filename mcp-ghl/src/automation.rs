//! Automations: the workflows and campaigns that contacts are put into.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::record_id::RecordId;

/// Which of the two an automation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AutomationKind {
    Workflow,
    Campaign,
}

impl AutomationKind {
    /// `workflow` or `campaign`.
    #[must_use]
    pub const fn noun(self) -> &'static str {
        match self {
            Self::Workflow => "workflow",
            Self::Campaign => "campaign",
        }
    }
}

/// A workflow or a campaign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Automation {
    pub kind: AutomationKind,
    pub id: RecordId,
    pub name: String,
    /// `published` or `draft`, in the vendor's words; absent where it does not say.
    pub status: Option<String>,
    /// RFC 3339.
    pub updated_at: Option<String>,
}

impl Automation {
    /// Whether it does nothing for whoever is put into it.
    #[must_use]
    pub fn is_draft(&self) -> bool {
        self.status.as_deref() == Some("draft")
    }
}
