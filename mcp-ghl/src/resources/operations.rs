//! `ghl://operations/{family}`: the operations of a family of the API, a line each.

use std::time::Duration;

use common::completion::Blank;
use common::error::Result;
use common::resource::{Resource, Variables};
use common::tool::Call;
use serde::Serialize;

use crate::deps::Deps;
use crate::tools::toolset;

pub(crate) struct OperationsResource;

#[derive(Debug, Serialize)]
pub(crate) struct Output {
    family: String,
    /// Id, what it does to the world, what it does.
    operations: Vec<String>,
}

impl Resource for OperationsResource {
    type Deps = Deps;
    type Output = Output;

    const TEMPLATE: &'static str = "ghl://operations/{family}";
    const NAME: &'static str = "operations";
    const TITLE: &'static str = "API operations";
    const DESCRIPTION: &'static str =
        "Operations of a family of the API, for call_read_operation and call_write_operation.";
    const TOOLSET: &'static str = toolset::CORE;
    // What a build or its folder of specifications knows does not change while it runs.
    const FRESH_FOR: Duration = Duration::from_hours(1);

    async fn read(deps: &Deps, _call: &Call, variables: &Variables) -> Result<Output> {
        let family = deps.operations.family(variables.get("family")?)?;
        let line = |operation: &crate::catalogue::Operation| {
            format!("{} ({}): {}", operation.id, operation.access.as_str(), operation.summary)
        };
        Ok(Output { family: family.name.to_string(), operations: family.operations.iter().map(line).collect() })
    }

    async fn complete(deps: &Deps, _call: &Call, blank: Blank<'_>) -> Result<Vec<String>> {
        let typed = blank.typed.trim().to_lowercase();
        let families = deps.operations.catalogue()?.families().iter();
        Ok(families.map(|family| family.name.to_string()).filter(|name| name.starts_with(&typed)).collect())
    }
}
