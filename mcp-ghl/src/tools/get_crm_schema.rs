//! What a location calls things, so that arguments can name them.

use common::error::Result;
use common::tool::{Access, Call, Tool};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::deps::Deps;
use crate::directory::crm_schema::{CrmSchema, Part};
use crate::tools::toolset;

pub(crate) struct GetCrmSchema;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Name or id.
    location: Option<String>,
    /// Default all.
    #[serde(default = "everything")]
    parts: Vec<Part>,
}

fn everything() -> Vec<Part> {
    Part::ALL.to_vec()
}

impl Tool for GetCrmSchema {
    type Deps = Deps;
    type Args = Args;
    type Output = CrmSchema;

    const NAME: &'static str = "get_crm_schema";
    const TITLE: &'static str = "Get CRM schema";
    const DESCRIPTION: &'static str = "What a location calls things: pipelines with stages, lost reasons, calendars, users, tags, custom fields with types and options, workflows.";
    const ACCESS: Access = Access::Read;
    const TOOLSET: &'static str = toolset::CORE;

    async fn call(deps: &Deps, call: &Call, args: Args) -> Result<CrmSchema> {
        let site = deps.directory.site(call, args.location.as_deref()).await?;
        CrmSchema::of(&deps.directory, &site, &args.parts).await
    }
}
