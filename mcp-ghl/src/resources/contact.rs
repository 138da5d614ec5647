//! `ghl://{location}/contacts/{id}`: one contact.

use std::time::Duration;

use common::completion::Blank;
use common::error::{Error, ErrorCode, Result};
use common::resource::{Resource, Variables};
use common::tool::Call;
use serde::Serialize;

use super::location_ids;
use crate::answer::LocationAnswer;
use crate::answer::contact::ContactDetails;
use crate::client::ContactQuery;
use crate::deps::Deps;
use crate::record_id::NotAnId;
use crate::references::QUERY_LENGTH_MAX;
use crate::tools::toolset;

pub(crate) struct ContactResource;

/// Contacts offered while an id is typed.
const COMPLETIONS: u32 = 20;

#[derive(Debug, Serialize)]
pub(crate) struct Output {
    location: LocationAnswer,
    contact: ContactDetails,
}

impl Resource for ContactResource {
    type Deps = Deps;
    type Output = Output;

    const TEMPLATE: &'static str = "ghl://{location}/contacts/{id}";
    const NAME: &'static str = "contact";
    const TITLE: &'static str = "Contact";
    const DESCRIPTION: &'static str = "A contact: details, tags, consent, custom fields.";
    // Read from the vendor each time.
    const TOOLSET: &'static str = toolset::CONTACTS;
    const FRESH_FOR: Duration = Duration::ZERO;

    async fn read(deps: &Deps, call: &Call, variables: &Variables) -> Result<Output> {
        let site = deps.directory.site(call, Some(variables.get("location")?)).await?;
        let id = variables.get("id")?.parse().map_err(|source: NotAnId| {
            Error::new(ErrorCode::NotFound, "no contact has this id")
                .with_hint("take an id from `search_contacts`")
                .with_source(source)
        })?;
        let (contact, users, fields) = tokio::try_join!(
            deps.client.contact(&site, &id),
            deps.directory.users(&site),
            deps.directory.custom_fields(&site),
        )?;
        let contact = ContactDetails::of(&contact, (*users).as_deref(), &fields);
        Ok(Output { location: LocationAnswer::of(&site), contact })
    }

    /// For `id`, the ids of contacts found by what is typed, in the location that is filled in, or meant where none is.
    async fn complete(deps: &Deps, call: &Call, blank: Blank<'_>) -> Result<Vec<String>> {
        if blank.name == "location" {
            return location_ids(deps, call, blank.typed).await;
        }
        let text: String = blank.typed.trim().chars().take(QUERY_LENGTH_MAX).collect();
        let site = match deps.directory.site(call, blank.other("location")).await {
            Err(error) if error.code() == ErrorCode::InvalidArgument => return Ok(Vec::new()),
            site => site?,
        };
        let query = ContactQuery { text: Some(text).filter(|text| !text.is_empty()), ..ContactQuery::default() };
        let slice = deps.client.search_contacts(&site, &query, None, COMPLETIONS).await?;
        Ok(slice.records.into_iter().map(|contact| contact.id.to_string()).collect())
    }
}
