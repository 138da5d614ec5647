//! `ghl://{location}/tags`: the tags that a location knows.

use std::time::Duration;

use common::completion::Blank;
use common::error::Result;
use common::resource::{Listed, Resource, Variables};
use common::tool::Call;
use serde::Serialize;

use super::{location_ids, per_location};
use crate::answer::{LocationAnswer, line};
use crate::deps::Deps;
use crate::tools::toolset;

pub(crate) struct TagsResource;

#[derive(Debug, Serialize)]
pub(crate) struct Output {
    location: LocationAnswer,
    tags: Vec<String>,
}

impl Resource for TagsResource {
    type Deps = Deps;
    type Output = Output;

    const TEMPLATE: &'static str = "ghl://{location}/tags";
    const NAME: &'static str = "tags";
    const TITLE: &'static str = "Tags";
    const DESCRIPTION: &'static str = "Tags that a location knows, in lower case.";
    const TOOLSET: &'static str = toolset::CONTACTS;
    const FRESH_FOR: Duration = Duration::from_mins(1);

    async fn read(deps: &Deps, call: &Call, variables: &Variables) -> Result<Output> {
        let site = deps.directory.site(call, Some(variables.get("location")?)).await?;
        let known = deps.directory.tags(&site).await?;
        let mut tags: Vec<String> = known.iter().map(|tag| line(&tag.name)).collect();
        tags.sort_unstable();
        Ok(Output { location: LocationAnswer::of(&site), tags })
    }

    async fn list(deps: &Deps, call: &Call) -> Result<Vec<Listed>> {
        per_location(deps, call, "tags").await
    }

    async fn complete(deps: &Deps, call: &Call, blank: Blank<'_>) -> Result<Vec<String>> {
        location_ids(deps, call, blank.typed).await
    }
}
