//! Emails to many: campaigns of the email builder, the emails of workflows, and bulk actions.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::record_id::RecordId;

/// What sends the emails.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CampaignKind {
    #[default]
    Email,
    Workflow,
    Bulk,
}

impl CampaignKind {
    /// `email campaign`, `workflow with emails` or `bulk email`.
    #[must_use]
    pub const fn noun(self) -> &'static str {
        match self {
            Self::Email => "email campaign",
            Self::Workflow => "workflow with emails",
            Self::Bulk => "bulk email",
        }
    }
}

/// Emails to many, sent, waiting or in the making.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmailCampaign {
    pub kind: CampaignKind,
    pub id: RecordId,
    pub name: String,
    /// In the vendor's words.
    pub status: Option<String>,
    /// What its figures are kept under; absent until it is scheduled.
    pub source_id: Option<RecordId>,
    /// RFC 3339.
    pub created_at: Option<String>,
    /// RFC 3339.
    pub updated_at: Option<String>,
    /// RFC 3339.
    pub completed_at: Option<String>,
    /// Absent in lists.
    pub subject: Option<String>,
    /// Absent in lists.
    pub from_name: Option<String>,
    /// Absent in lists.
    pub from_email: Option<String>,
    /// Absent in lists.
    pub preview_text: Option<String>,
    /// The emails of a workflow; empty in lists.
    pub steps: Vec<Step>,
}

/// One email of a workflow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    pub id: RecordId,
    pub name: String,
    pub subject: Option<String>,
}

impl EmailCampaign {
    /// Whether it can be given a time, or sent (description of the vendor's `schedule-campaign`).
    #[must_use]
    pub fn can_be_scheduled(&self) -> bool {
        matches!(self.status.as_deref(), Some("draft" | "cancelled" | "paused"))
    }

    #[must_use]
    pub fn is_draft(&self) -> bool {
        self.status.as_deref() == Some("draft")
    }
}

/// What became of the emails; rates in percent, as the vendor counts them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CampaignStats {
    pub sent: f64,
    pub delivered: f64,
    pub opened: f64,
    pub clicked: f64,
    pub replied: f64,
    /// For good and for now.
    pub bounced: f64,
    pub unsubscribed: f64,
    pub complained: f64,
    pub failed: f64,
    pub open_rate: f64,
    pub click_rate: f64,
    pub reply_rate: f64,
    pub bounce_rate: f64,
    pub unsubscribe_rate: f64,
    pub complaint_rate: f64,
}
