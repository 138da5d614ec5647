//! The companies of a location, or one of them with its people.

use common::error::Result;
use common::page::Page;
use common::tool::{Access, Call, Tool};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::answer::business::BusinessRow;
use crate::answer::contact::reference;
use crate::answer::{LocationAnswer, RecordRef};
use crate::business::Detail;
use crate::cursor::Question;
use crate::deps::Deps;
use crate::names::{Wanted, find};
use crate::tools::toolset;

pub(crate) struct ListBusinesses;

#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Name or id.
    location: Option<String>,
    /// Words in name, email, website or city.
    #[schemars(length(min = 1, max = 75))]
    query: Option<String>,
    /// Name or id: this one, with its contacts.
    business: Option<String>,
    /// Rows per page.
    #[serde(default = "default_limit")]
    #[schemars(range(min = 1, max = 100))]
    limit: u32,
    /// From `next_cursor`.
    cursor: Option<String>,
}

const fn default_limit() -> u32 {
    20
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    /// Where it is.
    location: LocationAnswer,
    #[serde(flatten)]
    page: Page<BusinessRow>,
    /// How many match in all.
    total: usize,
    /// Who belongs to it, at most 100, where one was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    contacts: Option<Vec<RecordRef>>,
    /// How many belong to it in all.
    #[serde(skip_serializing_if = "Option::is_none")]
    contacts_total: Option<u64>,
}

impl Tool for ListBusinesses {
    type Deps = Deps;
    type Args = Args;
    type Output = Output;

    const NAME: &'static str = "list_businesses";
    const TITLE: &'static str = "List businesses";
    const DESCRIPTION: &'static str = "Find businesses (companies) of a location, or get one with its contacts.";
    const ACCESS: Access = Access::Read;
    const TOOLSET: &'static str = toolset::SETUP;

    async fn call(deps: &Deps, call: &Call, mut args: Args) -> Result<Output> {
        let cursor = args.cursor.take();
        let site = deps.directory.site(call, args.location.as_deref()).await?;
        let question = Question::of(&(Self::NAME, call.tenant(), &site.location.id, &args))?;
        let mut all = deps.client.businesses(&site).await?;
        let location = LocationAnswer::of(&site);
        if let Some(text) = &args.business {
            let business = find(Wanted { noun: "business", text }, &all)?;
            let (contacts, contacts_total) = deps.client.business_contacts(&site, &business.id).await?;
            let page = Page { items: vec![BusinessRow::of(business)], next_cursor: None };
            let contacts = Some(contacts.iter().map(reference).collect());
            return Ok(Output { location, page, total: 1, contacts, contacts_total });
        }
        if let Some(words) = &args.query {
            let words = words.trim().to_lowercase();
            let holds = |text: &String| text.to_lowercase().contains(&words);
            let searched = [Detail::Email, Detail::Website, Detail::City];
            all.retain(|business| {
                holds(&business.name) || searched.iter().filter_map(|it| business.details.get(it)).any(holds)
            });
        }
        all.sort_by_key(|business| business.name.to_lowercase());
        let page = question.cut(&all, cursor.as_deref(), args.limit)?.map(BusinessRow::of);
        Ok(Output { location, page, total: all.len(), contacts: None, contacts_total: None })
    }
}
