//! Emails to many, their schedule and their figures. v3 only.

use common::error::{Error, ErrorCode, Result};
use common::http::Repeat;
use http::Method;

use super::operation::Operation;
use super::request::Request;
use super::wire::email_campaign::{
    EmailMeta, Many, Order, Read, ReadStats, Recipients, ScheduleConfig, Scheduled, Write,
};
use super::{Client, Site, Slice};
use crate::cursor::Position;
use crate::email_campaign::{CampaignKind, CampaignStats, EmailCampaign};
use crate::email_template::EmailBody;
use crate::record_id::RecordId;

const READ: &str = "emails/campaigns.readonly";
const WRITE: &str = "emails/campaigns.write";
const STATS: &str = "emails/stats.readonly";

pub(super) static EMAILS: Operation =
    Operation::read(Method::GET, "/emails/locations/{}/campaigns/emails", READ).only_v3();
pub(super) static WORKFLOWS: Operation =
    Operation::read(Method::GET, "/emails/locations/{}/campaigns/workflows", READ).only_v3();
pub(super) static BULK: Operation =
    Operation::read(Method::GET, "/emails/locations/{}/campaigns/bulk-actions", READ).only_v3();
pub(super) static GET_EMAIL: Operation =
    Operation::read(Method::GET, "/emails/locations/{}/campaigns/emails/{}", READ).only_v3().on("email campaign");
pub(super) static GET_WORKFLOW: Operation =
    Operation::read(Method::GET, "/emails/locations/{}/campaigns/workflows/{}", READ)
        .only_v3()
        .on("workflow with emails");
pub(super) static GET_BULK: Operation =
    Operation::read(Method::GET, "/emails/locations/{}/campaigns/bulk-actions/{}", READ).only_v3().on("bulk email");
pub(super) static STATS_OF_EMAIL: Operation =
    Operation::read(Method::GET, "/emails/locations/{}/campaigns/stats/email-campaigns/{}", STATS)
        .only_v3()
        .on("email campaign");
pub(super) static STATS_OF_WORKFLOW: Operation =
    Operation::read(Method::GET, "/emails/locations/{}/campaigns/stats/workflow-campaigns/{}", STATS)
        .only_v3()
        .on("workflow with emails");
pub(super) static STATS_OF_BULK: Operation =
    Operation::read(Method::GET, "/emails/locations/{}/campaigns/stats/bulk-actions/{}", STATS)
        .only_v3()
        .on("bulk email");
// Never repeated blindly: the second one would be another draft of the same name.
pub(super) static CREATE: Operation =
    Operation::write(Method::POST, "/emails/locations/{}/campaigns/emails", WRITE, Repeat::Never).only_v3();
pub(super) static UPDATE: Operation =
    Operation::write(Method::PATCH, "/emails/locations/{}/campaigns/emails/{}", WRITE, Repeat::Idempotent)
        .only_v3()
        .on("email campaign");
pub(super) static SCHEDULE: Operation =
    Operation::write(Method::POST, "/emails/locations/{}/campaigns/emails/{}/schedule", WRITE, Repeat::Never)
        .only_v3()
        .on("email campaign");

/// Which emails to many are looked for; everything given must hold.
#[derive(Debug, Default)]
pub(crate) struct CampaignQuery<'a> {
    pub(crate) kind: CampaignKind,
    /// Words in the name.
    pub(crate) text: Option<&'a str>,
    /// In the vendor's word for this kind.
    pub(crate) status: Option<&'static str>,
}

/// What is written to a draft; what is absent stays.
#[derive(Debug, Default)]
pub(crate) struct CampaignWrite {
    pub(crate) name: Option<String>,
    pub(crate) body: Option<EmailBody>,
    /// For a new one only, in place of a body.
    pub(crate) template_id: Option<RecordId>,
    /// Who makes it; needed for a new one.
    pub(crate) user_id: Option<RecordId>,
}

/// To whom a campaign goes.
#[derive(Debug)]
pub(crate) enum Audience {
    Contacts(Vec<RecordId>),
    Tags(Vec<RecordId>),
    /// In the vendor's word.
    Segment(&'static str),
}

/// When and how a campaign goes out.
#[derive(Debug)]
pub(crate) struct Departure {
    /// `2026-04-01 09:00 AM` by the clocks of `timezone`; at once if absent.
    pub(crate) send_at: Option<String>,
    /// IANA name.
    pub(crate) timezone: String,
    pub(crate) user_id: RecordId,
    pub(crate) subject: String,
    pub(crate) from_name: String,
    pub(crate) from_email: String,
    pub(crate) preview_text: Option<String>,
    pub(crate) audience: Audience,
}

impl Client {
    /// Emails to many, newest first; `limit` is at most 20.
    pub(crate) async fn email_campaigns(
        &self,
        site: &Site,
        query: &CampaignQuery<'_>,
        position: Option<&Position>,
        limit: u32,
    ) -> Result<Slice<EmailCampaign>> {
        let offset = Position::skipped(position)?;
        let (offset_text, limit_text) = (offset.to_string(), limit.to_string());
        let mut parameters = vec![("limit", limit_text.as_str()), ("offset", offset_text.as_str())];
        parameters.extend(query.text.map(|text| ("search", text)));
        parameters.extend(query.status.map(|status| ("status", status)));
        let operation = match query.kind {
            CampaignKind::Email => &EMAILS,
            CampaignKind::Workflow => &WORKFLOWS,
            CampaignKind::Bulk => &BULK,
        };
        let ids = [&site.location.id];
        let many: Many = self.send(&site.session, operation, &Request::of(&ids).with_query(&parameters)).await?;
        let received = many.campaigns.len();
        let records = many.campaigns.into_iter().filter_map(|read| read.into_campaign(query.kind)).collect();
        Ok(Slice::behind(offset, received, many.total, records))
    }

