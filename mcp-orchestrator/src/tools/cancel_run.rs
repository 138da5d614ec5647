//! Ends a run before its end.

use common::error::Result;
use common::tool::{Access, Call, Tool};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::answer::find_run;
use crate::deps::Deps;
use crate::run::RunStatus;
use crate::tools::toolset;

pub(crate) struct CancelRun;

/// What is noted where nobody says why.
const NO_REASON: &str = "cancelled by hand";

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Args {
    /// Its id.
    run: String,
    /// Why, for the trace.
    #[schemars(length(max = 300))]
    reason: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Output {
    /// For `get_run`, which shows what was undone.
    run: String,
    /// Its name.
    workflow: String,
    /// It had been cancelled before.
    already: bool,
}

impl Tool for CancelRun {
    type Deps = Deps;
    type Args = Args;
    type Output = Output;

    const NAME: &'static str = "cancel_run";
    const TITLE: &'static str = "Cancel run";
    const DESCRIPTION: &'static str =
        "End a run; steps that declare how they are undone are undone. It cannot go on afterwards.";
    const ACCESS: Access = Access::Write;
    const TOOLSET: &'static str = toolset::RUNS;
    const IS_IDEMPOTENT: bool = true;

    async fn call(deps: &Deps, call: &Call, args: Args) -> Result<Output> {
        let line = find_run(&deps.db, call.tenant(), &args.run).await?.line;
        let already = line.status == RunStatus::Cancelled;
        if !already {
            let reason = args.reason.unwrap_or_else(|| NO_REASON.to_owned());
            deps.engine.cancel(call.tenant(), &line.run_id, reason).await?;
            deps.news.touched(call.tenant(), &line.run_id);
        }
        Ok(Output { run: line.run_id.0, workflow: line.workflow, already })
    }
}
