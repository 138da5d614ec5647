//! `ghl://{location}/schema`: what a location calls things.

use std::time::Duration;

use common::completion::Blank;
use common::error::Result;
use common::resource::{Listed, Resource, Variables};
use common::tool::Call;

use super::{location_ids, per_location};
use crate::deps::Deps;
use crate::directory::crm_schema::{CrmSchema, Part};
use crate::tools::toolset;

pub(crate) struct SchemaResource;

impl Resource for SchemaResource {
    type Deps = Deps;
    type Output = CrmSchema;

    const TEMPLATE: &'static str = "ghl://{location}/schema";
    const NAME: &'static str = "schema";
    const TITLE: &'static str = "CRM schema";
    const DESCRIPTION: &'static str =
        "Pipelines, lost reasons, calendars, users, tags, custom fields and workflows of a location.";
    const TOOLSET: &'static str = toolset::CORE;
    const FRESH_FOR: Duration = Duration::from_mins(1);

    async fn read(deps: &Deps, call: &Call, variables: &Variables) -> Result<CrmSchema> {
        let site = deps.directory.site(call, Some(variables.get("location")?)).await?;
        CrmSchema::of(&deps.directory, &site, &Part::ALL).await
    }

    async fn list(deps: &Deps, call: &Call) -> Result<Vec<Listed>> {
        per_location(deps, call, "schema").await
    }

    async fn complete(deps: &Deps, call: &Call, blank: Blank<'_>) -> Result<Vec<String>> {
        location_ids(deps, call, blank.typed).await
    }
}
