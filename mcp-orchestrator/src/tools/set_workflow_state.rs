//! Publishes, pauses or removes a workflow. Runs under way go on.

use common::error::Result;
use common::tool::{Access, Call, Tool};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::deps::Deps;
use crate::tools::toolset;
use crate::workflow::state::WorkflowState;

pub(crate) struct SetWorkflowState;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Its name.
    workflow: String,
    /// Paused: nothing starts it. Removed: also hidden, until saved again.
    state: WorkflowState,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    /// Its name.
    workflow: String,
    state: WorkflowState,
    /// As it was.
    before: WorkflowState,
}

impl Tool for SetWorkflowState {
    type Deps = Deps;
    type Args = Args;
    type Output = Output;

    const NAME: &'static str = "set_workflow_state";
    const TITLE: &'static str = "Pause, resume or remove workflow";
    const DESCRIPTION: &'static str =
        "Decide whether events, schedules and callers start a workflow. Runs under way go on.";
    const ACCESS: Access = Access::Write;
    const TOOLSET: &'static str = toolset::WORKFLOWS;
    const IS_IDEMPOTENT: bool = true;
    const IS_OPEN_WORLD: bool = false;

    async fn call(deps: &Deps, call: &Call, args: Args) -> Result<Output> {
        let known = deps.library.find(call.tenant(), &args.workflow).await?;
        deps.library.set_state(call.tenant(), &known.name, args.state).await?;
        Ok(Output { workflow: known.name, state: args.state, before: known.state })
    }
}
