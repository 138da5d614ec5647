//! Why a run failed, and how it goes on.

use common::completion::Blank;
use common::error::Result;
use common::prompt::Prompt;
use common::tool::{Call, one_line};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{ALWAYS, BLANK_MAX};
use crate::deps::Deps;
use crate::run::RunStatus;
use crate::store::traces::{self, RunFilter};

pub(crate) struct InvestigateFailure;

/// Runs offered while an id is typed.
const COMPLETIONS: i64 = 20;

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Args {
    /// The run's id; left out, the last failures.
    run: Option<String>,
}

impl Prompt for InvestigateFailure {
    type Deps = Deps;
    type Args = Args;

    const NAME: &'static str = "investigate_failure";
    const TITLE: &'static str = "Investigate a failure";
    const DESCRIPTION: &'static str = "Find out why a run failed, and let it go on: retry, edit and retry, or skip.";

    async fn render(_deps: &Deps, _call: &Call, args: Args) -> Result<String> {
        let which = match args.run.as_deref() {
            Some(run) => format!("Find out why the run {} failed, and how it can go on.", one_line(run, BLANK_MAX)),
            None => "Find out what failed last and why, and how it can go on. Start with `list_failures`: it groups them by \
                their cause; take the one that met most runs."
                .to_owned(),
        };
        Ok(format!(
            "{which}\n\n\
             1. Call `get_run`: `outcome` says what failed, `steps` how far it came. Then `get_run` with that `step`: what it was \
             given, and what each attempt brought.\n\
             2. Find the cause: the input (compare it with the event: `get_event`), the definition (read \
             `orchestrator://workflows/…`), or the other side (is it still so? call what only reads).\n\
             3. Look whether others failed the same way: `list_runs` with `status: failed` and the workflow.\n\
             4. Say in three lines what happened, why, and what you propose; wait for my answer.\n\
             5. Then one of: `retry_run` as it is (the other side was away); `retry_run` with `from` and `input` (the data were \
             wrong); `retry_run` with `skip_with` (it was done by hand); `save_workflow` with a mended definition and a new \
             run (the definition was wrong: runs keep theirs); `cancel_run` (it is not wanted any more).\n\
             6. Call `get_run` again and report: what you did, how it ended, what is open.\n\n\
             {ALWAYS}"
        ))
    }

    async fn complete(deps: &Deps, call: &Call, blank: Blank<'_>) -> Result<Vec<String>> {
        let filter = RunFilter { status: Some(RunStatus::Failed), ..RunFilter::default() };
        let failed = traces::list(&deps.db, call.tenant(), &filter, COMPLETIONS).await?;
        let ids = failed.into_iter().map(|line| line.run_id.0);
        Ok(ids.filter(|id| id.starts_with(blank.typed.trim())).collect())
    }
}
