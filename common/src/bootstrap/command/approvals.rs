//! `approvals`: say yes or no to what waits, and stop everything in an emergency.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde::Serialize;

use super::{Options, Program, SHUTDOWN_PATIENCE, Whose, print};
use crate::audit::Decision;
use crate::bootstrap::{Assembly, Foundation};
use crate::error::{Error, Result};
use crate::plan::PlanId;
use crate::tenant::TenantId;
use crate::tool::{InboxItem, Voice, plan_in_words};

/// What can be done about approvals.
#[derive(Debug, Clone, Subcommand)]
pub enum ApprovalsCommand {
    /// List the plans that wait for a yes, and those that have one and were not executed yet
    List {
        #[command(flatten)]
        whose: Whose,
    },
    /// Print one plan as JSON
    Show(OnePlan),
    /// Say yes: its caller may then do exactly that, once
    Approve(OnePlan),
    /// Say no
    Refuse(OnePlan),
    /// Refuse everything that changes anything, in every process, until `resume`
    Stop {
        #[command(flatten)]
        whose: Whose,
    },
    /// Lift a stop
    Resume {
        #[command(flatten)]
        whose: Whose,
    },
}

/// A plan of a tenant.
#[derive(Debug, Clone, Args)]
pub struct OnePlan {
    /// Its id, `pln_…`
    #[arg(value_parser = plan_id)]
    plan_id: PlanId,
    #[command(flatten)]
    whose: Whose,
}

fn plan_id(text: &str) -> std::result::Result<PlanId, &'static str> {
    PlanId::parse(text).ok_or("not a plan id; see `approvals list`")
}

/// Runs one of them.
pub(super) async fn run(program: &Program, options: &Options, command: ApprovalsCommand) -> Result<ExitCode> {
    let Assembly { foundation, .. } = Assembly::new(program, options)?;
    let done = act(&foundation, command).await;
    // What was decided is also in the audit trail, which is written in the background.
    foundation.tasks.shutdown(SHUTDOWN_PATIENCE).await;
    done.map(|()| ExitCode::SUCCESS)
}

async fn act(foundation: &Foundation, command: ApprovalsCommand) -> Result<()> {
    match command {
        ApprovalsCommand::List { whose } => list(foundation, &whose.tenant(foundation)).await,
        ApprovalsCommand::Show(OnePlan { plan_id, whose }) => {
            let operator = foundation.authenticator.operator(whose.tenant(foundation));
            print_json(&foundation.approvals.show(&operator, plan_id).await?)
        }
        ApprovalsCommand::Approve(plan) => decide(foundation, plan, Decision::Approved).await,
        ApprovalsCommand::Refuse(plan) => decide(foundation, plan, Decision::Refused).await,
        ApprovalsCommand::Stop { whose } => {
            let tenant = whose.tenant(foundation);
            foundation.approvals.stop(&foundation.authenticator.operator(tenant.clone())).await?;
            print(&format!(
                "stopped: a second from here nothing is changed for `{tenant}` until `approvals resume --tenant {tenant}`"
            ))
        }
        ApprovalsCommand::Resume { whose } => {
            let tenant = whose.tenant(foundation);
            let was_stopped = foundation.approvals.resume(&foundation.authenticator.operator(tenant.clone())).await?;
            print(&format!("`{tenant}` {}", if was_stopped { "goes on" } else { "was not stopped" }))
        }
    }
}

async fn list(foundation: &Foundation, tenant: &TenantId) -> Result<()> {
    let plans = foundation.approvals.inbox(&foundation.authenticator.operator(tenant.clone())).await?;
    if plans.is_empty() {
        return print(&format!("nothing waits for a yes in `{tenant}`"));
    }
    plans.iter().try_for_each(|plan| print(&line(plan)))
}

async fn decide(foundation: &Foundation, OnePlan { plan_id, whose }: OnePlan, decision: Decision) -> Result<()> {
    let operator = foundation.authenticator.operator(whose.tenant(foundation));
    let decided = foundation.approvals.decide(&operator, Voice::CommandLine, plan_id, decision).await?;
    print(&line(&decided))
}

fn line(item: &InboxItem) -> String {
    let InboxItem { plan_id, state, subject, tool, plan, .. } = item;
    format!("{plan_id}  {state:<8}  {subject}  {tool}: {}", plan_in_words(plan))
}

fn print_json<T: Serialize>(value: &T) -> Result<()> {
    let text = serde_json::to_string_pretty(value)
        .map_err(|source| Error::internal("the plan could not be encoded", source))?;
    print(&text)
}
