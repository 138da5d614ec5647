//! The second call: a plan that somebody said yes to is spent for exactly the call that it was made for.

use crate::audit::Decision;
use crate::error::{Error, ErrorCode, Result};
use crate::plan::{ApprovalMode, PlanId};
use crate::store::approvals::{self as store, PlanRow, State};
use crate::tool::Call;
use crate::tool::approval::refusal::{needs_a_yes, over, refused};
use crate::tool::approval::seal::{self, Binding};
use crate::tool::approval::{Answer, Approvals, Asked, Inner, Said, cap, row};

impl Approvals {
    /// Takes the answer of the person in front of the client, and returns the plan that they said yes to.
    pub(super) async fn hear(&self, asked: Asked<'_>, answer: &Answer) -> Result<PlanId> {
        let Asked { entry, call, digest, .. } = asked;
        let now_ms = self.inner.clock.now_ms();
        let binding = Binding { caller: &call.caller, tool: entry.name, arguments: digest };
        let opened = seal::open(&self.key().await?, &binding, (&answer.state, now_ms));
        let Some(plan_id) = opened.filter(|_| self.asks_at_client()) else {
            let message = "the answer does not belong to this call, or came too late";
            return Err(Error::new(ErrorCode::PermissionDenied, message)
                .with_hint("call again without a request state, and have the question answered in time"));
        };
        let kept = self.find_own(call, plan_id).await?;
        let decision = match answer.said {
            Said::Yes => Decision::Approved,
            Said::No => Decision::Refused,
            Said::Nothing => {
                let plan = row::decoded(&kept)?;
                return Err(needs_a_yes(&kept, ApprovalMode::Ask, plan, digest));
            }
        };
        if kept.state_at(now_ms) == State::Pending {
            let by = format!("whoever sits at the client of {}", call.caller.subject());
            self.settle(&call.caller, &by, &kept, decision).await?;
        }
        match decision {
            Decision::Approved => Ok(plan_id),
            Decision::Refused => Err(refused()),
        }
    }

    /// Spends a plan for exactly the call that it was made for.
    pub(super) async fn execute(&self, asked: Asked<'_>, mode: ApprovalMode, plan_id: PlanId) -> Result<PlanId> {
        let Asked { entry, call, access, arguments, digest } = asked;
        let Inner { db, clock, settings, .. } = &*self.inner;
        let tenant = call.tenant();
        let kept = self.find_own(call, plan_id).await?;
        if kept.tool != entry.name || kept.arguments_digest != digest.to_string() {
            return Err(Error::new(ErrorCode::Conflict, "the plan is for another call: a tool or an argument differs")
                .with_hint(
                    "repeat the call exactly as it was planned, or without the plan's id for a plan of its own",
                ));
        }
        let state = kept.state_at(clock.now_ms());
        match state {
            State::Pending if mode == ApprovalMode::Ask => {
                return Err(needs_a_yes(&kept, mode, row::decoded(&kept)?, digest));
            }
            State::Pending | State::Approved => {}
            State::Refused => return Err(refused()),
            State::Spent | State::Expired => return Err(over(state)),
        }
        let plan = entry.plan(call, arguments.clone(), access).await?;
        if row::digest(&plan)? != kept.plan_digest || access.as_str() != kept.access {
            store::expire(db, tenant, plan_id).await?;
            return Err(Error::new(
                ErrorCode::Conflict,
                "the same call would do something else by now than was planned",
            )
            .with_hint("repeat it without the plan's id, and have the new plan approved"));
        }
        let wanted = cap::allowances(access, &plan, settings.caps(tenant));
        let now_ms = clock.now_ms();
        let mut tx = db.begin().await?;
        if !store::spend(&mut tx, tenant, plan_id, (state, now_ms)).await? {
            return Err(over(State::Spent));
        }
        cap::take(&mut tx, tenant, &wanted, now_ms).await?;
        tx.commit().await?;
        Ok(plan_id)
    }

    /// A plan of this very caller; any other does not exist for it.
    async fn find_own(&self, call: &Call, plan_id: PlanId) -> Result<PlanRow> {
        let row = store::find(&self.inner.db, call.tenant(), plan_id).await?;
        row.filter(|row| row.subject == call.caller.subject()).ok_or_else(|| {
            Error::new(ErrorCode::NotFound, "you have no such plan")
                .with_hint("repeat the call without a plan's id to get one")
        })
    }
}
