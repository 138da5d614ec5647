//! Yeses that runs wait for: looked at when one is decided in this process, and again and again for the others.

use std::sync::Arc;

use common::clock::UnixMillis;
use common::error::Result;
use common::plan::PlanId;
use common::tenant::TenantId;
use common::tool::Standing;
use tokio::sync::broadcast::error::RecvError;

use super::keeper::Keeper;
use crate::engine::approving::{LOOK_MS, LOOKED_AT_MAX, ask, next_look_ms, settled};
use crate::store::runs::Change;
use crate::store::waits::{self, AwaitedApproval};

impl Keeper {
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

    async fn hear(&self, tenant: &TenantId, plan: PlanId) -> Result<()> {
        for awaited in waits::by_plan(&self.parts.db, tenant, &plan.to_string()).await? {
            self.look_at(awaited, self.now_ms()).await?;
        }
        Ok(())
    }

    pub(super) async fn look_at_approvals(&self, now_ms: UnixMillis) -> Result<()> {
        for awaited in waits::due_approvals(&self.parts.db, now_ms, LOOKED_AT_MAX).await? {
            self.look_at(awaited, now_ms).await?;
        }
        Ok(())
    }

    async fn look_at(&self, awaited: AwaitedApproval, now_ms: UnixMillis) -> Result<()> {
        let AwaitedApproval { run, wait_id, approval } = awaited;
        let Some(plan_id) = PlanId::parse(&approval.plan) else { return Ok(()) };
        let standing = self.parts.approvals.standing(&run.tenant, plan_id).await?;
        if let Some(asked) = approval.ask.as_ref().filter(|_| standing == Standing::Unknown) {
            ask(&self.parts, &run, plan_id, asked).await?;
        }
        let due_ms = match settled((&wait_id, &approval), standing, now_ms) {
            None => next_look_ms(&approval, now_ms),
            Some(kept) => {
                let input_id = format!("approval.{}.{}", wait_id.0, approval.since_ms);
                self.hand_in_gently(run.clone(), input_id, kept).await?;
                now_ms.saturating_add(LOOK_MS.1)
            }
        };
        self.writer.write_patiently(Change::Postpone { run, wait: wait_id, due_ms }).await?;
        Ok(())
    }
}
