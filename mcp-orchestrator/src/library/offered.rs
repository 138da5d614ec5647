//! Published workflows that are tools of their own (`document.metadata.tool`): `run_lead_intake` is `start_run` of
//! `lead-intake`, with the workflow's input as its arguments.

use common::error::Result;
use common::tenant::TenantId;
use common::tool::{Finding, MoreTools, Offered, one_line};
use serde_json::{Map, Value};

use super::{Known, Library};
use crate::workflow::state::WorkflowState;

/// The tool that all of them are.
const SERVED_BY: &str = "start_run";

/// Most of them: clients show all of a list to their models.
const TOOLS_MAX: usize = 20;

/// Longest description, in characters: an author's words cost every conversation.
const DESCRIPTION_MAX: usize = 300;

impl Library {
    async fn offered(&self, tenant: &TenantId) -> Result<Vec<Offered>> {
        let all = self.all(tenant).await?;
        Ok(all.iter().filter_map(offered).take(TOOLS_MAX).collect())
    }

    async fn as_start(
        &self,
        tenant: &TenantId,
        name: &str,
        given: Map<String, Value>,
    ) -> Result<Option<Map<String, Value>>> {
        let all = self.all(tenant).await?;
        let Some(known) = all.iter().find(|known| known.tool_name().as_deref() == Some(name)) else { return Ok(None) };
        let mut arguments = Map::new();
        arguments.insert("workflow".to_owned(), Value::String(known.name.clone()));
        arguments.insert("input".to_owned(), Value::Object(given));
        Ok(Some(arguments))
    }
}

impl MoreTools for Library {
    fn served_by(&self) -> &'static str {
        SERVED_BY
    }

    fn of<'a>(&'a self, tenant: &'a TenantId) -> Finding<'a, Vec<Offered>> {
        Box::pin(self.offered(tenant))
    }

    fn arguments<'a>(
        &'a self,
        tenant: &'a TenantId,
        name: &'a str,
        given: Map<String, Value>,
    ) -> Finding<'a, Option<Map<String, Value>>> {
        Box::pin(self.as_start(tenant, name, given))
    }
}

fn offered(known: &Known) -> Option<Offered> {
    let definition = &known.definition;
    let input_schema = match &definition.input_schema {
        Some(Value::Object(schema)) => schema.clone(),
        _ => Map::new(),
    };
    let summary = definition.summary.as_deref().unwrap_or("Runs the workflow of this name.");
    Some(Offered {
        name: known.tool_name()?,
        title: one_line(&definition.title, DESCRIPTION_MAX),
        description: one_line(summary, DESCRIPTION_MAX),
        input_schema,
    })
}

impl Known {
    /// The tool that it is, where its author wants that and it can be started.
    pub(crate) fn tool_name(&self) -> Option<String> {
        (self.definition.is_tool && self.state == WorkflowState::Published).then(|| tool_name(&self.name))
    }
}

/// The name of a workflow as a tool: `run_lead_intake`.
pub(crate) fn tool_name(workflow: &str) -> String {
    format!("run_{}", workflow.replace('-', "_"))
}
