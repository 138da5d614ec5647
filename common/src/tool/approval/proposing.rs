//! The first call: what it would do is kept, and nothing happens; or nobody has to be asked, and it is only counted.

use crate::error::{Error, ErrorCode, Result};
use crate::plan::{ApprovalMode, Plan, PlanId};
use crate::store::approvals::{self as store, Allowance, PlanRow, State};
use crate::tool::approval::refusal::needs_a_yes;
use crate::tool::approval::{Approvals, Asked, Inner, cap, row};

impl Approvals {
    /// Counts what a call takes that needs nobody's yes.
    pub(super) async fn count(&self, asked: Asked<'_>, wanted: &[Allowance]) -> Result<Option<PlanId>> {
        let mut tx = self.inner.db.begin().await?;
        cap::take(&mut tx, asked.call.tenant(), wanted, self.inner.clock.now_ms()).await?;
        tx.commit().await?;
        Ok(None)
    }

    /// Keeps the plan and says that it needs a yes. The same call again gets the same plan.
    pub(super) async fn propose(
        &self,
        asked: Asked<'_>,
        mode: ApprovalMode,
        plan: Plan,
        wanted: &[Allowance],
    ) -> Result<Option<PlanId>> {
        let Asked { entry, call, access, digest, .. } = asked;
        let Inner { db, clock, settings, .. } = &*self.inner;
        let (tenant, now_ms) = (call.tenant(), clock.now_ms());
        // Nobody is asked for what would be refused afterwards.
        for allowance in wanted {
            let used = store::used(db, tenant, cap::day_number(now_ms), &allowance.unit).await?;
            if used.saturating_add(allowance.amount) > allowance.amount_max {
                return Err(cap::used_up(allowance, now_ms));
            }
        }
        let row = PlanRow {
            plan_id: PlanId::at(now_ms).to_string(),
            subject: call.caller.subject().to_owned(),
            tool: entry.name.to_owned(),
            access: access.as_str().to_owned(),
            mode: mode.as_str().to_owned(),
            arguments_digest: digest.to_string(),
            plan_digest: row::digest(&plan)?,
            plan: row::encoded(&plan)?,
            state: State::Pending,
            created_at_ms: now_ms,
            expires_at_ms: now_ms.saturating_add(i64::try_from(settings.plan_lasts_ms).unwrap_or(i64::MAX)),
            decided_by: None,
            decided_at_ms: None,
        };
        if let Some(same) = store::find_same(db, tenant, &row).await? {
            return Err(needs_a_yes(&same, mode, plan, digest));
        }
        let kept_ms = i64::from(settings.kept_for_days).saturating_mul(86_400_000);
        let limits = (i64::from(settings.open_plans_max), now_ms.saturating_sub(kept_ms));
        if !store::insert(db, tenant, &row, limits).await? {
            let message = format!("{} plans of yours are waiting already", settings.open_plans_max);
            return Err(Error::new(ErrorCode::RateLimited, message)
                .with_hint("have them approved or refused first, or let them expire"));
        }
        Err(needs_a_yes(&row, mode, plan, digest))
    }
}