    /// One of them, with subject and sender; for a workflow with its emails.
    pub(crate) async fn email_campaign(&self, site: &Site, kind: CampaignKind, id: &RecordId) -> Result<EmailCampaign> {
        let operation = match kind {
            CampaignKind::Email => &GET_EMAIL,
            CampaignKind::Workflow => &GET_WORKFLOW,
            CampaignKind::Bulk => &GET_BULK,
        };
        let read: Read = self.send(&site.session, operation, &Request::of(&[&site.location.id, id])).await?;
        read.into_campaign(kind).ok_or_else(unreadable)
    }

    /// What became of the emails that a source has sent; `step_id` names one email of a workflow.
    pub(crate) async fn campaign_stats(
        &self,
        site: &Site,
        kind: CampaignKind,
        source_id: &RecordId,
        step_id: Option<&RecordId>,
    ) -> Result<CampaignStats> {
        let operation = match kind {
            CampaignKind::Email => &STATS_OF_EMAIL,
            CampaignKind::Workflow => &STATS_OF_WORKFLOW,
            CampaignKind::Bulk => &STATS_OF_BULK,
        };
        let ids = [&site.location.id, source_id];
        let query: Vec<(&'static str, &str)> = step_id.iter().map(|id| ("subSourceId", id.as_str())).collect();
        let read: ReadStats = self.send(&site.session, operation, &Request::of(&ids).with_query(&query)).await?;
        Ok(read.into_stats())
    }

    /// Makes a draft. `write` has a name, a body or template, and a user.
    pub(crate) async fn create_email_campaign(
        &self,
        site: &Site,
        write: &CampaignWrite,
        timezone: &str,
    ) -> Result<EmailCampaign> {
        // A template knows its own editor; the vendor wants one named all the same.
        let editor_type = Some(write.body.as_ref().map_or("html", EmailBody::editor));
        let body = Write { editor_type, time_zone: Some(timezone), ..write.body() };
        let ids = [&site.location.id];
        let read: Read = self.send(&site.session, &CREATE, &Request::of(&ids).with_body(&body)?).await?;
        read.into_campaign(CampaignKind::Email).ok_or_else(unreadable)
    }

    /// Changes a draft.
    pub(crate) async fn update_email_campaign(
        &self,
        site: &Site,
        id: &RecordId,
        write: &CampaignWrite,
    ) -> Result<EmailCampaign> {
        let ids = [&site.location.id, id];
        let read: Read = self.send(&site.session, &UPDATE, &Request::of(&ids).with_body(&write.body())?).await?;
        read.into_campaign(CampaignKind::Email).ok_or_else(unreadable)
    }

    /// Gives a campaign its time, or sends it at once. Returns what its figures will be kept under.
    pub(crate) async fn schedule_email_campaign(
        &self,
        site: &Site,
        id: &RecordId,
        departure: &Departure,
    ) -> Result<Option<RecordId>> {
        let ids = [&site.location.id, id];
        let request = Request::of(&ids).with_body(&departure.body())?;
        let scheduled: Scheduled = self.send(&site.session, &SCHEDULE, &request).await?;
        Ok(scheduled.source_id)
    }
}

impl CampaignWrite {
    fn body(&self) -> Write<'_> {
        Write {
            name: self.name.as_deref(),
            editor_type: self.body.as_ref().map(EmailBody::editor),
            editor_content: self.body.as_ref().map(EmailBody::as_str),
            template_id: self.template_id.as_ref(),
            time_zone: None,
            user_id: self.user_id.as_ref(),
        }
    }
}

impl Departure {
    fn body(&self) -> Order<'_> {
        let recipients = match &self.audience {
            Audience::Contacts(ids) => {
                Recipients { kind: "contact", contact_ids: Some(ids), tag_ids: None, segment: None }
            }
            Audience::Tags(ids) => Recipients { kind: "tag", contact_ids: None, tag_ids: Some(ids), segment: None },
            Audience::Segment(segment) => {
                Recipients { kind: "segment", contact_ids: None, tag_ids: None, segment: Some(segment) }
            }
        };
        Order {
            schedule_type: if self.send_at.is_some() { "scheduled" } else { "immediate" },
            time_zone: &self.timezone,
            user_id: &self.user_id,
            email_meta: EmailMeta {
                subject: &self.subject,
                from_name: &self.from_name,
                from_email: &self.from_email,
                preview_text: self.preview_text.as_deref(),
            },
            recipients,
            schedule_config: ScheduleConfig { send_at: self.send_at.as_deref() },
        }
    }
}

fn unreadable() -> Error {
    Error::new(ErrorCode::UpstreamUnavailable, "GoHighLevel's answer lacks the email campaign")
        .with_hint("call `list_email_campaigns` before repeating: it may have been written")
}
