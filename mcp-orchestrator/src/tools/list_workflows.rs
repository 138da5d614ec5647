//! Lists workflows with what starts them and how they fare.

use common::error::Result;
use common::page::Page;
use common::tool::{Access, Call, Tool};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::answer::RunRow;
use crate::cursor::{behind, cursor};
use crate::deps::Deps;
use crate::library::Known;
use crate::store::{schedules, traces};
use crate::tools::{instant, toolset};
use crate::workflow::difference::trigger;
use crate::workflow::ready::READY;
use crate::workflow::state::WorkflowState;

pub(crate) struct ListWorkflows;

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Part of name, title or summary.
    query: Option<String>,
    /// From `next_cursor`.
    #[serde(skip_serializing)]
    cursor: Option<String>,
    /// Most rows.
    #[serde(default = "limit")]
    #[schemars(range(min = 1, max = 100))]
    limit: u32,
}

fn limit() -> u32 {
    20
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    #[serde(flatten)]
    page: Page<WorkflowRow>,
    /// Names of ready ones that `save_workflow` can bring in.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    ready: Vec<&'static str>,
}

/// A workflow in a list.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct WorkflowRow {
    /// For all other tools.
    name: String,
    /// What a person calls it.
    title: String,
    /// What it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    summary: Option<String>,
    state: WorkflowState,
    /// As its author counts.
    version: String,
    /// One more with each save.
    revision: i64,
    /// What starts it besides `start_run`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    starts: Vec<String>,
    /// When the clock starts it next, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_due: Option<String>,
    /// The tool that it is, too.
    #[serde(skip_serializing_if = "Option::is_none")]
    tool: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_run: Option<RunRow>,
}

impl Tool for ListWorkflows {
    type Deps = Deps;
    type Args = Args;
    type Output = Output;

    const NAME: &'static str = "list_workflows";
    const TITLE: &'static str = "List workflows";
    const DESCRIPTION: &'static str =
        "Workflows by name: state, what starts them, when they are due next, their last run.";
    const ACCESS: Access = Access::Read;
    const TOOLSET: &'static str = toolset::WORKFLOWS;
    const IS_OPEN_WORLD: bool = false;

    async fn call(deps: &Deps, call: &Call, mut args: Args) -> Result<Output> {
        let given = args.cursor.take();
        let asked = (Self::NAME, call.tenant(), &args);
        let after = given.map(|given| behind(&asked, &given)).transpose()?.unwrap_or_default();
        let all = deps.library.all(call.tenant()).await?;
        let query = args.query.as_deref().unwrap_or_default().trim().to_lowercase();
        let mut meant = all.iter().filter(|known| known.name > after && is_meant(known, &query));
        let shown: Vec<&Known> = meant.by_ref().take(usize::try_from(args.limit).unwrap_or(usize::MAX)).collect();
        let last = shown.last().filter(|_| meant.next().is_some());
        let next_cursor = last.map(|last| cursor(&asked, &last.name)).transpose()?;
        let mut items = Vec::with_capacity(shown.len());
        for known in shown {
            let last_run = traces::last_of(&deps.db, call.tenant(), &known.name).await?;
            let next_due = schedules::next_due_of(&deps.db, call.tenant(), &known.name).await?.map(instant);
            items.push(WorkflowRow { next_due, last_run: last_run.as_ref().map(RunRow::of), ..WorkflowRow::of(known) });
        }
        let is_saved = |name: &str| all.iter().any(|known| known.name == name);
        let ready = READY.iter().map(|ready| ready.name).filter(|name| !is_saved(name)).collect();
        Ok(Output { page: Page { items, next_cursor }, ready })
    }
}

fn is_meant(known: &Known, query: &str) -> bool {
    let definition = &known.definition;
    let texts = [Some(known.name.as_str()), Some(definition.title.as_str()), definition.summary.as_deref()];
    texts.into_iter().flatten().any(|text| text.to_lowercase().contains(query))
}

impl WorkflowRow {
    fn of(known: &Known) -> Self {
        let definition = &known.definition;
        Self {
            name: known.name.clone(),
            title: definition.title.clone(),
            summary: definition.summary.clone(),
            state: known.state,
            version: definition.version.clone(),
            revision: known.revision,
            starts: definition.triggers.iter().map(trigger).collect(),
            next_due: None,
            tool: known.tool_name(),
            last_run: None,
        }
    }
}
