//! Emails to many on the wire.

use serde::{Deserialize, Serialize};

use super::{Instant, rfc3339, said};
use crate::email_campaign::{CampaignKind, CampaignStats, EmailCampaign, Step};
use crate::record_id::RecordId;

#[derive(Debug, Deserialize)]
pub(in crate::client) struct Many {
    #[serde(default)]
    pub(in crate::client) campaigns: Vec<Read>,
    pub(in crate::client) total: Option<u64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(in crate::client) struct Read {
    id: Option<RecordId>,
    name: Option<String>,
    status: Option<String>,
    source_id: Option<RecordId>,
    created_at: Option<Instant>,
    updated_at: Option<Instant>,
    completed_at: Option<Instant>,
    subject: Option<String>,
    from_name: Option<String>,
    from_email: Option<String>,
    preview_text: Option<String>,
    sub_sources: Vec<ReadStep>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ReadStep {
    id: Option<RecordId>,
    name: Option<String>,
    subject: Option<String>,
}

impl Read {
    /// Our campaign; `None` without an id.
    pub(in crate::client) fn into_campaign(self, kind: CampaignKind) -> Option<EmailCampaign> {
        Some(EmailCampaign {
            kind,
            id: self.id?,
            name: said(self.name).unwrap_or_default(),
            status: said(self.status),
            source_id: self.source_id,
            created_at: rfc3339(self.created_at),
            updated_at: rfc3339(self.updated_at),
            completed_at: rfc3339(self.completed_at),
            subject: said(self.subject),
            from_name: said(self.from_name),
            from_email: said(self.from_email),
            preview_text: said(self.preview_text),
            steps: self.sub_sources.into_iter().filter_map(ReadStep::into_step).collect(),
        })
    }
}

impl ReadStep {
    fn into_step(self) -> Option<Step> {
        Some(Step { id: self.id?, name: said(self.name).unwrap_or_default(), subject: said(self.subject) })
    }
}

#[derive(Debug, Deserialize)]
pub(in crate::client) struct ReadStats {
    #[serde(default)]
    stats: Figures,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Figures {
    sent: f64,
    delivered: f64,
    opened: f64,
    clicked: f64,
    replied: f64,
    permanent_fail: f64,
    temporary_fail: f64,
    unsubscribed: f64,
    complained: f64,
    failed: f64,
    rejected: f64,
    open_rate: f64,
    click_rate: f64,
    reply_rate: f64,
    bounce_rate: f64,
    unsubscribe_rate: f64,
    complaint_rate: f64,
}

impl ReadStats {
    pub(in crate::client) fn into_stats(self) -> CampaignStats {
        let figures = self.stats;
        CampaignStats {
            sent: figures.sent,
            delivered: figures.delivered,
            opened: figures.opened,
            clicked: figures.clicked,
            replied: figures.replied,
            bounced: figures.permanent_fail + figures.temporary_fail,
            unsubscribed: figures.unsubscribed,
            complained: figures.complained,
            failed: figures.failed + figures.rejected,
            open_rate: figures.open_rate,
            click_rate: figures.click_rate,
            reply_rate: figures.reply_rate,
            bounce_rate: figures.bounce_rate,
            unsubscribe_rate: figures.unsubscribe_rate,
            complaint_rate: figures.complaint_rate,
        }
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::client) struct Write<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::client) name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::client) editor_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::client) editor_content: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::client) template_id: Option<&'a RecordId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::client) time_zone: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::client) user_id: Option<&'a RecordId>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::client) struct Order<'a> {
    pub(in crate::client) schedule_type: &'static str,
    pub(in crate::client) time_zone: &'a str,
    pub(in crate::client) user_id: &'a RecordId,
    pub(in crate::client) email_meta: EmailMeta<'a>,
    pub(in crate::client) recipients: Recipients<'a>,
    pub(in crate::client) schedule_config: ScheduleConfig<'a>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::client) struct EmailMeta<'a> {
    pub(in crate::client) subject: &'a str,
    pub(in crate::client) from_name: &'a str,
    pub(in crate::client) from_email: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::client) preview_text: Option<&'a str>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::client) struct Recipients<'a> {
    #[serde(rename = "type")]
    pub(in crate::client) kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::client) contact_ids: Option<&'a [RecordId]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::client) tag_ids: Option<&'a [RecordId]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::client) segment: Option<&'static str>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::client) struct ScheduleConfig<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::client) send_at: Option<&'a str>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::client) struct Scheduled {
    pub(in crate::client) source_id: Option<RecordId>,
}
