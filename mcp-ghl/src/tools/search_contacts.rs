//! Contacts by words, tags, owner, custom fields and date.

use std::collections::BTreeMap;

use common::error::{Error, ErrorCode, Fault, Result};
use common::page::Page;
use common::tool::{Access, Call, Tool};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::answer::LocationAnswer;
use crate::answer::contact::ContactRow;
use crate::client::{ContactQuery, Site};
use crate::cursor::Question;
use crate::deps::Deps;
use crate::names::{Wanted, find};
use crate::references;
use crate::tag::Tag;
use crate::tools::toolset;

pub(crate) struct SearchContacts;

#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Location name or id.
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
    /// `next_cursor` of the page before.
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
        let (added_after, added_before) = span(&args)?;
        let site = deps.directory.site(call, args.location.as_deref()).await?;
        let question = Question::of(&(Self::NAME, call.tenant(), &site.location.id, &args))?;
        let position = cursor.map(|cursor| question.position(&cursor)).transpose()?;
        let query = ContactQuery {
            tags: known_tags(deps, &site, &args.tags).await?,
            owner_id: match &args.owner {
                Some(text) => Some(deps.directory.owner(&site, text).await?),
                None => None,
            },
            custom_values: if args.custom_fields.is_empty() {
                Vec::new()
            } else {
                references::custom_values(&deps.directory.custom_fields(&site).await?, &args.custom_fields)?
            },
            text: args.query,
            added_after,
            added_before,
        };
        let slice = deps.client.search_contacts(&site, &query, position.as_ref(), args.limit).await?;
        let owners = slice.records.iter().map(|contact| contact.owner_id.as_ref());
        let users = deps.directory.users_naming(&site, owners).await?;
        let items = slice.records.iter().map(|contact| ContactRow::of(contact, (*users).as_deref())).collect();
        let next_cursor = slice.next.map(|position| question.cursor(position)).transpose()?;
        Ok(Output { location: LocationAnswer::of(&site), page: Page { items, next_cursor }, total: slice.total })
    }
}

/// Tags as the location spells them: a search for a tag that does not exist would find nobody and say nothing.
async fn known_tags(deps: &Deps, site: &Site, texts: &[String]) -> Result<Vec<Tag>> {
    if texts.is_empty() {
        return Ok(Vec::new());
    }
    let known = match deps.directory.tags(site).await {
        // Without the scope to list tags, they are taken as they are given.
        Err(error) if error.code() == ErrorCode::PermissionDenied => {
            return Ok(texts.iter().map(|text| Tag::on_record(text)).collect());
        }
        known => known?,
    };
    let find_tag = |text: &String| find(Wanted { noun: "tag", text }, &known).map(|tag| Tag::on_record(&tag.name));
    texts.iter().map(find_tag).collect()
}

/// The two ends of `added_after` and `added_before` as RFC 3339.
fn span(args: &Args) -> Result<(Option<String>, Option<String>)> {
    let mut faults = Vec::new();
    let mut read = |field: &str, text: &Option<String>| {
        let text = text.as_deref()?;
        let instant = instant(text);
        if instant.is_none() {
            faults.push(Fault {
                field: format!("/{field}"),
                problem: "is not a date".to_owned(),
                expected: "a date, or an RFC 3339 instant".to_owned(),
                example: Some("\"2026-11-01\"".to_owned()),
            });
        }
        instant
    };
    let ends = (read("added_after", &args.added_after), read("added_before", &args.added_before));
    if faults.is_empty() { Ok(ends) } else { Err(Error::invalid_arguments(faults)) }
}

/// A date begins at midnight UTC.
fn instant(text: &str) -> Option<String> {
    let of_date = || Some(text.parse::<Date>().ok()?.to_zoned(TimeZone::UTC).ok()?.timestamp());
    text.parse::<Timestamp>().ok().or_else(of_date).map(|instant| instant.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_instants_are_read() {
        assert_eq!(instant("2026-11-01").as_deref(), Some("2026-11-01T00:00:00Z"));
        assert_eq!(instant("2026-11-01T12:00:00+01:00").as_deref(), Some("2026-11-01T11:00:00Z"));
        assert_eq!(instant("yesterday"), None);
    }
}
