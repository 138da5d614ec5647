//! Saves a workflow: shows first what that changes, then lets new runs begin with it.

use common::auth::Acting;
use common::error::{Candidate, Error, ErrorCode, Result};
use common::tool::{Access, Call, Plan, Tool};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::callable::{Callable, refuse};
use crate::deps::Deps;
use crate::library::{Known, tool_name};
use crate::tools::toolset;
use crate::workflow::Workflow;
use crate::workflow::difference::changes;
use crate::workflow::flaw::error_of;
use crate::workflow::nearest::nearest;
use crate::workflow::ready::{READY, Ready};
use crate::workflow::state::WorkflowState;

pub(crate) struct SaveWorkflow;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// YAML or JSON (Serverless Workflow DSL 1.0).
    definition: Option<String>,
    /// Instead: name of a ready one.
    ready: Option<String>,
    /// False: only shown.
    #[serde(default)]
    apply: bool,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    /// False: nothing was changed, this is what would be.
    applied: bool,
    /// Its name.
    workflow: String,
    /// The one that counts: the one before, until it is applied.
    #[serde(skip_serializing_if = "Option::is_none")]
    revision: Option<i64>,
    /// Paused: no run begins before `set_workflow_state`.
    state: WorkflowState,
    /// Against the revision before.
    changes: Vec<String>,
    /// What it may call that reaches people, destroys or spends.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    for_good: Vec<String>,
    /// What could not be looked at.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<String>,
    /// The tool that it is, too.
    #[serde(skip_serializing_if = "Option::is_none")]
    tool: Option<String>,
}

impl Tool for SaveWorkflow {
    type Deps = Deps;
    type Args = Args;
    type Output = Output;

    const NAME: &'static str = "save_workflow";
    const TITLE: &'static str = "Save workflow";
    const DESCRIPTION: &'static str = "Create or change a workflow. Without apply it only shows what changes and what it may call. Runs under way keep \
        their revision; events start new ones in your name.";
    /// A workflow that calls what reaches people, destroys or spends is as much as that.
    const ACCESS: Access = Access::Send;
    const ACCESS_MIN: Access = Access::Write;
    const TOOLSET: &'static str = toolset::WORKFLOWS;
    const IS_IDEMPOTENT: bool = true;

    async fn access_of(deps: &Deps, call: &Call, args: &Args) -> Result<Access> {
        if !args.apply {
            return Ok(Access::Write);
        }
        // What cannot be read is refused by the call itself.
        let Ok(text) = args.text() else { return Ok(Access::Write) };
        let Ok(workflow) = Workflow::read(text) else { return Ok(Access::Write) };
        if current(deps, call, &workflow).await?.is_some_and(|known| *known.text == *text) {
            return Ok(Access::Write);
        }
        Ok(Callable::look_up(&deps.peers, &call.caller, &workflow).await.access(&workflow))
    }

    async fn plan(deps: &Deps, call: &Call, args: &Args) -> Result<Plan> {
        let Draft { workflow, callable, before } = Draft::read(deps, call, args).await?;
        let changes = changes(before.as_ref().map(|known| &*known.definition), &workflow);
        let verb = if args.apply { "save" } else { "show what would change in" };
        let what = if changes.is_empty() { "nothing that counts changes".to_owned() } else { changes.join("; ") };
        Ok(Plan {
            summary: format!("{verb} the workflow “{}” ({}): {what}", workflow.title, workflow.name),
            targets: callable.for_good(&workflow).into_iter().collect(),
            count: 1,
            // What it does later is not taken back by saving the one before.
            is_reversible: callable.access(&workflow) == Access::Write,
            cost: None,
        })
    }

    async fn call(deps: &Deps, call: &Call, args: Args) -> Result<Output> {
        let Draft { workflow, callable, before } = Draft::read(deps, call, &args).await?;
        let mut output = Output {
            applied: false,
            workflow: workflow.name.clone(),
            revision: before.as_ref().map(|known| known.revision),
            state: before.as_ref().map_or(WorkflowState::Published, |known| known.state),
            changes: changes(before.as_ref().map(|known| &*known.definition), &workflow),
            for_good: callable.for_good(&workflow).into_iter().collect(),
            warnings: callable.warnings(),
            tool: workflow.is_tool.then(|| tool_name(&workflow.name)),
        };
        if !args.apply {
            return Ok(output);
        }
        let acting = Acting::of(&call.caller);
        let saved = deps.library.save(call.tenant(), args.text()?, (&workflow, &acting)).await?;
        output.applied = true;
        output.revision = Some(saved.revision);
        Ok(output)
    }
}

impl Args {
    /// The text that is meant.
    fn text(&self) -> Result<&str> {
        match (&self.definition, &self.ready) {
            (Some(text), None) => Ok(text),
            (None, Some(name)) => ready(name),
            (Some(_), Some(_)) | (None, None) => {
                let problem = "stands beside `ready`, or both are absent";
                Err(Error::invalid_argument("definition", problem, "one of them", None))
            }
        }
    }
}

/// The text of a workflow that comes with the program.
fn ready(name: &str) -> Result<&'static str> {
    let found = READY.iter().find(|ready| ready.name == name.trim());
    found.map(|ready| ready.text).ok_or_else(|| {
        let candidate = |ready: &Ready| Candidate { id: ready.name.to_owned(), name: ready.name.to_owned() };
        let close = nearest(name.trim(), READY.iter().map(|ready| ready.name), READY.len());
        let meant = READY.iter().filter(|ready| close.is_empty() || close.contains(&ready.name));
        Error::new(ErrorCode::NotFound, "no ready workflow has this name")
            .with_hint("list_workflows names them")
            .with_candidates(meant.map(candidate).collect())
    })
}

/// A definition that is about to be saved, and what it meets.
struct Draft {
    workflow: Workflow,
    callable: Callable,
    before: Option<Known>,
}

impl Draft {
    async fn read(deps: &Deps, call: &Call, args: &Args) -> Result<Self> {
        let text = args.text()?;
        let workflow = deps.library.read(text).map_err(|flaws| error_of(&flaws))?;
        let callable = Callable::look_up(&deps.peers, &call.caller, &workflow).await;
        refuse(text, callable.faults(&workflow))?;
        let before = current(deps, call, &workflow).await?;
        Ok(Self { workflow, callable, before })
    }
}

async fn current(deps: &Deps, call: &Call, workflow: &Workflow) -> Result<Option<Known>> {
    let all = deps.library.all(call.tenant()).await?;
    Ok(all.iter().find(|known| known.name == workflow.name).cloned())
}
