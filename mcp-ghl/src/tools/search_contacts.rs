//! Contacts by words, tags, owner, custom fields and date.

use std::collections::BTreeMap;

use common::error::Result;
use common::page::Page;
use common::tool::{Access, Call, Tool};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::answer::contact::ContactRow;
use crate::answer::{LocationAnswer, contact_link};
use crate::cursor::Question;
use crate::deps::Deps;
use crate::references::ContactFilter;
use crate::tools::toolset;

pub(crate) struct SearchContacts;

#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Name or id.
    location: Option<String>,
    /// Words in name, email, phone or company.
    #[schemars(length(min = 1, max = 75))]
    query: Option<String>,
    /// Has all of these.
    #[serde(default)]
    #[schemars(length(max = 10))]
    tags: Vec<String>,
    /// User name, email or id.
    owner: Option<String>,
    /// Field key or name to value.
    #[serde(default)]
    #[schemars(extend("maxProperties" = 10))]
    custom_fields: BTreeMap<String, String>,
    /// Date, or RFC 3339 instant.
    #[schemars(extend("examples" = ["2026-11-01"]))]
    added_after: Option<String>,
    /// Date, or RFC 3339 instant.
    added_before: Option<String>,
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
    page: Page<ContactRow>,
    /// How many match in all.
    #[serde(skip_serializing_if = "Option::is_none")]
    total: Option<u64>,
    /// Where a person sees one, its id in place of `{id}`.
    #[serde(skip_serializing_if = "Option::is_none")]
    link_form: Option<String>,
}

impl Tool for SearchContacts {
    type Deps = Deps;
    type Args = Args;
    type Output = Output;

    const NAME: &'static str = "search_contacts";
    const TITLE: &'static str = "Search contacts";
    const DESCRIPTION: &'static str = "Find contacts, newest first. Criteria add up; none lists all. New records take seconds to show; get_contact finds them at once.";
    const ACCESS: Access = Access::Read;
    const TOOLSET: &'static str = toolset::CONTACTS;

    async fn call(deps: &Deps, call: &Call, mut args: Args) -> Result<Output> {
        let cursor = args.cursor.take();
        let span = args.filter().span()?;
        let site = deps.directory.site(call, args.location.as_deref()).await?;
        let question = Question::of(&(Self::NAME, call.tenant(), &site.location.id, &args))?;
        let position = cursor.map(|cursor| question.position(&cursor)).transpose()?;
        let query = args.filter().query(deps, &site, span).await?;
        let slice = deps.client.search_contacts(&site, &query, position.as_ref(), args.limit).await?;
        let owners = slice.records.iter().map(|contact| contact.owner_id.as_ref());
        let users = deps.directory.users_naming(&site, owners).await?;
        let items = slice.records.iter().map(|contact| ContactRow::of(contact, (*users).as_deref())).collect();
        let next_cursor = slice.next.map(|position| question.cursor(position)).transpose()?;
        Ok(Output {
            location: LocationAnswer::of(&site),
            page: Page { items, next_cursor },
            total: slice.total,
            link_form: contact_link(&site, "{id}"),
        })
    }
}

impl Args {
    fn filter(&self) -> ContactFilter<'_> {
        ContactFilter {
            text: self.query.as_deref(),
            tags: &self.tags,
            owner: self.owner.as_deref(),
            custom_fields: &self.custom_fields,
            added_after: self.added_after.as_deref(),
            added_before: self.added_before.as_deref(),
        }
    }
}
