//! Makes the draft of an email campaign, or changes the draft of this name; sends nothing.

use common::clock::UnixMillis;
use common::error::{Error, ErrorCode, Result};
use common::tool::{Access, Call, ReadBack, Tool};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::answer::email::CampaignAnswer;
use crate::answer::{LocationAnswer, line};
use crate::client::{CampaignWrite, Site, reversals};
use crate::deps::Deps;
use crate::email_campaign::EmailCampaign;
use crate::email_template::EmailBody;
use crate::journal::{Change, ChangeId, Undo};
use crate::read_back::is_since;
use crate::tools::toolset;

pub(crate) struct SaveEmailCampaign;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Name or id.
    location: Option<String>,
    /// Name or id; a new name makes one.
    #[schemars(length(min = 1, max = 200))]
    name: String,
    /// What it says; one of this, `text` and `template`, for a new one.
    #[schemars(length(max = 500_000))]
    html: Option<String>,
    /// Plain text.
    #[schemars(length(max = 500_000))]
    text: Option<String>,
    /// Email template name or id, for a new one.
    template: Option<String>,
    /// New name.
    #[schemars(length(min = 1, max = 200))]
    rename_to: Option<String>,
    /// Who makes it: user name, email or id.
    user: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    /// Where it is.
    location: LocationAnswer,
    /// As it is after the call; `schedule_email_campaign` sends it.
    campaign: CampaignAnswer,
    /// False if it was there already.
    created: bool,
    /// For `undo_change`.
    #[serde(skip_serializing_if = "Option::is_none")]
    change_id: Option<ChangeId>,
}

impl Tool for SaveEmailCampaign {
    type Deps = Deps;
    type Args = Args;
    type Output = Output;

    const NAME: &'static str = "save_email_campaign";
    const TITLE: &'static str = "Save email campaign";
    const DESCRIPTION: &'static str =
        "Create or change an email campaign draft; sends nothing. Subject and recipients are set when scheduling.";
    const ACCESS: Access = Access::Write;
    const TOOLSET: &'static str = toolset::CONTENT;

    async fn call(deps: &Deps, call: &Call, args: Args) -> Result<Output> {
        let mut write = parse(&args)?;
        let site = deps.directory.site(call, args.location.as_deref()).await?;
        if let Some(campaign) = deps.directory.email_campaign_exactly(&site, args.name.trim()).await? {
            let says_else = write.body.is_some();
            let changed = change(deps, &site, &campaign, &args, write).await?;
            let undo = match reversals::campaign_renaming(&site.location.id, &campaign, &changed.name) {
                _ if says_else => Err(reversals::FORMER_BODY),
                Some(undo) => Ok(vec![undo]),
                None => return Ok(output(&site, &changed, false)),
            };
            let change_id = note(deps, call, &site, ("changed", &changed), undo).await;
            return Ok(Output { change_id, ..output(&site, &changed, false) });
        }
        if args.rename_to.is_some() {
            return Err(Error::new(ErrorCode::NotFound, "no email campaign of exactly this name")
                .with_hint("call `list_email_campaigns`, or leave `rename_to` out to make a new one"));
        }
        if write.body.is_none() && args.template.is_none() {
            let expected = "what it says, or a `template`: no draft of this name is there, and a new one needs it";
            return Err(Error::invalid_argument("html", "is missing", expected, Some("\"<p>Hello</p>\"")));
        }
        let Some(timezone) = site.location.timezone.clone() else {
            return Err(Error::new(ErrorCode::FailedPrecondition, "the location's time zone is not known")
                .with_hint("set it in GoHighLevel: Settings, Business Profile"));
        };
        write.name = Some(args.name.trim().to_owned());
        write.user_id = Some(deps.directory.acting_user(&site, args.user.as_deref()).await?);
        if let Some(text) = &args.template {
            write.template_id = Some(deps.directory.email_template(&site, text).await?.id);
        }
        let made = deps.client.create_email_campaign(&site, &write, &timezone).await?;
        let undo = reversals::campaign_creation(&site.location.id, &made);
        let change_id = note(deps, call, &site, ("made", &made), Ok(vec![undo])).await;
        Ok(Output { change_id, ..output(&site, &made, true) })
    }

    /// A draft of this name that was changed since then was written by the call.
    async fn read_back(deps: &Deps, call: &Call, args: &Args, since_ms: UnixMillis) -> Result<ReadBack<Output>> {
        let site = deps.directory.site(call, args.location.as_deref()).await?;
        let name = args.rename_to.as_deref().unwrap_or(&args.name);
        let found = deps.directory.email_campaign_exactly(&site, name.trim()).await?;
        let is_new = |one: &EmailCampaign| is_since(one.updated_at.as_deref(), since_ms);
        Ok(found.filter(is_new).map_or(ReadBack::NotDone, |one| ReadBack::Done(output(&site, &one, true))))
    }
}

async fn note(
    deps: &Deps,
    call: &Call,
    site: &Site,
    (done, campaign): (&str, &EmailCampaign),
    undo: Undo,
) -> Option<ChangeId> {
    let summary = format!("{done} the draft {}", line(&campaign.name));
    let change = Change::of(SaveEmailCampaign::NAME, summary, ("email campaign", campaign.id.to_string()), undo);
    deps.journal.note(call, site, change).await
}

async fn change(
    deps: &Deps,
    site: &Site,
    campaign: &EmailCampaign,
    args: &Args,
    mut write: CampaignWrite,
) -> Result<EmailCampaign> {
    if !campaign.is_draft() {
        return Err(Error::new(ErrorCode::FailedPrecondition, "only a draft can be changed")
            .with_hint("save under another `name`, or take it back in GoHighLevel first"));
    }
    if args.template.is_some() {
        let expected = "`html` or `text`: GoHighLevel takes a template for new campaigns only";
        return Err(Error::invalid_argument("template", "was given for a draft that is there", expected, None));
    }
    write.name = args.rename_to.as_deref().map(|name| name.trim().to_owned());
    if write.name.is_none() && write.body.is_none() {
        let expected = "what is to change: `html`, `text` or `rename_to`";
        return Err(Error::invalid_argument("html", "is missing", expected, None));
    }
    if args.user.is_some() {
        write.user_id = Some(deps.directory.acting_user(site, args.user.as_deref()).await?);
    }
    deps.client.update_email_campaign(site, &campaign.id, &write).await
}

/// Reads what needs no look-up.
fn parse(args: &Args) -> Result<CampaignWrite> {
    if args.name.trim().is_empty() || args.rename_to.as_ref().is_some_and(|name| name.trim().is_empty()) {
        return Err(Error::invalid_argument("name", "is blank", "a name", Some("\"December newsletter\"")));
    }
    let body = EmailBody::parse(args.html.as_deref(), args.text.as_deref())?;
    if body.is_some() && args.template.is_some() {
        let problem = "was given together with what the email says";
        return Err(Error::invalid_argument("template", problem, "one of the two", None));
    }
    Ok(CampaignWrite { body, ..CampaignWrite::default() })
}

fn output(site: &Site, campaign: &EmailCampaign, created: bool) -> Output {
    Output { location: LocationAnswer::of(site), campaign: CampaignAnswer::of(campaign), created, change_id: None }
}
