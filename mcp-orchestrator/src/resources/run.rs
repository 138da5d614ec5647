//! `orchestrator://runs/{run}`: how a run stands; whoever follows it hears of each step.

use std::time::Duration;

use common::completion::Blank;
use common::error::Result;
use common::resource::{Listed, Resource, Variables};
use common::tool::Call;
use serde::Serialize;

use crate::answer::{OutcomeAnswer, RunRow, find_run};
use crate::deps::Deps;
use crate::interpreter::command::StepStatus;
use crate::news::run_uri;
use crate::store::traces::{self, RunFilter};
use crate::tools::toolset;
use crate::trace::fold;

pub(crate) struct RunResource;

/// Runs listed as resources, and offered while an id is typed; all can be addressed.
const SHOWN_MAX: i64 = 20;

/// Steps shown, the last ones; `get_run` has all of them with what happened.
const STEPS_MAX: usize = 50;

#[derive(Debug, Serialize)]
pub(crate) struct Output {
    #[serde(flatten)]
    run: RunRow,
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome: Option<OutcomeAnswer>,
    steps_total: usize,
    steps: Vec<Step>,
}

#[derive(Debug, Serialize)]
struct Step {
    name: String,
    status: StepStatus,
}

impl Resource for RunResource {
    type Deps = Deps;
    type Output = Output;

    const TEMPLATE: &'static str = "orchestrator://runs/{run}";
    const NAME: &'static str = "run";
    const TITLE: &'static str = "Run";
    const DESCRIPTION: &'static str = "How a run stands, its last steps and its outcome. Subscribe to follow it.";
    const TOOLSET: &'static str = toolset::RUNS;
    const FRESH_FOR: Duration = Duration::ZERO;

    async fn read(deps: &Deps, call: &Call, variables: &Variables) -> Result<Output> {
        let view = find_run(&deps.db, call.tenant(), variables.get("run")?).await?;
        let written = traces::steps(&deps.db, call.tenant(), &view.line.run_id).await?;
        let steps = fold(written, &view.open);
        let shown = steps.iter().skip(steps.len().saturating_sub(STEPS_MAX));
        Ok(Output {
            run: RunRow::of(&view.line),
            outcome: view.line.outcome.as_ref().map(OutcomeAnswer::of),
            steps_total: steps.len(),
            steps: shown.map(|step| Step { name: step.line.name.clone(), status: step.line.status }).collect(),
        })
    }

    async fn list(deps: &Deps, call: &Call) -> Result<Vec<Listed>> {
        let last = traces::list(&deps.db, call.tenant(), &RunFilter::default(), SHOWN_MAX).await?;
        Ok(last.into_iter().map(|line| Listed { uri: run_uri(&line.run_id), title: line.workflow }).collect())
    }

    async fn complete(deps: &Deps, call: &Call, blank: Blank<'_>) -> Result<Vec<String>> {
        traces::like(&deps.db, call.tenant(), blank.typed.trim(), SHOWN_MAX).await
    }
}
