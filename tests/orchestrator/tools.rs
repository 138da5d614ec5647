//! The tools of workflows and runs: the orchestrator as programs compose it, at work, beside a server that its workflows
//! call.

mod stage;

mod broken_filter;
mod cancel_run;
mod default_retry;
mod early_events;
mod followed;
mod followed_elsewhere;
mod get_run;
mod input_schema;
mod list_runs;
mod list_workflows;
mod retry_run;
mod save_workflow;
mod set_workflow_state;
mod signal_run;
mod start_run;
mod the_loop;
mod validate_workflow;
