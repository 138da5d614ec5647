//! The tools, in the order in which clients see them. One file each, named after it.

mod cancel_run;
mod get_event;
mod get_run;
mod list_events;
mod list_failures;
mod list_runs;
mod list_workflows;
mod reconcile;
mod retry_run;
mod save_workflow;
mod send_event;
mod set_workflow_state;
mod signal_run;
mod simulate_workflow;
mod start_run;
mod validate_workflow;

use std::sync::Arc;

use common::tool::{Registry, Tools};

use crate::deps::Deps;

pub(crate) use crate::answer::instant;

/// All of them.
pub(crate) fn all(deps: Arc<Deps>) -> Registry {
    let more = deps.library.clone();
    Tools::new(deps)
        .with::<list_workflows::ListWorkflows>()
        .with::<validate_workflow::ValidateWorkflow>()
        .with::<simulate_workflow::SimulateWorkflow>()
        .with::<save_workflow::SaveWorkflow>()
        .with::<set_workflow_state::SetWorkflowState>()
        .with::<start_run::StartRun>()
        .with::<list_runs::ListRuns>()
        .with::<get_run::GetRun>()
        .with::<signal_run::SignalRun>()
        .with::<cancel_run::CancelRun>()
        .with::<retry_run::RetryRun>()
        .with::<send_event::SendEvent>()
        .with::<list_events::ListEvents>()
        .with::<get_event::GetEvent>()
        .with::<list_failures::ListFailures>()
        .with::<reconcile::Reconcile>()
        .build()
        .with_more(Arc::new(more))
}

/// The toolsets, which clients can choose among.
pub(crate) mod toolset {
    /// What happened, and what it led to.
    pub(crate) const EVENTS: &str = "events";
    /// What is done, and when.
    pub(crate) const WORKFLOWS: &str = "workflows";
    /// What was done, and is being done.
    pub(crate) const RUNS: &str = "runs";
}
