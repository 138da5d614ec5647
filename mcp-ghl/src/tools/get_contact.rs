//! One contact with its custom fields, consent, notes and opportunities.

use common::error::Result;
use common::tool::{Access, Call, Tool};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::answer::contact::{ContactDetails, NoteAnswer};
use crate::answer::opportunity::OpportunityRow;
use crate::answer::{LocationAnswer, contact_link};
use crate::client::{OpportunityQuery, Site};
use crate::contact::Contact;
use crate::deps::Deps;
use crate::references;
use crate::tools::toolset;
use crate::user::User;

pub(crate) struct GetContact;

/// Most opportunities of one contact shown.
const OPPORTUNITIES_MAX: u32 = 10;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Name or id.
    location: Option<String>,
    /// Id, email, phone or name.
    contact: String,
    /// What comes along; default both.
    #[serde(default = "everything")]
    include: Vec<Include>,
    /// Newest notes shown.
    #[serde(default = "default_notes")]
    #[schemars(range(min = 1, max = 50))]
    notes_limit: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Include {
    Notes,
    Opportunities,
}

fn everything() -> Vec<Include> {
    vec![Include::Notes, Include::Opportunities]
}

const fn default_notes() -> u32 {
    5
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    /// Where it is.
    location: LocationAnswer,
    /// The contact.
    contact: ContactDetails,
    /// Newest first.
    #[serde(skip_serializing_if = "Option::is_none")]
    notes: Option<Vec<NoteAnswer>>,
    /// How many notes there are.
    #[serde(skip_serializing_if = "Option::is_none")]
    notes_total: Option<usize>,
    /// Newest first, at most 10.
    #[serde(skip_serializing_if = "Option::is_none")]
    opportunities: Option<Vec<OpportunityRow>>,
    /// Where a person sees it.
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<String>,
}

impl Tool for GetContact {
    type Deps = Deps;
    type Args = Args;
    type Output = Output;

    const NAME: &'static str = "get_contact";
    const TITLE: &'static str = "Get contact";
    const DESCRIPTION: &'static str = "One contact in full: details, tags, consent (do not disturb), custom fields, latest notes, opportunities, link.";
    const ACCESS: Access = Access::Read;
    const TOOLSET: &'static str = toolset::CONTACTS;

    async fn call(deps: &Deps, call: &Call, args: Args) -> Result<Output> {
        let site = deps.directory.site(call, args.location.as_deref()).await?;
        let contact = references::contact(deps, &site, &args.contact).await?;
        let (users, fields, notes) =
            tokio::try_join!(deps.directory.users(&site), deps.directory.custom_fields(&site), async {
                if args.include.contains(&Include::Notes) {
                    deps.client.notes(&site, &contact.id).await.map(Some)
                } else {
                    Ok(None)
                }
            },)?;
        let users = (*users).as_deref();
        let opportunities = if args.include.contains(&Include::Opportunities) {
            Some(opportunities(deps, &site, &contact, users).await?)
        } else {
            None
        };
        let limit = usize::try_from(args.notes_limit).unwrap_or(usize::MAX);
        Ok(Output {
            location: LocationAnswer::of(&site),
            contact: ContactDetails::of(&contact, users, &fields),
            notes_total: notes.as_ref().map(Vec::len),
            notes: notes.map(|notes| notes.iter().take(limit).map(|note| NoteAnswer::of(note, users)).collect()),
            opportunities,
            link: contact_link(&site, &contact.id),
        })
    }
}

async fn opportunities(
    deps: &Deps,
    site: &Site,
    contact: &Contact,
    users: Option<&[User]>,
) -> Result<Vec<OpportunityRow>> {
    let query = OpportunityQuery { contact_id: Some(contact.id.clone()), ..OpportunityQuery::default() };
    let (slice, pipelines) = tokio::try_join!(
        deps.client.search_opportunities(site, &query, None, OPPORTUNITIES_MAX),
        deps.directory.pipelines(site),
    )?;
    Ok(slice.records.iter().map(|opportunity| OpportunityRow::of(opportunity, &pipelines, users)).collect())
}
