//! What is said to a call that does not go through.

use crate::audit::ArgumentsDigest;
use crate::error::{Error, ErrorCode};
use crate::plan::{ApprovalMode, Plan, PlanId, ProposedPlan};
use crate::store::approvals::{PlanRow, State};
use crate::tool::added;
use crate::tool::approval::row;

/// The plan, who has to say yes to it, and how to go on then.
pub(super) fn needs_a_yes(kept: &PlanRow, mode: ApprovalMode, plan: Plan, digest: ArgumentsDigest) -> Error {
    let Some(plan_id) = PlanId::parse(&kept.plan_id) else { return row::unreadable() };
    let again = format!("then repeat exactly this call with `{}`: \"{plan_id}\"", added::PLAN);
    let (message, hint) = match (mode, kept.state) {
        (ApprovalMode::Ask, State::Approved) => {
            ("the plan is approved but not named", again.replace("then repeat", "repeat"))
        }
        (ApprovalMode::Ask, _) => (
            "a person has to say yes to this plan first",
            format!(
                "ask one to run `approvals approve {plan_id}` or to POST /api/approvals/{plan_id}/approve; {again}"
            ),
        ),
        (ApprovalMode::Plan | ApprovalMode::Auto, _) => {
            ("nothing has happened yet: this is the plan", format!("check that it is what is wanted; {again}"))
        }
    };
    let proposed = ProposedPlan {
        plan_id,
        tool: kept.tool.clone(),
        plan,
        expires_at_ms: kept.expires_at_ms,
        mode,
        arguments_digest: digest.to_bytes(),
    };
    Error::new(ErrorCode::ApprovalRequired, message).with_hint(hint).with_plan(proposed)
}

/// Somebody said no.
pub(super) fn refused() -> Error {
    Error::new(ErrorCode::PermissionDenied, "a person was asked and said no to this plan")
        .with_hint("do not try again unless they ask for it")
}

/// The plan is past its use.
pub(super) fn over(state: State) -> Error {
    let message = match state {
        State::Spent => "the plan has been executed already",
        State::Pending | State::Approved | State::Refused | State::Expired => "the plan has expired",
    };
    Error::new(ErrorCode::Conflict, message).with_hint("repeat the call without the plan's id for a new plan")
}
