//! `orchestrator://workflows/{name}`: a definition as its author wrote it.

use std::time::Duration;

use common::completion::Blank;
use common::error::Result;
use common::resource::{Listed, Resource, Variables};
use common::tool::Call;
use serde::Serialize;

use crate::deps::Deps;
use crate::library::workflow_uri;
use crate::tools::{instant, toolset};
use crate::workflow::state::WorkflowState;

pub(crate) struct WorkflowResource;

/// Workflows listed as resources; more can be addressed.
const LISTED_MAX: usize = 50;

#[derive(Debug, Serialize)]
pub(crate) struct Output {
    name: String,
    revision: i64,
    state: WorkflowState,
    published_at: String,
    published_by: String,
    /// YAML or JSON.
    definition: String,
}

impl Resource for WorkflowResource {
    type Deps = Deps;
    type Output = Output;

    const TEMPLATE: &'static str = "orchestrator://workflows/{name}";
    const NAME: &'static str = "workflow";
    const TITLE: &'static str = "Workflow";
    const DESCRIPTION: &'static str = "A workflow's definition as its author wrote it, with its revision and state.";
    const TOOLSET: &'static str = toolset::WORKFLOWS;
    const FRESH_FOR: Duration = Duration::from_secs(1);

    async fn read(deps: &Deps, call: &Call, variables: &Variables) -> Result<Output> {
        let known = deps.library.find(call.tenant(), variables.get("name")?).await?;
        Ok(Output {
            name: known.name,
            revision: known.revision,
            state: known.state,
            published_at: instant(known.published_ms),
            published_by: known.acting.subject,
            definition: known.text.to_string(),
        })
    }

    async fn list(deps: &Deps, call: &Call) -> Result<Vec<Listed>> {
        let all = deps.library.all(call.tenant()).await?;
        let listed = all.iter().take(LISTED_MAX);
        Ok(listed
            .map(|known| Listed { uri: workflow_uri(&known.name), title: known.definition.title.clone() })
            .collect())
    }

    async fn complete(deps: &Deps, call: &Call, blank: Blank<'_>) -> Result<Vec<String>> {
        workflow_names(deps, call, blank.typed).await
    }
}

/// Names of workflows that begin like this.
async fn workflow_names(deps: &Deps, call: &Call, typed: &str) -> Result<Vec<String>> {
    let all = deps.library.all(call.tenant()).await?;
    let typed = typed.trim().to_lowercase();
    Ok(all.iter().map(|known| known.name.clone()).filter(|name| name.starts_with(&typed)).collect())
}
