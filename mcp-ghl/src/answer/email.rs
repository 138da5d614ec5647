//! What is shown of email templates and of emails to many.

use common::tool::one_line;
use schemars::JsonSchema;
use serde::Serialize;

use super::line;
use crate::email_campaign::{CampaignKind, EmailCampaign};
use crate::email_template::{Editor, EmailTemplate};

/// Longest address shown, in characters.
const ADDRESS_LENGTH_MAX: usize = 500;

/// An email template.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct TemplateAnswer {
    /// Opaque id.
    pub(crate) id: String,
    /// What people call it.
    pub(crate) name: String,
    /// How it was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) editor: Option<Editor>,
    /// Subject line; absent in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) subject: Option<String>,
    /// RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) updated_at: Option<String>,
    /// Where a person sees what it looks like.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) preview_url: Option<String>,
}

impl TemplateAnswer {
    pub(crate) fn of(template: &EmailTemplate) -> Self {
        Self {
            id: template.id.to_string(),
            name: line(&template.name),
            editor: template.editor,
            subject: template.subject.as_deref().map(line),
            updated_at: template.updated_at.clone(),
            preview_url: template.preview.as_deref().map(|address| one_line(address, ADDRESS_LENGTH_MAX)),
        }
    }
}

/// Emails to many.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(crate) struct CampaignAnswer {
    /// Opaque id.
    pub(crate) id: String,
    /// What people call it.
    pub(crate) name: String,
    /// What sends the emails.
    pub(crate) kind: CampaignKind,
    /// How far it is: draft, scheduled, sent and so on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) status: Option<String>,
    /// RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) created_at: Option<String>,
    /// RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) updated_at: Option<String>,
    /// RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) completed_at: Option<String>,
}

impl CampaignAnswer {
    pub(crate) fn of(campaign: &EmailCampaign) -> Self {
        Self {
            id: campaign.id.to_string(),
            name: line(&campaign.name),
            kind: campaign.kind,
            status: campaign.status.as_deref().map(line),
            created_at: campaign.created_at.clone(),
            updated_at: campaign.updated_at.clone(),
            completed_at: campaign.completed_at.clone(),
        }
    }
}
