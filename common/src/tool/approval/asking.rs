//! Questions to a person that are no calls of tools, and what became of a plan, for whoever waits for it without a
//! client: steps of workflows.

use tokio::sync::broadcast;

use crate::audit::ArgumentsDigest;
use crate::auth::Caller;
use crate::clock::UnixMillis;
use crate::error::Result;
use crate::plan::{ApprovalMode, Plan, PlanId};
use crate::store::approvals::{self as store, PlanRow, State};
use crate::tenant::TenantId;
use crate::tool::Access;
use crate::tool::approval::{Approvals, row};

/// Decisions that listeners may fall behind by; what they miss they find by looking.
pub(super) const DECISIONS_KEPT: usize = 1_024;

/// Something that a person says yes or no to.
#[derive(Debug, Clone)]
pub struct Question {
    /// Chosen by whoever asks, so that asking again asks once.
    pub plan_id: PlanId,
    /// What asks, where the inbox names the tool of a call: `workflow no-show-rescue`.
    pub asker: String,
    pub plan: Plan,
    /// When nobody can answer any more.
    pub expires_at_ms: UnixMillis,
}

/// Where a plan stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// Nobody has decided yet.
    Open,
    Approved {
        by: String,
    },
    Refused {
        by: String,
    },
    /// Spent, or its time is over.
    Over,
    /// There is no such plan here.
    Unknown,
}

impl Approvals {
    /// Puts a question into the inbox of the caller's tenant. The same question again changes nothing.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn ask(&self, caller: &Caller, question: Question) -> Result<()> {
        let Question { plan_id, asker, plan, expires_at_ms } = question;
        let row = PlanRow {
            plan_id: plan_id.to_string(),
            subject: caller.subject().to_owned(),
            tool: asker,
            access: Access::Write.as_str().to_owned(),
            mode: ApprovalMode::Ask.as_str().to_owned(),
            // There are no arguments: the plan says all.
            arguments_digest: ArgumentsDigest::of(&serde_json::Value::Null).to_string(),
            plan_digest: row::digest(&plan)?,
            plan: row::encoded(&plan)?,
            state: State::Pending,
            created_at_ms: self.inner.clock.now_ms(),
            expires_at_ms,
            decided_by: None,
            decided_at_ms: None,
        };
        store::ask(&self.inner.db, caller.tenant(), &row).await
    }

    /// Where a plan stands.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn standing(&self, tenant: &TenantId, plan_id: PlanId) -> Result<Standing> {
        let Some(kept) = store::find(&self.inner.db, tenant, plan_id).await? else { return Ok(Standing::Unknown) };
        let by = kept.decided_by.clone().unwrap_or_else(|| "somebody".to_owned());
        Ok(match kept.state_at(self.inner.clock.now_ms()) {
            State::Pending => Standing::Open,
            State::Approved => Standing::Approved { by },
            State::Refused => Standing::Refused { by },
            State::Spent | State::Expired => Standing::Over,
        })
    }

    /// Plans as they are decided in this process, from here on. Whoever falls behind misses some.
    #[must_use]
    pub fn decisions(&self) -> broadcast::Receiver<(TenantId, PlanId)> {
        self.inner.decided.subscribe()
    }
}
