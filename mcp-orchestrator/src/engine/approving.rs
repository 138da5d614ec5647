//! Yeses that runs wait for: looked at when one is decided in this process, and again and again for the others.

use std::sync::Arc;

use common::clock::UnixMillis;
use common::error::Result;
use common::plan::{Plan, PlanId};
use common::tenant::TenantId;
use common::tool::{Question, Standing};
use tokio::sync::broadcast::error::RecvError;

use super::parts::Parts;
use super::worker::Worker;
use crate::interpreter::input::Answer;
use crate::interpreter::{Ask, Input};
use crate::run::{StepId, WaitId};
use crate::store::inputs::{Kept, Verdict};
use crate::store::runs::{Change, RunKey};
use crate::store::waits::{self, Approval, AwaitedApproval};

/// The pauses between looks grow with the time waited, from a second to half a minute.
pub(super) const LOOK_MS: (i64, i64) = (1_000, 30_000);

/// A plan that another installation keeps is asked about by repeating the call, so often.
const ELSEWHERE_MS: i64 = 60_000;

/// Approvals that are looked at in one go.
pub(super) const LOOKED_AT_MAX: i64 = 256;

/// The end of the year 9999, for questions that wait for ever.
const NEVER_MS: UnixMillis = 253_402_300_799_000;

impl Worker {
    /// Acts on what is decided in this process at once.
    pub(super) async fn listen_to_decisions(self: &Arc<Self>) {
        let mut decisions = self.parts.approvals.decisions();
        loop {
            match decisions.recv().await {
                Ok((tenant, plan)) => {
                    if let Err(error) = self.hear(&tenant, plan).await {
                        tracing::warn!("a decision is acted on later: {error}");
                    }
                }
                // Those that were missed are found by looking.
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return std::future::pending().await,
            }
        }
    }

    async fn hear(self: &Arc<Self>, tenant: &TenantId, plan: PlanId) -> Result<()> {
        for awaited in waits::by_plan(&self.parts.db, tenant, &plan.to_string()).await? {
            self.look_at(awaited, self.now_ms()).await?;
        }
        Ok(())
    }

    pub(super) async fn look_at_approvals(self: &Arc<Self>, now_ms: UnixMillis) -> Result<()> {
        for awaited in waits::due_approvals(&self.parts.db, now_ms, LOOKED_AT_MAX).await? {
            self.look_at(awaited, now_ms).await?;
        }
        Ok(())
    }

    async fn look_at(self: &Arc<Self>, awaited: AwaitedApproval, now_ms: UnixMillis) -> Result<()> {
        let AwaitedApproval { run, wait_id, approval } = awaited;
        let Some(plan_id) = PlanId::parse(&approval.plan) else { return Ok(()) };
        let standing = self.parts.approvals.standing(&run.tenant, plan_id).await?;
        if let Some(asked) = approval.ask.as_ref().filter(|_| standing == Standing::Unknown) {
            ask(&self.parts, &run, plan_id, asked).await?;
        }
        let Some(kept) = settled((&wait_id, &approval), standing, now_ms) else {
            let due_ms = next_look_ms(&approval, now_ms);
            self.writer.write_patiently(Change::Postpone { run, wait: wait_id, due_ms }).await?;
            return Ok(());
        };
        let input_id = format!("approval.{}.{}", wait_id.0, approval.since_ms);
        self.hand_in_gently(run.clone(), input_id, kept).await?;
        // Looked at again should the run not go on with it: it may be another process's.
        let due_ms = now_ms.saturating_add(LOOK_MS.1);
        self.writer.write_patiently(Change::Postpone { run, wait: wait_id, due_ms }).await?;
        Ok(())
    }
}

/// Puts a step's question into the inbox.
pub(super) async fn ask(parts: &Parts, run: &RunKey, plan_id: PlanId, ask: &Ask) -> Result<()> {
    let Some((workflow, acting)) = crate::store::runs::asking(&parts.db, run).await? else { return Ok(()) };
    let targets = ask.details.as_ref().map(|details| match details.as_str() {
        Some(text) => text.to_owned(),
        None => details.to_string(),
    });
    let plan = Plan {
        summary: ask.summary.clone(),
        targets: targets.into_iter().collect(),
        count: 1,
        is_reversible: false,
        cost: None,
    };
    let expires_at_ms = ask.expires_ms.unwrap_or(NEVER_MS);
    let question = Question { plan_id, asker: format!("workflow {workflow}"), plan, expires_at_ms };
    parts.approvals.ask(&acting.caller(&run.tenant), question).await
}

/// What becomes of a run that waits for an approval that stands so; none if it waits on.
pub(super) fn settled((wait, approval): (&WaitId, &Approval), standing: Standing, now_ms: UnixMillis) -> Option<Kept> {
    match (&approval.ask, &approval.step) {
        (Some(ask), _) => {
            answer(standing, ask, now_ms).map(|answer| Kept::Input(Input::Answered { wait: wait.clone(), answer }))
        }
        (None, Some(step)) => verdict(standing, now_ms.saturating_sub(approval.since_ms))
            .map(|verdict| decided(step, &approval.plan, verdict)),
        (None, None) => None,
    }
}

/// When an approval that is not decided is looked at again.
pub(super) fn next_look_ms(approval: &Approval, now_ms: UnixMillis) -> UnixMillis {
    let waited_ms = now_ms.saturating_sub(approval.since_ms);
    let next = now_ms.saturating_add(waited_ms.saturating_div(4).clamp(LOOK_MS.0, LOOK_MS.1));
    let ends_ms = approval.ask.as_ref().and_then(|ask| ask.expires_ms).filter(|ends_ms| *ends_ms > now_ms);
    ends_ms.map_or(next, |ends_ms| next.min(ends_ms))
}

/// What a person has said to a step's question.
fn answer(standing: Standing, ask: &Ask, now_ms: UnixMillis) -> Option<Answer> {
    match standing {
        Standing::Approved { by } => Some(Answer::Yes { by }),
        Standing::Refused { by } => Some(Answer::No { by }),
        Standing::Over => Some(Answer::Expired),
        Standing::Open | Standing::Unknown => {
            ask.expires_ms.filter(|ends_ms| *ends_ms <= now_ms).map(|_| Answer::Expired)
        }
    }
}

/// What becomes of a call by the plan that it waits for.
fn verdict(standing: Standing, waited_ms: i64) -> Option<Verdict> {
    match standing {
        Standing::Open => None,
        Standing::Approved { .. } => Some(Verdict::Go),
        Standing::Refused { by } => Some(Verdict::No { by }),
        Standing::Over => Some(Verdict::Anew),
        Standing::Unknown => (waited_ms >= ELSEWHERE_MS).then_some(Verdict::Go),
    }
}

fn decided(step: &StepId, plan: &str, verdict: Verdict) -> Kept {
    Kept::Decided { step: step.clone(), plan: plan.to_owned(), verdict }
}
