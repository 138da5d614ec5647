//! Emails to many: which there are, and how far they are.

use common::error::{Error, Result};
use common::page::Page;
use common::tool::{Access, Call, Tool};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::answer::LocationAnswer;
use crate::answer::email::CampaignAnswer;
use crate::client::CampaignQuery;
use crate::cursor::Question;
use crate::deps::Deps;
use crate::email_campaign::CampaignKind;
use crate::tools::toolset;

pub(crate) struct ListEmailCampaigns;

#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Name or id.
    location: Option<String>,
    /// Campaigns, workflows with emails, or bulk emails.
    #[serde(default)]
    kind: CampaignKind,
    /// Words in the name.
    #[schemars(length(min = 1, max = 75))]
    query: Option<String>,
    /// Workflows know only draft and published.
    status: Option<Status>,
    /// Rows per page.
    #[serde(default = "default_limit")]
    #[schemars(range(min = 1, max = 20))]
    limit: u32,
    /// From `next_cursor`.
    cursor: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Status {
    Draft,
    Scheduled,
    Processing,
    Paused,
    Sent,
    Published,
    Failed,
    Cancelled,
    Archived,
}

const fn default_limit() -> u32 {
    20
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    /// Where it is.
    location: LocationAnswer,
    #[serde(flatten)]
    page: Page<CampaignAnswer>,
    /// How many match in all.
    #[serde(skip_serializing_if = "Option::is_none")]
    total: Option<u64>,
}

impl Tool for ListEmailCampaigns {
    type Deps = Deps;
    type Args = Args;
    type Output = Output;

    const NAME: &'static str = "list_email_campaigns";
    const TITLE: &'static str = "List email campaigns";
    const DESCRIPTION: &'static str =
        "Emails to many with status, newest first: campaigns, workflow emails or bulk emails.";
    const ACCESS: Access = Access::Read;
    const TOOLSET: &'static str = toolset::CONTENT;

    async fn call(deps: &Deps, call: &Call, mut args: Args) -> Result<Output> {
        let cursor = args.cursor.take();
        let status = args.status.map(|status| status.asked(args.kind)).transpose()?;
        let site = deps.directory.site(call, args.location.as_deref()).await?;
        let question = Question::of(&(Self::NAME, call.tenant(), &site.location.id, &args))?;
        let position = cursor.map(|cursor| question.position(&cursor)).transpose()?;
        let query = CampaignQuery { kind: args.kind, text: args.query.as_deref(), status };
        let slice = deps.client.email_campaigns(&site, &query, position.as_ref(), args.limit).await?;
        let items = slice.records.iter().map(CampaignAnswer::of).collect();
        let next_cursor = slice.next.map(|position| question.cursor(position)).transpose()?;
        Ok(Output { location: LocationAnswer::of(&site), page: Page { items, next_cursor }, total: slice.total })
    }
}

impl Status {
    /// The vendor's word for it (specification of each list's `status`).
    fn asked(self, kind: CampaignKind) -> Result<&'static str> {
        use CampaignKind::{Bulk, Email, Workflow};
        match (kind, self) {
            (Email | Workflow, Self::Draft) => Ok("draft"),
            (Workflow, Self::Published) => Ok("published"),
            (Email | Bulk, Self::Scheduled) => Ok("scheduled"),
            (Email | Bulk, Self::Processing) => Ok("processing"),
            (Email | Bulk, Self::Paused) => Ok("paused"),
            (Email | Bulk, Self::Cancelled) => Ok("cancelled"),
            (Email, Self::Sent) => Ok("sent"),
            (Bulk, Self::Sent) => Ok("complete"),
            (Email, Self::Failed) => Ok("failed"),
            (Email, Self::Archived) => Ok("archived"),
            (Email, Self::Published)
            | (Bulk, Self::Draft | Self::Published | Self::Failed | Self::Archived)
            | (
                Workflow,
                Self::Scheduled
                | Self::Processing
                | Self::Paused
                | Self::Sent
                | Self::Failed
                | Self::Cancelled
                | Self::Archived,
            ) => {
                let expected = match kind {
                    Email => "any but published",
                    Workflow => "draft or published",
                    Bulk => "scheduled, processing, paused, sent or cancelled",
                };
                Err(Error::invalid_argument("status", format!("is none of a {}", kind.noun()), expected, None))
            }
        }
    }
}
