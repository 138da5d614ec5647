//! Finds a contact's open deal in a pipeline and updates it, or creates one; says which.

mod save;

use common::error::{Error, Result};
use common::tool::{Access, Call, Tool};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::answer::opportunity::OpportunityRow;
use crate::answer::{LocationAnswer, contact_link, contact_uri, line, opportunity_link};
use crate::client::Site;
use crate::contact::Contact;
use crate::deps::Deps;
use crate::journal::{Change, ChangeId};
use crate::opportunity::upsert::OpportunityWrite;
use crate::opportunity::{Opportunity, Status};
use crate::pipeline::Pipeline;
use crate::references;
use crate::tools::toolset;
use save::{Saved, save};

pub(crate) struct UpsertOpportunity;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Name or id.
    location: Option<String>,
    /// Id, email, phone or name.
    contact: String,
    /// Name or id; may be left out if there is one.
    pipeline: Option<String>,
    /// Name or id; a new deal begins in the first.
    stage: Option<String>,
    /// Of the deal; default the contact's name.
    #[schemars(length(min = 1, max = 200))]
    name: Option<String>,
    /// In the location's currency.
    #[schemars(range(min = 0))]
    value: Option<f64>,
    /// How the deal stands.
    status: Option<Status>,
    /// Why it was lost: name or id.
    lost_reason: Option<String>,
    /// User name, email or id.
    owner: Option<String>,
    /// Id or name of the deal meant, if there are several or it is closed.
    opportunity: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    /// Where it is.
    location: LocationAnswer,
    /// As it is after the call.
    opportunity: OpportunityRow,
    /// False if it was there already.
    created: bool,
    /// Which arguments changed an existing deal.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    changed: Vec<&'static str>,
    /// Where a person sees the deal.
    #[serde(skip_serializing_if = "Option::is_none")]
    opportunity_link: Option<String>,
    /// Where a person sees the contact.
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<String>,
    /// For `undo_change`.
    #[serde(skip_serializing_if = "Option::is_none")]
    change_id: Option<ChangeId>,
}

impl Tool for UpsertOpportunity {
    type Deps = Deps;
    type Args = Args;
    type Output = Output;

    const NAME: &'static str = "upsert_opportunity";
    const TITLE: &'static str = "Find or create opportunity";
    const DESCRIPTION: &'static str = "Create a contact's deal in a pipeline, or update the open one there. Says which; never changes a closed deal unless named.";
    const ACCESS: Access = Access::Write;
    const TOOLSET: &'static str = toolset::PIPELINE;
    const IS_IDEMPOTENT: bool = true;

    async fn call(deps: &Deps, call: &Call, args: Args) -> Result<Output> {
        if args.name.as_ref().is_some_and(|name| name.trim().is_empty()) {
            return Err(Error::invalid_argument("name", "is blank", "what the deal is called", Some("\"New roof\"")));
        }
        let site = deps.directory.site(call, args.location.as_deref()).await?;
        let pipelines = deps.directory.pipelines(&site).await?;
        let contact = references::contact(deps, &site, &args.contact).await?;
        let named = named(deps, &site, &contact, &args).await?;
        let pipeline = pipeline(&pipelines, named.as_ref(), &args)?;
        let write = write(deps, &site, (pipeline, named.as_ref()), &args).await?;
        let saved = save(deps, (&site, &contact, pipeline), named, write).await?;
        let change_id = note(deps, call, &site, (&contact, &saved)).await;
        let users = deps.directory.users_naming(&site, [saved.opportunity.owner_id.as_ref()].into_iter()).await?;
        Ok(Output {
            location: LocationAnswer::of(&site),
            opportunity: OpportunityRow::of(&saved.opportunity, &pipelines, (*users).as_deref()),
            created: saved.created,
            changed: saved.changed,
            opportunity_link: opportunity_link(&site, &saved.opportunity.id),
            link: contact_link(&site, &contact.id),
            change_id,
        })
    }
}

/// Notes what was written, if anything was, and tells the contact's followers.
async fn note(deps: &Deps, call: &Call, site: &Site, (contact, saved): (&Contact, &Saved)) -> Option<ChangeId> {
    let Saved { opportunity, created, changed, undo } = saved;
    if !created && changed.is_empty() {
        return None;
    }
    deps.changes.announce(call.tenant(), contact_uri(site, &contact.id));
    let name = opportunity.name.as_deref().map_or_else(|| opportunity.id.to_string(), line);
    let who = line(contact.label());
    let change = Change {
        tool: UpsertOpportunity::NAME,
        summary: if *created {
            format!("created the deal “{name}” of {who}")
        } else {
            format!("changed {} of the deal “{name}” of {who}", changed.join(", "))
        },
        record: ("opportunity".into(), opportunity.id.to_string()),
        contact: Some(contact.id.clone()),
        undo: undo.clone(),
    };
    deps.journal.note(call, site, change).await
}

/// The deal that `opportunity` means, which must be the contact's.
async fn named(deps: &Deps, site: &Site, contact: &Contact, args: &Args) -> Result<Option<Opportunity>> {
    let Some(text) = &args.opportunity else { return Ok(None) };
    let opportunity = references::opportunity(deps, site, text).await?;
    if opportunity.contact_id.as_deref() != Some(contact.id.as_str()) {
        let expected = "a deal of this contact; `search_opportunities` lists them";
        return Err(Error::invalid_argument("opportunity", "belongs to another contact", expected, None));
    }
    Ok(Some(opportunity))
}

fn pipeline<'all>(pipelines: &'all [Pipeline], named: Option<&Opportunity>, args: &Args) -> Result<&'all Pipeline> {
    let Some(opportunity) = named else { return references::pipeline(pipelines, args.pipeline.as_deref()) };
    let own = references::pipeline(pipelines, Some(&opportunity.pipeline_id))?;
    match &args.pipeline {
        Some(text) if references::pipeline(pipelines, Some(text))?.id != own.id => {
            let expected = "the pipeline of the deal, or nothing; `move_opportunity` takes it to another one";
            Err(Error::invalid_argument("pipeline", "is not the one that the deal is in", expected, None))
        }
        Some(_) | None => Ok(own),
    }
}

async fn write(
    deps: &Deps,
    site: &Site,
    (pipeline, named): (&Pipeline, Option<&Opportunity>),
    args: &Args,
) -> Result<OpportunityWrite> {
    let status = args.status.or(named.and_then(|deal| deal.status));
    let reason = references::lost_reason(deps, site, args.lost_reason.as_deref(), status).await?;
    Ok(OpportunityWrite {
        pipeline_id: None,
        stage_id: match &args.stage {
            Some(text) => Some(references::stage(pipeline, text)?.id.clone()),
            None => None,
        },
        name: args.name.as_deref().map(|name| name.trim().to_owned()),
        value: args.value,
        status: args.status,
        lost_reason_id: reason.map(|reason| reason.id),
        owner_id: match &args.owner {
            Some(text) => Some(deps.directory.owner(site, text).await?),
            None => None,
        },
    })
}
