//! The approvals inbox: what waits for a yes, and the people who say it.

use serde::Serialize;

use crate::audit::{self, ArgumentsDigest, Decision, Ending, Outcome};
use crate::auth::{Caller, Role};
use crate::clock::UnixMillis;
use crate::error::{Error, ErrorCode, Result};
use crate::plan::{Plan, PlanId};
use crate::store::approvals::{self as store, PlanRow, State};
use crate::tool::Access;
use crate::tool::approval::refusal::over;
use crate::tool::approval::{Approvals, Inner, row};

/// Where the inbox is read as a resource.
pub(crate) const INBOX_URI: &str = "approvals://inbox";

/// A plan as people see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct InboxItem {
    pub plan_id: PlanId,
    /// Whose call waits.
    pub subject: String,
    pub tool: String,
    /// write, send, destroy or spend.
    pub access: String,
    pub plan: Plan,
    /// pending, approved, refused, spent or expired.
    pub state: &'static str,
    pub created_at_ms: UnixMillis,
    pub expires_at_ms: UnixMillis,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decided_by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decided_at_ms: Option<UnixMillis>,
}

/// Through what a decision comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Voice {
    /// Whoever works at the machine. Agents have no shell here, or they had everything.
    CommandLine,
    /// A caller's own request, which may come from an agent: it cannot decide its own plans.
    Request,
}

impl Approvals {
    /// What waits in the caller's tenant: all of it for an administrator, otherwise the caller's own. Oldest first, at
    /// most 200.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn inbox(&self, caller: &Caller) -> Result<Vec<InboxItem>> {
        let now_ms = self.inner.clock.now_ms();
        let subject = (caller.role() < Role::Admin).then_some(caller.subject());
        let rows = store::list_open(&self.inner.db, caller.tenant(), subject, now_ms).await?;
        rows.iter().map(|row| item(row, now_ms)).collect()
    }

    /// One plan, whatever its state.
    ///
    /// # Errors
    /// `not_found` if the caller's inbox would not show it; those of the database.
    pub async fn show(&self, caller: &Caller, plan_id: PlanId) -> Result<InboxItem> {
        let kept = self.visible(caller, plan_id).await?;
        item(&kept, self.inner.clock.now_ms())
    }

    /// Says yes or no to a plan of the caller's tenant. Its own caller then repeats the call.
    ///
    /// # Errors
    /// `permission_denied` unless the caller is an administrator, and for a yes to one's own plan by request;
    /// `not_found`; `conflict` if it is no longer pending.
    pub async fn decide(
        &self,
        caller: &Caller,
        voice: Voice,
        plan_id: PlanId,
        decision: Decision,
    ) -> Result<InboxItem> {
        if caller.role() < Role::Admin {
            return Err(Error::new(ErrorCode::PermissionDenied, "only administrators decide about plans")
                .with_hint("ask an administrator of your tenant"));
        }
        let kept = self.visible(caller, plan_id).await?;
        if voice == Voice::Request && decision == Decision::Approved && kept.subject == caller.subject() {
            return Err(Error::new(ErrorCode::PermissionDenied, "nobody approves their own plan")
                .with_hint(format!("have another administrator do it, or run `approvals approve {plan_id}`")));
        }
        match kept.state_at(self.inner.clock.now_ms()) {
            State::Pending => {}
            state @ (State::Approved | State::Refused) => {
                let message = format!("the plan is {} already", state.as_str());
                return Err(Error::new(ErrorCode::Conflict, message));
            }
            state @ (State::Spent | State::Expired) => return Err(over(state)),
        }
        self.settle(caller, caller.subject(), &kept, decision).await?;
        self.show(caller, plan_id).await
    }

    /// Stops everything that changes anything in the caller's tenant, in every process.
    ///
    /// # Errors
    /// `permission_denied` unless the caller is an administrator; those of the database.
    pub async fn stop(&self, by: &Caller) -> Result<()> {
        let Inner { db, clock, .. } = &*self.inner;
        let work = async { store::stop(db, by.tenant(), (by.subject(), clock.now_ms())).await };
        self.recorded(by, "approvals/stop", work).await?;
        tracing::warn!(tenant.id = by.tenant().as_str(), "stopped everything that changes anything");
        Ok(())
    }

    /// Lifts a stop; false if there was none.
    ///
    /// # Errors
    /// As [`Approvals::stop`].
    pub async fn resume(&self, by: &Caller) -> Result<bool> {
        self.recorded(by, "approvals/resume", store::resume(&self.inner.db, by.tenant())).await
    }

    /// Does what only administrators may, between two events of the audit trail.
    async fn recorded<T>(&self, by: &Caller, what: &'static str, work: impl Future<Output = Result<T>>) -> Result<T> {
        if by.role() < Role::Admin {
            return Err(Error::new(ErrorCode::PermissionDenied, "only administrators stop and resume"));
        }
        let arguments = ArgumentsDigest::from_bytes([0; 32]);
        let (location, trace_id, plan) = (None, None, None);
        let call = audit::Call { tool: what.into(), access: Access::Write, arguments, location, trace_id, plan };
        let intent = self.inner.audit.intent(by, call).await?;
        let outcome = work.await;
        let ending = Ending { code: outcome.as_ref().err().map(Error::code), ..Ending::default() };
        self.inner.audit.outcome(by, Outcome { intent, ending }).await;
        outcome
    }

    /// Writes a decision down, first where it cannot be changed, then where it counts.
    pub(super) async fn settle(&self, by: &Caller, name: &str, kept: &PlanRow, decision: Decision) -> Result<()> {
        let Inner { db, clock, audit, decided, .. } = &*self.inner;
        let state = match decision {
            Decision::Approved => State::Approved,
            Decision::Refused => State::Refused,
        };
        let Some(plan_id) = PlanId::parse(&kept.plan_id) else { return Err(row::unreadable()) };
        audit.decision(by, row::decided_call(kept, plan_id)?, decision).await?;
        if store::decide(db, by.tenant(), plan_id, (state, name, clock.now_ms())).await? {
            // That nobody listens is no failure.
            let _heard = decided.send((by.tenant().clone(), plan_id));
            return Ok(());
        }
        Err(Error::new(ErrorCode::Conflict, "the plan is no longer waiting: it was decided, spent or has expired"))
    }

    async fn visible(&self, caller: &Caller, plan_id: PlanId) -> Result<PlanRow> {
        let row = store::find(&self.inner.db, caller.tenant(), plan_id).await?;
        let shown = row.filter(|row| caller.role() == Role::Admin || row.subject == caller.subject());
        shown.ok_or_else(|| Error::new(ErrorCode::NotFound, "there is no such plan").with_hint("list the inbox"))
    }
}

fn item(kept: &PlanRow, now_ms: UnixMillis) -> Result<InboxItem> {
    Ok(InboxItem {
        plan_id: PlanId::parse(&kept.plan_id).ok_or_else(row::unreadable)?,
        subject: kept.subject.clone(),
        tool: kept.tool.clone(),
        access: kept.access.clone(),
        plan: row::decoded(kept)?,
        state: kept.state_at(now_ms).as_str(),
        created_at_ms: kept.created_at_ms,
        expires_at_ms: kept.expires_at_ms,
        decided_by: kept.decided_by.clone(),
        decided_at_ms: kept.decided_at_ms,
    })
}
