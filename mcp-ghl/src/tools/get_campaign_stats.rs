//! What became of emails to many: sent, delivered, opened, clicked and so on.

use common::error::{Error, ErrorCode, Result};
use common::tool::{Access, Call, Tool};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::answer::email::CampaignAnswer;
use crate::answer::{LocationAnswer, RecordRef};
use crate::deps::Deps;
use crate::email_campaign::{CampaignKind, CampaignStats, Step};
use crate::names::{Wanted, find};
use crate::tools::toolset;

pub(crate) struct GetCampaignStats;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Name or id.
    location: Option<String>,
    /// Name or id.
    campaign: String,
    /// Campaign, workflow with emails, or bulk email.
    #[serde(default)]
    kind: CampaignKind,
    /// One email of a workflow: its name, subject or id.
    step: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    /// Where it is.
    location: LocationAnswer,
    /// What was sent.
    campaign: CampaignAnswer,
    /// The one email that the figures are of.
    #[serde(skip_serializing_if = "Option::is_none")]
    step: Option<RecordRef>,
    /// The emails of a workflow, for `step`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    steps: Vec<RecordRef>,
    /// Emails.
    counts: Counts,
    /// In percent, as GoHighLevel counts them.
    rates: Rates,
}

/// How many emails.
#[derive(Debug, Serialize, JsonSchema)]
struct Counts {
    /// Handed over.
    sent: f64,
    /// Arrived.
    delivered: f64,
    /// Opened.
    opened: f64,
    /// Had a link followed.
    clicked: f64,
    /// Were answered.
    replied: f64,
    /// Came back, for good or for now.
    bounced: f64,
    /// Were followed by a goodbye.
    unsubscribed: f64,
    /// Were called spam.
    complained: f64,
    /// Were never handed over.
    failed: f64,
}

/// Shares in percent.
#[derive(Debug, Serialize, JsonSchema)]
struct Rates {
    /// Opened.
    open: f64,
    /// Had a link followed.
    click: f64,
    /// Were answered.
    reply: f64,
    /// Came back.
    bounce: f64,
    /// Were followed by a goodbye.
    unsubscribe: f64,
    /// Were called spam.
    complaint: f64,
}

impl Tool for GetCampaignStats {
    type Deps = Deps;
    type Args = Args;
    type Output = Output;

    const NAME: &'static str = "get_campaign_stats";
    const TITLE: &'static str = "Get campaign stats";
    const DESCRIPTION: &'static str = "Email results of a campaign, workflow or bulk email: sent, delivered, opened, clicked, bounced, unsubscribed, rates.";
    const ACCESS: Access = Access::Read;
    const TOOLSET: &'static str = toolset::CONTENT;

    async fn call(deps: &Deps, call: &Call, args: Args) -> Result<Output> {
        if args.step.is_some() && args.kind != CampaignKind::Workflow {
            return Err(Error::invalid_argument("step", "is for workflows only", "nothing, or `kind`: workflow", None));
        }
        let site = deps.directory.site(call, args.location.as_deref()).await?;
        let campaign = deps.directory.email_campaign(&site, args.kind, &args.campaign).await?;
        let wanted =
            args.step.as_deref().map(|text| find(Wanted { noun: "step", text }, &campaign.steps)).transpose()?;
        let Some(source_id) = &campaign.source_id else {
            return Err(Error::new(ErrorCode::FailedPrecondition, "nothing has been sent yet: there are no figures")
                .with_hint("call `list_email_campaigns` with `status`: sent"));
        };
        let step_id = wanted.map(|step| &step.id);
        let stats = deps.client.campaign_stats(&site, args.kind, source_id, step_id).await?;
        let reference = |step: &Step| RecordRef::new(&step.id, &step.name);
        Ok(Output {
            location: LocationAnswer::of(&site),
            step: wanted.map(reference),
            steps: campaign.steps.iter().map(reference).collect(),
            counts: Counts::of(&stats),
            rates: Rates::of(&stats),
            campaign: CampaignAnswer::of(&campaign),
        })
    }
}

impl Counts {
    const fn of(stats: &CampaignStats) -> Self {
        Self {
            sent: stats.sent,
            delivered: stats.delivered,
            opened: stats.opened,
            clicked: stats.clicked,
            replied: stats.replied,
            bounced: stats.bounced,
            unsubscribed: stats.unsubscribed,
            complained: stats.complained,
            failed: stats.failed,
        }
    }
}

impl Rates {
    const fn of(stats: &CampaignStats) -> Self {
        Self {
            open: stats.open_rate,
            click: stats.click_rate,
            reply: stats.reply_rate,
            bounce: stats.bounce_rate,
            unsubscribe: stats.unsubscribe_rate,
            complaint: stats.complaint_rate,
        }
    }
}
